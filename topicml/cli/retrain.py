"""``topicml retrain``."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.article import Problem
from topicml.cli.options import (
    Jobs,
    Json,
    LabelMappingFile,
    ModelArgument,
    SkipBadRows,
    Unlabelled,
    WrongUsage,
)
from topicml.cli.terminal import note, print_json, training_bar, verdict
from topicml.exceptions import NothingNewError
from topicml.formatting import counted, escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.lifecycle.retraining import RetrainingResult
    from topicml.model.record import ArchiveSource


_KEPT = 3


def retrain(
    model: ModelArgument,
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DATA...",
            help="All articles to learn from, old and new, as for topicml train.",
            show_default=False,
        ),
    ] = None,
    *,
    reading: ReadOptions,
    test: Annotated[
        list[Path] | None,
        typer.Option("--test", help="Articles to compare on (default: some of the new ones)."),
    ] = None,
    unlabelled: Unlabelled = None,
    without_unlabelled: Annotated[
        bool,
        typer.Option(
            "--without-unlabelled",
            help="Do without the unlabelled articles that the old model learned from.",
        ),
    ] = False,
    tune: Annotated[bool, typer.Option("--tune", help="Search again for better settings.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Restore the model that was replaced last, and do nothing else.")
    ] = False,
    label_mapping: LabelMappingFile = None,
    drop_labels: Annotated[
        bool, typer.Option("--drop-labels", help="Drop labels that DATA does not have.")
    ] = False,
    skip_bad_rows: SkipBadRows = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print the comparison and all notes in any case.")
    ] = False,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train a new model; replace the old one unless it is worse.

    Columns, labels, settings and unlabelled articles are those that the model records; options given here
    replace them. Without new articles nothing is done. If the new model is worse beyond chance, or cannot be
    compared with the old one, that is kept and the exit status is 3.
    """
    if undo == bool(data):
        raise WrongUsage("expected either DATA to learn from or --undo")
    if undo:
        _restore(model, as_json=as_json)
        return
    from topicml.model.record import TrainingRecord
    from topicml.predict import load_model, resolve_model

    if resolve_model(model) != model:
        raise WrongUsage(f"{model} is the demo model that ships with topicml: retrain one of your own")
    begin = time.perf_counter()
    record = TrainingRecord.read(load_model(model).provenance)
    options = _merged(ReadOptions.recorded(record.reading), reading)

    from topicml.cli.corpora import read_archive
    from topicml.corpus.label_mapping import read_label_mapping
    from topicml.lifecycle.retraining import retrain as retrain_model
    from topicml.reading.readers import read_corpus

    source = _archive_source(record.archive_source, unlabelled, without=without_unlabelled)
    with_archive = bool(source.files or source.rows_without_label)
    step = training_bar("full" if tune else "none", n_models=2, archive=with_archive)
    step("reading")
    corpora = [
        read_corpus(*files, options=options, labelled=True, skip_bad_rows=skip_bad_rows)
        for files in (data or [], test)
        if files
    ]
    archive = None  # the files of the old model's archive are read again
    if unlabelled or source.rows_without_label:
        archive = read_archive(source, data or [], options, skip_bad_rows=skip_bad_rows)
    problems = [problem for corpus in corpora for problem in corpus.problems]
    try:
        result = retrain_model(
            model,
            corpora[0],
            test=corpora[1] if test else None,
            unlabelled=archive,
            tune=tune,
            reading=options,
            archive_source=source,
            label_mapping=read_label_mapping(label_mapping) if label_mapping else None,
            drop_labels=drop_labels,
            n_jobs=jobs,
            progress=step,
        )
    except NothingNewError as nothing:
        step("")
        _report_nothing_new(nothing, model, verbose=verbose, as_json=as_json)
        return
    step("")
    _report(result, model, problems, time.perf_counter() - begin, verbose=verbose, as_json=as_json)
    if not result.replaced:
        raise typer.Exit(_KEPT)


def _archive_source(
    recorded: ArchiveSource | None, files: Sequence[Path] | None, *, without: bool
) -> ArchiveSource:
    """Return where unlabelled articles come from: from files named here, or as for the old model."""
    from topicml.model.record import ArchiveSource

    if without and files:
        raise WrongUsage("expected either --unlabelled or --without-unlabelled")
    if without or (recorded is None and not files):
        return ArchiveSource()
    rows = recorded is not None and recorded.rows_without_label
    named = tuple(map(str, files)) if files else recorded.files if recorded else ()
    return ArchiveSource(named, rows)


def _report(
    result: RetrainingResult,
    model: Path,
    problems: Sequence[Problem],
    seconds: float,
    *,
    verbose: bool,
    as_json: bool,
) -> None:
    from topicml.cli.reports import print_problems

    loud = verbose or not result.replaced
    if loud:
        print_problems(problems)
        for text in result.notes:
            note(text)
    left_out = Counter(problem.kind for problem in problems if problem.left_out)
    if as_json:
        print_json({"model": str(model), **result.to_dict(), "left_out": dict(left_out), "seconds": seconds})
    elif loud or sys.stdout.isatty():  # cron sends a letter for every line
        if loud:
            print(f"A is the old model, B the new one\n{result.comparison}\n")
        verdict(_outcome(result, model, left_out.total()), good=result.replaced)


def _report_nothing_new(nothing: NothingNewError, model: Path, *, verbose: bool, as_json: bool) -> None:
    """Say that there is nothing to do, but not to cron, which sends a letter for every line."""
    if as_json:
        found = {"model": str(model), "replaced": False, "n_new": nothing.n_new, "notes": [str(nothing)]}
        print_json(found)
    elif verbose or sys.stdout.isatty():
        few = counted(nothing.n_new, "new article")
        reason = f"only {few}, too few to compare on" if nothing.n_new else "no new articles"
        print(f"{reason}; nothing to do")


def _restore(model: Path, *, as_json: bool) -> None:
    from topicml.lifecycle.previous_models import bring_back

    fingerprint = bring_back(model)
    if as_json:
        print_json({"model": str(model), "brought_back": fingerprint})
    else:
        print(f"restored the previous model ({fingerprint[:12]}) to {escaped(str(model))}")


def _merged(recorded: ReadOptions, given: ReadOptions) -> ReadOptions:
    """Replace options on record by those that are given."""
    return replace(recorded, **{name: value for name, value in asdict(given).items() if value})


def _outcome(result: RetrainingResult, model: Path, n_left_out: int) -> str:
    """Say in one line whether the model was replaced and why."""
    from topicml.metrics.names import COMPARED

    found = result.comparison
    scores = found.differences[found.measure]
    on = f"{scores.b:.3f} against {scores.a:.3f} on {counted(found.n, 'article')}"
    figures = f" ({COMPARED[found.measure]} {on})"
    why = {
        "better": f"the new model is better{figures}",
        "worse": f"the new model is worse{figures}",
        "no difference shown": f"no difference shown between the new and the old model{figures}",
        "no verdict": "the new model cannot be compared with the old one; give other test articles (--test)",
    }[found.verdict]
    parts = [
        f"{model} {'replaced' if result.replaced else 'kept'}: {why}",
        f"trained on {counted(result.n_trained, 'article')}",
    ]
    if n_left_out:
        parts.append(f"{counted(n_left_out, 'row')} left out")
    if result.previous:
        parts.append(f"the old model is in {result.previous}")
    return escaped("; ".join(parts))

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
from topicml.cli.options import Jobs, Json, LabelMappingFile, SkipBadRows
from topicml.cli.terminal import print_json, progress_bar, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.lifecycle.retraining import RetrainingResult


_KEPT = 3


def retrain(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.")],
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="DATA...",
            help="All articles to learn from, old and new: as for topicml train.",
            show_default=False,
        ),
    ] = None,
    *,
    reading: ReadOptions,
    test: Annotated[
        list[Path] | None,
        typer.Option("--test", help="Articles to compare on; by default a part of those that are new."),
    ] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Search again for better settings.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Bring back the model that was replaced last, and do nothing else.")
    ] = False,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print the comparison and all notes in any case.")
    ] = False,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train a model anew as it was trained, and replace it unless the new one is worse beyond chance.

    Columns, labels and settings are those that the model records; options given here take their place.

    Exit status: 0 replaced (or brought back), 3 the old one was kept since the new one is worse, 1 data or
    model cannot be used, 2 wrong usage.
    """
    if undo == bool(data):
        raise typer.BadParameter("expected either DATA to learn from or --undo")
    if undo:
        _bring_back(model, as_json=as_json)
        return
    from topicml.model.record import TrainingRecord
    from topicml.predict import load_model

    begin = time.perf_counter()
    record = TrainingRecord.read(load_model(model).provenance)
    options = _merged(ReadOptions.recorded(record.reading), reading)

    from topicml.corpus.label_mapping import read_label_mapping
    from topicml.lifecycle.retraining import retrain as retrain_model
    from topicml.reading.readers import read_corpus
    from topicml.training.train import STEPS

    step = progress_bar(2 * len(STEPS) + 2)
    step("reading")
    corpora = [
        read_corpus(*files, options=options, labelled=True, skip_bad_rows=skip_bad_rows)
        for files in (data or [], test)
        if files
    ]
    problems = [problem for corpus in corpora for problem in corpus.problems]
    result = retrain_model(
        model,
        corpora[0],
        test=corpora[1] if test else None,
        tune=tune,
        reading=options,
        label_mapping=read_label_mapping(label_mapping) if label_mapping else None,
        n_jobs=jobs,
        progress=step,
    )
    step("")
    _tell(result, model, problems, time.perf_counter() - begin, verbose=verbose, as_json=as_json)
    if not result.replaced:
        raise typer.Exit(_KEPT)


def _tell(
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
        for note in result.notes:
            say(f"note: {escaped(note)}")
    left_out = Counter(problem.kind for problem in problems if problem.left_out)
    if as_json:
        print_json({"model": str(model), **result.to_dict(), "left_out": dict(left_out), "seconds": seconds})
    elif loud or sys.stdout.isatty():  # cron sends a letter for every line
        if loud:
            print(result.comparison)
        print(_outcome(result, model, left_out.total()))


def _bring_back(model: Path, *, as_json: bool) -> None:
    from topicml.lifecycle.previous_models import bring_back

    fingerprint = bring_back(model)
    if as_json:
        print_json({"model": str(model), "brought_back": fingerprint})
    else:
        print(f"{escaped(str(model))} is again the model that was replaced, {fingerprint[:12]}")


def _merged(recorded: ReadOptions, given: ReadOptions) -> ReadOptions:
    """Let the options that are given rule over those on record."""
    return replace(recorded, **{name: value for name, value in asdict(given).items() if value is not None})


def _outcome(result: RetrainingResult, model: Path, n_left_out: int) -> str:
    """Say in one line what became of the model."""
    from topicml.metrics.names import COMPARED

    found = result.comparison
    name, difference = COMPARED[found.measure], found.differences[found.measure]
    parts = [
        f"{model} {'replaced' if result.replaced else 'kept, the new one is worse'}: {name} "
        f"{difference.a:.3f} -> {difference.b:.3f} on {found.n} articles held out ({found.verdict})",
        f"{result.n_trained} trained on",
    ]
    if n_left_out:
        parts.append(f"{n_left_out} left out")
    if result.previous:
        parts.append(f"the old model is in {result.previous}")
    return escaped("; ".join(parts))

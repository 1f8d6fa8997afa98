"""``topicml train``."""

from __future__ import annotations

import json
import shlex
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topicml.cli.models import save_trained
from topicml.cli.options import (
    Jobs,
    Json,
    LabelMappingFile,
    MeasureName,
    RandomState,
    SkipBadRows,
    SomeData,
    Target,
    Unlabelled,
    WrongUsage,
)
from topicml.cli.terminal import (
    end_line,
    heading,
    note,
    print_json,
    print_table,
    print_wrapped,
    say,
    training_bar,
    warn,
)
from topicml.formatting import counted, escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.training.settings import Search
    from topicml.training.train import TrainingResult

_SHOWN = 30  # labels


def _size(text: str) -> int:
    from topicml.formatting import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def train(
    data: SomeData = None,
    *,
    reading: ReadOptions,
    unlabelled: Unlabelled = None,
    use_unlabelled: Annotated[
        bool,
        typer.Option("--use-unlabelled", help="Learn from rows of DATA without a label, too."),
    ] = False,
    label_shares: Annotated[
        str | None,
        typer.Option(
            "--label-shares",
            metavar="SHARES",
            help="Share of each label in the archive, such as sport=0.3,art=0.7, or a JSON file of them "
            "(default: estimated).",
            show_default=False,
        ),
    ] = None,
    seed_words: Annotated[
        Path | None,
        typer.Option(
            "--seed-words",
            metavar="FILE",
            help='TOML file with a few words for each section, such as sport = ["match", "cup final"]; DATA '
            "may then be left out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model.")] = Path("model"),
    target: Target = None,
    labels: Annotated[
        str | None, typer.Option(help="Allowed labels, as a JSON list or separated by commas.")
    ] = None,
    min_articles: Annotated[
        int,
        typer.Option(min=1, help="Leave out labels with fewer articles, and articles with no other label."),
    ] = 1,
    label_mapping: LabelMappingFile = None,
    tune: Annotated[
        bool | None,
        typer.Option(
            help="Search widely for settings, or not at all (default: a little, in small corpora).",
            show_default=False,
        ),
    ] = None,
    measure: Annotated[MeasureName, typer.Option(help="Measure to choose settings and thresholds by.")] = (
        "macro_f1"
    ),
    min_df: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Articles that a term must occur in (default: 2, and 1 below 200 articles).",
            show_default=False,
        ),
    ] = None,
    max_terms: Annotated[int, typer.Option(min=1, help="Terms to keep at most.")] = 100_000,
    abstain_precision: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=0.9999,
            metavar="P",
            help="Guarantee this precision of all answers; less sure articles go to a person.",
            show_default=False,
        ),
    ] = None,
    min_precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL=P",
            help="Guarantee this precision for one label, such as sport=0.95; once for each label.",
        ),
    ] = None,
    allow_unkept: Annotated[
        bool,
        typer.Option(
            "--allow-unkept",
            help="If a precision cannot be guaranteed, send its articles to a person instead of stopping.",
        ),
    ] = False,
    max_size: Annotated[
        int | None,
        typer.Option(
            parser=_size,
            metavar="SIZE",
            help="Largest size of the model's folder, such as 2MB, 500 kB or 2MiB.",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    fingerprints: Annotated[
        bool,
        typer.Option(
            help="Store 40 bytes of each article, so that test articles seen in training can be detected.",
        ),
    ] = True,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train a model on labelled articles, or on seed words.

    Prints scores on articles that were held out in turn, and saves the model with its card, MODEL_CARD.md.
    """
    from topicml.cli.corpora import read_archive, read_labelled
    from topicml.cli.reports import print_problems
    from topicml.cli.seed_words import NEEDS_ARCHIVE, train_on_seed_words
    from topicml.corpus.rare_labels import many_rare_labels
    from topicml.model.folder import check_writable
    from topicml.model.record import ArchiveSource, TrainingRecord
    from topicml.training.seed_words import SeedWords
    from topicml.training.settings import TrainingSettings
    from topicml.training.train import train as train_model

    begin = time.perf_counter()
    check_writable(out)
    search: Search = "light" if tune is None else "full" if tune else "none"
    settings = TrainingSettings(
        target_type=target,
        labels=_allowed(labels),
        min_articles=min_articles,
        min_df=min_df,
        max_terms=max_terms,
        search=search,
        measure=measure,
        abstain_precision=abstain_precision,
        min_precision=tuple(map(_promise, min_precision or ())),
        allow_unkept=allow_unkept,
        max_size=max_size,
        random_state=random_state,
        fingerprints=fingerprints,
    )
    if not data:
        train_on_seed_words(
            seed_words,
            unlabelled,
            out,
            reading=reading,
            settings=settings,
            label_shares=_shares(label_shares),
            skip_bad_rows=skip_bad_rows,
            jobs=jobs,
            as_json=as_json,
        )
        return
    if label_shares is not None and not (unlabelled or use_unlabelled):
        raise WrongUsage("--label-shares are those of an archive: give --unlabelled FILE or --use-unlabelled")
    if seed_words is not None and not (unlabelled or use_unlabelled):
        raise WrongUsage(NEEDS_ARCHIVE)
    step = training_bar(search, archive=bool(unlabelled or use_unlabelled))
    step("reading")
    corpus, mapping = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    if min_articles == 1 and (rare := many_rare_labels(corpus.label_counts())):
        end_line()
        warn(rare)
    settings = replace(settings, target_type=target or ("multilabel" if corpus.multilabel else None))
    source = ArchiveSource(tuple(map(str, unlabelled or ())), use_unlabelled)
    archive = read_archive(source, data, reading, skip_bad_rows=skip_bad_rows)
    record = TrainingRecord(
        reading=reading.to_record(),
        label_mapping=mapping.to_record(),
        archive_source=source if unlabelled or use_unlabelled else None,
    )
    result = train_model(
        corpus,
        unlabelled=archive or None,
        label_shares=_shares(label_shares),
        seed_words=None if seed_words is None else SeedWords.read(seed_words),
        settings=settings,
        recorded=record.known(),
        n_jobs=jobs,
        progress=step,
    )
    save_trained(result, out, step)
    seconds = time.perf_counter() - begin
    used = {"no label"} if use_unlabelled else set()
    print_problems([problem for problem in corpus.problems if problem.kind not in used])
    if not use_unlabelled and any(problem.kind == "no label" for problem in corpus.problems):
        note("--use-unlabelled learns from rows without a label, too")
    _say_notes(result)
    if as_json:
        print_json(_as_json(result, out, seconds))
    else:
        _print_scores(result)
        _say_where(result, out, seconds)


def _say_notes(result: TrainingResult) -> None:
    from topicml.training.model_card import rare_label_note, settings_told

    for text in result.notes:
        note(escaped(text))
    multilabel, n_terms = result.classifier.multilabel, len(result.classifier.vectorizer)
    if rare := rare_label_note(result.record.rare_labels, multilabel=multilabel):
        note(rare)
    say(f"settings: {settings_told(result.settings, n_terms, len(result.trials))}")


def _as_json(result: TrainingResult, out: Path, seconds: float) -> dict[str, Any]:
    from topicml.model.folder import size_on_disk

    return {
        **result.scores.to_dict(),
        "calibration": result.calibration_report.to_dict(),
        "promises": list(result.record.promises),
        "scores_with_promises": result.scores_with_promises and result.scores_with_promises.to_dict(),
        "notes": list(result.notes),
        "model": str(out),
        "fingerprint": result.classifier.fingerprint,
        "seconds": seconds,
        "settings": asdict(result.settings),
        "bytes": size_on_disk(out),
        "size_cost": result.size_cost and result.size_cost.to_dict(),
    }


def _print_scores(result: TrainingResult) -> None:
    from topicml.training.summary import label_rows, summary_lines

    first, *lines = summary_lines(result)
    heading(first)
    for line in lines:
        print_wrapped(line)
    print()
    explained = "promised: with promises kept; intervals: in MODEL_CARD.md"
    promised = f" ({explained})" if result.scores_with_promises else ""
    heading(f"Labels, weakest first{promised}")
    rows = label_rows(result)
    shown = rows[: _SHOWN + 1]
    print_table(shown, right=[False, *[True] * (len(rows[0]) - 1)])
    if more := len(rows) - len(shown):
        print(f"and {counted(more, 'more label')}, in MODEL_CARD.md")


def _say_where(result: TrainingResult, out: Path, seconds: float) -> None:
    from topicml.formatting import size_text
    from topicml.model.folder import size_on_disk

    found = (
        f"{counted(len(result.classifier.classes_), 'label')}, fingerprint {result.classifier.fingerprint}"
    )
    say(f"model in {out} ({size_text(size_on_disk(out))}, {found}), {seconds:.1f} s")
    say(f"next: topicml predict FILE --model {shlex.quote(str(out))}")


def _allowed(labels: str | None) -> tuple[str, ...] | None:
    if labels is None:
        return None
    try:
        listed = json.loads(labels) if labels.lstrip().startswith("[") else labels.split(",")
    except ValueError as error:
        raise typer.BadParameter(f"--labels begins with [ but is not a JSON list: {error}") from error
    return tuple(str(label).strip() for label in listed)


def _shares(stated: str | None) -> dict[str, float] | None:
    """Read the shares of labels: LABEL=SHARE, separated by commas, or a JSON file with an object."""
    if stated is None:
        return None
    try:
        if stated.endswith(".json"):
            return {
                str(label): float(share)
                for label, share in json.loads(Path(stated).read_text("utf-8")).items()
            }
        pairs = (part.rpartition("=") for part in stated.split(","))
        return {label.strip(): float(share) for label, _, share in pairs}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise typer.BadParameter(
            f"--label-shares expects shares such as sport=0.3,art=0.7, or a JSON file of them: {error}"
        ) from error


def _promise(stated: str) -> tuple[str, float]:
    label, equals, precision = stated.rpartition("=")
    try:
        value = float(precision)
    except ValueError:
        value = 0.0
    if not equals or not label or not 0 < value < 1:
        raise typer.BadParameter(
            f"--min-precision expects LABEL=P with P between 0 and 1, such as sport=0.95; found {stated!r}"
        )
    return label, value

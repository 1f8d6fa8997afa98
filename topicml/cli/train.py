"""``topicml train``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topicml.cli.options import (
    Data,
    Jobs,
    Json,
    LabelMappingFile,
    MeasureName,
    RandomState,
    SkipBadRows,
    Target,
)
from topicml.cli.terminal import print_json, progress_bar, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.training.settings import Search
    from topicml.training.train import TrainingResult

_LISTED = 5


def _size(text: str) -> int:
    from topicml.formatting import parse_size

    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def train(
    data: Data,
    *,
    reading: ReadOptions,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model.")] = Path("model"),
    target: Target = None,
    labels: Annotated[
        str | None, typer.Option(help="The labels that are allowed, as a JSON list or separated by commas.")
    ] = None,
    min_df: Annotated[
        int | None,
        typer.Option(
            min=1, help="Articles that a term must occur in; by default 2, and 1 below 200 articles."
        ),
    ] = None,
    label_mapping: LabelMappingFile = None,
    max_terms: Annotated[
        int, typer.Option(min=1, help="Terms to keep, those that tell labels apart best.")
    ] = 100_000,
    tune: Annotated[
        bool | None,
        typer.Option(
            help="Search widely for better settings, or not at all; by default a little in small corpora.",
            show_default=False,
        ),
    ] = None,
    measure: Annotated[
        MeasureName, typer.Option(help="What settings and thresholds are chosen by.")
    ] = "macro_f1",
    abstain_precision: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=0.9999, help="Precision of the answers; less sure articles go to a person."
        ),
    ] = None,
    min_precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL=P",
            help="Precision of one label's answers, such as sport=0.95; once for each label.",
        ),
    ] = None,
    max_size: Annotated[
        int | None,
        typer.Option(
            parser=_size,
            metavar="SIZE",
            help="Bytes that the model's folder may take, as 2MB, 500 kB or 2MiB.",
            show_default=False,
        ),
    ] = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    fingerprints: Annotated[
        bool,
        typer.Option(
            help="Keep 40 bytes of each article, by which evaluate and retrain know it again.",
        ),
    ] = True,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train a model on labelled articles and print its out-of-fold scores.

    Exit status: 0 done, 1 the data or the folder cannot be used, 2 wrong usage.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.cli.reports import print_problems
    from topicml.model.folder import check_writable
    from topicml.model.record import TrainingRecord
    from topicml.training.saving import save_model
    from topicml.training.settings import TrainingSettings
    from topicml.training.train import train as train_model

    begin = time.perf_counter()
    check_writable(out)
    search: Search = "light" if tune is None else "full" if tune else "none"
    step = _progress(search)
    step("reading")
    corpus, mapping = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    settings = TrainingSettings(
        target_type=target or ("multilabel" if corpus.multilabel else None),
        labels=_allowed(labels),
        min_df=min_df,
        max_terms=max_terms,
        search=search,
        measure=measure,
        abstain_precision=abstain_precision,
        min_precision=tuple(map(_promise, min_precision or ())),
        max_size=max_size,
        random_state=random_state,
        fingerprints=fingerprints,
    )
    record = TrainingRecord(reading=reading.to_record(), label_mapping=mapping.to_record())
    result = train_model(corpus, settings=settings, recorded=record.known(), n_jobs=jobs, progress=step)
    step("saving")
    save_model(result, out)
    step("")
    seconds = time.perf_counter() - begin
    print_problems(corpus.problems)
    _say_notes(result)
    if as_json:
        print_json(_as_json(result, out, seconds))
    else:
        _print_scores(result, out, seconds)


def _progress(search: Search) -> Callable[[str], None]:
    from topicml.training.train import STEPS
    from topicml.training.tuning import MOST_STAGES

    return progress_bar(len(STEPS) + 2 + MOST_STAGES[search], ending=(*STEPS, "saving"))


def _say_notes(result: TrainingResult) -> None:
    from topicml.training.model_card import rare_label_note, settings_told

    for note in result.notes:
        say(f"note: {escaped(note)}")
    multilabel, n_terms = result.classifier.multilabel, len(result.classifier.vectorizer)
    if rare := rare_label_note(result.record.rare_labels, multilabel=multilabel, n_listed=_LISTED):
        say(f"note: {rare}")
    say(f"settings: {settings_told(result.settings, n_terms, len(result.trials))}")


def _as_json(result: TrainingResult, out: Path, seconds: float) -> dict[str, Any]:
    from topicml.model.folder import size_on_disk

    return {
        **result.scores.to_dict(),
        "calibration": result.calibration_report.to_dict(),
        "promises": list(result.record.promises),
        "model": str(out),
        "seconds": seconds,
        "settings": asdict(result.settings),
        "bytes": size_on_disk(out),
        "size_cost": result.size_cost and result.size_cost.to_dict(),
    }


def _print_scores(result: TrainingResult, out: Path, seconds: float) -> None:
    from topicml.cli.reports import print_scores
    from topicml.formatting import size_text
    from topicml.model.folder import size_on_disk

    promises = result.settings.abstain_precision or result.settings.min_precision
    print_scores(
        result.scores,
        title=f"Out-of-fold scores{', as if nothing were promised,' if promises else ''}",
    )
    print()
    print(result.calibration_report)
    say(f"model in {out} after {seconds:.1f} s, {size_text(size_on_disk(out))}")


def _allowed(labels: str | None) -> tuple[str, ...] | None:
    if labels is None:
        return None
    try:
        listed = json.loads(labels) if labels.lstrip().startswith("[") else labels.split(",")
    except ValueError as error:
        raise typer.BadParameter(f"--labels begins with [ and is no JSON list: {error}") from error
    return tuple(str(label).strip() for label in listed)


def _promise(stated: str) -> tuple[str, float]:
    label, equals, precision = stated.rpartition("=")
    try:
        value = float(precision)
    except ValueError:
        value = 0.0
    if not equals or not label or not 0 < value < 1:
        raise typer.BadParameter(
            f"--min-precision wants LABEL=P with P between 0 and 1, such as sport=0.95; found {stated!r}"
        )
    return label, value

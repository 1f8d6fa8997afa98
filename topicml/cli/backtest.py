"""``topicml backtest``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from topicml.cli.corpora import MeasureOf, SettingsOf, read_labelled, settings_for
from topicml.cli.options import (
    Data,
    Jobs,
    Json,
    LabelMappingFile,
    RandomState,
    SkipBadRows,
    Target,
)
from topicml.cli.reports import print_result
from topicml.cli.terminal import progress_bar
from topicml.reading.columns import ReadOptions


def backtest(
    data: Data,
    *,
    reading: ReadOptions,
    steps: Annotated[int, typer.Option(min=2, help="Models to train, and windows to test them on.")] = 6,
    window: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            help="Days of a test window (default: the windows cover the newer half of the articles).",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            help="Days before its window that a model is trained on (default: all).",
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0.0001, max=0.9999, help="Acceptable loss before retraining, as a share.")
    ] = 0.01,
    model: SettingsOf = None,
    target: Target = None,
    measure: MeasureOf = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    jobs: Jobs = -1,
    as_json: Json = False,
) -> None:
    """Train on older articles and test on later ones.

    The result says how fast a model ages, and when to retrain.
    """
    from topicml.lifecycle.backtest import backtest as run

    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=target
    )
    step = progress_bar(steps + 1)
    found = run(
        corpus.articles,
        settings=settings_for(corpus, model, target=target, measure=measure, random_state=random_state),
        n_steps=steps,
        window=None if window is None else timedelta(days=window),
        history=None if history is None else timedelta(days=history),
        tolerance=tolerance,
        n_jobs=jobs,
        progress=step,
    )
    step("")
    print_result(found, corpus.problems, notes=found.notes, as_json=as_json)

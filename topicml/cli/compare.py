"""``topicml compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, RandomState, SkipBadRows
from topicml.cli.terminal import say
from topicml.reading.columns import ReadOptions


def compare(
    model_a: Annotated[Path, typer.Argument(metavar="A", help="The folder of one model, the old one say.")],
    model_b: Annotated[Path, typer.Argument(metavar="B", help="The folder of the other.")],
    data: Data,
    *,
    reading: ReadOptions,
    measure: Annotated[
        Literal["macro_f1", "accuracy", "micro_f1"], typer.Option(help="What the verdict is about.")
    ] = "macro_f1",
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit with 1 if B is worse than A beyond chance.")
    ] = False,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    as_json: Json = False,
) -> None:
    """Tell whether model B is better or worse than A on labelled articles that neither was trained on.

    Exit status: 0 done, 1 B is worse (with --fail-if-worse) or data or models cannot be used, 2 wrong usage.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.cli.reports import print_result
    from topicml.evaluation.comparison import compare as compare_models
    from topicml.metrics.names import COMPARED
    from topicml.predict import load_model

    a, b = load_model(model_a), load_model(model_b)
    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=a.target_type
    )
    found = compare_models(a, b, corpus.articles, measure=measure, random_state=random_state)
    print_result(found, corpus.problems, notes=found.notes, as_json=as_json)
    if fail_if_worse and found.verdict == "worse":
        say(f"B is worse than A in {COMPARED[found.measure]}")
        raise typer.Exit(1)

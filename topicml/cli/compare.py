"""``topicml compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, Measured, RandomState, SkipBadRows
from topicml.cli.terminal import say
from topicml.reading.columns import ReadOptions


def compare(
    model_a: Annotated[Path, typer.Argument(metavar="A", help="Folder of the first (old) model.")],
    model_b: Annotated[Path, typer.Argument(metavar="B", help="Folder of the second (new) model.")],
    data: Data,
    *,
    reading: ReadOptions,
    measure: Measured = "macro_f1",
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit with 3 if B is worse than A beyond chance.")
    ] = False,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    random_state: RandomState = 0,
    as_json: Json = False,
) -> None:
    """Test whether one model is better than another.

    Both are measured on the same labelled articles. Those that one of them was trained on are left out; if
    too few others are left, there is no verdict, which is an error with --fail-if-worse.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.cli.reports import print_comparison
    from topicml.evaluation.comparison import compare as compare_models
    from topicml.exceptions import CorpusError
    from topicml.metrics.names import COMPARED
    from topicml.predict import load_model

    a, b = load_model(model_a), load_model(model_b)
    corpus, _ = read_labelled(
        data,
        reading,
        label_mapping=label_mapping,
        skip_bad_rows=skip_bad_rows,
        target=a.target_type,
        keep_empty=True,
    )
    found = compare_models(a, b, corpus.articles, measure=measure, random_state=random_state)
    print_comparison(found, corpus.problems, as_json=as_json)
    if fail_if_worse and found.verdict == "worse":
        say(f"B is worse than A in {COMPARED[found.measure]}")
        raise typer.Exit(3)
    if fail_if_worse and found.verdict == "no verdict":
        raise CorpusError("too few of the articles are new to both models to say whether B is worse")

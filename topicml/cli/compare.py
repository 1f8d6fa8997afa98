"""``topicml compare``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, RandomState, SkipBadRows
from topicml.cli.terminal import print_json, say
from topicml.formatting import escaped
from topicml.reading.columns import ReadOptions


class Measure(StrEnum):
    """What the verdict is about."""

    macro_f1 = "macro_f1"
    accuracy = "accuracy"
    micro_f1 = "micro_f1"


def compare(
    model_a: Annotated[Path, typer.Argument(metavar="A", help="The folder of one model, the old one say.")],
    model_b: Annotated[Path, typer.Argument(metavar="B", help="The folder of the other.")],
    data: Data,
    *,
    reading: ReadOptions,
    measure: Annotated[Measure, typer.Option(help="What the verdict is about.")] = Measure.macro_f1,
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
    from topicml.cli.corpora import mapped
    from topicml.cli.reports import print_problems
    from topicml.evaluation.comparison import compare as compare_models
    from topicml.metrics.names import COMPARED
    from topicml.predict import load_model
    from topicml.reading.readers import read_corpus

    a, b = load_model(model_a), load_model(model_b)
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    corpus, _ = mapped(corpus, label_mapping, multilabel=a.multilabel)
    found = compare_models(a, b, corpus.articles, measure=measure.value, random_state=random_state)
    print_problems(corpus.problems)
    for note in found.notes:
        say(f"note: {escaped(note)}")
    if as_json:
        print_json(found.to_dict())
    else:
        print(found)
    if fail_if_worse and found.verdict == "worse":
        say(f"B is worse than A in {COMPARED[found.measure]}")
        raise typer.Exit(1)

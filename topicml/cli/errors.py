"""``topicml errors``."""

from __future__ import annotations

from typing import Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, ModelArgument, SkipBadRows
from topicml.cli.reports import print_result
from topicml.reading.columns import ReadOptions


def errors(
    model: ModelArgument,
    data: Data,
    *,
    reading: ReadOptions,
    top: Annotated[int, typer.Option(min=1, help="Mistakes to show, the surest first.")] = 20,
    terms: Annotated[int, typer.Option(min=1, help="Words to name for each label.")] = 5,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Show what a model gets wrong, the surest mistakes first.

    Each mistake comes with the words that led to it. Articles that the model was trained on are counted and
    left out, because it has learned their labels; in --json they come last.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.evaluation.mistakes import find_errors
    from topicml.predict import load_model

    classifier = load_model(model)
    corpus, _ = read_labelled(
        data,
        reading,
        label_mapping=label_mapping,
        skip_bad_rows=skip_bad_rows,
        target=classifier.target_type,
        keep_empty=True,
    )
    found = find_errors(classifier, corpus.articles, top=top, n_terms=terms)
    print_result(found, corpus.problems, as_json=as_json)

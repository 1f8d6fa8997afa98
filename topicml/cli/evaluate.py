"""``topicml evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, SkipBadRows
from topicml.cli.terminal import counted, escaped, print_json, say
from topicml.columns import ReadOptions

__all__ = ["evaluate"]

_NAMED = 5


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.")],
    data: Data,
    *,
    reading: ReadOptions,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="Measure by the values of a field, too: source, year, month, length or a column of the "
            "data; may be repeated.",
        ),
    ] = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled articles that it was not trained on.

    Exit status: 0 done, 1 the data or the model cannot be used, 2 wrong usage.
    """
    from topicml.cli.label_mapping import mapped
    from topicml.cli.reports import print_evaluation, print_overall, print_problems
    from topicml.evaluation import evaluate as evaluate_model
    from topicml.predict import load_model
    from topicml.readers import read_corpus

    classifier = load_model(model)
    corpus = read_corpus(*data, options=reading, labelled=True, skip_bad_rows=skip_bad_rows)
    corpus, _ = mapped(corpus, label_mapping, multilabel=classifier.multilabel)
    evaluation = evaluate_model(classifier, corpus.articles, by=by or ())
    print_problems(corpus.problems)
    for label, count in evaluation.unknown_labels.items():
        say(f"note: the model does not know the label '{escaped(label)}' of {counted(count, 'article')}")
    if absent := list(evaluation.absent_labels):
        named = ", ".join(f"'{escaped(label)}'" for label in absent[:_NAMED])
        more = ", ..." if len(absent) > _NAMED else ""
        say(f"note: no article bears {counted(len(absent), 'label')} of the model: {named}{more}")
    if evaluation.n_seen:
        n = counted(evaluation.n, "test text")
        say(f"warning: {evaluation.n_seen} of {n} are also in the training data, exactly or nearly")
    if as_json:
        print_json(evaluation.to_dict())
        return
    print_evaluation(evaluation)
    if evaluation.scores_without_seen:
        print()
        print_overall(evaluation.scores_without_seen, title="Without those in the training data: scores")

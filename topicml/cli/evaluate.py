"""``topicml evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, SkipBadRows
from topicml.cli.terminal import print_json, say
from topicml.formatting import counted, escaped, listed
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import Article
    from topicml.evaluation.result import Evaluation
    from topicml.model.classifier import FittedClassifier


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
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write one HTML file of it, too, that opens anywhere."),
    ] = None,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled articles that it was not trained on.

    Exit status: 0 done, 1 the data or the model cannot be used or the report not written, 2 wrong usage.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.cli.reports import print_evaluation, print_overall, print_problems
    from topicml.evaluation.evaluate import evaluate as evaluate_model
    from topicml.predict import load_model

    if report is not None:
        _check_report(report, data)
    classifier = load_model(model)
    corpus, _ = read_labelled(
        data, reading, label_mapping=label_mapping, skip_bad_rows=skip_bad_rows, target=classifier.target_type
    )
    evaluation = evaluate_model(classifier, corpus.articles, by=by or ())
    print_problems(corpus.problems)
    unknown = list(evaluation.unknown_labels.items())
    for label, count in unknown[:_NAMED]:
        say(f"note: the model does not know the label '{escaped(label)}' of {counted(count, 'article')}")
    if more_unknown := unknown[_NAMED:]:
        say(f"note: nor does it know {counted(len(more_unknown), 'more label')}; all are named by --json")
    if absent := list(evaluation.absent_labels):
        named = listed((f"'{escaped(label)}'" for label in absent), _NAMED, more=", ...")
        say(f"note: no article bears {counted(len(absent), 'label')} of the model: {named}")
    if evaluation.n_seen:
        n = counted(evaluation.n, "test text")
        say(f"warning: {evaluation.n_seen} of {n} are also in the training data, exactly or nearly")
    if report is not None:
        _write_report(evaluation, report, classifier, corpus.articles, names=(model, data))
    if as_json:
        print_json(evaluation.to_dict())
        return
    print_evaluation(evaluation)
    if evaluation.scores_without_seen:
        print()
        print_overall(evaluation.scores_without_seen, title="Without those in the training data: scores")


def _check_report(report: Path, data: Sequence[Path]) -> None:
    """Make sure that the report can be made and takes no data's place, before work is spent on it."""
    from topicml.evaluation.report.page import check_installed

    if report.resolve() in {path.resolve() for path in data}:
        raise typer.BadParameter(f"--report would overwrite the data {report}: name another file")
    check_installed()


def _write_report(
    evaluation: Evaluation,
    report: Path,
    classifier: FittedClassifier,
    articles: Sequence[Article],
    *,
    names: tuple[Path, Sequence[Path]],
) -> None:
    from topicml.evaluation.report.page import write_report
    from topicml.model.folder import fingerprint_of

    model, data = names
    facts = {
        "model": str(model),
        "fingerprint of the model": fingerprint_of(model),
        "data": ", ".join(map(str, data)),
    }
    title = f"Evaluation of {model.resolve().name}"
    write_report(evaluation, report, model=classifier, articles=articles, title=title, facts=facts)
    say(f"written: {escaped(str(report))}")

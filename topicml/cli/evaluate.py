"""``topicml evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topicml.cli.options import Data, Json, LabelMappingFile, ModelArgument, SkipBadRows
from topicml.cli.terminal import announce_overwriting, note, print_json, say, warn
from topicml.formatting import counted, escaped, listed
from topicml.reading.columns import ReadOptions

if TYPE_CHECKING:
    from topicml.article import Article
    from topicml.evaluation.result import Evaluation
    from topicml.model.classifier import FittedClassifier


_NAMED = 5


def evaluate(
    model: ModelArgument,
    data: Data,
    *,
    reading: ReadOptions,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="Also measure by the values of a field: source, year, month, length or a column of the "
            "data; may be repeated.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Also write a report, one HTML file."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Print all measures.")] = False,
    label_mapping: LabelMappingFile = None,
    skip_bad_rows: SkipBadRows = False,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled articles.

    Articles that the model was trained on say nothing about new ones, so they are counted and left out.
    With --json, "accuracy" and the other measures are about all rows, and "without_copies" has those of the
    articles that the model was not trained on.
    """
    from topicml.cli.corpora import read_labelled
    from topicml.cli.reports import print_evaluation, print_problems
    from topicml.corpus.fields import unread_dates
    from topicml.evaluation.evaluate import evaluate as evaluate_model
    from topicml.predict import load_model

    if report is not None:
        _check_report(report, data)
        announce_overwriting(report)
    classifier = load_model(model)
    corpus, _ = read_labelled(
        data,
        reading,
        label_mapping=label_mapping,
        skip_bad_rows=skip_bad_rows,
        target=classifier.target_type,
        keep_empty=True,
    )
    evaluation = evaluate_model(classifier, corpus.articles, by=by or ())
    print_problems(corpus.problems)
    if {"year", "month"} & set(by or ()) and (dates := unread_dates(corpus)):
        note(dates)
    if as_json:
        _say_what_is_odd(evaluation)
    if report is not None:
        _write_report(evaluation, report, classifier, corpus.articles, names=(model, data))
    if as_json:
        print_json(evaluation.to_dict())
    else:
        print_evaluation(evaluation, every=every)


def _say_what_is_odd(evaluation: Evaluation) -> None:
    """Say how many articles were trained on, and which labels only the data or only the model has."""
    if evaluation.n_seen:
        n = counted(evaluation.n, "article")
        warn(f"{evaluation.n_seen:,} of {n} are in the training data, exactly or nearly")
    if unknown := [f"{label!r} ({count})" for label, count in evaluation.unknown_labels.items()]:
        note(f"the model does not know {_labels(unknown)}; their articles count as wrong")
    if absent := list(map(repr, evaluation.absent_labels)):
        verb = "does" if len(absent) == 1 else "do"
        note(f"{counted(len(absent), 'label')} of the model {verb} not occur in the data: {_cut(absent)}")


def _labels(named: Sequence[str]) -> str:
    return f"{counted(len(named), 'label')} of the data: {_cut(named)}"


def _cut(named: Sequence[str]) -> str:
    return listed(named, _NAMED, more=", and {} more (--json lists them)")


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

    model, data = names
    facts = {"model": model.resolve().name, "data": ", ".join(path.name for path in data)}
    title = f"Evaluation of {facts['model']} on {facts['data']}"
    write_report(evaluation, report, model=classifier, articles=articles, title=title, facts=facts)
    say(f"written: {escaped(str(report))}")

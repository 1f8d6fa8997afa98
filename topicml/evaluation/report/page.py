"""An evaluation as one HTML file, which needs nothing else: no server, no connection, no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicml.article import Article
from topicml.displays.display import Display, svg_of
from topicml.displays.drawing import import_matplotlib
from topicml.evaluation.evaluate import labelled_articles
from topicml.evaluation.mistakes import find_errors
from topicml.evaluation.report.mistake_cards import mistake_cards
from topicml.evaluation.report.origins import Known, head_of, origins_of, training_scores
from topicml.evaluation.report.tables import (
    FEW,
    confusion_table,
    count_table,
    coverage_table,
    label_tables,
    measure_table,
    slice_table,
)
from topicml.evaluation.result import Evaluation, left_to_person_text, told_measures
from topicml.exceptions import MissingExtraError, TopicmlTypeError, TopicmlValueError
from topicml.files import as_path, open_output
from topicml.formatting import counted, html_safe
from topicml.model.fitted import ModelInput, as_classifier

if TYPE_CHECKING:
    from jinja2 import Environment


_TILES = {
    "precision_at_1": "first label right",
    "accuracy": "label right",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "top_3_accuracy": "right label among the first 3",
    "ece": "calibration error",
    "coverage": "answered",
}
_CARDS = 4
_SHARES = ("precision_at_1", "accuracy", "top_3_accuracy", "coverage")  # which people read as per cents
_MOST_DRAWN = 25  # labels, more of which make a grid that nobody reads


def write_report(
    evaluation: Evaluation,
    path: str | Path,
    *,
    model: ModelInput | None = None,
    articles: Iterable[Article] | None = None,
    title: str = "Evaluation",
    facts: Mapping[str, str] | None = None,
    n_mistakes: int = 20,
) -> None:
    """Write an evaluation as one HTML file.

    It opens without a connection, on a phone and on paper, in the reader's light or dark colours. It loads
    nothing, and runs one short script that sorts tables; its content security policy forbids all else. The
    same evaluation gives the same bytes. If the model was trained on some of the articles, the report is
    about the others.

    Parameters
    ----------
    evaluation : Evaluation
        What `topicml.evaluate` returned.
    path : str or Path
        Written whole or not at all.
    model : FittedClassifier, optional
        The model that was evaluated: the page then says how it was made.
    articles : iterable of Article, optional
        The articles of the evaluation: the page then has their fingerprint and dates and, with the model,
        the surest mistakes, each with the passage that has the words that led to it.
    title : str, default="Evaluation"
        Heading of the page.
    facts : mapping of str to str, optional
        More about model and data; ``"model"`` and ``"data"``, their names, are shown at the top.
    n_mistakes : int, default=20
        How many mistakes to show at most.

    Raises
    ------
    MissingExtraError
        If matplotlib or jinja2 is not installed.
    TopicmlError
        If the file cannot be written.
    TopicmlValueError
        If the articles are not as many as were measured, or `n_mistakes` is less than 1.
    """
    if not isinstance(evaluation, Evaluation):
        raise TopicmlTypeError(f"expected the result of evaluate, found {type(evaluation).__name__}")
    check_installed()
    listed = None if articles is None else labelled_articles(articles)
    if listed is not None and len(listed) != evaluation.n:
        raise TopicmlValueError(
            f"expected the {evaluation.n:,} articles of the evaluation, found {len(listed):,}"
        )
    if n_mistakes < 1:
        raise TopicmlValueError(f"n_mistakes must be 1 or more, found {n_mistakes}")
    classifier = None if model is None else as_classifier(model)
    errors = None if classifier is None or listed is None else find_errors(classifier, listed, top=n_mistakes)
    known = Known(classifier, listed, facts or {})
    page = rendered(
        _part("page.html"),
        **_measured(evaluation),
        **_pictures(evaluation.without_copies or evaluation),
        title=title,
        training=training_scores(classifier),
        mistake_summary=[] if errors is None else errors.summary(),
        mistakes=None if errors is None else mistake_cards(errors, listed or ()),
        head=head_of(evaluation, known),
        origins=origins_of(evaluation, known),
    )
    with open_output(as_path(path)) as file:
        file.write(page)


def check_installed() -> None:
    """Raise a MissingExtraError if matplotlib or jinja2 is not installed."""
    import_matplotlib()
    try:
        import jinja2  # noqa: F401  (only looked for)
    except ImportError as error:
        raise MissingExtraError("a report needs jinja2: pip install 'topicml[report]'") from error


def _measured(evaluation: Evaluation) -> dict[str, Any]:
    """Return tables and lines, without articles that were trained on if there are others."""
    shown = evaluation.without_copies or evaluation
    labels, few, bars = label_tables(shown.labels)
    return {
        "notes": _notes(evaluation),
        "left_to_person": left_to_person_text(shown),
        "multilabel": shown.multilabel,
        "tiles": list(_tiles(shown)),
        "measures": measure_table(shown),
        "labels": labels,
        "bars": bars,
        "few_labels": few,
        "few": FEW,
        "unknown_labels": count_table("articles", shown.unknown_labels),
        "absent_labels": count_table("times given", shown.absent_labels),
        "confusions": confusion_table(shown.confusions),
        "coverage": coverage_table(shown.coverage_curve),
        "slices": [(field, slice_table(field, parts)) for field, parts in shown.slices.items()],
    }


def _notes(evaluation: Evaluation) -> list[str]:
    """Return warnings to read before the scores."""
    notes = []
    shown = evaluation.without_copies or evaluation
    if evaluation.n_seen:
        n = f"{evaluation.n_seen:,} of {counted(evaluation.n, 'article')}"
        also = f"{n} also appear (exactly or nearly) in the training data"
        last = "are left out of this report" if evaluation.without_copies else "inflate the scores"
        notes.append(f"{also} and {last}.")
    if shown.unknown_labels:
        n = counted(len(shown.unknown_labels), "label")
        notes.append(f"The model does not know {n} of the data; their articles count as missed.")
    if shown.absent_labels:
        n = counted(len(shown.absent_labels), "label")
        notes.append(
            f"{n} of the model do not occur in the data, so nothing is known about how well they do."
        )
    return notes


def _tiles(evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and interval of the scores to see first."""
    measures = told_measures(evaluation)
    for name in [name for name in _TILES if name in measures][:_CARDS]:
        told = "all labels right" if name == "accuracy" and evaluation.multilabel else _TILES[name]
        digits = ".1%" if name in _SHARES else ".3f"
        found = measures[name]
        interval = f"95% interval {found.interval_text(digits)}" if found.interval else "nothing to measure"
        yield told, found.value_text(digits), interval


def _pictures(evaluation: Evaluation) -> dict[str, Any]:
    """Return pictures as elements of the page: text that is not escaped."""
    from markupsafe import Markup

    drawn = evaluation.confusions and len(evaluation.labels) <= _MOST_DRAWN
    displays: dict[str, Display] = {
        **({"confusion_picture": evaluation.confusion_display()} if drawn else {}),
        "reliability_picture": evaluation.reliability_display(),
        "coverage_picture": evaluation.coverage_display(),
    }
    return {"confusion_picture": None} | {
        name: Markup(svg_of(display.plot))  # noqa: S704  (made by `svg_of`)
        for name, display in displays.items()
    }


def rendered(page: str, **values: object) -> str:
    """Fill a template that uses the macros, style and script of reports."""
    from markupsafe import Markup

    style, script = (_part(name) for name in ("page.css", "sorting.js"))
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .from_string(_part("macros.html") + page)
        .render(
            **values,
            style=Markup(style),  # noqa: S704  (our own file)
            script=Markup(script),  # noqa: S704  (our own file)
            script_hash=f"sha256-{digest}",
        )
    )


def _part(name: str) -> str:
    return (files("topicml.evaluation.report") / name).read_text("utf-8")


def _environment() -> Environment:
    """Return the values of the page: all but our markup is escaped, and invisible characters are shown."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def as_markup(value: object) -> object:
        return Markup(html_safe(value)) if type(value) is str else value  # noqa: S704  (escaped here)

    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=as_markup)
    environment.filters["place"] = lambda share: f"{4 + 100 * share:.1f}"
    return environment

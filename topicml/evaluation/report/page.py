"""An evaluation as one HTML file, which needs nothing else: no server, no connection, no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicml.article import Article
from topicml.displays.display import Display, svg_of
from topicml.displays.drawing import import_matplotlib
from topicml.evaluation.evaluate import labelled_articles
from topicml.evaluation.mistakes import find_errors
from topicml.evaluation.report.mistake_cards import mistake_cards, mistake_summary
from topicml.evaluation.report.origins import BESIDE, origins_of, scores_beside
from topicml.evaluation.report.tables import (
    confusion_table,
    count_table,
    coverage_table,
    label_table,
    measure_table,
    slice_table,
)
from topicml.evaluation.result import Evaluation, summary_lines
from topicml.exceptions import MissingExtraError, TopicmlValueError
from topicml.files import open_output
from topicml.formatting import counted, html_safe
from topicml.metrics.names import MEASURES
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier

if TYPE_CHECKING:
    from jinja2 import Environment


_TILES = ("accuracy", "macro_f1", "micro_f1", "ece")


def write_report(
    evaluation: Evaluation,
    path: str | Path,
    *,
    model: FittedClassifier | None = None,
    articles: Iterable[Article] | None = None,
    title: str = "Evaluation",
    facts: Mapping[str, str] | None = None,
    n_mistakes: int = 20,
) -> None:
    """Write an evaluation as one HTML file.

    It opens without a connection, on a phone and on paper, in the reader's light or dark colours. It loads
    nothing, and runs one short script that sorts tables; a browser holds it to that by its content
    security policy. The same evaluation gives the same bytes.

    Parameters
    ----------
    evaluation : Evaluation
    path : str or Path
        Written whole or not at all.
    model : FittedClassifier, optional
        What was measured: the page then says how it came to be.
    articles : iterable of Article, optional
        What it was measured on: the page then has their fingerprint and, with the model, the surest
        mistakes with the beginning of each article.
    title : str, default="Evaluation"
    facts : mapping of str to str, optional
        What else to say of model and data, such as the names of their files.
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
    check_installed()
    listed = None if articles is None else labelled_articles(articles)
    if listed is not None and len(listed) != evaluation.n:
        raise TopicmlValueError(
            f"expected the {evaluation.n} articles that were measured on, found {len(listed)}"
        )
    if n_mistakes < 1:
        raise TopicmlValueError(f"n_mistakes must be 1 or more, found {n_mistakes}")
    errors = None if model is None or listed is None else find_errors(model, listed, top=n_mistakes)
    page = _rendered(
        **_measured(evaluation, model),
        **_pictures(evaluation),
        title=title,
        mistake_summary="" if errors is None else mistake_summary(errors),
        mistakes=None if errors is None else mistake_cards(errors),
        origins=origins_of(evaluation, model=model, articles=listed, facts=facts or {}),
    )
    with open_output(Path(path)) as file:
        file.write(page)


def check_installed() -> None:
    """Raise a MissingExtraError if matplotlib or jinja2 is not installed."""
    import_matplotlib()
    try:
        import jinja2  # noqa: F401  (only looked for)
    except ImportError as error:
        raise MissingExtraError("a report needs jinja2: pip install 'topicml[report]'") from error


def _measured(evaluation: Evaluation, model: FittedClassifier | None) -> dict[str, Any]:
    """Return what stands in tables and lines."""
    beside = scores_beside(evaluation, model)
    return {
        "summary": summary_lines(evaluation)[:2],
        "notes": _notes(evaluation),
        "multilabel": evaluation.multilabel,
        "tiles": [_tile(MEASURES[name], evaluation.measures[name]) for name in _TILES],
        "measures": measure_table(evaluation, beside),
        "beside": [f"“{name}”, {BESIDE[name]}" for name in beside],
        "labels": label_table(evaluation.labels),
        "unknown_labels": count_table("articles", evaluation.unknown_labels),
        "absent_labels": count_table("times given", evaluation.absent_labels),
        "confusions": confusion_table(evaluation.confusions),
        "coverage": coverage_table(evaluation.coverage_curve),
        "slices": [(field, slice_table(field, parts)) for field, parts in evaluation.slices.items()],
    }


def _notes(evaluation: Evaluation) -> list[str]:
    """Return what a reader must know before believing the scores."""
    notes = []
    if evaluation.n_seen:
        notes.append(
            f"{evaluation.n_seen:,} of {counted(evaluation.n, 'article')} are also in the training data, "
            "exactly or nearly, and measure memory."
        )
    if evaluation.unknown_labels:
        n = counted(len(evaluation.unknown_labels), "label")
        notes.append(f"The model does not know {n} of the data; their articles count as missed.")
    if evaluation.absent_labels:
        n = counted(len(evaluation.absent_labels), "label")
        notes.append(f"No article bears {n} of the model; of how well these are found nothing is known.")
    return notes


def _tile(name: str, estimate: Estimate) -> tuple[str, str, str]:
    interval = estimate.interval_text() if estimate.interval else "nothing to measure"
    return name, estimate.value_text(), interval


def _pictures(evaluation: Evaluation) -> dict[str, Any]:
    """Return pictures as elements of the page: text that is no text to be escaped."""
    from markupsafe import Markup

    displays: dict[str, Display] = {
        "confusion_picture": evaluation.confusion_display(),
        "reliability_picture": evaluation.reliability_display(),
        "coverage_picture": evaluation.coverage_display(),
    }
    return {
        name: Markup(svg_of(display.plot))  # noqa: S704  (made by `svg_of`)
        for name, display in displays.items()
    }


def _rendered(**values: object) -> str:
    from markupsafe import Markup

    style, script = (_part(name) for name in ("page.css", "sorting.js"))
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    return (
        _environment()
        .from_string(_part("page.html"))
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
    """Return what fills the page: whatever is no markup of ours is escaped, and shows what cannot be seen."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def as_markup(value: object) -> object:
        return Markup(html_safe(value)) if type(value) is str else value  # noqa: S704  (escaped here)

    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=as_markup)
    environment.filters["place"] = lambda share: f"{4 + 100 * share:.1f}"
    return environment

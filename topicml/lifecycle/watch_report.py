"""What a model does with later articles, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from topicml.displays.display import svg_of
from topicml.evaluation.report.page import check_installed, rendered
from topicml.evaluation.report.tables import Cell, PageTable
from topicml.exceptions import TopicmlTypeError
from topicml.files import as_path, open_output
from topicml.lifecycle.watch_result import Watch, WatchedWindow
from topicml.metrics.resampling import Estimate
from topicml.model.prediction import REASONS

if TYPE_CHECKING:
    from topicml.model.prediction import Reason

_NONE = Cell("–")


def write_watch_report(found: Watch, path: str | Path, *, title: str = "Does the model still fit?") -> None:
    """Write the result of `topicml.watch` as one HTML file.

    It opens without a connection, on a phone and on paper, in the reader's light or dark colours, as the
    report of an evaluation does. The same result gives the same bytes.

    Parameters
    ----------
    found : Watch
        What `topicml.watch` returned.
    path : str or Path
        Written whole or not at all.
    title : str, default="Does the model still fit?"
        Heading of the page.

    Raises
    ------
    MissingExtraError
        If matplotlib or jinja2 is not installed.
    TopicmlError
        If the file cannot be written.
    TopicmlTypeError
        If `found` is not the result of `topicml.watch`.
    """
    if not isinstance(found, Watch):
        raise TopicmlTypeError(f"expected the result of watch, found {type(found).__name__}")
    check_installed()
    page = _page(found, title)
    with open_output(as_path(path)) as file:
        file.write(page)


def _page(found: Watch, title: str) -> str:
    from markupsafe import Markup  # noqa: PLC0415  (an extra)

    last = found.windows[-1]
    n = sum(window.n for window in found.windows)
    return rendered(
        (files("topicml.lifecycle") / "watch_report.html").read_text("utf-8"),
        title=title,
        head=(("Model", f"fingerprint {found.fingerprint}"), ("Articles", f"{n:,}, without labels")),
        answer=found.answer,
        notes=found.notes,
        tiles=list(_tiles(found)),
        measure=found.measure,
        last=last.name,
        picture=Markup(svg_of(found.display().plot)),  # noqa: S704  (made by `svg_of`)
        windows=_windows(found),
        labels=_labels(found),
        reasons=_reasons(last),
        rising=[(window.name, _words(window)) for window in reversed(found.windows) if window.words],
    )


def _tiles(found: Watch) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and what stands beside it, of the last window."""
    last, training = found.windows[-1], found.training
    if last.accuracy is not None and last.accuracy.interval is not None:
        beside = f"90% interval {last.accuracy.interval_text('.0%')}"
        yield f"{found.measure}, estimated", f"{last.accuracy.value:.0%}", f"{beside}; no labels seen"
    yield "left to a person", f"{last.left_to_person.value:.1%}", _beside(training.left_to_person)
    if last.unknown_words is not None:
        yield "unknown words", f"{last.unknown_words:.1%}", _beside(training.unknown_words)
    if last.new_sources is not None:
        yield "from new outlets", f"{last.new_sources:.1%}", "of articles"


def _beside(share: float | None) -> str:
    return "not known in training" if share is None else f"{share:.1%} in training"


def _windows(found: Watch) -> PageTable:
    numbers = ("articles", "to a person", "95% interval", "unknown words", "confidence")
    columns = (("window", False), *((name, True) for name in (*numbers, found.measure, "90% interval")))
    rows = [
        (
            Cell(window.name),
            Cell(f"{window.n:,}", window.n),
            *_estimate(window.left_to_person),
            _share(window.unknown_words),
            _share(window.confidence),
            *(_estimate(window.accuracy) if window.accuracy else (_NONE, _NONE)),
        )
        for window in reversed(found.windows)
    ]
    return PageTable(columns, tuple(rows))


def _labels(found: Watch) -> PageTable:
    before, own = found.training.labels, found.windows[-1].labels
    moved = sorted(own, key=lambda label: (-abs(own[label].value - before.get(label, 0.0)), label))
    rows = [(Cell(label), *_estimate(own[label]), _share(before.get(label))) for label in moved]
    names = ("share", "95% interval", "in training")
    return PageTable((("label", False), *((name, True) for name in names)), tuple(rows))


def _reasons(last: WatchedWindow) -> PageTable:
    ranked: list[tuple[Reason, int]] = sorted(last.reasons.items(), key=lambda item: -item[1])
    rows = [(Cell(REASONS[reason]), Cell(f"{n:,}", n), _share(n / last.n)) for reason, n in ranked if n]
    return PageTable((("reason", False), ("articles", True), ("share", True)), tuple(rows))


def _words(window: WatchedWindow) -> PageTable:
    rows = [
        (
            Cell(word.word),
            Cell("new" if word.is_new else "rising"),
            Cell(f"{word.n_articles:,}", word.n_articles),
            Cell(f"{word.share:.2%}", word.share),
            Cell(f"{'up to ' if word.is_new else ''}{word.training_share:.2%}", word.training_share),
            Cell("; ".join(f"{begin} ({place})" for place, begin in word.articles)),
        )
        for word in window.words
    ]
    numbers = ("articles", "share", "in training")
    columns = (("word", False), ("kind", False), *((name, True) for name in numbers), ("stands in", False))
    return PageTable(columns, tuple(rows))


def _estimate(estimate: Estimate) -> tuple[Cell, Cell]:
    if estimate.interval is None:
        return _NONE, _NONE
    return _share(estimate.value), Cell(estimate.interval_text(".1%"), estimate.low)


def _share(share: float | None) -> Cell:
    return _NONE if share is None else Cell(f"{share:.1%}", share)

"""How a model would have done in the past: trained on earlier articles, tested on later ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import number, whole_number
from topicml.article import Article
from topicml.corpus.fields import parse_instant
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.rare_labels import keep_frequent_labels
from topicml.corpus.splitting import undated_note
from topicml.corpus.targets import Targets, encode_labels, encode_targets
from topicml.displays.tables import html_view, table_of_rows
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted, shortened, table_lines, wrapped
from topicml.lifecycle.ageing import Ageing, WindowDecisions, measure_ageing
from topicml.lifecycle.holding_out import Grouped
from topicml.lifecycle.timeline import Timeline
from topicml.metrics.names import MEASURES, OVERALL
from topicml.metrics.paired import DrawnScores, drawn_scores
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_articles, as_texts
from topicml.steps import Steps
from topicml.training.settings import TrainingSettings, as_settings
from topicml.training.train import choose_settings, train

_SHOWN = 12
_GROWN = 1.2  # times as many articles
_FEW = 10  # articles from which a label can hardly be learned, and times as many that make it a new one


def backtest(  # noqa: PLR0913  (data, settings, windows and how to work, each with its default)
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    settings: TrainingSettings | None = None,
    n_steps: int = 6,
    window: timedelta | None = None,
    history: timedelta | None = None,
    tolerance: float = 0.01,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
) -> Backtest:
    """Train on the past and test on later articles, step by step, to learn how fast a model ages.

    The last part of the time is cut into windows of equal length. For each window, a model is trained on all
    earlier articles and tested on this window and all later ones. So every window but the first is answered
    by a fresh model and by older ones, and the cost of age is their difference on the same articles: see
    `measure_ageing`. A fresh model has also seen more articles; with `history` all models are trained on
    equally long times, so that they differ only in age.

    Settings are searched for once, as `topicml.train` does it, on the articles dated before the first
    window; all models use what was found, so that they differ by their articles alone. They answer every
    article, as if nothing were promised. Near-copies of articles dated before a window are left out of it.

    Intervals show how much results vary with the stories of these weeks. Other months may bring other news,
    and no resampling can show that.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled. Those without a readable date are left out, and named in the notes.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    settings : TrainingSettings, optional
        Where the search starts, as for `topicml.train`; with ``search="none"`` they are used as they are.
        Ageing is measured by their `measure`, and their `random_state` is the seed.
    n_steps : int, default=6
        Windows, and models. 2 or more.
    window : timedelta, optional
        Length of a window; by default the windows are whole days and cover the newer half of the articles.
    history : timedelta, optional
        How long before its window a model's training articles may be dated; by default without limit.
    tolerance : float, default=0.01
        The loss against a fresh model that is acceptable before retraining.
    n_jobs : int, default=-1
        Processes to use. The result does not depend on it.
    progress : callable, optional
        Called with a line before the search for settings and before each model.
    verbose : bool, default=False
        Print the steps on stderr as they begin.

    Returns
    -------
    Backtest

    Raises
    ------
    CorpusError
        If there are too few dates for so many windows, nothing in them to test on, or too little before
        them to train on.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If an argument is impossible.
    """
    _check_arguments(n_steps, window, history, tolerance)
    settings = as_settings(settings).without_promises()
    report = Steps.of(progress, verbose=verbose)
    kept = keep_frequent_labels(
        as_articles(articles, labels), settings.min_articles, target_type=settings.target_type
    )
    dated, instants, notes = _dated(kept.articles)
    targets = encode_targets(dated, target_type=kept.target_type, labels=settings.labels)
    settings = replace(settings, target_type=targets.target_type, min_articles=1)
    texts = list(as_texts(dated))
    stories = Stories.of(texts, n_jobs=n_jobs)
    line = Timeline.cut(instants, stories.groups, n_windows=n_steps, length=window)
    past = [line.before(k, history) for k in range(n_steps)]

    def known(k: int) -> Grouped:
        rows = past[k]
        found = Stories.of([texts[row] for row in rows.tolist()], sketches=stories.sketches.take(rows))
        return Grouped(tuple(dated[row] for row in rows.tolist()), found)

    report("choosing settings")
    first = known(0)
    with _dated_before(line.edge(0), len(first.articles)):
        chosen = choose_settings(first.articles, settings, stories=first.stories, n_jobs=n_jobs)

    def trained(k: int) -> FittedClassifier:
        report(f"model {k + 1} of {n_steps}, trained until {line.edge(k)}")
        learnt = known(k)
        with _dated_before(line.edge(k), len(learnt.articles)):
            return train(learnt.articles, settings=chosen, stories=learnt.stories, n_jobs=n_jobs).classifier

    tested = _tested(dated, targets, stories.groups, line, trained)
    seed = settings.random_state
    ageing = measure_ageing(
        tested, weeks=line.weeks, measure=settings.measure, tolerance=tolerance, random_state=seed
    )
    counts = (targets.Y[past[k]].sum(axis=0).tolist() for k in (0, -1))
    n_train = dict(zip(targets.classes_, zip(*counts, strict=True), strict=True))
    notes += [*kept.notes, *targets.notes, *_grown(past), *_new_labels(ageing, n_train)]
    notes += _empty_windows(line, tested.window_of)
    steps = _steps(line, tested, [len(rows) for rows in past], seed)
    return Backtest(steps, ageing, n_train, tuple(notes))


def _check_arguments(
    n_steps: int, window: timedelta | None, history: timedelta | None, tolerance: float
) -> None:
    if whole_number("n_steps", n_steps, 0) < 2:
        raise TopicmlValueError(
            f"n_steps must be 2 or more, so that there is an older model, found {n_steps}"
        )
    for name, length in (("window", window), ("history", history)):
        if length is not None and length <= timedelta(0):
            raise TopicmlValueError(f"{name} must be longer than 0, found {length!r}")
    if not 0 < number("tolerance", tolerance) < 1:
        raise TopicmlValueError(f"tolerance must be above 0 and below 1, found {tolerance!r}")


def _dated(articles: Sequence[Article]) -> tuple[list[Article], NDArray[np.int64], list[str]]:
    """Return the articles that have a date, when they were, and a note on the others."""
    instants = [parse_instant(article.date or "") for article in articles]
    missing = [row for row, instant in enumerate(instants) if instant is None]
    dated = [article for article, instant in zip(articles, instants, strict=True) if instant is not None]
    if not dated:
        raise CorpusError(
            f"a backtest needs articles with dates, found {counted(len(articles), 'article')} and no date; "
            "expected ISO 8601, such as 2024-03-31 (--date-column names the column)"
        )
    kept = np.array([instant for instant in instants if instant is not None], np.int64)
    return dated, kept, [undated_note(articles, missing, "drop")] if missing else []


def _tested(
    dated: Sequence[Article],
    targets: Targets,
    groups: NDArray[np.int64],
    line: Timeline,
    trained: Callable[[int], FittedClassifier],
) -> WindowDecisions:
    """Let the model of each window answer the articles of this and all later windows."""
    rows = line.to_test()
    if not len(rows):
        raise CorpusError("every article in the windows is a copy of an earlier one: nothing to test on")
    decided = np.zeros((line.n_windows, len(rows), len(targets.classes_)), bool)
    for k in range(line.n_windows):
        later = line.window_of[rows] >= k
        if later.any():
            predictions = trained(k).predict([dated[row] for row in rows[later].tolist()])
            decided[k, later] = encode_labels(predictions, targets.classes_)
    return WindowDecisions(targets.classes_, targets.Y[rows], decided, line.window_of[rows], groups[rows])


@contextmanager
def _dated_before(until: str, n_articles: int) -> Iterator[None]:
    """Say in errors of training which articles these are."""
    try:
        yield
    except CorpusError as error:
        raise CorpusError(
            f"the {counted(n_articles, 'article')} dated before {until} cannot be trained on: {error}; "
            "ask for fewer steps, shorter windows or a longer history"
        ) from error


def _steps(
    line: Timeline, tested: WindowDecisions, n_train: Sequence[int], random_state: int
) -> tuple[BacktestStep, ...]:
    """Score each model on each later window that has articles."""
    steps = []
    for window in np.unique(tested.window_of).tolist():
        here = tested.window_of == window
        for model in range(window + 1):
            drawn = drawn_scores(
                tested.truth[here],
                tested.decided[model, here],
                groups=tested.groups[here],
                random_state=random_state,
            )
            steps.append(_step(line, model, window, n_train[model], drawn))
    return tuple(steps)


def _step(line: Timeline, model: int, window: int, n_train: int, drawn: DrawnScores) -> BacktestStep:
    return BacktestStep(
        trained_until=line.edge(model),
        n_train=n_train,
        begins=line.edge(window),
        ends=line.edge(window + 1),
        age_weeks=(window - model + 0.5) * line.weeks,
        n=int(drawn.n[0]),
        n_copies=line.n_copied(window),
        scores={name: Estimate.share_of(drawn.measures[name]) for name in OVERALL},
    )


def _grown(past: Sequence[NDArray[np.int64]]) -> list[str]:
    """Say where fresh models may be better because they had more articles, not later ones."""
    first, last = len(past[0]), len(past[-1])
    if last < _GROWN * first:
        return []
    return [
        f"later models were trained on more articles (the first on {first:,}, the last on {last:,}), so "
        "older ones may also lose because they had fewer; with history (--history) all are trained on "
        "equally long times"
    ]


def _new_labels(ageing: Ageing, n_train: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"the label {label!r} is new: the first model was trained on {counted(n_train[label][0], 'article')} "
        f"with it, the last on {n_train[label][1]:,}, which explains the loss of older models on it"
        for label in ageing.label_drops
        if n_train[label][0] < _FEW <= n_train[label][1] / max(n_train[label][0], 1)
    ]


def _empty_windows(line: Timeline, window_of: NDArray[np.int64]) -> list[str]:
    empty = sorted(set(range(line.n_windows)) - set(window_of.tolist()))
    return [f"no article to test on from {line.edge(k)} to {line.edge(k + 1)}" for k in empty]


@dataclass(frozen=True, slots=True)
class BacktestStep:
    """A model, and a window of later articles on which it was tested.

    Parameters
    ----------
    trained_until : str
        The model was trained on articles dated before this; ISO 8601, UTC.
    n_train : int
        Articles that it was trained on.
    begins, ends : str
        First instant of the window, and the first after it.
    age_weeks : float
        From the end of training to the middle of the window.
    n : int
        Articles that it was tested on.
    n_copies : int
        Articles of the window that were left out, being near-copies of earlier ones.
    scores : dict of str to Estimate
        Accuracy, micro F1 and macro F1. A label that the model does not know counts as missed.
    """

    trained_until: str
    n_train: int
    begins: str
    ends: str
    age_weeks: float
    n: int
    n_copies: int
    scores: dict[str, Estimate]

    @property
    def is_fresh(self) -> bool:
        """Whether the model was trained just before the window."""
        return self.trained_until == self.begins

    def to_row(self) -> dict[str, Any]:
        """Return it as one flat row."""
        row: dict[str, Any] = {
            "trained_until": self.trained_until,
            "n_train": self.n_train,
            "begins": self.begins,
            "ends": self.ends,
            "age_weeks": self.age_weeks,
            "n": self.n,
            "n_copies": self.n_copies,
        }
        for measure, estimate in self.scores.items():
            row |= estimate.named(measure)
        return row


@dataclass(frozen=True, slots=True)
class Backtest:
    """How models would have done on later articles, and how fast they would have aged.

    Parameters
    ----------
    steps : tuple of BacktestStep
        Each model on each later window that has articles, in the order of windows, then of models.
    ageing : Ageing
        Labels that were new to a model count as missed.
    n_train : mapping of str to (int, int)
        Articles with each label that the first model was trained on, and the last. Old models may miss a
        label that has become far more frequent for lack of examples, not for lack of new words.
    notes : tuple of str
        Remarks for the reader, such as articles without a date.
    """

    steps: tuple[BacktestStep, ...]
    ageing: Ageing
    n_train: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            **self.ageing.to_dict(),
            "n_train": {label: list(counts) for label, counts in self.n_train.items()},
            "steps": self.rows(),
            "notes": list(self.notes),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each model and window; those by age are in ``ageing.ages``."""
        return [step.to_row() for step in self.steps]

    def __repr__(self) -> str:
        n_models = len({step.trained_until for step in self.steps})
        return f"Backtest({counted(n_models, 'model')}, {self.steps[0].begins} to {self.steps[-1].ends})"

    def _repr_html_(self) -> str:
        measure = self.ageing.measure
        rows = [
            {
                "trained until": step.trained_until,
                "on articles": step.n_train,
                "tested until": step.ends,
                "on": step.n,
                MEASURES[measure]: step.scores[measure].value_text(),
                "95% interval": step.scores[measure].interval_text(),
            }
            for step in self.steps
        ]
        return html_view([self.ageing.answer, *self.notes], table_of_rows("Models and windows", rows))

    def __str__(self) -> str:
        measure = self.ageing.measure
        name = MEASURES[measure]
        fresh = [["trained until", "on", "tested until", "on", name, "95% interval"]]
        for step in self.steps:
            if step.is_fresh:
                score = step.scores[measure]
                shown = [score.value_text(), score.interval_text()]
                fresh.append([step.trained_until, str(step.n_train), step.ends, str(step.n), *shown])
        lines = [
            *table_lines(fresh, right=[False, True, False, True, True, True]),
            "",
            *_age_lines(self.ageing),
            "",
            *_label_lines(self.ageing, self.n_train),
            "",
            *wrapped(self.ageing.answer),
        ]
        return "\n".join(lines)


def _age_lines(ageing: Ageing) -> list[str]:
    table = [["older by", "on", MEASURES[ageing.measure], "fresh", "drop", "95% interval"]]
    for age in ageing.ages[1:]:
        drop = [age.drop.value_text("+.3f"), age.drop.interval_text("+.3f")]
        scores = [age.score.value_text(), age.fresh.value_text()]
        table.append([f"{age.weeks:.1f} weeks", str(age.n), *scores, *drop])
    return table_lines(table, right=[True] * 6)


def _label_lines(ageing: Ageing, n_train: Mapping[str, tuple[int, int]]) -> list[str]:
    """Show the labels that lose most."""
    table = [["label", "F1 lost a week", "95% interval", "first", "last"]]
    ranked = sorted(ageing.label_drops.items(), key=lambda item: -item[1].value)
    for label, drop in ranked[:_SHOWN]:
        shown = [drop.value_text("+.4f"), drop.interval_text("+.4f")]
        table.append([shortened(label, 24), *shown, *map(str, n_train[label])])
    more = [f"and {len(ranked) - _SHOWN} more labels"] if len(ranked) > _SHOWN else []
    title = "Labels by their loss, with their articles for the first and the last model"
    return [title, *table_lines(table, right=[False, True, True, True, True]), *more]

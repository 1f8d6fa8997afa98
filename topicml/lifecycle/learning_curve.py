"""Whether more labels would help: scores by the number of training articles, and where the curve leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicml.arguments import whole_number
from topicml.article import Article
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.rare_labels import keep_frequent_labels
from topicml.corpus.stratification import assign_folds, nested_parts
from topicml.corpus.targets import Targets, encode_labels, encode_targets
from topicml.displays.learning_curve import LearningCurveDisplay
from topicml.displays.tables import html_view, table_of_rows
from topicml.elementary import log
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted, shortened, table_lines, wrapped
from topicml.lifecycle.extrapolation import extrapolate
from topicml.lifecycle.holding_out import Grouped
from topicml.metrics.names import MEASURES, OVERALL
from topicml.metrics.paired import FEWEST_DIFFERING, DrawnScores, drawn_scores
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_articles, as_texts
from topicml.steps import Steps
from topicml.training.settings import TrainingSettings, as_settings
from topicml.training.train import choose_settings, train
from topicml.training.unlabelled import without_copies

MoreLabels = Literal["help", "no gain shown", "too little to tell"]

_SHORT = {"help": "help", "no gain shown": "not shown", "too little to tell": "cannot tell"}
_SHOWN = 25  # labels


def learning_curve(  # noqa: PLR0913  (data, how to measure, and how to work, each with its default)
    articles: Iterable[TextInput],
    labels: Iterable[object] | None = None,
    *,
    settings: TrainingSettings | None = None,
    shares: Sequence[float] = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0),
    n_folds: int = 5,
    unlabelled: Iterable[TextInput] | None = None,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
    verbose: bool = False,
) -> LearningCurve:
    """Train on more and more of the articles, and see how much each doubling gains.

    The articles are split into folds as in training. For each fold, models are trained on growing parts of
    the other folds and tested on this one, so every article is answered once at every size, and sizes are
    compared on the same articles. Each part has its share of every label and contains the part before it.
    Copies of a story are in one fold, and in one part or in none.

    Settings are searched for as `topicml.train` does it, once for each fold: on all of the other folds, so
    that the articles tested on play no part. Models of all sizes use what was found. They answer every
    article, as if nothing were promised.

    Intervals show how much scores vary with the stories tested on (cluster bootstrap). How much they vary
    with the articles trained on shows only as far as the folds differ.

    Parameters
    ----------
    articles : iterable of Article, or of texts
        A Corpus or a list. All labelled.
    labels : iterable, optional
        For each text one label, or a list of labels. They replace the labels of articles.
    settings : TrainingSettings, optional
        Where the search starts, as for `topicml.train`; with ``search="none"`` they are used as they are.
        Gains are measured by their `measure`, and their `random_state` is the seed.
    shares : sequence of float, default=(1/16, 1/8, 1/4, 1/2, 1)
        Shares of the training articles, rising, above 0 and at most 1; two or more. Those too small to
        train on are left out, and a note says so.
    n_folds : int, default=5
        2 or more.
    unlabelled : iterable of Article, or of texts, optional
        An archive that models of every size may learn from, too, as for `topicml.train`; copies of labelled
        articles are left out. Settings are then not searched for.
    n_jobs : int, default=-1
        Processes to use. The result does not depend on it.
    progress : callable, optional
        Called with a line before each search for settings and before each model.
    verbose : bool, default=False
        Print the steps on stderr as they begin.

    Returns
    -------
    LearningCurve

    Raises
    ------
    CorpusError
        If there are too few different articles to train on two parts of them.
    TopicmlTypeError
        If an item is not an Article.
    TopicmlValueError
        If `shares` or `n_folds` is impossible.
    """
    _check_arguments(shares, n_folds)
    settings = as_settings(settings).without_promises()
    kept = keep_frequent_labels(
        as_articles(articles, labels), settings.min_articles, target_type=settings.target_type
    )
    listed = kept.articles
    report = Steps.of(progress, verbose=verbose)
    targets = encode_targets(listed, target_type=kept.target_type, labels=settings.labels)
    settings = replace(settings, target_type=targets.target_type, min_articles=1)
    stories = Stories.of(list(as_texts(listed)), n_jobs=n_jobs)
    groups = stories.groups
    folds = assign_folds(targets.Y, groups, n_folds=n_folds)
    parts = nested_parts(targets.Y, groups, folds, sorted(shares), random_state=settings.random_state)
    if len(parts) < 2:
        raise CorpusError(
            f"{counted(len(listed), 'article')} are too few to train on two shares of them: give larger "
            "shares, or label more articles"
        )
    learner = partial(
        _learner,
        Grouped(listed, stories),
        settings,
        unlabelled=without_copies(unlabelled or (), stories.sketches, n_jobs=n_jobs),
        n_jobs=n_jobs,
        report=report,
    )
    decided = _decisions(listed, targets, folds, parts, learner)
    return _curve(targets, groups, parts, decided, settings, (*kept.notes, *_left_out(shares, parts)))


def _check_arguments(shares: Sequence[float], n_folds: int) -> None:
    if len(set(shares)) < 2 or not all(0 < share <= 1 for share in shares):
        raise TopicmlValueError(
            f"shares must be two different numbers or more, above 0 and at most 1, found {list(shares)!r}"
        )
    whole_number("n_folds", n_folds, 2)


def _learner(
    every: Grouped,
    settings: TrainingSettings,
    rest: NDArray[np.int64],
    *,
    unlabelled: Sequence[str],
    n_jobs: int,
    report: Steps,
) -> Callable[[NDArray[np.int64]], FittedClassifier]:
    """Choose settings on the articles that are not held out; return what trains on parts of these."""
    report(f"choosing settings on {counted(len(rest), 'article')}")
    all_of_them = every.take(rest)
    chosen = replace(settings, search="none")
    if not unlabelled:
        chosen = choose_settings(all_of_them.articles, settings, stories=all_of_them.stories, n_jobs=n_jobs)

    def trained(rows: NDArray[np.int64]) -> FittedClassifier:
        report(f"training on {counted(len(rows), 'article')}")
        part = every.take(rows)
        return train(
            part.articles,
            settings=chosen,
            stories=part.stories,
            unlabelled=unlabelled or None,
            n_jobs=n_jobs,
        ).classifier

    return trained


def _decisions(
    articles: Sequence[Article],
    targets: Targets,
    folds: NDArray[np.int64],
    parts: Mapping[float, Sequence[NDArray[np.int64]]],
    learner: Callable[[NDArray[np.int64]], Callable[[NDArray[np.int64]], FittedClassifier]],
) -> NDArray[np.bool_]:
    """Answer each article at each size by the model that was not trained on its fold."""
    decided = np.zeros((len(parts), *targets.Y.shape), bool)
    for number, fold in enumerate(np.unique(folds).tolist()):
        held_out = np.flatnonzero(folds == fold)
        unseen = [articles[row] for row in held_out.tolist()]
        trained = learner(np.flatnonzero(folds != fold))
        for size, of_folds in enumerate(parts.values()):
            predictions = trained(of_folds[number]).predict(unseen)
            decided[size, held_out] = encode_labels(predictions, targets.classes_)
    return decided


def _left_out(shares: Sequence[float], parts: Mapping[float, object]) -> tuple[str, ...]:
    small = [f"{share:.3g}" for share in sorted(shares) if share not in parts]
    return (f"shares too small to train on, left out: {', '.join(small)}",) if small else ()


def _curve(
    targets: Targets,
    groups: NDArray[np.int64],
    parts: Mapping[float, Sequence[NDArray[np.int64]]],
    decided: NDArray[np.bool_],
    settings: TrainingSettings,
    notes: tuple[str, ...],
) -> LearningCurve:
    drawn = [
        drawn_scores(targets.Y, answers, groups=groups, random_state=settings.random_state)
        for answers in decided
    ]
    sizes = np.array([np.mean([len(rows) for rows in of_folds]) for of_folds in parts.values()])
    doublings = float(log(sizes[-1] / sizes[-2]) / log(2.0))
    measured = np.array([scores.measures[settings.measure] for scores in drawn])
    labels = _label_curves(targets, groups, parts, decided[-2] != decided[-1], drawn, doublings)
    points = tuple(
        CurvePoint(share, float(size), {name: Estimate.share_of(scores.measures[name]) for name in OVERALL})
        for share, size, scores in zip(parts, sizes, drawn, strict=True)
    )
    return LearningCurve(
        measure=settings.measure,
        n=len(targets.Y),
        points=points,
        gain=Estimate.of((measured[-1] - measured[-2]) / doublings),
        n_differing=_n_stories(groups, (decided[-2] != decided[-1]).any(axis=1)),
        labels=labels,
        guess=Estimate.share_of(extrapolate(sizes, measured, 2 * sizes[-1])) if len(sizes) >= 4 else None,
        notes=(*targets.notes, *notes),
    )


def _label_curves(
    targets: Targets,
    groups: NDArray[np.int64],
    parts: Mapping[float, Sequence[NDArray[np.int64]]],
    differs: NDArray[np.bool_],
    drawn: Sequence[DrawnScores],
    doublings: float,
) -> tuple[LabelCurve, ...]:
    trained_on = [
        np.mean([targets.Y[rows].sum(axis=0) for rows in of_folds], axis=0) for of_folds in parts.values()
    ]
    curves = [
        LabelCurve(
            label=label,
            n=int(targets.Y[:, k].sum()),
            n_train=tuple(float(counts[k]) for counts in trained_on),
            f1=tuple(Estimate.share_of(scores.label_f1[:, k]) for scores in drawn),
            gain=Estimate.of((drawn[-1].label_f1[:, k] - drawn[-2].label_f1[:, k]) / doublings),
            n_differing=_n_stories(groups, differs[:, k]),
        )
        for k, label in enumerate(targets.classes_)
    ]
    return tuple(sorted(curves, key=lambda curve: -curve.gain.value))


def _n_stories(groups: NDArray[np.int64], rows: NDArray[np.bool_]) -> int:
    return len(np.unique(groups[rows]))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The scores of training on some of the articles.

    Parameters
    ----------
    share : float
        Share of the articles that are not held out.
    n_train : float
        Articles trained on, the mean over the folds.
    scores : mapping of str to Estimate
        Accuracy, micro F1 and macro F1 of the articles held out.
    """

    share: float
    n_train: float
    scores: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class LabelCurve:
    """The learning curve of one label.

    Parameters
    ----------
    label : str
    n : int
        Articles with the label.
    n_train : tuple of float
        Articles with the label trained on, at each point.
    f1 : tuple of Estimate
        At each point.
    gain : Estimate
        F1 gained by the last doubling of the articles with any label.
    n_differing : int
        Stories on which the last two points differ in this label.
    """

    label: str
    n: int
    n_train: tuple[float, ...]
    f1: tuple[Estimate, ...]
    gain: Estimate
    n_differing: int

    @property
    def more_labels(self) -> MoreLabels:
        """Whether more articles would help the label, as far as the last doubling shows."""
        return _verdict(self.gain, self.n_differing)


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Scores by the number of articles trained on.

    Parameters
    ----------
    measure : {"accuracy", "micro_f1", "macro_f1"}
        The measure of `gain` and `guess`.
    n : int
        Articles; each was held out once.
    points : tuple of CurvePoint
        From the fewest articles to the most.
    gain : Estimate
        Gained by the last doubling: the slope at the end of the curve. A last step that is not a doubling
        is converted to one.
    n_differing : int
        Stories on which the last two points differ.
    labels : tuple of LabelCurve
        The largest gain first. One in twenty labels seems to gain by chance.
    guess : Estimate or None
        The score with twice as many articles, by an inverse power law through the points
        (`extrapolate`, which says how far it missed). The interval is about the points alone, not about
        whether the law holds. None with fewer than four points.
    notes : tuple of str
        Remarks for the reader: shares that were left out.
    """

    measure: str
    n: int
    points: tuple[CurvePoint, ...]
    gain: Estimate
    n_differing: int
    labels: tuple[LabelCurve, ...]
    guess: Estimate | None
    notes: tuple[str, ...]

    @property
    def more_labels(self) -> MoreLabels:
        """Whether more articles would help, as far as the last doubling shows."""
        return _verdict(self.gain, self.n_differing)

    @property
    def answer(self) -> str:
        """Whether more articles would help, in a sentence or two."""
        name, gain = MEASURES[self.measure], self.gain
        points = f"{100 * gain.low:.2g} to {100 * gain.high:.2g}"
        match self.more_labels:
            case "too little to tell":
                stories = counted(self.n_differing, "story", "stories")
                return (
                    "It is not clear whether more labels would help: models of the last two sizes differ on "
                    f"only {stories}."
                )
            case "no gain shown":
                return (
                    f"The last doubling of the articles shows no gain in {name}: the 95% interval is "
                    f"{points} points."
                )
            case "help":
                helped = [curve.label for curve in self.labels if curve.more_labels == "help"]
                return (
                    f"More labels help: the last doubling of the articles gained {100 * gain.value:.2g} "
                    f"points of {name} (95% interval {points}), and helps {len(helped)} of "
                    f"{len(self.labels)} labels beyond chance.{self._guessed()}"
                )

    def _guessed(self) -> str:
        if self.guess is None:
            return ""
        return (
            f" With twice as many articles, {MEASURES[self.measure]} may reach {self.guess}: a guess, which "
            "assumes that the curve follows an inverse power law."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON can hold."""
        return {
            "measure": self.measure,
            "n": self.n,
            "more_labels": self.more_labels,
            "answer": self.answer,
            "gain_of_doubling": self.gain.to_dict(),
            "n_differing": self.n_differing,
            "guess_of_twice_as_many": self.guess and self.guess.to_dict(),
            "points": self.rows(),
            "labels": [
                {
                    "label": curve.label,
                    "n": curve.n,
                    "more_labels": curve.more_labels,
                    "gain_of_doubling": curve.gain.to_dict(),
                    "n_differing": curve.n_differing,
                }
                for curve in self.labels
            ],
            "label_points": self.label_rows(),
            "notes": list(self.notes),
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each point."""
        rows = []
        for point in self.points:
            row: dict[str, Any] = {"share": point.share, "n_train": point.n_train}
            for measure, estimate in point.scores.items():
                row |= estimate.named(measure)
            rows.append(row)
        return rows

    def label_rows(self) -> list[dict[str, Any]]:
        """Return one flat row for each label and point."""
        return [
            {"label": curve.label, "share": point.share, "n_train": n_train, **f1.named("f1")}
            for curve in self.labels
            for point, n_train, f1 in zip(self.points, curve.n_train, curve.f1, strict=True)
        ]

    def display(self) -> LearningCurveDisplay:
        """Return the curve as a picture and a table: ``plot()``, ``frame()``."""
        return LearningCurveDisplay(
            rows=self.rows(),
            sizes=[point.n_train for point in self.points],
            scores=[point.scores[self.measure] for point in self.points],
            guess=self.guess,
            measure=MEASURES[self.measure],
        )

    def __repr__(self) -> str:
        last = self.points[-1]
        score = f"{MEASURES[self.measure]} {last.scores[self.measure]} on {last.n_train:,.0f} articles"
        return f"LearningCurve({score}; more labels: {self.more_labels})"

    def _repr_html_(self) -> str:
        rows = [
            {
                "trained on": f"{point.n_train:,.0f} articles",
                MEASURES[self.measure]: score.value_text(),
                "95% interval": score.interval_text(),
            }
            for point in self.points
            if (score := point.scores[self.measure])
        ]
        return html_view([self.answer, *self.notes], table_of_rows("Scores by training articles", rows))

    def __str__(self) -> str:
        overall = [["trained on", MEASURES[self.measure], "95% interval"]]
        for point in self.points:
            score = point.scores[self.measure]
            overall.append([f"{point.n_train:.0f}", score.value_text(), score.interval_text()])
        labels = [["label", "articles", "F1", "gain", "95% interval", "more labels"]]
        for curve in self.labels[:_SHOWN]:
            gain = curve.gain.value_text("+.3f"), curve.gain.interval_text("+.3f")
            row = [curve.f1[-1].value_text(), *gain, _SHORT[curve.more_labels]]
            labels.append([shortened(curve.label, 20), str(curve.n), *row])
        more = [f"and {len(self.labels) - _SHOWN} more labels"] if len(self.labels) > _SHOWN else []
        lines = [
            *table_lines(overall, right=[True] * 3),
            "",
            *table_lines(labels, right=[False, True, True, True, True, False]),
            *more,
            "",
            *wrapped(self.answer),
        ]
        return "\n".join(lines)


def _verdict(gain: Estimate, n_differing: int) -> MoreLabels:
    """Say what the last doubling shows; fewer than six stories are no evidence even if all agree."""
    if n_differing < FEWEST_DIFFERING:
        return "too little to tell"
    return "help" if gain.low > 0 else "no gain shown"

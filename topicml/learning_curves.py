"""Whether more labelled articles would help, overall and for each label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.near_duplicates import group_near_duplicates
from topicml.corpus.stratification import assign_folds, nested_parts
from topicml.corpus.targets import Targets, encode_labels, encode_targets
from topicml.curves import CurvePoint, LabelCurve, LearningCurve
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted
from topicml.metrics.paired import MEASURES, DrawnScores, drawn_scores
from topicml.metrics.resampling import Estimate
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import as_articles
from topicml.power_law import extrapolate
from topicml.training.settings import TrainingSettings
from topicml.training.train import train


def learning_curve(
    articles: Iterable[Article],
    *,
    settings: TrainingSettings | None = None,
    shares: Sequence[float] = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0),
    n_folds: int = 5,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
) -> LearningCurve:
    """Train on more and more of the articles, and see what each doubling is worth.

    The articles are dealt to folds as training does it. For each fold, models are trained on parts of the
    others, each holding its share of every label and all of the part before it, and tested on the
    fold: so every article is answered once at every size, and sizes are compared on the same articles.
    Copies of a story are in one fold, and in a part all together or not at all.

    Intervals are of drawing other stories to test on (cluster bootstrap). What parts of one size would
    differ by is in them only as far as the folds differ.

    Parameters
    ----------
    articles : iterable of Article
        All labelled.
    settings : TrainingSettings, optional
        To train each model with; by default those of `topicml.train` without a search. Gains are of their
        `measure`, and all that is drawn goes by their `random_state`.
    shares : sequence of float, default=(1/16, 1/8, 1/4, 1/2, 1)
        Parts of the training articles, rising, above 0 and at most 1; two or more. Those too small to be
        trained on are left out, and a note says so.
    n_folds : int, default=5
        2 or more.
    n_jobs : int, default=-1
        Processes to use. The result does not depend on it.
    progress : callable, optional
        Called with a line on each model as its training begins.

    Returns
    -------
    LearningCurve

    Raises
    ------
    CorpusError
        If there are too few different articles to train on two parts of them.
    TopicmlTypeError
        If one of them is no Article.
    TopicmlValueError
        If `shares` or `n_folds` is impossible.
    """
    _check_arguments(shares, n_folds)
    settings = settings or TrainingSettings(search="none")
    listed = as_articles(articles)
    targets = encode_targets(listed, target_type=settings.target_type, labels=settings.labels)
    settings = replace(settings, target_type=targets.target_type)
    groups = group_near_duplicates([article.full_text for article in listed], n_jobs=n_jobs)
    folds = assign_folds(targets.Y, groups, n_folds=n_folds)
    parts = nested_parts(targets.Y, groups, folds, sorted(shares), random_state=settings.random_state)
    if len(parts) < 2:
        raise CorpusError(
            f"{counted(len(listed), 'article')} are too few to train on two parts of them: name larger "
            "shares, or label more articles"
        )

    def trained(rows: list[int]) -> FittedClassifier:
        if progress is not None:
            progress(f"training on {counted(len(rows), 'article')}")
        return train([listed[row] for row in rows], settings=settings, n_jobs=n_jobs).classifier

    decided = _decisions(listed, targets, folds, parts, trained)
    return _curve(targets, groups, parts, decided, settings, _left_out(shares, parts))


def _check_arguments(shares: Sequence[float], n_folds: int) -> None:
    if len(set(shares)) < 2 or not all(0 < share <= 1 for share in shares):
        raise TopicmlValueError(
            f"shares must be two different numbers or more, above 0 and at most 1, found {list(shares)!r}"
        )
    if n_folds < 2:
        raise TopicmlValueError(f"n_folds must be 2 or more, found {n_folds}")


def _decisions(
    articles: Sequence[Article],
    targets: Targets,
    folds: NDArray[np.int64],
    parts: Mapping[float, Sequence[NDArray[np.int64]]],
    trained: Callable[[list[int]], FittedClassifier],
) -> NDArray[np.bool_]:
    """Answer each article at each size by the model that was not trained on its fold."""
    decided = np.zeros((len(parts), *targets.Y.shape), bool)
    for number, fold in enumerate(np.unique(folds).tolist()):
        held_out = np.flatnonzero(folds == fold)
        unseen = [articles[row] for row in held_out.tolist()]
        for size, of_folds in enumerate(parts.values()):
            predictions = trained(of_folds[number].tolist()).predict(unseen)
            decided[size, held_out] = encode_labels(predictions, targets.classes_)
    return decided


def _left_out(shares: Sequence[float], parts: Mapping[float, object]) -> tuple[str, ...]:
    small = [f"{share:.3g}" for share in sorted(shares) if share not in parts]
    return (f"shares that are too small to train on were left out: {', '.join(small)}",) if small else ()


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
    doublings = float(np.log2(sizes[-1] / sizes[-2]))
    measured = np.array([scores.measures[settings.measure] for scores in drawn])
    labels = _label_curves(targets, groups, parts, decided[-2] != decided[-1], drawn, doublings)
    points = tuple(
        CurvePoint(share, float(size), {name: Estimate.share_of(scores.measures[name]) for name in MEASURES})
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

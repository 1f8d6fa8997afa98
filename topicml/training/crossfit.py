"""Fitting on all articles, and out of fold on all but some, by one and the same path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from topicml.corpus.targets import Targets
from topicml.model.sparse import Coefficients, SparseRows
from topicml.model.vectorizer import Counts, Vectorizer
from topicml.parallel import end_with, in_joblib
from topicml.training.label_growth import fit_labels_with_archive, with_words
from topicml.training.linear_model import LinearWeights, fit_linear
from topicml.training.seed_words import SeedWords, word_functions
from topicml.training.selection import best_terms, strongest_terms
from topicml.training.semi_supervised import STEPS, ArchiveUse, Seeded, fit_with_archive, with_starts
from topicml.training.settings import TrainingSettings

_LITTLE_WORK = 30_000_000  # values visited, below which starting processes takes longer than the work
_MUCH_DATA = 100_000_000  # values, above which copies for several processes would not fit in memory
_MOST_UNLABELLED = 20_000  # where articles are held out: more would move scores by little, and take hours
NO_ROWS = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False, slots=True)
class TrainingData:
    """Articles as training takes them.

    Folds are numbered from 0 on, with copies of one article in one fold; -1 is never held out. Groups are
    copies of one article; titled is whether there are titles, whose weight could be chosen. The archive is
    of unlabelled articles, which only take part where it is said how (`CountedData.use`). Starts, shape
    (n_unlabelled, n_classes), are the classes that seed words give some of them: those count as labelled.
    Seeds are the words.
    """

    texts: Sequence[str]
    targets: Targets
    folds: NDArray[np.int64]
    groups: NDArray[np.int64]
    titled: bool = False
    archive: Sequence[str] = ()
    starts: NDArray[np.bool_] | None = None
    seeds: SeedWords | None = None

    @property
    def every_text(self) -> Sequence[str]:
        """The texts of labelled articles, and of unlabelled ones after them."""
        return [*self.texts, *self.archive] if self.archive else self.texts

    @property
    def every_fold(self) -> NDArray[np.int64]:
        """The fold of each labelled article, and folds for the unlabelled ones, of equal size."""
        return np.concatenate((self.folds, np.arange(len(self.archive)) % (self.folds.max() + 1)))

    def held_out(self) -> list[NDArray[np.int64]]:
        """Return the rows of each fold."""
        return [np.flatnonzero(self.folds == fold) for fold in range(self.folds.max() + 1)]

    def take(self, rows: NDArray[np.int64]) -> TrainingData:
        """Return some of the labelled articles, without the archive."""
        texts = [self.texts[row] for row in rows.tolist()]
        return TrainingData(texts, self.targets.take(rows), self.folds[rows], self.groups[rows], self.titled)

    def seeded(self, terms: Vectorizer) -> Seeded | None:
        """Return what the seed words say, if there are any, with their terms."""
        if self.seeds is None or self.starts is None:
            return None
        return Seeded(self.starts, word_functions(self.seeds, self.targets.classes_, terms))

    def counted(
        self, candidates: Vectorizer, *, use: ArchiveUse | None = None, n_jobs: int = -1
    ) -> CountedData:
        """Count the terms that may be selected, in the archive, too, if there is one."""
        return CountedData(self, candidates, candidates.count(self.every_text, n_jobs=n_jobs), use)


@dataclass(frozen=True, eq=False, slots=True)
class CountedData:
    """The same with the terms that may be selected, and their counts in all articles, labelled ones first.

    `use` is how the unlabelled articles take part, if there are any.
    """

    data: TrainingData
    candidates: Vectorizer
    counts: Counts
    use: ArchiveUse | None = None


@dataclass(frozen=True, eq=False, slots=True)
class CrossFit:
    """A fit on all articles, and the scores that fits on parts of them give the rest.

    Parameters
    ----------
    kept : ndarray of int64, shape (n_terms,)
        Columns of the candidate vocabulary that the full fit selected.
    weights : LinearWeights
        Of the full fit.
    scores : ndarray of float64, shape (n_articles, n_classes)
        Of each article by the fit that did not see it; 0 where every fit saw it.
    answerable : ndarray of bool, shape (n_articles,)
        Whether that fit knew any term of the article.
    """

    kept: NDArray[np.int64]
    weights: LinearWeights
    scores: NDArray[np.float64]
    answerable: NDArray[np.bool_]


def cross_fit(counted: CountedData, settings: TrainingSettings, *, n_jobs: int = -1) -> CrossFit:
    """Select terms and fit weights on all articles, and again without each fold.

    Vocabulary and document frequencies come from all articles, which gives nothing away about labels; the
    selection of terms looks at labels and is repeated for each fold.
    """
    held_out, Y = counted.data.held_out(), counted.data.targets.Y
    [fits] = fit_parts(counted, [NO_ROWS, *held_out], [settings], n_jobs=n_jobs)
    scores, answerable = np.zeros(Y.shape), np.zeros(len(Y), bool)
    for rows, fit in zip(held_out, fits[1:], strict=True):
        scores[rows], answerable[rows] = fit.scores, fit.answerable
    return CrossFit(fits[0].kept, fits[0].weights, scores, answerable)


def fit_parts(
    counted: CountedData,
    held_out: Sequence[NDArray[np.int64]],
    settings: Sequence[TrainingSettings],
    *,
    n_jobs: int = -1,
) -> list[list[CrossFit]]:
    """Fit without the rows of each of some parts, and score these, which take part in no choice.

    For each of the settings, which are alike in their features, there is one fit for each part; without rows
    to hold out, it is on all articles. In processes and not in threads, though the solver lets go of Python's
    lock: it draws from one random generator for all of them.
    """
    X = counted.candidates.weigh(counted.counts)
    n_values, n_classes = len(counted.counts.values), counted.data.targets.Y.shape[1]
    worth_it = n_values * n_classes * len(settings) > _LITTLE_WORK and n_values < _MUCH_DATA
    terms, targets = (counted.candidates, counted.counts), counted.data.targets
    seeded = counted.data.seeded(counted.candidates)
    tasks = (
        delayed(_fit_in_worker)(os.getpid(), X, terms, targets, rows, one, counted.use, seeded)
        for one in settings
        for rows in held_out
    )
    fits = list(in_joblib(tasks, n_jobs=n_jobs if worth_it else 1))
    return [fits[first : first + len(held_out)] for first in range(0, len(fits), len(held_out))]


def _fit_in_worker(parent: int, *task: Any) -> CrossFit:  # noqa: ANN401  (what `_fit_part` takes)
    end_with(parent)
    return _fit_part(*task)


def _fit_part(
    X: SparseRows,
    terms: tuple[Vectorizer, Counts],
    targets: Targets,
    held_out: NDArray[np.int64],
    settings: TrainingSettings,
    use: ArchiveUse | None,
    seeded: Seeded | None,
) -> CrossFit:
    vectorizer, counts = terms  # without the texts, which processes have no need of
    rows = np.setdiff1d(np.arange(len(targets.Y)), held_out)
    Y = targets.Y[rows]

    def restricted(kept: NDArray[np.int64]) -> SparseRows:
        return vectorizer.restricted(kept).weigh(counts.restricted(kept, len(vectorizer)))

    def fitted(X: SparseRows, kept: NDArray[np.int64]) -> LinearWeights:
        if use is not None:
            archive = _archive_rows(len(targets.Y), len(X), held_out)
            every = X.take(np.concatenate((rows, archive)))
            own = seeded and Seeded(seeded.starts[archive - len(targets.Y)], seeded.words[kept])
            [weights] = fit_uses(every, targets.take(rows), [use], own, settings)
            return weights
        return fit_linear(
            X.take(rows),
            Y,
            settings.solver,
            labels=targets.classes_,
            multilabel=targets.multilabel,
            random_state=settings.random_state,
        )

    kept = best_terms(X.take(rows), Y, settings.max_terms) if use is None else np.arange(len(vectorizer))
    if len(kept) < len(vectorizer):
        X = restricted(kept)
    weights = fitted(X, kept)
    if settings.pruned_to is not None and settings.pruned_to < len(kept):
        kept = kept[np.sort(strongest_terms(weights.coef)[: settings.pruned_to])]
        X = restricted(kept)
        weights = fitted(X, kept)
    unseen = X.take(held_out)
    stored = Coefficients.stored_as(settings.coef_dtype, weights.coef)  # scored as a saved model would
    scores = stored.scores(unseen) + weights.intercept
    return CrossFit(kept, weights, scores, unseen.indptr[1:] > unseen.indptr[:-1])


def fit_uses(
    X: SparseRows,
    targets: Targets,
    uses: Sequence[ArchiveUse],
    seeded: Seeded | None,
    settings: TrainingSettings,
    *,
    steps: Sequence[float] = STEPS,
) -> list[LinearWeights]:
    """Fit a model to labelled articles, the first rows, and to an archive, for each way to use it."""
    n_known = len(targets.Y)
    X, Y = with_starts(X, targets.Y, None if seeded is None else seeded.starts)
    known: dict[str, Any] = {"labels": targets.classes_, "random_state": settings.random_state}
    if not targets.multilabel:
        return fit_with_archive(X, Y, uses, settings.solver, n_known=n_known, steps=steps, **known)
    shares = (None if use.given is None else np.array(use.given) for use in uses)
    fits = [
        fit_labels_with_archive(X, Y, settings.solver, shares=own, n_known=n_known, **known) for own in shares
    ]
    return fits if seeded is None else [with_words(weights, seeded.words, X) for weights in fits]


def _archive_rows(n_labelled: int, n_rows: int, held_out: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of the unlabelled articles; where others are held out, of so many, evenly taken."""
    n_taken = min(n_rows - n_labelled, _MOST_UNLABELLED) if len(held_out) else n_rows - n_labelled
    return np.linspace(n_labelled, n_rows - 1, n_taken).round().astype(np.int64)

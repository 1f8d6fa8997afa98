"""Finding settings that suit a corpus, by trying them on articles held out.

Successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943): many settings are tried on few
articles, the better ones on more, the last few on all folds. Only articles given to training are
looked at, and each trial learns its vocabulary, terms and weights without those that it is scored on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.targets import Targets
from topicml.exceptions import CorpusError
from topicml.metrics.names import Measure
from topicml.metrics.scores import quick_score
from topicml.model.decision import assign_labels
from topicml.model.feature_settings import FeatureSettings
from topicml.training.calibration import fit_sigmoids
from topicml.training.crossfit import CrossFit, TrainingData, fit_parts
from topicml.training.decision_rule import choose_thresholds
from topicml.training.settings import TrainingSettings
from topicml.training.vocabulary import fit_vectorizer

_FEW_ARTICLES = 200
_COARSE_TOL = 0.1
_TERMS = (10_000, 30_000, 100_000)
_PRUNED = (10, 50)
"""Times fewer terms that the finest stage tries to keep, by the coefficients of a first fit. With many rare
labels few are better: on Reuters-21578 (90 labels), 2,000 of 100,000 give a micro F1 of 0.899 out of fold,
all of them 0.878. Elsewhere they are worse, so the light search does not try."""
_LIGHT_WORK = 150e6
"""Characters times labels, up to which the light search takes seconds. Above it nothing is searched: what a
part of the articles would choose is too few for all (10,000 for 20 Newsgroups, which costs two points)."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings that were tried, and what came of them.

    Parameters
    ----------
    settings : TrainingSettings
    stage : int
        From 1 on.
    n_articles : int
        Articles taken part, those to fit on and those held out together.
    n_held_out : int
        Those held out, in one fold or several.
    value : float
        Of the measure, on the articles held out.
    """

    settings: TrainingSettings
    stage: int
    n_articles: int
    n_held_out: int
    value: float


@dataclass(frozen=True, slots=True)
class _Stage:
    """A round of the search: how much data, who is added to the contenders first, how many stay.

    Parameters
    ----------
    work : float
        Characters times labels that one fit may look at; more articles than that take no part.
    added : callable
        The contenders so far, best first, to those that join them.
    n_held_out : int
        Articles to score on: folds are held out until there are so many, or no fold is left.
    """

    work: float
    added: Callable[[Sequence[TrainingSettings]], Iterable[TrainingSettings]]
    n_kept: int
    n_held_out: float = 1000


def search_settings(
    data: TrainingData,
    settings: TrainingSettings,
    *,
    n_jobs: int = -1,
    progress: Callable[[str], None] | None = None,
) -> tuple[TrainingSettings, tuple[Trial, ...]]:
    """Look for better settings than the given ones, which say where to begin, how far to go, by what measure.

    Below 200 articles nothing is searched: differences there are chance. Of equally good settings those that
    were named first are returned, which are the simpler ones; `progress` is called with a line before each
    stage.
    """
    stages = _stages(settings, data)
    if len(data.texts) < _FEW_ARTICLES or not stages:
        return settings, ()
    contenders: list[TrainingSettings] = []
    trials: list[Trial] = []
    for number, stage in enumerate(stages, start=1):
        contenders = list(dict.fromkeys([*contenders, *stage.added(contenders)]))
        if progress:
            progress(f"tuning, stage {number} of {len(stages)}: {len(contenders)} settings")
        tried = _try_all(data, contenders, stage, number, n_jobs)
        trials += tried
        contenders = _best(tried, stage.n_kept)
    return contenders[0], tuple(trials)


def _work(data: TrainingData) -> float:
    """Return characters times labels: what a fit on all articles takes, as a rough measure."""
    return float(sum(map(len, data.texts)) * int(data.targets.Y.shape[1]))


def _best(tried: Sequence[Trial], n_kept: int) -> list[TrainingSettings]:
    """Return the best of a stage; if one is wanted, the simplest that is as good for all one can tell.

    That is within half a standard error: trials are named from simple to rich and made on the same
    articles, so that they differ by less than two scores of different articles would.
    """
    ranked = sorted(tried, key=lambda trial: -trial.value)
    if n_kept > 1:
        return [trial.settings for trial in ranked[:n_kept]]
    top = ranked[0]
    good_enough = top.value - np.sqrt(max(top.value * (1 - top.value), 0) / top.n_held_out) / 2
    return [next(trial.settings for trial in tried if trial.value >= good_enough)]


def _stages(settings: TrainingSettings, data: TrainingData) -> tuple[_Stage, ...]:
    """Lay the search out, coarse to fine."""
    free = _Free(settings, data.titled)
    if settings.search == "light" and _work(data) <= _LIGHT_WORK:
        return (_Stage(np.inf, lambda _: free.light(), 1),)
    if settings.search == "full":
        return (
            _Stage(50e6, lambda _: free.coarse(), 4),
            _Stage(100e6, free.varied, 3),
            _Stage(300e6, free.finer, 2),
            _Stage(np.inf, lambda _: (), 1, n_held_out=np.inf),
        )
    return ()


@dataclass(frozen=True, slots=True)
class _Free:
    """The neighbours of settings, along the axes that their caller left at the default."""

    start: TrainingSettings
    titled: bool

    def light(self) -> list[TrainingSettings]:
        """Fewer and more terms, with and without parts of words."""
        words = self.start.features
        kinds = [words] if _are_given(words) else [words, _with_stems(words)]
        return self._kinds_by_terms(kinds)

    def coarse(self) -> list[TrainingSettings]:
        """All kinds of features, from simple to rich, by numbers of terms."""
        words = self.start.features
        if _are_given(words):
            return self._kinds_by_terms([words])
        single = replace(words, min_token_length=1)
        stems = _with_stems(words)
        triples = replace(single, ngram_range=(1, 3))
        return self._kinds_by_terms([words, single, triples, replace(stems, ngram_range=None), stems])

    def _kinds_by_terms(self, kinds: Sequence[FeatureSettings]) -> list[TrainingSettings]:
        terms = _TERMS if self.start.max_terms == TrainingSettings().max_terms else (self.start.max_terms,)
        return [replace(self.start, features=kind, max_terms=n) for kind in kinds for n in terms]

    def varied(self, best: Sequence[TrainingSettings]) -> list[TrainingSettings]:
        """Other strengths of the penalty and weights of titles, for each of the best."""
        return [
            other
            for one in best
            for other in (*self._with_penalty(one, (0.3, 3.0)), *self._with_title(one, (3,)))
        ]

    def finer(self, best: Sequence[TrainingSettings]) -> list[TrainingSettings]:
        """Go a step to each side of the best one."""
        one = best[0]
        others = [*self._with_penalty(one, (0.6, 1.7)), *self._with_title(one, (2,))]
        if self.start.max_terms == TrainingSettings().max_terms:
            others += [replace(one, max_terms=n) for n in (one.max_terms // 2, one.max_terms * 2)]
        if self.start.pruned_to is None:
            others += [replace(one, pruned_to=max(one.max_terms // part, 1)) for part in _PRUNED]
        if self.start.solver.class_weight is None:
            others.append(replace(one, solver=replace(one.solver, class_weight="balanced")))
        return others

    def _with_penalty(self, one: TrainingSettings, factors: Sequence[float]) -> list[TrainingSettings]:
        if self.start.solver.C != TrainingSettings().solver.C:
            return []
        return [replace(one, solver=replace(one.solver, C=round(one.solver.C * f, 4))) for f in factors]

    def _with_title(self, one: TrainingSettings, weights: Sequence[int]) -> list[TrainingSettings]:
        if not self.titled or _are_given(self.start.features):
            return []
        return [replace(one, features=replace(one.features, title_weight=weight)) for weight in weights]


def _are_given(features: FeatureSettings) -> bool:
    """Tell whether a caller chose features; whether dots are folded is found in the articles."""
    return replace(features, fold_dotted_i=False) != FeatureSettings()


def _with_stems(words: FeatureSettings) -> FeatureSettings:
    """Add the parts of words, which inflected forms share."""
    return replace(words, char_ngram_range=(3, 5), min_token_length=1)


def _try_all(
    data: TrainingData, contenders: Sequence[TrainingSettings], stage: _Stage, number: int, n_jobs: int
) -> list[Trial]:
    part = data.take(_sample(data, stage.work))
    splits = _splits(part.folds, stage.n_held_out)
    values: dict[TrainingSettings, float] = {}
    for features in dict.fromkeys(one.features for one in contenders):
        alike = [one for one in contenders if one.features == features]
        values.update(zip(alike, _values(part, splits, alike, n_jobs), strict=True))
    n_held_out = int(np.isin(part.folds, splits).sum())
    return [Trial(one, number, len(part.texts), n_held_out, values[one]) for one in contenders]


def _splits(folds: NDArray[np.int64], n_held_out: float) -> range:
    """Return the folds to hold out, so that scores rest on enough articles."""
    sizes = np.bincount(folds[folds >= 0]).cumsum()
    return range(min(int(sizes.searchsorted(n_held_out)) + 1, len(sizes)))


def _sample(data: TrainingData, work: float) -> NDArray[np.int64]:
    """Take so many articles that a fit stays within its work, evenly from the whole of the rows.

    Those of a label follow each other in the folds: every so-manieth row keeps shares as they are.
    """
    share = min(work / max(_work(data), 1.0), 1.0)
    n_rows = max(int(len(data.texts) * share), min(_FEW_ARTICLES, len(data.texts)))
    return np.linspace(0, len(data.texts) - 1, n_rows).round().astype(np.int64)


def _values(part: TrainingData, splits: range, alike: Sequence[TrainingSettings], n_jobs: int) -> list[float]:
    """Score settings that share their features, so that terms are counted once for all."""
    one = alike[0]
    try:
        vectorizer = fit_vectorizer(part.texts, one.features, min_df=one.min_df, max_df=one.max_df)
    except CorpusError:  # no term passes the limits: nothing to choose
        return [-1.0] * len(alike)
    held_out = [np.flatnonzero(part.folds == fold) for fold in splits]
    counted = part.counted(vectorizer, n_jobs=n_jobs)
    fits = fit_parts(counted, held_out, list(map(_coarse, alike)), n_jobs=n_jobs)
    truth = part.targets.take(np.concatenate(held_out))
    return [
        quick_score(truth.Y, held_out_decisions(truth, of_one, one.measure), one.measure) for of_one in fits
    ]


def _coarse(settings: TrainingSettings) -> TrainingSettings:
    return replace(settings, solver=replace(settings.solver, tol=max(_COARSE_TOL, settings.solver.tol)))


def held_out_decisions(truth: Targets, fits: Sequence[CrossFit], measure: Measure) -> NDArray[np.bool_]:
    """Decide by thresholds that suit these very scores: equally kind to all settings.

    The truth is that of the articles held out, part after part, and there is a fit for each part.
    """
    answerable = np.concatenate([fit.answerable for fit in fits])
    scores = np.concatenate([fit.scores for fit in fits])
    thresholds = np.zeros(truth.Y.shape[1])  # which one label an article does not ask for
    if truth.multilabel:
        scores = fit_sigmoids(scores, truth.Y).apply(scores)  # thresholds are sought in probabilities
        thresholds = choose_thresholds(scores, truth.Y, measure=measure)
    decided = assign_labels(scores, thresholds, multilabel=truth.multilabel)
    decided &= answerable[:, None]
    return decided

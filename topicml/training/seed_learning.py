"""Learning from an archive that seed words begin to label: one section an article, or any number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.model.inputs import as_texts
from topicml.model.sparse import Coefficients, SparseRows
from topicml.model.vectorizer import Vectorizer
from topicml.training.linear_model import LinearWeights, fit_linear
from topicml.training.seed_words import (
    FoundWords,
    SeedWords,
    clearest,
    count_votes,
    find_words,
    shares_by_votes,
    weigh_words,
    word_functions,
)
from topicml.training.semi_supervised import STEPS, em, grown
from topicml.training.settings import TrainingSettings
from topicml.training.term_strings import with_strings
from topicml.training.vocabulary import fit_vectorizer, without_stop_words

_TOL = 0.1  # of fits to labels that are guesses themselves
_N_FOLDS = 5
_LEAST = 1e-12
_LEAST_AGREEMENT, _MOST_AGREEMENT = 0.5, 0.99

SharesOf: TypeAlias = Literal["votes", "even", "words", "given"]
"""Where the share of each section in the archive comes from."""


@dataclass(frozen=True, eq=False, slots=True)
class Archive:
    """An archive's terms and seed words.

    Parameters
    ----------
    texts : sequence of str
        As they go to the tokeniser.
    vectorizer : Vectorizer
    X : SparseRows, shape (n_articles, n_terms)
    found : FoundWords
    word_weights : ndarray of float64, shape (n_articles, n_sections)
        How much each section's words weigh in each article.
    notes : tuple of str
    """

    texts: Sequence[str]
    vectorizer: Vectorizer
    X: SparseRows
    found: FoundWords
    word_weights: NDArray[np.float64]
    notes: tuple[str, ...]


def count_archive(
    articles: Sequence[Article], seeds: SeedWords, settings: TrainingSettings, *, n_jobs: int = -1
) -> Archive:
    """Count the most frequent terms, and the seed words."""
    texts = settings.features.as_read(as_texts(articles))
    shared = settings.target_type == "multilabel"
    found = find_words(texts, seeds, settings.features, shared=shared, n_jobs=n_jobs)
    terms = fit_vectorizer(texts, settings.features, min_df=settings.min_df, max_df=settings.max_df)
    terms, stop_notes = without_stop_words(terms, texts, settings.stop_words)
    frequent = np.sort(np.argsort(terms.idf, kind="stable")[: settings.max_terms])
    vectorizer, _, collision_notes = with_strings(terms.restricted(frequent), texts)
    counts = vectorizer.count(texts, n_jobs=n_jobs)
    weights = weigh_words(found)
    notes = (*found.notes(), *stop_notes, *collision_notes)
    return Archive(texts, vectorizer, vectorizer.weigh(counts), found, weights, notes)


@dataclass(frozen=True, eq=False, slots=True)
class Start:
    """Where learning starts.

    Parameters
    ----------
    singled_out : ndarray of bool, shape (n_articles, n_sections)
        The sections whose words single each article out.
    taken : ndarray of bool, shape (n_articles,)
        The articles from which the model learns first.
    shares : ndarray of float64, shape (n_sections,)
    shares_of : {"votes", "even", "words", "given"}
    """

    singled_out: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    shares: NDArray[np.float64]
    shares_of: SharesOf


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """A model of the sections, as it is stored, and its scores of the archive.

    Parameters
    ----------
    start : Start
    coefficients : Coefficients
    intercept : ndarray of float64, shape (n_sections,)
    scores : ndarray of float64, shape (n_articles, n_sections)
    given : ndarray of bool, shape (n_articles, n_sections)
        The sections that the model gives each article.
    agreement : float
        The share of articles with a section's words that learning puts there, starts left out. Between 0.5
        and 0.99, so that probabilities can be scaled by it.
    """

    start: Start
    coefficients: Coefficients
    intercept: NDArray[np.float64]
    scores: NDArray[np.float64]
    given: NDArray[np.bool_]
    agreement: float


def _agreement(start: Start, given: NDArray[np.bool_]) -> float:
    asked = start.singled_out & ~start.taken[:, None]
    agreed = float(given[asked].mean()) if asked.any() else _LEAST_AGREEMENT
    return min(max(agreed, _LEAST_AGREEMENT), _MOST_AGREEMENT)


def learn_one(archive: Archive, given: NDArray[np.float64] | None, settings: TrainingSettings) -> Learned:
    """Learn one section an article: naive Bayes by EM starts, a support vector machine grows from it.

    Shares of the sections in the archive are those that are given; by default see `shares_by_votes`.
    """
    votes = count_votes(archive.found, archive.word_weights)
    sections = np.arange(len(votes.n_singled_out))
    first = votes.start()
    shares, shares_of = _shares(given, shares_by_votes(archive.found, votes), len(sections))
    order = np.concatenate((first, np.setdiff1d(np.arange(len(archive.X)), first)))
    X, Y = archive.X.take(order), (votes.section[first, None] == sections).astype(np.float64)
    starter = em(X, Y, shares)
    found = grown(X, Y, starter, shares, settings.solver, random_state=settings.random_state)
    singled_out = votes.section[:, None] == sections
    start = Start(singled_out, np.isin(np.arange(len(archive.X)), first), shares, shares_of)
    weights = found.plus(starter).weights
    coefficients = Coefficients.stored_as(settings.coef_dtype, weights.coef)
    scores = coefficients.scores(archive.X) + weights.intercept
    put = scores.argmax(axis=1)[:, None] == sections
    return Learned(start, coefficients, weights.intercept, scores, put, _agreement(start, put))


def _shares(
    given: NDArray[np.float64] | None, voted: NDArray[np.float64] | None, n_sections: int
) -> tuple[NDArray[np.float64], SharesOf]:
    if given is not None:
        return given, "given"
    return (np.full(n_sections, 1 / n_sections), "even") if voted is None else (voted, "votes")


def learn_each(archive: Archive, given: NDArray[np.float64] | None, settings: TrainingSettings) -> Learned:
    """Learn each section by itself: an article may have several, or none.

    By default a section's share is that of the articles that have its words.
    """
    singled_out = archive.word_weights > 0
    shares = singled_out.mean(axis=0) if given is None else given
    alone = [_Alone.of(archive, section, float(shares[section]), settings) for section in range(len(shares))]
    first = np.concatenate([clearest(own, own > 0) for own in archive.word_weights.T])
    taken = np.isin(np.arange(len(archive.X)), first)
    start = Start(singled_out, taken, shares, "words" if given is None else "given")
    coef = np.column_stack([one.coef for one in alone])
    scores = np.column_stack([one.scores for one in alone])
    return Learned(
        start,
        Coefficients.stored_as(settings.coef_dtype, coef),
        np.array([one.intercept for one in alone]),
        scores,
        scores > 0,
        _agreement(start, np.column_stack([one.by_machine for one in alone])),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Alone:
    """One section's model.

    A support vector machine and the seed words count the same in it: with a few hundred articles the words
    know more, with thousands the machine. The section's share of the articles scores above 0. Articles are
    scored by machines that did not see them, because those that did are too sure to find where that is.

    Parameters
    ----------
    coef : ndarray of float32, shape (n_terms,)
    intercept : float
    scores : ndarray of float64, shape (n_articles,)
    by_machine : ndarray of bool, shape (n_articles,)
        The articles that the machine alone would put there.
    """

    coef: NDArray[np.float32]
    intercept: float
    scores: NDArray[np.float64]
    by_machine: NDArray[np.bool_]

    @classmethod
    def of(cls, archive: Archive, section: int, share: float, settings: TrainingSettings) -> _Alone:
        """Learn one section, up to its share."""
        examples = _grown_alone(archive.X, archive.word_weights[:, section], share, settings)
        machine, unseen = examples.fitted(), examples.unseen_scores()
        seeds = archive.found.seeds
        words = word_functions(seeds, [seeds.labels[section]], archive.vectorizer)
        said = archive.X.dot(words)[:, 0]
        factor = unseen.std() / max(said.std(), _LEAST)
        scores = unseen + factor * said
        least = _least_of(scores, share)
        coef = (machine.coef + factor * words).astype(np.float32)[:, 0]
        by_machine = unseen > _least_of(unseen, share)
        return cls(coef, float(machine.intercept[0]) - least, scores - least, by_machine)


def _least_of(scores: NDArray[np.float64], share: float) -> float:
    """Return the score that a share of the articles exceeds."""
    n_above = min(max(1, round(share * len(scores))), len(scores) - 1)
    return float(np.sort(scores)[::-1][n_above])


@dataclass(frozen=True, eq=False, slots=True)
class _Examples:
    """Articles that are taken for those of a section, and for those of others."""

    X: SparseRows
    positive: NDArray[np.int64]
    negative: NDArray[np.int64]
    settings: TrainingSettings

    def fitted(self, *, without: int | None = None) -> LinearWeights:
        """Fit a model to them, to those outside a fold if one is named."""
        rows = np.concatenate((self.positive, self.negative))
        Y = (np.arange(len(rows)) < len(self.positive))[:, None]
        kept = rows % _N_FOLDS != without
        solver = replace(self.settings.solver, tol=max(self.settings.solver.tol, _TOL))
        seed = self.settings.random_state
        return fit_linear(self.X.take(rows[kept]), Y[kept], solver, multilabel=True, random_state=seed)

    def unseen_scores(self) -> NDArray[np.float64]:
        """Score every article by a model of the other folds."""
        scores = np.empty(len(self.X))
        for fold in range(_N_FOLDS):
            rows = np.arange(fold, len(self.X), _N_FOLDS)
            scores[rows] = self.fitted(without=fold).scores(self.X.take(rows))[:, 0]
        return scores


def _grown_alone(
    X: SparseRows, word_weights: NDArray[np.float64], share: float, settings: TrainingSettings
) -> _Examples:
    """Let one section grow: from articles with its words against those without, up to its share."""
    first, others = clearest(word_weights, word_weights > 0), np.flatnonzero(word_weights <= 0)
    examples = _Examples(X, first, others, settings)
    n_positive = max(1, round(share * len(X)))
    for step in STEPS:
        ranked = np.argsort(-examples.fitted().scores(X)[:, 0], kind="stable")
        n_taken = max(1, int(step * n_positive))
        examples = replace(examples, positive=ranked[:n_taken], negative=ranked[n_positive:])
    return examples

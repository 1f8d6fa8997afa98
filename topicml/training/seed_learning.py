"""Learning from an archive that seed words begin to label: one section an article, or any number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.model.decision import assign_labels
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
)
from topicml.training.semi_supervised import STEPS, em, grown
from topicml.training.settings import TrainingSettings
from topicml.training.term_strings import with_strings
from topicml.training.vocabulary import fit_vectorizer, without_stop_words

_TOL = 0.1  # of fits to labels that are guesses themselves
_LEAST_AGREEMENT, _MOST_AGREEMENT = 0.5, 0.99

SharesOf: TypeAlias = Literal["votes", "even", "given"]
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
    shares_of : {"votes", "even", "given"}
    """

    singled_out: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    shares: NDArray[np.float64]
    shares_of: SharesOf


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """A model of the sections, as it is stored, and its scores of the archive.

    `scores`, and `given` (the sections that the model gives each article), are of shape (n_articles,
    n_sections).
    """

    start: Start
    coefficients: Coefficients
    intercept: NDArray[np.float64]
    scores: NDArray[np.float64]
    given: NDArray[np.bool_]

    @classmethod
    def of(cls, weights: LinearWeights, X: SparseRows, start: Start, settings: TrainingSettings) -> Learned:
        """Score the archive by weights as a saved model has them."""
        coefficients = Coefficients.stored_as(settings.coef_dtype, weights.coef)
        scores = coefficients.scores(X) + weights.intercept
        multilabel = settings.target_type == "multilabel"
        given = assign_labels(scores, np.zeros(scores.shape[1]), multilabel=multilabel)
        return cls(start, coefficients, weights.intercept, scores, given)

    @property
    def agreement(self) -> float:
        """The share of articles with a section's words that the model puts there, starts left out.

        Between 0.5 and 0.99, so that probabilities can be scaled by it.
        """
        asked = self.start.singled_out & ~self.start.taken[:, None]
        agreed = float(self.given[asked].mean()) if asked.any() else _LEAST_AGREEMENT
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
    return Learned.of(found.plus(starter).weights, archive.X, start, settings)


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
    columns = archive.word_weights.T
    fits = [
        _grown_alone(archive.X, own, share, settings)
        for own, share in zip(columns, shares.tolist(), strict=True)
    ]
    weights = LinearWeights(
        np.column_stack([fit.coef[:, 0] for fit in fits]), np.array([fit.intercept[0] for fit in fits])
    )
    taken = np.isin(np.arange(len(archive.X)), np.concatenate([clearest(own, own > 0) for own in columns]))
    start = Start(singled_out, taken, shares, "votes" if given is None else "given")
    return Learned.of(weights, archive.X, start, settings)


def _grown_alone(
    X: SparseRows, word_weights: NDArray[np.float64], share: float, settings: TrainingSettings
) -> LinearWeights:
    """Grow one section's model: from articles with its words against those without, up to its share."""
    positive, negative = clearest(word_weights, word_weights > 0), np.flatnonzero(word_weights <= 0)
    solver = replace(settings.solver, tol=max(settings.solver.tol, _TOL))
    n_positive = max(1, round(share * len(X)))

    def fitted() -> LinearWeights:
        rows = np.concatenate((positive, negative))
        Y = (np.arange(len(rows)) < len(positive))[:, None]
        return fit_linear(X.take(rows), Y, solver, multilabel=True, random_state=settings.random_state)

    for step in STEPS:
        ranked = np.argsort(-fitted().scores(X)[:, 0], kind="stable")
        positive, negative = ranked[: max(1, int(step * n_positive))], ranked[n_positive:]
    return fitted()

"""The terms that training may choose from, and how the chosen ones are written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.targets import Targets
from topicml.model.vectorizer import TermStrings, Vectorizer
from topicml.selection import best_terms
from topicml.settings import MANY_ARTICLES, TrainingSettings
from topicml.stop_words import without_stop_words
from topicml.term_strings import term_strings
from topicml.vocabulary import fit_vectorizer


def candidate_terms(
    texts: Sequence[str],
    targets: Targets,
    folds: NDArray[np.int64],
    settings: TrainingSettings,
) -> tuple[Vectorizer, tuple[str, ...]]:
    """Learn the vocabulary that selection chooses from; return it with notes about stop words.

    Of very many articles, a sample chooses for all, so that the counts of millions of terms need not
    be held: where some are never held out, a sample of those, so that no held-out label takes part.

    Parameters
    ----------
    texts : sequence of str
    targets : Targets
    folds : ndarray of int64, shape (n_articles,)
        -1 for articles that are never held out.
    settings : TrainingSettings
    """
    candidates = fit_vectorizer(texts, settings.features, min_df=settings.min_df, max_df=settings.max_df)
    candidates, notes = without_stop_words(candidates, texts, settings.stop_words)
    if len(texts) <= MANY_ARTICLES or len(candidates) <= settings.max_terms:
        return candidates, notes
    rng = np.random.default_rng(settings.random_state)
    trained_on = np.flatnonzero(folds < 0) if (folds < 0).any() else np.arange(len(texts))
    sample = np.sort(rng.choice(trained_on, min(MANY_ARTICLES // 2, len(trained_on)), replace=False))
    rows, _ = candidates.transform([texts[row] for row in sample])
    return candidates.restricted(best_terms(rows, targets.Y[sample], settings.max_terms)), notes


def with_strings(
    vectorizer: Vectorizer, texts: Sequence[str]
) -> tuple[Vectorizer, NDArray[np.int64], tuple[str, ...]]:
    """Write the terms down, and leave out those that share a hash.

    Parameters
    ----------
    vectorizer : Vectorizer
    texts : sequence of str
        Those that it was fitted on.

    Returns
    -------
    vectorizer : Vectorizer
    rows : ndarray of int64, shape (n_terms,)
        The terms that stay, by their columns before.
    notes : tuple of str
        Of those that do not.
    """
    strings, collided = term_strings(texts, vectorizer)
    rows = np.setdiff1d(np.arange(len(vectorizer)), collided)
    terms = TermStrings.pack([strings[row] for row in rows])
    kept = vectorizer.restricted(rows)
    notes = tuple(
        f"the term {strings[row]!r} shares its hash with another and was left out" for row in collided
    )
    return Vectorizer(kept.settings, kept.hashes, kept.idf, terms), rows, notes

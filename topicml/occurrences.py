"""Where the known terms occur in a chunk of tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topicml.feature_settings import FeatureSettings
from topicml.pieces import PIECE_BIT, spread, word_pieces
from topicml.term_index import TermIndex
from topicml.text import Tokens, crossing_ngrams, ngram_hashes


def find_occurrences(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the known terms of a chunk.

    Parameters
    ----------
    tokens : Tokens
    hashes : ndarray of uint64, shape (n_tokens,)
        ``tokens.hashes()``.
    index : TermIndex
    settings : FeatureSettings

    Returns
    -------
    token, column : ndarray of int64, shape (n_occurrences,)
        The token that each begins with or lies in, and the term that it is.
    known : ndarray of float64, shape (n_documents,)
        Share of each document's terms that are known; 0 for one without terms. Where there are terms
        made of words it is the share of those: nearly every text of an alphabet has known pieces.
    """
    if not settings.char_orders:
        return _words(tokens, hashes, index, settings)
    piece_token, piece_column, known = _pieces(tokens, hashes, index, settings)
    if not settings.orders:
        return piece_token, piece_column, known
    token, column, known = _words(tokens, hashes, index, settings)
    return np.concatenate((token, piece_token)), np.concatenate((column, piece_column)), known


def word_terms(hashes: NDArray[np.uint64], order: int, settings: FeatureSettings) -> NDArray[np.uint64]:
    """Return the hash of each n-gram of words, told from those of pieces where there are pieces, too."""
    ngrams = ngram_hashes(hashes, order)
    return ngrams & ~PIECE_BIT if settings.char_orders else ngrams


def _words(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    words = tokens.indptr[1:] - tokens.indptr[:-1]
    ngrams = [word_terms(hashes, order, settings) for order in settings.orders]
    column = index.find(np.concatenate(ngrams))
    begin = 0
    for order, part in zip(settings.orders, ngrams, strict=True):
        if len(words) > 1:
            column[begin + crossing_ngrams(tokens.indptr, order)] = -1
        begin += len(part)
    hit = (column >= 0).nonzero()[0]
    token = np.concatenate([np.arange(len(part)) for part in ngrams]).take(hit)
    n_terms = sum(np.maximum(words - order + 1, 0) for order in settings.orders)
    return token, column.take(hit), _share(tokens, token, n_terms)


def _pieces(
    tokens: Tokens, hashes: NDArray[np.uint64], index: TermIndex, settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    pieces = word_pieces(tokens, hashes, settings.char_orders)
    column = index.find(pieces.hashes)
    hit = column >= 0
    token, known_column = spread(column.compress(hit), pieces.indptr_of(hit), pieces.word)
    sizes = (pieces.indptr[1:] - pieces.indptr[:-1]).take(pieces.word)
    n_terms = np.bincount(tokens.documents(), sizes, len(tokens.indptr) - 1)
    return token, known_column, _share(tokens, token, n_terms)


def _share(tokens: Tokens, token: NDArray[np.int64], n_terms: NDArray[np.generic]) -> NDArray[np.float64]:
    found = np.bincount(tokens.documents().take(token), minlength=len(tokens.indptr) - 1)
    share: NDArray[np.float64] = found / np.maximum(n_terms, 1)
    return share

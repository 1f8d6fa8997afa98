"""Which articles a model was trained on, recognised by the fingerprints that it keeps of them.

A score on articles that a model was trained on, or on copies of them, measures its memory. When a model is
measured, its training articles are no longer there, but 40 bytes of each are.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from topicml.corpus.near_duplicates import MIN_SHINGLES, SHINGLE, Sketches, sketch
from topicml.exceptions import ModelFormatError
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_texts
from topicml.model.tokens import mixed

_COLUMNS = 5  # the key, and 32 bytes of minima
_MINIMA = 32
_MINIMA_ALIKE = 24
_NEIGHBOURS = 4  # compared on each side
_HALF, _ALL_BUT_A_BYTE = np.uint64(32), np.uint64(56)


def fingerprints_of(sketches: Sketches) -> NDArray[np.uint64]:
    """Return what a model keeps of its training articles to recognise them, shape (at most n_texts, 5).

    The hash of all words, and one byte of each of 32 minima of the shingles (Li and König 2010, "b-Bit
    Minwise Hashing", arXiv:0910.3349), 0 for a text of fewer than ten words. Each row occurs once, and
    they are sorted, so that they do not reveal the articles' order.
    """
    return np.unique(_rows(sketches), axis=0)


def seen_in_training(
    model: FittedClassifier, articles: Iterable[TextInput], *, sketches: Sketches | None = None
) -> NDArray[np.bool_] | None:
    """Return which articles a model was trained on, exactly or nearly.

    An article was seen if its words are those of a training article, whatever their case, punctuation and
    white space; or if both have ten words or more and share 24 of 32 minima of their three-word shingles,
    which estimates a Jaccard similarity of 0.75 or more. Returns None if the model keeps no fingerprints. If
    their form is wrong, or their file damaged or missing, that is an error.

    24 of 32 was chosen by comparison with `group_near_duplicates`, which has both texts whole. It finds 37
    copies of training articles among the test articles of 20 Newsgroups, of which 32 are found here; 12 and
    10 in Reuters-21578; 53 and 53 in BBC News. Another 15, 3 and none are found that are a little less alike
    than it asks for. Stories cut short are missed. A hash of the first 32 words was tried for them and
    rejected: for 2 right ones it found 41 that only share the head of a mail or a table.
    """
    if model.fingerprints is None:
        return None
    known = np.asarray(model.fingerprints)
    if known.ndim != 2 or known.shape[1] != _COLUMNS:
        raise ModelFormatError(
            f"the model's fingerprints have the shape {known.shape}, expected {_COLUMNS} columns; "
            "train it again"
        )
    return copies_of(known, sketch(list(as_texts(articles)), n_jobs=-1) if sketches is None else sketches)


def copies_of(known: NDArray[np.uint64], sketches: Sketches) -> NDArray[np.bool_]:
    """Return which texts are exact or near copies of those that left such fingerprints."""
    asked = _rows(sketches)
    # By sorting, because NumPy 2.0's table of what lies between the least and the greatest number overflows.
    same: NDArray[np.bool_] = np.isin(asked[:, 0], known[:, 0], kind="sort")
    return same | _nearly_seen(asked[:, 1:], known[:, 1:])


def _rows(sketches: Sketches) -> NDArray[np.uint64]:
    minima = (mixed(sketches.minima[:, :_MINIMA].astype(np.uint64)) >> _ALL_BUT_A_BYTE).astype(np.uint8)
    minima[sketches.n_tokens < MIN_SHINGLES + SHINGLE - 1] = 0
    return np.hstack((sketches.key[:, None], minima.view("<u8")))


def _nearly_seen(asked: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which signatures are like one of the known ones, by bands that both share.

    Known signatures are ordered by a band and the next one, and each one asked about is compared with those
    beside its place: where many share the band, with the likeliest of them.
    """
    of_asked, of_known = (np.ascontiguousarray(rows).view("<u4") for rows in (asked, known))
    bytes_of_known = of_known.view(np.uint8)
    rows = np.flatnonzero(asked.any(axis=1))
    bytes_of_rows = of_asked[rows].view(np.uint8)
    seen = np.zeros(len(asked), bool)
    n_bands = of_asked.shape[1]
    for band in range(n_bands if len(known) else 0):
        wanted, keys = (
            (part[:, band].astype(np.uint64) << _HALF) | part[:, (band + 1) % n_bands]
            for part in (of_asked[rows], of_known)
        )
        order = np.argsort(keys, kind="stable")
        place = np.searchsorted(keys, wanted, sorter=order)
        for step in range(-_NEIGHBOURS, _NEIGHBOURS):
            beside = order[np.clip(place + step, 0, len(known) - 1)]
            alike = np.count_nonzero(bytes_of_rows == bytes_of_known[beside], axis=1)
            seen[rows] |= alike >= _MINIMA_ALIKE
    return seen

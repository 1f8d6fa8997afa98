"""Which articles a model was trained on, known by fingerprints that it keeps of them.

A score on articles that were trained on, or on copies of them, measures memory. The training articles
are not there any more when a model is measured; 40 bytes of each are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.near_duplicates import MIN_SHINGLES, SHINGLE, Sketches, sketch
from topicml.exceptions import ModelFormatError
from topicml.formatting import counted
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import TextInput, as_texts
from topicml.model.tokens import mixed

_COLUMNS = 5  # the key, and 32 bytes of minima
_MINIMA = 32
_MINIMA_ALIKE = 24
_NEIGHBOURS = 4  # compared on each side
_HALF, _ALL_BUT_A_BYTE = np.uint64(32), np.uint64(56)


def fingerprints_of(sketches: Sketches) -> NDArray[np.uint64]:
    """Return what a model keeps of its training articles to know them again, shape (at most n_texts, 5).

    The hash of all words, and one byte of each of 32 minima of the shingles (Li and König 2010, "b-Bit
    Minwise Hashing", arXiv:0910.3349), 0 for a text of fewer than ten words. Each row once, and sorted, so
    that they do not tell the articles' order.
    """
    return np.unique(_rows(sketches), axis=0)


def seen_in_training(
    model: FittedClassifier, articles: Iterable[TextInput], *, sketches: Sketches | None = None
) -> NDArray[np.bool_] | None:
    """Tell which articles are among those that a model was trained on, as they were or nearly so.

    An article was seen if its words are those of a training article, whatever their case, punctuation
    and white space; or if both have ten words or more and 24 of 32 minima of their three-word shingles
    in common, which estimates a Jaccard similarity of 0.75 or more. None stands for all if the model keeps no
    fingerprints; that they have another form, or their file is damaged or no longer there, is an error.

    24 of 32 was chosen by reading what is found where `group_near_duplicates` has
    both texts whole. Of the test articles of 20 Newsgroups it calls 37 copies of training articles, and 32 of
    these are found; of Reuters-21578 12 and 10, of BBC News 53 and 53. Another 15, 3 and none are found that
    are a little less alike than it asks. Missed are stories cut short: the first 32 words were tried as one
    more hash and refused, since for 2 that they found, 41 were wrong, which share a mail's or a table's head.
    """
    if model.fingerprints is None:
        return None
    known = np.asarray(model.fingerprints)
    if known.ndim != 2 or known.shape[1] != _COLUMNS:
        raise ModelFormatError(
            f"the model's fingerprints have the shape {known.shape}, expected {_COLUMNS} columns; "
            "train it again"
        )
    asked = _rows(sketch(list(as_texts(articles)), n_jobs=-1) if sketches is None else sketches)
    # By sorting, because NumPy 2.0's table of what lies between the least and the greatest number overflows.
    same: NDArray[np.bool_] = np.isin(asked[:, 0], known[:, 0], kind="sort")
    return same | _nearly_seen(asked[:, 1:], known[:, 1:])


def seen_notes(
    models: Mapping[str, FittedClassifier], articles: Sequence[Article], *, sketches: Sketches | None = None
) -> Iterator[str]:
    """Yield for each model, by what to call it, how many of the articles it was trained on, if any.

    It may know them by heart.
    """
    sketches = sketch(list(as_texts(articles)), n_jobs=-1) if sketches is None else sketches
    for name, model in models.items():
        seen = seen_in_training(model, articles, sketches=sketches)
        if seen is not None and seen.any():
            n = counted(len(articles), "text")
            yield f"{int(seen.sum())} of {n} are also in the training data of {name}, exactly or nearly"


def _rows(sketches: Sketches) -> NDArray[np.uint64]:
    minima = (mixed(sketches.minima[:, :_MINIMA].astype(np.uint64)) >> _ALL_BUT_A_BYTE).astype(np.uint8)
    minima[sketches.n_tokens < MIN_SHINGLES + SHINGLE - 1] = 0
    return np.hstack((sketches.key[:, None], minima.view("<u8")))


def _nearly_seen(asked: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell which signatures are like one of the known ones, by bands that both have in common.

    Known signatures are ordered by a band and the next one, and each that is asked for is compared with
    those beside its place: where a crowd shares the band, with the likeliest of it.
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

"""Articles of made-up words, as many as wanted: ``python -m benchmarks.made_up 10000 FILE``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import chain, islice, pairwise, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["articles", "write_articles"]

_LABELS = ("economy", "politics", "science", "sport", "weather")
_N_WORDS = 200_000
_MEAN_WORDS = 540  # of about 5.6 bytes, blank included: 3 kB
_LENGTH_SPREAD = 0.4
_PREFERENCE_SPREAD = 0.15  # so little that one article in some is a hard one, as in real news
_TABLE_SIZE = 1 << 22
_CHUNK = 1000


def write_articles(n_articles: int, file: Path, *, random_state: int = 0) -> None:
    """Write made-up articles as JSON Lines."""
    with file.open("w", encoding="ascii") as stream:
        for row, (label, text) in enumerate(articles(n_articles, random_state=random_state)):
            stream.write(json.dumps({"id": str(row), "label": label, "text": text}) + "\n")


def articles(n_articles: int, *, random_state: int = 0) -> Iterator[tuple[str, str]]:
    """Make up labels and texts, in memory that does not grow with their number.

    Word frequencies follow Zipf's law; each label likes some words a little more than the others do.
    Neighbours are drawn independently, so there are more different pairs of words than in real text.

    Parameters
    ----------
    n_articles : int
    random_state : int, default=0

    Yields
    ------
    label, text : str
    """
    rng = np.random.default_rng(random_state)
    words = _words()
    tables = np.stack([_word_table(rng) for _ in _LABELS])
    for first in range(0, n_articles, _CHUNK):
        yield from _chunk(rng, words, tables, min(_CHUNK, n_articles - first))


def _words() -> NDArray[np.object_]:
    """Make words of two and three syllables; the short ones come first, as frequent words are short."""
    syllables = ["".join(pair) for pair in product("bcdfghjklmnprstvwxyz", "aeiou")]
    made = chain(product(syllables, repeat=2), product(syllables, repeat=3))
    return np.array(["".join(word) for word in islice(made, _N_WORDS)], dtype=object)


def _word_table(rng: np.random.Generator) -> NDArray[np.int32]:
    """Lay out one label's words, each as many times as it is likely.

    To take from random places of it draws words twenty times faster than `Generator.choice`.
    """
    weights = rng.lognormal(sigma=_PREFERENCE_SPREAD, size=_N_WORDS) / np.arange(1, _N_WORDS + 1)
    cumulative = np.cumsum(weights)
    places = (np.arange(_TABLE_SIZE) + 0.5) * (cumulative[-1] / _TABLE_SIZE)
    table: NDArray[np.int32] = np.searchsorted(cumulative, places).astype(np.int32)
    return table


def _chunk(
    rng: np.random.Generator, words: NDArray[np.object_], tables: NDArray[np.int32], n_articles: int
) -> Iterator[tuple[str, str]]:
    labels = rng.integers(len(_LABELS), size=n_articles)
    shift = _LENGTH_SPREAD**2 / 2  # of the mean of a lognormal variable from its median
    lengths = np.ceil(rng.lognormal(np.log(_MEAN_WORDS) - shift, _LENGTH_SPREAD, n_articles)).astype(np.int64)
    places = rng.integers(_TABLE_SIZE, size=lengths.sum(), dtype=np.int32)
    drawn = words[tables[np.repeat(labels, lengths), places]].tolist()
    ends = np.concatenate(([0], np.cumsum(lengths))).tolist()
    for label, (begin, end) in zip(labels.tolist(), pairwise(ends), strict=True):
        yield _LABELS[label], " ".join(drawn[begin:end])


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.made_up", description=__doc__)
    parser.add_argument("n_articles", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--random-state", type=int, default=0)
    arguments = parser.parse_args()
    write_articles(arguments.n_articles, arguments.file, random_state=arguments.random_state)


if __name__ == "__main__":
    _main()

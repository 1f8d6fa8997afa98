"""Where the characters of a normalised text came from.

Normalising changes lengths: a ligature becomes two letters, a letter and its accent become one, invisible
characters go. But it never looks across a character that begins something new, so it can be done piece
by piece, and each piece knows its place.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.model.tokens import INVISIBLE, MAX_MARKS, normalize

# Letters that join what precedes them; all other characters that do are marks. A test holds this to the
# Unicode database of the running Python.
_JOINING_LETTERS = frozenset(
    [*map(chr, range(0x1160, 0x1200)), "\U00016d63", "\U00016d67"]  # vowels, finals of Hangul; Kirat Rai
)


@dataclass(frozen=True, eq=False, slots=True)
class SourceMap:
    """Where each character of a normalised text came from: first character, and last plus one.

    Both ascend, not strictly: the letters of a ligature came from one character.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def spans(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> list[tuple[int, int]]:
        """Translate spans of the normalised text, none of them empty, to spans of the original one."""
        return list(zip(self.start[start].tolist(), self.end[end - 1].tolist(), strict=True))


def source_map(text: str) -> SourceMap:
    r"""Find where the characters of ``normalize(text)`` came from.

    >>> source = source_map("\ufb01ve")  # which begins with a ligature and reads as "five"
    >>> source.start.tolist(), source.end.tolist()
    ([0, 0, 1, 2], [1, 1, 2, 3])
    """
    if text.isascii():
        places = np.arange(len(text))
        return SourceMap(places, places + 1)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    distinct, character = np.unique(codes, return_inverse=True)
    characters = list(map(chr, distinct.tolist()))
    kept = _kept(characters, character)
    begins = np.array([_begins_anew(c) for c in characters])[character[kept]]
    begins[:1] = True
    first = begins.nonzero()[0]
    last = np.append(first[1:], len(kept))[: len(first)]
    visible = codes[kept].tobytes().decode("utf-32-le", "surrogatepass")
    lengths = _normalised_lengths(visible, first, last)
    return SourceMap(kept[first].repeat(lengths), kept[last - 1].repeat(lengths) + 1)


def _kept(characters: list[str], character: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of what normalising does not drop, given the distinct characters and which is where.

    Dropped are invisible characters, and of a run of combining marks those after the first few.
    """
    visible = np.array([INVISIBLE.match(c) is None for c in characters])[character].nonzero()[0]
    combining = np.array([unicodedata.combining(c) > 0 for c in characters])[character[visible]]
    place = np.arange(len(visible))
    before_run = np.maximum.accumulate(np.where(combining, -1, place))
    return visible[place - before_run <= MAX_MARKS]


def _begins_anew(character: str) -> bool:
    """Tell whether normalising never joins a character to what precedes it, nor sorts it in there."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] != "M" and first not in _JOINING_LETTERS


def _normalised_lengths(text: str, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how long each piece of a text is once normalised; each different one is normalised once."""
    known: dict[str, int] = {}
    lengths = []
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        piece = text[begin:end]
        if piece not in known:
            known[piece] = len(normalize(piece))
        lengths.append(known[piece])
    return np.array(lengths, np.int64)

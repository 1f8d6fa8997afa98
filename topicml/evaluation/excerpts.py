"""The part of an article where the words are that led a model to a label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from topicml.formatting import escaped
from topicml.model.words import WordEvidence

_MORE = "..."
_BLANKS = re.compile(r"\s+")
_BEFORE = 0.3  # share of the spare room that goes before the first marked word


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of an article on one line, and what is marked in it.

    Parameters
    ----------
    text : str
        Dots show that something is left out before or after.
    marks : tuple of (int, int)
        Places of the words that led to the label, in characters of the text, end exclusive.
    """

    text: str
    marks: tuple[tuple[int, int], ...]


class _Place(NamedTuple):
    """Where a word is, and which one."""

    start: int
    end: int
    word: int


def telling_excerpt(text: str, words: Sequence[WordEvidence], width: int = 240) -> Excerpt:
    r"""Cut the part out of a text where words added most, each counted once, and mark them.

    >>> rain = WordEvidence("rain", 0.5, ((31, 35),))
    >>> telling_excerpt("The minister said on Monday\nof rain that it would go on.", [rain], width=24)
    Excerpt(text='...of rain that it...', marks=((6, 10),))
    """
    found = sorted(_Place(*span, k) for k, word in enumerate(words) for span in word.spans)
    inside = _richest(found, [abs(word.contribution) for word in words], width)
    begin, end = _whole_words(text, inside, width)
    pieces = ["" if begin == 0 else _MORE]
    marks = []
    place = begin
    for start, stop, _ in inside:
        if start < place:  # two letters of one ligature may be two words
            continue
        pieces.append(_on_a_line(text[place:start]))
        at = sum(map(len, pieces))
        pieces.append(_on_a_line(text[start:stop]))
        marks.append((at, at + len(pieces[-1])))
        place = stop
    pieces += [_on_a_line(text[place:end]), "" if end == len(text) else _MORE]
    return Excerpt("".join(pieces), tuple(marks))


def _richest(found: Sequence[_Place], added: Sequence[float], width: int) -> list[_Place]:
    """Return the places in that part of a text, of so many characters, in which words add most."""
    best, most = [], 0.0
    for k, first in enumerate(found):
        inside = [place for place in found[k : k + width] if place.end <= first.start + width]
        total = sum(added[word] for word in {place.word for place in inside})
        if total > most:
            best, most = inside, total
    return best


def _whole_words(text: str, inside: Sequence[_Place], width: int) -> tuple[int, int]:
    """Return where the part begins and ends: as much around the marked words as there is room for."""
    first, last = (inside[0].start, inside[-1].end) if inside else (0, 0)
    begin = first - int(_BEFORE * max(width - (last - first), 0))
    begin = max(min(begin, len(text) - width), 0)
    end = min(max(begin + width, last), len(text))
    if begin and (blank := _BLANKS.search(text, begin, first)):
        begin = blank.end()
    if end < len(text):
        end = max((blank.start() for blank in _BLANKS.finditer(text, last, end)), default=end)
    return begin, end


def _on_a_line(text: str) -> str:
    return escaped(_BLANKS.sub(" ", text))

"""Words at a fixed place that give a label away: "every article in Politics begins with this".

A kicker, a breadcrumb, "More in Politics" under the story: a classifier that is trained with them learns
the fixed parts of a page, scores too well, and fails on articles without them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.near_duplicates import group_near_duplicates
from topicml.model.characters import ALONE, code_point_classes
from topicml.model.inputs import as_articles, as_texts
from topicml.model.tokens import normalize

_LEAST_ARTICLES = 5  # in fewer, chance alone makes words agree
_NEARLY_ALL = 0.9
_NEARLY_NONE = 0.1
_N_TOKENS = 12
_PIECE = 160  # characters of a line, from one of its ends, that hold so many tokens
_LINE_END = "\n"  # a token of its own, so that the line "World" is not the start of the line "World Cup"

Part: TypeAlias = Literal["start", "end", "whole"]
_PLACES = {  # in the order in which they are reported; a number counts the lines that are not blank
    "title": None,
    "first line": 0,
    "last line": -1,
    **{f"line {number}": number - 1 for number in (2, 3, 4)},
    **{f"line {number} from the end": -number for number in (2, 3, 4)},
}
_VERBS: dict[Part, str] = {"start": "begins with", "end": "ends with", "whole": "is"}


@dataclass(frozen=True, slots=True)
class Leak:
    """Words at one place that nearly all articles with one label share, and hardly any others.

    Parameters
    ----------
    label : str
    place : str
        The ``"title"``, the ``"first line"`` of the text, its ``"last line"``, ``"line 2"``,
        ``"line 2 from the end"``; blank lines do not count.
    part : {"start", "end", "whole"}
        Where in that line the words are.
    words : str
        As in the example. Case and white space do not count.
    n_bearing, n_label : int
        Articles with the label that have the words there, and all articles with the label; copies count
        once.
    n_others : int
        Articles without the label that have them there.
    example : Article
        The first that has them.

    Examples
    --------
    >>> stories = ("Rain fell.", "Snow lay.", "Fog hung.", "Hail hit.", "Wind rose.")
    >>> weather = [Article(f"WEATHER: {story}", labels=("weather",)) for story in stories]
    >>> stories = ("A late goal.", "Fans sang!", "No penalty", "She ran home:", "The cup, at last;")
    >>> sport = [Article(story, labels=("sport",)) for story in stories]
    >>> for leak in find_leaks(weather + sport):
    ...     print(leak)
    'weather': the first line begins with 'WEATHER:' in 5 of its 5 articles and in 0 others
    """

    label: str
    place: str
    part: Part
    words: str
    n_bearing: int
    n_label: int
    n_others: int
    example: Article

    def __str__(self) -> str:
        return (
            f"{self.label!r}: the {self.place} {_VERBS[self.part]} {self.words!r} "
            f"in {self.n_bearing} of its {self.n_label} articles and in {self.n_others} others"
        )


def find_leaks(articles: Iterable[Article], *, groups: NDArray[np.int64] | None = None) -> tuple[Leak, ...]:
    """Find words at a fixed place that give a label away.

    Both ends of the title, of the first four lines of the text and of the last four are examined. A leak is
    the longest run of words there that nine in ten of the label's articles share, if nine in ten of all
    articles that share it have the label, and at most one in ten of the other articles shares it. Labels
    that fewer than five different articles have, or fewer than five lack, are skipped: there, words agree
    by chance.

    Articles without labels count among the others. Copies share a group, by default as
    `group_near_duplicates` finds them. Leaks are sorted by label; words that a label has at several places
    are listed once.
    """
    listed = as_articles(articles)
    if groups is None:
        groups = group_near_duplicates(list(as_texts(listed)), n_jobs=-1)
    corpus = _without_copies(listed, groups)
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for row, article in enumerate(corpus):
        for label in article.labels or ():
            rows_of[label].append(row)
    enough = range(_LEAST_ARTICLES, len(corpus) - _LEAST_ARTICLES + 1)
    large = {label: rows for label, rows in sorted(rows_of.items()) if len(rows) in enough}
    found: dict[tuple[str, str], Leak] = {}
    for place in _PLACES:
        lines = [_line(article, place) for article in corpus]
        for part in ("start", "end"):
            for leak in _leaks_at(place, part, lines, large, corpus):
                found.setdefault((leak.label, normalize(leak.words)), leak)
    return tuple(sorted(found.values(), key=lambda leak: leak.label))


def _without_copies(articles: Sequence[Article], groups: NDArray[np.int64]) -> list[Article]:
    first: dict[tuple[int, frozenset[str]], Article] = {}
    for number, article in zip(groups.tolist(), articles, strict=True):
        first.setdefault((number, frozenset(article.labels or ())), article)
    return list(first.values())


def _line(article: Article, place: str) -> str:
    """Return the line at a place, without white space around it; empty where there is none."""
    number = _PLACES[place]
    if number is None:
        return article.title.strip()
    lines = article.text.split("\n")
    if number < 0:
        lines, number = lines[::-1], -number - 1
    return next(islice(filter(None, map(str.strip, lines)), number, None), "")


def _leaks_at(
    place: str,
    part: Literal["start", "end"],
    lines: Sequence[str],
    rows_of: dict[str, list[int]],
    corpus: Sequence[Article],
) -> Iterator[Leak]:
    tokens = [_tokens(line, part) for line in lines]
    for label, rows in rows_of.items():
        shared = _shared(tokens, rows)
        if not any(map(str.isalnum, "".join(shared))):
            continue  # signs alone are no feature
        bearing = [row for row in rows if tokens[row][: len(shared)] == shared]
        n_others = sum(line[: len(shared)] == shared for line in tokens) - len(bearing)
        if _is_common(n_others, len(bearing)) or _is_common(n_others, len(corpus) - len(rows) - n_others):
            continue
        whole = shared[-1] == _LINE_END
        yield Leak(
            label=label,
            place=place,
            part="whole" if whole else part,
            words=_as_written(lines[bearing[0]], part, len(shared) - whole),
            n_bearing=len(bearing),
            n_label=len(rows),
            n_others=n_others,
            example=corpus[bearing[0]],
        )


def _is_common(n_others: int, n_rest: int) -> bool:
    return n_others > _NEARLY_NONE * (n_others + n_rest)


def _shared(tokens: Sequence[list[str]], rows: Sequence[int]) -> list[str]:
    """Return the longest run of first tokens that nearly all of some rows share.

    More than half of them share it, so the commonest token at each step is the only one to follow.
    """
    shared: list[str] = []
    agreeing = list(rows)
    for depth in range(_N_TOKENS):
        nexts = Counter(tokens[row][depth] for row in agreeing if len(tokens[row]) > depth)
        token, count = max(nexts.items(), key=lambda item: item[1], default=("", 0))
        if count < _NEARLY_ALL * len(rows):
            break
        shared.append(token)
        agreeing = [row for row in agreeing if tokens[row][depth : depth + 1] == [token]]
    return shared


def _tokens(line: str, part: Part) -> list[str]:
    """Return the tokens at one end of a line, the outermost first."""
    found = _token_pattern().findall(normalize(_piece(line, part)))
    if part == "end":
        found.reverse()
    if found and len(line) <= _PIECE:
        found.append(_LINE_END)
    return found[:_N_TOKENS]


def _piece(line: str, part: Part) -> str:
    return line[-_PIECE:] if part == "end" else line[:_PIECE]


def _as_written(line: str, part: Part, n_tokens: int) -> str:
    """Return a number of tokens from one end of a line, with the text between them."""
    piece = _piece(line, part)
    spans = [found.span() for found in _token_pattern().finditer(piece)]
    own = spans[-n_tokens:] if part == "end" else spans[:n_tokens]
    return piece[own[0][0] : own[-1][1]]


@cache
def _token_pattern() -> re.Pattern[str]:
    """Return what a token is here: a word, a character of a script without spaces, a sign.

    Signs count, other than in features: "World:" is a kicker, and "World" the start of a sentence.
    """
    alone = np.flatnonzero(np.diff(code_point_classes() == ALONE, prepend=False, append=False)).reshape(-1, 2)
    ranges = "".join(f"{chr(first)}-{chr(end - 1)}" for first, end in alone.tolist())
    return re.compile(rf"[{ranges}]|[^\W{ranges}]+|[^\w\s]")

"""Why a label: the words of a text with their places and contributions, as values, text and HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.formatting import counted, escaped, html_safe, listed, percent, shortened
from topicml.model.ngrams import locate_terms
from topicml.model.prediction import REASONS, Reason
from topicml.model.spans import source_map
from topicml.model.tokens import Tokens
from topicml.model.vectorizer import Vectorizer
from topicml.model.words import WordEvidence, words_of

# Shades that let through what is below: the notebook's own letters stay readable on them, dark on light
# or light on dark. Words against the label are underlined, too, for those who do not see red from green.
_FOR, _AGAINST = "22,163,74", "220,38,38"
_FAINTEST, _SHADES = 0.1, 0.45
_UNSEEN = 0.05  # weaker stretches are left plain
_UNKNOWN = "the model knows no word of this text"
_TOLD = 6  # words in a tooltip
_SHOWN = 50_000  # characters of the text: a page of many more would stop the notebook


@dataclass(frozen=True, slots=True)
class Evidence:
    """A known term of a text, and its contribution to a label's score.

    Parameters
    ----------
    term : str
        As the model writes it: words in small letters with a blank between them; a piece of a word has dots
        where the word goes on.
    contribution : float
        The term's weight in the text times the label's coefficient, all its occurrences together;
        negative if it spoke against the label.
    spans : tuple of (int, int)
        Where it stands, in characters of the explanation's text, end exclusive.
    """

    term: str
    contribution: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """A label's score for one text, split into the contributions of its words.

    ``print`` it to see the words; a notebook shows the text with the words marked.

    Parameters
    ----------
    text : str
        The explained text, for an article its `Article.full_text`. All spans refer to it.
    label : str
        The label that is explained.
    probability : float
        Calibrated, as in `Prediction.probabilities`.
    score : float
        The label's value of ``decision_function``: the intercept and all contributions together.
    intercept : float
        Where every text starts.
    words : tuple of WordEvidence
        Every word of the text that contains a known term, the strongest first, for or against the
        label. A phrase is one word where each of its words gains from the others. Their contributions and
        the intercept add up to the score. In scripts without spaces these are stretches of characters.
    evidence : tuple of Evidence
        The model's own terms, including pieces and pairs of words, in the order of their contributions, the
        strongest for the label first. Their contributions and the intercept also add up to the score.
    top : int, default=10
        How many words `supporting` and `opposing` name at most.
    reason : str, optional
        Why the model does not answer the text, as in `Prediction.reason`; None if it does.
    """

    text: str
    label: str
    probability: float
    score: float
    intercept: float
    words: tuple[WordEvidence, ...]
    evidence: tuple[Evidence, ...]
    top: int = 10
    reason: Reason | None = None

    @property
    def supporting(self) -> tuple[WordEvidence, ...]:
        """The words that spoke most for the label, the strongest first."""
        return tuple([word for word in self.words if word.contribution > 0][: self.top])

    @property
    def opposing(self) -> tuple[WordEvidence, ...]:
        """The words that spoke most against the label, the strongest first."""
        return tuple([word for word in self.words if word.contribution < 0][: self.top])

    @property
    def rest(self) -> float:
        """Sum of the contributions of all words that are not in `supporting` or `opposing`."""
        named = (*self.supporting, *self.opposing)
        return fsum([word.contribution for word in self.words] + [-word.contribution for word in named])

    def in_terms(self) -> Explanation:
        """Return the same explanation with the model's own terms instead of words."""
        terms = (WordEvidence(found.term, found.contribution, found.spans) for found in self.evidence)
        return replace(self, words=tuple(sorted(terms, key=_strength)))

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as values that JSON can hold.

        The contributions of ``words`` and the intercept add up to the score. ``terms`` are the `top` that
        spoke most for the label, and the `top` that spoke most against it.
        """
        by_terms = self.in_terms()
        return {
            "label": self.label,
            "probability": self.probability,
            "score": self.score,
            "intercept": self.intercept,
            "words": [_as_dict("word", word) for word in self.words],
            "terms": [_as_dict("term", term) for term in (*by_terms.supporting, *by_terms.opposing)],
            "other_terms": by_terms.rest,
            "reason": self.reason,
            "text": self.text,
        }

    def __repr__(self) -> str:
        told = listed((f"{word.word} {word.contribution:+.2f}" for word in self.words), 3, more=", ...")
        return shortened(f"Explanation({self.label!r}, probability={self.probability:.3f}: {told})", 400)

    def __str__(self) -> str:
        supporting, opposing = self.supporting, self.opposing
        n_rest = len(self.words) - len(supporting) - len(opposing)
        lines = [
            f"{escaped(self.label)}: probability {percent(self.probability)}, score {self.score:+.3f}",
            *([f"left to a person: {REASONS[self.reason]}"] if self.reason else []),
            *(["for"] if supporting else []),
            *map(_line, supporting),
            *(["against"] if opposing else []),
            *map(_line, opposing),
            "rest",
            f"  {self.intercept:+.3f}  where every text starts (the intercept)",
            *([f"  {self.rest:+.3f}  {counted(n_rest, 'other')}"] if n_rest else []),
            *([] if self.words else [_UNKNOWN]),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _html(self)


def taken_apart(
    vectorizer: Vectorizer,
    text: str,
    tokens: Tokens,
    columns: NDArray[np.int32],
    added: NDArray[np.float64],
) -> tuple[tuple[Evidence, ...], tuple[WordEvidence, ...]]:
    """Return the contributions of a text's terms, which are named by their columns, and of its words."""
    places = locate_terms(tokens, vectorizer.index, vectorizer.settings)
    source = source_map(*vectorizer.settings.as_read([text]))
    spans = source.spans(places.start, places.end)
    ends = places.column.searchsorted(columns, side="right").tolist()
    begins = places.column.searchsorted(columns).tolist()
    found = [
        Evidence(vectorizer.terms[column], contribution, tuple(spans[begin:end]))
        for column, contribution, begin, end in zip(
            columns.tolist(), added.tolist(), begins, ends, strict=True
        )
    ]
    found.sort(key=lambda evidence: (-evidence.contribution, evidence.term))
    return tuple(found), words_of(text, source, tokens, places, columns, added)


def _as_dict(kind: str, found: WordEvidence) -> dict[str, Any]:
    return {
        kind: found.word,
        "contribution": found.contribution,
        "spans": [list(span) for span in found.spans],
    }


def _line(found: WordEvidence) -> str:
    times = f"  ({len(found.spans)} times)" if len(found.spans) > 1 else ""
    return f"  {found.contribution:+.3f}  {escaped(found.word)}{times}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text over which the same words lie, the strongest first; none where no known word lies."""

    text: str
    strength: float  # sum of their contributions as a share of the largest sum, from -1 to 1
    words: tuple[WordEvidence, ...]


def stretches(explanation: Explanation) -> list[Stretch]:
    """Cut an explained text into stretches, which joined together are the text.

    A word is marked at all its occurrences with all that it added, so it looks the same wherever it is. Only
    terms lie over each other, as `Explanation.in_terms` shows them.
    """
    cut = list(_covered(explanation))
    sums = [sum(found.contribution for found in words) for _, words in cut]
    largest = max(map(abs, sums), default=0.0) or 1.0
    return [Stretch(text, added / largest, words) for (text, words), added in zip(cut, sums, strict=True)]


def _covered(explanation: Explanation) -> Iterator[tuple[str, tuple[WordEvidence, ...]]]:
    """Yield each stretch with the words that lie over it, sweeping the text once."""
    changes: dict[int, list[tuple[int, int]]] = defaultdict(list)  # at a place: which word, one more or less
    for number, found in enumerate(explanation.words):
        for start, end in found.spans:
            changes[start].append((number, 1))
            changes[end].append((number, -1))
    lying: dict[int, int] = {}  # how often each word lies over the stretch
    begin = 0
    for place in [*sorted(changes), len(explanation.text)]:
        if begin < place:
            words = [explanation.words[number] for number in sorted(lying)]
            yield explanation.text[begin:place], tuple(sorted(words, key=_strength))
        for number, change in changes[place]:
            lying[number] = lying.get(number, 0) + change
            if not lying[number]:
                del lying[number]
        begin = place


def _strength(found: WordEvidence) -> float:
    """Sort the strongest first, for or against."""
    return -abs(found.contribution)


def _html(explanation: Explanation) -> str:
    """Return an explanation as one ``div`` that needs no script, style sheet or download."""
    marked = "".join(map(_marked, stretches(_beginning(explanation))))
    left_out = len(explanation.text) - _SHOWN
    more = f'<div style="opacity:.75">and {left_out:,} more characters</div>' if left_out > 0 else ""
    supporting, opposing = explanation.supporting, explanation.opposing
    largest = max((abs(found.contribution) for found in (*supporting[:1], *opposing[:1])), default=0.0)
    tables = _table("for", supporting, _FOR, largest) + _table("against", opposing, _AGAINST, largest)
    return (
        '<div style="max-width:60em;line-height:1.6">'
        f"<div><b>{html_safe(explanation.label)}</b>: probability {percent(explanation.probability)}, score "
        f"{explanation.score:+.3f} (intercept {explanation.intercept:+.3f})</div>"
        f'<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.5em 0">{marked}</div>'
        f"{more}"
        f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{tables or _UNKNOWN}</div>'
        "</div>"
    )


def _beginning(explanation: Explanation) -> Explanation:
    """Return the explanation with the first characters of its text alone, and the places in them."""
    if len(explanation.text) <= _SHOWN:
        return explanation
    words = tuple(
        replace(found, spans=tuple((start, min(end, _SHOWN)) for start, end in found.spans if start < _SHOWN))
        for found in explanation.words
    )
    return replace(explanation, text=explanation.text[:_SHOWN], words=words)


def _marked(stretch: Stretch) -> str:
    text = html_safe(stretch.text)
    if abs(stretch.strength) < _UNSEEN:
        return text
    told = (f"{found.word} {found.contribution:+.3f}" for found in stretch.words)
    tooltip = html_safe(listed(told, _TOLD, between="\n", more="\nand {} more"))
    line = ";border-bottom:1px dotted" if stretch.strength < 0 else ""
    style = f"color:inherit;border-radius:.2em;{_shade(stretch.strength)}{line}"
    return f'<mark title="{tooltip}" style="{style}">{text}</mark>'


def _shade(strength: float) -> str:
    """Return a background.

    >>> _shade(1.0), _shade(-0.5)
    ('background:rgba(22,163,74,0.55)', 'background:rgba(220,38,38,0.33)')
    """
    colour = _FOR if strength > 0 else _AGAINST
    return f"background:rgba({colour},{_FAINTEST + _SHADES * abs(strength):.2f})"


def _table(heading: str, words: tuple[WordEvidence, ...], colour: str, largest: float) -> str:
    if not words:
        return ""
    rows = "".join(_row(found, largest, colour) for found in words)
    return f'<div><div style="opacity:.75">{heading}</div>{rows}</div>'


def _row(found: WordEvidence, largest: float, colour: str) -> str:
    width = 6 * abs(found.contribution) / largest
    return (
        '<div style="display:flex;gap:.6em;align-items:center">'
        f'<span style="font-family:monospace">{found.contribution:+.3f}</span>'
        f'<span style="width:6em"><span style="display:block;height:.7em;width:{width:.2f}em;'
        f'background:rgba({colour},.55)"></span></span>'
        f"<bdi>{html_safe(found.word)}</bdi></div>"
    )

"""Why a label: the terms of the text, where each stands, what it added to the score, and as HTML."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.formatting import escaped, html_safe, listed
from topicml.model.ngrams import locate_terms
from topicml.model.prediction import AbstentionReason
from topicml.model.spans import source_map
from topicml.model.tokens import Tokens
from topicml.model.vectorizer import Vectorizer

# Shades that let through what is below: the notebook's own letters stay readable on them, dark on light
# or light on dark. What speaks against is underlined, too, for those who do not see red from green.
_FOR, _AGAINST = "22,163,74", "220,38,38"
_FAINTEST, _SHADES = 0.1, 0.45
_UNSEEN = 0.05  # weaker stretches are left plain
_TOLD = 6  # terms in a tooltip
_SHOWN = 50_000  # characters of the text: a page of many more would stop the notebook


@dataclass(frozen=True, slots=True)
class Evidence:
    """A known term of a text, and what it added to a label's score.

    Parameters
    ----------
    term : str
        As the model writes it: words in small letters with a blank between them; of a piece of a word,
        dots stand where the word goes on.
    contribution : float
        The term's weight in the text times the label's coefficient, all its occurrences together;
        negative if it spoke against the label.
    spans : tuple of (int, int)
        Where it stands, in characters of the explanation's text, end exclusive.
    """

    term: str
    contribution: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A label's score of one text, taken apart.

    ``print`` it for the terms; a notebook shows the text with its words marked.

    Parameters
    ----------
    text : str
        What was explained: of an article its `Article.full_text`. All spans refer to it.
    label : str
    probability : float
        What the model makes of the score; calibrated, as `Prediction.probabilities` is.
    score : float
        The label's value of ``decision_function``: the intercept and all contributions together.
    intercept : float
        What every text starts from.
    evidence : tuple of Evidence
        Every known term of the text, what spoke most for the label first, what spoke most against it last.
    top : int, default=10
        How many terms `supporting` and `opposing` name at most.
    reason : str, optional
        Why the model does not answer the text, as in `Prediction.reason`; None if it does.
    """

    text: str
    label: str
    probability: float
    score: float
    intercept: float
    evidence: tuple[Evidence, ...]
    top: int = 10
    reason: AbstentionReason | None = None

    @property
    def supporting(self) -> tuple[Evidence, ...]:
        """The terms that spoke most for the label, the strongest first."""
        return tuple(found for found in self.evidence[: self.top] if found.contribution > 0)

    @property
    def opposing(self) -> tuple[Evidence, ...]:
        """The terms that spoke most against the label, the strongest first."""
        return tuple(found for found in self.evidence[::-1][: self.top] if found.contribution < 0)

    @property
    def rest(self) -> float:
        """What the terms add together that neither `supporting` nor `opposing` names."""
        unnamed = self.evidence[len(self.supporting) : len(self.evidence) - len(self.opposing)]
        return float(sum(found.contribution for found in unnamed))

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as values that JSON can hold.

        Intercept, contributions and ``rest`` add up to the score.
        """
        return {
            "label": self.label,
            "probability": self.probability,
            "score": self.score,
            "intercept": self.intercept,
            "supporting": list(map(_as_dict, self.supporting)),
            "opposing": list(map(_as_dict, self.opposing)),
            "rest": self.rest,
            "reason": self.reason,
            "text": self.text,
        }

    def __str__(self) -> str:
        supporting, opposing = self.supporting, self.opposing
        n_rest = len(self.evidence) - len(supporting) - len(opposing)
        lines = [
            f"{escaped(self.label)}: probability {self.probability:.1%}, score {self.score:+.3f}",
            *([f"not answered, but left to a person: {self.reason}"] if self.reason else []),
            *(["for"] if supporting else []),
            *map(_line, supporting),
            *(["against"] if opposing else []),
            *map(_line, opposing),
            "and",
            f"  {self.intercept:+.3f}  intercept, which every text starts from",
            *([f"  {self.rest:+.3f}  other terms ({n_rest})"] if n_rest else []),
            *([] if self.evidence else ["no term of the text is known"]),
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _html(self)


def evidence_of(
    vectorizer: Vectorizer,
    text: str,
    tokens: Tokens,
    columns: NDArray[np.int32],
    added: NDArray[np.float64],
) -> tuple[Evidence, ...]:
    """Give each term of a text, named by its column, its string and places, the largest addition first."""
    places = locate_terms(tokens, vectorizer.index, vectorizer.settings)
    spans = source_map(text).spans(places.start, places.end)
    ends = places.column.searchsorted(columns, side="right").tolist()
    begins = places.column.searchsorted(columns).tolist()
    found = [
        Evidence(vectorizer.terms[column], contribution, tuple(spans[begin:end]))
        for column, contribution, begin, end in zip(
            columns.tolist(), added.tolist(), begins, ends, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda evidence: (-evidence.contribution, evidence.term)))


def _as_dict(found: Evidence) -> dict[str, Any]:
    return {
        "term": found.term,
        "contribution": found.contribution,
        "spans": [list(span) for span in found.spans],
    }


def _line(found: Evidence) -> str:
    times = f"  ({len(found.spans)} times)" if len(found.spans) > 1 else ""
    return f"  {found.contribution:+.3f}  {escaped(found.term)}{times}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text over which the same terms lie, the strongest first; none where no known term lies."""

    text: str
    strength: (
        float  # what they added together, of the strongest stretch's: from -1, against, to 1, for the label
    )
    evidence: tuple[Evidence, ...]


def stretches(explanation: Explanation) -> list[Stretch]:
    """Cut an explained text into stretches, which joined together are the text.

    A term lies on all its occurrences with all that it added, so a word looks the same wherever it stands.
    """
    cut = list(_covered(explanation))
    sums = [sum(found.contribution for found in terms) for _, terms in cut]
    largest = max(map(abs, sums), default=0.0) or 1.0
    return [Stretch(text, added / largest, terms) for (text, terms), added in zip(cut, sums, strict=True)]


def _covered(explanation: Explanation) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Yield each stretch with the terms that lie over it, sweeping the text once."""
    changes: dict[int, list[tuple[int, int]]] = defaultdict(list)  # at a place: which term, one more or less
    for number, found in enumerate(explanation.evidence):
        for start, end in found.spans:
            changes[start].append((number, 1))
            changes[end].append((number, -1))
    lying: dict[int, int] = {}  # how often each term lies over the stretch
    begin = 0
    for place in [*sorted(changes), len(explanation.text)]:
        if begin < place:
            terms = [explanation.evidence[number] for number in sorted(lying)]
            terms.sort(key=_size, reverse=True)
            yield explanation.text[begin:place], tuple(terms)
        for number, change in changes[place]:
            lying[number] = lying.get(number, 0) + change
            if not lying[number]:
                del lying[number]
        begin = place


def _size(found: Evidence) -> float:
    return abs(found.contribution)


def _html(explanation: Explanation) -> str:
    """Return an explanation as one ``div`` that stands by itself: no script, no style sheet, no download."""
    marked = "".join(map(_marked, stretches(_beginning(explanation))))
    left_out = len(explanation.text) - _SHOWN
    more = f'<div style="opacity:.75">and {left_out:,} more characters</div>' if left_out > 0 else ""
    supporting, opposing = explanation.supporting, explanation.opposing
    largest = max((abs(found.contribution) for found in (*supporting[:1], *opposing[:1])), default=0.0)
    tables = _table("for", supporting, _FOR, largest) + _table("against", opposing, _AGAINST, largest)
    return (
        '<div style="max-width:60em;line-height:1.6">'
        f"<div><b>{html_safe(explanation.label)}</b>: probability {explanation.probability:.1%}, score "
        f"{explanation.score:+.3f} (intercept {explanation.intercept:+.3f})</div>"
        f'<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.5em 0">{marked}</div>'
        f"{more}"
        f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{tables or "no term of the text is known"}</div>'
        "</div>"
    )


def _beginning(explanation: Explanation) -> Explanation:
    """Return the explanation with the first characters of its text alone, and the places in them."""
    if len(explanation.text) <= _SHOWN:
        return explanation
    evidence = tuple(
        replace(found, spans=tuple((start, min(end, _SHOWN)) for start, end in found.spans if start < _SHOWN))
        for found in explanation.evidence
    )
    return replace(explanation, text=explanation.text[:_SHOWN], evidence=evidence)


def _marked(stretch: Stretch) -> str:
    text = html_safe(stretch.text)
    if abs(stretch.strength) < _UNSEEN:
        return text
    told = (f"{found.term} {found.contribution:+.3f}" for found in stretch.evidence)
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


def _table(heading: str, evidence: tuple[Evidence, ...], colour: str, largest: float) -> str:
    if not evidence:
        return ""
    rows = "".join(_row(found, largest, colour) for found in evidence)
    return f'<div><div style="opacity:.75">{heading}</div>{rows}</div>'


def _row(found: Evidence, largest: float, colour: str) -> str:
    width = 6 * abs(found.contribution) / largest
    return (
        '<div style="display:flex;gap:.6em;align-items:center">'
        f'<span style="font-family:monospace">{found.contribution:+.3f}</span>'
        f'<span style="width:6em"><span style="display:block;height:.7em;width:{width:.2f}em;'
        f'background:rgba({colour},.55)"></span></span>'
        f"<bdi>{html_safe(found.term)}</bdi></div>"
    )

"""A text cut into stretches over which the same terms lie, for whoever colours it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # explanations import this module
    from topicml.explanation import Evidence, Explanation


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text over which the same terms lie.

    Parameters
    ----------
    text : str
    strength : float
        What these terms added to the score together, as a share of the strongest stretch of the text:
        from -1, against the label, to 1, for it.
    evidence : tuple of Evidence
        The terms, the strongest first; none where no known term lies.
    """

    text: str
    strength: float
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

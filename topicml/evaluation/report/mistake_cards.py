"""The surest mistakes as a page shows them: which terms led to a label, the stronger the darker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import floor

from topicml.evaluation.mistakes import Errors, LabelEvidence, Mistake, named
from topicml.formatting import counted

Term = tuple[str, float, float]

_FAINTEST, _SHADES = 0.1, 0.4


@dataclass(frozen=True, slots=True)
class MistakeCard:
    """One article that was given wrong labels.

    Parameters
    ----------
    given, true : str
        Labels in one line.
    confidence, place, excerpt : str
    terms : tuple of (str, tuple of (str, float, float))
        Under each heading terms, what each added to the score, and how strong its shade is.
    characteristic : tuple of (str, str)
        Labels, and the terms that speak for each in any article.
    """

    given: str
    true: str
    confidence: str
    place: str
    excerpt: str
    terms: tuple[tuple[str, tuple[Term, ...]], ...]
    characteristic: tuple[tuple[str, str], ...]


def mistake_summary(errors: Errors) -> str:
    """Return how many mistakes there are and how many of them are shown."""
    told = f"{errors.n_wrong:,} of {counted(errors.n, 'article')} wrong, {errors.n_abstained:,} not answered."
    if len(errors.mistakes) < errors.n_wrong:
        told += f" Here are the {counted(len(errors.mistakes), 'surest mistake')}."
    return told


def mistake_cards(errors: Errors) -> tuple[MistakeCard, ...]:
    """Return a card for each mistake, the surest first."""
    return tuple(
        MistakeCard(
            given=named(mistake.given),
            true=named(mistake.true),
            confidence=f"{floor(1000 * mistake.confidence) / 10:.1f}%",  # no mistake was 100 % sure
            place=mistake.place,
            excerpt=mistake.excerpt,
            terms=tuple(_terms(mistake)),
            characteristic=tuple(
                (evidence.label, ", ".join(evidence.characteristic))
                for evidence in _known(mistake)
                if evidence.characteristic
            ),
        )
        for mistake in errors.mistakes
    )


def _known(mistake: Mistake) -> list[LabelEvidence]:
    """Return the labels that the model has something to say of."""
    return [evidence for evidence in mistake.evidence if evidence.probability is not None]


def _terms(mistake: Mistake) -> Iterator[tuple[str, tuple[Term, ...]]]:
    """Yield what spoke for the labels, each term with its shade."""
    found = mistake.spoken(_known(mistake))
    strongest = max((abs(added) for _, terms in found for _, added in terms), default=1.0) or 1.0
    for heading, terms in found:
        shades = (round(_FAINTEST + _SHADES * abs(added) / strongest, 2) for _, added in terms)
        yield heading, tuple((term, added, shade) for (term, added), shade in zip(terms, shades, strict=True))

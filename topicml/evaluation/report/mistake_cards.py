"""The surest mistakes as a page shows them: the words that led to a label, the stronger the darker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from topicml.article import Article
from topicml.evaluation.mistakes import Errors, LabelEvidence, Mistake, named
from topicml.formatting import percent

Word = tuple[str, float, float]

_FAINTEST, _SHADES = 0.1, 0.4


@dataclass(frozen=True, slots=True)
class MistakeCard:
    """One article that was given wrong labels.

    Parameters
    ----------
    given, true : str
        Labels in one line.
    confidence, place, title : str
    excerpt : tuple of (str, bool)
        The text in pieces, and which of them are marked.
    words : tuple of (str, tuple of (str, float, float))
        Under each heading words, what each added to the score, and how strong its shade is.
    characteristic : tuple of (str, str)
        Labels, and the words that speak for each in any article.
    """

    given: str
    true: str
    confidence: str
    place: str
    title: str
    excerpt: tuple[tuple[str, bool], ...]
    words: tuple[tuple[str, tuple[Word, ...]], ...]
    characteristic: tuple[tuple[str, str], ...]


def mistake_cards(errors: Errors, articles: Sequence[Article]) -> tuple[MistakeCard, ...]:
    """Return a card for each mistake to look at, the surest first."""
    return tuple(
        MistakeCard(
            given=named(mistake.given),
            true=named(mistake.true),
            confidence=percent(mistake.confidence),
            place=_place(mistake, articles[mistake.position]),
            title=mistake.title,
            excerpt=tuple(_pieces(mistake)),
            words=tuple(_words(mistake)),
            characteristic=tuple(
                (evidence.label, ", ".join(evidence.characteristic))
                for evidence in _known(mistake)
                if evidence.characteristic
            ),
        )
        for mistake in errors.shown
    )


def _place(mistake: Mistake, article: Article) -> str:
    """Return where the article is, without the folders of the machine that it was read on."""
    read = PurePath(article.origin).name if article.origin else ""
    return ", ".join(filter(None, [read, article.id])) or mistake.place


def _pieces(mistake: Mistake) -> Iterator[tuple[str, bool]]:
    """Yield the excerpt in pieces, and whether each is marked."""
    place = 0
    for start, end in mistake.marks:
        yield mistake.excerpt[place:start], False
        yield mistake.excerpt[start:end], True
        place = end
    yield mistake.excerpt[place:], False


def _known(mistake: Mistake) -> list[LabelEvidence]:
    """Return the labels that the model knows."""
    return [evidence for evidence in mistake.evidence if evidence.probability is not None]


def _words(mistake: Mistake) -> Iterator[tuple[str, tuple[Word, ...]]]:
    """Yield the words for the labels, each with its shade."""
    found = mistake.spoken(_known(mistake))
    strongest = max((abs(added) for _, words in found for _, added in words), default=1.0) or 1.0
    for heading, words in found:
        shades = (round(_FAINTEST + _SHADES * abs(added) / strongest, 2) for _, added in words)
        yield heading, tuple((word, added, shade) for (word, added), shade in zip(words, shades, strict=True))

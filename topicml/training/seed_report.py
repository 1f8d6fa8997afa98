"""What seed words do in an archive, and which articles to look at: no scores, because nothing is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.elementary import log
from topicml.formatting import counted, listed
from topicml.model.tokens import normalize
from topicml.model.vectorizer import TermStrings
from topicml.training.seed_learning import Archive, Learned
from topicml.training.seed_words import FoundWords, Section
from topicml.training.selection import as_scipy

_N_SHOWN = 10
_N_SUGGESTED = 8
_LISTED = 5
_LONGEST_START = 200  # characters
_TOO_COMMON = 0.5  # of the articles
_MOSTLY = 0.5  # of the articles with a word, that its section should have
_TYPICAL = 3.0  # times more than elsewhere
_FEWEST = 3  # articles with a word that is suggested
_SHARES_OF = {
    "votes": "as the seed words vote, because the sections' words differ more in frequency than the words of "
    "one section do",
    "even": "even, because the words of one section differ in frequency as much as the sections' words do",
    "words": "those of the articles that have their words",
    "given": "as given",
}


@dataclass(frozen=True, slots=True)
class SeedWord:
    """A seed word in the archive.

    Parameters
    ----------
    word : str
        As it was given.
    against : bool
        Whether it speaks against its section.
    n_articles : int
        Articles that have it.
    own_share : float or None
        The share of these that the model puts into the word's section; None if there are none.
    elsewhere : str or None
        The other section with the most of them.
    remark : {"not found", "in nearly all articles", "too common", "points elsewhere", ""}
    """

    word: str
    against: bool
    n_articles: int
    own_share: float | None
    elsewhere: str | None
    remark: str


@dataclass(frozen=True, slots=True)
class ArchiveArticle:
    """An article to look at: its place in the archive, its id, how it begins, and its probability."""

    row: int
    id: str | None
    begin: str
    probability: float


@dataclass(frozen=True, slots=True)
class SeededSection:
    """What became of a section.

    Parameters
    ----------
    label : str
    words : tuple of SeedWord
    n_singled_out : int
        Articles that its words single out: they weigh more there than other sections' words, or with several
        labels an article, they occur.
    n_given : int
        Articles that the model puts there.
    surest, most_doubtful : tuple of ArchiveArticle
        Of these, ten each.
    suggested : tuple of str
        Words that are typical of these, and could be added.
    """

    label: str
    words: tuple[SeedWord, ...]
    n_singled_out: int
    n_given: int
    surest: tuple[ArchiveArticle, ...]
    most_doubtful: tuple[ArchiveArticle, ...]
    suggested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What seed words do in an archive.

    Parameters
    ----------
    n_articles : int
    n_singled_out : int
        Articles that the words of any section single out.
    n_started : int
        Those of them where learning started.
    shares_of : {"votes", "even", "words", "given"}
        Where the share of each section in the archive comes from.
    sections : tuple of SeededSection
    """

    n_articles: int
    n_singled_out: int
    n_started: int
    shares_of: str
    sections: tuple[SeededSection, ...]

    def sentences(self) -> tuple[str, ...]:
        """Say what was done."""
        archive = counted(self.n_articles, "article")
        return (
            f"The seed words single out {self.n_singled_out:,} of {archive}; learning started from "
            f"{self.n_started:,}.",
            f"Shares of the sections: {_SHARES_OF[self.shares_of]}.",
            *self._doubts(),
            "Not measured: no article has a label. Look at some, or label some at random and evaluate.",
        )

    def _doubts(self) -> tuple[str, ...]:
        """Name sections of whose words at least half point elsewhere."""
        named = []
        for section in self.sections:
            own = [word for word in section.words if word.own_share is not None and not word.against]
            if 2 * sum(word.remark == "points elsewhere" for word in own) >= len(own) > 0:
                named.append(section.label)
        if not named:
            return ()
        sections = listed(map(repr, named), _LISTED)
        return (
            f"In doubt: {sections}. Articles with these words are mostly in other sections: choose other "
            "words, unless the archive has few such articles.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return asdict(self)


def report_seed_words(
    archive: Archive, articles: Sequence[Article], learned: Learned, probabilities: NDArray[np.float64]
) -> SeedReport:
    """Look at what was learned from an archive; probabilities, shape (n_articles, n_sections), are shown."""
    start, labels = learned.start, archive.found.seeds.labels
    has_word = _occurrences(archive.found)
    suggested = _suggested(archive, learned.given)
    sections = []
    for k, section in enumerate(archive.found.seeds.sections):
        rows = np.flatnonzero(learned.given[:, k])
        ranked = rows[np.argsort(-probabilities[rows, k], kind="stable")]
        surest, doubtful = (
            tuple(_article(articles[row], row, float(probabilities[row, k])) for row in some.tolist())
            for some in (ranked[:_N_SHOWN], ranked[::-1][:_N_SHOWN])
        )
        words = _seed_words(archive.found, section, has_word, learned.given, k)
        n_singled_out = int(start.singled_out[:, k].sum())
        sections.append(
            SeededSection(labels[k], words, n_singled_out, len(rows), surest, doubtful, suggested[k])
        )
    n_singled_out = int(start.singled_out.any(axis=1).sum())
    n_started = int(start.taken.sum())
    return SeedReport(len(articles), n_singled_out, n_started, start.shares_of, tuple(sections))


def _occurrences(found: FoundWords) -> NDArray[np.bool_]:
    """Return which article has which word, shape (n_articles, n_words)."""
    has_word = np.zeros((found.n_articles, len(found.frequencies)), bool)
    of_article = np.arange(found.n_articles).repeat(np.diff(found.counts.indptr))
    has_word[of_article, found.counts.indices] = True
    return has_word


def _seed_words(
    found: FoundWords, section: Section, has_word: NDArray[np.bool_], given: NDArray[np.bool_], k: int
) -> tuple[SeedWord, ...]:
    words = [(word, False) for word in section.words] + [(word, True) for word in section.against]
    return tuple(
        _seed_word(found, word, given[has_word[:, found.column[word]]], k, against=against)
        for word, against in words
    )


def _seed_word(found: FoundWords, word: str, given: NDArray[np.bool_], k: int, *, against: bool) -> SeedWord:
    """Describe a word by what its articles are given."""
    n = len(given)
    if not n:
        return SeedWord(word, against, 0, None, None, "not found")
    shares = given.mean(axis=0)
    others = np.where(np.arange(len(shares)) == k, -1.0, shares)
    elsewhere = found.seeds.labels[int(others.argmax())] if others.max() > 0 else None
    remark = ""
    if not found.useful([word]):
        remark = "in nearly all articles"
    elif not against and n > _TOO_COMMON * found.n_articles:
        remark = "too common"
    elif not against and shares[k] < _MOSTLY:
        remark = "points elsewhere"
    return SeedWord(word, against, n, float(shares[k]), elsewhere, remark)


def _article(article: Article, row: int, probability: float) -> ArchiveArticle:
    begin = " ".join(article.full_text[: 2 * _LONGEST_START].split())[:_LONGEST_START]
    return ArchiveArticle(row, article.id, begin, probability)


def _suggested(archive: Archive, given: NDArray[np.bool_]) -> list[tuple[str, ...]]:
    """Return the words most typical of each section's articles that are no seed words.

    A word weighs at least three times more in the section's articles than in others. It counts by its weight
    there, times the logarithm of how much more that is.
    """
    terms, X = archive.vectorizer.terms, as_scipy(archive.X)
    inside = X.T @ given.astype(np.float64)
    outside = X.T @ (~given).astype(np.float64)
    rate = (inside + 1) / (inside.sum(axis=0) + 1) / ((outside + 1) / (outside.sum(axis=0) + 1))
    known = {normalize(word) for section in archive.found.seeds.sections for word in section.words}
    counted_terms = np.bincount(archive.X.indices, minlength=len(terms))
    enough = (counted_terms[:, None] >= _FEWEST) & (rate >= _TYPICAL)
    typical = np.where(enough, inside * log(rate), 0.0)
    return [_new_words(typical[:, k], terms, known) for k in range(given.shape[1])]


def _new_words(typical: NDArray[np.float64], terms: TermStrings, known: set[str]) -> tuple[str, ...]:
    """Return the most typical terms that are whole words without digits, and not known."""
    found: list[str] = []
    for term in np.argsort(-typical, kind="stable").tolist():
        if len(found) == _N_SUGGESTED or typical[term] <= 0:
            break
        word = terms[term]
        if word not in known and not any(character.isdigit() for character in word):
            found.append(word)
    return tuple(found)

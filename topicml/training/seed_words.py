"""Seed words: a few words for each section, and which articles of an archive they single out.

Words are found as a model finds its terms: in small letters, whole, and phrases as words that follow each
other. An article speaks for the section whose words weigh most in it; of each section, those that speak most
clearly for it are where learning starts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicml.article import canonical
from topicml.elementary import log
from topicml.exceptions import CorpusError, TopicmlTypeError, TopicmlValueError
from topicml.formatting import counted, did_you_mean, listed
from topicml.model.feature_settings import FeatureSettings
from topicml.model.ngrams import word_terms
from topicml.model.record import RecordedSection, RecordedSeedWords
from topicml.model.sparse import SparseRows
from topicml.model.tokens import tokenize
from topicml.model.vectorizer import Counts, TermStrings, Vectorizer

_LONGEST = 5  # words of a phrase
_ENTRIES = ("words", "against")
_NEARLY_ALL = 0.9  # of the articles: a word that so many have says nothing
_STARTING = 1 / 3  # of the articles that a section's words single out
_FEWEST_STARTING = 5
_RELIABLE = 2.0  # see `shares_by_votes`
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Section:
    """A section, the words that speak for it, and words that speak against it, as they were given."""

    label: str
    words: tuple[str, ...]
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedWords:
    """The seed words of all sections, sorted by the sections' names.

    `where` names the file that they come from, in messages.
    """

    sections: tuple[Section, ...]
    where: str = "seed_words"

    @classmethod
    def of(cls, given: Mapping[str, Any] | SeedWords, *, where: str = "seed_words") -> SeedWords:
        """Take a mapping of sections to words, or to a mapping with ``words`` and ``against``.

        >>> SeedWords.of({"sport": ["match", "cup final"], "tech": {"words": ["app"]}}).labels
        ('sport', 'tech')
        """
        if isinstance(given, SeedWords):
            return given
        if not isinstance(given, Mapping):
            raise TopicmlTypeError(
                f"{where}: expected a list of words for each section, such as {{'sport': ['match', 'cup']}}; "
                f"found {type(given).__name__}"
            )
        if len(given) < 2:
            raise TopicmlValueError(
                f"{where}: expected two sections or more, found {counted(len(given), 'section')}: articles "
                "of other topics need a section, too"
            )
        found = [_section(label, own, where) for label, own in given.items()]
        if len({section.label for section in found}) < len(found):
            raise TopicmlValueError(f"{where}: a section stands there twice: give all of its words at once")
        return cls(tuple(sorted(found, key=lambda section: section.label)), where)

    @classmethod
    def read(cls, path: Path) -> SeedWords:
        """Read a TOML file: a list of words for each section, or a table with ``words`` and ``against``."""
        try:
            given = tomllib.loads(path.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CorpusError(
                f'{path} is not TOML ({error}): expected lines such as "sport" = ["match", "cup final"]'
            ) from error
        except OSError as error:
            raise CorpusError(f"cannot read {path}: {error.strerror}") from error
        return cls.of(given, where=str(path))

    @classmethod
    def recorded(cls, record: RecordedSeedWords) -> SeedWords:
        """Return those that a model records."""
        sections = (Section(label, one.words, one.against) for label, one in record.sections.items())
        return cls(tuple(sections), "the model's seed words")

    def record(self) -> RecordedSeedWords:
        """Return what a model records of them."""
        return RecordedSeedWords(
            {one.label: RecordedSection(one.words, one.against) for one in self.sections}
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the sections."""
        return tuple(section.label for section in self.sections)


def _section(label: object, given: object, where: str) -> Section:
    if not isinstance(label, str) or not label.strip():
        raise TopicmlValueError(f"{where}: expected the name of a section, found {label!r}")
    label = canonical(label.strip())  # as labels of articles are read
    place = f"{where}: section {label!r}"
    if not isinstance(given, Mapping):
        return Section(label, _words(given, place, "words"))
    for entry in given:
        if entry not in _ENTRIES:
            raise TopicmlValueError(
                f"{place} has the entry {entry!r}{did_you_mean(str(entry), _ENTRIES)}; expected 'words' and, "
                "if any, 'against'"
            )
    if "words" not in given:
        raise TopicmlValueError(f"{place} has no 'words'")
    against = _words(given["against"], place, "against") if given.get("against") else ()
    return Section(label, _words(given["words"], place, "words"), against)


def _words(given: object, place: str, entry: str) -> tuple[str, ...]:
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TopicmlTypeError(f"{place}: expected a list of {entry}, found {given!r}")
    words = tuple(given)
    if not words:
        raise TopicmlValueError(f"{place} has no words: give it three to five")
    for word in words:
        if not isinstance(word, str):
            raise TopicmlTypeError(f"{place}: expected words, found {word!r}: put it in quotation marks")
        if not 1 <= len(_tokens(word)) <= _LONGEST:
            raise TopicmlValueError(
                f"{place}: {word!r} has {counted(len(_tokens(word)), 'word')}; expected 1 to {_LONGEST}"
            )
    return words


def _tokens(word: str) -> list[str]:
    tokens = tokenize([word], min_token_length=1)
    return tokens.ngram_texts(np.arange(len(tokens.start)), 1)


def _hash(word: str, settings: FeatureSettings) -> int:
    """Return the hash of a word or phrase as articles have it."""
    hashes = tokenize([word], min_token_length=1).hashes()
    return int(word_terms(hashes, len(hashes), settings)[0])


def columns_of(words: Sequence[str], terms: Vectorizer) -> NDArray[np.int64]:
    """Return the columns of those words and phrases that are terms of a vocabulary."""
    read = terms.settings.as_read(words)
    columns = terms.index.find(np.array([_hash(word, terms.settings) for word in read], np.uint64))
    return columns[columns >= 0]


def word_functions(seeds: SeedWords, labels: Sequence[str], terms: Vectorizer) -> NDArray[np.float32]:
    """Return the functions that add up the seed words of some sections, shape (n_terms, n_labels).

    Words that are no terms of the vocabulary take no part.
    """
    coef = np.zeros((len(terms), len(labels)), np.float32)
    for section in seeds.sections:
        if section.label in labels:
            place = labels.index(section.label)
            coef[columns_of(section.against, terms), place] = -1.0
            coef[columns_of(section.words, terms), place] = 1.0
    return coef


@dataclass(frozen=True, eq=False)
class FoundWords:
    """The seed words in the articles of an archive.

    Parameters
    ----------
    seeds : SeedWords
    counts : Counts, shape (n_articles, n_words)
        How often each article has each word.
    column : mapping of str to int
        The column of each word, however it is written.
    lengths : ndarray of int64, shape (n_articles,)
        The articles' characters.
    """

    seeds: SeedWords
    counts: Counts
    column: Mapping[str, int]
    lengths: NDArray[np.int64]

    @property
    def n_articles(self) -> int:
        """The number of articles in the archive."""
        return len(self.lengths)

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """The number of articles that have each word, by column."""
        return np.bincount(self.counts.indices, minlength=max(self.column.values()) + 1)

    def frequency(self, word: str) -> int:
        """Return the number of articles that have a word."""
        return int(self.frequencies[self.column[word]])

    def useful(self, words: Iterable[str]) -> dict[int, str]:
        """Return words that some articles have, and not nearly all, by their columns."""
        most = _NEARLY_ALL * self.n_articles
        return {self.column[word]: word for word in words if 0 < self.frequency(word) <= most}

    def notes(self) -> tuple[str, ...]:
        """Name the words that say nothing, with their sections."""
        where = self.seeds.where
        every = [(one.label, word) for one in self.seeds.sections for word in (*one.words, *one.against)]
        absent = [f"{word!r} ({label})" for label, word in every if not self.frequency(word)]
        common = [
            f"{word!r} ({label})"
            for label, word in every
            if self.frequency(word) > _NEARLY_ALL * self.n_articles
        ]
        return (
            *((f"{where}: no article has {listed(absent, _LISTED)}",) if absent else ()),
            *((f"{where}: nearly all articles have {listed(common, _LISTED)}",) if common else ()),
        )


def find_words(
    texts: Sequence[str],
    seeds: SeedWords,
    settings: FeatureSettings,
    *,
    shared: bool = False,
    n_jobs: int = -1,
) -> FoundWords:
    """Count the seed words in texts; a section of which no word is useful is an error that names it.

    So is a word of two sections, unless words may be shared.
    """
    words = [word for section in seeds.sections for word in (*section.words, *section.against)]
    orders = [len(_tokens(word)) for word in words]
    matching = FeatureSettings(
        ngram_range=(min(orders), max(orders)), min_token_length=1, fold_dotted_i=settings.fold_dotted_i
    )
    hash_of = {word: _hash(read, matching) for word, read in zip(words, matching.as_read(words), strict=True)}
    hashes = np.unique(np.array(list(hash_of.values()), np.uint64))
    column = {word: int(np.searchsorted(hashes, np.uint64(own))) for word, own in hash_of.items()}
    vectorizer = Vectorizer(matching, hashes, np.ones(len(hashes), np.float32), TermStrings.pack([]))
    if not shared:
        _refuse_shared(seeds, column)
    lengths = np.array([len(text) for text in texts], np.int64)
    found = FoundWords(seeds, vectorizer.count(texts, n_jobs=n_jobs), column, lengths)
    for section in seeds.sections:
        if not found.useful(section.words):
            raise CorpusError(
                f"{seeds.where}: section {section.label!r}: of the {counted(found.n_articles, 'article')}, "
                f"none or nearly all have {listed(map(repr, section.words), _LISTED, between=' or ')}: "
                "choose words that some articles of this section have"
            )
    return found


def _refuse_shared(seeds: SeedWords, column: Mapping[str, int]) -> None:
    section_of: dict[int, str] = {}
    for section in seeds.sections:
        for word in section.words:
            other = section_of.setdefault(column[word], section.label)
            if other != section.label:
                raise TopicmlValueError(
                    f"{seeds.where}: sections {other!r} and {section.label!r} share the word {word!r}: "
                    "leave it to one of them"
                )


@dataclass(frozen=True, eq=False, slots=True)
class Votes:
    """What the seed words say about each article.

    Parameters
    ----------
    weights : ndarray of float64, shape (n_articles, n_sections)
        How much each section's words weigh; less than 0 where those against it weigh more.
    section : ndarray of int64, shape (n_articles,)
        The section whose words weigh most; -1 where none does.
    margin : ndarray of float64, shape (n_articles,)
        By how much they weigh more than those of the next section.
    """

    weights: NDArray[np.float64]
    section: NDArray[np.int64] = field(init=False)
    margin: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        ranked = np.sort(np.maximum(self.weights, 0.0), axis=1)
        margin = ranked[:, -1] - ranked[:, -2]
        object.__setattr__(self, "margin", margin)
        object.__setattr__(self, "section", np.where(margin > 0, self.weights.argmax(axis=1), -1))

    @property
    def n_singled_out(self) -> NDArray[np.int64]:
        """The number of articles that speak for each section."""
        return np.bincount(self.section + 1, minlength=self.weights.shape[1] + 1)[1:]

    def start(self) -> NDArray[np.int64]:
        """Return the articles where learning starts: those that speak most clearly for each section."""
        n_sections = self.weights.shape[1]
        return np.sort(
            np.concatenate([clearest(self.margin, self.section == section) for section in range(n_sections)])
        )


def clearest(weights: NDArray[np.float64], among: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the third of some articles with the highest weights, and five of them at least.

    >>> clearest(np.arange(30.0), np.arange(30) % 2 == 0).tolist()
    [28, 26, 24, 22, 20]
    """
    rows = np.flatnonzero(among)
    most = max(_FEWEST_STARTING, int(len(rows) * _STARTING))
    return rows[np.argsort(-weights[rows], kind="stable")[:most]]


def weigh_words(found: FoundWords) -> NDArray[np.float64]:
    """Return how much each section's words weigh in each article, shape (n_articles, n_sections).

    They weigh as a model's terms do, by how often they occur and how rare they are, and less in long
    articles. The weight is negative where the words against a section weigh more than its own.
    """
    n_words = len(found.frequencies)
    signs = np.zeros((n_words, len(found.seeds.sections)))
    for k, section in enumerate(found.seeds.sections):
        signs[list(found.useful(section.against)), k] = -1.0
        signs[list(found.useful(section.words)), k] = 1.0
    idf = log((1 + found.n_articles) / (1 + found.frequencies)) + 1
    counts = found.counts
    of_article = np.arange(found.n_articles).repeat(np.diff(counts.indptr))
    damped = (log(counts.values) + 1) / np.sqrt(np.maximum(found.lengths, 1)).take(of_article)
    rows = SparseRows(damped.astype(np.float32), counts.indices, counts.indptr, n_words)
    return rows.dot((signs * idf[:, None]).astype(np.float32))


def count_votes(found: FoundWords, weights: NDArray[np.float64]) -> Votes:
    """Return for which section each article speaks; that none speaks for a section is an error."""
    votes = Votes(weights)
    for section, n_articles in zip(found.seeds.sections, votes.n_singled_out.tolist(), strict=True):
        if not n_articles:
            raise CorpusError(
                f"{found.seeds.where}: section {section.label!r}: its words single out no article, because "
                "words of other sections weigh more wherever they occur: choose others"
            )
    return votes


def started_sections(found: FoundWords, *, multilabel: bool) -> NDArray[np.bool_]:
    """Return the sections of the articles where learning starts, shape (n_articles, n_sections).

    Other articles have none; of several labels an article, those have all whose words they have.
    """
    weights = weigh_words(found)
    started = np.zeros(weights.shape, bool)
    if multilabel:
        rows = np.unique(np.concatenate([clearest(own, own > 0) for own in weights.T]))
        started[rows] = weights[rows] > 0
        return started
    votes = count_votes(found, weights)
    rows = votes.start()
    started[rows, votes.section[rows]] = True
    return started


def shares_by_votes(found: FoundWords, votes: Votes) -> NDArray[np.float64] | None:
    """Return the share of each section as the seed words vote, or None where even shares are a better guess.

    Votes say how large the sections are, and how frequent the words happen to be. If sections differ in size,
    all words of a large one occur in many articles. So the numbers of articles that have each word, in
    logarithms, are compared by an analysis of variance: between the sections, and from word to word within
    them. If the first is at least twice the second, more than half of what the sections differ by is theirs,
    and the votes count; else the shares are even, as they are where each section has one word.
    """
    groups = [
        log(found.frequencies[list(found.useful(section.words))] + 0.5) for section in found.seeds.sections
    ]
    within = [float(group.var(ddof=1)) for group in groups if len(group) > 1]
    if not within:
        return None
    means = np.array([float(group.mean()) for group in groups])
    between = np.mean([len(group) for group in groups]) * means.var(ddof=1)
    if between < _RELIABLE * np.mean(within):
        return None
    shares: NDArray[np.float64] = (votes.n_singled_out + 1) / (votes.n_singled_out + 1).sum()
    return shares

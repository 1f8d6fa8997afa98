"""An overview of the labels of a corpus: how frequent they are, which names are similar, which are rare."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from topicml.article import Article
from topicml.formatting import counted, escaped, table_lines

_AND = frozenset({"and", "und", "et", "y"})
_ACCENTS = range(0x300, 0x370)  # of Latin, Greek and Cyrillic; the marks of other scripts are vowels


@dataclass(frozen=True, slots=True)
class LabelReview:
    """What a person should look at before training.

    Parameters
    ----------
    counts : mapping of str to int
        Articles with each label, the most frequent first.
    alike : tuple of tuple of str
        Labels whose names differ only by case, accents, plural, punctuation, white space or "and"; the
        most frequent first.
    rare : tuple of str
        Labels with too few articles, even together with those of similar names.
    """

    counts: Mapping[str, int]
    alike: tuple[tuple[str, ...], ...]
    rare: tuple[str, ...]
    n_articles: int
    n_unlabelled: int

    def __str__(self) -> str:
        """Return a line for each label, then the similar names."""
        lines = [f"{counted(len(self.counts), 'label')} in {counted(self.n_articles, 'article')}"]
        if self.n_unlabelled:
            lines.append(f"{counted(self.n_unlabelled, 'article')} without a label")
        rows = [[escaped(n), str(count), "rare" * (n in self.rare)] for n, count in self.counts.items()]
        lines += ["", *table_lines([["label", "articles", ""], *rows], right=[False, True, False])]
        if self.alike:
            lines += ["", "Similar names"]
        for same in self.alike:
            lines.append("  " + escaped(", ".join(f"{label!r} ({self.counts[label]})" for label in same)))
        return "\n".join(lines)


def review_labels(articles: Iterable[Article], *, min_articles: int = 5) -> LabelReview:
    """Count labels, and find those that a person should look at.

    A label with fewer than `min_articles` is rare. Training splits articles into five folds; with fewer than
    five articles of a label, some folds have none to measure it on.

    >>> names = ["Arts & Stage", "arts and stage", "Arts & Stage", "Chess"]
    >>> review = review_labels([Article("...", labels=(name,)) for name in names], min_articles=3)
    >>> review.alike, review.rare
    ((('Arts & Stage', 'arts and stage'),), ('Chess',))
    """
    counts: Counter[str] = Counter()
    n_articles = n_unlabelled = 0
    for article in articles:
        counts.update(article.labels or ())
        n_articles += 1
        n_unlabelled += not article.labels
    ranked = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    same: defaultdict[str, list[str]] = defaultdict(list)
    for label in ranked:
        same[name_key(label)].append(label)
    alike = tuple(tuple(labels) for labels in same.values() if len(labels) > 1)
    few = (labels for labels in same.values() if sum(ranked[label] for label in labels) < min_articles)
    rare = tuple(label for labels in few for label in labels)
    return LabelReview(ranked, alike, rare, n_articles, n_unlabelled)


def name_key(label: str) -> str:
    """Return a label's name without the details by which names of one section often differ.

    Plurals are English, and only of words in Latin letters. A key is for comparing, not for showing: two
    labels with one key are a question to a person, and are never merged without one.

    Examples
    --------
    >>> [name_key(name) for name in ("Cyber-Securities", "cyber security", "Café & Bars", "cafe and bar")]
    ['cybersecurity', 'cybersecurity', 'cafebar', 'cafebar']
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", label).casefold())
    plain = "".join(character for character in folded if ord(character) not in _ACCENTS)
    words = _without_signs(plain).split()
    inner = [word for word in words[1:-1] if word not in _AND]
    return "".join(map(_singular, [*words[:1], *inner, *words[1:][-1:]])) or plain


def mapping_draft(review: LabelReview) -> Iterator[str]:
    """Yield the lines of a file of label mappings in which every suggestion is a comment.

    So the file changes nothing until a person has decided and removed a ``#``.
    """
    yield "# New names for labels. Remove the # from the lines to use; all others change nothing."
    yield ""
    yield f"# Labels to drop, such as Home. Suggested: {counted(len(review.rare), 'rare label')}."
    yield "drop = ["
    for label in review.rare:
        yield f"#   {_quoted(label)},  # {counted(review.counts[label], 'article')}"
    yield "]"
    yield ""
    yield "# Old name = new name; labels with the same new name are merged. Suggested: similar names."
    yield "[rename]"
    for first, *others in review.alike:
        for label in others if first not in review.rare else ():  # one entry a label
            numbers = f"{counted(review.counts[label], 'article')} into {review.counts[first]}"
            yield f"# {_quoted(label)} = {_quoted(first)}  # {numbers}"
    yield ""
    yield "# Child = parent: articles with the child then have the parent, too."
    yield "[parents]"
    yield ""
    yield '# Label = its code in a vocabulary, such as "medtop:11000000" of IPTC Media Topics.'
    yield "[codes]"
    settled = {*review.rare, *(label for _, *others in review.alike for label in others)}
    for label in review.counts:
        if label not in settled:
            yield f'# {_quoted(label)} = ""'


def _without_signs(text: str) -> str:
    """Put a blank for punctuation and nothing for apostrophes; ``+`` and ``#`` stay, as in "C++"."""
    kept = []
    for character in text.replace("'", "").replace("’", ""):
        separates = character != "#" and unicodedata.category(character)[0] in "PZC"
        kept.append(" " if separates else character)
    return "".join(kept)


def _singular(word: str) -> str:
    """Return an English noun without its plural; "movies" and "movie" both become "movy"."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:-2] + "y" if word.endswith("ie") else word


def _quoted(label: str) -> str:
    """Return a label as a string of TOML, whose escapes are those of JSON and one more."""
    return json.dumps(label, ensure_ascii=False).replace("\x7f", "\\u007F")

"""A person's decisions about labels: which to merge, which to drop, and which belong under which.

Sites call one section by several names, and file pages under names that are no section ("Home"). The file
with these decisions is TOML, is reviewed like code, and is kept beside the corpus; see docs/labels.md.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from topicml.article import Article, canonical
from topicml.exceptions import CorpusError


@dataclass(frozen=True, slots=True)
class MappedArticles:
    """Articles with their new labels, and counts of what changed.

    Parameters
    ----------
    articles : tuple of Article
        In their order.
    left_out : tuple of Article
        Those left out because all their labels are dropped.
    n_unlabelled : int
        How many of `articles` have no label left, because all theirs are dropped.
    renamed, dropped, parents_added : mapping of str to int
        Each label that was renamed, dropped, or added as a parent, with its articles.
    unused : tuple of str
        Labels that the mapping renames or drops but no article has: a typing error, or an entry that is
        no longer needed.
    """

    articles: tuple[Article, ...]
    left_out: tuple[Article, ...]
    n_unlabelled: int
    renamed: Mapping[str, int]
    dropped: Mapping[str, int]
    parents_added: Mapping[str, int]
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelMapping:
    """New names for labels, labels to drop, and parents to add, applied in this order.

    Parameters
    ----------
    rename : mapping of str to str
        Old name to new one; two that get the same name are merged. A chain is followed to its end.
    drop : frozenset of str
        Labels that say nothing about an article.
    parents : mapping of str to str
        Child to parent: an article with the child also gets the parent, and the parent's parent.
        To have the parent *instead*, rename the child: one table has one meaning.
    codes : mapping of str to str
        A label's code in some vocabulary, such as ``medtop:11000000`` of IPTC's Media Topics.

    Raises
    ------
    CorpusError
        If a chain of renames or parents is a circle, or an entry names a label that no longer exists
        once the renames and drops have been made.

    Examples
    --------
    >>> mapping = LabelMapping({"Politik": "Politics"}, frozenset({"Home"}))
    >>> articles = [Article("Talks", labels=("Home", "Politik")), Article("Hello", labels=("Home",))]
    >>> mapped = mapping.apply(articles)
    >>> [article.labels for article in mapped.articles], len(mapped.left_out)
    ([('Politics',)], 1)
    """

    rename: Mapping[str, str] = field(default_factory=dict, hash=False)
    drop: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict, hash=False)
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("rename", "parents", "codes"):
            given: Mapping[str, str] = getattr(self, name)
            pairs = {canonical(label): canonical(other) for label, other in given.items()}
            object.__setattr__(self, name, pairs)
        object.__setattr__(self, "drop", frozenset(map(canonical, self.drop)))
        _refuse_circles("rename", self.rename)
        _refuse_circles("parents", self.parents)
        for place, label in self._final_labels():
            if label in self.drop:
                raise CorpusError(f"{place}: the label {label!r} is dropped: remove one of the two entries")
            if label in self.rename:
                raise CorpusError(
                    f"{place}: the label {label!r} is renamed to {self._renamed(label)!r}: write that name"
                )

    def apply(self, articles: Iterable[Article], *, multilabel: bool = False) -> MappedArticles:
        """Give articles their new labels; articles that nobody has labelled stay as they are.

        An article whose labels are all dropped is kept without labels where articles may have any number of
        them: "no section applies" is an answer there. Where each article has one label, it is left out, since
        nothing can be learned from it.
        """
        kept: list[Article] = []
        left_out: list[Article] = []
        given: Counter[str] = Counter()
        parents_added: Counter[str] = Counter()
        n_unlabelled = 0
        for article in articles:
            before = article.labels or ()
            given.update(before)
            own = self._own(before)
            parents = [label for label in self._ancestors(own) if label not in own]
            parents_added.update(parents)
            bared = bool(before) and not own
            if bared and not multilabel:
                left_out.append(article)
                continue
            n_unlabelled += bared
            kept.append(replace(article, labels=(*own, *parents)) if before else article)
        return MappedArticles(
            articles=tuple(kept),
            left_out=tuple(left_out),
            n_unlabelled=n_unlabelled,
            renamed=_counts_of(self.rename, given),
            dropped=_counts_of(self.drop, given),
            parents_added=dict(sorted(parents_added.items())),
            unused=tuple(label for label in sorted({*self.rename, *self.drop}) if label not in given),
        )

    @classmethod
    def recorded(cls, record: Mapping[str, Any] | None) -> LabelMapping:
        """Return the mapping from a model's record, as `to_record` writes it; None gives an empty one.

        An invalid one is an error.
        """
        try:
            return _mapping({} if record is None else record)
        except (CorpusError, TypeError, AttributeError) as error:
            raise CorpusError(f"the model's record of its label mapping: {error}") from error

    def to_record(self) -> dict[str, Any] | None:
        """Return the mapping as values that JSON can hold; None if it is empty."""
        return None if self == LabelMapping() else {**asdict(self), "drop": sorted(self.drop)}

    def _own(self, labels: Iterable[str]) -> dict[str, None]:
        """Return the labels renamed and without those that are dropped, each once, in order."""
        return dict.fromkeys(self._renamed(label) for label in labels if label not in self.drop)

    def _renamed(self, label: str) -> str:
        while label in self.rename:
            label = self.rename[label]
        return label

    def _ancestors(self, labels: Iterable[str]) -> dict[str, None]:
        """Return the parents of labels, the parents' parents and so on, each once."""
        found: dict[str, None] = {}
        for label in labels:
            while label in self.parents:
                label = self.parents[label]  # noqa: PLW2901  (climbs from where the loop put it)
                found[label] = None
        return found

    def _final_labels(self) -> Iterator[tuple[str, str]]:
        """Yield each entry that names a label as it is after the renames, with its place in the file."""
        for old, new in self.rename.items():
            yield f"[rename] {old!r}", self._renamed(new)
        for label in sorted(self.drop):
            if label in self.rename:
                yield f"[rename] {label!r}", label
        for child, parent in self.parents.items():
            yield f"[parents] {child!r}", child
            yield f"[parents] {child!r}", parent
        for label in self.codes:
            yield f"[codes] {label!r}", label


def read_label_mapping(path: str | Path) -> LabelMapping:
    """Read a file of label mappings.

    It is TOML with any of ``drop`` (a list), ``[rename]``, ``[parents]``, ``[codes]``.

    Raises
    ------
    CorpusError
        If there is no such file, it is not TOML in UTF-8, or an entry is invalid; the message names the
        file and the entry.
    """
    try:
        return _mapping(_content(Path(path)))
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from error


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CorpusError(f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"expected UTF-8, found the byte {error.object[error.start]:#04x}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise CorpusError(f"expected TOML with names in quotes: {error}") from error


def _mapping(content: Mapping[str, Any]) -> LabelMapping:
    known = ("drop", "rename", "parents", "codes")
    if unknown := [key for key in content if key not in known]:
        raise CorpusError(
            f"unknown entry {unknown[0]!r}: expected a list 'drop' at the top, [rename], [parents] or [codes]"
        )
    tables = {table: _table(table, content.get(table, {})) for table in known[1:]}
    return LabelMapping(drop=_drop(content.get("drop", [])), **tables)


def _drop(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise CorpusError(f"drop: expected a list of labels, found {_described(value)}")
    return frozenset(_label(f"drop[{position}]", label) for position, label in enumerate(value))


def _table(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise CorpusError(f"{name}: expected a table, written [{name}], found {_described(value)}")
    return {_label(f"[{name}]", key): _label(f"[{name}] {key!r}", entry) for key, entry in value.items()}


def _label(place: str, value: object) -> str:
    if isinstance(value, dict):
        raise CorpusError(f"{place}: expected text in quotes, found a table: put a name with a dot in quotes")
    if not isinstance(value, str):
        raise CorpusError(f"{place}: expected text in quotes, found {_described(value)}")
    if not value:
        raise CorpusError(f"{place}: expected text, found an empty string")
    if value != value.strip():
        raise CorpusError(
            f"{place}: expected text without white space around it, as labels are read; found {value!r}"
        )
    return value


def _described(value: object) -> str:
    kind = type(value).__name__
    return f"{value!r} ({kind})" if isinstance(value, str | int | float) else f"a value of type {kind}"


def _refuse_circles(table: str, arrows: Mapping[str, str]) -> None:
    done: set[str] = set()
    for start in arrows:
        walked: dict[str, None] = {}
        label = start
        while label in arrows and label not in done:
            if label in walked:
                circle = [*list(walked)[list(walked).index(label) :], label]
                raise CorpusError(f"[{table}] {label!r} is in a circle: {' -> '.join(map(repr, circle))}")
            walked[label] = None
            label = arrows[label]
        done.update(walked)


def _counts_of(labels: Iterable[str], given: Counter[str]) -> dict[str, int]:
    return {label: given[label] for label in sorted(labels) if given[label]}

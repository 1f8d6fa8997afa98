"""Labels of articles changed as a person decided, with a record of the changes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from topicml.article import Article, canonical, place_of
from topicml.displays.tables import Table, html_view
from topicml.exceptions import CorpusError, TopicmlTypeError
from topicml.formatting import counted, did_you_mean, listed, shortened, table_lines, wrapped
from topicml.lifecycle.decided_labels import CHANGE_KINDS, ChangeKind, change_kind, decided_labels, n_given
from topicml.lifecycle.decisions import Decision
from topicml.lifecycle.matching import Articles
from topicml.model.inputs import as_articles
from topicml.reading.corpus import Corpus

_LISTED_FAULTS = 20
_SHOWN_LABELS = 20
_FEW = 2  # articles with a new label that may be a slip of the pen
_LONGEST_LABEL = 40
_SEPARATORS = ";|,"  # that people write between labels in one cell
_TOLD: Mapping[ChangeKind, str] = MappingProxyType(
    {
        "labelled": "labelled for the first time",
        "replaced": "with another label",
        "added": "with more labels",
        "removed": "with fewer labels",
        "kept": "unchanged",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the labels of an article, or their confirmation.

    Parameters
    ----------
    position : int
        Of the article in the corpus, counted from 0.
    place : str
        Where it was read; else its id; else its row, counted from 1.
    kind : {"labelled", "replaced", "added", "removed", "kept"}
    before, after : tuple of str, or None
        Its labels; None if nobody has labelled it.
    origin : str
        Where the decision was read.
    """

    position: int
    place: str
    kind: ChangeKind
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    origin: str


@dataclass(frozen=True, slots=True, repr=False)
class Relabelled:
    """Articles with the labels that a person decided on.

    Parameters
    ----------
    corpus : Corpus
        All articles in their order.
    changes : tuple of Change
        One for each article that was decided about, in the order of the articles.
    n_skipped : int
        Decisions that decide nothing: rows left empty, articles that an annotator skipped.
    """

    corpus: Corpus
    changes: tuple[Change, ...]
    n_skipped: int = 0

    @property
    def labelled(self) -> Corpus:
        """The articles that have been labelled by now, without the others."""
        return replace(self.corpus, articles=tuple(a for a in self.corpus if a.labels is not None))

    def counts(self) -> dict[str, int]:
        """Count the articles by kind of change, and the decisions that decide nothing."""
        kinds = Counter(change.kind for change in self.changes)
        return {**{kind: kinds[kind] for kind in CHANGE_KINDS}, "skipped": self.n_skipped}

    def label_changes(self) -> dict[str, tuple[int, int]]:
        """Count for each label the articles that it was given to, and those that it was taken from."""
        given: Counter[str] = Counter()
        taken: Counter[str] = Counter()
        for change in self.changes:
            given.update(set(change.after or ()) - set(change.before or ()))
            taken.update(set(change.before or ()) - set(change.after or ()))
        return {label: (given[label], taken[label]) for label in sorted(given | taken)}

    def notes(self) -> tuple[str, ...]:
        """Return a line for each new label that may be misspelt, or may be several labels in one cell."""
        new = self._new_labels()
        return (*self._notes_on_spelling(new), *_notes_on_joined(new, self.corpus.label_counts()))

    def _new_labels(self) -> list[str]:
        """Return the labels that no article had, the most frequent first."""
        changed = {change.position: change.before or () for change in self.changes}
        had = {label for labels in changed.values() for label in labels}
        had |= {
            label
            for row, article in enumerate(self.corpus)
            if row not in changed
            for label in article.labels or ()
        }
        return [label for label in self.corpus.label_counts() if label not in had]

    def _notes_on_spelling(self, new: Iterable[str]) -> tuple[str, ...]:
        """Return a line for each new label that one or two articles have, and that is almost another one."""
        counts = self.corpus.label_counts()
        return tuple(
            f"{counted(counts[label], 'article')} got the label {label!r}, which is new{hint}"
            for label in new
            if counts[label] <= _FEW
            if (hint := did_you_mean(label, [other for other in counts if counts[other] > counts[label]]))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the changes as values that JSON can hold."""
        labels = self.corpus.label_counts()
        changes = self.label_changes()
        return {
            "n": len(self.corpus),
            "counts": self.counts(),
            "labels": {
                label: {"given": given, "taken": taken, "n": labels.get(label, 0)}
                for label, (given, taken) in changes.items()
            },
            "changes": [asdict(change) for change in self.changes],
        }

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return the header and a row for each label that was given or taken, the most changed first."""
        have = self.corpus.label_counts()
        ranked = sorted(self.label_changes().items(), key=lambda item: -sum(item[1]))
        cells = [
            (shortened(label, _LONGEST_LABEL), f"{given:,}", f"{taken:,}", f"{have.get(label, 0):,}")
            for label, (given, taken) in ranked
        ]
        return [("label", "given", "taken", "now"), *cells]

    def sentence(self) -> str:
        """Return in a sentence how many articles were decided, and how their labels changed."""
        counts = self.counts()
        told = ", ".join(f"{counts[kind]:,} {_TOLD[kind]}" for kind in CHANGE_KINDS if counts[kind])
        decided = f"{counted(len(self.changes), 'article')} decided: {told}" if told else "No article decided"
        open_ = f"; {counted(self.n_skipped, 'decision')} left open" if self.n_skipped else ""
        return decided + open_

    def __str__(self) -> str:
        lines, rows = wrapped(self.sentence(), hanging="  "), self.rows()
        if len(rows) > 1:
            shown = rows[: _SHOWN_LABELS + 1]
            lines += ["", *table_lines(shown, right=(False, True, True, True))]
        if len(rows) > _SHOWN_LABELS + 1:
            lines.append(f"and {len(rows) - 1 - _SHOWN_LABELS} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        told = ", ".join(f"{number:,} {kind}" for kind, number in self.counts().items() if number)
        return f"Relabelled({counted(len(self.corpus), 'article')}: {told or 'no decisions'})"

    def _repr_html_(self) -> str:
        table = Table("Labels", tuple(self.rows()), (False, True, True, True), _LONGEST_LABEL)
        return html_view([self.sentence()], table.first(_SHOWN_LABELS))


def relabel(
    articles: Iterable[Article], decisions: Iterable[Decision], *, new_labels: bool = False
) -> Relabelled:
    """Give articles the labels that a person decided on.

    A decision is about the article with its id, whose text must be the decision's, where that has one;
    without an id, or with one that no article has, about the article with its text, and all copies of that.
    White space in texts does not matter. Decisions that say the same count once, and their order does not
    matter.

    Parameters
    ----------
    articles : Corpus, or iterable of Article
        With labels or without. They are not changed.
    decisions : iterable of Decision
        See `topicml.read_decisions`.
    new_labels : bool, default=False
        Whether a decision may give a label that no article has. Where no article has a label at all, it may.

    Returns
    -------
    Relabelled

    Raises
    ------
    CorpusError
        If a decision is about no article, or about several with different texts; if two decisions about an
        article contradict each other, or one contradicts the labels that the article has; if a label is
        unknown; if an article would have two labels where every article has one. The message names up to 20
        places.
    TopicmlTypeError
        If an item is not an Article, or not a Decision.

    Examples
    --------
    >>> cup, rain = Article("Late goal", labels=("weather",), id="1"), Article("Rain", labels=("weather",))
    >>> found = relabel([cup, rain], [Decision("label", ("sport",), id="1")], new_labels=True)
    >>> [article.labels for article in found.corpus]
    [('sport',), ('weather',)]
    >>> found
    Relabelled(2 articles: 1 replaced)
    """
    given = as_articles(articles)
    asked = list(map(_canonical, decisions))
    made = [one for one in asked if one.action != "skip"]
    by_row, faults = _by_row(given, made)
    several = _has_several(articles, given, by_row)
    changes, contradictions = _changes(given, by_row, several=several)
    known = {label for article in given for label in article.labels or ()}
    unknown = _unknown(made, known) if known and not new_labels else []
    _refuse([*faults, *contradictions, *unknown])
    after = {change.position: change.after for change in changes}
    found = tuple(
        replace(article, labels=after[row]) if row in after else article for row, article in enumerate(given)
    )
    return Relabelled(Corpus(found, (), several), tuple(changes), len(asked) - len(made))


def _notes_on_joined(new: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    """Return a line for each new label that names other labels, with a separator between them."""
    return [
        f"{counted(counts[label], 'article')} got one label {label!r}, and {parts}; if these "
        f"are several labels, read them with label_separator={mark!r} (--label-separator {mark!r})"
        for label in new
        for mark in _SEPARATORS
        if mark in label and (parts := _known_parts(label, mark, counts))
    ]


def _known_parts(label: str, mark: str, labels: Collection[str]) -> str:
    known = [repr(part) for part in dict.fromkeys(map(str.strip, label.split(mark))) if part in labels]
    return f"{listed(known, 3)} {'is a label' if len(known) == 1 else 'are labels'}, too" if known else ""


def _canonical(decision: object) -> Decision:
    if not isinstance(decision, Decision):
        raise TopicmlTypeError(
            f"expected a Decision, found {type(decision).__name__}; read them from files with "
            "topicml.read_decisions"
        )
    labels, removed = (tuple(map(canonical, names)) for names in (decision.labels, decision.removed))
    return replace(decision, labels=labels, removed=removed)


def _by_row(
    articles: Sequence[Article], decisions: Sequence[Decision]
) -> tuple[dict[int, list[Decision]], list[str]]:
    """Return the decisions about each article, and a line for each decision that is about none."""
    found = Articles.wanted(articles, decisions)
    by_row: defaultdict[int, list[Decision]] = defaultdict(list)
    faults = []
    for decision in decisions:
        try:
            for row in found.of(decision):
                by_row[row].append(decision)
        except CorpusError as error:
            faults.append(f"{decision.origin}: {error}" if decision.origin else str(error))
    return dict(by_row), faults


def _has_several(
    articles: object, listed_: Sequence[Article], by_row: Mapping[int, Sequence[Decision]]
) -> bool:
    """Return whether an article may have any number of labels: as in the corpus, else as was decided."""
    if isinstance(articles, Corpus) and articles.multilabel:
        return True
    numbers = {len(article.labels) for article in listed_ if article.labels is not None}
    if numbers:
        return numbers != {1}
    return any(n_given(own) > 1 for own in by_row.values())


def _unknown(decisions: Sequence[Decision], known: Collection[str]) -> list[str]:
    """Return a line for each label that no article has."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for decision in decisions:
        for label in set(decision.labels).difference(known):
            places[label].append(decision.origin or "a decision")
    return [
        f"{listed(sorted(found, key=_by_number), 3)}: unknown label {label!r}{_hint(label, known)}"
        for label, found in sorted(places.items())
    ]


def _hint(label: str, known: Collection[str]) -> str:
    for mark in _SEPARATORS:
        if mark in label and (parts := _known_parts(label, mark, known)):
            return (
                f"; {parts}: read several labels with label_separator={mark!r} (--label-separator {mark!r})"
            )
    return did_you_mean(label, known)


def _by_number(text: str) -> list[int | str]:
    """Return a key that sorts line 2 before line 10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", text)]


def _changes(
    articles: Sequence[Article], by_row: Mapping[int, Sequence[Decision]], *, several: bool
) -> tuple[list[Change], list[str]]:
    """Return the change of each article, and a line for each whose decisions cannot be followed."""
    changes, faults = [], []
    for row, own in sorted(by_row.items()):
        article = articles[row]
        try:
            after = decided_labels(article.labels, own, several=several)
        except CorpusError as error:
            faults.append(f"{_named(article, row)}: {error}")
        else:
            changes.append(_change(article, row, after, own))
    return changes, faults


def _change(article: Article, row: int, after: tuple[str, ...] | None, own: Sequence[Decision]) -> Change:
    origins = ", ".join(sorted({one.origin for one in own if one.origin}))
    kind = change_kind(article.labels, after)
    return Change(row, place_of(article, row), kind, article.labels, after, origins)


def _named(article: Article, row: int) -> str:
    place = place_of(article, row)
    return place if article.id is None or article.id == place else f"{place} (id {article.id!r})"


def _refuse(faults: list[str]) -> None:
    if faults:
        unknown = any("unknown label" in fault for fault in faults)
        advice = "; new_labels=True (--new-labels) lets decisions give labels that no article has"
        places = listed(
            sorted(faults, key=_by_number), _LISTED_FAULTS, between="\n  ", more="\n  and {} more"
        )
        raise CorpusError(
            f"{counted(len(faults), 'fault')} in the decisions, so nothing was changed:\n  {places}\n"
            f"correct them{advice if unknown else ''}"
        )

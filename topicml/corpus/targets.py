"""From labels to the matrix that is learned, with the target type given or inferred once."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, TargetType
from topicml.exceptions import CorpusError, TopicmlValueError
from topicml.formatting import counted, listed
from topicml.model.prediction import Prediction

_LISTED = 5


@dataclass(frozen=True, eq=False, slots=True)
class Targets:
    """Classes sorted as text, and which article has which of them, `Y`.

    With a multiclass target each article has exactly one. Notes are what a person should know: labels that
    differ only by case, labels without articles.
    """

    classes_: tuple[str, ...]
    target_type: TargetType
    Y: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    @property
    def multilabel(self) -> bool:
        """Whether an article may have several labels or none."""
        return self.target_type == "multilabel"

    def take(self, rows: NDArray[np.int64]) -> Targets:
        """Return those of some of the articles."""
        return replace(self, Y=self.Y[rows])


def encode_targets(
    articles: Sequence[Article], *, target_type: TargetType | None = None, labels: Sequence[str] | None = None
) -> Targets:
    """Turn the labels of articles into a matrix.

    The target type is by default multiclass if every article has exactly one label, else multilabel. Allowed
    labels that no article has are noted and left out of the model, which could only guess them.

    Raises
    ------
    CorpusError
        If an article is not labelled, has a label that is not allowed, or has several or none where one
        is expected; or if there are fewer than two labels.
    TopicmlValueError
        If `target_type` is no target type.
    """
    if target_type not in (None, "multiclass", "multilabel"):
        raise TopicmlValueError(f"target_type must be 'multiclass' or 'multilabel', found {target_type!r}")
    if unlabelled := [article.origin or article.id or "?" for article in articles if article.labels is None]:
        n = counted(len(unlabelled), "article")
        raise CorpusError(f"{n} without a label, the first at {unlabelled[0]}; leave such articles out")
    counts = Counter(label for article in articles for label in article.labels or ())
    notes = _check_allowed(counts, labels) + label_notes(counts, len(articles))
    classes = tuple(sorted(counts))
    kind = target_type or inferred_target_type(articles)
    if kind == "multiclass":
        _check_one_label_each(articles)
    if len(classes) < (2 if kind == "multiclass" else 1):
        raise CorpusError(f"training needs two labels or more, found {list(classes)!r}")
    return Targets(classes, kind, encode_labels(articles, classes), tuple(notes))


def encode_labels(articles: Sequence[Article | Prediction], classes: Sequence[str]) -> NDArray[np.bool_]:
    """Return which article, or prediction, has which of the classes; other labels are ignored.

    Examples
    --------
    >>> encode_labels([Article("Rain", labels=("weather", "news"))], ["sport", "weather"]).tolist()
    [[False, True]]
    """
    column = {label: k for k, label in enumerate(classes)}
    Y = np.zeros((len(articles), len(classes)), bool)
    for row, article in enumerate(articles):
        Y[row, [column[label] for label in article.labels or () if label in column]] = True
    return Y


def inferred_target_type(articles: Sequence[Article]) -> TargetType:
    """Return multiclass if every article has exactly one label, else multilabel."""
    return "multiclass" if all(len(article.labels or ()) == 1 for article in articles) else "multilabel"


def _check_one_label_each(articles: Sequence[Article]) -> None:
    for article in articles:
        labels = list(article.labels or ())
        if len(labels) != 1:
            raise CorpusError(
                f"{article.origin or article.id or 'an article'} has the labels {labels!r}, but a multiclass "
                "target expects exactly one: use target_type='multilabel' (--target multilabel)"
            )


def _check_allowed(counts: Counter[str], labels: Sequence[str] | None) -> list[str]:
    if labels is None:
        return []
    if unknown := sorted(set(counts) - set(labels)):
        named = listed((f"{label!r} ({counted(counts[label], 'article')})" for label in unknown), _LISTED)
        raise CorpusError(
            f"labels that are not in the given list: {named}; add them, or leave those articles out"
        )
    absent = [label for label in labels if label not in counts]
    if not absent:
        return []
    named = listed(map(repr, absent), _LISTED)
    return [f"{counted(len(absent), 'allowed label')} without an article, so left out of the model: {named}"]


def label_notes(counts: Mapping[str, int], n_articles: int) -> list[str]:
    """Return notes on labels that are easily taken for one another, and on those that every article has.

    >>> label_notes({"sport": 2, "Sport": 1}, 3)
    ["labels that differ only by case are kept apart: 'Sport' (1), 'sport' (2)"]
    """
    return _case_variants(counts) + _look_alikes(counts) + _everywhere(counts, n_articles)


def _look_alikes(counts: Mapping[str, int]) -> list[str]:
    """Note labels that differ only by what nobody sees, or by entities of HTML."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for label in sorted(counts):
        alike[_as_seen(label)].append(label)
    several = [
        ", ".join(f"{label!a} ({counts[label]})" for label in same)
        for same in alike.values()
        if len({label.casefold() for label in same}) > 1
    ]
    if not several:
        return []
    named = listed(several, _LISTED, between="; ")
    return [f"labels that look the same are kept apart: {named}; merge them with a label mapping"]


def _as_seen(label: str) -> str:
    folded = unicodedata.normalize("NFKC", unescape(unescape(label))).casefold()
    visible = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return " ".join(visible.split())


def _everywhere(counts: Mapping[str, int], n_articles: int) -> list[str]:
    """Note labels that say nothing, because every article has them."""
    found = [label for label in sorted(counts) if counts[label] == n_articles and len(counts) > 1]
    if not found:
        return []
    named = listed(map(repr, found), _LISTED)
    return [
        f"every article has the label {named}: its F1 of 1.000 says nothing and raises the macro average; "
        "drop it with a label mapping"
    ]


def _case_variants(counts: Mapping[str, int]) -> list[str]:
    variants: defaultdict[str, list[str]] = defaultdict(list)
    for label in sorted(counts):
        variants[label.casefold()].append(label)
    several = [
        ", ".join(f"{label!r} ({counts[label]})" for label in same)
        for same in variants.values()
        if len(same) > 1
    ]
    if not several:
        return []
    return [f"labels that differ only by case are kept apart: {listed(several, _LISTED, between='; ')}"]

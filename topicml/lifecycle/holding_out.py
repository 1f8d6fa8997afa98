"""Articles that neither an old model nor the one trained to follow it has seen, to compare the two on.

An old model knows the labels of its own training articles by heart, so a comparison on those would keep
it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article
from topicml.corpus.fields import parse_instant
from topicml.corpus.near_duplicates import Stories
from topicml.corpus.seen_articles import seen_in_training
from topicml.corpus.splitting import Parted, by_chance, by_time
from topicml.exceptions import CorpusError, NothingNewError
from topicml.formatting import counted
from topicml.metrics.paired import FEWEST_DIFFERING
from topicml.model.classifier import FittedClassifier
from topicml.model.inputs import as_texts

_SHARE = 0.2  # of all articles
_SHARE_OF_NEW = 0.5  # so that there is something new to learn from, too
_ADVICE = "name labelled articles that the model was not trained on with test=... (--test FILE)"


@dataclass(frozen=True, eq=False, slots=True)
class Grouped:
    """Articles, and which of them are copies of each other."""

    articles: tuple[Article, ...]
    stories: Stories

    def take(self, rows: NDArray[np.int64]) -> Grouped:
        """Return some of them, among which are whole stories only."""
        return Grouped(tuple(self.articles[row] for row in rows.tolist()), self.stories.take(rows))


@dataclass(frozen=True, eq=False, slots=True)
class HeldOut:
    """The articles to compare two models on, and those that a new model may learn from.

    Test articles are new to the old model and not in `train`, and neither are their copies; `learnable` are
    the articles to train on once the comparison is made; the rule says in words how they were chosen.
    """

    train: Grouped
    test: Grouped
    learnable: Grouped
    rule: str
    notes: tuple[str, ...] = ()


def hold_out(model: FittedClassifier, articles: Sequence[Article], *, random_state: int = 0) -> HeldOut:
    """Hold out some of the labelled articles that an old model has not seen.

    A fifth of all articles, but at most half of those that are new to the model: the latest ones if
    all of the new ones are dated, else a share of each label, drawn at random. Copies stay together,
    and copies of articles that the model saw are excluded.

    It is an error if the model keeps no fingerprints, or fewer than six stories could be held out, which are
    too few to show a difference.
    """
    if model.fingerprints is None:
        raise CorpusError(
            f"the model keeps no fingerprints, so the articles it was trained on are unknown: {_ADVICE}"
        )
    every = _grouped(articles)
    groups = every.stories.groups
    seen = seen_in_training(model, articles, sketches=every.stories.sketches)
    new = np.flatnonzero(~np.isin(groups, groups[seen]))
    parted = _parted([articles[row] for row in new.tolist()], groups[new], len(articles), random_state)
    held_out = np.zeros(len(articles), bool)
    if parted is not None:
        held_out[new] = [part == "test" for part in parted.part_of]
    n_stories = len(np.unique(groups[held_out]))
    if parted is None or n_stories < FEWEST_DIFFERING:
        raise NothingNewError(
            f"{len(new):,} of {counted(len(articles), 'article')} are new to the model, too few to hold out "
            f"{FEWEST_DIFFERING} stories for a comparison: wait for more, or {_ADVICE}",
            len(new),
        )
    train, test = every.take(np.flatnonzero(~held_out)), every.take(np.flatnonzero(held_out))
    return HeldOut(train, test, every, parted.rule, parted.notes)


def hold_out_file(model: FittedClassifier, articles: Sequence[Article], test: Sequence[Article]) -> HeldOut:
    """Take given articles for the comparison, except those that the model saw, and train on no copy of any.

    Copies of test articles are never trained on, so that a fixed test file can be used again. It is an error
    if no test article, or no other, is left.
    """
    every = _grouped([*articles, *test])
    is_test = np.arange(len(every.articles)) >= len(articles)
    groups, of_test = every.stories.groups, every.stories.groups[is_test]
    seen = seen_in_training(model, test, sketches=every.stories.sketches.take(np.flatnonzero(is_test)))
    usable = is_test if seen is None else is_test & ~np.isin(groups, of_test[seen])
    learnable = ~np.isin(groups, of_test)
    n_seen, n_copies = int((is_test & ~usable).sum()), int((~is_test & ~learnable).sum())
    notes = _left_out_notes(seen, n_seen, len(test), n_copies)
    if not usable.any() or not learnable.any():
        nothing = "to compare on" if learnable.any() else "to train on"
        raise CorpusError(f"no article is left {nothing}: {'; '.join(notes) or 'none were given'}; {_ADVICE}")
    train = every.take(np.flatnonzero(learnable))
    compared = every.take(np.flatnonzero(usable))
    return HeldOut(train, compared, train, "the test articles that were given", notes)


def _grouped(articles: Sequence[Article]) -> Grouped:
    return Grouped(tuple(articles), Stories.of(list(as_texts(articles)), n_jobs=-1))


def _left_out_notes(
    seen: NDArray[np.bool_] | None, n_seen: int, n_test: int, n_copies: int
) -> tuple[str, ...]:
    notes = []
    if seen is None:
        notes.append(
            "the model keeps no fingerprints, so whether it was trained on the test articles is unknown"
        )
    if n_seen:
        given = counted(n_test, "test article")
        notes.append(f"{n_seen:,} of {given} left out of the comparison: the model was trained on them")
    if n_copies:
        notes.append(f"{counted(n_copies, 'article')} not trained on: copies of test articles")
    return tuple(notes)


def _parted(
    new: Sequence[Article], groups: NDArray[np.int64], n_articles: int, random_state: int
) -> Parted | None:
    """Split the new articles by time if that leaves enough for the test, else by chance."""
    if len(new) < 2:
        return None
    share = min(_SHARE * n_articles / len(new), _SHARE_OF_NEW)
    if _datable(new, groups):
        parted = by_time(new, groups, share, "error")
        stories = {
            group for group, part in zip(groups.tolist(), parted.part_of, strict=True) if part == "test"
        }
        if len(stories) >= FEWEST_DIFFERING:
            return parted
    return by_chance(new, groups, share, random_state)


def _datable(articles: Sequence[Article], groups: NDArray[np.int64]) -> bool:
    """Return whether all articles are dated and their stories begin at two instants or more."""
    begins: dict[int, int] = {}
    for article, group in zip(articles, groups.tolist(), strict=True):
        instant = parse_instant(article.date or "")
        if instant is None:
            return False
        begins[group] = min(instant, begins.get(group, instant))
    return len(set(begins.values())) > 1

"""The rules by which a corpus is parted: by chance, by time, by what the articles say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from topicml.article import Article, place_of
from topicml.exceptions import CorpusError
from topicml.fields import field_values
from topicml.formatting import counted
from topicml.instants import parse_instant
from topicml.stratification import draw_part
from topicml.targets import encode_labels

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
Undated = Literal["error", "drop", "train"]

_SPELLINGS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_RULES = ("random", "time")
_LISTED = 20
_BEFORE_ALL = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Parted:
    """What a rule says.

    Parameters
    ----------
    part_of : sequence of {"train", "validation", "test"} or None
        The part of each article; None for one that is left out.
    rule : str
        The rule in words.
    notes : tuple of str
        What it came upon.
    """

    part_of: Sequence[Part | None]
    rule: str
    notes: tuple[str, ...] = ()


def by_chance(
    articles: Sequence[Article], groups: NDArray[np.int64], test_size: float, random_state: int
) -> Parted:
    """Draw each label's share; copies stay together."""
    classes = sorted({label for article in articles for label in article.labels or ()})
    drawn = draw_part(encode_labels(articles, classes), groups, share=test_size, random_state=random_state)
    return Parted(
        _train_or_test(drawn),
        f"by chance: {test_size:.4g} of each label for test, random state {random_state}",
    )


def by_time(
    articles: Sequence[Article], groups: NDArray[np.int64], test_size: float, undated: Undated
) -> Parted:
    """Put the latest stories in the test part."""
    instants = [parse_instant(article.date or "") for article in articles]
    missing = [row for row, instant in enumerate(instants) if instant is None]
    if missing and undated == "error":
        raise CorpusError(_undated_message(articles, missing))
    dated = np.array([_BEFORE_ALL if instant is None else instant for instant in instants], np.int64)
    kept = np.ones(len(articles), bool)
    if undated == "drop":
        kept[missing] = False
    story = _earliest(np.where(kept, dated, np.iinfo(np.int64).max), groups)
    cut = _cut(dated[kept & (dated > _BEFORE_ALL)], story[kept], test_size)
    for_test = story >= cut
    first = min(
        article.date or "" for article, instant in zip(articles, instants, strict=True) if instant == cut
    )
    late = int((kept & ~for_test & (dated >= cut)).sum())
    notes = [undated_note(articles, missing, undated)] if missing else []
    if late:
        notes.append(f"{counted(late, 'article')} dated after the cut went to training with an earlier copy")
    parts = [
        part if keep else None for part, keep in zip(_train_or_test(for_test), kept.tolist(), strict=True)
    ]
    return Parted(parts, f"by time: for test is what is dated from {first} on", tuple(notes))


def _earliest(instants: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Date each story by its earliest copy."""
    earliest = np.full(groups.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(earliest, groups, instants)
    return earliest[groups]


def _cut(instants: NDArray[np.int64], story: NDArray[np.int64], test_size: float) -> int:
    """Return the instant, of those that part the stories, that leaves the share nearest to the one wanted."""
    begins = np.unique(story)
    begins = begins[begins > _BEFORE_ALL]
    if not (story == _BEFORE_ALL).any():
        begins = begins[1:]  # with all in the test part nothing would be left to train on
    if not len(begins):
        found = "one instant" if len(instants) else "no date"
        raise CorpusError(
            f"a split by time wants stories of two instants or more, found {found}: split by chance"
        )
    n_test = len(story) - np.searchsorted(np.sort(story), begins)
    # Of two that are as near, the later: fewer articles for test, more to learn from.
    return int(begins[::-1][np.abs(n_test - test_size * len(story))[::-1].argmin()])


def _undated_message(articles: Sequence[Article], missing: Sequence[int]) -> str:
    listed = [
        f"  {place_of(articles[row], row)}: date {articles[row].date or ''!r}" for row in missing[:_LISTED]
    ]
    more = [f"  and {len(missing) - _LISTED} more"] if len(missing) > _LISTED else []
    return "\n".join(
        [
            f"{counted(len(missing), 'article')} without a date that can be read; expected ISO 8601, as "
            "2024-03-31 or 2024-03-31T01:30:00+01:00:",
            *listed,
            *more,
            "mend them, or say undated='drop' or undated='train' (--undated drop, --undated train)",
        ]
    )


def undated_note(articles: Sequence[Article], missing: Sequence[int], undated: Undated) -> str:
    """Say which articles have no date that can be read, and what became of them."""
    done = "left out" if undated == "drop" else "taken as older than all others, so in training"
    places = ", ".join(place_of(articles[row], row) for row in missing[:_LISTED])
    more = ", ..." if len(missing) > _LISTED else ""
    return f"{counted(len(missing), 'article')} without a date that can be read, {done}: {places}{more}"


def by_own_split(articles: Sequence[Article], groups: NDArray[np.int64]) -> Parted:
    """Take each article's part from its field ``split``."""
    values = field_values(articles, "split", others=_RULES)
    parts = [_SPELLINGS.get(value.strip().casefold()) for value in values]
    unknown = Counter(value for value, part in zip(values, parts, strict=True) if part is None)
    if unknown:
        listed = [f'"{value}" ({counted(count, "row")})' for value, count in sorted(unknown.items())]
        more = f", and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
        raise CorpusError(
            f"unknown split value {', '.join(listed[:_LISTED])}{more}; expected one of "
            f"{', '.join(_SPELLINGS)}, in any case"
        )
    in_training = {group for group, part in zip(groups.tolist(), parts, strict=True) if part == "train"}
    notes = []
    for part in ("validation", "test"):
        of_part = groups[[own == part for own in parts]].tolist()
        if seen := sum(group in in_training for group in of_part):
            notes.append(f"{seen} of {len(of_part)} {part} texts also in training")
    return Parted(parts, "by the data's own field 'split'", tuple(notes))


def by_field(
    articles: Sequence[Article], groups: NDArray[np.int64], field: str, test_value: str | None
) -> Parted:
    """Put the articles that have one value of a field in the test part."""
    values = field_values(articles, field, others=_RULES)
    counts = Counter(values)
    if test_value is None or test_value not in counts:
        found = [f"{value!r} ({counted(count, 'row')})" for value, count in counts.most_common(_LISTED)]
        more = f", and {len(counts) - _LISTED} more values" if len(counts) > _LISTED else ""
        wanted = "name the value" if test_value is None else f"no article has the value {test_value!r}"
        raise CorpusError(
            f"a split by {field!r} takes one value for test: {wanted}, test_value=... (--test-value); "
            f"found {', '.join(found)}{more}"
        )
    chosen = np.array([value == test_value for value in values])
    elsewhere = np.isin(groups, groups[~chosen])
    shared = int((chosen & elsewhere).sum())
    note = f"{counted(shared, 'article')} of {test_value!r} went to training, since others hold copies"
    return Parted(
        _train_or_test(chosen & ~elsewhere),
        f"by the field {field!r}: for test is {test_value!r}",
        (note,) if shared else (),
    )


def _train_or_test(for_test: NDArray[np.bool_]) -> list[Part | None]:
    return ["test" if drawn else "train" for drawn in for_test.tolist()]

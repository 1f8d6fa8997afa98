"""The labels of one article after all decisions about it, which must not contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, get_args

from topicml.exceptions import CorpusError
from topicml.formatting import listed, shortened
from topicml.lifecycle.decisions import Decision

ChangeKind: TypeAlias = Literal["labelled", "replaced", "added", "removed", "kept"]
CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)

_Labels: TypeAlias = "tuple[str, ...] | None"

_LISTED = 10
_LONGEST = 60


def decided_labels(before: _Labels, decisions: Sequence[Decision], *, several: bool) -> _Labels:
    """Return an article's labels after the decisions about it, in whatever order they came.

    Where an article has one label, an article without any is one that nobody has labelled.

    >>> art, chess = Decision("replace", ("art",), removed=("sport",)), Decision("add", ("chess",))
    >>> decided_labels(("sport", "local"), [art, chess], several=True)
    ('local', 'art', 'chess')
    """
    after = _together(before, decisions)
    for decision in sorted(decisions, key=_told):
        _check_holds(before, after, decision, decisions)
    if several or after is None:
        return after
    if len(after) > 1:
        raise CorpusError(
            f"it would have the labels {_shown(after)}, but each article of the data has one; decide on one, "
            "or read the data with a label separator, so that articles may have several"
        )
    return after or None


def _together(before: _Labels, decisions: Sequence[Decision]) -> _Labels:
    exact = {one.labels for one in decisions if one.action == "label"}
    if exact:
        first = min(exact)
        return before if before is not None and set(before) == set(first) else first
    removed = {label for one in decisions for label in one.removed}
    given = {label for one in decisions for label in one.labels}
    if before is None:
        return tuple(sorted(given)) or None
    kept = tuple(label for label in before if label not in removed or label in given)
    return (*kept, *sorted(given.difference(kept)))


def _check_holds(before: _Labels, after: _Labels, decision: Decision, all_: Sequence[Decision]) -> None:
    """Make sure that a decision is true of the labels that all decisions together give."""
    labels, had = set(after or ()), set(before or ())
    if decision.action == "replace" and not had & {*decision.removed, *decision.labels}:
        raise CorpusError(f"{_told(decision)}, but its labels are {_shown(before)}")
    holds = set(decision.labels) <= labels and labels.isdisjoint(set(decision.removed) - set(decision.labels))
    if decision.action == "label":
        holds = set(decision.labels) == labels
    elif decision.action == "keep":
        holds = after == before
    if not holds or _is_other(decision, all_):
        told = sorted({_told(one) for one in all_})
        raise CorpusError(f"decisions contradict each other: {listed(told, _LISTED, between='; ')}")


def _is_other(decision: Decision, all_: Iterable[Decision]) -> bool:
    """Return whether another decision replaces the same label by another one."""
    return any(
        one.action == decision.action == "replace"
        and set(one.removed) & set(decision.removed)
        and set(one.labels) != set(decision.labels)
        for one in all_
    )


def n_given(decisions: Iterable[Decision]) -> int:
    """Return how many labels the decisions about an article give it, at least."""
    given = [one.labels for one in decisions]
    together = {label for one in decisions if one.action == "add" for label in one.labels}
    return max(map(len, [*given, tuple(together)]), default=0)


def change_kind(before: _Labels, after: _Labels) -> ChangeKind:
    """Return the kind of change between the labels of an article.

    >>> change_kind(None, ("sport",)), change_kind(("sport",), ("art",)), change_kind(("sport",), None)
    ('labelled', 'replaced', 'removed')
    """
    if before is None:
        return "kept" if after is None else "labelled"
    lost, gained = set(before) - set(after or ()), set(after or ()) - set(before)
    if lost and gained:
        return "replaced"
    return "added" if gained else "removed" if lost else "kept"


def _told(decision: Decision) -> str:
    where = f"{decision.origin}: " if decision.origin else ""
    match decision.action:
        case "label":
            return f"{where}label {_shown(decision.labels)}"
        case "replace":
            return f"{where}replace {_shown(decision.removed)} by {_shown(decision.labels)}"
        case "keep":
            return f"{where}keep"
        case _:
            return f"{where}{decision.action} {_shown(decision.labels or decision.removed)}"


def _shown(labels: _Labels) -> str:
    if labels is None:
        return "none"
    return shortened(", ".join(map(repr, labels)) or "no label", _LONGEST)

"""Drawing a test part that has its share of every label, and each label that can be on both sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topicml.folds import label_counts_of_groups


def draw_part(
    Y: NDArray[np.bool_], groups: NDArray[np.int64], *, share: float, random_state: int = 0
) -> NDArray[np.bool_]:
    """Draw whole groups so that the rows drawn hold their share of every label.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of
    Multi-label Data") for two parts: the rarest label is dealt first. Of the two whole numbers beside
    its share, the one is taken that brings all rows drawn nearer to theirs.

    Shares alone would leave out a label of two articles. So, on every seed:

    - every label has a row that is not drawn, since a model cannot be tested on what it never saw, so a
      label that is in one group only is never drawn;
    - any other label has a row that is drawn. Only where articles bear several labels this may be
      impossible (three articles with the labels AB, BC and CA), or possible and not be found (8 of 3,000
      corpora of 3 to 10 articles with 2 to 6 labels drawn by chance, against a search of all splits).

    Parameters
    ----------
    Y : ndarray of bool, shape (n_samples, n_classes)
    groups : ndarray of int64, shape (n_samples,)
        Rows of one group are drawn together.
    share : float
        Above 0 and below 1.
    random_state : int, default=0

    Returns
    -------
    ndarray of bool, shape (n_samples,)
        Which rows are drawn.
    """
    first, group_of, counts = label_counts_of_groups(Y, groups)
    sizes = np.bincount(group_of)
    bears = counts > 0
    order = np.random.default_rng(random_state).permutation(len(first))
    fixed: NDArray[np.bool_] = (bears[:, :-1] & (bears[:, :-1].sum(axis=0) == 1)).any(axis=1)
    drawn = _dealt(counts, sizes, order[~fixed[order]], fixed, share)
    _mend(bears[:, :-1], sizes, order, fixed, drawn)
    return drawn[group_of]


def _dealt(
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    order: NDArray[np.int64],
    fixed: NDArray[np.bool_],
    share: float,
) -> NDArray[np.bool_]:
    """Deal the groups in the given order, label after label."""
    drawn, dealt = np.zeros(len(sizes), bool), fixed.copy()
    wanted = counts.sum(axis=0) * share
    for label in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        open_groups = order[(counts[order, label] > 0) & ~dealt[order]]
        dealt[open_groups] = True
        lacking = wanted[label] - counts[drawn, label].sum()
        lacking_of_all = share * sizes[dealt].sum() - sizes[drawn].sum()
        target = np.floor(lacking) if lacking_of_all < np.floor(lacking) + 0.5 else np.ceil(lacking)
        taken = 0
        for group in open_groups.tolist():
            if taken + counts[group, label] <= target:
                drawn[group] = True
                taken += counts[group, label]
    return drawn


def _mend(
    bears: NDArray[np.bool_],
    sizes: NDArray[np.int64],
    order: NDArray[np.int64],
    fixed: NDArray[np.bool_],
    drawn: NDArray[np.bool_],
) -> None:
    """Move small groups, one at a time, until each label that can be is on both sides.

    A move must not take a label's last group from the side that it leaves, unless the label moved for
    would else be missing among what is not drawn: that side comes first, and all labels are on it.
    """
    by_size = order[np.argsort(sizes[order], kind="stable")]
    movable = by_size[~fixed[by_size]]
    n_groups = bears.sum(axis=0)
    for side in (False, True):
        for label in np.argsort(n_groups, kind="stable"):
            on_side = bears[drawn == side].sum(axis=0)
            if n_groups[label] < 2 or on_side[label]:
                continue
            left = n_groups - on_side
            candidates = movable[bears[movable, label] & (drawn[movable] != side)]
            free = candidates[~(bears[candidates] & (left == 1)).any(axis=1)]
            chosen = free if len(free) or side else candidates
            if len(chosen):
                drawn[chosen[0]] = side
            elif len(candidates):
                _swap(bears, candidates, movable, drawn)


def _swap(
    bears: NDArray[np.bool_],
    candidates: NDArray[np.int64],
    movable: NDArray[np.int64],
    drawn: NDArray[np.bool_],
) -> None:
    """Draw one of the candidates for a group drawn before, if fewer labels are missing then."""
    n_groups = bears.sum(axis=0)
    on_side = bears[drawn].sum(axis=0)
    missing = ((on_side == 0) & (n_groups > 1)).sum()
    for group in candidates.tolist():
        last = bears[group] & (n_groups - on_side == 1)  # labels that would be missing in training
        others = movable[drawn[movable] & bears[movable][:, last].all(axis=1)]
        after = on_side + bears[group] - bears[others].astype(np.int64)
        fewer = ((after == 0) & (n_groups > 1)).sum(axis=1) < missing
        if fewer.any():
            drawn[group], drawn[others[fewer.argmax()]] = True, False
            return

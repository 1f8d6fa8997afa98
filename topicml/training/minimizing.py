"""Minimise a smooth function of two or three parameters, to the same bits on every processor.

scipy's L-BFGS-B adds up by BLAS, and stops a few digits elsewhere on each kind of processor. With so few
parameters Newton's method takes fewer steps, and each step is a sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 200
_MOST_DAMPING = 1e12  # with more, a step would no longer move anything
_ENOUGH = 1e-11  # a step that gains less, as a share of the value, is the last one


class Curved(NamedTuple):
    """A function at one point: its value, its gradient, and its curvature (the matrix of second derivatives).

    In place of the curvature any positive definite matrix will do that is near to it.
    """

    value: float
    gradient: NDArray[np.float64]
    curvature: NDArray[np.float64]


def minimize(
    function: Callable[[NDArray[np.float64]], Curved], begin: NDArray[np.float64], *, farthest: float = np.inf
) -> NDArray[np.float64]:
    """Return where a function is lowest, by Newton's method, damped where it does not descend.

    Damping is that of Levenberg 1944 and Marquardt 1963 (doi:10.1137/0111030).

    Parameters
    ----------
    function : callable
    begin : ndarray of float64, shape (n_parameters,)
    farthest : float, optional
        From 0 that a parameter may be; what would lie beyond is held there.

    Examples
    --------
    >>> def bowl(x):
    ...     return Curved(float(((x - 3) ** 2).sum()), 2 * (x - 3), 2 * np.eye(2))
    >>> minimize(bowl, np.zeros(2)).round(6).tolist()
    [3.0, 3.0]
    """
    point, found, damping = begin, function(begin), 0.0
    for _ in range(_MOST_STEPS):
        step = _solved(found.curvature + damping * np.diag(np.abs(np.diag(found.curvature))), found.gradient)
        if step is not None:
            trial = np.clip(point - step, -farthest, farthest)
            there = function(trial)
            gained = found.value - there.value
            if gained >= 0:
                point, found, damping = trial, there, damping / 10
                if gained <= _ENOUGH * abs(found.value):
                    break
                continue
        damping = max(10 * damping, 1e-3)
        if damping > _MOST_DAMPING:
            break
    return point


def _solved(matrix: NDArray[np.float64], vector: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Solve linear equations by elimination; None if the matrix is not positive definite."""
    rows = np.column_stack((matrix, vector))
    for k in range(len(rows)):
        if not rows[k, k] > 0:
            return None
        rows[k] /= rows[k, k]
        for other in range(len(rows)):
            if other != k:
                rows[other] -= rows[other, k] * rows[k]
    return rows[:, -1]

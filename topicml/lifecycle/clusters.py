"""Groups of similar articles, and one article of each that stands for it.

Articles become points on a sphere: their TF-IDF rows in the space of the most important directions, found by
subspace iteration (Halko, Martinsson and Tropp 2011, doi:10.1137/090771806). Groups are those of spherical
k-means (Dhillon and Modha 2001, doi:10.1023/A:1007612920971), where articles may count differently (Zhdanov
2019, "Diverse mini-batch Active Learning", arXiv:1901.05954).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from topicml.elementary import product
from topicml.model.sparse import SparseRows
from topicml.training.selection import as_scipy

_N_DIRECTIONS = 100
_N_TURNS = 3
_SAMPLE = 20_000  # articles that directions and centres are found on
_LEAST = 1e-12
_N_ROUNDS = 12
_N_DRAWN = 4
_STEPS = 1 << 12  # of a coordinate: sums of products with whole numbers are exact
_AT_ONCE = 1 << 23  # similarities

_Floats = NDArray[np.float64]
_Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """Articles that stand for groups of similar ones.

    Parameters
    ----------
    rows : ndarray of int64, shape (at most n,)
        One article of each group, the heaviest group first.
    sizes : ndarray of int64, shape (len(rows),)
        Articles in each group.
    """

    rows: _Rows
    sizes: _Rows


def points_of(rows: SparseRows, *, random_state: int = 0) -> _Floats:
    """Return points whose products say how similar articles are, shape (n_articles, at most 100).

    Their length is 1, or 0 for an article without terms.
    """
    X = as_scipy(rows)
    rng = np.random.default_rng(random_state)
    found = rng.choice([-1.0, 1.0], size=(rows.n_columns, min(_N_DIRECTIONS, *X.shape)))
    sample = X[evenly(len(rows), _SAMPLE)]
    by_term = sample.T.tocsr()
    for _ in range(_N_TURNS):
        found = by_term @ (sample @ found)
    return _unit(X @ _orthonormal(found))


def evenly(n: int, most: int) -> _Rows:
    """Return at most so many of n rows, evenly spread.

    >>> evenly(10, 4).tolist(), evenly(2, 4).tolist()
    ([0, 3, 6, 9], [0, 1])
    """
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def _orthonormal(columns: _Floats) -> _Floats:
    """Return what the Gram-Schmidt process makes of columns, without those that depend on earlier ones."""
    rest = columns / np.maximum(np.sqrt((columns * columns).sum(axis=0)), _LEAST)
    kept = []
    for place in range(rest.shape[1]):
        length = float(np.sqrt((rest[:, place] * rest[:, place]).sum()))
        if length > _LEAST:
            kept.append(place)
            first = rest[:, place : place + 1] / length
            rest[:, place : place + 1] = first
            rest[:, place + 1 :] -= first * (first * rest[:, place + 1 :]).sum(axis=0)
    independent: _Floats = rest[:, kept]
    return independent


def _unit(points: _Floats) -> _Floats:
    length = np.sqrt((points * points).sum(axis=1, keepdims=True))
    scaled: _Floats = points / np.maximum(length, _LEAST)
    return scaled


def representatives(points: _Floats, n: int, *, weight: _Floats, random_state: int = 0) -> Groups:
    """Group points, and choose the one nearest to the centre of each group.

    Parameters
    ----------
    points : ndarray of float64, shape (n_articles, n_directions)
    n : int
        Articles to choose: at least 1.
    weight : ndarray of float64, shape (n_articles,)
        How much each article counts: above 0.
    random_state : int, default=0
    """
    if n >= len(points):
        return Groups(np.argsort(-weight, kind="stable"), np.ones(len(points), np.int64))
    sample = evenly(len(points), _SAMPLE)
    centres = _centres(points[sample], weight[sample], n, random_state)
    group, similarity = _nearest(points, centres)
    order = np.lexsort((-similarity, group))
    middle = order[np.searchsorted(group[order], np.unique(group))]
    heaviness = np.bincount(group, weight, n)[group[middle]]
    middle = middle[np.argsort(-heaviness, kind="stable")]
    return _filled(Groups(middle, np.bincount(group)[group[middle]]), n, weight)


def _filled(found: Groups, n: int, weight: _Floats) -> Groups:
    """Add the heaviest of the other articles where groups were empty."""
    others = weight.copy()
    others[found.rows] = 0
    more = np.argsort(-others, kind="stable")[: n - len(found.rows)]
    return Groups(np.append(found.rows, more), np.append(found.sizes, np.ones(len(more), np.int64)))


def nearness(points: _Floats, others: _Floats) -> _Floats:
    """Return how similar each point is to the nearest of others, from 0 to 1; 0 if there are none."""
    if not len(others):
        return np.zeros(len(points))
    return np.clip(_nearest(points, others)[1], 0.0, 1.0)


def _centres(points: _Floats, weight: _Floats, n: int, random_state: int) -> _Floats:
    """Return the centres of n groups."""
    centres = _first_centres(points, weight, n, random_state)
    rows = np.arange(len(points))
    for _ in range(_N_ROUNDS):
        group, _ = _nearest(points, centres)
        sums = np.asarray(csr_array((weight, (group, rows)), (n, len(points))) @ points)
        empty = ~sums.any(axis=1)
        sums[empty] = centres[empty]
        centres = _unit(sums)
    return centres


def _first_centres(points: _Floats, weight: _Floats, n: int, random_state: int) -> _Floats:
    """Draw points as k-means++ does, the best of several each time: the farther from others, the likelier."""
    rng = np.random.default_rng(random_state)
    far, drawn = np.full(len(points), 2.0), []
    for _ in range(n):
        chance = np.cumsum(far * weight)
        places = np.searchsorted(chance, rng.random(_N_DRAWN) * chance[-1], side="right")
        places = np.minimum(places, len(points) - 1)
        left = np.clip(1 - _similar(points, points[places]), 0, far[:, None])
        best = int((left * weight[:, None]).sum(axis=0).argmin())
        drawn.append(places[best])
        far = left[:, best]
    first: _Floats = points[np.array(drawn)]
    return first


def _nearest(points: _Floats, centres: _Floats) -> tuple[_Rows, _Floats]:
    """Return the nearest centre of each point, and how similar both are."""
    group, similarity = np.empty(len(points), np.int64), np.empty(len(points))
    step = max(_AT_ONCE // len(centres), 1)
    for begin in range(0, len(points), step):
        part = slice(begin, begin + step)
        similar = _similar(points[part], centres)
        group[part] = similar.argmax(axis=1)
        similarity[part] = similar.max(axis=1)
    return group, similarity


def _similar(points: _Floats, others: _Floats) -> _Floats:
    """Return how similar each point and each other one are, the points rounded to 12 bits."""
    whole = np.rint(points * _STEPS) + _STEPS
    similar: _Floats = product(whole, others.T) / _STEPS - others.sum(axis=1)
    return similar

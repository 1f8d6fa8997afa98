"""Below which confidence an article goes to a person, so that the rest keeps a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Abstention", "choose_abstention"]

_Z = 1.6448536269514722  # one-sided 95 %


@dataclass(frozen=True, slots=True)
class Abstention:
    """A promise of precision, and what it costs.

    Parameters
    ----------
    promised : float
        Precision of the articles that are answered.
    min_confidence : float
        Best probability from which on an article is answered; 1 if the promise cannot be kept, so
        that a person gets nearly all.
    kept : float
        Share of the articles that is answered.
    precision, lower_bound : float
        Of the answers, out of fold, and its one-sided 95 % bound; 0 if none are kept.
    """

    promised: float
    min_confidence: float
    kept: float
    precision: float
    lower_bound: float

    @property
    def note(self) -> str:
        """What a person should know of it, in a line."""
        if not self.kept:
            return (
                f"a precision of {self.promised:g} cannot be promised at any confidence: nearly every "
                "article goes to a person"
            )
        return (
            f"answers are kept from a confidence of {self.min_confidence:.3f} on: {self.kept:.1%} of the "
            f"articles, {self.precision:.3f} of them right (at least {self.lower_bound:.3f}, one-sided 95 %)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {name: getattr(self, name) for name in self.__slots__}


def choose_abstention(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], *, precision: float
) -> Abstention:
    """Find the lowest confidence from which on answers keep a promised precision, beyond chance.

    The promise counts as kept where the lower bound of the precision reaches it (Wilson 1927,
    "Probable Inference, the Law of Succession, and Statistical Inference"), so that a lucky handful of
    articles cannot keep it.

    Parameters
    ----------
    confidence : ndarray of float64, shape (n_articles,)
        Best probability of each article, out of fold.
    right : ndarray of bool, shape (n_articles,)
        Whether the answer is.
    precision : float
        Between 0 and 1.

    Examples
    --------
    >>> confidence = np.linspace(0.2, 0.99, 400)
    >>> found = choose_abstention(confidence, np.arange(400) >= 100, precision=0.9)
    >>> found.kept, found.precision
    (0.8075, 0.9287925696594427)
    """
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    taken = np.arange(1, len(ranked) + 1)
    share = right[order].cumsum() / taken
    bound = _wilson_bound(share, taken)
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    kept = np.flatnonzero((bound >= precision) & last_of_ties)
    if not len(kept):
        return Abstention(precision, 1.0, 0.0, 0.0, 0.0)
    last = kept[-1]
    return Abstention(
        precision,
        float(ranked[last]),
        float(taken[last] / len(ranked)),
        float(share[last]),
        float(bound[last]),
    )


def _wilson_bound(share: NDArray[np.float64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lower end of the one-sided 95 % interval of a share of n.

    >>> _wilson_bound(np.array([0.5]), np.array([100])).round(3).tolist()
    [0.419]
    """
    spread = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    bound: NDArray[np.float64] = (share + _Z**2 / (2 * n) - spread) / (1 + _Z**2 / n)
    return bound

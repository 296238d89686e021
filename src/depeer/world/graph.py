"""Who provides to whom and who peers, as sparse rows, and who hears a network.

Networks are rows 0 to n-1 in ascending order of AS number, so that the lower row is the lower number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """Neighbours of row i, ascending: ``to[start[i]:start[i + 1]]``."""

    start: NDArray[np.int64]
    to: Rows

    @classmethod
    def of(cls, count: int, source: Rows, target: Rows) -> Self:
        keys = np.unique(source.astype(np.int64) * count + target)
        start = np.searchsorted(keys, np.arange(count + 1, dtype=np.int64) * count)
        return cls(start, (keys % max(count, 1)).astype(np.int32))

    def row(self, i: int) -> Rows:
        return self.to[self.start[i] : self.start[i + 1]]

    def degree(self) -> NDArray[np.int64]:
        return np.diff(self.start)

    def step(self, front: Rows) -> tuple[Rows, Rows]:
        """All neighbours of ``front`` in its order, and for each whose neighbour it is."""
        first = self.start[front]
        count = self.start[front.astype(np.int64) + 1] - first
        total = int(count.sum())
        shift = np.repeat(first - np.cumsum(count) + count, count)
        return self.to[shift + np.arange(total)], np.repeat(front, count)


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The links that carry routes at one moment."""

    count: int
    customers: Sparse
    providers: Sparse
    peers: Sparse

    @classmethod
    def of(cls, count: int, upper: Rows, lower: Rows, peer: Mask) -> Self:
        """``upper`` provides to ``lower`` except where ``peer``."""
        up, down, one, other = upper[~peer], lower[~peer], upper[peer], lower[peer]
        both = np.concatenate([one, other]), np.concatenate([other, one])
        return cls(
            count, Sparse.of(count, up, down), Sparse.of(count, down, up), Sparse.of(count, both[0], both[1])
        )

    def reach(self, row: int) -> Mask:
        """Who hears ``row``, itself counted: exact valley-free reach (Gao 2001: up, across once, down).

        It is symmetric: the same networks are those that ``row`` hears.
        """
        heard = np.zeros(self.count, dtype=bool)
        heard[row] = True
        spread(self.providers, heard)
        heard[self.peers.step(np.flatnonzero(heard).astype(np.int32))[0]] = True
        spread(self.customers, heard)
        return heard

    def cone(self, row: int) -> Mask:
        """``row`` with its customers, theirs, and so on."""
        below = np.zeros(self.count, dtype=bool)
        below[row] = True
        spread(self.customers, below)
        return below


def spread(along: Sparse, reached: Mask) -> None:
    """Adds to ``reached`` what lies along from it."""
    front = np.flatnonzero(reached).astype(np.int32)
    while len(front):
        found = along.step(front)[0]
        front = np.unique(found[~reached[found]])
        reached[front] = True

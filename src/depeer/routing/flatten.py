"""Nested and overlapping intervals made flat: who is the narrowest owner of each stretch of addresses.

Longest match among prefixes is the special case in which intervals either nest or are disjoint. Ranges
may overlap in any way, so a segment tree decides: O(n log n) whatever the input, in whole-array steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Owners = NDArray[np.int32]
NOBODY = -1


def flatten(
    first: NDArray[Any], stop: NDArray[Any], widest_first: NDArray[np.int64]
) -> tuple[NDArray[Any], Owners]:
    """Starts of the flat stretches (sorted) and the owner of each (index into the input, or -1).

    ``first`` and ``stop`` (exclusive, > first) are keys of any sortable dtype; ``widest_first`` is the
    order in which a later interval beats an earlier one. Before the first start nobody owns anything.
    """
    if not len(first):
        return first, np.zeros(0, dtype=np.int32)
    starts, places = np.unique(np.concatenate([first, stop]), return_inverse=True)
    begin, end = places[: len(first)][widest_first], places[len(first) :][widest_first]
    owners = _narrowest(begin.astype(np.int64), end.astype(np.int64), widest_first, len(starts))
    changes = np.concatenate([[True], owners[1:] != owners[:-1]])
    return starts[changes], owners[changes]


def _narrowest(
    begin: NDArray[np.int64], end: NDArray[np.int64], widest_first: NDArray[np.int64], places: int
) -> Owners:
    size = 1 << max(places - 1, 1).bit_length()
    rank = np.arange(len(begin) - 1, -1, -1, dtype=np.int32)
    tree = np.full(2 * size, len(begin), dtype=np.int32)
    left, right = begin + size, end + size
    while len(left):
        odd_left, odd_right = (left & 1).astype(bool), (right & 1).astype(bool)
        _paint(tree, left[odd_left], rank[odd_left])
        _paint(tree, right[odd_right] - 1, rank[odd_right])
        left, right = (left + 1) >> 1, right >> 1
        open_ = left < right
        left, right, rank = left[open_], right[open_], rank[open_]
    _push_down(tree, size)
    owner_of_rank = np.append(widest_first[::-1], NOBODY).astype(np.int32)
    return owner_of_rank[tree[size : size + places]]


def _paint(tree: Owners, nodes: NDArray[np.int64], rank: Owners) -> None:
    # Ranks fall along the array, so of several writes to one node the last, which stays, is the narrowest.
    tree[nodes] = np.minimum(tree[nodes], rank)


def _push_down(tree: Owners, size: int) -> None:
    level = 1
    while level < size:
        parents = np.repeat(tree[level : 2 * level], 2)
        np.minimum(tree[2 * level : 4 * level], parents, out=tree[2 * level : 4 * level])
        level *= 2

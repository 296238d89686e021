"""Which snapshot answers for a day: the last one not after it, unless it is stale and a later one is nearer.

Without the exception a lake with tables of 2008 and 2026 would attribute the controllers of 2025 by that of
2008 (docs/decisions/0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

STALE = 10 * 365
"""Days after which a snapshot gives way to a later one that is nearer to the day asked about."""

Days = NDArray[np.datetime64]
Picks = NDArray[np.int64]


def choose(days: Days, snapshots: Days) -> tuple[Picks, Picks]:
    """Index into ``snapshots`` (any order) for each day, and its distance: day minus snapshot's day.

    A negative distance flags a snapshot that is later than the day. Of several snapshots of one day
    the last in the sequence answers. Index -1 (distance 0) where the day is unknown (NaT) or there is
    no snapshot at all.
    """
    days, snapshots = days.astype("datetime64[D]"), snapshots.astype("datetime64[D]")
    if not len(snapshots):
        return np.full(len(days), -1, dtype=np.int64), np.zeros(len(days), dtype=np.int64)
    order = np.argsort(snapshots, kind="stable")
    ordered = snapshots[order]
    place = np.searchsorted(ordered, days, side="right") - 1
    following = np.searchsorted(ordered, ordered[np.minimum(place + 1, len(ordered) - 1)], side="right") - 1
    behind = (days - ordered[np.maximum(place, 0)]).astype(np.int64)
    ahead = (ordered[following] - days).astype(np.int64)
    later = (place < 0) | ((behind > STALE) & (ahead > 0) & (ahead < behind))
    place = np.where(later, following, place)
    known = ~np.isnat(days)
    distance = np.where(known, (days - ordered[place]).astype(np.int64), 0)
    return np.where(known, order[place], -1), distance


def preference(day: date, snapshots: Sequence[date]) -> list[int]:
    """All snapshots from the best answer for ``day`` to the worst: backwards from it while they are fresh, then
    the others by nearness."""

    def rank(index: int) -> tuple[bool, int, bool, int]:
        distance = (day - snapshots[index]).days
        return not 0 <= distance <= STALE, abs(distance), distance < 0, -index

    return sorted(range(len(snapshots)), key=rank)

"""Which snapshot answers for a day: the last one not after it, else the nearest later one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

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
    # Before the first snapshot the nearest later one is the first day's, again its last in sequence.
    earliest = int(np.searchsorted(ordered, ordered[0], side="right")) - 1
    place = np.where(place < 0, earliest, place)
    known = ~np.isnat(days)
    distance = np.where(known, (days - ordered[place]).astype(np.int64), 0)
    return np.where(known, order[place], -1), distance


def preference(day: date, snapshots: Sequence[date]) -> list[int]:
    """All snapshots from the best answer for ``day`` to the worst: backwards from it, then forwards."""

    def rank(index: int) -> tuple[bool, int, int]:
        distance = (day - snapshots[index]).days
        return distance < 0, abs(distance), -index

    return sorted(range(len(snapshots)), key=rank)

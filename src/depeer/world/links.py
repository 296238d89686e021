"""All links of a world with the times they exist, as columns; ``Link`` objects on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from depeer.world.graph import Mask, Rows
from depeer.world.nouns import Link

Seconds = NDArray[np.int64]
ALWAYS, NEVER = -(2**62), 2**62
"""Bounds of what has no known beginning or end, in seconds since 1970."""


def seconds(time: datetime) -> int:
    """Whole seconds since 1970: the grain of everything that changes in a world."""
    return int(time.timestamp())


def moment(second: int) -> datetime | None:
    return None if second in (ALWAYS, NEVER) else datetime.fromtimestamp(second, UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """``upper`` provides to ``lower`` (rows of networks) unless ``peer``; exists from ``since`` to before ``until``.

    ``cut``: an event ended it (it may return as a later line). ``mislabelled``: files have its relationship
    wrong. ``fixed``: given by the scenario.
    """

    upper: Rows
    lower: Rows
    peer: Mask
    hidden: Mask
    dormant: Mask
    mislabelled: Mask
    cut: Mask
    fixed: Mask
    since: Seconds
    until: Seconds

    def __len__(self) -> int:
        return len(self.upper)

    @classmethod
    def of(
        cls,
        upper: Rows | NDArray[np.int64],
        lower: Rows | NDArray[np.int64],
        *,
        peer: bool = False,
        dormant: bool = False,
        since: Seconds | int = ALWAYS,
        until: Seconds | int = NEVER,
    ) -> Self:
        count = len(upper)
        no = np.zeros(count, dtype=bool)
        ends = (np.broadcast_to(np.asarray(t, dtype=np.int64), count).copy() for t in (since, until))
        yes = np.full(count, peer), no.copy(), np.full(count, dormant), no.copy(), no.copy(), no.copy()
        return cls(upper.astype(np.int32), lower.astype(np.int32), *yes, *ends)

    @classmethod
    def join(cls, parts: Iterable[Links]) -> Self:
        parts = list(parts)
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def take(self, rows: Mask | NDArray[np.int64]) -> Links:
        return Links(*(getattr(self, f.name)[rows] for f in fields(self)))

    def moved(self, place: Rows) -> Links:
        """The same links between networks whose row i is now ``place[i]``."""
        return replace(self, upper=place[self.upper], lower=place[self.lower])

    def exist(self, second: int) -> Mask:
        there: Mask = (self.since <= second) & (second < self.until)
        return there

    def between(self, one: int, other: int) -> Mask:
        down = (self.upper == one) & (self.lower == other)
        found: Mask = down | ((self.upper == other) & (self.lower == one))
        return found

    def of_network(self, row: int) -> Mask:
        found: Mask = (self.upper == row) | (self.lower == row)
        return found

    def pairs(self, count: int) -> NDArray[np.int64]:
        """One number for each unordered pair of ends."""
        low, high = np.minimum(self.upper, self.lower), np.maximum(self.upper, self.lower)
        return low.astype(np.int64) * count + high

    def objects(self, asn: NDArray[np.int64], rows: Mask | None = None) -> Iterator[Link]:
        for i in np.flatnonzero(rows).tolist() if rows is not None else range(len(self)):
            yield Link(
                int(asn[self.upper[i]]),
                int(asn[self.lower[i]]),
                bool(self.peer[i]),
                bool(self.hidden[i]),
                bool(self.dormant[i]),
                moment(int(self.since[i])),
                moment(int(self.until[i])),
            )

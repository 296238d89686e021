"""All lines of announcements by prefix, so that a change touches only what it can change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.world.announcements import Announcements
from depeer.world.graph import Mask
from depeer.world.heard import Block


@dataclass(frozen=True, slots=True, eq=False)
class PrefixIndex:
    """``group`` of each line; lines of group g are ``order[start[g]:start[g + 1]]``, as tables list origins."""

    table: Announcements
    group: NDArray[np.int64]
    order: NDArray[np.int64]
    start: NDArray[np.int64]

    def block(self, group: int) -> Block:
        line = self.order[self.start[group]]
        return bool(self.table.six[line]), int(self.table.first[line]), int(self.table.length[line])

    def origins(self, group: int, second: int) -> tuple[int, ...]:
        """Who announces it then, in the order of ``Heard.blocks``."""
        lines = self.order[self.start[group] : self.start[group + 1]]
        there = (self.table.since[lines] <= second) & (second < self.table.until[lines])
        return tuple(dict.fromkeys(self.table.origin[lines[there]].tolist()))

    def touched(self, moved: Mask, moved_shared: Mask, before: int, after: int) -> list[int]:
        """Groups with a line of an origin in ``moved`` (in ``moved_shared`` where there are several lines), or
        with other lines at ``after`` than at ``before``; in the order of a table."""
        several = np.diff(self.start)[self.group] > 1
        lines = np.where(several, moved_shared[self.table.origin], moved[self.table.origin])
        lines |= self.table.exist(before) != self.table.exist(after)
        return [int(g) for g in np.unique(self.group[lines])]


def index_of(table: Announcements) -> PrefixIndex:
    order = table.by_prefix()
    columns = [c[order] for c in (table.six, table.first, table.length)]
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(first) - 1
    return PrefixIndex(table, group, order, np.append(np.flatnonzero(first), len(order)))

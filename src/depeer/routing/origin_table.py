"""Who announces an address: one snapshot, compiled to plain arrays that can be saved and memory-mapped.

IPv4: the nested prefixes are flattened to disjoint stretches, and a direct table of all 2^24 /24s says
the answer at once wherever a /24 has only one. IPv6: binary search among flat stretches. The narrowest
prefix or range wins. Not used for attribution: prefixes shorter than /8 or (IPv6) /16, which are default
routes and leaks, and everything that lies in special-purpose space (``bogons``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.routing import bogons
from depeer.routing.flatten import NOBODY, Owners, flatten
from depeer.routing.prefix_rows import PrefixRows
from depeer.routing.prefix_text import prefix_texts
from depeer.sources.origins.packed import U64, from_arrow, is_ipv4, to_keys

SLASH24 = 1 << 24
_CHUNK = 1 << 16

Addresses4 = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class OriginTable:
    """Arrays only; ``rows`` are the P distinct prefixes, which look-ups point at by index.

    ``direct`` (2^24, int32): index of the prefix that covers the whole /24, -1 for nobody, or -2 where
    the /24 is divided and ``starts4``/``owners4`` decide. Empty where the table has no IPv4.
    """

    rows: PrefixRows
    direct: Owners
    starts4: Addresses4
    owners4: Owners
    starts6: NDArray[np.bytes_]
    owners6: Owners

    @classmethod
    def compile(cls, origins: pa.Table | pa.RecordBatch) -> OriginTable:
        """From rows of ``tables.ORIGINS`` (``snapshot`` may be missing), which must be of one snapshot."""
        rows = PrefixRows.gather(origins)
        starts4, owners4 = _flat4(rows)
        starts6, owners6 = _flat6(rows)
        return cls(rows, _direct(starts4, owners4), starts4.astype(np.uint32), owners4, starts6, owners6)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, by name: what ``from_arrays`` takes. None needs pickling."""
        own = ("direct", "starts4", "owners4", "starts6", "owners6")
        return {**self.rows.arrays(), **{name: getattr(self, name) for name in own}}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> OriginTable:
        """Also for arrays opened with ``np.load(mmap_mode="r")``: nothing is read until it is asked for."""
        own = ("direct", "starts4", "owners4", "starts6", "owners6")
        return cls(PrefixRows.from_arrays(arrays), *(arrays[name] for name in own))

    def __len__(self) -> int:
        """Distinct prefixes and ranges, used for attribution or not."""
        return len(self.rows)

    def covers(self, family: int) -> bool:
        """Whether the snapshot says anything about IPv4 (4) or IPv6 (6)."""
        return bool(self.stretches(family))

    def stretches(self, family: int) -> int:
        """Disjoint stretches of addresses that it knows of a family: how much it tells."""
        return len(self.starts4 if family == 4 else self.starts6)

    @property
    def too_short(self) -> int:
        """Prefixes left out of attribution because they are shorter than /8 or (IPv6) /16."""
        return int((~np.asarray(self.rows.usable)).sum())

    def lookup4(self, addresses: Addresses4) -> Owners:
        """Index of the prefix for each IPv4 address (uint32), -1 where nobody announces it."""
        found = np.full(len(addresses), NOBODY, dtype=np.int32)
        if self.covers(4):
            for begin in range(0, len(addresses), _CHUNK):
                self._look4(addresses[begin : begin + _CHUNK], found[begin : begin + _CHUNK])
        return found

    def _look4(self, addresses: Addresses4, found: Owners) -> None:
        np.take(self.direct, addresses >> np.uint32(8), out=found, mode="clip")
        if found.min(initial=0) < NOBODY:
            divided = np.flatnonzero(found < NOBODY)
            place = np.searchsorted(self.starts4, addresses[divided], side="right") - 1
            found[divided] = np.where(place >= 0, self.owners4[place], NOBODY)

    def lookup6(self, high: U64, low: U64) -> Owners:
        """The same for IPv6 addresses, given as high and low 64 bits."""
        if not self.covers(6):
            return np.full(len(high), NOBODY, dtype=np.int32)
        place = np.searchsorted(self.starts6, to_keys(high, low), side="right") - 1
        return np.where(place >= 0, self.owners6[place], np.int32(NOBODY))

    def lookup(self, addresses: pa.Array | pa.ChunkedArray | Addresses4) -> Owners:
        """Index of the prefix for each address (16 packed bytes, or IPv4 as uint32); -1 also for null."""
        if isinstance(addresses, np.ndarray):
            return self.lookup4(addresses)
        high, low, valid = from_arrow(addresses)
        return self.lookup_pairs(high, low, valid)

    def lookup_pairs(self, high: U64, low: U64, valid: NDArray[np.bool_]) -> Owners:
        """As ``lookup``, for columns made by ``packed.from_arrow``."""
        found = np.full(len(high), NOBODY, dtype=np.int32)
        four = valid & is_ipv4(high, low)
        six = valid & ~four
        found[four] = self.lookup4(low[four].astype(np.uint32))
        found[six] = self.lookup6(high[six], low[six])
        return found

    def asns(self, index: int) -> tuple[int, ...]:
        """Origins of a prefix, as listed."""
        return self.rows.asns(index)

    def prefix(self, index: int) -> str:
        """A prefix as text; a range that is none as ``first–last``."""
        return str(self.prefixes(np.array([index]))[0])

    def prefixes(self, indices: NDArray[np.int64]) -> pa.Array:
        """The text of many prefixes."""
        return prefix_texts(self.rows.take(indices))


def _flat4(rows: PrefixRows) -> tuple[NDArray[np.int64], Owners]:
    which = np.flatnonzero(rows.four & rows.usable)
    if not rows.four.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    first = (rows.first_low[which] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    stop = (rows.last_low[which] & np.uint64(0xFFFFFFFF)).astype(np.int64) + 1
    order = np.argsort(first - stop, kind="stable")
    starts, owners = _with_bogons(first, stop, order, which, bogons.forbidden4())
    inside = starts < 2**32
    return starts[inside], owners[inside]


def _flat6(rows: PrefixRows) -> tuple[NDArray[np.bytes_], Owners]:
    which = np.flatnonzero(~rows.four & rows.usable)
    if rows.four.all():
        return np.zeros(0, dtype="S16"), np.zeros(0, dtype=np.int32)
    first, stop = rows.first_key(which), rows.stop_key(which)
    width_high, width_low = rows.width(which)
    order = np.lexsort((~width_low, ~width_high))
    return _with_bogons(first, stop, order, which, bogons.forbidden6())


def _with_bogons(
    first: NDArray[Any],
    stop: NDArray[Any],
    widest_first: NDArray[np.int64],
    which: NDArray[np.int64],
    forbidden: tuple[NDArray[Any], NDArray[Any]],
) -> tuple[NDArray[Any], Owners]:
    """Flatten with special-purpose space on top of everything, owned by nobody."""
    special = np.arange(len(first), len(first) + len(forbidden[0]))
    starts, owners = flatten(
        np.concatenate([first, forbidden[0]]),
        np.concatenate([stop, forbidden[1]]),
        np.concatenate([widest_first, special]),
    )
    row_of = np.concatenate([which, np.full(len(special) + 1, NOBODY)]).astype(np.int32)
    return starts, row_of[owners]


def _direct(starts: NDArray[np.int64], owners: Owners) -> Owners:
    """The answer of every /24, or -2 for those in which a stretch begins that is not at their start."""
    if not len(starts):
        return np.zeros(0, dtype=np.int32)
    edges = np.concatenate([[0], (starts + 255) >> 8, [SLASH24]])
    direct = np.repeat(np.concatenate([[NOBODY], owners]).astype(np.int32), np.diff(edges))
    direct[starts[starts & 255 != 0] >> 8] = NOBODY - 1
    return direct

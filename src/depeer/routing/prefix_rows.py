"""The distinct prefixes and ranges of a snapshot with their origins, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.sources.origins.packed import U64, Mask, from_arrow, is_ipv4, to_keys

SHORTEST = {4: 8, 6: 16}
"""IANA gave out no block wider than these: what is shorter is a default route or a leak."""
_COLUMNS = ("first_high", "first_low", "last_high", "last_low", "length", "offsets", "origins")


@dataclass(frozen=True, slots=True, eq=False)
class PrefixRows:
    """P rows in the order of (first, last); ``origins[offsets[i]:offsets[i+1]]`` are those of row i."""

    first_high: U64
    first_low: U64
    last_high: U64
    last_low: U64
    length: NDArray[np.int16]
    """In its own family; -1 for a range that is no prefix."""
    offsets: NDArray[np.int64]
    origins: NDArray[np.int64]

    @classmethod
    def gather(cls, table: pa.Table | pa.RecordBatch) -> PrefixRows:
        """One row for each prefix: a prefix that is listed several times has the origins of all its rows."""
        first_high, first_low, known_first = from_arrow(table.column("first"))
        last_high, last_low, known_last = from_arrow(table.column("last"))
        length = np.asarray(pc.fill_null(table.column("length"), -1)).astype(np.int16)
        bounds = (first_high, first_low, last_high, last_low)
        sound = np.flatnonzero(known_first & known_last & _is_span(*bounds))
        order = sound[np.lexsort([column[sound] for column in bounds[::-1]])]
        ordered = [column[order] for column in bounds]
        fresh = _fresh(ordered)
        counts, values = _lists(pc.take(table.column("asns"), pa.array(order)))
        offsets, origins = _merge(np.cumsum(fresh) - 1, counts, values, int(fresh.sum()))
        fh, fl, lh, ll = (column[fresh] for column in ordered)
        return cls(fh, fl, lh, ll, length[order][fresh], offsets, origins)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"prefix_{name}": getattr(self, name) for name in _COLUMNS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> PrefixRows:
        return cls(*(arrays[f"prefix_{name}"] for name in _COLUMNS))

    def __len__(self) -> int:
        return len(self.length)

    @property
    def four(self) -> Mask:
        return is_ipv4(self.first_high, self.first_low)

    @property
    def usable(self) -> Mask:
        """Not shorter than ``SHORTEST``; ranges always are (joined neighbours may be wide)."""
        least = np.where(self.four, SHORTEST[4], SHORTEST[6])
        return (self.length < 0) | (self.length >= least)

    def asns(self, index: int) -> tuple[int, ...]:
        return tuple(self.origins[self.offsets[index] : self.offsets[index + 1]].tolist())

    def origin_counts(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    def take(self, indices: NDArray[np.int64]) -> PrefixRows:
        """Some rows (bounds and lengths; their origins are left behind)."""
        nothing = np.zeros(0, dtype=np.int64)
        bounds = (self.first_high, self.first_low, self.last_high, self.last_low)
        fh, fl, lh, ll = (column[indices] for column in bounds)
        return PrefixRows(fh, fl, lh, ll, self.length[indices], nothing, nothing)

    def first_key(self, which: NDArray[np.int64]) -> NDArray[np.bytes_]:
        return to_keys(self.first_high[which], self.first_low[which])

    def stop_key(self, which: NDArray[np.int64]) -> NDArray[np.bytes_]:
        """The address behind the last; at the very end of the space, where there is none, the last itself."""
        return to_keys(*after(self.last_high[which], self.last_low[which]))

    def width(self, which: NDArray[np.int64]) -> tuple[U64, U64]:
        """Addresses less one, as high and low 64 bits."""
        first_high, first_low = self.first_high[which], self.first_low[which]
        last_high, last_low = self.last_high[which], self.last_low[which]
        return last_high - first_high - (last_low < first_low), last_low - first_low


def after(high: U64, low: U64) -> tuple[U64, U64]:
    """The next address; the last of all stays."""
    one, ones = np.uint64(1), np.uint64(2**64 - 1)
    end = (high == ones) & (low == ones)
    return high + ((low == ones) & ~end), np.where(end, low, low + one)


def _is_span(first_high: U64, first_low: U64, last_high: U64, last_low: U64) -> Mask:
    ordered = (first_high < last_high) | ((first_high == last_high) & (first_low <= last_low))
    sound: Mask = ordered & (is_ipv4(first_high, first_low) == is_ipv4(last_high, last_low))
    return sound


def _fresh(ordered: list[U64]) -> Mask:
    """Which rows differ from the one before."""
    fresh = np.ones(len(ordered[0]), dtype=bool)
    if len(fresh):
        fresh[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in ordered])
    return fresh


def _lists(column: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lengths and values of a list column, nulls left out."""
    counts = np.asarray(pc.fill_null(pc.list_value_length(column), 0)).astype(np.int64)
    values = pc.list_flatten(column)
    return counts, np.asarray(values).astype(np.int64)


def _merge(
    row: NDArray[np.int64], counts: NDArray[np.int64], values: NDArray[np.int64], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Offsets and origins of merged rows, each origin once, in the order listed."""
    owner = np.repeat(row, counts)
    if len(row) != rows or (counts > 1).any():
        pairs = np.stack([owner, values], axis=1)
        _, places = np.unique(pairs, axis=0, return_index=True)
        kept = np.sort(places)
        owner, values = owner[kept], values[kept]
    per_row = np.bincount(owner, minlength=rows)
    return np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64), values

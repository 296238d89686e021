"""How much each prefix and each network announces: the denominators of every rate.

Units: IPv4 in addresses; IPv6 in /64s, the block that one subnet gets (RFC 4291), parts rounded up. An
address is *matched* by the prefix that an attribution would name, so a customer's more specific prefix
takes its addresses out of the provider's; *announced* is the union of all that a network originates,
taken away or not. A prefix with several origins counts in full for each. Special-purpose space and
prefixes too short for attribution count for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.routing import bogons
from depeer.routing.origin_table import OriginTable

Sizes = NDArray[np.int64]
_LOW32 = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Places in one family's address space: whole units below each, special space left out, and the rest."""

    whole: NDArray[np.uint64]
    part: NDArray[np.float64]

    def total(self, begin: Sizes, end: Sizes, group: Sizes, groups: int) -> Sizes:
        """Per group, the units from places ``begin`` to places ``end`` (≥ begin)."""
        whole = (self.whole[end] - self.whole[begin]).astype(np.float64)
        return _total(group, whole, self.part[end] - self.part[begin], groups)


def announced_prefixes(table: OriginTable) -> pa.Table:
    """``prefix``, ``family`` (4 or 6), ``asns``, ``size``: units for which it is the longest match."""
    rows = table.rows
    asns = pa.LargeListArray.from_arrays(pa.array(rows.offsets), pa.array(rows.origins))
    return pa.table(
        {
            "prefix": table.prefixes(np.arange(len(rows))),
            "family": np.where(rows.four, 4, 6).astype(np.int32),
            "asns": asns.cast(pa.list_(pa.int64())),
            "size": matched(table),
        }
    )


def announced_networks(table: OriginTable) -> pa.Table:
    """``asn``, then in IPv4 addresses ``announced4``, ``matched4`` and in IPv6 /64s ``announced6``, ``matched6``.

    One row for each origin of a usable prefix, by AS number.
    """
    rows = table.rows
    row = np.repeat(np.arange(len(rows)), rows.origin_counts())
    usable = rows.usable[row]
    row, origin = row[usable], rows.origins[usable]
    asns, group = np.unique(origin, return_inverse=True)
    size, four = matched(table), rows.four
    columns: dict[str, Any] = {"asn": asns}
    for family, which in ((4, four[row]), (6, ~four[row])):
        columns[f"announced{family}"] = _unions(table, family, row[which], group[which], len(asns))
        columns[f"matched{family}"] = _sums(group[which], size[row[which]], len(asns))
    return pa.table(columns)


def matched(table: OriginTable) -> Sizes:
    """For each prefix of the table, the units for which it is the longest match."""
    starts4 = np.append(table.starts4.astype(np.int64), 1 << 32)
    high, low = _halves(np.append(table.starts6, np.array([b"\xff" * 16])))
    owners = np.concatenate([table.owners4, table.owners6]).astype(np.int64)
    whole = np.concatenate([np.diff(starts4).astype(np.float64), np.diff(high).astype(np.float64)])
    part = np.concatenate([np.zeros(len(table.owners4)), np.diff(low.astype(np.float64)) / 2.0**64])
    held = owners >= 0
    return _total(owners[held], whole[held], part[held], len(table))


def _unions(table: OriginTable, family: int, row: Sizes, group: Sizes, groups: int) -> Sizes:
    """Per group, the units covered by the prefixes ``row`` of the group together."""
    if not len(row):
        return np.zeros(groups, dtype=np.int64)
    first, stop, scale = _places4(table, row) if family == 4 else _places6(table, row)
    # Rows are in the order of their first address, so within a group whatever was covered so far
    # ends at the largest stop seen.
    order = np.lexsort((row, group))
    group, first, stop = group[order], first[order], stop[order]
    reach = np.maximum.accumulate(group * len(scale.whole) + stop) - group * len(scale.whole)
    before = np.concatenate([[0], np.where(group[1:] == group[:-1], reach[:-1], 0)])
    begin = np.minimum(np.maximum(first, before), stop)
    return scale.total(begin, stop, group, groups)


def _places4(table: OriginTable, row: Sizes) -> tuple[Sizes, Sizes, _Scale]:
    first = (table.rows.first_low[row] & _LOW32).astype(np.int64)
    stop = (table.rows.last_low[row] & _LOW32).astype(np.int64) + 1
    places, index = np.unique(np.concatenate([first, stop]), return_inverse=True)
    below = _special_below(
        places.astype(np.uint64), *(edge.astype(np.uint64) for edge in bogons.forbidden4())
    )
    scale = _Scale(places.astype(np.uint64) - below, np.zeros(len(places)))
    return index[: len(row)], index[len(row) :], scale


def _places6(table: OriginTable, row: Sizes) -> tuple[Sizes, Sizes, _Scale]:
    keys = np.concatenate([table.rows.first_key(row), table.rows.stop_key(row)])
    places, index = np.unique(keys, return_inverse=True)
    high, low = _halves(places)
    # Special blocks smaller than a /64 are no loss worth counting.
    edges = [_halves(edge)[0] for edge in bogons.forbidden6()]
    scale = _Scale(high - _special_below(high, *edges), low.astype(np.float64) / 2.0**64)
    return index[: len(row)], index[len(row) :], scale


def _special_below(
    places: NDArray[np.uint64], first: NDArray[np.uint64], stop: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Units of special-purpose space below each place."""
    total = np.concatenate([[np.uint64(0)], np.cumsum(stop - first)])
    entered = np.searchsorted(first, places, side="right")
    end = np.concatenate([[np.uint64(0)], stop])[entered]
    return total[entered] - np.where(end > places, end - places, np.uint64(0))


def _halves(keys: NDArray[np.bytes_]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    pairs = np.ascontiguousarray(keys).view(">u8").astype(np.uint64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _sums(group: Sizes, values: Sizes, groups: int) -> Sizes:
    return np.bincount(group, weights=values.astype(np.float64), minlength=groups).astype(np.int64)


def _total(group: Sizes, whole: NDArray[np.float64], part: NDArray[np.float64], groups: int) -> Sizes:
    """Whole units and parts are added up apart (exact below 2^53 each); what is left of parts counts as one."""
    wholes = np.bincount(group, weights=whole, minlength=groups).astype(np.int64)
    parts = np.bincount(group, weights=part, minlength=groups)
    return wholes + np.ceil(parts).astype(np.int64)

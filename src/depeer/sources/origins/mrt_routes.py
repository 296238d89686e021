"""Who originates what, and next to whom, out of an MRT file: RIB dumps and updates of route collectors.

A RIB that was read to its end gives prefix → origins (the origin that most vantage points see first). Any file
gives *uplinks as observed*: the neighbour next to the origin in each path, prepending taken together, with
first and last time and the vantage points that saw it. Paths that end in a set say nothing of neighbours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from depeer import tables
from depeer.sources import mrt
from depeer.sources.origins.format import Format
from depeer.sources.origins.packed import from_arrow, is_ipv4, span, to_arrow
from depeer.sources.origins.reading import ORIGINS, Reading, Skips

UPLINKS = pa.schema([f for f in tables.UPLINKS.schema if f.name != "snapshot"])

_HEADER = struct.Struct(">IHHI")
_TYPES = {5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 32, 33, 48, 49}
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100
_LONGEST = 2**20
_PENDING = 2_000_000
"""Rows of partial sums that are kept before they are summed up."""
_TORN = "torn"


@dataclass(slots=True)
class _Sums:
    """Partial sums of one kind, summed up again whenever there are many."""

    keys: list[str]
    sums: list[tuple[str, str]]
    parts: list[pa.Table] = field(default_factory=list)
    rows: int = 0

    def add(self, table: pa.Table) -> None:
        self.parts.append(self._grouped(table))
        self.rows += self.parts[-1].num_rows
        if self.rows > _PENDING:
            self.total()

    def total(self) -> pa.Table | None:
        if not self.parts:
            return None
        self.parts = [self._grouped(pa.concat_tables(self.parts))]
        self.rows = self.parts[0].num_rows
        return self.parts[0]

    def _grouped(self, table: pa.Table) -> pa.Table:
        grouped = table.group_by(self.keys).aggregate(self.sums)
        names = {f"{column}_{function}": column for column, function in self.sums}
        return grouped.rename_columns([names.get(name, name) for name in grouped.column_names])


def _read(stream: BinaryIO) -> Reading:
    skips = Skips()
    return Reading(_batches(stream, skips), skips)


def _batches(stream: BinaryIO, skips: Skips) -> Iterator[tuple[str, pa.RecordBatch]]:
    reading = mrt.read(stream)
    origins = _Sums(["first", "length", "origin"], [("seen", "sum")])
    uplinks = _Sums(["asn", "uplink", "peer"], [("first", "min"), ("last", "max")])
    peers: set[bytes] = set()
    for batch in reading:
        routes = pa.Table.from_batches([batch.filter(_heard(batch))])
        peers.update(pc.unique(routes["peer"]).to_pylist())
        _add_uplinks(uplinks, routes)
        _add_origins(origins, routes)
    for reason, count in reading.account.faults.items():
        skips.reasons[reason] += count
    skips.examples.extend(reading.account.examples[:5])
    torn = any(_TORN in reason for reason in reading.account.faults)
    if not torn:
        yield from _origin_rows(origins.total())
    yield from _uplink_rows(uplinks.total(), len(peers))


def _heard(batch: pa.RecordBatch) -> pa.Array:
    """Routes that a peer told; in the ``_LOCAL`` formats the collector itself spoke."""
    told = pc.is_in(batch["type"].cast(pa.string()), pa.array(["A", "B"]))
    return pc.and_(told, pc.invert(pc.match_substring(batch["format"].cast(pa.string()), "LOCAL")))


def _add_uplinks(sums: _Sums, routes: pa.Table) -> None:
    asns = routes["asns"].combine_chunks()
    asns = asns.chunk(0) if isinstance(asns, pa.ChunkedArray) else asns
    neighbour = pa.array([_neighbour(path) for path in asns.dictionary.to_pylist()], pa.int64())
    found = pa.table(
        {
            "asn": routes["origin_asn"],
            "uplink": neighbour.take(asns.indices),
            "peer": routes["peer"],
            "first": routes["time"],
            "last": routes["time"],
            "has_set": routes["has_set"],
        }
    )
    known = pc.and_(
        pc.and_(pc.is_valid(found["uplink"]), pc.is_valid(found["asn"])), pc.invert(found["has_set"])
    )
    sums.add(found.filter(known).drop_columns("has_set"))


def _neighbour(path: list[int] | None) -> int | None:
    """The last network of a path that is not its origin."""
    return next((asn for asn in reversed(path) if asn != path[-1]), None) if path else None


def _add_origins(sums: _Sums, routes: pa.Table) -> None:
    entries = routes.filter(pc.equal(routes["type"].cast(pa.string()), "B"))
    entries = entries.filter(pc.is_valid(entries["origin_asn"]))
    columns = {"first": entries["first"], "length": entries["length"], "origin": entries["origin_asn"]}
    sums.add(pa.table({**columns, "seen": pa.array(np.ones(len(entries), dtype=np.int64))}))


def _origin_rows(found: pa.Table | None) -> Iterator[tuple[str, pa.RecordBatch]]:
    """One row a prefix; of several origins the one with most entries first."""
    if found is None or not found.num_rows:
        return
    order = [("first", "ascending"), ("length", "ascending"), ("seen", "descending"), ("origin", "ascending")]
    found = found.sort_by(order).combine_chunks()
    high, low, _ = from_arrow(found["first"])
    length = found["length"].to_numpy().astype(np.int64)
    new = np.ones(len(found), dtype=bool)
    new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1]) | (length[1:] != length[:-1])
    starts = np.flatnonzero(new)
    offsets = np.append(starts, len(found)).astype(np.int32)
    asns = pa.ListArray.from_arrays(pa.array(offsets), found["origin"].combine_chunks().cast(pa.int64()))
    first = found["first"].combine_chunks().take(pa.array(starts))
    high, low, length = high[starts], low[starts], length[starts]
    bits = np.where(is_ipv4(high, low), length + 96, length)
    _, _, last_high, last_low = span(high, low, bits)
    columns = [first, to_arrow(last_high, last_low), pa.array(length.astype(np.int32)), asns]
    rows = pa.table(columns, schema=ORIGINS)
    for batch in rows.to_batches(65_536):
        yield "origins", batch


def _uplink_rows(found: pa.Table | None, vantages: int) -> Iterator[tuple[str, pa.RecordBatch]]:
    if found is None or not found.num_rows:
        return
    rows = found.group_by(["asn", "uplink"]).aggregate(
        [("peer", "count_distinct"), ("first", "min"), ("last", "max")]
    )
    rows = rows.sort_by([("asn", "ascending"), ("uplink", "ascending")])
    table = pa.table(
        [
            rows["asn"],
            rows["uplink"],
            rows["peer_count_distinct"].cast(pa.int32()),
            pa.array(np.full(len(rows), vantages, dtype=np.int32)),
            rows["first_min"],
            rows["last_max"],
        ],
        schema=UPLINKS,
    )
    for batch in table.combine_chunks().to_batches(65_536):
        yield "uplinks", batch


def _sniff(head: bytes, _name: str) -> bool:
    """Whether two record headers stand where they should, or one that fills the file."""
    at = 0
    for number in range(2):
        if len(head) < at + _HEADER.size:
            return number == 1
        time, kind, subtype, length = _HEADER.unpack_from(head, at)
        if kind not in _TYPES or subtype > 64 or length > _LONGEST or not _EARLIEST <= time < _LATEST:
            return False
        at += _HEADER.size + length
    return True


def _day(head: bytes, _name: str) -> date | None:
    return (
        datetime.fromtimestamp(_HEADER.unpack_from(head)[0], UTC).date()
        if len(head) >= _HEADER.size
        else None
    )


MRT = Format("mrt", ("origins", "uplinks"), _sniff, _day, _read)

"""From batches of elements to the few that matter for the networks watched, most of it on whole columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from depeer.judgement.watch.events import Prefix, depth
from depeer.model import IPV4_MAPPED

ESTABLISHED = 6
"""State of a session in which routes are exchanged (RFC 4271, section 8.2.2; RFC 6396, section 4.4.1)."""
_MULTICAST = 2
_USED = (
    "time", "type", "peer", "peer_asn", "first", "length", "path_id", "new_state", "asns", "has_set", "path",
    "origin_asn",
)  # fmt: skip

Peer = tuple[bytes, int]
"""Address of a vantage point in 16 bytes, and its AS number."""


class Told(NamedTuple):
    """One element: ``type`` is A, W or B, or STATE, which has no prefix."""

    time: int
    type: str
    peer: Peer
    prefix: Prefix | None
    path_id: int
    hops: tuple[int, ...]
    """From the vantage point on, up to a set at the end."""
    members: tuple[int, ...]
    """Of that set."""
    origin: int | None
    new_state: int | None


@dataclass(slots=True)
class Interest:
    """What is looked for; rebuilt from prefixes only when they have changed."""

    asns: frozenset[int]
    space: dict[Prefix, None] = field(default_factory=dict)
    """Prefixes within which everything matters."""
    followed: dict[Prefix, int] = field(default_factory=dict)
    """Prefixes outside of these of which routes are held, and how many."""
    changed: bool = True
    _numbers: pa.Array = None
    _starts: np.ndarray = field(default_factory=lambda: np.zeros(0, "S16"))
    _ends: np.ndarray = field(default_factory=lambda: np.zeros(0, "S16"))
    _firsts: pa.Array = None

    def pick(self, batch: pa.RecordBatch) -> Iterator[Told]:
        """The elements that may matter, in order. A few more than matter may come."""
        if self._numbers is None:
            self._numbers = pa.array(sorted(self.asns), pa.int64())
        crossing = _crossing(batch, self._numbers)
        mask = crossing | _down(batch) | self._near(batch, crossing)
        mask &= ~_multicast(batch)
        if mask.any():
            rows = batch.select(_USED).filter(pa.array(mask))
            times = rows.column("time").cast(pa.int64()).to_pylist()
            yield from map(_told, times, rows.drop_columns(["time"]).to_pylist())

    def _near(self, batch: pa.RecordBatch, crossing: np.ndarray) -> np.ndarray:
        """Elements of prefixes that are watched or followed, those that this very batch brings included."""
        if self.changed:
            self._starts, self._ends = _spans(self.space)
            self._firsts = pa.array({first for first, _ in self.followed}, pa.binary())
            self.changed = False
        starts, ends, firsts = self._starts, self._ends, self._firsts
        column = batch.column("first")
        if crossing.any():
            new = batch.filter(pa.array(crossing))
            firsts = pa.concat_arrays([firsts, new.column("first").drop_null()])
            own = new.filter(pc.is_in(new.column("origin_asn"), value_set=self._numbers))
            pairs = zip(own.column("first").to_pylist(), own.column("length").to_pylist(), strict=True)
            more = {pair: None for pair in pairs if pair[0] is not None and pair not in self.space}
            if more:
                starts, ends = _spans({**self.space, **more})
        near: np.ndarray = _numpy(pc.is_in(column, value_set=firsts, skip_nulls=True))
        if len(starts):
            held = pc.fill_null(column, bytes(16)).cast(pa.binary(16))
            keys = np.frombuffer(held.buffers()[1], "S16", len(column), held.offset * 16)
            place = np.searchsorted(starts, keys, "right") - 1
            near |= (place >= 0) & (keys <= ends[np.maximum(place, 0)]) & _numpy(column.is_valid())
        return near


def table_routes(batch: pa.RecordBatch) -> Iterator[tuple[Peer, bool, int]]:
    """Vantage point, whether IPv6, and how many routes of a table this batch holds of it."""
    rows = batch.filter(pc.equal(batch.column("type").dictionary_decode(), "B"))
    if not rows.num_rows:
        return
    six = pc.invert(pc.starts_with(rows.column("first"), pattern=IPV4_MAPPED))
    table = pa.table({"peer": rows.column("peer"), "asn": rows.column("peer_asn"), "six": six})
    for row in table.group_by(["peer", "asn", "six"]).aggregate([([], "count_all")]).to_pylist():
        yield (row["peer"], row["asn"]), row["six"], row["count_all"]


def table_rows(batch: pa.RecordBatch) -> int:
    """Rows at the beginning that are entries of a table, up to the first update."""
    place: int = pc.index(pc.equal(batch.column("type").dictionary_decode(), "B"), False).as_py()
    return place if place >= 0 else batch.num_rows


def only_table(batch: pa.RecordBatch) -> bool:
    return table_rows(batch) == len(batch)


def _told(time: int, row: dict[str, Any]) -> Told:
    first, length = row["first"], row["length"]
    hops, members = _path(row)
    return Told(
        time,
        row["type"],
        (row["peer"], row["peer_asn"]),
        None if first is None else (first, length),
        row["path_id"] or 0,
        hops,
        members,
        row["origin_asn"],
        row["new_state"],
    )


def _path(row: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    asns: tuple[int, ...] = tuple(row["asns"] or ())
    if not row["has_set"]:
        return asns, ()
    ahead = str(row["path"] or "").partition("{")[0].split()
    count = sum(hop.isdigit() for hop in ahead)
    return asns[:count], asns[count:]


def _crossing(batch: pa.RecordBatch, numbers: pa.Array) -> np.ndarray:
    """Which elements have one of these networks in their path; each distinct path is looked at once."""
    paths = batch.column("asns")
    lists = paths.dictionary
    hit = np.zeros(len(lists) + 1, bool)
    found = pc.is_in(pc.list_flatten(lists), value_set=numbers)
    hit[_numpy(pc.list_parent_indices(lists).filter(found))] = True
    places = _numpy(pc.fill_null(paths.indices, len(lists)))
    crossing: np.ndarray = hit[places]
    return crossing


def _down(batch: pa.RecordBatch) -> np.ndarray:
    state = pc.equal(batch.column("type").dictionary_decode(), "STATE")
    return _numpy(pc.fill_null(state, False))


def _multicast(batch: pa.RecordBatch) -> np.ndarray:
    return _numpy(pc.fill_null(pc.equal(batch.column("safi"), _MULTICAST), False))


def _numpy(column: pa.Array) -> np.ndarray:
    return np.array(column.to_numpy(zero_copy_only=False))


def _spans(prefixes: Iterable[Prefix]) -> tuple[np.ndarray, np.ndarray]:
    """First and last address of each stretch, in order, none within another."""
    starts: list[bytes] = []
    ends: list[bytes] = []
    for prefix in sorted(prefixes):
        first, rest = int.from_bytes(prefix[0]), (1 << (128 - depth(prefix))) - 1
        last = (first | rest).to_bytes(16)
        if not ends or prefix[0] > ends[-1]:
            starts.append(prefix[0])
            ends.append(last)
        else:
            ends[-1] = max(ends[-1], last)
    return np.array(starts, "S16"), np.array(ends, "S16")

"""Who held an address when it was seen: sightings get their network by the snapshot that fits their day.

The two families are looked up apart: a snapshot that knows only IPv4 is no evidence that an IPv6 address
was not announced, so each family goes by the snapshots that cover it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.model import Snapshot
from depeer.routing.asof import Days, Picks, choose
from depeer.routing.origin_table import OriginTable
from depeer.routing.whole import Tables, is_part
from depeer.sources.origins.packed import U64, Mask, from_arrow, is_ipv4
from depeer.tables import SIGHTINGS

FILLED = ("asn", "origins", "prefix", "snapshot", "snapshot_days")


@dataclass(slots=True, eq=False)
class _Findings:
    """The five columns while they are made; ``text`` and ``said_by`` are indices, -1 for null."""

    asn: NDArray[np.int64]
    origins: NDArray[np.int32]
    text: NDArray[np.int32]
    said_by: NDArray[np.int32]
    days: NDArray[np.int32]
    texts: list[pa.Array] = field(default_factory=list)
    used: int = 0


def attribute(sightings: pa.RecordBatch, snapshots: Sequence[Snapshot], tables: Tables) -> pa.RecordBatch:
    """The same rows with ``asn``, ``origins``, ``prefix``, ``snapshot`` and ``snapshot_days`` filled.

    ``snapshots`` of other kinds than ``origins`` are passed over; ``tables`` gives the compiled table of
    a snapshot's id. Nobody announces the address, or nobody may (``bogons``): asn and prefix are null and
    origins 0, by the snapshot named. No snapshot for the family, no address, no time: all five are null.
    """
    usable = [snapshot for snapshot in snapshots if snapshot.kind == "origins"]
    high, low, valid = from_arrow(sightings.column("address"))
    days = _days(sightings.column("first"))
    findings = _empty(len(high))
    four = is_ipv4(high, low)
    for family, which in ((4, valid & four), (6, valid & ~four)):
        rows = np.flatnonzero(which)
        if len(rows):
            picks, distance = _pick(days[rows], usable, family, tables)
            _fill(findings, rows, picks, distance, (high, low), usable, tables)
    return _with_columns(sightings, _columns(findings, usable))


def _empty(size: int) -> _Findings:
    narrow = (np.full(size, -1, dtype=np.int32) for _ in range(3))
    origins, text, said_by = narrow
    return _Findings(
        np.full(size, -1, dtype=np.int64), origins, text, said_by, np.zeros(size, dtype=np.int32)
    )


def _days(first: pa.Array) -> Days:
    """UTC days; NaT where the time is unknown."""
    micros = first.cast(pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us"))
    return np.asarray(micros.to_numpy(zero_copy_only=False)).astype("datetime64[D]")


def _pick(days: Days, snapshots: list[Snapshot], family: int, tables: Tables) -> tuple[Picks, Picks]:
    """As ``asof.choose``, among the snapshots that cover the family and are no parts of a table; only those chosen
    are looked at, and those near them in time."""
    candidates = list(range(len(snapshots)))
    while True:
        when = np.array([snapshots[i].day for i in candidates], dtype="datetime64[D]")
        picks, distance = choose(days, when)
        chosen = {candidates[pick] for pick in np.unique(picks).tolist() if pick >= 0}
        lacking = {i for i in chosen if _lacks(snapshots[i], snapshots, family, tables)}
        if not lacking:
            return np.append(np.array(candidates, dtype=np.int64), -1)[picks], distance
        candidates = [i for i in candidates if i not in lacking]


def _lacks(snapshot: Snapshot, snapshots: list[Snapshot], family: int, tables: Tables) -> bool:
    return not tables(snapshot.id).covers(family) or is_part(snapshot, snapshots, family, tables)


def _fill(
    findings: _Findings,
    rows: NDArray[np.int64],
    picks: Picks,
    distance: Picks,
    address: tuple[U64, U64],
    snapshots: list[Snapshot],
    tables: Tables,
) -> None:
    for pick in np.unique(picks).tolist():
        if pick < 0:
            continue
        mine = picks == pick
        some = rows[mine]
        table = tables(snapshots[pick].id)
        found = table.lookup_pairs(address[0][some], address[1][some], np.ones(len(some), dtype=bool))
        findings.said_by[some] = pick
        findings.days[some] = distance[mine]
        findings.origins[some] = 0
        _name_prefixes(findings, table, some[found >= 0], found[found >= 0])


def _name_prefixes(
    findings: _Findings, table: OriginTable, rows: NDArray[np.int64], found: NDArray[np.int32]
) -> None:
    """Each prefix is looked at and written out once, however many sightings it has."""
    hit: Mask = np.zeros(len(table), dtype=bool)
    hit[found] = True
    indices = np.flatnonzero(hit)
    code = np.cumsum(hit, dtype=np.int32)[found] - 1
    begin = table.rows.offsets[indices]
    counts = table.rows.offsets[indices + 1] - begin
    findings.origins[rows] = counts[code]
    announced = counts > 0
    first = np.full(len(indices), -1, dtype=np.int64)
    first[announced] = table.rows.origins[begin[announced]]
    findings.asn[rows] = first[code]
    findings.text[rows] = code + np.int32(findings.used)
    findings.texts.append(table.prefixes(indices))
    findings.used += len(indices)


def _columns(findings: _Findings, snapshots: list[Snapshot]) -> dict[str, pa.Array]:
    unknown = findings.said_by < 0
    texts = pa.chunked_array([*findings.texts, pa.array([], pa.string())]).combine_chunks()
    ids = pa.array([snapshot.id for snapshot in snapshots], pa.string())
    return {
        "asn": pa.array(findings.asn, mask=findings.asn < 0),
        "origins": pa.array(findings.origins, mask=unknown),
        "prefix": _spelled(findings.text, texts),
        "snapshot": _spelled(findings.said_by, ids),
        "snapshot_days": pa.array(findings.days, mask=unknown),
    }


def _spelled(codes: NDArray[np.int32], texts: pa.Array) -> pa.Array:
    return pc.take(texts, pa.array(codes, mask=codes < 0))


def _with_columns(batch: pa.RecordBatch, columns: dict[str, pa.Array]) -> pa.RecordBatch:
    for name in FILLED:
        kept = SIGHTINGS.schema.field(name)
        place = batch.schema.get_field_index(name)
        if place < 0:
            batch = batch.append_column(kept, columns[name])
        else:
            batch = batch.set_column(place, kept, columns[name])
    return batch

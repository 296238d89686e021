"""Settles what depends on the whole lake: our own relays, where each mail came in, who was seen where.

Each of these tables is appended to where nothing that it depends on has changed, and made anew where
something has (a relay learned or given, a snapshot or a resolution added). Its commits carry a digest of that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from depeer.lake.derive import last_batch
from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.lake.store import reader
from depeer.measures.arrivals import arrivals
from depeer.measures.relays import EVIDENCE_SQL, learn
from depeer.measures.sightings import CANDIDATES
from depeer.measures.trust import Trust, trusts
from depeer.model import Snapshot
from depeer.routing.attribute import attribute
from depeer.routing.origin_table import OriginTable
from depeer.tables import LISTINGS, MAILS, RESOLUTIONS, TABLES

_RANGE_ROWS = 50_000
Rows = Callable[[int], Iterator[pa.RecordBatch]]


def settle(lake: Lake, anew: bool = False) -> list[str]:
    """Bring relays, arrivals and sightings up to date; returns the tables that were made anew.

    The caller holds the lock.
    """
    with lake.engine() as engine:
        return _settled(lake, engine, anew)


def _settled(lake: Lake, engine: Engine, anew: bool) -> list[str]:
    relays = _settle_relays(lake, engine, anew)
    trusted = _digest(
        relays.select(["sensor", "relay", "basis"]).filter(pc.not_equal(relays["basis"], "proposed"))
    )
    trust = trusts(relays)
    arrivals_anew = _settle(
        lake, engine, "arrivals", trusted, anew, lambda after: _arrivals(engine, trust, after)
    )
    snapshots = [snapshot for snapshot in lake.snapshots(engine) if snapshot.kind == "origins"]
    # Opened before the write begins: delta-rs cannot open a table while it asks for the next rows of another.
    tables = {snapshot.id: lake.origin_table(snapshot.id) for snapshot in snapshots}
    inputs = _digest(trusted, sorted(tables), last_batch(lake, "resolutions"))
    sightings_anew = _settle(
        lake,
        engine,
        "sightings",
        inputs,
        anew or arrivals_anew,
        lambda after: _sightings(engine, snapshots, tables, after),
    )
    return [name for name, made in (("arrivals", arrivals_anew), ("sightings", sightings_anew)) if made]


def _settle_relays(lake: Lake, engine: Engine, anew: bool) -> pa.Table:
    given = {name: sensor.trusted for name, sensor in lake.description.sensors.items()}
    learned = learn(engine.query(EVIDENCE_SQL), given)
    before = None if anew else engine.query("SELECT * FROM relays")
    order = [("sensor", "ascending"), ("relay", "ascending"), ("basis", "ascending")]
    learned = learned.sort_by(order)
    new = lake.store("relays").version() < 0
    if new or before is None or learned.to_pylist() != before.sort_by(order).to_pylist():
        lake.store("relays").overwrite(learned, {"deriver": TABLES["relays"].version})
    return learned


def _settle(lake: Lake, engine: Engine, name: str, inputs: str, anew: bool, rows: Rows) -> bool:
    """Append the rows beyond the last batch, or make all anew; True where rows were there before and changed."""
    store, table = lake.store(name), TABLES[name]
    done = last_batch(lake, name)
    target = max(last_batch(lake, t.name) for t in (MAILS, LISTINGS, RESOLUTIONS))
    anew = anew or done < 0 or store.last("inputs") != inputs
    if not anew and target <= done:
        return False
    engine.refresh()
    write = store.overwrite if anew else store.append
    facts = {"last_batch": target, "deriver": table.version, "inputs": inputs}
    write(reader(table, rows(-1 if anew else done)), facts)
    return anew and done >= 0


def _arrivals(engine: Engine, trust: Mapping[str, Trust], after: int) -> Iterator[pa.RecordBatch]:
    for low, high in _ranges(engine, after):
        span = {"low": low, "high": high}
        mails = engine.query(
            "SELECT batch, delivery, sensor, enveloped FROM mails WHERE batch BETWEEN $low AND $high", span
        )
        hops = engine.query("SELECT * FROM hops WHERE batch BETWEEN $low AND $high", span)
        yield arrivals(_one_batch(mails), _one_batch(hops), trust)


def _ranges(engine: Engine, after: int) -> list[tuple[int, int]]:
    """Spans of batches of mail with a bounded number of rows each."""
    counted = engine.query(
        "SELECT batch, count(*) AS rows FROM mails WHERE batch > $after GROUP BY batch ORDER BY batch",
        {"after": after},
    )
    spans: list[tuple[int, int]] = []
    room = 0
    for batch, rows in zip(counted["batch"].to_pylist(), counted["rows"].to_pylist(), strict=True):
        if spans and rows <= room:
            spans[-1] = (spans[-1][0], batch)
            room -= rows
        else:
            spans.append((batch, batch))
            room = _RANGE_ROWS - rows
    return spans


def _sightings(
    engine: Engine, snapshots: list[Snapshot], tables: Mapping[str, OriginTable], after: int
) -> Iterator[pa.RecordBatch]:
    for rows in engine.stream(CANDIDATES, {"after": after}):
        yield attribute(rows, snapshots, tables.__getitem__)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _digest(*things: object) -> str:
    digest = hashlib.sha256()
    for thing in things:
        digest.update(repr(thing.to_pylist() if isinstance(thing, pa.Table) else thing).encode())
    return digest.hexdigest()[:16]

"""Brings the derived tables up to the evidence: by batch where that suffices, from the start where it does not.

Two kinds. What a piece says by itself (mails, hops, links; resolutions, listings) is read by the kernels
of ``sources`` and only ever appended. What depends on the rest of the lake (relays, arrivals, sightings)
is settled after each change: appended to where nothing it depends on has changed, else made anew. Every
commit names the deriver's version, the last batch it covers and a digest of what else went in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.lake.store import reader
from depeer.measures.arrivals import arrivals
from depeer.measures.relays import EVIDENCE_SQL, learn
from depeer.measures.sightings import CANDIDATES
from depeer.measures.trust import trusts
from depeer.routing.attribute import attribute
from depeer.sources.evidence import MAIL, read_rows
from depeer.tables import DERIVED, HOPS, LINKS, LISTINGS, MAILS, RESOLUTIONS, TABLES

READ = {MAIL: (MAILS, HOPS, LINKS), "feed": (LISTINGS, RESOLUTIONS)}
"""Tables that kernels read out of raw rows, by what the rows are."""

_RANGE_ROWS = 50_000
_RAW_ROWS = 4_096


def append(lake: Lake, name: str, rows: pa.Table, batch: int) -> None:
    """Append what a kernel read, and say up to which batch."""
    lake.store(name).append(rows, {"last_batch": batch, "deriver": TABLES[name].version})


def last_batch(lake: Lake, name: str) -> int:
    """The last batch that a derived table covers; -1 where it covers none or an older deriver made it."""
    store = lake.store(name)
    if store.last("deriver") != str(TABLES[name].version):
        return -1
    return int(store.last("last_batch") or -1)


def catch_up(lake: Lake) -> None:
    """Read again every raw row that a derived table lacks. The caller holds the lock."""
    for kind, tables in READ.items():
        for table in tables:
            done = last_batch(lake, table.name)
            if done < 0:
                _rebuild_read(lake, kind, table.name)
            elif done < lake.store("raw").version():
                _extend_read(lake, kind, table.name, done)


def rebuild(lake: Lake) -> None:
    """Make every derived table anew, each swapped in whole. The caller holds the lock."""
    for kind, tables in READ.items():
        for table in tables:
            _rebuild_read(lake, kind, table.name)
    settle(lake, anew=True)


def _of_kind(kind: str) -> str:
    return "kind = 'mail'" if kind == MAIL else "kind <> 'mail'"


def _missing(lake: Lake, kind: str, after: int) -> int | None:
    """The last batch beyond ``after`` that holds stored rows of the kind; None where there is none."""
    found = lake.rows(
        f"SELECT max(batch) AS last FROM raw WHERE batch > $after AND disposition = 'stored' AND {_of_kind(kind)}",  # noqa: S608
        after=after,
    )
    last = found["last"][0].as_py()
    return None if last is None else int(last)


def _extend_read(lake: Lake, kind: str, name: str, after: int) -> None:
    last = _missing(lake, kind, after)
    if last is not None:
        with lake.engine() as engine:
            rows = reader(TABLES[name], _read_again(engine, kind, name, after))
            lake.store(name).append(rows, {"last_batch": last, "deriver": TABLES[name].version})


def _rebuild_read(lake: Lake, kind: str, name: str) -> None:
    last = _missing(lake, kind, -1)
    store = lake.store(name)
    if last is None and store.version() < 0:
        return
    with lake.engine() as engine:
        rows = reader(TABLES[name], _read_again(engine, kind, name, -1))
        store.overwrite(
            rows, {"last_batch": last if last is not None else -1, "deriver": TABLES[name].version}
        )


def _read_again(engine: Engine, kind: str, name: str, after: int) -> Iterator[pa.RecordBatch]:
    """The derived rows of stored raw rows, with the bytes from wherever the lake holds them."""
    statement = f"""
        SELECT r.batch, r.delivery, r.sha256, r.locator, r.sensor, r.label, r.size, r.kind, r.context, r.envelope,
               coalesce(r.bytes, o.bytes) AS bytes
        FROM raw r
        LEFT JOIN raw o ON r.bytes IS NULL AND o.sha256 = r.sha256 AND o.bytes IS NOT NULL
        WHERE r.batch > $after AND r.disposition = 'stored' AND r.{_of_kind(kind)}
    """  # noqa: S608
    for rows in engine.stream(statement, {"after": after}, _RAW_ROWS):
        yield read_rows(kind, rows)[name]


# --------------------------------------------------------------------------------------------- settled


def settle(lake: Lake, anew: bool = False) -> list[str]:
    """Bring relays, arrivals and sightings up to date; returns the tables that were made anew.

    The caller holds the lock.
    """
    relays = _settle_relays(lake)
    made_anew = []
    trusted = _digest(relays.select(["sensor", "relay", "basis"]).filter(pc.field("basis") != "proposed"))
    arrivals_anew = _settle_table(
        lake, "arrivals", trusted, anew, lambda after: _arrivals(lake, relays, after)
    )
    if arrivals_anew:
        made_anew.append("arrivals")
    inputs = _digest(
        trusted,
        [snapshot.id for snapshot in lake.snapshots() if snapshot.kind == "origins"],
        last_batch(lake, "resolutions"),
    )
    if _settle_table(lake, "sightings", inputs, anew or arrivals_anew, lambda after: _sightings(lake, after)):
        made_anew.append("sightings")
    return made_anew


def _settle_relays(lake: Lake) -> pa.Table:
    given = {name: sensor.trusted for name, sensor in lake.description.sensors.items()}
    with lake.engine() as engine:
        learned = learn(engine.query(EVIDENCE_SQL), given)
        before = engine.query("SELECT * FROM relays ORDER BY ALL")
    learned = learned.sort_by([("sensor", "ascending"), ("relay", "ascending"), ("basis", "ascending")])
    if lake.store("relays").version() < 0 or _digest(learned) != _digest(before):
        lake.store("relays").overwrite(learned, {"deriver": TABLES["relays"].version})
    return learned


def _settle_table(
    lake: Lake, name: str, inputs: str, anew: bool, rows: Callable[[int], Iterator[pa.RecordBatch]]
) -> bool:
    """Append the rows beyond the last batch, or make all anew where what they depend on has changed."""
    store, table = lake.store(name), TABLES[name]
    done = last_batch(lake, name)
    target = max((last_batch(lake, t.name) for t in (MAILS, LISTINGS, RESOLUTIONS)), default=-1)
    facts = {"last_batch": target, "deriver": table.version, "inputs": inputs}
    if anew or done < 0 or store.last("inputs") != inputs:
        store.overwrite(reader(table, rows(-1)), facts)
        return done >= 0
    if target > done:
        store.append(reader(table, rows(done)), facts)
    return False


def _arrivals(lake: Lake, relays: pa.Table, after: int) -> Iterator[pa.RecordBatch]:
    trust = trusts(relays)
    with lake.engine() as engine:
        for low, high in _ranges(engine, "mails", after):
            span = {"low": low, "high": high}
            mails = engine.query(
                "SELECT batch, delivery, sensor, enveloped FROM mails WHERE batch BETWEEN $low AND $high",
                span,
            )
            hops = engine.query("SELECT * FROM hops WHERE batch BETWEEN $low AND $high", span)
            yield arrivals(_one_batch(mails), _one_batch(hops), trust)


def _ranges(engine: Engine, name: str, after: int) -> list[tuple[int, int]]:
    """Spans of batches with a bounded number of rows each."""
    counted = engine.query(
        f"SELECT batch, count(*) AS rows FROM {name} WHERE batch > $after GROUP BY batch ORDER BY batch",  # noqa: S608
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


def _sightings(lake: Lake, after: int) -> Iterator[pa.RecordBatch]:
    snapshots = lake.snapshots()
    with lake.engine() as engine:
        for rows in engine.stream(CANDIDATES, {"after": after}):
            yield attribute(rows, snapshots, lake.origin_table)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _digest(*things: object) -> str:
    digest = hashlib.sha256()
    for thing in things:
        digest.update(repr(thing.to_pylist() if isinstance(thing, pa.Table) else thing).encode())
    return digest.hexdigest()[:16]


def clean(lake: Lake) -> list[str]:
    """Remove files that no table names any more; returns their names. The caller holds the lock."""
    return [f"{table.name}/{name}" for table in DERIVED for name in lake.store(table.name).vacuum()]

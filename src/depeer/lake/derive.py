"""Brings the derived tables up to the evidence: by batch where that suffices, from the start where it does not.

Two kinds. What a piece says by itself (mails, hops, links; resolutions, listings) is read by the kernels
of ``sources`` and only ever appended. What depends on the rest of the lake (relays, arrivals, sightings) is
settled after each change, see ``settle``. Every commit names the deriver's version and the last batch it covers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.lake.store import reader
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
    """Read every raw row again, each table swapped in whole. The caller holds the lock."""
    for kind, tables in READ.items():
        for table in tables:
            _rebuild_read(lake, kind, table.name)


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


def clean(lake: Lake) -> list[str]:
    """Remove files that no table names any more; returns their names. The caller holds the lock."""
    return [f"{table.name}/{name}" for table in DERIVED for name in lake.store(table.name).vacuum()]

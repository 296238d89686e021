"""Brings the derived tables up to the evidence: by batch where that suffices, from the start where it does not.

Two kinds. What a piece says by itself (mails, hops, links; resolutions, listings) is read by the kernels
of ``sources`` and only ever appended. What depends on the rest of the lake (relays, arrivals, sightings) is
settled after each change, see ``settle``. Every commit names the deriver's version and the last batch it covers.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pyarrow as pa

from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.lake.store import disk_errors
from depeer.sources.evidence import MAIL, read_rows
from depeer.tables import DERIVED, HOPS, LINKS, LISTINGS, MAILS, RESOLUTIONS, TABLES

READ = {MAIL: (MAILS, HOPS, LINKS), "feed": (LISTINGS, RESOLUTIONS)}
"""Tables that kernels read out of raw rows, by what the rows are."""

_RAW_ROWS = 1_024

Tables = dict[str, pa.RecordBatch]
Run = Callable[[Callable[[pa.RecordBatch], Tables], Iterable[pa.RecordBatch]], Iterable[Tables]]


def append(lake: Lake, name: str, rows: pa.Table, batch: int) -> None:
    """Append what a kernel read, and say up to which batch."""
    lake.store(name).append(rows, {"last_batch": batch, "deriver": TABLES[name].version})


def last_batch(lake: Lake, name: str) -> int:
    """The last batch that a derived table covers; -1 where it covers none or an older deriver made it."""
    store = lake.store(name)
    if store.last("deriver") != str(TABLES[name].version):
        return -1
    return int(store.last("last_batch") or -1)


def catch_up(lake: Lake, run: Run = map) -> None:
    """Read again every raw row that a derived table lacks. The caller holds the lock."""
    newest = lake.store("raw").version()
    for kind, tables in READ.items():
        done = {table.name: last_batch(lake, table.name) for table in tables}
        for after in sorted(set(done.values())):
            if after < newest:
                _read_into(lake, kind, [name for name in done if done[name] == after], after, run)


def rebuild(lake: Lake, run: Run = map) -> None:
    """Read every raw row again, each table swapped in whole. The caller holds the lock.

    ``run`` maps a kernel over batches, in order: the built-in, or that of a process pool.
    """
    for kind, tables in READ.items():
        _read_into(lake, kind, [table.name for table in tables], -1, run)


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


def _read_into(lake: Lake, kind: str, names: list[str], after: int, run: Run) -> None:
    """Read the rows beyond ``after`` once, and put what they say into each of the tables ``names``.

    What was read waits on disk, so that each table still gets all its rows in one commit.
    """
    last = _missing(lake, kind, after)
    names = [name for name in names if last is not None or (after < 0 and lake.store(name).version() >= 0)]
    if not names:
        return
    folder = lake.root / ".spill" / f"derive.{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with disk_errors(folder):
            _spool(lake, kind, names, after, run, folder)
        for name in names:
            with pa.memory_map(str(folder / name)) as file, pa.ipc.open_stream(file) as rows:
                store = lake.store(name)
                facts = {"last_batch": -1 if last is None else last, "deriver": TABLES[name].version}
                (store.overwrite if after < 0 else store.append)(rows, facts)
    finally:
        shutil.rmtree(folder)


def _spool(lake: Lake, kind: str, names: list[str], after: int, run: Run, folder: Path) -> None:
    with ExitStack() as stack, lake.engine() as engine:
        files = {name: stack.enter_context(pa.OSFile(str(folder / name), "wb")) for name in names}
        writers = {
            name: stack.enter_context(pa.ipc.new_stream(file, TABLES[name].schema))
            for name, file in files.items()
        }
        for tables in run(partial(read_rows, kind), _stored(engine, kind, after)):
            for name, writer in writers.items():
                writer.write_batch(tables[name])


def _stored(engine: Engine, kind: str, after: int) -> Iterator[pa.RecordBatch]:
    """Stored raw rows with their bytes, from wherever the lake holds them."""
    columns = "batch, delivery, sha256, locator, sensor, label, size, kind, context, envelope"
    asked = f"batch > $after AND disposition = 'stored' AND {_of_kind(kind)}"
    whole = f"SELECT {columns}, bytes FROM raw WHERE {asked} AND bytes IS NOT NULL"  # noqa: S608
    shared = f"""
        SELECT {", ".join(f"r.{column}" for column in columns.split(", "))}, o.bytes
        FROM (SELECT {columns} FROM raw WHERE {asked} AND bytes IS NULL) r
        JOIN (SELECT sha256, bytes FROM raw WHERE bytes IS NOT NULL) o ON o.sha256 = r.sha256
    """  # noqa: S608
    for statement in (whole, shared):
        yield from engine.stream(statement, {"after": after}, _RAW_ROWS)


def clean(lake: Lake) -> list[str]:
    """Remove files that no table names any more; returns their names. The caller holds the lock."""
    return [f"{table.name}/{name}" for table in DERIVED for name in lake.store(table.name).vacuum()]

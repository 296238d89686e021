"""``depeer export TABLE OUT``: any table as Parquet, CSV or JSON lines, through the disclosure gate."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from depeer.disclosure import Gate
from depeer.errors import BadUsage, NotFound
from depeer.lake import Lake
from depeer.lake.gate import gate_of
from depeer.lake.store import disk_errors
from depeer.model import show_address
from depeer.tables import ADDRESS_COLUMNS, TABLES, VIEWS

_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Exported:
    """Rows written, and where."""

    table: str
    rows: int
    path: str
    private: bool


def export(root: Path, name: str, out: Path, private: bool = False) -> Exported:
    """Write table or view ``name`` to ``out``; the ending says how (.parquet, .csv, .jsonl).

    Addresses become text, hashes hex. Without ``private`` recipients and traps are cut out. Raises
    NotFound for an unknown table, BadUsage for an unknown ending.
    """
    lake = Lake.open(root)
    if name not in TABLES and name not in VIEWS:
        raise NotFound(f"there is no table {name!r}; there are {', '.join([*VIEWS, *TABLES])}")
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise BadUsage(f"cannot tell a format by {out.name!r}; end it in {', '.join(_WRITERS)}")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"there is no folder {out.parent}; make it first")
    gate = gate_of(lake, private)
    scratch = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with lake.engine() as engine, disk_errors(out):
            stream = engine.stream(f"SELECT * FROM {name}", rows=_ROWS)  # noqa: S608 - a name of ours
            rows = write(scratch, _leaving(stream, name, gate))
            scratch.replace(out)
    finally:
        scratch.unlink(missing_ok=True)
    return Exported(name, rows, str(out), private)


def _leaving(stream: pa.RecordBatchReader, name: str, gate: Gate) -> Iterator[pa.RecordBatch]:
    empty = True
    for batch in stream:
        empty = False
        yield readable(gate.batch(name, batch))
    if empty:
        yield readable(gate.batch(name, pa.RecordBatch.from_pylist([], schema=stream.schema)))


def readable(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Packed addresses as text, other binary columns (but for raw bytes) as hex."""
    arrays, fields = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_binary(field.type) and field.name not in ("bytes", "envelope"):
            show: Callable[[bytes], str] = show_address if field.name in ADDRESS_COLUMNS else bytes.hex
            column = pa.array([None if v is None else show(v) for v in column.to_pylist()], pa.string())
        arrays.append(column)
        fields.append(pa.field(field.name, column.type))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _parquet(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    first = next(batches)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        return _each(first, batches, writer.write_batch)


def _csv(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    """Lists become space-separated text, bytes hex: CSV knows neither."""
    flat = (_flat(batch) for batch in batches)
    first = next(flat)
    with pa_csv.CSVWriter(path, first.schema) as writer:
        return _each(first, flat, writer.write_batch)


def _jsonl(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    with path.open("w", encoding="utf-8") as out:

        def write(batch: pa.RecordBatch) -> None:
            for row in batch.to_pylist():
                out.write(json.dumps(row, default=_plain, ensure_ascii=False) + "\n")

        return _each(next(batches), batches, write)


def _each(
    first: pa.RecordBatch, rest: Iterator[pa.RecordBatch], write: Callable[[pa.RecordBatch], Any]
) -> int:
    write(first)
    rows = first.num_rows
    for batch in rest:
        write(batch)
        rows += batch.num_rows
    return int(rows)


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    arrays = []
    for column in batch.columns:
        if pa.types.is_list(column.type):
            column = pa.array(
                [None if v is None else " ".join(map(str, v)) for v in column.to_pylist()], pa.string()
            )
        elif pa.types.is_binary(column.type):
            column = pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.string())
        arrays.append(column)
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_WRITERS = {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".json": _jsonl}

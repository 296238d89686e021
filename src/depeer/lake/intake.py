"""Takes what was read into the lake: lock, reopen, anti-join, append; first the evidence, then what it says.

A batch is one commit of ``raw`` and is numbered by that commit's version. The commit carries the
counts of its rows, so that conservation can be checked without trusting the rows themselves.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from depeer.lake import derive
from depeer.lake.known import KnownIds
from depeer.lake.lake import Lake
from depeer.sources.evidence import Chunk, Reading
from depeer.tables import RAW, TABLES

STORED, DUPLICATE, QUARANTINED = "stored", "duplicate", "quarantined"
_FORGOTTEN = "forgotten on purpose; see the table forgotten"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the things read."""

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    bytes: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.read + other.read,
            self.stored + other.stored,
            self.duplicates + other.duplicates,
            self.quarantined + other.quarantined,
            self.bytes + other.bytes,
        )


class Intake:
    """One ingest's way into the lake. ``at`` is called with the name of each point that a kill may hit."""

    def __init__(self, lake: Lake, at: Callable[[str], None] = lambda _: None) -> None:
        self._lake = lake
        self._at = at
        self._deliveries = KnownIds()
        self._contents = KnownIds()
        self._seen_version = -1
        self._seen_batch = -1
        self._forgotten: frozenset[bytes] = frozenset()
        self._key = lake.secret
        self.reasons = Counter[str]()
        """Why things went into quarantine, and how many for each reason."""

    def commit(self, parts: Sequence[tuple[Chunk, Reading]]) -> Tally:
        """Append one batch; returns what became of each thing. Raises NoRoom, TryAgain."""
        with self._lake.writing():
            self._refresh()
            raw = self._lake.store("raw")
            batch = raw.version() + 1
            rows, verdicts = self._rows(parts, batch)
            tally = _tally(rows, verdicts)
            kinds = ",".join(sorted({chunk.kind for chunk, _ in parts}))
            self._at("before-raw")
            raw.append(
                rows,
                {
                    "batch": batch,
                    "kinds": kinds,
                    "read": tally.read,
                    STORED: tally.stored,
                    "duplicates": tally.duplicates,
                    QUARANTINED: tally.quarantined,
                },
            )
            self._at("raw-without-derived")
            self._append_derived(parts, verdicts, batch)
            self._remember(rows, batch)
            self.reasons.update(rows["reason"].drop_null().to_pylist())
        return tally

    def _refresh(self) -> None:
        """Learn what others brought since, and finish what a killed writer left underived."""
        raw = self._lake.store("raw")
        version = raw.version()
        if version == self._seen_version:
            return
        with self._lake.engine() as engine:
            stream = engine.stream(
                "SELECT delivery, sha256, bytes IS NOT NULL AS whole FROM raw "
                "WHERE batch > $batch AND delivery IS NOT NULL",
                {"batch": self._seen_batch},
            )
            for part in stream:
                self._deliveries.add(part["delivery"].to_pylist())
                self._contents.add([sha[:16] for sha in part.filter(part["whole"])["sha256"].to_pylist()])
            hashes = engine.query("SELECT keyed_hash FROM forgotten")["keyed_hash"].to_pylist()
        self._forgotten = frozenset(hashes)
        self._seen_version, self._seen_batch = version, version
        self._sweep()
        derive.catch_up(self._lake)

    def _sweep(self) -> None:
        """Remove what killed writers left: half-written files, and evidence that no commit names.

        Files of derived tables that were replaced stay for those who read them just now, until `derive`.
        """
        for table in TABLES:
            store = self._lake.store(table)
            for name in store.torn() + (store.unnamed() if table == "raw" else []):
                (store.path / name).unlink()

    def _rows(self, parts: Sequence[tuple[Chunk, Reading]], batch: int) -> tuple[pa.Table, list[list[str]]]:
        verdicts = self._verdicts(parts)
        held = self._held(parts, verdicts)
        tables = [
            _raw_rows(chunk, reading, batch, verdict, keep)
            for (chunk, reading), verdict, keep in zip(parts, verdicts, held, strict=True)
        ]
        return pa.Table.from_batches(tables, schema=RAW.schema), verdicts

    def _verdicts(self, parts: Sequence[tuple[Chunk, Reading]]) -> list[list[str]]:
        ids = [delivery for _, reading in parts for delivery in reading.deliveries]
        known = self._deliveries.holds(ids)
        fresh: set[bytes] = set()
        verdicts: list[list[str]] = []
        at = 0
        for _, reading in parts:
            verdict = []
            for index, delivery in enumerate(reading.deliveries):
                if self._is_forgotten(reading.sha256[index]):
                    reading.troubles[index] = _FORGOTTEN
                    verdict.append(QUARANTINED)
                elif known[at] or delivery in fresh:
                    verdict.append(DUPLICATE)
                else:
                    fresh.add(delivery)
                    verdict.append(QUARANTINED if reading.troubles[index] else STORED)
                at += 1
            verdicts.append(verdict)
        return verdicts

    def _is_forgotten(self, sha256: bytes) -> bool:
        return bool(self._forgotten) and keyed_hash(self._key, sha256) in self._forgotten

    def _held(self, parts: Sequence[tuple[Chunk, Reading]], verdicts: list[list[str]]) -> list[list[bool]]:
        """Where the bytes go in: with the first row of each content that is not forgotten."""
        known = self._contents.holds([sha[:16] for _, reading in parts for sha in reading.sha256])
        fresh: set[bytes] = set()
        held: list[list[bool]] = []
        at = 0
        for (_, reading), verdict in zip(parts, verdicts, strict=True):
            keeps = []
            for sha, what, trouble in zip(reading.sha256, verdict, reading.troubles, strict=True):
                keep = what != DUPLICATE and trouble is not _FORGOTTEN and not known[at] and sha not in fresh
                if keep:
                    fresh.add(sha)
                keeps.append(keep)
                at += 1
            held.append(keeps)
        return held

    def _append_derived(
        self, parts: Sequence[tuple[Chunk, Reading]], verdicts: list[list[str]], batch: int
    ) -> None:
        derived: dict[str, list[pa.RecordBatch]] = {}
        for (_, reading), verdict in zip(parts, verdicts, strict=True):
            stored = {d for d, v in zip(reading.deliveries, verdict, strict=True) if v == STORED}
            every = len(stored) == len(reading.deliveries)
            for name, rows in reading.tables.items():
                kept = rows if every else _only(rows, stored)
                derived.setdefault(name, []).append(_in_batch(kept, batch))
        for name, batches in derived.items():
            derive.append(self._lake, name, pa.Table.from_batches(batches), batch)
            self._at(f"after-{name}")

    def _remember(self, rows: pa.Table, batch: int) -> None:
        self._deliveries.add(rows["delivery"].drop_null().to_pylist())
        whole = rows["sha256"].filter(pc.is_valid(rows["bytes"]))
        self._contents.add([sha[:16] for sha in whole.to_pylist()])
        self._seen_version = self._seen_batch = batch


def keyed_hash(key: bytes, sha256: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of a content's hash: tells whether something was forgotten, not what."""
    return hmac.new(key, sha256, hashlib.sha256).digest()


def unfinished(lake: Lake) -> list[bytes]:
    """SHA-256 of contents that are noted as forgotten and yet in the evidence: a forget was cut short."""
    noted = set(lake.rows("SELECT keyed_hash FROM forgotten")["keyed_hash"].to_pylist())
    if not noted:
        return []
    held = lake.rows("SELECT DISTINCT sha256 FROM raw WHERE sha256 IS NOT NULL")["sha256"].to_pylist()
    key = lake.secret
    return [sha for sha in held if keyed_hash(key, sha) in noted]


def _raw_rows(
    chunk: Chunk, reading: Reading, batch: int, verdict: list[str], held: list[bool]
) -> pa.RecordBatch:
    count = len(chunk)
    forgotten = [trouble is _FORGOTTEN for trouble in reading.troubles]
    reasons = [t if v == QUARANTINED else None for t, v in zip(reading.troubles, verdict, strict=True)]
    columns: dict[str, object] = {
        "batch": np.full(count, batch),
        "sensor": [chunk.sensor] * count,
        "kind": [chunk.kind] * count,
        "label": [chunk.label] * count,
        "locator": chunk.locators,
        "context": chunk.contexts,
        "envelope": [None if f else e for f, e in zip(forgotten, chunk.envelopes, strict=True)],
        "sha256": [None if f else s for f, s in zip(forgotten, reading.sha256, strict=True)],
        "delivery": [None if f else d for f, d in zip(forgotten, reading.deliveries, strict=True)],
        "size": [len(data) for data in chunk.data],
        "disposition": verdict,
        "reason": reasons,
    }
    arrays = [pa.array(columns[f.name], f.type) for f in RAW.schema if f.name in columns]
    arrays.insert(RAW.schema.get_field_index("bytes"), _held_bytes(chunk.data, held))
    return pa.RecordBatch.from_arrays(arrays, schema=RAW.schema)


def _held_bytes(data: Sequence[bytes], held: list[bool]) -> pa.Array:
    """What is held as one column, null elsewhere. Joined in one copy: one by one they take five times as long."""
    kept = [one if keep else b"" for one, keep in zip(data, held, strict=True)]
    offsets = np.zeros(len(kept) + 1, np.int32)
    np.cumsum([len(one) for one in kept], out=offsets[1:])
    valid = None if all(held) else pa.array(held, pa.bool_()).buffers()[1]
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(b"".join(kept))]
    return pa.Array.from_buffers(pa.binary(), len(kept), buffers)


def _only(rows: pa.RecordBatch, deliveries: set[bytes]) -> pa.RecordBatch:
    wanted = pa.array(sorted(deliveries), pa.binary())
    return rows.filter(pc.is_in(rows["delivery"], value_set=wanted))


def _in_batch(rows: pa.RecordBatch, batch: int) -> pa.RecordBatch:
    at = rows.schema.get_field_index("batch")
    return rows.set_column(at, rows.schema.field(at), pa.array(np.full(rows.num_rows, batch), pa.int64()))


def _tally(rows: pa.Table, verdicts: list[list[str]]) -> Tally:
    counts = Counter(verdict for part in verdicts for verdict in part)
    size = pc.sum(rows["size"]).as_py() or 0
    return Tally(rows.num_rows, counts[STORED], counts[DUPLICATE], counts[QUARANTINED], size)

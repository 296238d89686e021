"""From pieces to rows: the kernel that a worker runs on one chunk of an ingest.

The bytes stay where they were read; only identities, verdicts and derived rows travel back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from depeer.sources.feeds.kernel import read_feeds
from depeer.sources.identity import content_id, delivery_id, has_arrival
from depeer.sources.mail.kernel import read_lists, read_mails
from depeer.tables import RAW

MAIL = "mail"
_KERNEL_COLUMNS = ("batch", "delivery", "sha256", "locator", "sensor", "label", "size", "kind", "context",
                   "envelope", "bytes")  # fmt: skip
_KERNEL_SCHEMA = pa.schema([RAW.schema.field(name) for name in _KERNEL_COLUMNS])


@dataclass(slots=True)
class Chunk:
    """Some pieces of one kind, column by column (lists pickle several times faster than objects)."""

    kind: str
    sensor: str
    label: str
    locators: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    envelopes: list[bytes | None] = field(default_factory=list)
    contexts: list[str | None] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    troubles: list[str | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.data)


@dataclass(slots=True)
class Reading:
    """What a chunk said: identities and trouble row by row, and the derived tables of its sound rows."""

    sha256: list[bytes]
    deliveries: list[bytes]
    troubles: list[str | None]
    tables: dict[str, pa.RecordBatch]


def read_chunk(chunk: Chunk) -> Reading:
    """Identify and read every piece; one that cannot be read gets a reason and no derived rows."""
    shas = [content_id(data) for data in chunk.data]
    deliveries = _deliveries(chunk, shas)
    rows = _sound(deliveries, chunk.troubles)
    if chunk.kind == MAIL:
        tables = _mail_tables(chunk, shas, deliveries, rows)
    else:
        tables = read_rows(chunk.kind, _kernel_batch(chunk, shas, deliveries, rows))
    return Reading(shas, deliveries, list(chunk.troubles), tables)


def _mail_tables(
    chunk: Chunk, shas: Sequence[bytes], deliveries: Sequence[bytes], rows: Sequence[int]
) -> dict[str, pa.RecordBatch]:
    data = [chunk.data[i] for i in rows]
    carried: dict[str, Sequence[object]] = {
        "batch": [0] * len(rows),
        "delivery": [deliveries[i] for i in rows],
        "sha256": [shas[i] for i in rows],
        "locator": [chunk.locators[i] for i in rows],
        "sensor": [chunk.sensor] * len(rows),
        "label": [chunk.label] * len(rows),
        "size": [len(one) for one in data],
    }
    return read_lists(carried, data, [chunk.envelopes[i] for i in rows])._asdict()


def read_rows(kind: str, rows: pa.RecordBatch) -> dict[str, pa.RecordBatch]:
    """Derived tables, by name, of raw rows of one kind; the same for a fresh ingest and a rebuild."""
    if kind == MAIL:
        return dict(read_mails(rows)._asdict())
    found = read_feeds(rows)
    return {"listings": found.listings, "resolutions": found.resolutions}


def _sound(deliveries: Sequence[bytes], troubles: Sequence[str | None]) -> list[int]:
    """Rows worth reading: without trouble, and the first of each delivery."""
    first = {delivery: index for index, delivery in reversed(list(enumerate(deliveries)))}
    return [index for index in sorted(first.values()) if troubles[index] is None]


def _deliveries(chunk: Chunk, shas: Sequence[bytes]) -> list[bytes]:
    if chunk.kind != MAIL:
        days = [_snapshot_day(context) for context in chunk.contexts]
        return [delivery_id(chunk.sensor, sha, day=day) for sha, day in zip(shas, days, strict=True)]
    mails = zip(shas, chunk.data, chunk.envelopes, chunk.positions, strict=True)
    return [_mail_delivery(chunk.sensor, *mail) for mail in mails]


def _mail_delivery(sensor: str, sha: bytes, data: bytes, envelope: bytes | None, position: int) -> bytes:
    if has_arrival(data):
        return delivery_id(sensor, sha)
    return delivery_id(sensor, sha, envelope=envelope) if envelope else delivery_id(sensor, sha, position)


def _snapshot_day(context: str | None) -> str | None:
    day = json.loads(context).get("day") if context else None
    return str(day) if day is not None else None


def _kernel_batch(
    chunk: Chunk, shas: Sequence[bytes], deliveries: Sequence[bytes], rows: Sequence[int]
) -> pa.RecordBatch:
    count = len(rows)

    def picked(column: Sequence[object]) -> list[object]:
        return [column[i] for i in rows]

    columns = (
        [0] * count,
        picked(deliveries),
        picked(shas),
        picked(chunk.locators),
        [chunk.sensor] * count,
        [chunk.label] * count,
        [len(chunk.data[i]) for i in rows],
        [chunk.kind] * count,
        picked(chunk.contexts),
        picked(chunk.envelopes),
        picked(chunk.data),
    )
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _KERNEL_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_KERNEL_SCHEMA)

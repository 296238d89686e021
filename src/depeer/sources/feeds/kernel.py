"""Feed records in, listings and resolutions out: one record batch to the next, no state kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from depeer import tables
from depeer.errors import SkipRecord
from depeer.sources.feeds import by_format
from depeer.sources.feeds.facts import Fact, Listing, Resolution
from depeer.sources.feeds.feed import Context

SKIPPED = pa.schema([("batch", pa.int64()), ("delivery", pa.binary()), ("reason", pa.string())])


class FeedTables(NamedTuple):
    """``listings`` and ``resolutions`` have the schemas of ``depeer.tables``; ``skipped`` names the records
    that this version cannot read (batch, delivery, reason): none of those that were stored by it."""

    listings: pa.RecordBatch
    resolutions: pa.RecordBatch
    skipped: pa.RecordBatch


def read_feeds(raw: pa.RecordBatch) -> FeedTables:
    """Read records with the columns batch, delivery, sensor, kind, context and bytes of ``tables.RAW``.

    ``sensor`` is the feed's name, ``kind`` its format. Rows of equal order in and out; a record gives none,
    one or several facts. Raises BadUsage for a kind that is no feed's format.
    """
    listings: list[Listing] = []
    resolutions: list[Resolution] = []
    listed: list[int] = []
    resolved: list[int] = []
    troubles: list[tuple[int, str]] = []
    for row, facts in enumerate(_facts(raw)):
        if isinstance(facts, str):
            troubles.append((row, facts))
            continue
        for fact in facts:
            if isinstance(fact, Listing):
                listings.append(fact)
                listed.append(row)
            else:
                resolutions.append(fact)
                resolved.append(row)
    return FeedTables(
        _batch(tables.LISTINGS.schema, _origin(raw, listed), listings),
        _batch(tables.RESOLUTIONS.schema, _origin(raw, resolved), resolutions),
        _skipped(raw, troubles),
    )


def _facts(raw: pa.RecordBatch) -> Iterator[list[Fact] | str]:
    """For each row its facts, or the reason why there are none."""
    kinds = raw.column("kind").to_pylist()
    contexts = raw.column("context").to_pylist()
    for kind, context, data in zip(kinds, contexts, raw.column("bytes").to_pylist(), strict=True):
        try:
            yield by_format(kind).read(data, _context(context or "{}"))
        except SkipRecord as why:
            yield str(why)


@lru_cache(maxsize=256)
def _context(packed: str) -> Context:
    found: Context = json.loads(packed)
    return found


def _origin(raw: pa.RecordBatch, taken: list[int]) -> dict[str, pa.Array]:
    rows = pa.array(taken, pa.int64())
    named = {"batch": "batch", "delivery": "delivery", "feed": "sensor"}
    return {ours: raw.column(theirs).take(rows) for ours, theirs in named.items()}


def _batch(schema: pa.Schema, origin: dict[str, pa.Array], facts: list[Any]) -> pa.RecordBatch:
    columns = []
    for field in schema:
        if field.name in origin:
            columns.append(origin[field.name].cast(field.type))
        else:
            columns.append(pa.array([getattr(fact, field.name) for fact in facts], field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _skipped(raw: pa.RecordBatch, troubles: list[tuple[int, str]]) -> pa.RecordBatch:
    rows = pa.array([row for row, _ in troubles], pa.int64())
    reasons = pa.array([reason for _, reason in troubles], pa.string())
    columns = [raw.column("batch").take(rows), raw.column("delivery").take(rows), reasons]
    return pa.RecordBatch.from_arrays(columns, schema=SKIPPED)

"""Counts of anybody's as CSV: ``date``, ``count`` and, where there are several, ``sensor``.

The header may call them otherwise: ``day``, ``time``, ``timestamp``; ``messages``, ``value``, ``n``, ``total``;
``source``, ``series``, ``name``. A file of one column of dates and several of numbers is one sensor a column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from depeer.errors import BadInput

DATES = ("date", "day", "day_utc", "time", "timestamp", "observed_date", "week", "hour")
COUNTS = ("count", "counts", "messages", "value", "n")
SENSORS = ("sensor", "source", "series", "name")


@dataclass(slots=True)
class Rows:
    """One sensor's rows as they stand: times, and counts still as text (empty for unknown)."""

    times: list[datetime | date] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)


def read_counts(lines: Iterable[str], name: str) -> dict[str, Rows]:
    """Rows by sensor (the empty name where there is one). Raises BadInput with the line for what cannot be read."""
    rows = csv.reader(line for line in lines if line.strip() and not line.startswith("#"))
    try:
        header = [cell.strip().lower().removeprefix("\ufeff") for cell in next(rows)]
    except StopIteration:
        raise BadInput(f"{name} is empty; it needs a header (date,count) and a row for each day") from None
    when = _place(header, DATES)
    if when is None:
        raise BadInput(f"{name} has no column 'date'; its header is {','.join(header)[:80]!r}")
    count, sensor = _place(header, COUNTS), _place(header, SENSORS)
    found: dict[str, Rows] = {}
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise BadInput(f"{name}, row {number}: {len(row)} cells where the header has {len(header)}")
        at = _time(row[when], f"{name}, row {number}")
        for key, cell in _cells(header, row, when, count, sensor):
            kept = found.setdefault(key, Rows())
            kept.times.append(at)
            kept.counts.append(cell.strip())
    if not found:
        raise BadInput(f"{name} has a header and no rows")
    return found


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cells(
    header: list[str], row: list[str], when: int, count: int | None, sensor: int | None
) -> Iterable[tuple[str, str]]:
    if count is not None:
        return [(row[sensor].strip() if sensor is not None else "", row[count])]
    return [(name, row[at]) for at, name in enumerate(header) if at != when]


def _time(text: str, place: str) -> datetime | date:
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{place}: {text[:40]!r} is not a date such as 2008-11-11") from None

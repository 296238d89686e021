"""Counts of anybody's as CSV: ``date``, ``count`` and, where there are several, ``sensor``.

The header may call them otherwise: ``day``, ``time``, ``timestamp``; ``messages``, ``value``, ``n``; ``source``,
``series``, ``name``. A file of one column of dates and several of numbers is one sensor a column. Cells are parted by
commas, semicolons, tabs or bars, as the header shows; lines that begin with ``#`` and blank ones are passed over.

Whatever could be read in two ways is refused with its line: a guessed number looks like any other in an answer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from depeer.errors import BadInput
from depeer.sources.count_cells import Moment, moment, number, without_separators
from depeer.sources.count_steps import one_step

DATES = ("date", "day", "day_utc", "time", "timestamp", "observed_date", "week", "hour")
COUNTS = ("count", "counts", "messages", "value", "n")
SENSORS = ("sensor", "source", "series", "name")
DELIMITERS = ",;\t|"


@dataclass(slots=True)
class Rows:
    """One sensor's rows, in order of time: when each cell begins (UTC), its count (NaN for unknown), and its line.
    ``cells`` are the counts as written."""

    times: list[datetime] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Header:
    """Where things stand: the date, and either the count (and the sensor) or one column for each sensor."""

    names: list[str]
    delimiter: str
    date: int
    count: int | None
    sensor: int | None


def read_counts(lines: Iterable[str], name: str) -> dict[str, Rows]:
    """Rows by sensor (the empty name where there is one). Raises BadInput, with the line, for what cannot be read,
    and for a file that holds nothing to measure: no rows, a single time, nothing but zeros and gaps."""
    found: dict[str, Rows] = {}
    zoned: bool | None = None
    ahead = enumerate(("\n" if line.startswith("#") else line for line in lines), 1)
    header, first = _header(ahead, name)
    for line, row in _rows((text for _, text in ahead), header, first, name):
        place = f"{name}, line {line}"
        at = moment(row[header.date], place)
        if zoned is not None and at.zoned != zoned:
            raise BadInput(
                f"{place}: times with and without a zone are mixed; write all of them the same way"
            )
        zoned = at.zoned
        for key, cell in _cells(header, row, place):
            _keep(found.setdefault(key, Rows()), at, cell, line, place)
    _worth(found, name)
    for key, rows in found.items():
        whose = f"{name}, sensor {key!r}" if key else name
        without_separators(rows.cells, rows.lines, name)
        one_step(rows.times, rows.lines, whose)
    return found


def _header(ahead: Iterator[tuple[int, str]], name: str) -> tuple[Header, int]:
    """The header and its line."""
    for line, text in ahead:
        if text.strip():
            return _told(text.removeprefix("\ufeff"), name), line
    raise BadInput(f"{name} is empty; it needs a header (date,count) and a row for each day")


def _told(text: str, name: str) -> Header:
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        names = [cell.strip().lower() for cell in cells]
        when = _place(names, DATES)
        if when is not None:
            return _checked(
                Header(names, delimiter, when, _place(names, COUNTS), _place(names, SENSORS)), name
            )
    raise BadInput(f"{name} has no column 'date'; its header is {text.strip()[:80]!r}")


def _checked(header: Header, name: str) -> Header:
    twice = next((one for one in header.names if one and header.names.count(one) > 1), None)
    if twice is not None:
        raise BadInput(f"{name} has two columns {twice!r}; which one counts?")
    if len(header.names) < 2:
        raise BadInput(f"{name} has a column of dates and none of counts; its header needs: date,count")
    return header


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _rows(lines: Iterator[str], header: Header, first: int, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, each with the number of its (last) line in the file."""
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            _refuse(name, first + reader.line_num, str(error))
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header.names):
            _refuse(
                name, first + reader.line_num, f"{len(row)} cells where the header has {len(header.names)}"
            )
        yield first + reader.line_num, row


def _refuse(name: str, line: int, why: str) -> NoReturn:
    raise BadInput(f"{name}, line {line}: {why}")


def _cells(header: Header, row: list[str], place: str) -> Iterator[tuple[str, str]]:
    if header.count is not None:
        yield (row[header.sensor].strip() if header.sensor is not None else "", row[header.count].strip())
        return
    for at, name in enumerate(header.names):
        if at == header.date or not (name or row[at].strip()):
            continue
        if not name:
            raise BadInput(f"{place}: {row[at][:40]!r} stands in column {at + 1}, which has no name")
        yield name, row[at].strip()


def _keep(rows: Rows, at: Moment, cell: str, line: int, place: str) -> None:
    if rows.times and at.time == rows.times[-1]:
        raise BadInput(f"{place}: {at.text!r} is there twice (line {rows.lines[-1]}); give one count a time")
    if rows.times and at.time < rows.times[-1]:
        raise BadInput(
            f"{place}: {at.text!r} is out of order, it stands after a later date; sort the rows by date"
        )
    rows.counts.append(number(cell, place))
    rows.times.append(at.time)
    rows.lines.append(line)
    rows.cells.append(cell)


def _worth(found: dict[str, Rows], name: str) -> None:
    if not found:
        raise BadInput(f"{name} has a header and no rows")
    if max(len(rows.times) for rows in found.values()) < 2:
        raise BadInput(f"{name} holds one time only; counts of many hours, days or weeks are needed")
    if not any(count > 0 for rows in found.values() for count in rows.counts):
        raise BadInput(f"{name} holds nothing but zeros and gaps; there is nothing to measure")

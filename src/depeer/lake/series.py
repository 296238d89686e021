"""Series of counts out of a lake or a file, with gaps where nobody was counting."""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from depeer.errors import BadInput, NotFound
from depeer.lake.description import Sensor
from depeer.lake.lake import Lake
from depeer.measures import slices
from depeer.measures.effect.series import Series, from_rows
from depeer.sources.counts import read_counts

MOST_BYTES = 256 << 20
MOST_NAMED = 12
LEAST_DAYS = 7
"""Days that a sensor must have taken mail on for its first and last to be left out."""
MARKS = {
    b"\x1f\x8b": "compressed (gzip); unpack it first",
    b"BZh": "compressed (bzip2); unpack it first",
    b"\xfd7zXZ": "compressed (xz); unpack it first",
    b"PK\x03\x04": "a zip archive or a spreadsheet; save it as CSV",
    b"\xff\xfe": "text in UTF-16; save it as UTF-8",
    b"\xfe\xff": "text in UTF-16; save it as UTF-8",
}
"""How a file begins that is plainly something else."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which counts of a lake are meant; None for any. With a role: mails by that role, controllers by day listed."""

    sensor: str | None = None
    label: str | None = None
    role: str | None = None
    asn: int | None = None
    prefix: str | None = None


def from_file(path: Path, sensor: str | None = None) -> list[Series]:
    """The series of a CSV file (``-``: standard input), one a sensor; only that of ``sensor``, if given. Raises
    NotFound, BadInput with the line."""
    name = "standard input" if str(path) == "-" else path.name
    text = io.StringIO(_text(_bytes(path), name), newline="")
    found = read_counts(text, name)
    if sensor is not None and sensor not in found:
        raise NotFound(f"{name} has no sensor {sensor!r}; it has {_names(found)}")
    return [from_rows(rows.times, rows.counts, key) for key, rows in found.items() if sensor in (None, key)]


def _names(sensors: Collection[str]) -> str:
    first = ", ".join(name or "one without a name" for name in sorted(sensors)[:MOST_NAMED])
    return first + (f" and {len(sensors) - MOST_NAMED} more" if len(sensors) > MOST_NAMED else "")


def _bytes(path: Path) -> bytes:
    """At most ``MOST_BYTES``: an endless pipe is no file of counts."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}; check the path") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > MOST_BYTES:
        raise BadInput(
            f"{path} is larger than {MOST_BYTES >> 20} MiB; counts of hours for a century are smaller"
        )
    return data


def _text(data: bytes, name: str) -> str:
    for mark, what in MARKS.items():
        if data.startswith(mark):
            raise BadInput(f"{name} is {what}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{name}, line {line}: it is no UTF-8 text, so no CSV of counts; save it as UTF-8"
        ) from None


def from_lake(lake: Lake, wanted: Slice) -> list[Series]:
    """Daily series of a slice, one a sensor. Raises NotFound where it holds nothing."""
    if wanted.role is None:
        statement, counted = slices.MAILS, "mails"
    elif wanted.role == "controller":
        statement, counted = slices.ACTIVE, "controllers listed"
    else:
        statement, counted = slices.SEEN, f"mails by {wanted.role}"
    asked = {name: getattr(wanted, name) for name in ("sensor", "label", "role", "asn", "prefix")}
    daily: dict[str, dict[date, int]] = defaultdict(dict)
    for row in lake.rows(statement, **asked).to_pylist():
        daily[row["sensor"]][row["day"]] = row["count"]
    if not daily:
        raise NotFound(f"the lake holds no {counted}{_asked(wanted)}; see: depeer check")
    described = lake.description
    up = {} if wanted.role == "controller" else _whole_days(lake, wanted.sensor)
    return [
        _daily(described.sensor(sensor), counts, up.get(sensor, set()), counted)
        for sensor, counts in sorted(daily.items())
    ]


def _whole_days(lake: Lake, sensor: str | None) -> dict[str, set[date]]:
    """Days on which each sensor took any mail at all, so that it was up, but for its first and its last: hardly any
    pile begins and ends at midnight. Those with a few days only have none."""
    anything: dict[str, set[date]] = defaultdict(set)
    asked: dict[str, None] = dict.fromkeys(("label", "role", "asn", "prefix"))
    for row in lake.rows(slices.MAILS, sensor=sensor, **asked).to_pylist():
        anything[row["sensor"]].add(row["day"])
    return {name: days - {min(days), max(days)} for name, days in anything.items() if len(days) >= LEAST_DAYS}


def _asked(wanted: Slice) -> str:
    """What was asked for, in words."""
    parts = [
        f" by sensor {wanted.sensor!r}" if wanted.sensor else "",
        f" called {wanted.label}" if wanted.label else "",
        f" in AS{wanted.asn}" if wanted.asn is not None else "",
        f" in {wanted.prefix}" if wanted.prefix else "",
    ]
    return "".join(parts)


def _daily(sensor: Sensor, counts: dict[date, int], whole: set[date], counted: str) -> Series:
    """A day without a count is zero where the sensor is declared up, or else took anything that day, and unknown
    elsewhere."""
    declared = _declared(sensor, max(counts))
    days = sorted(declared.union(counts) if declared else whole or counts)
    values = [counts.get(day, 0) for day in days]
    return from_rows(days, values, sensor.name, counted)


def _declared(sensor: Sensor, last: date) -> set[date]:
    up: set[date] = set()
    for span in sensor.coverage:
        end = min(span.end or last, max(last, span.end or last))
        up.update(span.start + timedelta(n) for n in range((end - span.start).days + 1))
    return up

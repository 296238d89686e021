"""Series of counts out of a lake or a file, with gaps where nobody was counting."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from depeer.errors import BadInput, NotFound
from depeer.lake.description import Sensor
from depeer.lake.lake import Lake
from depeer.measures import slices
from depeer.measures.effect.series import Series, from_rows
from depeer.sources.counts import read_counts


@dataclass(frozen=True, slots=True)
class Slice:
    """Which counts of a lake are meant; None for any. With a role: mails by that role, controllers by day listed."""

    sensor: str | None = None
    label: str | None = None
    role: str | None = None
    asn: int | None = None
    prefix: str | None = None


def from_file(path: Path) -> list[Series]:
    """The series of a CSV file, one a sensor. Raises NotFound, BadInput with the row."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = read_counts(lines, path.name)
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}; check the path") from None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInput(f"{path} is no CSV text ({error.__class__.__name__})") from error
    return [from_rows(rows.times, rows.counts, sensor) for sensor, rows in found.items()]


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
        raise NotFound("the lake holds no counts of that kind; see: depeer check")
    described = lake.description
    return [_daily(described.sensor(sensor), counts, counted) for sensor, counts in sorted(daily.items())]


def _daily(sensor: Sensor, counts: dict[date, int], counted: str) -> Series:
    """A day without a count is zero where the sensor is declared up, and unknown elsewhere."""
    days = sorted({*counts, *_declared(sensor, max(counts))})
    values = [counts.get(day, 0) for day in days]
    return from_rows(days, values, sensor.name, counted)


def _declared(sensor: Sensor, last: date) -> set[date]:
    up: set[date] = set()
    for span in sensor.coverage:
        end = min(span.end or last, max(last, span.end or last))
        up.update(span.start + timedelta(n) for n in range((end - span.start).days + 1))
    return up

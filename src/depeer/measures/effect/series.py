"""Counts of one sensor on a regular grid of hours, days or weeks; a gap is unknown and never a zero.

A cell is named by the time at which it begins. A date that is missing from the rows is a gap, and so is a row
whose count is None, empty or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput

Floats = NDArray[np.float64]

MOST_COUNT = 1e15
MOST_CELLS = 2_000_000
"""Cells of one series beyond which the dates are taken to be wrong (two hundred years of hours)."""


class Step(Enum):
    """The length of one cell, in seconds."""

    HOUR = 3600
    DAY = 86400
    WEEK = 604800

    @property
    def word(self) -> str:
        return self.name.lower()

    def cells(self, days: float) -> int:
        """How many whole cells make up ``days``; 0 where one cell is longer than that."""
        return int(days * 86400 / self.value)

    @property
    def days(self) -> float:
        return self.value / 86400


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """``counts`` (cells,), NaN where unknown; ``start`` (UTC) is the beginning of the first cell; ``sensor`` names
    who counted and ``counted`` what (connections, messages, controllers listed …)."""

    start: datetime
    step: Step
    counts: Floats
    sensor: str = ""
    counted: str = ""

    def __post_init__(self) -> None:
        if not len(self.counts):
            raise BadInput(f"series {self.sensor!r} holds no counts; give at least one row")
        known = self.counts[~np.isnan(self.counts)]
        if not np.isfinite(known).all() or (known < 0).any():
            raise BadInput(f"series {self.sensor!r} holds a count that is negative or infinite")
        if (known > MOST_COUNT).any():
            raise BadInput(f"series {self.sensor!r} holds a count above {MOST_COUNT:g}; check its column")

    def __len__(self) -> int:
        return len(self.counts)

    def time(self, cell: int) -> datetime:
        """When the cell begins; also for cells before the first and after the last."""
        return self.start + timedelta(seconds=cell * self.step.value)

    def cell(self, when: datetime | date) -> int:
        """The cell in which ``when`` lies: negative before the first, ``len`` or more after the last."""
        return (instant(when) - self.start) // timedelta(seconds=self.step.value)

    def first_after(self, event: datetime | date) -> int:
        """The first cell that lies wholly after the event; a date means the beginning of its day."""
        cell = self.cell(event)
        return cell if self.time(cell) == instant(event) else cell + 1

    def backward(self) -> Series:
        """Time reversed: hours and weekdays fall into the same classes as before, in reverse order."""
        last = self.time(len(self) - 1)
        start = last.replace(hour=23 - last.hour) if self.step is Step.HOUR else last
        return Series(start, self.step, self.counts[::-1].copy(), self.sensor, self.counted)

    def without(self, cells: slice | NDArray[np.int64]) -> Series:
        """The same series with some cells made unknown."""
        counts = self.counts.copy()
        counts[cells] = np.nan
        return Series(self.start, self.step, counts, self.sensor, self.counted)

    def known(self, first: int, last: int) -> int:
        """How many cells of [first, last) are known."""
        return int((~np.isnan(self.counts[max(first, 0) : max(last, 0)])).sum())


def instant(when: datetime | date) -> datetime:
    """UTC, at the beginning of the day for a date; a datetime without a zone is taken as UTC."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def from_rows(
    times: Sequence[datetime | date], counts: Sequence[object], sensor: str = "", counted: str = ""
) -> Series:
    """The series of rows in order of time. Raises BadInput, with the place, for no rows, times that are out of
    order, twice there or on no common grid of hours, days or weeks, and counts that are no numbers of at least 0."""
    if not times or len(times) != len(counts):
        raise BadInput(f"series {sensor!r}: {len(times)} times and {len(counts)} counts; each row needs both")
    moments = [instant(one) for one in times]
    _in_order(moments, sensor)
    seconds = np.array([(m - moments[0]) // timedelta(seconds=1) for m in moments], dtype=np.int64)
    step = _step(seconds, sensor)
    place = seconds // step.value
    if place[-1] >= MOST_CELLS:
        raise BadInput(f"series {sensor!r} spans {place[-1]} {step.word}s; check its first and last date")
    values = np.full(int(place[-1]) + 1, np.nan)
    values[place] = [_number(one, at, sensor) for one, at in zip(counts, times, strict=True)]
    return Series(moments[0], step, values, sensor, counted)


def _in_order(moments: Sequence[datetime], sensor: str) -> None:
    for before, after in pairwise(moments):
        if after == before:
            raise BadInput(f"series {sensor!r} has {after:%Y-%m-%d %H:%M} twice; give one count a time")
        if after < before:
            raise BadInput(
                f"series {sensor!r} is out of order: {after:%Y-%m-%d} stands after {before:%Y-%m-%d}; sort it"
            )


def _step(seconds: NDArray[np.int64], sensor: str) -> Step:
    """The longest of week, day and hour that divides every distance; a single row is taken as a day."""
    if len(seconds) == 1:
        return Step.DAY
    common = int(np.gcd.reduce(np.diff(seconds)))
    for step in (Step.WEEK, Step.DAY, Step.HOUR):
        if common % step.value == 0:
            return step
    raise BadInput(
        f"series {sensor!r} lies on no grid of hours, days or weeks; count it by one of them first"
    )


def _number(value: object, at: datetime | date, sensor: str) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except (TypeError, ValueError, OverflowError):
        raise BadInput(f"series {sensor!r}, {at:%Y-%m-%d}: {str(value)[:40]!r} is no number") from None
    if number < 0 or math.isinf(number):
        raise BadInput(f"series {sensor!r}, {at:%Y-%m-%d}: a count is at least 0 and finite, not {number}")
    return number

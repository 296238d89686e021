"""One cell of a CSV of counts: a date or a number, or a sentence that says why it is neither."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from depeer.errors import BadInput

YEARS = range(1800, 2200)
MOST_COUNT = 1e15
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""Digits of ASCII only, no separators: ``float`` would take ``1_000`` and more."""
GROUPED = re.compile(r"[0-9]{1,3}(?:[ ,.'’_\u00a0\u202f][0-9]{3})+")
ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, as it was written, and whether a zone was written with it (without one UTC is meant)."""

    time: datetime
    text: str
    zoned: bool


def moment(cell: str, place: str) -> Moment:
    """ISO 8601: a date, a week (``2008-W45``), or a date and time. Raises BadInput."""
    text = cell.strip()
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text)
            found = datetime(day.year, day.month, day.day)
        else:
            found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{place}: {text[:40]!r} is not a date such as 2008-11-11 (year, month, day)"
        ) from None
    if found.year not in YEARS:
        raise BadInput(f"{place}: the year of {text[:40]!r} lies outside {YEARS.start} to {YEARS.stop - 1}")
    if found.tzinfo is None:
        return Moment(found.replace(tzinfo=UTC), text, False)
    return Moment(found.astimezone(UTC), text, True)


def number(cell: str, place: str) -> float:
    """A count of at least 0; NaN (unknown) for an empty cell or ``nan``. Raises BadInput."""
    if not cell or cell.lower() == "nan":
        return math.nan
    if not NUMBER.fullmatch(cell):
        raise BadInput(f"{place}: {_no_number(cell)}")
    found = float(cell)
    if found < 0:
        raise BadInput(f"{place}: a count is at least 0, not {cell[:40]}")
    if found > MOST_COUNT:
        raise BadInput(f"{place}: {cell[:40]!r} is above {MOST_COUNT:g}; check the column of counts")
    return found


def _no_number(cell: str) -> str:
    if GROUPED.fullmatch(cell):
        return f"{cell[:40]!r} holds a separator of thousands; write it without"
    if cell.lower().lstrip("+-") in ("inf", "infinity"):
        return f"a count is finite, not {cell[:40]!r}"
    return f"{cell[:40]!r} is no number; leave the cell empty where nobody counted"


def without_separators(cells: list[str], lines: list[int], name: str) -> None:
    """Refuse a column in which every point is followed by just three digits: 1.234 may be a thousand and more."""
    pointed = [(cell, line) for cell, line in zip(cells, lines, strict=True) if "." in cell]
    if pointed and all(ONE_GROUP.fullmatch(cell) for cell, _ in pointed):
        cell, line = pointed[0]
        raise BadInput(
            f"{name}, line {line}: {cell!r} may be {cell.replace('.', '')} or a fraction; write counts without points"
        )

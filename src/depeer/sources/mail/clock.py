"""Dates of Received lines and mbox envelopes (RFC 5322, 3.3 and 4.3; asctime), as µs since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1980, 2100
_MICRO = 1_000_000
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_ZONES = {
    "": 0, "UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "WET": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "BST": 1, "WEST": 1, "MET": 1, "CET": 1, "MEST": 2, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "JST": 9, "KST": 9, "HKT": 8,
}  # fmt: skip
"""Hours. The first two lines are RFC 5322's; the rest are those that real servers write and that
mean one offset by them."""

_MAIL = re.compile(
    r"(?:^|[\s,(])([0-9]{1,2}[ -][A-Za-z]{3,9}[ -][0-9]{2,4}),? +([0-9]{1,2})[:.]([0-9]{2})"
    r"(?:[:.]([0-9]{2})(?:\.[0-9]+)?)?(?: *([+-][0-9]{2}:?[0-9]{2})\b| +\(?([A-Za-z]{1,5})\b)?"
)
_ASCTIME = re.compile(
    r"(?:^|\s)([A-Za-z]{3}) +([0-9]{1,2}) +([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?: +([A-Za-z]{1,5}|[+-][0-9]{4}))? +([0-9]{4})(?: +([+-][0-9]{4}))?"
)


def read_time(text: str) -> tuple[int | None, str]:
    """The first date in a text, and what is odd about it: '', no-time, bad-time or odd-zone."""
    match = _MAIL.search(text)
    if match:
        day, hour, minute, second, offset, zone = match.groups()
        return _assemble(_day(day), hour, minute, second, offset or zone or "")
    match = _ASCTIME.search(text)
    if match:
        month, day, hour, minute, second, zone, year, offset = match.groups()
        return _assemble(_day(f"{day} {month} {year}"), hour, minute, second, offset or zone or "")
    return None, "bad-time" if text.strip() else "no-time"


def envelope_time(line: bytes | None) -> int | None:
    """When an mbox ``From `` line says the message came; it is in no stated zone, so UTC is assumed."""
    return read_time(line.decode("ascii", "replace"))[0] if line else None


def _assemble(
    day: int | None, hour: str, minute: str, second: str | None, zone: str
) -> tuple[int | None, str]:
    offset, known = _zone(zone)
    if day is None or offset is None:
        return None, "bad-time"
    hours, minutes, seconds = int(hour), int(minute), int(second) if second else 0
    if hours > 23 or minutes > 59 or seconds > 60:
        return None, "bad-time"
    return (day + hours * 3600 + minutes * 60 + seconds - offset) * _MICRO, "" if known else "odd-zone"


@lru_cache(maxsize=4096)
def _day(text: str) -> int | None:
    """Seconds since 1970 at the start of ``31 May 2007``; two- and three-digit years as in RFC 5322, 4.3."""
    day, name, year = text.replace("-", " ").split(" ")
    number, month = int(year), name[:3].lower()
    if len(year) == 3:
        number += 1900
    elif len(year) == 2:
        number += 2000 if number < 50 else 1900
    if not FIRST_YEAR <= number <= LAST_YEAR or month not in _MONTHS:
        return None
    try:
        return (date(number, _MONTHS[month], int(day)).toordinal() - 719_163) * 86_400
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _zone(zone: str) -> tuple[int | None, bool]:
    """Seconds east of UTC, and whether the zone is known. An unknown name counts as UTC (RFC 5322, 4.3)."""
    if zone[:1] in ("+", "-"):
        digits = zone[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours > 14 or minutes > 59:
            return None, False
        return (1 if zone[0] == "+" else -1) * (hours * 3600 + minutes * 60), True
    hours_east = _ZONES.get(zone.upper())
    return (hours_east * 3600, zone != "") if hours_east is not None else (0, False)

"""The time that a mail claims in its Date header: RFC 5322, 3.3 and 4.3, and what programs really write."""

from __future__ import annotations

import re
from datetime import date

from depeer.sources.mail.clock import read_time

EARLIEST, LATEST = date(1980, 1, 1), date(2100, 1, 1)
"""Days outside are taken for a broken clock: no time, and a flag."""
MAX_OFFSET = 14 * 3600
"""Seconds that a zone can be away from UTC."""
MAX_VALUE = 256
"""Bytes of a Date value that are read."""

_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = {name: at + 1 for at, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split())}
_HOURS = {
    b"ut": 0, b"utc": 0, b"gmt": 0, b"z": 0, b"bst": 1, b"wet": 0, b"west": 1, b"cet": 1, b"met": 1, b"mez": 1,
    b"mest": 2, b"cest": 2, b"eet": 2, b"eest": 3, b"msk": 3, b"msd": 4, b"edt": -4, b"est": -5, b"cdt": -5,
    b"cst": -6, b"mdt": -6, b"mst": -7, b"pdt": -7, b"pst": -8, b"akdt": -8, b"akst": -9, b"hst": -10,
    b"jst": 9, b"kst": 9, b"hkt": 8, b"sgt": 8, b"aest": 10, b"nzst": 12,
}  # fmt: skip

_CLOCK = re.compile(
    rb"(?<![\d:.])(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d{1,6})?(?![\d:])[ \t]*([AaPp][Mm]\b)?"
)
_OFFSET = re.compile(rb"(?<![\d-])([+-])-?(\d{1,2}):?(-?\d{2})(?!\d)")
_ISO_DAY = re.compile(rb"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DAY_MONTH = re.compile(
    rb"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s,./-]{1,4}([A-Za-z]{3})[A-Za-z]{0,9}\.?[\s,./-]{1,4}(\d{4}|\d{2,3})(?![\d:])"
)
_MONTH_DAY = re.compile(rb"\b([A-Za-z]{3})[A-Za-z]{0,9}\.?\s{1,4}(\d{1,2})(?:st|nd|rd|th)?(?![\d:])")
_YEAR = re.compile(rb"(?<![\d:+-])((?:19|20|21)\d\d)(?![\d:])")
_WORD = re.compile(rb"[A-Za-z]{1,5}")


def claimed_time(value: bytes, flags: list[str]) -> int | None:
    """Microseconds since 1970 UTC of a Date value; None, and a flag, where it says none that can be.

    Flags: ``date-broken`` (nothing readable), ``date-odd`` (not as RFC 5322 has it), ``date-zone``
    (no zone, or one that cannot be: read as UTC), ``date-range``.
    """
    time, odd = read_time(value[:MAX_VALUE].decode("latin-1"))
    if not odd:
        return time
    flags.append("date-odd")
    return _odd(value[:MAX_VALUE], flags)


def _odd(value: bytes, flags: list[str]) -> int | None:
    clock = _CLOCK.search(value)
    day = _day(value if clock is None else value[: clock.start()] + b" ; " + value[clock.end() :])
    if day is None or clock is None:
        flags.append("date-broken")
        return None
    seconds = _seconds(clock)
    if seconds is None:
        flags.append("date-broken")
        return None
    offset = _offset(value[clock.end() :])
    if offset is None:
        flags.append("date-zone")
    return _moment(*day, seconds - (offset or 0), flags)


def _day(value: bytes) -> tuple[int, int, int] | None:
    """Year, month and day, by the first form that fits."""
    if found := _DAY_MONTH.search(value):
        return _year(found[3]), _MONTHS.get(found[2].lower(), 0), int(found[1])
    if found := _ISO_DAY.search(value):
        return int(found[1]), int(found[2]), int(found[3])
    for found in _MONTH_DAY.finditer(value):
        month = _MONTHS.get(found[1].lower())
        year = _YEAR.search(value, found.end())
        if month and year:
            return int(year[1]), month, int(found[2])
    return None


def _year(digits: bytes) -> int:
    """RFC 5322, 4.3: two digits below 50 are 20xx, other two and all three digits count from 1900."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + 2000 if len(digits) == 2 and year < 50 else year + 1900


def _seconds(clock: re.Match[bytes]) -> int | None:
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock[4][:1] in b"pP" else 0)
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second <= 60 else None


def _offset(rest: bytes) -> int | None:
    """Seconds east of UTC as what stands behind the clock says; None where it says nothing that can be."""
    found = _OFFSET.search(rest)
    if found:
        hours, minutes = int(found[2]), abs(int(found[3]))
        offset = (hours * 60 + minutes) * (60 if found[1] == b"+" else -60)
        return offset if abs(offset) <= MAX_OFFSET and minutes < 60 else None
    word = _WORD.search(rest)
    hours_east = _HOURS.get(word[0].lower()) if word else None
    return None if hours_east is None else hours_east * 3600


def _moment(year: int, month: int, day: int, seconds: int, flags: list[str]) -> int | None:
    try:
        at = date(year, month, day)
    except ValueError:
        flags.append("date-broken")
        return None
    if not EARLIEST <= at < LATEST:
        flags.append("date-range")
        return None
    return ((at.toordinal() - _EPOCH) * 86_400 + seconds) * 1_000_000

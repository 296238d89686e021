"""Dates as programs write them, right and wrong (RFC 5322, 3.3). Times are whole seconds since 1970 in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NAMES = {-240: "EDT", -300: "CDT", -420: "PDT", 0: "GMT", 60: "BST", 120: "CEST", 180: "EEST", 240: "MSD"}


@lru_cache(maxsize=8192)
def _day(number: int) -> tuple[str, str, int, int, str]:
    """Weekday, month, day, year, and the usual text of the day ``number`` since 1970."""
    when = datetime.fromtimestamp(number * 86_400, UTC)
    weekday, month = _DAYS[when.weekday()], _MONTHS[when.month - 1]
    return weekday, month, when.day, when.year, f"{weekday}, {when.day:02d} {month} {when.year}"


@lru_cache(maxsize=86_400)
def _hour(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _zone(minutes: int) -> str:
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{size // 60:02d}{size % 60:02d}"


def _local(when: int, offset: int) -> tuple[int, int]:
    return divmod(when + offset * 60, 86_400)


def usual(when: int, offset: int) -> str:
    """``Thu, 31 May 2007 20:03:55 -0400``"""
    day, second = _local(when, offset)
    return f"{_day(day)[4]} {_hour(second)} {_zone(offset)}"


def short_day(when: int, offset: int) -> str:
    """``Fri, 1 Jun 2007 …``: the day without a leading zero."""
    day, second = _local(when, offset)
    weekday, month, number, year, _ = _day(day)
    return f"{weekday}, {number} {month} {year} {_hour(second)} {_zone(offset)}"


def with_name(when: int, offset: int) -> str:
    """The zone's name in a comment behind its offset."""
    name = _NAMES.get(offset)
    return f"{short_day(when, offset)} ({name})" if name else short_day(when, offset)


def named_zone(when: int, _offset: int) -> str:
    """Greenwich by name, as old libraries have it."""
    return short_day(when, 0)[:-5] + "GMT"


def no_weekday(when: int, offset: int) -> str:
    day, second = _local(when, offset)
    _, month, number, year, _ = _day(day)
    return f"{number} {month} {year} {_hour(second)} {_zone(offset)}"


def no_zone(when: int, offset: int) -> str:
    """Local time that does not say where."""
    return usual(when, offset)[:-6]


def short_zone(when: int, offset: int) -> str:
    """``-400``: a zone with a digit too few."""
    sign, size = ("-", -offset) if offset < 0 else ("+", offset)
    return f"{usual(when, offset)[:-5]}{sign}{size // 60 * 100 + size % 60}"


def short_year(when: int, offset: int) -> str:
    day, second = _local(when, offset)
    _, month, number, year, _ = _day(day)
    return f"{number:02d} {month} {year % 100:02d} {_hour(second)} {_zone(offset)}"


def wrong_zone(when: int, offset: int) -> str:
    """Greenwich's hours under a local zone."""
    return f"{usual(when, 0)[:-5]}{_zone(offset)}"


def asctime(when: int, offset: int = 0) -> str:
    """``Thu May 31 20:03:55 2007``, as in an mbox."""
    day, second = _local(when, offset)
    weekday, month, number, year, _ = _day(day)
    return f"{weekday} {month} {number:2d} {_hour(second)} {year}"


def local_words(when: int, offset: int) -> str:
    """``06/01/2007 04:05:06 PM``: a program that prints dates for its own country."""
    day, second = _local(when, offset)
    _, month, number, year, _ = _day(day)
    hour = second // 3600
    return (
        f"{_MONTHS.index(month) + 1:02d}/{number:02d}/{year} "
        f"{(hour - 1) % 12 + 1:02d}{_hour(second)[2:]} {'AM' if hour < 12 else 'PM'}"
    )


DateForm = Callable[[int, int], str]
"""Seconds since 1970, minutes east of Greenwich → text."""

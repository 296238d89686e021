"""On which day a snapshot was taken: as a person says, as the file says, as its name says, else as told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from depeer.errors import BadUsage
from depeer.sources.feeds.feed import Context, Told

_SAYS = re.compile(r"updated|modified|generated|timestamp|created|taken", re.IGNORECASE)
_EXPIRES = re.compile(r"expire|terms|copyright", re.IGNORECASE)
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_.]?([01]\d)[-/_.]?([0-3]\d)(?!\d)", re.ASCII)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_RFC = re.compile(
    rf"(?<!\d)([0-3]?\d) ({'|'.join(_MONTHS)})[a-z]* ((?:19|20)\d\d)(?!\d)", re.ASCII | re.IGNORECASE
)


def snapshot(told: Told, comments: Iterable[str] = ()) -> Context:
    """``day`` and ``day_basis`` (mapping, file, name or given) for a context; empty where nothing says."""
    options = (
        ("mapping", _mapped(told)),
        ("file", _commented(list(comments))),
        ("name", day_in(told.name)),
        ("given", told.day),
    )
    for basis, day in options:
        if day is not None:
            return {"day": day.isoformat(), "day_basis": basis}
    return {}


def day_in(text: str) -> date | None:
    """The first calendar date in a text of at most 2,000 characters."""
    text = text[:2000]
    for found in _ISO.finditer(text):
        if day := _day(int(found[1]), int(found[2]), int(found[3])):
            return day
    for found in _RFC.finditer(text):
        if day := _day(int(found[3]), _MONTHS.index(found[2][:3].lower()) + 1, int(found[1])):
            return day
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _commented(comments: list[str]) -> date | None:
    """Of the line that says when it was made, else of the first that holds a date (not of its expiry)."""
    lasting = [line for line in comments if not _EXPIRES.search(line)]
    for line in sorted(lasting, key=lambda line: not _SAYS.search(line)):
        if day := day_in(line):
            return day
    return None


def _mapped(told: Told) -> date | None:
    given = (told.mapping or {}).get("day")
    if given is None:
        return None
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    if day := day_in(str(given)):
        return day
    raise BadUsage(f"day {str(given)[:40]!r} in the feed's mapping is no date; write it as 2024-12-31.")

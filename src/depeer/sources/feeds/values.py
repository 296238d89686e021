"""Numbers, words and times as feeds write them. Whatever is no such value reads as None or SkipRecord."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from depeer.errors import SkipRecord

EARLIEST, LATEST = 1980, 2100
"""Years outside are no dates of this field: an epoch of 0, a millisecond read as a second."""
LONGEST = 4096
"""Characters of a text that is kept; a URL may be that long, a name may not."""
_NOTHING = {
    "",
    "-",
    "none",
    "null",
    "nan",
    "n/a",
    "never",
    "unknown",
    "0",
    "0000-00-00",
    "0000-00-00 00:00:00",
}
_ABSENT = {"", "None", "null", "NULL", "N/A", "-"}
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}|\d{15,16}", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](.*))?", re.ASCII)


def words(value: Any) -> str | None:
    """A text on one line without NULs or lone surrogates; None for nothing, lists and mappings."""
    if type(value) is not str:
        if value is None or isinstance(value, bool | list | dict):
            return None
        value = str(value)
    text = value[:LONGEST]
    if not text.isprintable():
        text = text.encode("utf-8", "replace").decode().replace("\0", "")
        text = " ".join(text.split())
    text = text.strip()
    return None if text in _ABSENT else text


def whole_number(value: Any, low: int, high: int) -> int | None:
    """An integer within bounds, also from text; None otherwise."""
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if len(text) <= 10 and text.isascii() and text.isdigit() else None
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    return None


def port(value: Any) -> int | None:
    return whole_number(value, 1, 65535)


def as_number(value: Any) -> int | None:
    """``64500``, ``"AS64500"`` or ``"64500"`` (RFC 5396, asplain); None for 0 and for no AS number."""
    if isinstance(value, str):
        value = value.strip()
        value = value[2:] if value[:2] in ("AS", "as", "As") else value
    return whole_number(value, 1, 2**32 - 1)


def moment(value: Any) -> datetime | None:
    """A time in UTC: ISO 8601 (a time without zone is UTC), ``… UTC``, ``31.12.2024``, or seconds,
    milliseconds or microseconds since 1970. None for nothing; SkipRecord for what is there and no time."""
    if value is None:
        return None
    return _moment(value[:64] if isinstance(value, str) else str(value)[:64])


@lru_cache(maxsize=65536)
def _moment(raw: str) -> datetime | None:
    text = raw.strip().strip('"')
    if text.lower() in _NOTHING:
        return None
    try:
        found = _epoch(text) if _EPOCH.fullmatch(text) else _calendar(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as why:
        raise SkipRecord(f"{raw[:40]!r} is no date that can be read.") from why
    if not EARLIEST <= found.year <= LATEST:
        raise SkipRecord(f"the date {raw[:40]!r} is outside {EARLIEST} to {LATEST}.")
    return found


def _epoch(text: str) -> datetime:
    digits = text.partition(".")[0]
    scale = 1 if len(digits) <= 10 else 1_000 if len(digits) <= 13 else 1_000_000
    return datetime.fromtimestamp(float(text) / scale, UTC)


def _calendar(text: str) -> datetime:
    for ending in (" (UTC)", " UTC", " GMT"):
        text = text.removesuffix(ending)
    if dotted := _DOTTED.fullmatch(text):
        day, month, year, rest = dotted.groups()
        text = f"{year}-{int(month):02}-{int(day):02}" + (f" {rest}" if rest else "")
    if text[4:5] == text[7:8] == "/":
        text = text[:10].replace("/", "-") + text[10:]
    return datetime.fromisoformat(text)


def span(
    first: datetime | None, last: datetime | None, context: dict[str, Any]
) -> tuple[datetime | None, datetime | None, str]:
    """First, last and basis of a listing from its own dates, else from the snapshot's day in ``context``.

    One date alone says that it was listed on that day. A last *day* before a first *time* of the same
    day ends with it; an end on an earlier day raises SkipRecord.
    """
    day = context.get("day")
    if day is not None:
        taken = _moment(day)
        return taken, taken, "snapshot"
    if first is None or last is None:
        return first or last, last or first, "snapshot"
    if last < first:
        if last.date() < first.date():
            raise SkipRecord(f"it ends on {last.date()}, before it begins on {first.date()}.")
        last = first
    return first, last, "interval"

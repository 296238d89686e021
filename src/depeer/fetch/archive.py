"""Which file of CAIDA's prefix-to-AS archive answers for a day: the last not after it, else the next one.

``pfx2as-creation.log`` names the last thirty files; older ones are found in the index of their month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from depeer.errors import NotFound
from depeer.fetch.download import text_of
from depeer.fetch.patience import Patience

_FILE = re.compile(r"routeviews-rv[26]-(\d{4})(\d\d)(\d\d)-\d{4}\.pfx2as\.gz")
_LOG = "pfx2as-creation.log"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A file of the archive: its day, and its address below the folder of the source."""

    day: date
    path: str


def find(folder: str, day: date, patience: Patience) -> Entry:
    """The entry for a day; ``folder`` is the address that holds the log. NotFound where none is near."""
    logged = entries(text_of(folder + _LOG, patience))
    if logged and min(logged).day <= day:
        return max(entry for entry in logged if entry.day <= day)
    this, before, after = _months(day)
    listed = _listed(folder, this, patience)
    earlier = [entry for entry in listed or _listed(folder, before, patience) if entry.day <= day]
    if earlier:
        return max(earlier)
    # Early in a month the last file may be of the month before.
    if listed and (previous := _listed(folder, before, patience)):
        return max(previous)
    later = listed or _listed(folder, after, patience)
    if not later:
        raise NotFound(f"{folder} has nothing within a month of {day}; choose another day.")
    return min(later)


def entries(text: str) -> list[Entry]:
    """All files that a log or an index names; anything else in it is passed over."""
    return [entry for found in _FILE.finditer(text) for entry in _entry(found)]


def _entry(found: re.Match[str]) -> Iterator[Entry]:
    year, month, day = found.groups()
    try:
        # Made from the name, so that nothing else in the text can lead elsewhere.
        yield Entry(date(int(year), int(month), int(day)), f"{year}/{month}/{found[0]}")
    except ValueError:
        return


def _listed(folder: str, month: date, patience: Patience) -> list[Entry]:
    try:
        return entries(text_of(f"{folder}{month:%Y/%m}/", patience))
    except NotFound:
        return []


def _months(day: date) -> tuple[date, date, date]:
    """First days of this month, the one before and the one after."""
    this = day.replace(day=1)
    return this, (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)

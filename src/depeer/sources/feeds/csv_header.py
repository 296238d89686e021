"""Which columns of an unknown CSV are ours, by its header; and whether it lists anything at all.

A table of counts a day, of routes or of AS names also has dates, prefixes or numbers, and is no feed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from depeer.errors import SkipRecord
from depeer.sources.feeds import rows, targets, values

SUBJECTS: dict[str, Callable[[str], targets.Target]] = {
    "url": targets.url,
    "address": targets.address,
    "entry": targets.entry,
    "domain": targets.domain,
    "hostname": targets.domain,
    "prefix": targets.prefix,
    "asn": targets.network,
}
"""In the order in which they are the subject where a row has several."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "url": ("url", "uri", "source.url"),
    "address": (
        "ip", "ip_address", "ipaddress", "ip address", "ip_addr", "address", "dst_ip", "src_ip", "source.ip",
        "source_ip", "ipv4", "ipv6",
    ),
    "entry": ("entry", "indicator", "ioc", "ioc_value", "value"),
    "domain": ("domain", "fqdn", "domain_name", "source.fqdn"),
    "hostname": ("hostname", "host"),
    "prefix": ("cidr", "prefix", "network", "netblock", "subnet", "source.network"),
    "asn": ("asn", "as_number", "as number", "asnumber", "source.asn"),
    "first": ("first_seen", "first_listed", "first_seen_utc", "firstseen", "first seen"),
    "last": ("last_seen", "last_listed", "last_online", "last_seen_utc", "lastseen", "last seen"),
    "date": (
        "observed_date", "date", "day", "timestamp", "time", "time.source", "dateadded", "date_added",
        "date added", "listed_on", "reported",
    ),
    "family": (
        "family", "malware", "malware_family", "malware_printable", "malware.name", "signature", "threat",
        "list",
    ),
    "category": ("role", "category", "classification.type", "threat_type", "type"),
    "port": ("port", "dst_port", "source.port"),
}  # fmt: skip
_COUNTS = {"count", "counts", "total", "messages", "volume", "number", "spam", "ham", "n", "hits"}
_DELIMITERS = ",;\t|"


class Header(NamedTuple):
    fields: dict[str, int]
    delimiter: str


def header_in(line: str) -> Header | None:
    """The layout of a header that names something to list and what is said of it; None for another line."""
    delimiter = max(_DELIMITERS, key=line.count)
    names = [name.strip(" \t\"'#").lower() for name in line[:10_000].split(delimiter)]
    fields = rows.layout(names, COLUMNS)
    for column in ("first", "last"):
        if column not in fields and (index := _beginning_with(names, column)) is not None:
            fields[column] = index
    return Header(fields, delimiter) if _lists_something(fields, set(names)) else None


def _beginning_with(names: Sequence[str], word: str) -> int | None:
    return next(
        (i for i, name in enumerate(names) if name.startswith(f"{word}_") and "name" not in name), None
    )


def _lists_something(fields: dict[str, int], names: set[str]) -> bool:
    if not fields.keys() & SUBJECTS.keys():
        return False
    judged = bool(fields.keys() & {"family", "category"})
    if not judged and ("prefix" in fields and "asn" in fields):
        return False  # a routing table
    if not judged and "last" not in fields and names & _COUNTS:
        return False  # counts a day
    return judged or bool(fields.keys() & {"first", "last", "date"})


def holds(header: Header, data: Sequence[bytes]) -> bool:
    """Whether at least half of the lines have, under their header, something to list and dates."""
    good = sum(_is_row(line, header) for line in data)
    return good > 0 and 2 * good >= len(data)


def _is_row(line: bytes, header: Header) -> bool:
    try:
        row = rows.cells(line, header.delimiter)
        for column in ("first", "last", "date"):
            if column in header.fields:
                values.moment(row[header.fields[column]])
        return target_in({c: row[i] for c, i in header.fields.items()}) is not None
    except (SkipRecord, IndexError):
        return False


def target_in(row: dict[str, str]) -> targets.Target | None:
    """What a row lists; None where all of those columns are empty."""
    for column, recognised in SUBJECTS.items():
        if column in row and (text := values.words(row[column])):
            return recognised(text)
    return None

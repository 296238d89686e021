"""URLhaus as CSV (urlhaus.abuse.ch): URLs that deliver malware.

The dumps of all ages, and the feeds by country, network and top-level domain, which also say what the
host's name answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.model import Role
from depeer.sources.feeds import lines, resolved, rows, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "urlhaus-csv"
title = "URLhaus (CSV)"
_COLUMNS = {
    "url": ("url",),
    "first": ("dateadded", "dateadded (utc)", "date_added"),
    "status": ("url_status",),
    "last": ("last_online",),
    "tags": ("tags",),
    "address": ("ipaddress",),
    "asn": ("asnumber",),
    "threat": ("threat",),
}
_NEEDED = ("url", "first", "status", "threat")
_DEFAULT = "id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter"


def sniff(head: bytes, _name: str) -> bool:
    return rows.announces(head, _COLUMNS, _NEEDED)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    comments, rest = lines.opening(lines.lines(stream))
    fields, rest = rows.header_of(comments, rest, _COLUMNS, _NEEDED, _DEFAULT)
    return lines.pieces(rest, read, {"fields": fields})


def read(data: bytes, context: Context) -> list[Fact]:
    row = rows.named(data, context)
    span = values.span(values.moment(row["first"]), values.moment(row.get("last")), context)
    target = targets.url(targets.wanted(row["url"], "url"))
    family = values.words(row.get("tags")) or values.words(row.get("threat"))
    listing = target.listing(span, Role.LINK.value, family, asn=values.as_number(row.get("asn")))
    return resolved.with_address(listing, row.get("address"), targets.url_name(target.entry))

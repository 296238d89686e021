"""ThreatFox's export as CSV: controllers and places that deliver malware."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.sources.feeds import lines, rows, threatfox
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "threatfox-csv"
title = "ThreatFox (CSV)"
_COLUMNS = {
    "ioc": ("ioc_value", "ioc"),
    "ioc_type": ("ioc_type",),
    "threat_type": ("threat_type",),
    "first": ("first_seen_utc", "first_seen"),
    "last": ("last_seen_utc", "last_seen"),
    "family": ("malware_printable", "malware", "fk_malware"),
}
_NEEDED = ("ioc", "ioc_type", "threat_type", "first")
_DEFAULT = (
    "first_seen_utc,ioc_id,ioc_value,ioc_type,threat_type,fk_malware,malware_alias,malware_printable,"
    "last_seen_utc,confidence_level,reference,tags,anonymous,reporter"
)


def sniff(head: bytes, _name: str) -> bool:
    return rows.announces(head, _COLUMNS, _NEEDED)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    comments, rest = lines.opening(lines.lines(stream))
    fields, rest = rows.header_of(comments, rest, _COLUMNS, _NEEDED, _DEFAULT)
    return lines.pieces(rest, read, {"fields": fields})


def read(data: bytes, context: Context) -> list[Fact]:
    return threatfox.facts(rows.named(data, context), context)

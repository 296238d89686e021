"""Feodo Tracker's C2 blocklist as CSV (feodotracker.abuse.ch): controllers, each with an interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.model import Role
from depeer.sources.feeds import lines, rows, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "feodo-csv"
title = "Feodo Tracker (CSV)"
_COLUMNS = {
    "address": ("dst_ip", "dstip"),
    "first": ("first_seen_utc", "first_seen", "firstseen"),
    "last": ("last_online", "lastonline"),
    "port": ("dst_port", "dstport"),
    "family": ("malware",),
}
_NEEDED = ("address", "first", "family")
_DEFAULT = "first_seen_utc,dst_ip,dst_port,c2_status,last_online,malware"


def sniff(head: bytes, _name: str) -> bool:
    return rows.announces(head, _COLUMNS, _NEEDED)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    comments, rest = lines.opening(lines.lines(stream))
    fields, rest = rows.header_of(comments, rest, _COLUMNS, _NEEDED, _DEFAULT)
    return lines.pieces(rest, read, {"fields": fields})


def read(data: bytes, context: Context) -> list[Fact]:
    row = rows.named(data, context)
    span = values.span(values.moment(row.get("first")), values.moment(row.get("last")), context)
    target = targets.address(row["address"])
    return [
        target.listing(
            span, Role.CONTROLLER.value, values.words(row.get("family")), values.port(row.get("port"))
        )
    ]

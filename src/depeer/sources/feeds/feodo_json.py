"""Feodo Tracker's C2 blocklist as JSON: controllers, each with an interval and the network it names.

``hostname`` is the address's reverse name (IntelMQ reads it as ``source.reverse_dns``): what a name
answered cannot be told from it, so it gives no resolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.model import Role
from depeer.sources.feeds import documents, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "feodo-json"
title = "Feodo Tracker (JSON)"


def sniff(head: bytes, _name: str) -> bool:
    found = documents.first_item(head)
    return all(key in found for key in ("ip_address", "first_seen", "last_online", "malware"))


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    return documents.pieces(stream, read, {})


def read(data: bytes, context: Context) -> list[Fact]:
    found = documents.record(data)
    span = values.span(
        values.moment(found.get("first_seen")), values.moment(found.get("last_online")), context
    )
    target = targets.address(targets.wanted(found.get("ip_address"), "ip_address"))
    family, asn = values.words(found.get("malware")), values.as_number(found.get("as_number"))
    return [target.listing(span, Role.CONTROLLER.value, family, values.port(found.get("port")), asn)]

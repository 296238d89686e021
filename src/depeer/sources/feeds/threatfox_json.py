"""ThreatFox as JSON: the export (an object of lists by number) and the answers of its API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.sources.feeds import documents, threatfox
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "threatfox-json"
title = "ThreatFox (JSON)"


def sniff(head: bytes, _name: str) -> bool:
    found = documents.first_item(head)
    return "ioc_type" in found and "threat_type" in found and ("ioc_value" in found or "ioc" in found)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    return documents.pieces(stream, read, {})


def read(data: bytes, context: Context) -> list[Fact]:
    found = documents.record(data)
    row = {
        "ioc": found.get("ioc_value") or found.get("ioc"),
        "ioc_type": found.get("ioc_type"),
        "threat_type": found.get("threat_type"),
        "first": found.get("first_seen_utc") or found.get("first_seen"),
        "last": found.get("last_seen_utc") or found.get("last_seen"),
        "family": found.get("malware_printable") or found.get("malware"),
    }
    return threatfox.facts(row, context)

"""URLhaus as JSON: the dump (an object of lists by number) and the answers of its API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from depeer.model import Role
from depeer.sources.feeds import documents, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "urlhaus-json"
title = "URLhaus (JSON)"


def sniff(head: bytes, _name: str) -> bool:
    found = documents.first_item(head)
    return "url" in found and "url_status" in found and ("dateadded" in found or "date_added" in found)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    return documents.pieces(stream, read, {})


def read(data: bytes, context: Context) -> list[Fact]:
    found = documents.record(data)
    first = values.moment(found.get("dateadded") or found.get("date_added"))
    span = values.span(first, values.moment(found.get("last_online")), context)
    target = targets.url(targets.wanted(found.get("url"), "url"))
    return [
        target.listing(span, Role.LINK.value, _tags(found.get("tags")) or values.words(found.get("threat")))
    ]


def _tags(tags: Any) -> str | None:
    """As the CSV writes them: joined by commas."""
    if isinstance(tags, list):
        return values.words(",".join(filter(None, map(values.words, tags[:50]))))
    return values.words(tags)

"""Spamhaus DROP (drop_v4.json, drop_v6.json) and ASN-DROP (asndrop.json): JSON lines, snapshots.

The day stands in the metadata record, which comes last, so up to 100,000 lines are held back for it
(the lists have some thousands). Prefixes and networks are listed, in no role.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from depeer.errors import SkipRecord
from depeer.sources.feeds import days, lines, targets, values
from depeer.sources.feeds.documents import first_line, record
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "spamhaus-json"
title = "Spamhaus DROP and ASN-DROP (JSON lines)"
HELD = 100_000
HELD_BYTES = 1 << 25


def sniff(head: bytes, _name: str) -> bool:
    found = first_line(head)
    if _is_metadata(found):
        found = first_line(head.partition(b"\n")[2])
    return ("cidr" in found and "sblid" in found) or ("asn" in found and "asname" in found and "rir" in found)


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    all_lines = lines.lines(stream)
    held, said = _hold(all_lines)
    context = days.snapshot(told, [f"timestamp {said}"] if said else [])
    data = (line for line in chain(held, all_lines) if not _metadata_line(line))
    return lines.pieces(data, read, context)


def read(data: bytes, context: Context) -> list[Fact]:
    found = record(data)
    span = values.span(None, None, context)
    if "cidr" in found:
        return [targets.prefix(targets.wanted(found["cidr"], "cidr")).listing(span, family="drop")]
    if "asn" in found:
        return [targets.network(found["asn"]).listing(span, family="asn-drop")]
    raise SkipRecord("it has neither cidr nor asn.")


def _hold(all_lines: Iterator[lines.Line]) -> tuple[list[lines.Line], str | None]:
    """Lines up to and with the metadata record, within bounds, and the day that it gives."""
    held: list[lines.Line] = []
    size = 0
    for line in islice(all_lines, HELD):
        held.append(line)
        size += len(line.data)
        if _metadata_line(line):
            return held, _day(record(line.data))
        if size > HELD_BYTES:
            break
    return held, None


def _day(metadata: dict[str, Any]) -> str | None:
    try:
        taken = values.moment(metadata.get("timestamp"))
    except SkipRecord:
        return None
    return taken.date().isoformat() if taken else None


def _metadata_line(line: lines.Line) -> bool:
    if b'"metadata"' not in line.data or len(line.data) > 10_000:
        return False
    try:
        return _is_metadata(record(line.data))
    except SkipRecord:
        return False


def _is_metadata(found: dict[str, Any]) -> bool:
    return found.get("type") == "metadata"

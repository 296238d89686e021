"""CAIDA's RouteViews prefix-to-AS files: ``prefix<TAB>length<TAB>origins``; IPv4 and IPv6.

Origins are one AS number, several joined by ``_`` (a multi-origin prefix) or by ``,`` (an AS set), or
both. The day stands in the file's name only: ``routeviews-rv2-20081101-1200.pfx2as.gz``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from depeer.sources.origins.format import Format, day_in_name, most_lines_match
from depeer.sources.origins.lines import Block, blocks, split
from depeer.sources.origins.prefixes import Odd, prefix_batch, whitespace_fields
from depeer.sources.origins.reading import Reading, Skips

_LINE = re.compile(rb"[0-9A-Fa-f.:]{2,45}[ \t]+\d{1,3}[ \t]+(?:AS)?[\d{]", re.IGNORECASE)


def _sniff(head: bytes, _name: str) -> bool:
    return most_lines_match(head, _LINE)


def _read(stream: BinaryIO) -> Reading:
    skips = Skips()
    return Reading((("origins", batch) for batch in _batches(stream, skips)), skips)


def _batches(stream: BinaryIO, skips: Skips) -> Iterator[pa.RecordBatch]:
    for block in blocks(stream):
        yield _batch(block, skips)


def _batch(block: Block, skips: Skips) -> pa.RecordBatch:
    rows = split(block, b"\t", 3, skips)
    odd = [_odd(line, data) for line, data in rows.odd]
    address, length, origins = rows.columns
    return prefix_batch((address, length, origins), rows.regular, odd, skips)


def _odd(line: int, data: bytes) -> Odd:
    fields = [*whitespace_fields(data), "", ""]
    return Odd(line, (fields[0], fields[1], " ".join(fields[2:]).strip()))


PFX2AS = Format("pfx2as", ("origins",), _sniff, day_in_name, _read)

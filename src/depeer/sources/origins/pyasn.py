"""pyasn's ``.dat``: a header of ``;`` lines, then ``prefix/length<TAB>AS number``; IPv4 and IPv6.

The header's ``Original file`` names the RouteViews dump it was made from, and so the day. ``Converted
on`` is only when somebody ran the converter (the 2008 table that pyasn ships was converted in 2011).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

import pyarrow as pa

from depeer.sources.origins.format import Format, date_in, day_in_name, most_lines_match
from depeer.sources.origins.lines import Block, blocks, decode, split
from depeer.sources.origins.prefixes import Odd, prefix_batch, whitespace_fields
from depeer.sources.origins.reading import Reading, Skips

_LINE = re.compile(rb"[0-9A-Fa-f.:]{2,45}/\d{1,3}[ \t]+(?:AS)?[\d{]", re.IGNORECASE)
_ORIGINAL = re.compile(rb";\s*Original file\s*:([^\r\n]*)")


def _sniff(head: bytes, _name: str) -> bool:
    return head.startswith(b"; IP-ASN") or most_lines_match(head, _LINE)


def _day(head: bytes, name: str) -> date | None:
    original = _ORIGINAL.search(head)
    named = decode(original[1]).strip() if original else ""
    return day_in_name(b"", named) or date_in(named) or day_in_name(head, name)


def _read(stream: BinaryIO) -> Reading:
    skips = Skips()
    return Reading((("origins", batch) for batch in _batches(stream, skips)), skips)


def _batches(stream: BinaryIO, skips: Skips) -> Iterator[pa.RecordBatch]:
    for block in blocks(stream):
        yield _batch(block, skips)


def _batch(block: Block, skips: Skips) -> pa.RecordBatch:
    rows = split(block, b"/\t", 3, skips)
    odd = [_odd(line, data) for line, data in rows.odd]
    address, length, origins = rows.columns
    return prefix_batch((address, length, origins), rows.regular, odd, skips)


def _odd(line: int, data: bytes) -> Odd:
    prefix, *rest = whitespace_fields(data) or [""]
    address, _, length = prefix.partition("/")
    return Odd(line, (address, length, " ".join(rest)))


PYASN = Format("pyasn", ("origins",), _sniff, _day, _read)

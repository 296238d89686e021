"""Relationships of networks as CAIDA writes them: serial-1, serial-2 and the older files of 2004 to 2012.

Serial-1 has ``provider|customer|-1`` and ``peer|peer|0``; serial-2 adds a column that says what showed the link.
Older files add ``provider|customer|1`` and siblings, which are ``2`` (README of 2006) or ``3`` (files of 2010 on).
The oldest write every link from both ends, ``customer|provider|-1`` beside ``provider|customer|1``: there ``-1``
means the opposite. Such a file says so in a comment (``-1 customer``), or shows it by links that stand both ways.

Two facts stand in comments and are kept: the clique at the top that the inference began with (or found), and the
exchange points' own networks. CAIDA, "AS Relationships", README of serial-1 and serial-2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer import tables
from depeer.errors import SkipRecord
from depeer.sources.origins.format import Format, date_in, day_in_name, most_lines_match
from depeer.sources.origins.lines import Block, Column, blocks, decode, split
from depeer.sources.origins.numerals import numbers
from depeer.sources.origins.reading import Reading, Skips

RELATIONSHIPS = pa.schema([f for f in tables.RELATIONSHIPS.schema if f.name != "snapshot"])
"""upper, lower, kind, source."""
LINKS, FACTS = "relationships", "facts"
"""What batches are of: links, or what comments state of single networks (``clique``, ``ixp``)."""

_LINE = re.compile(rb"[ \t]*\d{1,10}[ \t]*\|[ \t]*\d{1,10}[ \t]*\|[ \t]*(?:-1|[0-3])[ \t]*(?:\|[^|]*)*$")
_HEADER = re.compile(rb"^#[^\n]*(?:topology\||clique:|as_left\|as_right)", re.MULTILINE)
_SOURCE_DAY = re.compile(rb"^#[^\n|]{0,80}\|[^\n|]{0,20}\|(\d{8})\|", re.MULTILINE)
_OLD_LABEL = re.compile(rb"^#[ \t]*-1[ \t]+customer\b", re.MULTILINE)
_FACT = re.compile(rb"^#[^\n:]{0,40}?\b(clique|IXP ASes):([\d \t,]*)", re.MULTILINE)
_ODD = re.compile(r"(\d{1,10})\s*\|\s*(\d{1,10})\s*\|\s*(-1|[0-3])\s*(?:\|(.*))?", re.ASCII)
_KINDS = np.array(["provider", "peer", "provider", "sibling", "sibling"])
"""By code plus one."""
_LARGEST = 2**32 - 1
_MINUS, _BAR = 45, 124

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Links:
    """Columns of links as they stand: left and right network, code, and the rest of the line or None."""

    left: Ints
    right: Ints
    code: Ints
    source: list[str | None]


def _sniff(head: bytes, _name: str) -> bool:
    """By its lines, or where the first kilobytes are all comments by those."""
    return most_lines_match(head, _LINE) or (_only_comments(head) and _HEADER.search(head) is not None)


def _only_comments(head: bytes) -> bool:
    return all(line[:1] == b"#" for line in head.splitlines() if line)


def _day(head: bytes, name: str) -> date | None:
    """The name's date, else that of the first routing table it was inferred from."""
    found = _SOURCE_DAY.search(head)
    return day_in_name(head, name) or (date_in(found[1].decode()) if found else None)


def _read(stream: BinaryIO) -> Reading:
    skips = Skips()
    return Reading(_batches(stream, skips), skips)


def _batches(stream: BinaryIO, skips: Skips) -> Iterator[tuple[str, pa.RecordBatch]]:
    turned: bool | None = None
    for block in blocks(stream):
        links = _links(block, skips)
        if turned is None and len(links.code):
            turned = _OLD_LABEL.search(block.data) is not None or _stands_both_ways(links)
        facts = _facts(block)
        if facts.num_rows:
            yield FACTS, facts
        yield LINKS, _batch(links, turned=bool(turned))


def _stands_both_ways(links: _Links) -> bool:
    """Whether some ``a|b|-1`` stands beside ``b|a|1``."""
    down, up = links.code == -1, links.code == 1
    mirrored = (links.right[up] << 32) | links.left[up]
    return bool(np.isin((links.left[down] << 32) | links.right[down], mirrored).any())


def _links(block: Block, skips: Skips) -> _Links:
    rows = split(block, b"|", 3, skips, rest=True)
    left, left_good = numbers(rows.columns[0])
    right, right_good = numbers(rows.columns[1])
    code, stop, code_good = _codes(rows.columns[2])
    good = left_good & right_good & code_good & _is_link(left, right)
    source = _sources(block.data, stop[good], rows.columns[2].end[good])
    fast = _Links(left[good], right[good], code[good], source)
    bad = np.flatnonzero(~good)
    whole = [(int(rows.regular[i]), _line(block.data, rows.columns, int(i))) for i in bad]
    return _joined(fast, _slow(sorted([*whole, *rows.odd]), skips))


def _codes(column: Column) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Codes, where each ends, and which are well-formed: ``-1`` or one digit, then nothing or a bar."""
    first = column.data.take(column.start, mode="clip")
    minus = first == _MINUS
    stop = column.start + 1 + minus
    digit = column.data.take(stop - 1, mode="clip").astype(np.int64) - 48
    ends = (stop == column.end) | (column.data.take(stop, mode="clip") == _BAR)
    good = (stop <= column.end) & ends & np.where(minus, digit == 1, (digit >= 0) & (digit <= 3))
    return np.where(minus, -digit, digit), stop, good


def _is_link(left: Ints, right: Ints) -> NDArray[np.bool_]:
    """RFC 6793 numbers, two of them; 0 is reserved (RFC 7607)."""
    good: NDArray[np.bool_] = (left != right) & (left > 0) & (right > 0)
    return good & (left <= _LARGEST) & (right <= _LARGEST)


def _sources(data: bytes, stop: Ints, end: Ints) -> list[str | None]:
    if not (end > stop).any():
        return [None] * len(stop)
    return [decode(data[a + 1 : b]) or None for a, b in zip(stop.tolist(), end.tolist(), strict=True)]


def _line(data: bytes, columns: tuple[Column, ...], row: int) -> bytes:
    return data[int(columns[0].start[row]) : int(columns[-1].end[row])]


def _slow(lines: list[tuple[int, bytes]], skips: Skips) -> _Links:
    rows = []
    for number, line in lines:
        try:
            rows.append(_row(decode(line).strip()))
        except SkipRecord as reason:
            skips.add(number, str(reason), decode(line))
    left, right, code = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3).T
    return _Links(left, right, code, [row[3] for row in rows])


def _row(text: str) -> tuple[int, int, int, str | None]:
    """A line that is no link in the common spelling; SkipRecord where it is none in any."""
    found = _ODD.fullmatch(text)
    if found is None:
        raise SkipRecord("not a relationship")
    left, right, code = (int(found[group]) for group in (1, 2, 3))
    if left == right:
        raise SkipRecord("a network related to itself")
    if not (0 < left <= _LARGEST and 0 < right <= _LARGEST):
        raise SkipRecord("not an AS number")
    return left, right, code, (found[4] or "").strip() or None


def _joined(one: _Links, other: _Links) -> _Links:
    return _Links(
        np.concatenate([one.left, other.left]),
        np.concatenate([one.right, other.right]),
        np.concatenate([one.code, other.code]),
        one.source + other.source,
    )


def _batch(links: _Links, *, turned: bool) -> pa.RecordBatch:
    swap = (links.code == -1) & turned
    upper = np.where(swap, links.right, links.left)
    lower = np.where(swap, links.left, links.right)
    kinds = pa.array(_KINDS[links.code + 1].tolist(), pa.string())
    columns = [pa.array(upper), pa.array(lower), kinds, pa.array(links.source, pa.string())]
    return pa.RecordBatch.from_arrays(columns, schema=RELATIONSHIPS)


def _facts(block: Block) -> pa.RecordBatch:
    """One row a network named in a comment: ``upper`` is the network, ``lower`` is null."""
    rows = [
        (int(number), "clique" if found[1] == b"clique" else "ixp")
        for found in _FACT.finditer(block.data)
        for number in re.findall(rb"\d{1,10}", found[2])
        if 0 < int(number) <= _LARGEST
    ]
    asns = pa.array([asn for asn, _ in rows], pa.int64())
    nothing = pa.nulls(len(rows), pa.int64()), pa.nulls(len(rows), pa.string())
    kinds = pa.array([kind for _, kind in rows], pa.string())
    return pa.RecordBatch.from_arrays([asns, nothing[0], kinds, nothing[1]], schema=RELATIONSHIPS)


AS_REL = Format("as-rel", (LINKS,), _sniff, _day, _read)

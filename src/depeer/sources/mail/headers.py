"""A header block → its fields (RFC 5322, 2.2 and 3.6.8), read as leniently as can be done in one pass.

The common good block is unfolded, split and checked by a handful of calls over the whole of it. Only
a block that fails the check is read line by line: a stray line is skipped where a field follows it,
and ends the header where none does, since then the empty line is what is missing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_HEADER = 262_144
"""Bytes of one header block; what is longer is cut there."""
MAX_FIELDS = 2_000
"""Fields of one header block."""

Field = tuple[bytes, bytes]
"""Lower-case name, and the unfolded value without blanks around it."""

_NAME_BYTES = bytes(set(range(33, 127)) - {ord(":")})
_FIELD = re.compile(rb"([!-9;-~]{1,128}+)[ \t]*+:(?!//)")  # a URL at the start of a body is no field


class Block(NamedTuple):
    """The fields of a header block, how many of its bytes they took, and what was wrong."""

    fields: list[Field]
    length: int
    flags: tuple[str, ...]


def read_block(block: bytes) -> Block:
    """The fields of a header block whose line ends are ``\\n``; it may, but need not, end in one.

    ``length`` is less than ``len(block)`` where the body begins inside the block.
    """
    lines = block.replace(b"\n\t", b"\t").replace(b"\n ", b" ").split(b"\n")
    split = [line.partition(b":") for line in lines]
    fields = [(name.lower(), value.strip()) for name, colon, value in split if colon]
    names = b"".join([name for name, _ in fields])
    if len(fields) == len(lines) <= MAX_FIELDS and _plausible(names, block):
        return Block(fields, len(block), ())
    return _line_by_line(block)


def _plausible(names: bytes, block: bytes) -> bool:
    """Whether all names are made of what names may be made of, and none is empty or a URL's scheme."""
    if names.translate(None, _NAME_BYTES) or b"http" in names or b"ftp" in names:
        return False
    return b"\n:" not in block and block[:1] not in (b":", b" ", b"\t", b"")


def _line_by_line(block: bytes) -> Block:
    lines = block.split(b"\n")
    gathered: list[tuple[bytes, list[bytes]]] = []
    flags: list[str] = []
    at = 0
    for number, line in enumerate(lines):
        field = _FIELD.match(line)
        if field and len(gathered) >= MAX_FIELDS:
            flags.append("header-cut")
            break
        if field:
            gathered.append((field[1].lower(), [line[field.end() :]]))
        elif line[:1] in (b" ", b"\t") and gathered:
            gathered[-1][1].append(line)
        elif line and not _skipped(lines, number):
            flags.append("header-unended")
            return Block(_joined(gathered), at, tuple(flags))
        elif line:
            flags.append("header-stray-line")
        at += len(line) + 1
    return Block(_joined(gathered), len(block), tuple(flags))


def _skipped(lines: list[bytes], number: int) -> bool:
    """Whether a line that is no field stands between fields, so that the header goes on after it.

    An empty name (``: value``) and a name with 8-bit bytes are such lines; so is a ``From `` line.
    """
    following = lines[number + 1] if number + 1 < len(lines) else b""
    return _FIELD.match(following) is not None or lines[number].lstrip(b">").startswith(b"From ")


def _joined(gathered: list[tuple[bytes, list[bytes]]]) -> list[Field]:
    return [(name, b"".join(lines).strip()) for name, lines in gathered]


def block_end(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where a header block that begins at ``start`` ends, and where the body after it begins."""
    if data.startswith(b"\n", start, end):
        return start, start + 1
    gap = data.find(b"\n\n", start, end)
    return (gap, gap + 2) if gap >= 0 else (end, end)


def starts_with_field(data: bytes, start: int = 0) -> bool:
    """Whether what stands at ``start`` looks like a header field."""
    return _FIELD.match(data, start) is not None

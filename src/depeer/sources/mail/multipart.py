"""The parts of a multipart body (RFC 2046, 5.1.1) as spans of one buffer, found by searching for delimiters.

No body is copied. A delimiter is a line: ``--boundary`` and nothing but blanks behind it, so that a
boundary that begins like another is not taken for it.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

MAX_GUESS = 65_536
"""Bytes of a body that are searched for a boundary that the header does not give."""
MAX_TRIED = 100_000
"""Lines that begin like a delimiter and are looked at, in one multipart body."""

_GUESS = re.compile(rb"^--([^\s].{0,99}?)[ \t]*+\n(?=content-|mime-)", re.MULTILINE | re.IGNORECASE)


def find_parts(data: bytes, start: int, end: int, boundary: bytes, most: int) -> tuple[list[Span], bool]:
    """Spans of at most ``most`` parts between ``start`` and ``end``, and whether the last one was closed.

    A part that no delimiter closes runs to the end. No part at all: an empty list.
    """
    delimiter = b"\n--" + boundary
    width = len(delimiter)
    after = (
        start + width - 1
        if data.startswith(delimiter[1:], start, end)
        else _behind(data, start, end, delimiter)
    )
    spans: list[Span] = []
    opened = tried = 0
    while after > 0 and tried < MAX_TRIED:
        tried += 1
        line_end = data.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        tail = data[after:line_end].rstrip()
        if tail in (b"", b"--"):
            if opened:
                spans.append((opened, max(after - width, opened)))
            if tail or len(spans) >= most:
                return spans, True
            opened = min(line_end + 1, end)
            after = line_end
        after = _behind(data, after, end, delimiter)
    if opened:
        spans.append((opened, end))
    return spans, False


def _behind(data: bytes, start: int, end: int, delimiter: bytes) -> int:
    """Where the next delimiter ends; 0 where there is none."""
    at = data.find(delimiter, start, end)
    return at + len(delimiter) if at >= 0 else 0


def guess_boundary(data: bytes, start: int, end: int) -> bytes | None:
    """The boundary that a body uses though its header names none or another: the first line of the
    form ``--x`` right above a Content- field."""
    found = _GUESS.search(data, start, min(end, start + MAX_GUESS))
    return found[1] if found else None

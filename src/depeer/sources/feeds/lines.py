"""Lines of a feed, one at a time: capped, numbered, comments apart.

A line's end (LF or CRLF) and a byte-order mark are no part of its data, so that a copy that went
through another system is still the same record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import BinaryIO, NamedTuple

from depeer.errors import SkipRecord
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context
from depeer.sources.piece import Piece

CAP = 1 << 20
"""Longest line kept, in bytes; the rest of a longer one is passed over and the record quarantined."""
OPENING = 500
"""Most comment lines at the beginning of a file that are looked at for its day and header."""
_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    number: int
    data: bytes
    whole: bool


def lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line, blank ones and comments included."""
    number = 0
    while raw := stream.readline(CAP + 2):
        number += 1
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if not raw.endswith(b"\n") and len(raw) > CAP:
            _pass_over(stream)
        data = raw.rstrip(b"\r\n")
        yield Line(number, data[:CAP], len(data) <= CAP)


def _pass_over(stream: BinaryIO) -> None:
    while (rest := stream.readline(CAP)) and not rest.endswith(b"\n"):
        pass


def is_comment(data: bytes) -> bool:
    """Blank, or begins with ``#`` or ``;``."""
    return data[:1] in b"#;" or not data.strip()


def opening(all_lines: Iterator[Line]) -> tuple[list[str], Iterator[Line]]:
    """The comments that a file begins with, without their signs, and the lines that follow."""
    comments: list[str] = []
    for line in all_lines:
        if not is_comment(line.data) or len(comments) == OPENING:
            return comments, chain([line], all_lines)
        if line.data:
            comments.append(line.data[:2000].decode("utf-8", "replace").strip("#; \t"))
    return comments, iter(())


def before(first: Line | None, rest: Iterator[Line]) -> Iterator[Line]:
    """Put a line back that was looked at."""
    return rest if first is None else chain([first], rest)


def pieces(
    all_lines: Iterable[Line], read: Callable[[bytes, Context], list[Fact]], context: Context
) -> Iterator[Piece]:
    """One piece for each line that is no comment; one that cannot be read carries its trouble."""
    packed = json.dumps(context, sort_keys=True)
    records = (line for line in all_lines if not is_comment(line.data))
    for position, line in enumerate(records):
        trouble = trouble_with(line.data, read, context) if line.whole else "the line is longer than 1 MiB."
        yield Piece(position, f"line {line.number}", line.data, context=packed, trouble=trouble)


def trouble_with(data: bytes, read: Callable[[bytes, Context], list[Fact]], context: Context) -> str | None:
    """Why a record cannot be read; None where it can."""
    try:
        read(data, context)
    except SkipRecord as why:
        return str(why)
    return None


class Preview(NamedTuple):
    """The beginning of a file: its comments, and up to fifty lines of what follows."""

    comments: list[str]
    data: list[bytes]


@lru_cache(maxsize=4)
def preview(head: bytes) -> Preview:
    """Of the first bytes of a file; empty where they hold a NUL, which no text feed does."""
    if b"\0" in head:
        return Preview([], [])
    found = head.removeprefix(_BOM).split(b"\n")
    if len(found) > 1 and len(head) >= 1 << 15:
        found.pop()  # cut off in the middle, most likely
    found = [line.rstrip(b"\r") for line in found]
    comments = [line for line in found if line and is_comment(line)][:OPENING]
    data = [line for line in found if not is_comment(line)][:50]
    return Preview([line[:2000].decode("utf-8", "replace").strip("#; \t") for line in comments], data)

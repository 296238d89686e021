"""AS paths: segments, their text, the union of a two-byte path with AS4_PATH.

RFC 4271 section 4.3, RFC 5065 (confederations), RFC 6793 (four bytes).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

SET, SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4
_MARKS = {SET: "{}", SEQUENCE: "  ", CONFED_SEQUENCE: "()", CONFED_SET: "[]"}
_NUMBERS = {width: [struct.Struct(f">{n}{code}") for n in range(256)] for width, code in ((2, "H"), (4, "I"))}

Segment = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Path:
    """AS numbers without confederations, the last of them, whether there are sets, and all as text."""

    asns: Sequence[int]
    origin: int | None
    has_set: bool
    text: str


def read_path(value: bytes, width: int) -> Path | None:
    """The path of an attribute with AS numbers of 2 or 4 bytes; None where it is malformed."""
    found = segments(value, width)
    return None if found is None else of_segments(found)


def segments(value: bytes, width: int) -> list[Segment] | None:
    """(type, AS numbers) of each segment; None for an unknown type or a length that does not fit."""
    found: list[Segment] = []
    at = 0
    while at < len(value):
        stop = at + 2 + width * value[at + 1] if at + 2 <= len(value) else len(value) + 1
        if value[at] not in _MARKS or stop > len(value):
            return None
        found.append((value[at], _NUMBERS[width][value[at + 1]].unpack_from(value, at + 2)))
        at = stop
    return found


def of_segments(found: Sequence[Segment]) -> Path:
    """Sets are flattened into ``asns``; confederations are inside one network and stay in the text only."""
    outside = [segment for segment in found if segment[0] in (SET, SEQUENCE) and segment[1]]
    asns = tuple(chain.from_iterable(numbers for _, numbers in outside))
    last = outside[-1] if outside else (SEQUENCE, ())
    clear = last[1] and (last[0] == SEQUENCE or len(set(last[1])) == 1)
    return Path(asns, last[1][-1] if clear else None, any(kind == SET for kind, _ in outside), text(found))


def text(found: Sequence[Segment]) -> str:
    """As bgpdump writes it: ``1 2 {3,4}``, confederations as ``(5 6)`` and ``[7,8]``."""
    parts: list[str] = []
    space = False
    for kind, numbers in found:
        mark = _MARKS[kind].strip()
        join = "," if kind in (SET, CONFED_SET) else " "
        parts.append((" " if space else "") + mark[:1] + join.join(map(str, numbers)) + mark[1:])
        space = bool(numbers)
    return "".join(parts)


def count(found: Sequence[Segment]) -> int:
    """Length as the choice of routes counts it: a set is one, confederations are none (RFC 4271, RFC 5065)."""
    return sum(1 if kind == SET else len(numbers) for kind, numbers in found if kind in (SET, SEQUENCE))


def merge(old: Sequence[Segment], new: Sequence[Segment]) -> list[Segment] | None:
    """AS_PATH with its tail replaced by AS4_PATH (RFC 6793, section 4.2.3); None where AS4_PATH is the longer."""
    new = [segment for segment in new if segment[0] in (SET, SEQUENCE)]
    left = count(old) - count(new)
    if left < 0:
        return None
    head: list[Segment] = []
    for kind, numbers in old:
        if left <= 0:
            break
        if kind == SEQUENCE:
            numbers = numbers[:left]
        head.append((kind, numbers))
        left -= count(head[-1:])
    return head + list(new)

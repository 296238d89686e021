"""Tricks undone before the scan, and where they were.

Undoing a trick (a defanged dot, a tag inside a word, a character written as an entity) leaves a mark, a
control character. `unmark` takes the marks out and keeps their offsets, so that the scanners read clean
bytes and a link can still tell which tricks hid its host.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

DEFANGED, SPLIT, ENTITY = b"\x01", b"\x03", b"\x04"
_NAMES = {DEFANGED: "defanged", SPLIT: "split-by-tags", ENTITY: "entity"}
_ANY = re.compile(rb"([\x01\x03\x04])")
_TO_SPACE = bytes.maketrans(b"\x01\x03\x04", b"   ")


class Marks(NamedTuple):
    """Offsets into the clean bytes, ascending, and the flag that each stands for."""

    offsets: list[int]
    flags: list[str]

    def between(self, start: int, end: int) -> tuple[str, ...]:
        """Flags of the marks with start ≤ offset < end; a tag at the very start splits nothing."""
        low, high = bisect_left(self.offsets, start), bisect_left(self.offsets, end)
        kinds = {flag for at, flag in self._slice(low, high) if at > start or flag != "split-by-tags"}
        return tuple(sorted(kinds))

    def splits(self, start: int, end: int) -> list[int]:
        low, high = bisect_left(self.offsets, start + 1), bisect_left(self.offsets, end)
        return [at for at, flag in self._slice(low, high) if flag == "split-by-tags"]

    def _slice(self, low: int, high: int) -> list[tuple[int, str]]:
        return list(zip(self.offsets[low:high], self.flags[low:high], strict=True))


NO_MARKS = Marks([], [])


def without_marks(data: bytes) -> bytes:
    """Control characters that mean nothing yet become spaces, so that a sender cannot forge a mark."""
    if DEFANGED in data or SPLIT in data or ENTITY in data:
        return data.translate(_TO_SPACE)
    return data


def unmark(data: bytes) -> tuple[bytes, Marks]:
    if not (DEFANGED in data or SPLIT in data or ENTITY in data):
        return data, NO_MARKS
    pieces = _ANY.split(data)
    offsets, flags, at = [], [], 0
    for text, mark in zip(pieces[::2], pieces[1::2], strict=False):
        at += len(text)
        offsets.append(at)
        flags.append(_NAMES[mark])
    return b"".join(pieces[::2]), Marks(offsets, flags)

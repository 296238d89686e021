"""A stream of MRT records as a window of bytes that slides over it, and where the next record begins.

A header is 12 bytes: seconds, type, subtype, length of what follows (RFC 6396, section 2).
"""

from __future__ import annotations

import re
import struct
from typing import BinaryIO

HEADER = struct.Struct(">IHHI")
BLOCK = 2**20
MAX_RECORD = 16 * 2**20
"""A longer record is none: 65,535 RIB entries of 250 bytes."""

TYPES = {
    0: "NULL",
    1: "START",
    2: "DIE",
    3: "I_AM_DEAD",
    4: "PEER_DOWN",
    5: "BGP",
    6: "RIP",
    7: "IDRP",
    8: "RIPNG",
    9: "BGP4PLUS",
    10: "BGP4PLUS_01",
    11: "OSPFv2",
    12: "TABLE_DUMP",
    13: "TABLE_DUMP_V2",
    16: "BGP4MP",
    17: "BGP4MP_ET",
    32: "ISIS",
    33: "ISIS_ET",
    48: "OSPFv3",
    49: "OSPFv3_ET",
}
"""RFC 6396, section 4 and appendix B."""

_LIKELY = re.compile(rb"(?=....\x00[\x05\x09\x0a\x0c\x0d\x10\x11]\x00[\x00-\x0f]\x00)", re.DOTALL)
_NEAR = 7 * 86_400
_SINCE, _UNTIL = 631_152_000, 4_102_444_800  # 1990 to 2100
_SUBTYPES = 16
_HEADER_SIZE = 12


class Tape:
    """``data`` is what is in memory, ``at`` where the next record begins in it, ``gone`` what slid out before."""

    __slots__ = ("_ended", "_stream", "at", "data", "gone")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ended = False
        self.data = b""
        self.at = 0
        self.gone = 0

    def hold(self, size: int) -> bool:
        """Makes at least ``size`` bytes from ``at`` on available; False where the stream ends before that."""
        if len(self.data) - self.at >= size:
            return True
        parts = [self.data[self.at :]]
        held = len(parts[0])
        while held < size and not self._ended:
            part = self._stream.read(max(BLOCK, size - held))
            self._ended = not part
            parts.append(part)
            held += len(part)
        self.gone += self.at
        self.data, self.at = b"".join(parts), 0
        return held >= size

    def starts_record(self, offset: int) -> bool:
        """Whether, ``offset`` bytes on, there is what can be a header, or the end."""
        if not self.hold(offset + _HEADER_SIZE):
            return len(self.data) - self.at == offset
        time, kind, subtype, length = HEADER.unpack_from(self.data, self.at + offset)
        return _is_header(kind, subtype, length) and _SINCE <= time < _UNTIL

    def find_record(self, near: int | None) -> int:
        """How many bytes from ``at`` on are no record: up to two headers in a row with times within a week of
        ``near`` (seconds, if known), or to the end of what is in memory. Each place is looked at once.
        """
        self.hold(BLOCK)
        base, data = self.at, self.data
        for found in _LIKELY.finditer(data, base + 1):
            place = found.start()
            if place + _HEADER_SIZE > len(data):
                break
            time, _, _, length = HEADER.unpack_from(data, place)
            if (
                _is_near(time, near)
                and length <= MAX_RECORD
                and self._followed(place + _HEADER_SIZE + length, near)
            ):
                return place - base
        rest = len(data) - base
        return rest if rest < BLOCK else rest - _HEADER_SIZE

    def _followed(self, place: int, near: int | None) -> bool:
        if place + _HEADER_SIZE > len(self.data):
            return place == len(self.data) or not self._ended
        time, kind, subtype, length = HEADER.unpack_from(self.data, place)
        return _is_header(kind, subtype, length) and _is_near(time, near)


def _is_header(kind: int, subtype: int, length: int) -> bool:
    return kind in TYPES and subtype < _SUBTYPES and length <= MAX_RECORD


def _is_near(time: int, near: int | None) -> bool:
    return _SINCE <= time < _UNTIL if near is None else abs(time - near) <= _NEAR

"""What makes two things the same: content by its bytes, a delivery by sensor, content and arrival.

A moved or renamed file brings nothing new, so neither path nor archive is part of an identity. Where
the content carries no arrival of its own (no Received line), the envelope line of its mbox is the arrival and
part of the identity; where there is none either, two equal contents in one source can only be told apart by
their position.
"""

from __future__ import annotations

import hashlib
import re

_SPACED = re.compile(rb"\nreceived[ \t]+:")
_HEADER_ENDS = (b"\n\n", b"\n\r\n", b"\r\r")


def content_id(data: bytes) -> bytes:
    """SHA-256 of the canonical bytes (32 bytes)."""
    return hashlib.sha256(data).digest()


def has_arrival(data: bytes) -> bool:
    """Whether a mail's own bytes say when it arrived: a Received line in its header."""
    ends = [end for end in map(data.find, _HEADER_ENDS if b"\r" in data else _HEADER_ENDS[:1]) if end >= 0]
    header = b"\n" + data[: min(ends, default=len(data))].lower()
    return b"\nreceived:" in header or _SPACED.search(header) is not None


def delivery_id(
    sensor: str,
    content: bytes,
    position: int | None = None,
    day: str | None = None,
    envelope: bytes | None = None,
) -> bytes:
    """First 16 bytes of SHA-256 over sensor and content, and what else tells two arrivals apart.

    ``position`` is the index in the source where nothing tells of an arrival; ``envelope`` the mbox ``From ``
    line where the content does not; ``day`` the day of a feed's snapshot (the same record on another day is
    another sighting).
    """
    tail = b""
    if position is not None:
        tail = b"\0%d" % position
    elif day is not None:
        tail = b"\0@" + day.encode()
    elif envelope is not None:
        tail = b"\0=" + envelope
    return hashlib.sha256(sensor.encode() + b"\0" + content + tail).digest()[:16]

"""Communities as text: RFC 1997 (the three well-known names as bgpdump writes them), RFC 4360, RFC 8092."""

from __future__ import annotations

import struct
from collections.abc import Callable

Reader = Callable[[bytes], str | None]

_KNOWN = {0xFFFFFF01: "no-export", 0xFFFFFF02: "no-advertise", 0xFFFFFF03: "local-AS"}
_LARGE = struct.Struct(">III")


def plain(value: bytes) -> str | None:
    """``174:21001 no-export``; None where the length is no multiple of 4."""
    if len(value) % 4:
        return None
    numbers = struct.unpack(f">{len(value) // 4}I", value)
    return " ".join([word(number) for number in numbers])


def word(number: int) -> str:
    """One community of RFC 1997."""
    return _KNOWN.get(number) or f"{number >> 16}:{number & 0xFFFF}"


def large(value: bytes) -> str | None:
    """``57866:200:174``; None where the length is no multiple of 12."""
    if len(value) % 12:
        return None
    return " ".join([f"{asn}:{one}:{two}" for asn, one, two in _LARGE.iter_unpack(value)])


def extended(value: bytes) -> str | None:
    """Sixteen hexadecimal digits each, since their meanings are many; None where the length is no multiple of 8."""
    if len(value) % 8:
        return None
    return " ".join([value[at : at + 8].hex() for at in range(0, len(value), 8)])

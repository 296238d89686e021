"""BGP path attributes as bytes (RFC 4271 section 5, RFC 1997, RFC 4760, RFC 6793) and prefixes as NLRI."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from depeer.world.heard import Block, Route

AS_TRANS = 23_456
_ORIGIN, _AS_PATH, _NEXT_HOP, _ATOMIC, _AGGREGATOR, _COMMUNITIES = 1, 2, 3, 6, 7, 8
_MP_REACH, _MP_UNREACH, _AS4_PATH, _AS4_AGGREGATOR = 14, 15, 17, 18
_WELL_KNOWN, _OPTIONAL, _TRANSITIVE, _LONG = 0x40, 0x80, 0xC0, 0x10
_SET, _SEQUENCE = 1, 2
_LONGEST_SEGMENT = 255
_IPV6_UNICAST = b"\0\2\1"


def origin_code(asn: int) -> int:
    """IGP for most networks, INCOMPLETE for one in seven."""
    return 2 if asn % 7 == 3 else 0


def attributes(
    route: Route, hop: IPv4Address | IPv6Address, *, wide: bool = True, nlri: tuple[Block, ...] | None = None
) -> bytes:
    """All attributes of a route in order of type.

    ``wide``: 4-byte numbers in AS_PATH, as in every RIB; else 2-byte ones and AS4_PATH where needed. An IPv6
    ``hop`` goes into MP_REACH_NLRI: abbreviated (RFC 6396, 4.3.4), or in full with ``nlri``.
    """
    found = [
        _attribute(_WELL_KNOWN, _ORIGIN, bytes([origin_code(route.path[-1])])),
        _attribute(_WELL_KNOWN, _AS_PATH, _path(route, wide)),
    ]
    if isinstance(hop, IPv4Address):
        found.append(_attribute(_WELL_KNOWN, _NEXT_HOP, hop.packed))
    if route.members:
        found.append(_attribute(_WELL_KNOWN, _ATOMIC, b""))
        found.append(_attribute(_TRANSITIVE, _AGGREGATOR, _aggregator(route.path[-1], wide)))
    if route.communities:
        packed = b"".join(struct.pack(">HH", *community) for community in route.communities)
        found.append(_attribute(_TRANSITIVE, _COMMUNITIES, packed))
    if isinstance(hop, IPv6Address):
        found.append(_attribute(_OPTIONAL, _MP_REACH, _reach(hop, nlri)))
    if not wide and max(*route.path, *route.members, 0) > 0xFFFF:
        found.append(_attribute(_TRANSITIVE, _AS4_PATH, _path(route, True)))
        if route.members:
            found.append(_attribute(_TRANSITIVE, _AS4_AGGREGATOR, _aggregator(route.path[-1], True)))
    return b"".join(found)


def unreachable(blocks: Iterable[Block]) -> bytes:
    """MP_UNREACH_NLRI for IPv6 prefixes."""
    return _attribute(_OPTIONAL, _MP_UNREACH, _IPV6_UNICAST + nlri_of(blocks))


def nlri_of(blocks: Iterable[Block]) -> bytes:
    return b"".join(prefix_bytes(block) for block in blocks)


def prefix_bytes(block: Block) -> bytes:
    """Length in bits, then as many bytes as hold them (RFC 4271, 4.3)."""
    six, first, length = block
    address = first.to_bytes(8, "big") + bytes(8) if six else first.to_bytes(4, "big")
    return bytes([length]) + address[: (length + 7) // 8]


def aggregator_address(asn: int) -> IPv4Address:
    """An invented router of the aggregating network."""
    return IPv4Address(0x0A000000 | asn & 0xFFFFFF)


def _aggregator(asn: int, wide: bool) -> bytes:
    return (struct.pack(">I", asn) if wide else struct.pack(">H", _narrow(asn))) + aggregator_address(
        asn
    ).packed


def _path(route: Route, wide: bool) -> bytes:
    starts = range(0, len(route.path), _LONGEST_SEGMENT)
    parts = [_segment(_SEQUENCE, route.path[i : i + _LONGEST_SEGMENT], wide) for i in starts]
    return b"".join(parts) + (_segment(_SET, route.members, wide) if route.members else b"")


def _segment(kind: int, numbers: tuple[int, ...], wide: bool) -> bytes:
    if wide:
        return struct.pack(f">BB{len(numbers)}I", kind, len(numbers), *numbers)
    return struct.pack(f">BB{len(numbers)}H", kind, len(numbers), *(_narrow(n) for n in numbers))


def _narrow(asn: int) -> int:
    return asn if asn <= 0xFFFF else AS_TRANS


def _reach(hop: IPv6Address, nlri: tuple[Block, ...] | None) -> bytes:
    if nlri is None:
        return b"\x10" + hop.packed
    return _IPV6_UNICAST + b"\x10" + hop.packed + b"\0" + nlri_of(nlri)


def _attribute(flags: int, kind: int, value: bytes) -> bytes:
    if len(value) > 255:
        return struct.pack(">BBH", flags | _LONG, kind, len(value)) + value
    return struct.pack(">BBB", flags, kind, len(value)) + value

"""Elements as MRT update records: BGP4MP and BGP4MP_ET (RFC 6396, sections 4.4 and 3)."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

from depeer.world.heard import Block, Vantage
from depeer.world.mrt_attributes import AS_TRANS, attributes, nlri_of, unreachable
from depeer.world.mrt_rib import COLLECTOR_ID
from depeer.world.updates import Element

COLLECTOR_ASN = 64_496
"""Reserved for documentation (RFC 5398), as the collector's addresses are (RFC 5737, RFC 3849)."""
COLLECTOR_ADDRESS6 = IPv6Address("2001:db8::1")
_BGP4MP, _BGP4MP_ET, _MESSAGE, _MESSAGE_AS4, _UPDATE = 16, 17, 1, 4, 2
_A_MESSAGE = 200
"""Prefixes in one message; at 17 bytes each they stay below the 4,096 bytes of RFC 4271."""


def records(
    elements: Iterable[Element], vantages: tuple[Vantage, ...], *, extended: bool = True, wide: bool = True
) -> Iterator[bytes]:
    """``extended``: with microseconds; ``wide``: 4-byte AS numbers, else as in files before 2009.

    IPv6 prefixes come over the vantage point's IPv6 session.
    """
    for element in elements:
        for start in range(0, len(element.blocks), _A_MESSAGE):
            blocks = element.blocks[start : start + _A_MESSAGE]
            vantage = vantages[element.place]
            hop = vantage.address6 if blocks[0][0] and vantage.address6 else vantage.address
            body = _session(vantage.asn, hop, wide) + _message(_update(element, blocks, hop, wide))
            yield _record(element.time, body, extended=extended, wide=wide)


def updates_file(
    elements: Iterable[Element], vantages: tuple[Vantage, ...], *, extended: bool = True, wide: bool = True
) -> bytes:
    return gzip.compress(b"".join(records(elements, vantages, extended=extended, wide=wide)), 6, mtime=0)


def _update(element: Element, blocks: tuple[Block, ...], hop: IPv4Address | IPv6Address, wide: bool) -> bytes:
    """The body of an UPDATE (RFC 4271, 4.3; RFC 4760 for IPv6)."""
    withdrawn = attached = announced = b""
    if isinstance(hop, IPv6Address):
        route = element.route
        attached = unreachable(blocks) if route is None else attributes(route, hop, wide=wide, nlri=blocks)
    elif element.route is None:
        withdrawn = nlri_of(blocks)
    else:
        attached, announced = attributes(element.route, hop, wide=wide), nlri_of(blocks)
    return (
        struct.pack(">H", len(withdrawn))
        + withdrawn
        + struct.pack(">H", len(attached))
        + attached
        + announced
    )


def _message(body: bytes) -> bytes:
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body), _UPDATE) + body


def _session(asn: int, hop: IPv4Address | IPv6Address, wide: bool) -> bytes:
    here = COLLECTOR_ID if isinstance(hop, IPv4Address) else COLLECTOR_ADDRESS6
    numbers = (asn, COLLECTOR_ASN) if wide else (asn if asn <= 0xFFFF else AS_TRANS, COLLECTOR_ASN)
    head = struct.pack(">II" if wide else ">HH", *numbers)
    return head + struct.pack(">HH", 0, 2 if hop.version == 6 else 1) + hop.packed + here.packed


def _record(time: int, body: bytes, *, extended: bool, wide: bool) -> bytes:
    second, micro = divmod(time, 1_000_000)
    body = struct.pack(">I", micro) + body if extended else body
    kind, subtype = _BGP4MP_ET if extended else _BGP4MP, _MESSAGE_AS4 if wide else _MESSAGE
    return struct.pack(">IHHI", second, kind, subtype, len(body)) + body

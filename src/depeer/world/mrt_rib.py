"""A collector's routing table as an MRT dump: TABLE_DUMP_V2 (RFC 6396, section 4.3)."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from depeer.world.heard import Heard, Vantage
from depeer.world.mrt_attributes import attributes, prefix_bytes

_TABLE_DUMP_V2, _PEER_INDEX, _IPV4, _IPV6 = 13, 1, 2, 4
COLLECTOR = "simulated"
"""The view's name in the peer index table."""
COLLECTOR_ID = IPv4Address("192.0.2.1")
_DAY = 86_400
_WIDE = 2
"""Peer type with a 4-byte AS number; 1 is added for an IPv6 address."""


def rib(heard: Heard) -> Iterator[bytes]:
    """Records in order: peers, then prefixes by address, IPv4 first. One peer entry for each vantage point and
    family; a prefix that nobody hears has no record."""
    second = heard.moment.second
    peers = _peers(heard.vantages)
    yield _record(second, _PEER_INDEX, _index(heard, peers))
    places = [[(i, v, hop) for i, (v, hop) in enumerate(peers) if hop.version == n] for n in (4, 6)]
    known: dict[tuple[int, int], bytes] = {}
    number = 0
    for block, origins in heard.blocks():
        entries = []
        # What ends in a set does so for this prefix only.
        plain = len(origins) == 1 and (origins[0], block[1], block[2], block[0]) not in heard.internet.sets
        for peer, vantage, hop in places[block[0]]:
            blob = known.get((peer, origins[0])) if plain else None
            if blob is None and (route := heard.route(vantage, block, origins)):
                blob = attributes(route, hop)
                if plain:
                    known[peer, origins[0]] = blob
            if blob is not None:
                entries.append(
                    struct.pack(">HIH", peer, learned_at(heard, vantage, origins[0]), len(blob)) + blob
                )
        if entries:
            head = struct.pack(">I", number) + prefix_bytes(block) + struct.pack(">H", len(entries))
            yield _record(second, _IPV6 if block[0] else _IPV4, head + b"".join(entries))
            number += 1


def rib_file(heard: Heard) -> bytes:
    """The whole dump, gzipped, the same bytes each time."""
    return gzip.compress(b"".join(rib(heard)), 6, mtime=0)


def learned_at(heard: Heard, vantage: int, origin: int) -> int:
    """When the collector heard it: some day in the three weeks before the story."""
    return heard.moment.second - 1 - (origin * 7_919 + vantage * 104_729) % (21 * _DAY)


def _peers(vantages: tuple[Vantage, ...]) -> list[tuple[int, IPv4Address | IPv6Address]]:
    four: list[tuple[int, IPv4Address | IPv6Address]] = [(i, v.address) for i, v in enumerate(vantages)]
    return four + [(i, v.address6) for i, v in enumerate(vantages) if v.address6 is not None]


def _index(heard: Heard, peers: list[tuple[int, IPv4Address | IPv6Address]]) -> bytes:
    name = COLLECTOR.encode()
    head = COLLECTOR_ID.packed + struct.pack(">H", len(name)) + name + struct.pack(">H", len(peers))
    entries = []
    for vantage, hop in peers:
        feeder = heard.vantages[vantage]
        kind = _WIDE | (hop.version == 6)
        entries.append(bytes([kind]) + feeder.address.packed + hop.packed + struct.pack(">I", feeder.asn))
    return head + b"".join(entries)


def _record(second: int, subtype: int, body: bytes) -> bytes:
    return struct.pack(">IHHI", second, _TABLE_DUMP_V2, subtype, len(body)) + body

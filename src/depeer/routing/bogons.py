"""Addresses and AS numbers that no network on the Internet can rightly originate.

Addresses: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its successors), plus
multicast, as far as they are *not* globally reachable; narrower entries that are reachable are cut out.
Blocks that were in real use when mail was sent through them (6to4, Teredo, AS112) are not listed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.model import pack_address
from depeer.routing.flatten import flatten
from depeer.sources.origins.packed import U64, Mask, from_arrow, to_keys

DOCUMENTATION = "documentation"


@dataclass(frozen=True, slots=True)
class Special:
    """A block, what it is for, and who says so; ``reachable`` blocks are holes in wider ones."""

    prefix: str
    name: str
    source: str
    reachable: bool = False


SPECIAL: tuple[Special, ...] = (
    Special("0.0.0.0/8", "this network", "RFC 791"),
    Special("10.0.0.0/8", "private use", "RFC 1918"),
    Special("100.64.0.0/10", "shared address space (carrier-grade NAT)", "RFC 6598"),
    Special("127.0.0.0/8", "loopback", "RFC 1122"),
    Special("169.254.0.0/16", "link-local", "RFC 3927"),
    Special("172.16.0.0/12", "private use", "RFC 1918"),
    Special("192.0.0.0/24", "IETF protocol assignments", "RFC 6890"),
    Special("192.0.0.9/32", "port control protocol anycast", "RFC 7723", reachable=True),
    Special("192.0.0.10/32", "TURN anycast", "RFC 8155", reachable=True),
    Special("192.0.2.0/24", f"{DOCUMENTATION} (TEST-NET-1)", "RFC 5737"),
    Special("192.168.0.0/16", "private use", "RFC 1918"),
    Special("198.18.0.0/15", "benchmarking", "RFC 2544"),
    Special("198.51.100.0/24", f"{DOCUMENTATION} (TEST-NET-2)", "RFC 5737"),
    Special("203.0.113.0/24", f"{DOCUMENTATION} (TEST-NET-3)", "RFC 5737"),
    Special("224.0.0.0/4", "multicast", "RFC 5771"),
    Special("240.0.0.0/4", "reserved", "RFC 1112"),
    Special("255.255.255.255/32", "limited broadcast", "RFC 919"),
    Special("::/96", "unspecified, loopback or IPv4-compatible", "RFC 4291"),
    Special("64:ff9b:1::/48", "local-use translation", "RFC 8215"),
    Special("100::/64", "discard only", "RFC 6666"),
    Special("100:0:0:1::/64", "dummy prefix", "RFC 9780"),
    Special("2001::/23", "IETF protocol assignments", "RFC 2928"),
    Special("2001::/32", "Teredo", "RFC 4380", reachable=True),
    Special("2001:1::1/128", "port control protocol anycast", "RFC 7723", reachable=True),
    Special("2001:1::2/128", "TURN anycast", "RFC 8155", reachable=True),
    Special("2001:1::3/128", "DNS-SD service registration anycast", "RFC 9665", reachable=True),
    Special("2001:2::/48", "benchmarking", "RFC 5180"),
    Special("2001:3::/32", "AMT", "RFC 7450", reachable=True),
    Special("2001:4:112::/48", "AS112", "RFC 7535", reachable=True),
    Special("2001:10::/28", "ORCHID, deprecated", "RFC 4843"),
    Special("2001:20::/28", "ORCHIDv2", "RFC 7343", reachable=True),
    Special("2001:30::/28", "drone remote identification", "RFC 9374", reachable=True),
    Special("2001:db8::/32", DOCUMENTATION, "RFC 3849"),
    Special("3fff::/20", DOCUMENTATION, "RFC 9637"),
    Special("5f00::/16", "segment routing", "RFC 9602"),
    Special("fc00::/7", "unique local", "RFC 4193"),
    Special("fe80::/10", "link-local", "RFC 4291"),
    Special("fec0::/10", "site-local, deprecated", "RFC 3879"),
    Special("ff00::/8", "multicast", "RFC 4291"),
)

_MAPPED_LENGTH = 96


def why(address: bytes | str) -> str | None:
    """Why an address (16 packed bytes, or text) belongs to nobody; None where it may be anybody's.

    Raises ValueError for text that is not an address.
    """
    packed = pack_address(address) if isinstance(address, str) else address
    special = _special_of(np.frombuffer(packed, dtype=">u8").astype(np.uint64).reshape(1, 2))[0]
    return f"{SPECIAL[special].name}, {SPECIAL[special].source}" if special >= 0 else None


def is_bogon(addresses: pa.Array | pa.ChunkedArray | NDArray[np.uint32]) -> Mask:
    """Which of many addresses (16 packed bytes each, or IPv4 as uint32) are special; a null is not."""
    if isinstance(addresses, np.ndarray):
        inside: Mask = _STARTS4.searchsorted(addresses.astype(np.int64), side="right") % 2 == 1
        return inside
    high, low, valid = from_arrow(addresses)
    return valid & (_special_of(np.stack([high, low], axis=1)) >= 0)


def why_asn(asn: int) -> str | None:
    """Why an AS number names no network on the Internet; None where it may."""
    return next((reason for low, high, reason in _SPECIAL_ASNS if low <= asn <= high), None)


_SPECIAL_ASNS = (
    (0, 0, "AS 0 originates nothing, RFC 7607"),
    (23456, 23456, "AS_TRANS stands in for a 32-bit number, RFC 6793"),
    (64496, 64511, f"{DOCUMENTATION}, RFC 5398"),
    (64512, 65534, "private use, RFC 6996"),
    (65535, 65535, "reserved, RFC 7300"),
    (65536, 65551, f"{DOCUMENTATION}, RFC 5398"),
    (4200000000, 4294967294, "private use, RFC 6996"),
    (4294967295, 4294967295, "reserved, RFC 7300"),
)


def _special_of(pairs: U64) -> NDArray[np.int32]:
    """Index into ``SPECIAL`` of the narrowest unreachable block around each address (n × 2), or -1."""
    place = np.searchsorted(_STARTS, to_keys(pairs[:, 0], pairs[:, 1]), side="right") - 1
    owner = np.where(place >= 0, _OWNERS[place], np.int32(-1))
    return np.where(_REACHABLE[owner], np.int32(-1), owner)


def _bounds(special: Special) -> tuple[int, int]:
    network = ipaddress.ip_network(special.prefix)
    mapped = 0xFFFF << 32 if network.version == 4 else 0
    return mapped | int(network[0]), mapped | int(network[-1])


def _flat() -> tuple[NDArray[np.bytes_], NDArray[np.int32]]:
    bounds = [_bounds(special) for special in SPECIAL]
    # ff00::/8 ends with the address space: its last address is given up, so that an end fits 16 bytes.
    stops = [min(last + 1, 2**128 - 1) for _, last in bounds]
    keys = [_keys([first for first, _ in bounds]), _keys(stops)]
    widest_first = sorted(range(len(bounds)), key=lambda i: bounds[i][0] - bounds[i][1])
    return flatten(keys[0], keys[1], np.array(widest_first, dtype=np.int64))


def _keys(values: list[int]) -> NDArray[np.bytes_]:
    return np.frombuffer(b"".join(value.to_bytes(16, "big") for value in values), dtype="S16")


def forbidden4() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and stop (exclusive) of the disjoint IPv4 stretches that belong to nobody, in order."""
    return _STARTS4[0::2], _STARTS4[1::2]


def forbidden6() -> tuple[NDArray[np.bytes_], NDArray[np.bytes_]]:
    """The same for IPv6, as 16-byte keys."""
    return _FIRST6, _STOP6


def _forbidden() -> tuple[list[int], list[int]]:
    """Maximal stretches (first, stop) of unreachable space as integers of 128 bits."""
    taken = (_OWNERS >= 0) & ~_REACHABLE[_OWNERS]
    padded = np.concatenate([[False], taken, [False]])
    edges = [int.from_bytes(key.ljust(16, b"\0"), "big") for key in _STARTS.tolist()]
    firsts = [edges[i] for i in range(len(taken)) if taken[i] and not padded[i]]
    stops = [edges[i + 1] for i in range(len(taken)) if taken[i] and not padded[i + 2]]
    return firsts, stops


_REACHABLE = np.array([special.reachable for special in SPECIAL])
_STARTS, _OWNERS = _flat()
_FIRSTS, _STOPS = _forbidden()
_IN4 = [i for i, first in enumerate(_FIRSTS) if first >> 32 == 0xFFFF]
_STARTS4 = np.array([[_FIRSTS[i] - (0xFFFF << 32), _STOPS[i] - (0xFFFF << 32)] for i in _IN4]).reshape(-1)
_FIRST6 = _keys([first for i, first in enumerate(_FIRSTS) if i not in _IN4])
_STOP6 = _keys([stop for i, stop in enumerate(_STOPS) if i not in _IN4])

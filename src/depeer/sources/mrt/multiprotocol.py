"""MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760), and the form of the first that RIBs shorten (RFC 6396, 4.3.4)."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.sources.mrt import attributes, nlri
from depeer.sources.mrt.kinds import AFI, SAFIS
from depeer.sources.mrt.schema import MAPPED


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Prefixes of one family as written; ``whole`` is False where the list is torn."""

    family: int
    safi: int
    raws: list[bytes]
    whole: bool
    next_hop: bytes | None = None


def reach(value: bytes, add_path: bool) -> Prefixes | None:
    """AFI, SAFI, next hop, a reserved byte, prefixes; None for a family without prefixes or a torn attribute."""
    if len(value) < 5:
        return None
    family, safi = AFI.get(int.from_bytes(value[:2])), value[2]
    at = 4 + value[3]
    if family is None or safi not in SAFIS[1:] or at + 1 > len(value):
        return None
    hop = address(value[4:at])
    for _ in range(value[at]):  # SNPAs of RFC 2858: a length in half bytes, then as many
        at += 1 + (value[at + 1] + 1) // 2 if at + 1 < len(value) else 1
    raws, whole = nlri.split(value, at + 1, len(value), family, add_path)
    return Prefixes(family, safi, raws, whole, hop)


def unreach(value: bytes, add_path: bool) -> Prefixes | None:
    """AFI, SAFI, prefixes."""
    family = AFI.get(int.from_bytes(value[:2])) if len(value) >= 3 else None
    if family is None or value[2] not in SAFIS[1:]:
        return None
    raws, whole = nlri.split(value, 3, len(value), family, add_path)
    return Prefixes(family, value[2], raws, whole)


def rib_next_hop(found: attributes.Attributes) -> bytes | None:
    """The next hop of a RIB entry: from MP_REACH_NLRI, else from NEXT_HOP."""
    value = found.values.get(attributes.MP_REACH)
    hop = None if value is None else _next_hop_in_rib(value)
    if value is not None and hop is None:
        found.faults.append("MP_REACH_NLRI")
    return hop or attributes.next_hop(found)


def _next_hop_in_rib(value: bytes) -> bytes | None:
    """After its length alone, or, as many collectors write it, in the full form."""
    if value[:1] == b"\0":
        return address(value[4 : 4 + value[3]]) if len(value) > 4 else None
    return address(value[1 : 1 + value[0]]) if value else None


def address(hop: bytes) -> bytes | None:
    """A next hop as 16 bytes: a second, link-local address or a route distinguisher is left out."""
    if len(hop) in (4, 12):
        return MAPPED + hop[-4:]
    if len(hop) in (16, 32):
        return hop[:16]
    return hop[8:24] if len(hop) in (24, 48) else None

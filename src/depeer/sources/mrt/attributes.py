"""Path attributes: from the bytes of one set of them to one row of columns.

RFC 4271 section 4.3, with the leniency of RFC 7606: an attribute of a wrong length is left out and named in
``faults``, a repeated one counts once, and what stands before a torn one is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from depeer.sources.mrt import aspath, communities
from depeer.sources.mrt.schema import MAPPED

ORIGINS = ("IGP", "EGP", "INCOMPLETE")
ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC, AGGREGATOR, COMMUNITIES = range(1, 9)
MP_REACH, MP_UNREACH, EXTENDED, AS4_PATH, AS4_AGGREGATOR, LARGE = 14, 15, 16, 17, 18, 32
NAMES = {
    ORIGIN: "ORIGIN",
    AS_PATH: "AS_PATH",
    NEXT_HOP: "NEXT_HOP",
    MED: "MULTI_EXIT_DISC",
    LOCAL_PREF: "LOCAL_PREF",
    AGGREGATOR: "AGGREGATOR",
    COMMUNITIES: "COMMUNITIES",
    MP_REACH: "MP_REACH_NLRI",
    MP_UNREACH: "MP_UNREACH_NLRI",
    EXTENDED: "EXTENDED_COMMUNITIES",
    AS4_PATH: "AS4_PATH",
    AS4_AGGREGATOR: "AS4_AGGREGATOR",
    LARGE: "LARGE_COMMUNITY",
}
EXTENDED_LENGTH = 0x10
_TRANS = 23456  # AS_TRANS, RFC 6793


class Row(NamedTuple):
    """The columns of one set of attributes but for the AS numbers."""

    origin: str | None
    path: str | None
    has_set: bool | None
    origin_asn: int | None
    next_hop: bytes | None
    local_pref: int | None
    med: int | None
    communities: str | None
    large_communities: str | None
    extended_communities: str | None
    atomic_aggregate: bool
    aggregator_asn: int | None
    aggregator: bytes | None
    faults: str | None


@dataclass(slots=True)
class Attributes:
    """Values by type, as read from the bytes; ``faults`` names those that could not be used."""

    values: dict[int, bytes]
    faults: list[str]


def split(blob: bytes) -> Attributes:
    """Takes the attributes apart: flags, type, length in one byte or two, value."""
    values: dict[int, bytes] = {}
    faults: list[str] = []
    at, end = 0, len(blob)
    while at + 3 <= end:
        kind = blob[at + 1]
        if blob[at] & EXTENDED_LENGTH:
            start = at + 4
            stop = start + (int.from_bytes(blob[at + 2 : at + 4]) if start <= end else end)
        else:
            start = at + 3
            stop = start + blob[at + 2]
        if stop > end:
            break
        if kind in values:
            faults.append(f"repeated {NAMES.get(kind, kind)}")
        else:
            values[kind] = blob[start:stop]
        at = stop
    if at != end:
        faults.append("torn attributes")
    return Attributes(values, faults)


def row(found: Attributes, width: int, next_hop: bytes | None) -> tuple[Row, tuple[int, ...] | None]:
    """The row and its AS numbers (None without a path), where AS numbers take ``width`` bytes.

    ``next_hop`` is the address that holds for the prefixes at hand, from NEXT_HOP or MP_REACH_NLRI.
    """
    get = found.values.get
    path = _path(found, width)
    aggregator = _aggregator(found, width) if AGGREGATOR in found.values else None
    plain = get(COMMUNITIES)
    origin = get(ORIGIN)
    if origin is not None and (len(origin) != 1 or origin[0] > 2):
        found.faults.append("ORIGIN")
        origin = None
    made = Row(
        None if origin is None else ORIGINS[origin[0]],
        None if path is None else path.text,
        None if path is None else path.has_set,
        None if path is None else path.origin,
        next_hop,
        _number(found, LOCAL_PREF),
        _number(found, MED),
        None if plain is None else _text(found, COMMUNITIES, communities.plain),
        _text(found, LARGE, communities.large) if LARGE in found.values else None,
        _text(found, EXTENDED, communities.extended) if EXTENDED in found.values else None,
        ATOMIC in found.values,
        aggregator[0] if aggregator else None,
        aggregator[1] if aggregator else None,
        ", ".join(dict.fromkeys(found.faults)) or None,
    )
    return made, None if path is None else tuple(path.asns)


def next_hop(found: Attributes) -> bytes | None:
    """NEXT_HOP as 16 bytes. Some dumps put an IPv6 address there."""
    value = found.values.get(NEXT_HOP)
    if value is None:
        return None
    if len(value) == 4:
        return MAPPED + value
    if len(value) == 16:
        return value
    found.faults.append("NEXT_HOP")
    return None


def _number(found: Attributes, kind: int) -> int | None:
    value = found.values.get(kind)
    if value is None:
        return None
    if len(value) == 4:
        return int.from_bytes(value)
    found.faults.append(NAMES[kind])
    return None


def _text(found: Attributes, kind: int, read: Callable[[bytes], str | None]) -> str | None:
    made = read(found.values[kind])
    if made is None:
        found.faults.append(NAMES[kind])
    return made


def _path(found: Attributes, width: int) -> aspath.Path | None:
    value = found.values.get(AS_PATH)
    if value is None:
        return None
    path = aspath.read_path(value, width)
    if path is None:
        found.faults.append("AS_PATH")
        # Collectors have written paths of the other width than the record's type says.
        return aspath.read_path(value, 6 - width)
    if width == 2 and AS4_PATH in found.values and not _old_aggregator(found):
        return _merged(found, value) or path
    return path


def _merged(found: Attributes, value: bytes) -> aspath.Path | None:
    old = aspath.segments(value, 2)
    new = aspath.segments(found.values[AS4_PATH], 4)
    if new is None:
        found.faults.append("AS4_PATH")
    merged = aspath.merge(old, new) if old is not None and new is not None else None
    return None if merged is None else aspath.of_segments(merged)


def _old_aggregator(found: Attributes) -> bool:
    """Whether an AGGREGATOR of two bytes that is not AS_TRANS says to forget AS4_PATH (RFC 6793, section 4.2.3)."""
    value = found.values.get(AGGREGATOR)
    return AS4_AGGREGATOR in found.values and value is not None and value[:2] != _TRANS.to_bytes(2)


def _aggregator(found: Attributes, width: int) -> tuple[int, bytes] | None:
    value = found.values[AGGREGATOR]
    if len(value) not in (6, 8):
        found.faults.append("AGGREGATOR")
        return None
    asn = int.from_bytes(value[:-4])
    newer = found.values.get(AS4_AGGREGATOR)
    if width == 2 and asn == _TRANS and newer is not None:
        if len(newer) == 8:
            return int.from_bytes(newer[:4]), MAPPED + newer[4:]
        found.faults.append("AS4_AGGREGATOR")
    return asn, MAPPED + value[-4:]

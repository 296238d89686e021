"""TABLE_DUMP_V2: an index of peers, then all entries of a prefix in one record (RFC 6396, section 4.3; RFC 8050)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from depeer.sources.mrt import nlri
from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.kinds import AFI, SAFIS, kind
from depeer.sources.mrt.sheet import Sheet
from depeer.sources.mrt.state import State

_ENTRY = struct.Struct(">HIH")  # peer, since, size of the attributes
_ENTRY_AP = struct.Struct(">HI4xH")  # a path identifier before the size
_MEASURED = 65_536
_IPV6_PEER, _WIDE_PEER = 1, 2


@dataclass(frozen=True, slots=True)
class Shape:
    """What the subtype says of its entries; ``family`` 0: the record says it itself (RIB_GENERIC)."""

    family: int
    safi: int
    add_path: bool

    @property
    def kind(self) -> int:
        return kind("TABLE_DUMP2_AP" if self.add_path else "TABLE_DUMP2", "B", self.family, self.safi)


SHAPES = {
    2: Shape(4, 1, False),
    3: Shape(4, 2, False),
    4: Shape(6, 1, False),
    5: Shape(6, 2, False),
    8: Shape(4, 1, True),
    9: Shape(4, 2, True),
    10: Shape(6, 1, True),
    11: Shape(6, 2, True),
    6: Shape(0, 0, False),
    12: Shape(0, 0, True),
}
_KINDS = {shape: shape.kind for shape in SHAPES.values() if shape.family}
_KINDS |= {
    shape: shape.kind for family in AFI.values() for safi in SAFIS[1:] for ap in (False, True)
    for shape in (Shape(family, safi, ap),)
}  # fmt: skip


def read_index(state: State, data: bytes, at: int, end: int) -> int:
    """PEER_INDEX_TABLE: collector, view, and the peers that entries name by their place in it."""
    at += 6 + int.from_bytes(data[at + 4 : at + 6])
    count = int.from_bytes(data[at : at + 2])
    at += 2
    peers: list[tuple[bytes, int]] = []
    state.index = peers
    for _ in range(count):
        kind = data[at] if at < end else 0
        size, width = (16 if kind & _IPV6_PEER else 4), (4 if kind & _WIDE_PEER else 2)
        stop = at + 5 + size + width
        if stop > end:
            raise Fault("torn index of peers")
        peers.append((data[at + 5 : at + 5 + size], int.from_bytes(data[stop - width : stop])))
        at = stop
    if at > end:
        raise Fault("torn index of peers")
    return at


def read_rib(shape: Shape, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """Adds the entries of one prefix; where the last one ends. Raises Fault after those before a torn one."""
    shape, at = _generic(shape, state, data, at, end)
    if not shape.family:
        return end
    start = at + 4
    at = start + nlri.size_of(data[start], shape.family) if start < end else end
    if at + 2 > end:
        raise Fault("torn or impossible prefix")
    numbers = state.index_numbers()
    if numbers is None:
        raise Fault("entries before any index of peers")
    raw = data[start:at]
    sheet = state.sheet
    before = len(sheet.peer)
    try:
        return _read_entries(sheet, shape, numbers, raw, data, at, end)
    finally:
        count = len(sheet.peer) - before
        if not shape.add_path:
            sheet.raws += [raw] * count
        sheet.runs.append((time, _KINDS[shape], record, count))


def _generic(shape: Shape, state: State, data: bytes, at: int, end: int) -> tuple[Shape, int]:
    """RIB_GENERIC: AFI and SAFI stand between sequence number and prefix."""
    if shape.family or end - at < 7:
        return shape, at
    family, safi = AFI.get(int.from_bytes(data[at + 4 : at + 6]), 0), data[at + 6]
    if not family or safi not in SAFIS[1:]:
        state.pass_over("entries of a family without prefixes")
        return shape, at
    return Shape(family, safi, shape.add_path), at + 3


def _read_entries(
    sheet: Sheet, shape: Shape, numbers: list[int], raw: bytes, data: bytes, at: int, end: int
) -> int:
    """The loop that all the time goes to: what is known of attributes is looked up in place."""
    peer, attribute, originated = sheet.peer.append, sheet.attribute.append, sheet.originated.append
    unpack, head = (_ENTRY_AP.unpack_from, 12) if shape.add_path else (_ENTRY.unpack_from, 8)
    known, peers, unknown = sheet.known_rib.get, len(numbers), 0
    for _ in range(int.from_bytes(data[at : (at := at + 2)])):
        start = at + head
        if start > end:
            raise Fault("torn entry")
        who, since, size = unpack(data, at)
        stop = start + size
        if stop > end:
            raise Fault("torn entry")
        if who < peers:
            blob = data[start:stop]
            number = known(blob)
            if number is None:
                number = sheet.rib(blob, 4)
            peer(numbers[who])
            attribute(number)
            originated(since)
            if shape.add_path:
                sheet.raws.append(data[start - 6 : start - 2] + raw)
        else:
            unknown += 1
        at = stop
    if unknown:
        raise Fault("peer not in the index")
    return at


def measure(shape: Shape, data: bytes, at: int) -> int | None:
    """Bytes that the entries say they take, whatever the header says; None where they go past 64 KiB or the end."""
    start = at + (7 if not shape.family else 4)
    family = shape.family or AFI.get(int.from_bytes(data[at + 4 : at + 6]), 0)
    if not family or start >= len(data):
        return None
    stop = start + nlri.size_of(data[start], family)
    count, head = int.from_bytes(data[stop : stop + 2]), 12 if shape.add_path else 8
    stop += 2
    for _ in range(count):
        stop += head
        if stop > len(data) or stop - at > _MEASURED:
            return None
        stop += int.from_bytes(data[stop - 2 : stop])
    return stop - at

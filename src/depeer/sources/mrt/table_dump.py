"""TABLE_DUMP: one RIB entry a record, or several in the early files of RIPE RIS (RFC 6396, section 4.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.kinds import kind
from depeer.sources.mrt.state import State


@dataclass(frozen=True, slots=True)
class Shape:
    """How one family and width of AS numbers is written; ``entry`` begins with the prefix."""

    family: int
    longest: int  # bits of a prefix
    width: int
    entry: struct.Struct
    kind: int


def _shape(family: int, width: int) -> Shape:
    size, asn = (4 if family == 4 else 16), ("H" if width == 2 else "I")
    layout = struct.Struct(f">{size}sBBI{size}s{asn}H")  # prefix, bits, status, since, peer, its AS, size
    return Shape(family, 8 * size, width, layout, kind("TABLE_DUMP", "B", family))


SHAPES = {1: _shape(4, 2), 2: _shape(6, 2), 3: _shape(4, 4), 4: _shape(6, 4)}
"""By subtype; 3 and 4 are an extension of some collectors with AS numbers of four bytes."""

_AHEAD = (4, 2, 0)
"""View and sequence stand before the first entry; before the others of a batch both, one, or neither."""


def read_entry(shape: Shape, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """Adds the entries of a record; where its last one ends."""
    stop = _add(shape, state, data, at + 4, end, time, record)
    if stop != end and (ahead := _batched(shape, data, stop, end)) is not None:
        while stop < end:
            stop = _add(shape, state, data, stop + ahead, end, time, record)
    return stop


def _add(shape: Shape, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    start = at + shape.entry.size
    if start > end:
        raise Fault("torn entry")
    prefix, bits, _, since, address, asn, size = shape.entry.unpack_from(data, at)
    stop: int = start + size
    if stop > end:
        raise Fault("torn entry")
    if bits > shape.longest:
        raise Fault("torn or impossible prefix")
    sheet = state.sheet
    blob = data[start:stop]
    number = sheet.known_rib.get((shape.width, blob))
    sheet.runs.append((time, shape.kind, record, 1))
    sheet.raws.append(bytes((bits,)) + prefix)
    sheet.peer.append(sheet.peer_number((address, asn), address, asn))
    sheet.attribute.append(sheet.rib(blob, shape.width) if number is None else number)
    sheet.originated.append(since)
    return stop


def _batched(shape: Shape, data: bytes, at: int, end: int) -> int | None:
    """How many bytes stand before each further entry, if the rest of a record is entries to its last byte."""
    return next((ahead for ahead in _AHEAD if _fits(shape, data, at, end, ahead)), None)


def _fits(shape: Shape, data: bytes, at: int, end: int, ahead: int) -> bool:
    while at < end:
        start = at + ahead + shape.entry.size
        if start > end:
            return False
        bits = data[at + ahead + shape.longest // 8]
        if bits > shape.longest:
            return False
        at = start + int.from_bytes(data[start - 2 : start])
    return at == end


def measure(shape: Shape, data: bytes, at: int) -> int | None:
    """Bytes that the first entry says it takes, whatever the header says; None where not even that is there."""
    start = at + 4 + shape.entry.size
    return start + int.from_bytes(data[start - 2 : start]) - at if start <= len(data) else None

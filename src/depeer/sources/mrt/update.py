"""A BGP UPDATE without its header: withdrawn prefixes, attributes, announced prefixes (RFC 4271, section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.sources.mrt import nlri
from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.kinds import AFI, SAFIS, kind
from depeer.sources.mrt.sheet import NOTHING, Sheet


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a kind of record writes its messages, and the numbers of what comes out of it by (family, SAFI)."""

    width: int  # bytes of an AS number
    add_path: bool
    announced: dict[tuple[int, int], int]
    withdrawn: dict[tuple[int, int], int]
    state: int


def dialect(format: str, width: int) -> Dialect:
    """The dialect of a format of `kinds`."""
    shapes = [(family, safi) for family in AFI.values() for safi in SAFIS[1:]]
    return Dialect(
        width,
        format.endswith("_AP"),
        {shape: kind(format, "A", *shape) for shape in shapes},
        {shape: kind(format, "W", *shape) for shape in shapes},
        kind(format, "STATE", 0, 0),
    )


def read_update(
    sheet: Sheet, speak: Dialect, data: bytes, at: int, end: int, time: int, peer: int, record: int
) -> bool:
    """Adds the elements of the message in ``data[at:end]``; False where it speaks of a family without prefixes.

    Raises Fault after what could be used of a torn message.
    """
    start = at + 2
    stop = start + (data[at] << 8 | data[at + 1]) if start <= end else end
    if stop + 2 > end:
        _withdraw(sheet, speak, data, start, min(stop, end), (time, record, peer))
        raise Fault("torn message")
    whole = stop == start or _withdraw(sheet, speak, data, start, stop, (time, record, peer))
    start = stop + 2
    stop = start + (data[stop] << 8 | data[stop + 1])
    if start == end == stop:
        return _sound(whole)
    message = sheet.message(data[start : stop if stop < end else end], speak.width, speak.add_path)
    number = message if isinstance(message, int) else message.attribute
    if not isinstance(message, int) and (lost := message.unreach) is not None and lost.raws:
        sheet.add((time, speak.withdrawn[lost.family, lost.safi], record), lost.raws, peer, NOTHING)
    if stop < end:
        raws, fits = nlri.split(data, stop, end, 4, speak.add_path)
        if raws:
            sheet.add((time, speak.announced[4, 1], record), raws, peer, number)
        whole &= fits
    if not isinstance(message, int) and message.reach is not None and (came := message.reach[1]).raws:
        sheet.add((time, speak.announced[came.family, came.safi], record), came.raws, peer, message.reach[0])
    if stop > end:
        raise Fault("torn message")
    if isinstance(message, int):
        return _sound(whole)
    return _sound(whole and message.whole) and not message.other_family


def _withdraw(
    sheet: Sheet, speak: Dialect, data: bytes, at: int, end: int, who: tuple[int, int, int]
) -> bool:
    raws, whole = nlri.split(data, at, end, 4, speak.add_path)
    if raws:
        time, record, peer = who
        sheet.add((time, speak.withdrawn[4, 1], record), raws, peer, NOTHING)
    return whole


def _sound(whole: bool) -> bool:
    if not whole:
        raise Fault("torn or impossible prefix")
    return True

"""BGP4MP and BGP4MP_ET: messages and changes of state of a session (RFC 6396, section 4.4; RFC 8050)."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.sources.mrt import nlri
from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.kinds import AFI, SAFIS, kind
from depeer.sources.mrt.sheet import NOTHING
from depeer.sources.mrt.state import State
from depeer.sources.mrt.update import Dialect, dialect, read_update

_MARKER = b"\xff" * 16
_HEADER = 19
_UPDATE = 2
_MESSAGES = {1: "OPEN message", 3: "NOTIFICATION message", 4: "KEEPALIVE message", 5: "ROUTE-REFRESH message"}
_NO_ADDRESS = b"\xff\xff\xff\xff"
_UNKNOWN = bytes(4)


@dataclass(frozen=True, slots=True)
class Form:
    """A subtype: its dialect, and the kinds of its entries by family and SAFI."""

    speak: Dialect
    entries: tuple[tuple[tuple[int, int], int], ...] = ()


def _form(name: str, width: int) -> Form:
    shapes = [(family, safi) for family in AFI.values() for safi in SAFIS[1:]]
    entries = tuple((shape, kind(name, "B", *shape)) for shape in shapes)
    return Form(dialect(name, width), entries)


def forms(name: str) -> dict[int, Form]:
    """Subtypes that carry messages, for ``BGP4MP`` or ``BGP4MP_ET``."""
    return {
        1: _form(name, 2),
        4: _form(name, 4),
        6: _form(f"{name}_LOCAL", 2),
        7: _form(f"{name}_LOCAL", 4),
        8: _form(f"{name}_AP", 2),
        9: _form(f"{name}_AP", 4),
        10: _form(f"{name}_LOCAL_AP", 2),
        11: _form(f"{name}_LOCAL_AP", 4),
    }


def _session(form: Form, state: State, data: bytes, at: int, end: int) -> tuple[int, int]:
    """The number of the session's peer, and where the addresses of the session end.

    In the LOCAL subtypes it is our own side that spoke, to that peer: the format of the element says so.
    """
    head = at + 2 * form.speak.width
    stop = head + (12 if data[head + 3 : head + 4] == b"\1" else 36)
    known = state.sheet.sessions
    number = known.get(data[at:stop])
    if number is not None and stop <= end:
        return number, stop
    if data[head : head + 4] == _NO_ADDRESS:  # GNU Zebra: no interface, no addresses
        return _nobody(form, state, data, at), head
    if data[head + 2 : head + 4] not in (b"\0\1", b"\0\2"):
        raise Fault("session of an unknown family")
    if stop > end:
        raise Fault("torn message")
    size = (stop - head - 4) // 2
    who = data[head + 4 : head + 4 + size], int.from_bytes(data[at : at + form.speak.width])
    number = known[data[at:stop]] = state.sheet.peer_number(who, *who)
    return number, stop


def _nobody(form: Form, state: State, data: bytes, at: int) -> int:
    who = _UNKNOWN, int.from_bytes(data[at : at + form.speak.width])
    return state.sheet.peer_number(who, *who)


def read_message(form: Form, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """Adds the elements of an UPDATE; where the message says it ends."""
    peer, at = _session(form, state, data, at, end)
    if data[at : at + 16] != _MARKER:
        raise Fault("no BGP message")
    if at + _HEADER > end:
        raise Fault("torn message")
    stop = at + (data[at + 16] << 8 | data[at + 17])
    last = stop if stop < end else end
    what = data[at + 18]
    if what != _UPDATE:
        state.pass_over(_MESSAGES.get(what, "message of an unknown type"))
    elif not read_update(state.sheet, form.speak, data, at + _HEADER, last, time, peer, record):
        state.pass_over("prefixes of another family")
    if stop > end:
        raise Fault("torn message")
    return stop


def read_state(form: Form, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """Adds a change of state. GNU Zebra wrote some without addresses, in 8 bytes."""
    width = form.speak.width
    if end - at == 2 * width + 4:
        peer = _nobody(form, state, data, at)
        at += 2 * width
    else:
        peer, at = _session(form, state, data, at, end)
    if at + 4 > end:
        raise Fault("torn change of state")
    state.sheet.add((time, form.speak.state, record), [data[at : at + 4]], peer, NOTHING)
    return at + 4


def read_entry(form: Form, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """BGP4MP_ENTRY, a RIB entry as drafts before RFC 6396 had it: view, status, time, family, next hop, prefix."""
    peer, at = _session(form, state, data, at, end)
    since = int.from_bytes(data[at + 4 : at + 8])
    family, safi = AFI.get(int.from_bytes(data[at + 8 : at + 10]), 0), data[at + 10] if at + 10 < end else 0
    start = at + 12 + (data[at + 11] if at + 11 < end else 0)
    if start >= end or (family, safi) not in dict(form.entries):
        raise Fault("torn entry")
    stop = start + nlri.size_of(data[start], family)
    last = stop + 2 + int.from_bytes(data[stop : stop + 2])
    if stop + 2 > end or last > end:
        raise Fault("torn entry")
    sheet = state.sheet
    number = sheet.rib(data[stop + 2 : last], form.speak.width)
    sheet.add((time, dict(form.entries)[family, safi], record), [data[start:stop]], peer, number)
    sheet.originated[-1] = since
    return last


def measure(form: Form, data: bytes, at: int) -> int | None:
    """Bytes that a message and its session take, whatever the record's header says."""
    head = at + 2 * form.speak.width
    size = {b"\0\1": 4, b"\0\2": 16}.get(data[head + 2 : head + 4])
    start = head + 4 + 2 * (size or 0)
    if size is None or data[start : start + 16] != _MARKER or start + 18 > len(data):
        return None
    return start + int.from_bytes(data[start + 16 : start + 18]) - at

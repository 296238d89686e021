"""BGP, BGP4PLUS and BGP4PLUS_01: updates and changes of state before 2000 (RFC 6396, appendix B.2).

The message stands without marker, length and type. AS numbers take two bytes.
"""

from __future__ import annotations

from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.sheet import NOTHING
from depeer.sources.mrt.state import State
from depeer.sources.mrt.update import dialect, read_update

_SPEAK = dialect("BGP", 2)
_LARGEST = 65_535 + 64
OTHERS = {
    0: "empty record",
    2: "BGP_PREF_UPDATE",
    4: "name of a file (SYNC)",
    5: "OPEN message",
    6: "NOTIFICATION message",
    7: "KEEPALIVE message",
}
"""Subtypes without elements."""


def read_message(size: int, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """An UPDATE: AS and address (of ``size`` bytes) of the peer, those of the collector, the message."""
    start = at + 2 * (2 + size)
    if start + 4 > end or end - at > _LARGEST:
        raise Fault("torn message")
    peer = _peer(size, state, data, at)
    if not read_update(state.sheet, _SPEAK, data, start, end, time, peer, record):
        state.pass_over("prefixes of another family")
    return end


def read_state(size: int, state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
    """AS and address of the peer, state before and after."""
    stop = at + 2 + size + 4
    if stop > end:
        raise Fault("torn change of state")
    state.sheet.add(
        (time, _SPEAK.state, record), [data[stop - 4 : stop]], _peer(size, state, data, at), NOTHING
    )
    return stop


def _peer(size: int, state: State, data: bytes, at: int) -> int:
    key = data[at : at + 2 + size]
    return state.sheet.peer_number(("BGP", key), key[2:], int.from_bytes(key[:2]))

"""Which reader a record's type and subtype belong to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from depeer.sources.mrt import bgp, bgp4mp, table_dump, table_dump_v2
from depeer.sources.mrt.state import State

Reader = Callable[[State, bytes, int, int, int, int], int]
"""(state, data, at, end, time in µs, number of the record) → where what it read ends; raises Fault."""
Measure = Callable[[bytes, int], int | None]
"""(data, at) → the bytes that the content takes by its own word."""

ET = 17


def _index(state: State, data: bytes, at: int, end: int, _time: int, _record: int) -> int:
    return table_dump_v2.read_index(state, data, at, end)


def _over(what: str) -> Reader:
    def reader(state: State, _data: bytes, _at: int, end: int, _time: int, _record: int) -> int:
        state.pass_over(what)
        return end

    return reader


def _extended(read: Reader) -> Reader:
    """With the microseconds that stand before the content of the _ET types (RFC 6396, section 3)."""

    def reader(state: State, data: bytes, at: int, end: int, time: int, record: int) -> int:
        return read(state, data, at + 4, end, time + int.from_bytes(data[at : at + 4]), record)

    return reader


def _bgp4mp(name: str) -> dict[int, Reader]:
    forms = bgp4mp.forms(name)
    return {
        **{subtype: partial(bgp4mp.read_message, form) for subtype, form in forms.items()},
        0: partial(bgp4mp.read_state, forms[1]),
        5: partial(bgp4mp.read_state, forms[4]),
        2: partial(bgp4mp.read_entry, forms[1]),
        3: _over("name of a file (SNAPSHOT)"),
    }


def _bgp(size: int) -> dict[int, Reader]:
    return {
        **{subtype: _over(what) for subtype, what in bgp.OTHERS.items()},
        1: partial(bgp.read_message, size),
        3: partial(bgp.read_state, size),
    }


def _all() -> dict[int, Reader]:
    found: dict[int, dict[int, Reader]] = {
        5: _bgp(4),
        9: _bgp(16),
        10: _bgp(16),
        12: {subtype: partial(table_dump.read_entry, shape) for subtype, shape in table_dump.SHAPES.items()},
        13: {
            subtype: partial(table_dump_v2.read_rib, shape) for subtype, shape in table_dump_v2.SHAPES.items()
        },
        16: _bgp4mp("BGP4MP"),
        ET: {subtype: _extended(read) for subtype, read in _bgp4mp("BGP4MP_ET").items()},
    }
    found[13] |= {1: _index, 7: _over("positions of peers (GEO_PEER_TABLE)")}
    return {
        kind << 16 | subtype: read for kind, readers in found.items() for subtype, read in readers.items()
    }


READERS = _all()
"""By type and subtype as they stand in a header, 32 bits in all."""
READ_TYPES = frozenset(key >> 16 for key in READERS)

MEASURES: dict[int, Measure] = {
    **{
        12 << 16 | subtype: partial(table_dump.measure, shape) for subtype, shape in table_dump.SHAPES.items()
    },
    **{
        13 << 16 | subtype: partial(table_dump_v2.measure, shape)
        for subtype, shape in table_dump_v2.SHAPES.items()
    },
    **{16 << 16 | subtype: partial(bgp4mp.measure, form) for subtype, form in bgp4mp.forms("BGP4MP").items()},
}
"""Of the records whose content tells its own size, for headers that tell a wrong one."""

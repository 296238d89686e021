"""From a sheet to an Arrow batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from depeer.sources.mrt import attributes, decode, kinds, multiprotocol, nlri
from depeer.sources.mrt.decode import big_endian, binary
from depeer.sources.mrt.schema import ELEMENTS
from depeer.sources.mrt.sheet import Sheet

Part = dict[str, pa.Array]
"""Columns of attributes for some of a sheet's sets of them."""

_SPARE = bytes(24)


def batch(sheet: Sheet, position: int) -> pa.RecordBatch:
    """The elements of a sheet, the first of which is number ``position`` in the file."""
    times, numbers, records, counts = (
        np.asarray(column, np.int64) for column in zip(*sheet.runs, strict=True)
    )
    each = np.repeat(np.arange(len(counts)), counts)
    columns = {
        "position": np.arange(position, position + len(each)),
        "record": records[each],
        "time": times[each].view("M8[us]"),
        "originated": _known_times(np.asarray(sheet.originated, np.int64)),
        **_peers(sheet, np.asarray(sheet.peer, np.int64)),
        **_prefixes(sheet, kinds.columns(numbers[each])),
        **_attributes(sheet, np.asarray(sheet.attribute, np.int64)),
    }
    arrays = [_typed(columns[field.name], field.type) for field in ELEMENTS]
    return pa.RecordBatch.from_arrays(arrays, schema=ELEMENTS)


def _typed(values: object, type: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) and values.type == type else pa.array(values, type=type)


def _known_times(times: np.ndarray) -> pa.Array:
    return pa.array(times * 1_000_000, mask=times == 0).cast(ELEMENTS.field("originated").type)


def _peers(sheet: Sheet, peer: np.ndarray) -> dict[str, object]:
    addresses = np.frombuffer(b"".join([address for address, _ in sheet.peers]), np.uint8).reshape(-1, 16)
    asns = np.asarray([asn for _, asn in sheet.peers], np.int64)
    return {"peer": binary(addresses[peer]), "peer_asn": asns[peer]}


def _prefixes(sheet: Sheet, kind: kinds.Columns) -> dict[str, object]:
    raw = np.frombuffer(b"".join([*sheet.raws, _SPARE]), np.uint8)
    sizes = np.fromiter(map(len, sheet.raws), np.int64, len(sheet.raws))
    starts = np.cumsum(sizes) - sizes
    state = kind.type == kinds.TYPES.index("STATE")
    first, bits = nlri.unpack(raw, starts + 4 * kind.add_path, np.where(state, 0, kind.family))
    return {
        "type": pa.DictionaryArray.from_arrays(kind.type, list(kinds.TYPES)),
        "format": pa.DictionaryArray.from_arrays(kind.format, list(kinds.FORMATS)),
        "first": binary(first, state),
        "length": pa.array(bits, mask=state),
        "safi": pa.array(kind.safi, mask=state),
        "path_id": pa.array(big_endian(raw, starts, 4), mask=~kind.add_path),
        "old_state": pa.array(big_endian(raw, starts, 2), mask=~state).cast(pa.int16(), safe=False),
        "new_state": pa.array(big_endian(raw, starts + 2, 2), mask=~state).cast(pa.int16(), safe=False),
    }


def _attributes(sheet: Sheet, attribute: np.ndarray) -> dict[str, object]:
    """Columns whose dictionaries hold first the usual sets of attributes, then the odd ones."""
    places, parts = _decoded(sheet)
    index = pa.array(places[attribute], mask=attribute < 0).cast(pa.int32())
    found: dict[str, object] = {}
    for name in (*attributes.Row._fields, "asns"):
        values = pa.concat_arrays([part[name].cast(_plain(name)) for part in parts])
        encoded = pa.types.is_dictionary(ELEMENTS.field(name).type)
        found[name] = pa.DictionaryArray.from_arrays(index, values) if encoded else values.take(index)
    return found


def _decoded(sheet: Sheet) -> tuple[np.ndarray, list[Part]]:
    """Where each set of attributes has come to lie, and columns of parts of them one after the other."""
    contexts = np.asarray(sheet.contexts, np.int64)
    places = np.zeros(len(contexts) + 1, np.int64)  # the last: of none at all
    parts = [one_by_one([])]
    done = 0
    for context in np.unique(contexts).tolist():
        members = np.flatnonzero(contexts == context)
        walked = decode.walk([sheet.blobs[member] for member in members.tolist()])
        odd = decode.odd_rows(walked, 4 if context % 2 else 2, context >= 2)
        usual, rest = np.flatnonzero(~odd), members[odd].tolist()
        parts.append(_usual(sheet, members[usual], walked, usual, context))
        parts.append(one_by_one([read_one(sheet, member, context) for member in rest]))
        places[members[~odd]] = done + np.arange(len(usual))
        places[rest] = done + len(usual) + np.arange(len(rest))
        done += len(members)
    return places, parts


def _usual(sheet: Sheet, members: np.ndarray, walked: decode.Walked, rows: np.ndarray, context: int) -> Part:
    part = decode.columns(walked, rows, 4 if context % 2 else 2, context >= 2)
    if sheet.hops:
        own = zip(members.tolist(), part["next_hop"].to_pylist(), strict=True)
        part["next_hop"] = pa.array([sheet.hops.get(member, hop) for member, hop in own], pa.binary())
    return part


def read_one(sheet: Sheet, member: int, context: int) -> tuple[attributes.Row, tuple[int, ...] | None]:
    found = attributes.split(sheet.blobs[member])
    if member in sheet.hops:
        hop = sheet.hops[member]
    else:
        hop = multiprotocol.rib_next_hop(found) if context >= 2 else attributes.next_hop(found)
    return attributes.row(found, 4 if context % 2 else 2, hop)


def one_by_one(rows: list[tuple[attributes.Row, tuple[int, ...] | None]]) -> Part:
    names = attributes.Row._fields
    values = zip(*(row for row, _ in rows), strict=True) if rows else [()] * len(names)
    part = {name: pa.array(column, _plain(name)) for name, column in zip(names, values, strict=True)}
    part["asns"] = pa.array([asns for _, asns in rows], pa.list_(pa.int64()))
    return part


def _plain(name: str) -> pa.DataType:
    type = ELEMENTS.field(name).type
    return type.value_type if pa.types.is_dictionary(type) else type

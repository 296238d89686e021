"""From a sheet to an Arrow batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from depeer.sources.mrt import kinds, nlri
from depeer.sources.mrt.attributes import Row
from depeer.sources.mrt.schema import ELEMENTS
from depeer.sources.mrt.sheet import Sheet

_SPARE = bytes(24)


def batch(sheet: Sheet, position: int) -> pa.RecordBatch:
    """The elements of a sheet, the first of which is number ``position`` in the file."""
    times, numbers, records, counts = (np.asarray(column, np.int64) for column in zip(*sheet.runs, strict=True))
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
    return {"peer": _binary(addresses[peer]), "peer_asn": asns[peer]}


def _prefixes(sheet: Sheet, kind: kinds.Columns) -> dict[str, object]:
    raw = np.frombuffer(b"".join([*sheet.raws, _SPARE]), np.uint8)
    sizes = np.fromiter(map(len, sheet.raws), np.int64, len(sheet.raws))
    starts = np.cumsum(sizes) - sizes
    state = kind.type == kinds.TYPES.index("STATE")
    first, bits = nlri.unpack(raw, starts + 4 * kind.add_path, np.where(state, 0, kind.family))
    return {
        "type": pa.DictionaryArray.from_arrays(kind.type, list(kinds.TYPES)),
        "format": pa.DictionaryArray.from_arrays(kind.format, list(kinds.FORMATS)),
        "first": _binary(first, state),
        "length": pa.array(bits, mask=state),
        "safi": pa.array(kind.safi, mask=state),
        "path_id": pa.array(_big_endian(raw, starts, 4), mask=~kind.add_path),
        "old_state": pa.array(_big_endian(raw, starts, 2), mask=~state).cast(pa.int16(), safe=False),
        "new_state": pa.array(_big_endian(raw, starts + 2, 2), mask=~state).cast(pa.int16(), safe=False),
    }


def _big_endian(raw: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    number = np.zeros(len(starts), np.int64)
    for place in range(width):
        number = number << 8 | raw[starts + place]
    return number


def _binary(rows: np.ndarray, null: np.ndarray | None = None) -> pa.Array:
    """An n × 16 array as a column of binary values."""
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))]
    )
    if null is not None and null.any():
        fixed = pc.if_else(pa.array(null), None, fixed)
    return fixed.cast(pa.binary())


def _attributes(sheet: Sheet, attribute: np.ndarray) -> dict[str, object]:
    index = pa.array(attribute, mask=attribute < 0).cast(pa.int32())
    found: dict[str, object] = {}
    for name, values in zip(Row._fields, zip(*sheet.rows, strict=True) if sheet.rows else [()] * 14, strict=True):
        field = ELEMENTS.field(name)
        if name == "path":
            found[name] = pa.DictionaryArray.from_arrays(index, _paths(sheet, values))
        elif pa.types.is_dictionary(field.type):
            found[name] = pa.DictionaryArray.from_arrays(index, pa.array(values, field.type.value_type))
        else:
            found[name] = pa.array(values, field.type).take(index)
    found["asns"] = pa.DictionaryArray.from_arrays(index, _asns(sheet))
    return found


def _asns(sheet: Sheet) -> pa.Array:
    sizes = np.fromiter((len(a) if a is not None else 0 for a in sheet.asns), np.int32, len(sheet.asns))
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    null = np.fromiter((a is None for a in sheet.asns), bool, len(sheet.asns))
    flat = pa.array(np.asarray(sheet.flat_asns(), np.int64))
    return pa.ListArray.from_arrays(pa.array(offsets), flat, mask=pa.array(null) if null.any() else None)


def _paths(sheet: Sheet, texts: tuple[str | None, ...]) -> pa.Array:
    """The text of each path: given for those with sets, for others their AS numbers with spaces between."""
    lists = _asns(sheet)
    words = pa.ListArray.from_arrays(
        lists.offsets, lists.values.cast(pa.string()), mask=lists.is_null() if lists.null_count else None
    )
    return pc.coalesce(pa.array(texts, pa.string()), pc.binary_join(words, " "))

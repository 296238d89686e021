"""Sets of path attributes to columns, many at a time: all walk from attribute to attribute in step.

Rows in which anything is unusual (a set or confederation in the path, AS4_PATH, a length that is wrong) are
left to `attributes`, one at a time, so that this holds the common case only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from depeer.sources.mrt import attributes as one
from depeer.sources.mrt import communities
from depeer.sources.mrt.schema import MAPPED

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_SPARE = bytes(64)
_STEPS = 32
_TYPES = 34  # by number; the last for all above 32


@dataclass(frozen=True, slots=True)
class Walked:
    """Where the value of each type of attribute lies in ``raw`` (-1: nowhere), and its size; types × rows."""

    raw: npt.NDArray[np.uint8]
    start: Ints
    size: Ints
    odd: Flags

    def has(self, kind: int) -> Flags:
        return np.asarray(self.start[kind] >= 0)

    def number(self, kind: int, width: int, rows: Ints, skip: int = 0) -> Ints:
        """Big-endian integers from the values of ``rows``, ``skip`` bytes on."""
        return big_endian(self.raw, self.start[kind][rows] + skip, width)


def big_endian(raw: npt.NDArray[np.uint8], starts: Ints, width: int) -> Ints:
    """Unsigned integers of ``width`` bytes at ``starts``."""
    number = np.zeros(len(starts), np.int64)
    for place in range(width):
        number = number << 8 | raw[starts + place]
    return number


def walk(blobs: list[bytes]) -> Walked:
    """Takes all apart in step, an attribute of each at a time; torn and repeated ones make a row odd."""
    raw = np.frombuffer(b"".join([*blobs, _SPARE]), np.uint8)
    sizes = np.fromiter(map(len, blobs), np.int64, len(blobs))
    end = np.cumsum(sizes)
    at = end - sizes
    found = Walked(raw, np.full((_TYPES, len(blobs)), -1), np.zeros((_TYPES, len(blobs)), int), sizes < 0)
    live = np.flatnonzero(sizes >= 3)
    for _ in range(_STEPS):
        if not len(live):
            break
        here = at[live]
        wide = (raw[here] & one.EXTENDED_LENGTH) != 0
        kind = np.minimum(raw[here + 1], _TYPES - 1)
        size = np.where(wide, big_endian(raw, here + 2, 2), raw[here + 2])
        start = here + 3 + wide
        stop = start + size
        torn = stop > end[live]
        found.odd[live[torn | (found.start[kind, live] >= 0)]] = True
        found.start[kind, live] = start
        found.size[kind, live] = size
        at[live] = stop
        live = live[~torn & (stop + 3 <= end[live])]
    found.odd[at != end] = True
    return found


def odd_rows(found: Walked, width: int, rib: bool) -> Flags:
    """Rows that are to be read one at a time."""
    raw, start, size = found.raw, found.start, found.size
    lengths = {one.ORIGIN: 1, one.NEXT_HOP: 4, one.MED: 4, one.LOCAL_PREF: 4, one.AGGREGATOR: width + 4}
    odd = found.odd.copy()
    for kind, length in lengths.items():
        odd |= found.has(kind) & (size[kind] != length)
    for kind, length in {one.COMMUNITIES: 4, one.EXTENDED: 8, one.LARGE: 12}.items():
        odd |= size[kind] % length != 0
    odd |= found.has(one.ORIGIN) & (raw[start[one.ORIGIN]] > 2)
    count = raw[start[one.AS_PATH] + 1].astype(np.int64)
    one_sequence = (raw[start[one.AS_PATH]] == 2) & (count > 0) & (size[one.AS_PATH] == 2 + width * count)
    odd |= (size[one.AS_PATH] > 0) & ~one_sequence
    if width == 2:
        odd |= found.has(one.AS4_PATH) | found.has(one.AS4_AGGREGATOR)
    if rib:
        at, hop = _rib_hop(found)
        fits = ((hop == 16) | (hop == 32)) & (at - start[one.MP_REACH] + hop <= size[one.MP_REACH])
        odd |= found.has(one.MP_REACH) & ~fits
    return odd


def _rib_hop(found: Walked) -> tuple[Ints, Ints]:
    """Where the next hop of MP_REACH_NLRI lies in a RIB entry, and its size: the full form or the short one."""
    start = found.start[one.MP_REACH]
    ahead = np.where(found.raw[start] == 0, 3, 0)
    return start + ahead + 1, found.raw[start + ahead].astype(np.int64)


def columns(found: Walked, rows: Ints, width: int, rib: bool) -> dict[str, pa.Array]:
    """The columns of `attributes.Row` and ``asns`` for the ``rows``, none of which is odd."""
    asns = _asns(found, rows, width)
    ends = asns.offsets.to_numpy()[1:]
    last = asns.values.to_numpy()[np.maximum(ends - 1, 0)] if len(asns.values) else np.zeros(len(rows), int)
    path = found.has(one.AS_PATH)[rows]
    origin = found.has(one.ORIGIN)[rows]
    aggregated = found.has(one.AGGREGATOR)[rows]
    return {
        "asns": asns,
        "path": join(pa.ListArray.from_arrays(asns.offsets, asns.values.cast(pa.string())), path),
        "has_set": pa.array(np.zeros(len(rows), bool), mask=~path),
        "origin_asn": pa.array(last, mask=found.size[one.AS_PATH][rows] == 0),
        "origin": pa.array(one.ORIGINS).take(pa.array(found.number(one.ORIGIN, 1, rows) % 4, mask=~origin)),
        "next_hop": _next_hop(found, rows, rib),
        "local_pref": _optional(found, rows, one.LOCAL_PREF),
        "med": _optional(found, rows, one.MED),
        "communities": _communities(found, rows),
        "large_communities": _texts(found, rows, one.LARGE, communities.large),
        "extended_communities": _texts(found, rows, one.EXTENDED, communities.extended),
        "atomic_aggregate": pa.array(found.has(one.ATOMIC)[rows]),
        "aggregator_asn": pa.array(found.number(one.AGGREGATOR, width, rows), mask=~aggregated),
        "aggregator": _address4(found.raw, found.start[one.AGGREGATOR][rows] + width, ~aggregated),
        "faults": pa.nulls(len(rows), pa.string()),
    }


def _optional(found: Walked, rows: Ints, kind: int) -> pa.Array:
    return pa.array(found.number(kind, 4, rows), mask=~found.has(kind)[rows])


def _spread(starts: Ints, counts: Ints, width: int) -> Ints:
    """Places of ``counts`` items of ``width`` bytes each from each start on, one after the other."""
    before = np.cumsum(counts) - counts
    spread: Ints = np.repeat(starts - width * before, counts) + width * np.arange(counts.sum())
    return spread


def _offsets(counts: Ints) -> pa.Array:
    return pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))


def _asns(found: Walked, rows: Ints, width: int) -> pa.ListArray:
    start, size = found.start[one.AS_PATH][rows], found.size[one.AS_PATH][rows]
    counts = np.where(size > 0, (size - 2) // width, 0)
    flat = big_endian(found.raw, _spread(start + 2, counts, width), width)
    absent = start < 0
    mask = pa.array(absent) if absent.any() else None
    return pa.ListArray.from_arrays(_offsets(counts), pa.array(flat), mask=mask)


def join(words: pa.ListArray, given: Flags) -> pa.Array:
    """Words with spaces between; null where nothing was ``given``."""
    text = pc.binary_join(words, " ")
    return text if given.all() else pc.if_else(pa.array(given), text, None)


def _communities(found: Walked, rows: Ints) -> pa.Array:
    counts = found.size[one.COMMUNITIES][rows] // 4
    flat = big_endian(found.raw, _spread(found.start[one.COMMUNITIES][rows], counts, 4), 4)
    values, place = np.unique(flat, return_inverse=True)
    words = pa.array([communities.word(value) for value in values.tolist()], pa.string()).take(
        pa.array(place)
    )
    return join(pa.ListArray.from_arrays(_offsets(counts), words), found.has(one.COMMUNITIES)[rows])


def _texts(found: Walked, rows: Ints, kind: int, read: communities.Reader) -> pa.Array:
    """For attributes that few rows have: one at a time."""
    texts: list[str | None] = [None] * len(rows)
    start, size, raw = found.start[kind], found.size[kind], found.raw
    for place in np.flatnonzero(found.has(kind)[rows]).tolist():
        at = int(start[rows[place]])
        texts[place] = read(raw[at : at + int(size[rows[place]])].tobytes())
    return pa.array(texts, pa.string())


def _next_hop(found: Walked, rows: Ints, rib: bool) -> pa.Array:
    absent = ~found.has(one.NEXT_HOP)[rows]
    if not rib or not found.has(one.MP_REACH)[rows].any():
        return _address4(found.raw, found.start[one.NEXT_HOP][rows], absent)
    six = found.has(one.MP_REACH)[rows]
    at, _ = _rib_hop(found)
    packed = np.where(
        six[:, None],
        found.raw[at[rows][:, None] + np.arange(16)],
        _mapped(found.raw, found.start[one.NEXT_HOP][rows]),
    )
    return binary(packed, absent & ~six)


def _mapped(raw: npt.NDArray[np.uint8], starts: Ints) -> npt.NDArray[np.uint8]:
    packed = np.empty((len(starts), 16), np.uint8)
    packed[:, :12] = np.frombuffer(MAPPED, np.uint8)
    packed[:, 12:] = raw[starts[:, None] + np.arange(4)]
    return packed


def _address4(raw: npt.NDArray[np.uint8], starts: Ints, absent: Flags) -> pa.Array:
    return binary(_mapped(raw, starts), absent)


def binary(packed: npt.NDArray[np.uint8], null: Flags | None = None) -> pa.Array:
    """An n × 16 array as a column of binary values."""
    offsets = np.arange(len(packed) + 1, dtype=np.int32) * 16
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(packed))]
    made = pa.Array.from_buffers(pa.binary(), len(packed), buffers)
    return pc.if_else(pa.array(null), None, made) if null is not None and null.any() else made

"""Prefixes as text: ``192.0.2.0/24``, ``2001:db8::/32`` (RFC 5952), and ``first–last`` for a range that is none."""

from __future__ import annotations

import ipaddress

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from depeer.routing.prefix_rows import PrefixRows
from depeer.sources.origins.packed import U64

_OCTETS = pa.array([str(octet) for octet in range(256)])
_LENGTHS = pa.array([str(length) for length in range(129)])


def prefix_texts(rows: PrefixRows) -> pa.Array:
    """One string a row."""
    four, whole = rows.four, rows.length >= 0
    first = _texts(rows.first_high, rows.first_low, four)
    last = _texts(rows.last_high, rows.last_low, four)
    length = _LENGTHS.take(pa.array(np.maximum(rows.length, 0)))
    prefix = pc.binary_join_element_wise(first, length, "/")
    return pc.if_else(pa.array(whole), prefix, pc.binary_join_element_wise(first, last, "–"))


def _texts(high: U64, low: U64, four: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.Array:
    texts = _dotted(low)
    if four.all():
        return texts
    six = np.flatnonzero(~four)
    pairs = zip(high[six].tolist(), low[six].tolist(), strict=True)
    written = [str(ipaddress.IPv6Address((h << 64) | w)) for h, w in pairs]
    return pc.replace_with_mask(texts, pa.array(~four), pa.array(written, pa.string()))


def _dotted(low: U64) -> pa.Array:
    octets = [
        pa.array(((low >> np.uint64(shift)) & np.uint64(255)).astype(np.uint8)) for shift in (24, 16, 8, 0)
    ]
    return pc.binary_join_element_wise(*(_OCTETS.take(octet) for octet in octets), ".")

"""Addresses in bulk: the 16 packed bytes of the tables as two columns of 64 bits, and back.

IPv4 is IPv4-mapped (RFC 4291, 2.5.5.2), so one pair of columns holds both families; ``MAPPED`` is what
the low half of an IPv4 address begins with.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

U64 = NDArray[np.uint64]
Mask = NDArray[np.bool_]

MAPPED = np.uint64(0xFFFF << 32)
_ONES = (1 << 128) - 1
_HOST = [_ONES >> length for length in range(129)]
HOST_HIGH: U64 = np.array([mask >> 64 for mask in _HOST], dtype=np.uint64)
HOST_LOW: U64 = np.array([mask & (2**64 - 1) for mask in _HOST], dtype=np.uint64)
"""Host bits by prefix length counted in 128 bits (an IPv4 length plus 96)."""


def is_ipv4(high: U64, low: U64) -> Mask:
    """Which addresses are IPv4-mapped."""
    four: Mask = (high == 0) & ((low >> np.uint64(32)) == 0xFFFF)
    return four


def span(high: U64, low: U64, length: NDArray[np.int64]) -> tuple[U64, U64, U64, U64]:
    """First and last address (high, low, high, low) of prefixes; ``length`` counts in 128 bits.

    Host bits that are set are cleared: trailing bits are irrelevant (RFC 4271, 4.3).
    """
    host_high, host_low = HOST_HIGH[length], HOST_LOW[length]
    return high & ~host_high, low & ~host_low, high | host_high, low | host_low


def to_bytes(high: U64, low: U64) -> NDArray[np.uint8]:
    """n × 16 bytes in network order."""
    return np.stack([high, low], axis=1).astype(">u8").view(np.uint8).reshape(-1, 16)


def to_keys(high: U64, low: U64) -> NDArray[np.bytes_]:
    """Sortable keys: 16-byte strings, compared byte by byte."""
    return to_bytes(high, low).reshape(-1).view("S16")


def to_arrow(high: U64, low: U64) -> pa.Array:
    """The ``tables.ADDRESS`` column."""
    offsets = np.arange(0, 16 * (len(high) + 1), 16, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(to_bytes(high, low))]
    return pa.Array.from_buffers(pa.binary(), len(high), buffers)


def from_arrow(addresses: pa.Array | pa.ChunkedArray) -> tuple[U64, U64, Mask]:
    """Columns high and low, and which rows hold an address: a null or a value that is not 16 bytes does not."""
    if isinstance(addresses, pa.ChunkedArray):
        addresses = addresses.combine_chunks()
    if not pa.types.is_fixed_size_binary(addresses.type):
        addresses = addresses.cast(pa.binary())
    sizes = np.asarray(pc.binary_length(addresses).fill_null(0))
    valid: Mask = sizes == 16
    filled = addresses if valid.all() else pc.if_else(pa.array(valid), addresses, b"\0" * 16)
    offset, buffers = filled.offset, filled.buffers()
    if not len(filled):
        nothing = np.zeros(0, dtype=np.uint64)
        return nothing, nothing, valid
    begin = offset * 16
    if pa.types.is_binary(filled.type):
        begin = int(np.frombuffer(buffers[1], dtype=np.int32, count=1, offset=4 * offset)[0])
    pairs = np.frombuffer(buffers[-1], dtype=">u8", count=2 * len(filled), offset=begin).reshape(-1, 2)
    return pairs[:, 0].astype(np.uint64), pairs[:, 1].astype(np.uint64), valid

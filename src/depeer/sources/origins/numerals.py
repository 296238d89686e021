"""Numbers and addresses written as text, read for whole columns at a time.

Each function walks the characters of all fields in step (at most as many steps as the longest valid
spelling has characters) and returns values with a mask of the fields that it could read. What it cannot
read need not be wrong: the caller asks the slow reader about it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depeer.sources.origins.lines import Column
from depeer.sources.origins.packed import MAPPED, U64, Mask

_DOT, _COLON = 46, 58
_LONGEST_IPV4, _LONGEST_IPV6, _LONGEST_NUMBER = 15, 39, 10
_NO_HEX = 255
_HEX = np.full(256, _NO_HEX, dtype=np.uint8)
_HEX[list(b"0123456789")] = range(10)
_HEX[list(b"abcdef")] = _HEX[list(b"ABCDEF")] = range(10, 16)


def numbers(column: Column) -> tuple[NDArray[np.int64], Mask]:
    """Decimal numbers of one to ten digits."""
    size = column.end - column.start
    value = np.zeros(len(column), dtype=np.int64)
    good: Mask = (size >= 1) & (size <= _LONGEST_NUMBER)
    for step in range(_deepest(size, _LONGEST_NUMBER)):
        digit = column.data.take(column.start + step, mode="clip") - np.uint8(48)
        live = step < size
        good &= ~live | (digit < 10)
        value = np.where(live, value * 10 + digit, value)
    return value, good


def ipv4(column: Column) -> tuple[NDArray[np.int64], Mask]:
    """Dotted quads without leading zeros (which some read as octal: ambiguous, so not read)."""
    size = column.end - column.start
    value, octet, digits, dots = (np.zeros(len(column), dtype=np.int64) for _ in range(4))
    good: Mask = (size >= 7) & (size <= _LONGEST_IPV4)
    for step in range(_deepest(size, _LONGEST_IPV4)):
        character = column.data.take(column.start + step, mode="clip")
        figure = character - np.uint8(48)
        live = step < size
        is_digit, is_dot = live & (figure < 10), live & (character == _DOT)
        good &= ~live | is_digit | (is_dot & (digits > 0) & (octet < 256))
        good &= ~(is_digit & (digits == 1) & (octet == 0))
        value = np.where(is_dot, (value << 8) | octet, value)
        octet = np.where(is_digit, octet * 10 + figure, octet * ~is_dot)
        digits = (digits + is_digit) * ~is_dot
        dots += is_dot
    good &= (dots == 3) & (digits > 0) & (octet < 256)
    return (value << 8) | (octet & 255), good


def ipv6(column: Column) -> tuple[U64, U64, Mask]:
    """RFC 4291 text forms 1 and 2: hexadecimal groups, at most one ``::`` (high and low 64 bits)."""
    size = column.end - column.start
    rows = np.arange(len(column))
    groups = np.zeros((len(column), 9), dtype=np.uint64)
    count, digits, gap = (np.zeros(len(column), dtype=np.int64) for _ in range(3))
    gap -= 1
    value = np.zeros(len(column), dtype=np.uint64)
    after_colon = np.zeros(len(column), dtype=bool)
    good: Mask = (size >= 2) & (size <= _LONGEST_IPV6)
    for step in range(_deepest(size, _LONGEST_IPV6)):
        character = column.data.take(column.start + step, mode="clip")
        figure = _HEX[character]
        live = step < size
        is_digit, is_colon = live & (figure != _NO_HEX), live & (character == _COLON)
        good &= ~live | (is_digit & (digits < 4)) | is_colon
        ends = is_colon & (digits > 0)
        doubled = is_colon & after_colon
        # A lone colon in front is no group's end; only '::' may stand there.
        good &= ~(is_colon & ~ends & ~doubled & (step > 0)) & ~(doubled & (gap >= 0)) & ~(ends & (count >= 8))
        groups[rows[ends], np.minimum(count[ends], 8)] = value[ends]
        count += ends
        gap = np.where(doubled, count, gap)
        good &= ~((step == 1) & ~is_colon & after_colon)
        value = np.where(is_digit, (value << np.uint64(4)) | figure, value * ~is_colon)
        digits = np.where(is_colon, 0, digits + is_digit)
        after_colon = np.where(live, is_colon, after_colon)
    good &= ~(after_colon & (gap != count))
    last = good & (digits > 0)
    groups[rows[last], np.minimum(count[last], 8)] = value[last]
    count += last
    good &= np.where(gap < 0, count == 8, count < 8)
    return *_expand(groups, count, gap), good


def _expand(groups: U64, count: NDArray[np.int64], gap: NDArray[np.int64]) -> tuple[U64, U64]:
    """Move the groups behind ``::`` to the right end and join the eight of them."""
    places = np.arange(8)[None, :]
    shift = np.maximum(8 - count, 0)[:, None]
    edge = np.where(gap < 0, 8, gap)[:, None]
    source = np.where(places < edge, places, places - shift)
    filled = (places < edge) | (places >= edge + shift)
    full = np.where(filled, np.take_along_axis(groups, np.clip(source, 0, 8), axis=1), np.uint64(0))
    weights = np.array([48, 32, 16, 0], dtype=np.uint64)
    high = np.bitwise_or.reduce(full[:, :4] << weights, axis=1)
    return high, np.bitwise_or.reduce(full[:, 4:] << weights, axis=1)


def addresses(column: Column) -> tuple[U64, U64, Mask, Mask]:
    """Addresses of either family: high, low, which are IPv4, which could be read."""
    value, four = ipv4(column)
    high, low = np.zeros(len(column), dtype=np.uint64), value.astype(np.uint64) | MAPPED
    others = np.flatnonzero(~four)
    good = four.copy()
    if len(others):
        high[others], low[others], good[others] = ipv6(column.take(others))
    return high, low, four, good


def _deepest(size: NDArray[np.int64], most: int) -> int:
    return min(most, int(size.max(initial=0)))

"""Prefixes as BGP writes them: a length in bits and as many bytes as that takes (RFC 4271, section 4.3).

With add-path, four bytes of path identifier stand before each (RFC 7911). Splitting is done a prefix at a time,
since each length depends on the one before; all else on whole batches.
"""

from __future__ import annotations

import numpy as np

from depeer.sources.mrt.schema import MAPPED

_MASKS = np.asarray([0xFF00 >> kept & 0xFF for kept in range(9)], np.uint8)
_TOO_LONG = 1 << 40
_SIZES = {
    (family, ahead): tuple(
        ahead + 1 + (bits + 7) // 8 if bits <= longest else _TOO_LONG for bits in range(256)
    )
    for family, longest in ((4, 32), (6, 128))
    for ahead in (0, 4)
}


def split(data: bytes, at: int, end: int, family: int, add_path: bool) -> tuple[list[bytes], bool]:
    """The prefixes of ``data[at:end]`` as written, and whether all of it was prefixes.

    After the first torn or too long prefix nothing can be told apart, so that the rest is left.
    """
    ahead = 4 if add_path else 0
    sizes = _SIZES[family, ahead]
    found: list[bytes] = []
    add = found.append
    last = end - ahead
    while at < last:
        stop = at + sizes[data[at + ahead]]
        if stop > end:
            break
        add(data[at:stop])
        at = stop
    return found, at == end


def size_of(bits: int, family: int) -> int:
    """Bytes of one prefix of ``bits`` with its length byte; more than any record holds where there is no such."""
    return _SIZES[family, 0][bits]


def unpack(raw: np.ndarray, starts: np.ndarray, family: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First addresses (n × 16 bytes) and lengths of prefixes whose length bytes lie at ``starts`` in ``raw``.

    Bits beyond the length mean nothing (RFC 4271) and become zero. ``raw`` needs 17 bytes to spare at its end.
    """
    bits = raw[starts].astype(np.int16)
    first = np.zeros((len(starts), 16), np.uint8)
    for four in (True, False):
        rows = np.flatnonzero(family == 4 if four else family == 6)
        if not len(rows):
            continue
        width = 4 if four else 16
        left = bits[rows, None] - 8 * np.arange(width, dtype=np.int16)
        keep = _MASKS[np.clip(left, 0, 8)]
        part = raw[starts[rows, None] + 1 + np.arange(width)] & keep
        first[rows, 16 - width :] = part
        if four:
            first[rows, :12] = np.frombuffer(MAPPED, np.uint8)
    return first, bits

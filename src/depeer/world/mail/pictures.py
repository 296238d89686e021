"""Pictures of text that are made on the fly: rows of dark blocks on a light ground, with noise.

Both formats are real files of a few kilobytes that any viewer opens. What changes from message to message is
a comment (PNG's tEXt, GIF89a's comment extension), which is enough to make every file's hash its own.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
_CLEAR_EVERY = 120
"""Pixels between two clear codes: fewer than 126, so that GIF codes stay 8 bits wide."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file in two halves; a comment of ours goes between them. ``subtype`` is gif or png."""

    subtype: str
    before: bytes
    after: bytes

    def file(self, comment: bytes) -> bytes:
        """The whole file; the comment has at most 255 bytes."""
        mark = _gif_comment(comment) if self.subtype == "gif" else _chunk(b"tEXt", b"Comment\0" + comment)
        return self.before + mark + self.after


def picture(dice: Random, subtype: str) -> Picture:
    """An invented picture of text."""
    pixels = _rows_of_words(dice, dice.randrange(90, 220), dice.randrange(60, 110))
    return _gif(pixels) if subtype == "gif" else _png(pixels)


def _rows_of_words(dice: Random, width: int, height: int) -> Pixels:
    """Colours 0 to 3 of a palette."""
    noise = np.random.default_rng(dice.getrandbits(32))
    pixels = np.where(noise.random((height, width)) < 0.03, 2, 0).astype(np.uint8)
    for top in range(6, height - 8, 12):
        left = dice.randrange(4, 12)
        while left < width - 8:
            end = min(left + dice.randrange(6, 26), width - 4)
            letters = noise.random((7, end - left)) < 0.6
            pixels[top : top + 7, left:end][letters] = 1 if dice.random() < 0.9 else 3
            left = end + 4
    return pixels


_PALETTE = bytes((250, 250, 245, 20, 20, 60, 180, 190, 200, 200, 20, 20))


def _gif(pixels: Pixels) -> Picture:
    """GIF89a whose codes are all literal: 7 bits a pixel, a clear code before the table would grow."""
    height, width = pixels.shape
    before = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF6, 0, 0) + _PALETTE + bytes(384 - 12)
    flat = pixels.tobytes()
    codes = b"".join(b"\x80" + flat[at : at + _CLEAR_EVERY] for at in range(0, len(flat), _CLEAR_EVERY))
    codes += b"\x81"
    blocks = b"".join(
        bytes((len(codes[at : at + 255]),)) + codes[at : at + 255] for at in range(0, len(codes), 255)
    )
    image = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x07" + blocks + b"\0;"
    return Picture("gif", before, image)


def _gif_comment(comment: bytes) -> bytes:
    return b"!\xfe" + bytes((len(comment),)) + comment + b"\0"


def _png(pixels: Pixels) -> Picture:
    height, width = pixels.shape
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) + _chunk(
        b"PLTE", _PALETTE
    )
    lines = np.hstack([np.zeros((height, 1), np.uint8), pixels]).tobytes()
    return Picture(
        "png", b"\x89PNG\r\n\x1a\n" + header, _chunk(b"IDAT", zlib.compress(lines, 1)) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

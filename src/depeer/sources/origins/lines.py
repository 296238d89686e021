"""Lines in bulk: a stream cut into blocks of whole lines, and a block cut into columns of fields.

Memory stays constant: a line longer than ``LONGEST`` is dropped (and counted), however long it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from depeer.sources.origins.reading import Skips

BLOCK = 1 << 20
LONGEST = 1 << 16
_NEWLINE, _RETURN = 10, 13
_COMMENTS = np.frombuffer(b"#;", dtype=np.uint8)

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, and the number (from 1) of the first of them."""

    data: bytes
    line: int


@dataclass(frozen=True, slots=True)
class Column:
    """One field of many lines: bytes ``start[i]:end[i]`` of ``data`` for the i-th line."""

    data: NDArray[np.uint8]
    start: Places
    end: Places

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Column:
        return Column(self.data, self.start[rows], self.end[rows])

    def text(self, row: int) -> str:
        """The field as text: UTF-8, or Latin-1 where it is none."""
        return decode(self.data[self.start[row] : self.end[row]].tobytes())


@dataclass(frozen=True, slots=True)
class Rows:
    """A block by fields: ``columns`` of the lines numbered ``regular``; ``odd``: numbers and bytes of the rest."""

    columns: tuple[Column, ...]
    regular: Places
    odd: tuple[tuple[int, bytes], ...]


def decode(field: bytes) -> str:
    try:
        return field.decode()
    except UnicodeDecodeError:
        return field.decode("latin-1")


def blocks(stream: BinaryIO) -> Iterator[Block]:
    """The stream as blocks of whole lines, in order; a last line without its line end counts."""
    carry, line = b"", 1
    while chunk := stream.read(BLOCK):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            block = Block(carry + chunk[:cut], line)
            line += block.data.count(b"\n")
            yield block
            carry = chunk[cut:]
        else:
            # Enough to be seen as too long below, whatever follows before the line ends.
            carry = (carry + chunk)[: LONGEST + 1]
    if carry:
        yield Block(carry, line)


def split(block: Block, separators: bytes, width: int, skips: Skips, *, rest: bool = False) -> Rows:
    """Cut a block's lines at ``separators`` into ``width`` fields; with ``rest`` the last takes what follows.

    Blank lines and lines that begin with ``#`` or ``;`` are passed over; lines with another number of
    fields are returned as odd; lines longer than ``LONGEST`` are skipped and counted.
    """
    data = np.frombuffer(block.data, dtype=np.uint8)
    start, end = _line_places(data)
    numbers = np.arange(block.line, block.line + len(start))
    kept = (end > start) & ~np.isin(data.take(start, mode="clip"), _COMMENTS)
    long = kept & (end - start > LONGEST)
    for number in numbers[long]:
        skips.add(int(number), "line too long")
    kept &= ~long
    start, end, numbers = start[kept], end[kept], numbers[kept]
    marks = np.flatnonzero(np.isin(data, np.frombuffer(separators, dtype=np.uint8)))
    before = np.searchsorted(marks, start)
    count = np.searchsorted(marks, end) - before
    regular = count >= width - 1 if rest else count == width - 1
    columns = _columns(data, start[regular], end[regular], marks, before[regular], width)
    odd = zip(numbers[~regular].tolist(), start[~regular].tolist(), end[~regular].tolist(), strict=True)
    return Rows(columns, numbers[regular], tuple((n, block.data[a:b]) for n, a, b in odd))


def _line_places(data: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Start and end of every line, without its line end (LF or CR LF)."""
    breaks = np.flatnonzero(data == _NEWLINE)
    if len(data) and data[-1] != _NEWLINE:
        breaks = np.append(breaks, len(data))
    start = np.concatenate([np.zeros(min(1, len(breaks)), dtype=np.int64), breaks[:-1] + 1])
    returned = (breaks > start) & (data.take(breaks - 1, mode="clip") == _RETURN)
    return start, breaks - returned


def _columns(
    data: NDArray[np.uint8], start: Places, end: Places, marks: Places, before: Places, width: int
) -> tuple[Column, ...]:
    edges = [marks[before + k] for k in range(width - 1)] if len(start) else [start] * (width - 1)
    begins = [start, *(edge + 1 for edge in edges)]
    return tuple(Column(data, a, b) for a, b in zip(begins, [*edges, end], strict=True))

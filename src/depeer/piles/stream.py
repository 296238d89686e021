"""Bytes in order with a look ahead: what every layer (file, archive member, decompressor) is.

A stream never raises for what is wrong with its bytes: it ends, and says why in ``trouble``.
``trouble`` is a fault of this layer; ``short`` says that a layer below ended too soon and has the
trouble, so that one damage is told once.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from depeer.errors import SkipRecord

if TYPE_CHECKING:
    from typing import BinaryIO as _Binary
else:
    _Binary = object

BLOCK = 128 * 1024


class Damaged(SkipRecord):
    """The bytes of a layer cannot be read on; the message becomes its trouble."""


class Stream(io.BufferedIOBase, _Binary):
    """Base of every layer: a subclass gives ``_more``, which hands out some bytes, or none at the end."""

    def __init__(self, source: Stream | None = None) -> None:
        self.source = source
        self.trouble: str | None = None
        self.short = False
        self.count = 0  # bytes handed out
        self._held, self._at = b"", 0  # bytes ahead, and how many of them were handed out
        self._ended = False
        self._check: Callable[[int, int], None] | None = None
        self._made = self._packed_before = 0

    def _more(self, size: int) -> bytes:
        raise NotImplementedError

    @property
    def cut(self) -> bool:
        """Whether it ended before its end."""
        return self.short or self.trouble is not None

    def packed_count(self) -> int:
        """Bytes that the nearest compressed layer, or else the file, has taken to get here."""
        return self.source.packed_count() if self.source else self.count

    def watch(self, check: Callable[[int, int], None], packed_before: int) -> None:
        """From now on ``check`` is told how many bytes were made of how many packed ones, and may raise Damaged."""
        self._check, self._packed_before = check, packed_before
        self._made = self.count + self._waiting()

    def readable(self) -> bool:
        return True

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes without taking them; fewer only at the end."""
        while self._waiting() < size and (more := self._pull(size - self._waiting())):
            self._held, self._at = self._held[self._at :] + more, 0
        return self._held[self._at : self._at + size]

    def read(self, size: int | None = -1, /) -> bytes:
        """The next ``size`` bytes (all that are left for -1); fewer only at the end."""
        left = -1 if size is None else size
        parts: list[bytes] = []
        while left and (part := self.read1(left)):
            parts.append(part)
            left -= len(part) if left > 0 else 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes, at most ``size``; none at the end."""
        if size == 0:
            return b""
        size = size if size > 0 else BLOCK
        if self._at >= len(self._held):
            self._held, self._at = self._pull(size), 0
        data = self._held[self._at : self._at + size]
        self._at += len(data)
        self.count += len(data)
        return data

    def unread(self, data: bytes) -> None:
        """Puts back what a layer above took too much."""
        self._held, self._at = data + self._held[self._at :], 0
        self.count -= len(data)

    def skip(self, size: int | None = None) -> None:
        """Takes ``size`` bytes (all that are left for None) and forgets them."""
        left = size if size is not None else -1
        while left and (part := self.read1(min(left, BLOCK) if left > 0 else BLOCK)):
            left -= len(part) if left > 0 else 0

    def _waiting(self) -> int:
        return len(self._held) - self._at

    def _pull(self, size: int) -> bytes:
        if self._ended:
            return b""
        try:
            data = self._more(size)
            self._made += len(data)
            if self._check:
                self._check(self._made, self.packed_count() - self._packed_before)
        except Damaged as damage:
            self.trouble = str(damage)
            data = b""
        self._ended = not data
        return data


class Slice(Stream):
    """The next ``size`` bytes of the layer below, as one archive member is."""

    source: Stream

    def __init__(self, source: Stream, size: int) -> None:
        super().__init__(source)
        self.left = size

    def _more(self, size: int) -> bytes:
        data = self.source.read1(min(size, self.left)) if self.left else b""
        self.left -= len(data)
        self.short = not data and self.left > 0
        return data

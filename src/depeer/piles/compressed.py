"""gzip, bzip2, xz and zstd, unpacked a block at a time, several streams in a row as one."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from depeer.piles.caps import Budget
from depeer.piles.stream import BLOCK, Damaged, Stream


class Decompressor(Protocol):
    """What bz2 and lzma offer."""

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class Deflate:
    """zlib behind the same interface; ``bits`` is 31 for gzip, -15 for the bare stream of a zip member."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


class Unpacked(Stream):
    """What a compressed layer holds. With ``magic``, streams that follow one another are joined."""

    source: Stream

    def __init__(
        self, source: Stream, new: Callable[[], Decompressor], budget: Budget, magic: bytes = b""
    ) -> None:
        super().__init__(source)
        self._new, self._budget, self._magic = new, budget, magic
        self._inner = new()

    def packed_count(self) -> int:
        return self.source.count

    def _more(self, size: int) -> bytes:
        while not (data := self._step(max(size, BLOCK))):
            if self._inner.eof and not self._next_stream():
                return b""
            if self.short:
                return b""
        self._budget.spend(len(data))
        return data

    def _step(self, size: int) -> bytes:
        if self._inner.eof:
            return b""
        packed = self.source.read1(BLOCK) if self._inner.needs_input else b""
        try:
            data = self._inner.decompress(packed, size)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, MemoryError) as error:
            raise Damaged(f"the compressed data are damaged ({error})") from error
        if self._inner.eof:
            self.source.unread(self._inner.unused_data)
        elif not packed and not data and self._inner.needs_input:
            self._starved()
        return data

    def _starved(self) -> None:
        if not self.source.cut:
            raise Damaged("the compressed data end too soon")
        self.short = True

    def _next_stream(self) -> bool:
        """Goes on to a stream that follows at once or after a padding of zeros (xz, tape blocks)."""
        if not self._magic:
            return False
        while (ahead := self.source.peek(BLOCK)) and not ahead.strip(b"\0"):
            self.source.skip(len(ahead))
        self.source.skip(len(ahead) - len(ahead.lstrip(b"\0")))
        if not (ahead := self.source.peek(len(self._magic))):
            return False
        if ahead != self._magic:
            raise Damaged("after the compressed data come bytes of another kind, which were not read")
        self._inner = self._new()
        return True


class UnpackedZstd(Stream):
    """zstd through pyarrow, which is loaded only here."""

    source: Stream

    def __init__(self, source: Stream, budget: Budget) -> None:
        super().__init__(source)
        import pyarrow as pa

        self._budget = budget
        self._inner = pa.CompressedInputStream(pa.PythonFile(source, mode="r"), "zstd")

    def packed_count(self) -> int:
        return self.source.count

    def _more(self, size: int) -> bytes:
        try:
            data = bytes(self._inner.read(max(size, BLOCK)))
        except (OSError, ValueError, MemoryError) as error:
            if self.source.cut:
                self.short = True
                return b""
            raise Damaged("the compressed data are damaged or end too soon") from error
        self._budget.spend(len(data))
        return data


def unpack(kind: str, source: Stream, budget: Budget) -> Stream:
    """The content of a compressed stream of one of the ``KINDS``."""
    if kind == "zstd":
        return UnpackedZstd(source, budget)
    new, magic = _KINDS[kind]
    return Unpacked(source, lambda: new(budget), budget, magic)


_KINDS: dict[str, tuple[Callable[[Budget], Decompressor], bytes]] = {
    "gzip": (lambda _: Deflate(31), b"\x1f\x8b"),
    "bzip2": (lambda _: bz2.BZ2Decompressor(), b"BZh"),
    "xz": (lambda budget: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=budget.caps.memory), b"\xfd7zXZ\0"),
}
KINDS = (*_KINDS, "zstd")

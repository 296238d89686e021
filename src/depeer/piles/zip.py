"""zip, front to back by its local headers (PKWARE APPNOTE 4.3), so that pipes and broken archives can be read.

The standard library's reader needs to seek, holds the whole directory, and refuses an archive without one.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from depeer.piles.caps import Budget
from depeer.piles.compressed import Decompressor, Deflate, Unpacked
from depeer.piles.entry import Entry
from depeer.piles.stream import BLOCK, Damaged, Slice, Stream

LOCAL = b"PK\x03\x04"
DESCRIPTOR = b"PK\x07\x08"
_DIRECTORY = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
_STORED, _DEFLATED, _BZIP2 = 0, 8, 12
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_UNKNOWN = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    flags: int
    method: int
    crc: int | None  # None: told only after the content
    packed: int | None
    size: int | None


def is_zip(head: bytes) -> bool:
    """Whether it begins with a member, an empty directory, or the mark of a split archive."""
    return head.startswith((LOCAL, b"PK\x05\x06", DESCRIPTOR + LOCAL, b"PK00" + LOCAL))


def entries(stream: Stream, budget: Budget) -> Iterator[Entry]:
    """Every member in order. Raises Damaged where the archive breaks off or makes no sense.

    A place that makes no sense is passed over to the next header, and told at the end.
    """
    if not stream.peek(4).startswith((LOCAL, *_DIRECTORY)):
        stream.skip(4)
    lost = False
    while not stream.peek(4).startswith(_DIRECTORY):
        if stream.peek(4) == LOCAL:
            yield from _entry(stream, _header(stream), budget)
        elif not stream.peek(4):
            raise Damaged("the archive ends too soon: its directory is missing")
        else:
            lost = True
            _seek(stream, (LOCAL, *_DIRECTORY[:2]))
    if lost:
        raise Damaged("the archive is damaged in places; what could be found was read")


def _header(stream: Stream) -> _Header:
    fixed = stream.read(30)
    if len(fixed) < 30:
        raise Damaged("the archive ends too soon")
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = struct.unpack(
        "<4s5H3I2H", fixed
    )
    raw = stream.read(name_length)
    extra = stream.read(extra_length)
    name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "backslashreplace")
    if _UNKNOWN in (packed, size):
        size, packed = _zip64(extra, size, packed)
    if flags & _SIZES_FOLLOW and not packed:
        return _Header(name, flags, method, None, None, None)
    return _Header(name, flags, method, crc or None, packed, size)


def _zip64(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """The sizes of the extra field 1 (APPNOTE 4.5.3), where the header has no room for them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            numbers = [
                int.from_bytes(extra[i : i + 8], "little") for i in range(at + 4, at + 4 + length - 7, 8)
            ]
            size = numbers.pop(0) if size == _UNKNOWN and numbers else size
            packed = numbers.pop(0) if packed == _UNKNOWN and numbers else packed
        at += 4 + length
    return size, packed


def _entry(stream: Stream, header: _Header, budget: Budget) -> Iterator[Entry]:
    packed = Slice(stream, header.packed) if header.packed is not None else None
    content = _content(packed or stream, header, budget)
    problem = _problem(header)
    if header.name.endswith("/") and not header.size:
        yield Entry(header.name, content, 0, skip="folder")
    elif problem:
        yield Entry(header.name, packed or Slice(stream, 0), header.packed, problem)
    else:
        yield Entry(header.name, content, header.packed)
    if packed is None and problem:
        _seek(stream, (LOCAL, *_DIRECTORY[:2]))
    elif packed is None:
        content.skip()
    elif packed is not None:
        packed.skip()
        if packed.left:
            raise Damaged("the archive ends too soon, in the middle of its last file")
    if header.flags & _SIZES_FOLLOW:
        _skip_descriptor(stream)


def _problem(header: _Header) -> str | None:
    if header.flags & _ENCRYPTED:
        return "it is encrypted; unpack it with its password first"
    if header.method not in (_STORED, _DEFLATED, _BZIP2):
        return f"it is packed by zip method {header.method}, which depeer does not read; unpack it first"
    return None


def _content(source: Stream, header: _Header, budget: Budget) -> Stream:
    if header.method == _DEFLATED:
        return _Checked(source, _deflate, budget, header.crc)
    if header.method == _BZIP2:
        return _Checked(source, bz2.BZ2Decompressor, budget, header.crc)
    return source if header.packed is not None else _StoredOpen(source)


def _deflate() -> Decompressor:
    return Deflate(-15)


class _Checked(Unpacked):
    """A packed member whose checksum is compared at its end."""

    def __init__(
        self, source: Stream, new: Callable[[], Decompressor], budget: Budget, crc: int | None
    ) -> None:
        super().__init__(source, new, budget)
        self._expected, self._crc = crc, 0

    def _more(self, size: int) -> bytes:
        data = super()._more(size)
        self._crc = zlib.crc32(data, self._crc)
        if not data and not self.short and self._expected not in (None, self._crc):
            raise Damaged("its checksum is wrong: some of its bytes have changed")
        return data

    def _starved(self) -> None:
        """Where the size is not known, it is the archive that ends too soon, and the archive tells it."""
        if isinstance(self.source, Slice):
            super()._starved()
        self.short = True


class _StoredOpen(Stream):
    """A member stored as it is with its size told only afterwards: it ends at a descriptor that names
    just as many bytes as were read."""

    source: Stream

    def _more(self, _: int) -> bytes:
        ahead = self.source.peek(BLOCK)
        at = ahead.find(DESCRIPTOR)
        while 0 <= at <= len(ahead) - 16 and not self._is_end(ahead, at):
            at = ahead.find(DESCRIPTOR, at + 1)
        if at == 0 and len(ahead) >= 16:
            return b""
        if len(ahead) < 24:
            self.short = True
            return b""
        return self.source.read(at if at > 0 else len(ahead) - 24 or 1)

    def _is_end(self, ahead: bytes, at: int) -> bool:
        return int.from_bytes(ahead[at + 8 : at + 12], "little") == (self._taken() + at) & _UNKNOWN

    def _taken(self) -> int:
        return self.count + self._waiting()


def _skip_descriptor(stream: Stream) -> None:
    """Passes over checksum and sizes after a member: 12 or 20 bytes, with or without a mark before."""
    ahead = stream.peek(28)
    for length in (16, 24) if ahead.startswith(DESCRIPTOR) else (12, 20):
        if ahead[length : length + 4] in (LOCAL, *_DIRECTORY):
            stream.skip(length)
            return


def _seek(stream: Stream, marks: tuple[bytes, ...]) -> None:
    """Goes to the next of the marks, or to the end."""
    stream.skip(1)
    while len(ahead := stream.peek(BLOCK)) >= 4:
        places = [at for mark in marks if (at := ahead.find(mark)) >= 0]
        if places:
            stream.skip(min(places))
            return
        stream.skip(len(ahead) - 3)
    stream.skip()

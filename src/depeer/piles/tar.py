"""tar, front to back: v7, ustar, GNU long names and sizes, pax names and sizes (POSIX.1-2001, pax).

The standard library's reader holds every member's header, reads extended headers of any stated size into memory and
recurses on chains of them; this one holds one header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from depeer.piles.entry import Entry
from depeer.piles.stream import Damaged, Slice, Stream

SECTOR = 512
MAX_EXTENDED = 64 * 1024
"""Bytes of an extended header that are looked at; a path is far shorter."""
_FILES = b"0\0007"
_OTHER = {
    b"1": "hard link", b"2": "symbolic link", b"3": "device", b"4": "device", b"5": "folder", b"6": "pipe",
    b"S": "sparse file",
}  # fmt: skip
_PAX = re.compile(rb"[0-9]{1,6} (path|size|GNU\.sparse\.[a-z.]+)=([^\n]*)\n")
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*$")


def is_tar(head: bytes) -> bool:
    """Whether the first sector is a tar header: its checksum, signed or unsigned, is right."""
    sector = head[:SECTOR]
    return len(sector) == SECTOR and any(sector[:100]) and _checksum_holds(sector)


def entries(stream: Stream) -> Iterator[Entry]:
    """Every member in order, also those that are no files. Raises Damaged where the archive breaks off."""
    named: dict[bytes, bytes] = {}
    while (header := stream.read(SECTOR)) and any(header):
        if len(header) < SECTOR or not _checksum_holds(header):
            raise Damaged("the archive is damaged or ends too soon; what comes before was read")
        kind, size = header[156:157], _number(header[124:136])
        if kind in b"LKxgX" and kind:
            named |= _extended(stream, kind, size)
            continue
        size = _stated(named.get(b"size"), size) if kind != b"5" else 0
        if kind == b"S":
            _skip_sparse_map(stream, header)
        yield from _entry(stream, _name(header, named), size, _no_file(kind, named))
        named = {}
    if not header:
        raise Damaged("the archive has no end mark: it ends too soon, or its writer was stopped")


def _entry(stream: Stream, name: str, size: int, skip: str | None) -> Iterator[Entry]:
    content = Slice(stream, size)
    yield Entry(name, content, size, skip=skip)
    content.skip()
    if content.trouble:
        stream.skip(content.left)
    elif content.left:
        raise Damaged(f"the archive ends too soon, {content.left} bytes before the end of its last file")
    stream.skip(-size % SECTOR)


def _extended(stream: Stream, kind: bytes, size: int) -> dict[bytes, bytes]:
    """What an extended header says of the next member (nothing, for a long link or a global header)."""
    content = Slice(stream, size)
    data = content.read(min(size, MAX_EXTENDED))
    content.skip()
    if content.left:
        raise Damaged("the archive ends too soon")
    stream.skip(-size % SECTOR)
    if kind == b"L":
        return {b"path": data.rstrip(b"\0")}
    return {match[1]: match[2] for match in _PAX.finditer(data)} if kind in b"xX" else {}


def _name(header: bytes, named: dict[bytes, bytes]) -> str:
    name = named.get(b"path")
    if name is None:
        name = header[:100].split(b"\0", 1)[0]
        prefix = header[345:500].split(b"\0", 1)[0] if header[257:263] == b"ustar\0" else b""
        name = prefix + b"/" + name if prefix else name
    return name.decode("utf-8", "backslashreplace")


def _no_file(kind: bytes, named: dict[bytes, bytes]) -> str | None:
    if any(key.startswith(b"GNU.sparse") for key in named):
        return "sparse file"
    return None if kind in _FILES else _OTHER.get(kind, "entry of an unknown kind")


def _skip_sparse_map(stream: Stream, header: bytes) -> None:
    more = header[482]
    while more and (sector := stream.read(SECTOR)):
        more = sector[504] if len(sector) == SECTOR else 0


def _stated(text: bytes | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdigit() and len(text) < 19 else otherwise


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256 where the first bit is set."""
    if field[0] & 0x80:
        value = int.from_bytes(field[1:], "big")
        if field[0] != 0x80 or value >= 2**63:
            raise Damaged("the archive is damaged: a size in it is impossible")
        return value
    match = _OCTAL.match(field)
    if match is None:
        raise Damaged("the archive is damaged: a size in it is no number")
    return int(match[1] or b"0", 8)


def _checksum_holds(header: bytes) -> bool:
    match = _OCTAL.match(header[148:156])
    if match is None or not match[1]:
        return False
    rest = header[:148] + b" " * 8 + header[156:]
    stated, unsigned = int(match[1], 8), sum(rest)
    return stated == unsigned or stated == unsigned - 256 * sum(byte > 127 for byte in rest)

"""Whether a file that came is whole: its SHA-256, and for gzip that it unpacks to the end (CRC and length)."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

from depeer.errors import TryAgain

_CHUNK = 1 << 20
_MOST_UNPACKED = 4 << 30
_GZIP = b"\x1f\x8b"


def sha256_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def check_gzip(path: Path) -> None:
    """TryAgain unless the file is one or more whole gzip members (RFC 1952) of sane size."""
    unpacked, members = 0, 0
    with path.open("rb") as stream:
        rest = stream.read(_CHUNK)
        while rest.startswith(_GZIP):
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                try:
                    unpacked += len(member.decompress(rest, _CHUNK))
                except zlib.error as error:
                    raise TryAgain(f"{path.name} arrived damaged ({error}); fetch it again.") from error
                rest = member.unconsumed_tail or member.unused_data or stream.read(_CHUNK)
                if unpacked > _MOST_UNPACKED:
                    raise TryAgain(
                        f"{path.name} unpacks to more than {_MOST_UNPACKED >> 30} GB; it was not kept."
                    )
                if not rest and not member.eof:
                    raise TryAgain(f"{path.name} arrived cut off; fetch it again.")
            members += 1
    if rest or not members:
        raise TryAgain(f"{path.name} is not a gzip file, or other bytes follow it; fetch it again.")

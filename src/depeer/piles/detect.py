"""What a stream is, by its first bytes."""

from __future__ import annotations

from depeer.piles.tar import is_tar
from depeer.piles.zip import is_zip

_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")

_FOREIGN = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"LZIP\x01", "lzip"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"MSCF\0\0\0\0", "cabinet"),
    (b"!BDN", "Outlook (.pst)"),
)


def container(head: bytes) -> str | None:
    """``tar``, ``zip``, one of `compressed.KINDS`, or None for something to be read as it is."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in _BZIP2_BLOCKS:
        return "bzip2"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    if is_zip(head):
        return "zip"
    return "tar" if is_tar(head) else None


def foreign(head: bytes) -> str | None:
    """The name of an archive format that depeer does not read."""
    return next((name for magic, name in _FOREIGN if head.startswith(magic)), None)

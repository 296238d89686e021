"""Bytes of a text part to bytes in which a link looks like ASCII, and slices of those to text.

Most charsets hold ASCII as itself, so the scanners read bytes and decode only what they found.
"""

from __future__ import annotations

_WIDE = (
    "utf-16",
    "utf16",
    "utf_16",
    "utf-32",
    "utf32",
    "utf_32",
    "ucs-2",
    "ucs2",
    "unicode",
    "iso-10646-ucs",
)
_SHIFTING = (
    "utf-7",
    "utf7",
    "utf_7",
    "unicode-1-1-utf-7",
    "iso-2022",
    "iso2022",
    "hz",
    "cp037",
    "cp500",
    "ibm037",
)
_BOMS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def ascii_compatible(data: bytes, charset: str | None) -> tuple[bytes, str]:
    """``data`` in a charset that holds ASCII as itself, and that charset's name (maybe one nobody knows)."""
    name = (charset or "").strip().lower()
    wide = _wide_charset(data, name)
    if wide is None and not name.startswith(_SHIFTING):
        return data, name or "utf-8"
    try:
        return data.decode(wide or name, "replace").encode("utf-8", "replace"), "utf-8"
    except (LookupError, UnicodeError):
        return data, "utf-8"


def _wide_charset(data: bytes, name: str) -> str | None:
    """By mark or declaration; ASCII that is only declared to be wide has no NUL and is left alone."""
    for mark, charset in _BOMS:
        if data.startswith(mark):
            return charset
    if not name.startswith(_WIDE) or b"\0" not in data[:4096]:
        return None
    width = "32" if "32" in name else "16"
    big_first = data[:512:2].count(0) > data[1:512:2].count(0)
    return f"utf-{width}-be" if big_first else f"utf-{width}-le"


def decode(data: bytes, charset: str) -> str:
    """Text of a slice: by its charset, else UTF-8, else Latin-1. Never raises."""
    if data.isascii():
        return data.decode("ascii")
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("latin-1")

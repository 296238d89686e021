"""Names of charsets as mail really writes them → a codec, and bytes → text that never fails.

Labels follow the WHATWG Encoding Standard where mail programs do too: ``iso-8859-1`` and
``us-ascii`` are read as windows-1252, ``gb2312`` as gb18030, ``ks_c_5601-1987`` as cp949, since that
is what senders who write them mean. A label is looked up in a closed table and never handed to
``codecs.lookup``: the standard library would import by its name, keep a cache without bound, and
offer codecs that are no charsets (zlib, punycode, unicode_escape).
"""

from __future__ import annotations

from encodings.aliases import aliases
from functools import lru_cache

MAX_LABEL = 64

_NO_CHARSETS = {
    "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem",
    "palmos", "punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape",
}  # fmt: skip
"""Codecs of the standard library that are no charsets, or that need another system."""

_READ_AS = {
    "ascii": "cp1252", "latin_1": "cp1252", "iso8859_1": "cp1252", "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
    "big5": "big5hkscs", "iso2022_jp": "iso2022_jp_2",
}  # fmt: skip

_SPOKEN = {
    "usascii": "cp1252", "xunknown": None, "utf": "utf_8", "utf8mb4": "utf_8", "unicode11utf7": "utf_7",
    "unicode11utf8": "utf_8", "unicode": "utf_16", "ucs2": "utf_16",
    "iso10646ucs2": "utf_16", "ucs4": "utf_32",
    "ksc56011987": "cp949", "ksc5601": "cp949", "ksx1001": "cp949", "uhc": "cp949", "windows949": "cp949",
    "xsjis": "cp932", "windows31j": "cp932", "windows932": "cp932", "mskanji": "cp932", "xeucjp": "euc_jp",
    "xgbk": "gb18030", "gb": "gb18030", "gb231280": "gb18030", "windows936": "gb18030", "cngb": "gb18030",
    "hzgb2312": "hz", "xbig5": "big5hkscs", "cnbig5": "big5hkscs", "windows950": "cp950", "dos866": "cp866",
    "windows874": "cp874", "iso88598i": "iso8859_8", "iso88598e": "iso8859_8", "logical": "iso8859_8",
    "xmacroman": "mac_roman", "macintosh": "mac_roman", "xmaccyrillic": "mac_cyrillic", "koi8": "koi8_r",
    "koi8ru": "koi8_u", "ansix341968": "cp1252", "ansi": "cp1252", "iso88591windows1252": "cp1252",
    "iso2022cn": "gb18030",
}  # fmt: skip


_CODE_PAGES = (
    437, 850, 852, 855, 857, 858, 860, 861, 862, 863, 865, 866, 869, 874, 932, 949, 950,
    1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258,
)  # fmt: skip


def _squeezed(label: str) -> str:
    return "".join(filter(str.isalnum, label.lower()))


def _table() -> dict[str, str | None]:
    table: dict[str, str | None] = {}
    for alias, codec in aliases.items():
        if codec not in _NO_CHARSETS:
            read_as = _READ_AS.get(codec, codec)
            table[_squeezed(alias)] = table[_squeezed(codec)] = read_as
    for number in _CODE_PAGES:
        table[f"cp{number}"] = table[f"windows{number}"] = table[f"xcp{number}"] = f"cp{number}"
    return table | _SPOKEN


_CODECS = _table()


@lru_cache(maxsize=4096)
def codec_for(label: str | None) -> str | None:
    """The codec that a declared charset is read with; None for no label or one that says nothing."""
    if label is None or len(label) > MAX_LABEL:
        return None
    return _CODECS.get(_squeezed(label))


def decode(data: bytes, label: str | None) -> str:
    """Text of bytes under a declared charset; what does not fit it becomes U+FFFD.

    Without a usable label: UTF-8 where the bytes are valid UTF-8, windows-1252 otherwise. UTF-8 also
    wins over a declared single-byte western charset, which is the commonest wrong declaration.
    """
    codec = codec_for(label)
    if codec is None or codec == "cp1252":
        return _guessed(data)
    if codec == "utf_16":
        codec = _utf16_order(data)
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, LookupError):  # a stateful codec may refuse even so (utf_7, utf_16 without a start)
        return _guessed(data)


def _guessed(data: bytes) -> str:
    try:
        return data.decode("utf_8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _utf16_order(data: bytes) -> str:
    """Without a mark RFC 2781 says big-endian, yet most senders write little-endian: zeros tell."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf_16"
    head = data[:512]
    return "utf_16_le" if head[1::2].count(0) > head[::2].count(0) else "utf_16_be"

"""Transfer encodings undone over whole bodies: base64, quoted-printable (RFC 2045), uuencode; format=flowed.

Nothing raises: what is broken is read as far as it goes and flagged. Line ends are ``\\n`` by then.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, a2b_uu

MAX_GROUPS = 10_000
"""Lines of a base64 body that are read after its padding."""

_NO_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_BASE64_LINE = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_TRAILED_SOFT_BREAK = re.compile(rb"=[ \t]++\n")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)
_FLOWED_LINE = re.compile(rb"(?<!\n--) \n(?![>\n]) ?")


def base64_bytes(body: bytes, flags: list[str], flag: str = "base64-broken") -> bytes:
    """Bytes of a base64 body. Junk is skipped, an incomplete last group is cut, both are flagged.

    The decoder stops at padding; lines after it that are base64 themselves (bodies glued together)
    are read too, while others (a footer that a list appended in the clear) are not.
    """
    padded = body.find(b"=")
    if padded >= 0 and body[padded:].strip(b"= \t\n"):
        flags.append(flag)
        lines = body[padded:].lstrip(b"=").split(b"\n", MAX_GROUPS)[:MAX_GROUPS]
        groups = [body[:padded], *[line for line in lines if _BASE64_LINE.fullmatch(line)]]
        return b"".join([_base64_group(group, flags, flag) for group in groups])
    return _base64_group(body, flags, flag)


def _base64_group(body: bytes, flags: list[str], flag: str) -> bytes:
    try:
        return a2b_base64(body)
    except Error:
        return _base64_cut(body, flags, flag)


def _base64_cut(body: bytes, flags: list[str], flag: str) -> bytes:
    digits = body.translate(None, _NO_BASE64)
    over = len(digits) % 4
    if over == 1:
        flags.append(flag)
        return a2b_base64(digits[:-1])
    if b"=" not in body:
        flags.append(flag)
    return a2b_base64(digits + b"=" * (-over % 4))


def quoted_printable_bytes(body: bytes, flags: list[str]) -> bytes:
    """Bytes of a quoted-printable body; soft breaks hold even where a relay left blanks behind them."""
    if b"= " in body or b"=\t" in body:
        body, trailed = _TRAILED_SOFT_BREAK.subn(b"=\n", body)
        if trailed:
            flags.append("qp-broken")
    return a2b_qp(body)


def uu_bytes(body: bytes, flags: list[str]) -> bytes:
    """Bytes of the first uuencoded file in a body; the body itself where there is none."""
    begin = _UU_BEGIN.search(body)
    if begin is None:
        flags.append("uu-broken")
        return body
    out: list[bytes] = []
    for line in body[begin.end() :].split(b"\n"):
        if line in (b"end", b"`", b""):
            break
        try:
            out.append(a2b_uu(line))
        except Error:
            flags.append("uu-broken")
            length = ((line[0] - 32) & 63) * 4 // 3 + 2
            out.append(_uu_cut(line[:length]))
    return b"".join(out)


def _uu_cut(line: bytes) -> bytes:
    """Some encoders count wrong; the line is cut at the length that it states itself."""
    try:
        return a2b_uu(line)
    except Error:
        return b""


def unflowed(body: bytes, delsp: bool) -> bytes:
    """The paragraphs of a format=flowed body, each on one line (RFC 3676, 4.1 and 4.2).

    Quoted lines keep their marks and breaks; the signature line ``-- `` ends nothing.
    """
    return _FLOWED_LINE.sub(b"" if delsp else b" ", body)

"""Text → bytes of a part, and headers beyond ASCII (RFC 2045, RFC 2047). Lines end in ``\\n``."""

from __future__ import annotations

from binascii import b2a_base64, b2a_qp

_LINE = 76


def base64_lines(data: bytes) -> bytes:
    """Base64 in lines of 76 characters."""
    text = b2a_base64(data, newline=False)
    return b"\n".join([text[at : at + _LINE] for at in range(0, len(text), _LINE)]) + b"\n"


def transferred(data: bytes, transfer: str) -> bytes:
    """A body under its Content-Transfer-Encoding; 7bit and 8bit leave it as it is, true or not."""
    if transfer == "base64":
        return base64_lines(data)
    return b2a_qp(data, istext=True) if transfer == "quoted-printable" else data


def encoded_words(text: str, label: str, codec: str, form: str) -> str:
    """A header value as one encoded word a piece of at most 39 bytes. ``form`` is B or Q."""
    pieces = []
    for at in range(0, len(text), 18):
        data = text[at : at + 18].encode(codec, "replace")
        code = b2a_base64(data, newline=False).decode() if form == "B" else _q(data)
        pieces.append(f"=?{label}?{form}?{code}?=")
    return "\n ".join(pieces)


def _q(data: bytes) -> str:
    return "".join(
        "_" if byte == 0x20 else chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}"
        for byte in data
    )

"""Header values → text that is safe to store: encoded-words (RFC 2047), raw 8-bit, control characters.

Encoded-words are read as senders write them, not as the RFC allows: blanks and 8-bit bytes inside a
word, missing padding, a language tag (RFC 2231, 5), a multibyte character cut in two by the end of a
word. Only the blank space between two encoded-words is dropped (RFC 2047, 6.2).
"""

from __future__ import annotations

import re
from binascii import a2b_qp

from depeer.sources.mail.bodies import base64_bytes
from depeer.sources.mail.charsets import codec_for, decode

MAX_VALUE = 16_384
"""Bytes of a header value that are decoded."""
MAX_WORDS = 512
"""Encoded-words of a header value that are decoded; the rest stays as it is written."""

# No possessive group here or elsewhere: Python 3.11 before 3.11.5 matches them wrongly (gh-106052).
_WORD = re.compile(rb"=\?([^?\s]{1,80})\?([bBqQ])\?((?:[^?]|\?(?!=)){0,1024})\?=")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BLANKS = "\t\n\r\x0b\x0c\u2028\u2029"


def tidy(text: str, limit: int) -> str:
    """Text without control characters or lone surrogates, at most ``limit`` characters."""
    text = text[:limit]
    return text if text.isprintable() else _CONTROL.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    return " " if found[0] in _BLANKS else "\ufffd"


def header_text(value: bytes, flags: list[str], charset: str | None = None, limit: int = 998) -> str:
    """The text of an unfolded header value; ``charset`` is what raw 8-bit is tried as after UTF-8.

    Appends to ``flags``: ``header-8bit``, ``encoded-word-broken``, ``encoded-word-charset``,
    ``encoded-words-cut``, ``header-value-cut``.
    """
    if len(value) > MAX_VALUE:
        flags.append("header-value-cut")
        value = value[:MAX_VALUE]
    if b"=?" in value:
        return tidy(_with_words(value, flags, charset).strip(), limit)
    return tidy(_plain(value, flags, charset), limit)


def _plain(value: bytes, flags: list[str], charset: str | None) -> str:
    if value.isascii():
        return value.decode("ascii")
    flags.append("header-8bit")
    try:
        return value.decode("utf_8")
    except UnicodeDecodeError:
        return decode(value, charset)


def _with_words(value: bytes, flags: list[str], charset: str | None) -> str:
    out: list[str] = []
    run: list[tuple[str, bytes]] = []
    end = 0
    for count, word in enumerate(_WORD.finditer(value)):
        if count == MAX_WORDS:
            flags.append("encoded-words-cut")
            break
        between = value[end : word.start()]
        if not run or not (between.isspace() or not between):
            out += _run_text(run)
            run = []
            out.append(_plain(between, flags, charset))
        run.append(_word_bytes(word, flags))
        end = word.end()
    out += _run_text(run)
    rest = value[end:]
    if b"=?" in rest or not end:
        flags.append("encoded-word-broken")
    return "".join(out) + _plain(rest, flags, charset)


def _word_bytes(word: re.Match[bytes], flags: list[str]) -> tuple[str, bytes]:
    label = word[1].partition(b"*")[0].decode("ascii", "replace").lower()
    if codec_for(label) is None:
        flags.append("encoded-word-charset")
    if word[2] in b"qQ":
        return label, a2b_qp(word[3], header=True)
    return label, base64_bytes(word[3], flags, "encoded-word-broken")


def _run_text(run: list[tuple[str, bytes]]) -> list[str]:
    """Adjacent words of one charset are decoded as one, so that a character may straddle them."""
    texts: list[str] = []
    at = 0
    while at < len(run):
        label = run[at][0]
        stop = at
        while stop < len(run) and run[stop][0] == label:
            stop += 1
        texts.append(decode(b"".join([data for _, data in run[at:stop]]), label))
        at = stop
    return texts

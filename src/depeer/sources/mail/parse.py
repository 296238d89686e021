"""Bytes of one message → what they say (RFC 5322, RFC 2045–2047, RFC 2231, RFC 3676). Never raises.

One pass over one buffer: parts are spans of it, text parts alone are decoded, and only where a
transfer encoding asks for it. What exceeds a cap is cut and flagged. Line ends are ``\\n``, ``\\r\\n``,
``\\r`` or a mixture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from depeer.sources.mail.addresses import all_addresses, first_address
from depeer.sources.mail.bodies import base64_bytes, quoted_printable_bytes, unflowed, uu_bytes
from depeer.sources.mail.charsets import codec_for, decode
from depeer.sources.mail.dates import claimed_time
from depeer.sources.mail.entity import Entity, Transfer, entity_of_fields, read_part_header
from depeer.sources.mail.headers import MAX_HEADER, Field, block_end, read_block, starts_with_field
from depeer.sources.mail.multipart import find_parts, guess_boundary
from depeer.sources.mail.words import header_text

MAX_DEPTH = 20
"""Parts nested deeper are counted, not entered."""
MAX_PARTS = 1_000
"""Parts of one mail, containers included."""
MAX_TEXT = 16 * 2**20
"""Bytes of text parts kept of one mail, before and after decoding."""
SIMULATED = b"x-depeer-simulated"
"""Field of every message of a simulated world: whatever shows such mail must say so."""
MAX_SUBJECT = 998
"""Characters (RFC 5322, 2.1.1: the longest line)."""
MAX_RECEIVED = 500
"""Received values kept."""

_ONCE = (b"from", b"to", b"subject", b"date", b"message-id", b"content-type")
_RECIPIENTS = (b"to", b"cc", b"delivered-to", b"x-original-to")
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/partial", "message/news"})
_CR_RUN = re.compile(rb"(?<!\r)\r++\n")
_HTML = re.compile(rb"\s*+<(?:!doctype|html|head|body|table|a\s|p>|div|font|center)", re.IGNORECASE)


class Text(NamedTuple):
    """A text part: ``place`` is text or html, ``data`` its transfer-decoded bytes, ``charset`` as declared."""

    place: str
    data: bytes
    charset: str | None
    flowed: bool = False
    delsp: bool = False

    @property
    def lines(self) -> bytes:
        """The bytes with the soft line ends of format=flowed undone (RFC 3676)."""
        return unflowed(self.data, self.delsp) if self.flowed else self.data

    def read(self) -> str:
        """The part as a person sees it; bytes that do not fit the charset become U+FFFD."""
        return decode(self.lines, self.charset)


class Mail(NamedTuple):
    """What one message says. Everything in it is a claim by strangers.

    ``headers`` are lower-case names and unfolded raw values in order; ``claimed`` is the Date header
    in µs since 1970 UTC; ``depth`` is 0 for a message that is one part; ``kinds`` are the types of all
    parts in order; ``received`` are the raw Received values, newest first; ``flags`` are sorted.
    """

    headers: list[Field]
    subject: str | None
    from_address: str | None
    from_domain: str | None
    message_id: str | None
    mailer: str | None
    recipients: list[str]
    claimed: int | None
    parts: int
    depth: int
    text_bytes: int
    charsets: list[str]
    kinds: list[str]
    received: list[bytes]
    texts: list[Text]
    flags: list[str]


@dataclass(slots=True)
class _Found:
    """What the walk over the parts has gathered so far."""

    flags: list[str]
    texts: list[Text] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    depth: int = 0
    room: int = MAX_TEXT


def parse(data: bytes) -> Mail:
    """Read one message; any bytes will do."""
    flags: list[str] = []
    data = _with_newlines(data, flags)
    start = _first_field(data, flags)
    fields, body = _header(data, start, flags)
    first = dict(reversed(fields))
    found = _Found(flags)
    _walk(data, body, len(data), entity_of_fields(first), 0, found)
    return _mail(fields, first, found)


def _with_newlines(data: bytes, flags: list[str]) -> bytes:
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    if b"\r" not in data:
        return data
    flags.append("bare-cr")
    return _CR_RUN.sub(b"\n", data).replace(b"\r", b"\n")


def _first_field(data: bytes, flags: list[str]) -> int:
    """Where the header begins: behind a byte order mark, blank lines and an mbox ``From `` line."""
    start = 0
    if data.startswith(b"\xef\xbb\xbf"):
        flags.append("byte-order-mark")
        start = 3
    if data.startswith(b"\n", start):
        text = len(data) - len(data[start:].lstrip(b"\n"))
        if starts_with_field(data, text):
            flags.append("leading-blank-lines")
            start = text
    if data.startswith((b"From ", b">From "), start):
        flags.append("from-line")
        start = data.find(b"\n", start) + 1 or len(data)
    return start


def _header(data: bytes, start: int, flags: list[str]) -> tuple[list[Field], int]:
    """The fields of the message's own header, and where its body begins."""
    end, body = block_end(data, start, len(data))
    if end - start > MAX_HEADER:
        flags.append("header-cut")
        end = start + MAX_HEADER
    fields, length, odd = read_block(data[start:end])
    if odd:
        flags += odd
        if length < end - start:
            body = start + length
    if not fields:
        flags.append("header-missing")
    return fields, body


def _walk(data: bytes, start: int, end: int, entity: Entity, depth: int, found: _Found) -> None:
    """Take in one part and those within it."""
    kind = entity.kind
    found.kinds.append(kind)
    if depth > found.depth:
        found.depth = depth
    if entity.flags:
        found.flags += entity.flags
    if kind.startswith("multipart/"):
        _walk_multipart(data, start, end, entity, depth, found)
    elif kind in _MESSAGES:
        _walk_message(data, start, end, entity, depth, found)
    elif kind.startswith("text/"):
        _take_text(data, start, end, entity, found)


def _walk_multipart(data: bytes, start: int, end: int, entity: Entity, depth: int, found: _Found) -> None:
    if depth >= MAX_DEPTH:
        found.flags.append("depth-cut")
        return
    spans = _spans(data, start, end, entity, found)
    if not spans and entity.transfer is not Transfer.PLAIN:
        found.flags.append("multipart-encoded")
        data = _decoded(data[start:end], entity.transfer, found.flags)
        start, end = 0, len(data)
        entity = entity._replace(transfer=Transfer.PLAIN)
        spans = _spans(data, start, end, entity, found)
    if not spans:
        found.flags.append("multipart-empty")
        if data[start:end].strip():
            _take_text(data, start, end, entity._replace(declared=False), found)
    default = "message/rfc822" if entity.kind == "multipart/digest" else "text/plain"
    for begin, stop in spans:
        if len(found.kinds) >= MAX_PARTS:
            found.flags.append("parts-cut")
            return
        inner, body = _part_header(data, begin, stop, default, found.flags)
        _walk(data, body, stop, inner, depth + 1, found)


def _spans(data: bytes, start: int, end: int, entity: Entity, found: _Found) -> list[tuple[int, int]]:
    most = MAX_PARTS - len(found.kinds) + 1
    spans, closed = find_parts(data, start, end, entity.boundary, most) if entity.boundary else ([], True)
    if not spans:
        boundary = guess_boundary(data, start, end)
        if boundary is None:
            return []
        found.flags.append("boundary-guessed" if entity.boundary else "boundary-missing")
        spans, closed = find_parts(data, start, end, boundary, most)
    if not closed:
        found.flags.append("multipart-unclosed")
    return spans


def _part_header(data: bytes, start: int, end: int, default: str, flags: list[str]) -> tuple[Entity, int]:
    """What a part's header says, and where its body begins."""
    stop, body = block_end(data, start, end)
    if stop - start > MAX_HEADER:
        flags.append("header-cut")
        stop = start + MAX_HEADER
    entity, length = read_part_header(data[start:stop], default)
    return entity, start + length if length < stop - start else body


def _walk_message(data: bytes, start: int, end: int, entity: Entity, depth: int, found: _Found) -> None:
    if depth >= MAX_DEPTH:
        found.flags.append("depth-cut")
        return
    if entity.transfer is not Transfer.PLAIN:
        data = _decoded(data[start:end], entity.transfer, found.flags).replace(b"\r\n", b"\n")
        start, end = 0, len(data)
    inner, body = _part_header(data, start, end, "text/plain", found.flags)
    _walk(data, body, end, inner, depth + 1, found)


def _take_text(data: bytes, start: int, end: int, entity: Entity, found: _Found) -> None:
    if end - start > found.room:
        found.flags.append("text-cut")
        end = start + found.room
    body = data[start:end]
    if entity.transfer is not Transfer.PLAIN:
        body = _decoded(body, entity.transfer, found.flags)[: found.room]
    found.room -= len(body)
    place = "html" if entity.kind == "text/html" else "text"
    if place == "text" and not entity.declared and _HTML.match(body):
        found.flags.append("html-undeclared")
        place = "html"
    if entity.charset and codec_for(entity.charset) is None:
        found.flags.append("charset-unknown")
    found.texts.append(Text(place, body, entity.charset, entity.flowed, entity.delsp))


def _decoded(body: bytes, transfer: Transfer, flags: list[str]) -> bytes:
    if transfer is Transfer.BASE64:
        return base64_bytes(body, flags)
    if transfer is Transfer.QUOTED:
        return quoted_printable_bytes(body, flags)
    return uu_bytes(body, flags)


def _mail(fields: list[Field], first: dict[bytes, bytes], found: _Found) -> Mail:
    """The facts of a message from its fields and what the walk found."""
    flags, texts = found.flags, found.texts
    charset = texts[0].charset if texts else None
    received = [value for name, value in fields if name == b"received"]
    to = [first[name] for name in _RECIPIENTS if name in first]
    if len(fields) - len(received) > len(first) - (1 if received else 0):
        _flag_repeated(fields, flags)
        to = [value for name, value in fields if name in _RECIPIENTS]
    if SIMULATED in first:
        flags.append("simulated")
    address, domain = first_address(first.get(b"from", b""))
    date = first.get(b"date")
    return Mail(
        headers=fields,
        subject=_text(first.get(b"subject"), flags, charset),
        from_address=address,
        from_domain=domain,
        message_id=_text(first.get(b"message-id"), flags, charset),
        mailer=_text(first.get(b"x-mailer") or first.get(b"user-agent"), flags, charset),
        recipients=all_addresses(to),
        claimed=None if date is None else claimed_time(date, flags),
        parts=len(found.kinds),
        depth=found.depth,
        text_bytes=MAX_TEXT - found.room,
        charsets=list(dict.fromkeys([text.charset for text in texts if text.charset])),
        kinds=found.kinds,
        received=received[:MAX_RECEIVED],
        texts=texts,
        flags=sorted(set(flags)) if flags else flags,
    )


def _text(value: bytes | None, flags: list[str], charset: str | None) -> str | None:
    return None if value is None else header_text(value, flags, charset, MAX_SUBJECT)


def _flag_repeated(fields: list[Field], flags: list[str]) -> None:
    names = [name for name, _ in fields]
    if any(names.count(name) > 1 for name in _ONCE):
        flags.append("field-repeated")

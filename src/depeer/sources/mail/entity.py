"""Content-Type and Content-Transfer-Encoding (RFC 2045, RFC 2231) → what a part is and how to read it.

Parts of spam come in few shapes, so the answers are kept by the bytes they follow from, with a bound.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from depeer.sources.mail.headers import read_block

MAX_VALUE = 4_096
"""Bytes of a Content-Type value that are read."""
MAX_LABEL = 128
"""Bytes of a Content-Transfer-Encoding value that are read."""
MAX_CACHED = 512
"""Bytes of a part's header block that is worth keeping; longer ones do not come again."""


class Transfer(Enum):
    PLAIN = "plain"
    BASE64 = "base64"
    QUOTED = "quoted-printable"
    UU = "uuencode"


class Entity(NamedTuple):
    """What a part's header says of its body. ``kind`` is the lower-case type/subtype."""

    kind: str
    transfer: Transfer
    charset: str | None
    boundary: bytes | None
    flowed: bool
    delsp: bool
    declared: bool
    flags: tuple[str, ...]


_TYPE = re.compile(rb"\s*+([\w!#$&^.+*-]++)(?:\s*+/\s*+([\w!#$&^.+*-]++))?")
_PARAMETER = re.compile(
    rb'(?<![^\s;])([^\s;="]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"?|([^;]*+))', re.DOTALL
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_SECTION = re.compile(rb"([^*]++)(?:\*(\d{1,3}))?(\*)?")

_TRANSFERS = {
    b"": Transfer.PLAIN, b"7bit": Transfer.PLAIN, b"8bit": Transfer.PLAIN, b"binary": Transfer.PLAIN,
    b"7-bit": Transfer.PLAIN, b"8-bit": Transfer.PLAIN, b"none": Transfer.PLAIN, b"base64": Transfer.BASE64,
    b"base-64": Transfer.BASE64, b"quoted-printable": Transfer.QUOTED, b"quotedprintable": Transfer.QUOTED,
    b"x-uuencode": Transfer.UU, b"uuencode": Transfer.UU, b"x-uue": Transfer.UU, b"uue": Transfer.UU,
}  # fmt: skip

_BARE_TYPES = {b"html": "text/html", b"multipart": "multipart/mixed"}


@lru_cache(maxsize=8192)
def entity_of_block(block: bytes, default: str) -> tuple[Entity, int]:
    """What a part's header block says of it, and how many bytes of the block are header."""
    fields, length, flags = read_block(block)
    entity = entity_of_fields(dict(reversed(fields)), default)
    return (entity._replace(flags=entity.flags + flags) if flags else entity), length


def read_part_header(block: bytes, default: str) -> tuple[Entity, int]:
    """As ``entity_of_block``, but long blocks do not push short ones out of memory."""
    reader = entity_of_block if len(block) <= MAX_CACHED else entity_of_block.__wrapped__
    return reader(block, default)


def entity_of_fields(first: dict[bytes, bytes], default: str = "text/plain") -> Entity:
    """What the first Content-Type and Content-Transfer-Encoding among the fields say."""
    content_type = first.get(b"content-type", b"")[:MAX_VALUE]
    encoding = first.get(b"content-transfer-encoding", b"")[:MAX_LABEL]
    if content_type.endswith(b'"'):
        head, _, boundary = content_type[:-1].rpartition(b'boundary="')
        if head and b'"' not in boundary and b"\\" not in boundary:
            entity = _entity(head, encoding, default)  # the boundary alone differs from mail to mail
            return entity if entity.boundary else entity._replace(boundary=boundary.rstrip() or None)
    return _entity(content_type, encoding, default)


@lru_cache(maxsize=8192)
def _entity(content_type: bytes, encoding: bytes, default: str) -> Entity:
    flags: list[str] = []
    transfer = _transfer(encoding, flags)
    if not content_type:
        return Entity(default, transfer, None, None, False, False, False, tuple(flags))
    kind, rest = _kind(content_type, flags)
    given = _parameters(rest) if b"=" in rest else {}
    charset = given.get(b"charset", b"").split(b" ")[0].strip(b"'\"").decode("ascii", "replace").lower()
    return Entity(
        kind,
        transfer,
        charset or None,
        given.get(b"boundary", b"").rstrip() or None,
        given.get(b"format", b"").lower() == b"flowed",
        given.get(b"delsp", b"").lower() == b"yes",
        True,
        tuple(flags),
    )


def _transfer(encoding: bytes, flags: list[str]) -> Transfer:
    word = encoding.partition(b";")[0].partition(b"(")[0].strip(b" \t\"'.").lower()
    transfer = _TRANSFERS.get(word)
    if transfer is None:
        flags.append("transfer-encoding-unknown")
        return Transfer.PLAIN
    return transfer


def _kind(value: bytes, flags: list[str]) -> tuple[str, bytes]:
    found = _TYPE.match(value)
    if found and found[2]:
        return f"{found[1].decode('latin-1')}/{found[2].decode('latin-1')}".lower(), value[found.end() :]
    flags.append("content-type-broken")
    bare = _BARE_TYPES.get(found[1].lower(), "text/plain") if found else "text/plain"
    return bare, value[found.end() :] if found else value


def _parameters(rest: bytes) -> dict[bytes, bytes]:
    """Parameters by lower-case name, the first of each; RFC 2231 sections joined, its escapes undone."""
    plain: dict[bytes, bytes] = {}
    sections: dict[bytes, dict[int, bytes]] = {}
    for name, quoted, bare in _PARAMETER.findall(rest):
        value = _ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted or bare.strip()
        if b"*" in name:
            _add_section(sections, name.lower(), value)
        else:
            plain.setdefault(name.lower(), value)
    for name, parts in sections.items():
        plain.setdefault(name, b"".join([parts[number] for number in sorted(parts)]))
    return plain


def _add_section(sections: dict[bytes, dict[int, bytes]], name: bytes, value: bytes) -> None:
    found = _SECTION.fullmatch(name)
    if found is None:
        return
    number = int(found[2] or 0)
    if found[3]:
        value = unquote_to_bytes(value.split(b"'", 2)[-1] if number == 0 else value)
    sections.setdefault(found[1], {}).setdefault(number, value)

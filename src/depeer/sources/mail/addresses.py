"""Addresses in From, To and their like (RFC 5322, 3.4), found by one scan that cannot look back."""

from __future__ import annotations

import re
from functools import lru_cache

from depeer.sources.mail.words import tidy

MAX_ADDRESS = 320
"""Characters of an address (RFC 3696, erratum 1690: 64 + 1 + 255)."""
MAX_RECIPIENTS = 1_000
"""Recipients kept of one mail."""
MAX_LIST = 65_536
"""Bytes of an address list that are read."""
MAX_CACHED = 256
"""Bytes of a value worth keeping its addresses for."""

_MAILBOX = re.compile(
    rb'"(?:[^"\\]|\\.)*+"?(?P<host>@[^\s<>,;:()"]++)?'  # a quoted name, or a quoted local part
    rb"|<(?P<angle>[^<>]*+)>?"
    rb'|(?P<bare>[^\s<>,;:()"]++)',
    re.DOTALL,
)
_LOOSE = re.compile(rb'(?<![^\s<>,;:()"\'])[^\s<>,;:()"\'@]++@[^\s<>,;:()"\'@]++')


def first_address(value: bytes) -> tuple[str | None, str | None]:
    """Address and lower-case domain of the first mailbox; an address in angle brackets goes first."""
    if value.endswith(b">") and value.count(b"<") == 1:
        address = _text(_route_cut(value[value.index(b"<") + 1 : -1]))
    else:
        found = _mailboxes(value[:MAX_LIST], stop_at_angle=True)
        address = _text(found[-1]) if found else None
    return address, domain_of(address) if address else None


def all_addresses(values: list[bytes]) -> list[str]:
    """Every address in the values, lower case, each once, in order."""
    seen: dict[str, None] = {}
    for value in values:
        reader = _addresses if len(value) <= MAX_CACHED else _addresses.__wrapped__
        for address in reader(value[:MAX_LIST]):
            seen[address] = None
    return list(seen)[:MAX_RECIPIENTS]


@lru_cache(maxsize=8192)
def _addresses(value: bytes) -> tuple[str, ...]:
    """Addresses of one value, lower case. The same few recipients come again and again in a trap's mail."""
    texts = [_text(raw) for raw in _mailboxes(value)[:MAX_RECIPIENTS]]
    return tuple([text.lower() for text in texts if text])


def domain_of(address: str) -> str | None:
    """The lower-case domain of an address, without a last dot; None where there is none."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return domain or None


def _mailboxes(value: bytes, stop_at_angle: bool = False) -> list[bytes]:
    """Addresses in a value. With ``stop_at_angle`` the last is the one of the first mailbox."""
    bare: list[bytes] = []
    for found in _MAILBOX.finditer(value):
        word = found[0]
        if b"@" not in word:
            continue
        if found["angle"] is not None:
            bare.append(_route_cut(found["angle"]))
            if stop_at_angle:
                return bare
        elif found["bare"] is not None or found["host"] is not None:
            bare.append(word)
    if not bare:
        return _LOOSE.findall(value)[:1] if stop_at_angle else _LOOSE.findall(value)
    return bare[:1] if stop_at_angle else bare


def _route_cut(angle: bytes) -> bytes:
    """``<@a,@b:user@host>`` (RFC 5322, 4.4) → ``user@host``; blanks and ``mailto:`` go too."""
    return angle.rpartition(b":")[2].strip()


def _text(raw: bytes) -> str | None:
    """An address as text, or None for what has no local part or no domain."""
    try:
        text = raw.decode("utf_8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    local, _, domain = text.strip("'.,").rpartition("@")
    return tidy(f"{local}@{domain}", MAX_ADDRESS) if local and domain else None

"""One Received line (RFC 5321, 4.4) as servers really write it: who handed over to whom, and when.

What a server looked up itself (the address of the connection, the name of that address) is kept apart
from what the sending side only said (the name in HELO). Real lines seldom follow the grammar, so this
reads by landmarks: the date behind the last semicolon, `` by ``, the comments between. Every
step is linear in the line, and a line is cut at ``MAX_LINE`` bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple

from depeer.model import IPV4_MAPPED
from depeer.sources.mail.clock import read_time

MAX_LINE = 8192
"""Bytes of one line that are read; the longest honest one seen has 700."""


class Hop(NamedTuple):
    """One Received line. ``from_ip`` is 16 packed bytes, ``time`` µs since 1970 in UTC.

    Flags: ``no-from`` (no from clause), ``no-ip`` (one without an address that the receiving side
    recorded), ``helo-address-only`` (the only address is the sending side's word), ``literal`` (the
    address stands alone in brackets, so it may be the sending side's word), ``hand-over`` (a
    program handed it on within one machine), ``may-be-forged``, ``private-address``, ``no-by``,
    ``no-time``, ``bad-time``, ``odd-zone``, ``long``.
    """

    from_ip: bytes | None
    from_helo: str | None
    from_rdns: str | None
    by_host: str | None
    protocol: str | None
    for_domain: str | None
    for_address: str | None
    time: int | None
    flags: tuple[str, ...]


class _From(NamedTuple):
    """What a from clause tells: the address as text, the two names, and flags."""

    ip: str | None = None
    helo: str | None = None
    rdns: str | None = None
    flags: tuple[str, ...] = ()


# sendmail and Postfix, nine lines in ten: from HELO (NAME [IP] (may be forged)) by HOST (…) with P id …
_COMMON = re.compile(
    r"from ([^ ()]+) \((?:([^ ()\[\]]+) )?\[([0-9.]+)\]( \(may be forged\))?\)"
    r" by ([^ ();]+) (?:\([^()]*\) )?with ([A-Za-z]+)(?: id [^ ;]+)?(?: for <?([^ <>;()]+@[^ <>;()]+)>?)?$"
)
_COMMENT = re.compile(r"\(([^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*\)[^()]*+)*)\)")
_BRACKET = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]+)(?:%\w+)?\]", re.IGNORECASE)
_BARE = re.compile(r"(?:^|[\s@])([0-9A-Fa-f.:]*[.:][0-9A-Fa-f.:]*[0-9A-Fa-f:])(?=$|[\s/])")
_IPV4 = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::[0-9]+)?")
_LED_BY_ZERO = re.compile(r"(?:^|\.)0[0-9]")
_SAID_HELO = re.compile(r"\b(?:helo|ehlo)(?:[ =]+([^\s()]*)|$)", re.IGNORECASE)
_ASIDE = re.compile(
    r"(?:authenticated|using |envelope|no client|client did|cipher|tls|version=)", re.IGNORECASE
)
_QMAIL_NETWORK = re.compile(r"\((?:qmail [^()]* from network\[|ofmipd )([0-9A-Fa-f.:]+)/?([^\s\])]*)[\])]")
_WITH = re.compile(r"\b(?:with|via) +(?:Microsoft +|IBM +|\([^()]*\) *)?([A-Za-z][\w-]*)")
_FOR = re.compile(r" for <?([^\s<>;()]+@[^\s<>;()]+)>?")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
_NO_NAME = frozenset({"unknown", "unverified", "no", "localhost?"})
_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "mail pickup service"})
_LOCAL_PROTOCOLS = ("LOCAL", "LMTP", "QMAIL-SCANNER", "MAPI", "HTTP")


def read_hop(value: bytes) -> Hop:
    """The facts of one unfolded Received value. Never raises; what cannot be read is None and flagged."""
    text = " ".join(value[:MAX_LINE].decode("utf-8", "replace").split())
    head, _, tail = text.rpartition(";")
    time, odd = read_time(tail)
    if time is None and tail is not text:
        head, time, odd = _second_look(text, head, odd)
    flags: tuple[str, ...] = (odd,) if odd else ()
    if len(value) > MAX_LINE:
        flags += ("long",)
    match = _COMMON.match(head)
    if match is None:
        return _uncommon(head or text, time, flags)
    helo, name, ip, forged, by_host, protocol, recipient = match.groups()
    if forged:
        flags += ("may-be-forged",)
    return _hop(
        ip, helo, None if forged else _looked_up(name), by_host, protocol.upper(), recipient, time, flags
    )


def _second_look(text: str, head: str, odd: str) -> tuple[str, int | None, str]:
    """A date that does not stand behind the last semicolon; else the text and flag as they were."""
    time, found = read_time(text[-200:])
    return (head or text, time, found) if time is not None else (head or text, None, odd)


def _hop(
    ip: str | None,
    helo: str | None,
    rdns: str | None,
    by_host: str,
    protocol: str | None,
    recipient: str | None,
    time: int | None,
    flags: tuple[str, ...],
) -> Hop:
    address = _address(ip) if ip else None
    if address is not None:
        if is_private(address):
            flags += ("private-address",)
    elif "no-from" not in flags:
        flags += ("no-ip",)
    return Hop(
        address,
        helo[:255] if helo else None,
        rdns,
        by_host.lower()[:255] or None,
        protocol,
        recipient.rpartition("@")[2].lower() if recipient else None,
        recipient,
        time,
        tuple(sorted(flags)) if len(flags) > 1 else flags,
    )


def _uncommon(head: str, time: int | None, flags: tuple[str, ...]) -> Hop:
    before, after = _sides(head)
    by_host, _, rest = after.partition(" ")
    if by_host[:1] in ("(", ";"):
        by_host, rest = "", after
    by_host = by_host.strip("[];,")
    protocol, recipient = _protocol(rest), _FOR.search(after)
    came = _came_from(before, protocol)
    if not by_host:
        flags += ("no-by",)
    if not came.ip and _handed_over(came, by_host, protocol):
        flags += ("hand-over",)
    sent_to = recipient[1] if recipient else None
    return _hop(came.ip, came.helo, came.rdns, by_host, protocol, sent_to, time, flags + came.flags)


def _sides(head: str) -> tuple[str, str]:
    """What stands before and behind the `` by `` that is in no comment."""
    if head[:3].lower() == "by ":
        return "", head[3:]
    if head[:7].lower() == "(qmail ":
        return head, ""
    padded = head + " "
    first = at = padded.find(" by ")
    for _ in range(8):  # bounds the work on lines made of nothing but "( by "
        if at < 0 or padded.count("(", 0, at) == padded.count(")", 0, at):
            break
        at = padded.find(" by ", at + 1)
    at = at if at >= 0 else first
    return (head, "") if at < 0 else (head[:at], head[at + 4 :])


def _protocol(rest: str) -> str | None:
    match = _WITH.search(_COMMENT.sub("", rest) if "(" in rest else rest)
    return match[1].upper()[:40] if match else None


def _handed_over(came: _From, by_host: str, protocol: str | None) -> bool:
    if "no-from" in came.flags:
        return True
    helo = (came.helo or "").lower()
    if helo in _LOCAL_NAMES or "@" in helo or (helo and helo == by_host.lower()):
        return True
    return protocol is not None and protocol.startswith(_LOCAL_PROTOCOLS)


def _came_from(before: str, protocol: str | None) -> _From:
    if before[:5].lower() != "from ":
        network = _QMAIL_NETWORK.search(before)
        return _From(network[1], None, _looked_up(network[2])) if network else _From(flags=("no-from",))
    clause = before[5:]
    if clause.startswith("mail pickup service"):
        return _From(helo="mail pickup service")
    if "(" not in clause:
        first, _, beside = clause.strip().partition(" ")
        return _without_comment(first, beside, None, protocol, ())
    comments = _COMMENT.findall(clause)
    first, _, beside = _COMMENT.sub(" ", clause).strip().partition(" ")
    if clause[:1] == "(":
        first, beside = "", first
    said = next(filter(None, map(_SAID_HELO.search, comments)), None)
    forged = ("may-be-forged",) if "may be forged" in clause else ()
    for comment in reversed(comments):
        found = None if _ASIDE.match(comment) else _recorded(comment)
        if found:
            return _with_names(found, first, said, forged)
    return _without_comment(first, beside, said, protocol, forged)


def _recorded(comment: str) -> tuple[str, str | None] | None:
    """Address and name in one comment of the receiving side, which HELO's words are no part of."""
    own = _SAID_HELO.sub("", comment)
    match = _BRACKET.search(own)
    if match:
        words = own[: match.start()].split()
        return (match[1], words[-1] if words else None) if _address(match[1]) else None
    bare = _BARE.search(own)
    text = bare[1] if bare else None
    if text and text.count(":") == 1:
        text = text.partition(":")[0]
    return (text, None) if text and _address(text) else None


def _with_names(
    found: tuple[str, str | None], first: str, said: re.Match[str] | None, forged: tuple[str, ...]
) -> _From:
    """qmail and Exim put the looked-up name first when they tell HELO apart; the others put HELO first."""
    ip, name = found
    if said is not None:
        helo, name = said[1] or "", name or first
    else:
        helo = "" if first.lower() == "unknown" else first
    return _From(ip, helo, None if forged else _looked_up(name), forged)


def _without_comment(
    first: str, beside: str, said: re.Match[str] | None, protocol: str | None, forged: tuple[str, ...]
) -> _From:
    """No comment tells the address: it is in brackets of its own, or told apart from HELO, or untold."""
    helo = said[1] if said else None
    bracket = _BRACKET.search(beside)
    if bracket and _address(bracket[1]):
        return _From(bracket[1], helo, None if forged else _looked_up(first), forged)
    bracket = _BRACKET.match(first)
    if bracket and _address(bracket[1]):
        return _From(bracket[1], helo, None, forged if said else (*forged, "literal"))
    bare = _IPV4.fullmatch(first)
    if bare and (said or (protocol or "").startswith("HTTP")):
        return _From(bare[1], helo, None, forged)
    return _From(None, helo or first, None, (*forged, "helo-address-only") if bare else forged)


def _looked_up(name: str | None) -> str | None:
    """A name that the receiving side found for the address; None for "unknown" and what is no name."""
    if not name:
        return None
    name = name.rpartition("@")[2].lower().rstrip(".")
    if name in _NO_NAME or not _NAME.fullmatch(name) or name.rpartition(".")[2].isdigit() or len(name) > 255:
        return None
    return name


@lru_cache(maxsize=16384)
def _address(text: str) -> bytes | None:
    """16 packed bytes, or None where the text is no address. What some read as octal is none."""
    match = _IPV4.fullmatch(text)
    try:
        if match is None:
            return IPv6Address(text).packed
        return None if _LED_BY_ZERO.search(text) else IPV4_MAPPED + bytes(map(int, match[1].split(".")))
    except ValueError:
        return None


def is_private(address: bytes) -> bool:
    """Never seen from outside: private, loopback, link-local, shared (RFC 1918, 6598, 4193, 4291, 3927).

    The documentation networks (RFC 5737) are not among them: as senders they are as strange as any
    stranger.
    """
    if address[:12] != IPV4_MAPPED:
        first = address[0]
        return (
            (first & 0xFE) == 0xFC or (first == 0xFE and (address[1] & 0xC0) == 0x80) or address in _V6_SELF
        )
    first, second = address[12], address[13]
    if first in (0, 10, 127):
        return True
    return (
        (first == 192 and second == 168)
        or (first == 172 and 16 <= second < 32)
        or (first == 169 and second == 254)
        or (first == 100 and 64 <= second < 128)
    )


_V6_SELF = frozenset({bytes(16), bytes(15) + b"\1"})

"""Received lines as the common servers write them (RFC 5321, 4.4). One function a program.

A server's program, zone and clock are functions of its name, as they are in life: a server writes alike in all of its
mail. Nothing here draws its own dice, so a line differs only by what it tells and by its queue's number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from depeer.world.mail import clock
from depeer.world.mail.choosing import known
from depeer.world.mail.dice import Random, dice_of, weighted
from depeer.world.mail.words import TLDS


class Transit(NamedTuple):
    """One hand-over: who came from ``address`` gave it to ``by`` at ``when`` (seconds since 1970)."""

    helo: str
    rdns: str | None
    address: str
    by: str
    when: int
    recipient: str
    sender: str
    queue: int


class Server(NamedTuple):
    """How a server writes. ``zone`` is minutes east of Greenwich, ``error`` the seconds its clock is ahead."""

    line: Callable[[Transit, str], str]
    zone: int
    error: int


def received(transit: Transit, style: str | None = None) -> str:
    """The field, with its name and line ends; in the server's own style, or in the one named (see `STYLES`)."""
    own = server(transit.by)
    line = known(STYLES, style, "style of Received lines") if style else own.line
    return line(transit, clock.usual(transit.when + own.error, own.zone))


@lru_cache(maxsize=4096)
def server(name: str) -> Server:
    """The habits of the server of that name."""
    dice = dice_of("server", name)
    style = weighted(dice, {"postfix": 45.0, "sendmail": 25, "exim": 18, "qmail": 12})
    zone = _zone(name)
    error = dice.randrange(-120, 121) if dice.random() < 0.05 else 0
    return Server(STYLES[style], zone, error)


def _zone(name: str) -> int:
    """One zone for all servers of a domain."""
    labels = name.lower().split(".")
    site = ".".join(labels[-2:]) if labels[-1] in TLDS else name
    return weighted(dice_of("zone", site), {-240: 3.0, 0: 3, 60: 2, 120: 2, -420: 2, 330: 1, 570: 1})


_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(number: int, width: int) -> str:
    out = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        out.append(_DIGITS[digit])
    return "".join(out)


def postfix(it: Transit, date: str) -> str:
    protocol = "SMTP" if it.queue % 3 else "ESMTP"
    return (
        f"Received: from {it.helo} ({it.rdns or 'unknown'} [{it.address}])\n\tby {it.by} (Postfix) with {protocol}"
        f" id {it.queue & 0xFFFFFFFFFF:010X}\n\tfor <{it.recipient}>; {date}\n"
    )


def sendmail(it: Transit, date: str) -> str:
    name = f"{it.rdns} [{it.address}]" if it.rdns else f"[{it.address}]"
    code = _base62(it.queue, 8)
    return (
        f"Received: from {it.helo} ({name})\n\tby {it.by} (8.13.8/8.12.5) with {'SMTP' if it.queue % 2 else 'ESMTP'}"
        f" id l{code}{it.queue % 1000000:06d}\n\tfor <{it.recipient}>; {date}\n"
    )


def exim(it: Transit, date: str) -> str:
    who = f"{it.rdns} ([{it.address}] helo={it.helo})" if it.rdns else f"[{it.address}] (helo={it.helo})"
    number = f"1H{_base62(it.queue, 4)}-{_base62(it.queue >> 9, 6)}-{_base62(it.queue >> 5, 2)}"
    return (
        f"Received: from {who}\n\tby {it.by} with esmtp (Exim 4.63)\n\t(envelope-from <{it.sender}>)\n"
        f"\tid {number}\n\tfor {it.recipient}; {date}\n"
    )


def qmail(it: Transit, _date: str) -> str:
    utc = f"{date_without_weekday(it.when)} -0000"
    return (
        f"Received: (qmail {it.queue % 90000 + 1000} invoked from network); {utc}\n"
        f"Received: from {it.rdns or 'unknown'} (HELO {it.helo}) ({it.address})\n  by {it.by} with SMTP; {utc}\n"
    )


def date_without_weekday(when: int) -> str:
    """As qmail has it: day, month, year, time, no zone."""
    return clock.no_weekday(when, 0)[:-6]


def exchange(it: Transit, date: str) -> str:
    return f"Received: from {it.helo} ([{it.address}]) by {it.by} with Microsoft SMTPSVC(6.0.3790.1830);\n\t {date}\n"


STYLES: dict[str, Callable[[Transit, str], str]] = {
    "postfix": postfix,
    "sendmail": sendmail,
    "exim": exim,
    "qmail": qmail,
    "exchange": exchange,
}


def queue_number(dice: Random) -> int:
    """A number that a server's queue gives."""
    return dice.getrandbits(48)

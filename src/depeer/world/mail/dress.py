"""How a link looks in a message: plain, or disguised in one of the ways that filters meet.

Each disguise is a function URL → `Dress`: what stands in plain text, in an attribute, and in the text that an HTML
reader sees. All of them lead a reader (and depeer) to the URL's host.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from depeer.world.mail.dice import weighted


class Dress(NamedTuple):
    """One link in three places."""

    plain: str
    attribute: str
    shown: str


def _split(url: str) -> tuple[str, str, str]:
    """Scheme with slashes, host, the rest."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://", host, f"{slash or '/'}{path}"


def plainly(url: str) -> Dress:
    return Dress(url, url, url)


def without_scheme(url: str) -> Dress:
    """A bare host with a path; in running text only, for a browser would take it for a file."""
    _, host, rest = _split(url)
    bare = host + (rest if len(rest) > 1 else "/index")
    return Dress(bare, url, bare)


def redirected(url: str) -> Dress:
    """Behind an open redirector of somebody respectable."""
    through = f"http://search.portal.example/go?to={url}"
    return Dress(through, through, through)


def behind_user(url: str) -> Dress:
    """A trusted name as the user part."""
    scheme, host, rest = _split(url)
    masked = f"{scheme}www.bank.example@{host}{rest}"
    return Dress(masked, masked, "http://www.bank.example/")


def percented(url: str) -> Dress:
    """Two letters of the host in percent-encoding."""
    scheme, host, rest = _split(url)
    masked = f"{scheme}%{ord(host[0]):02x}{host[1]}%{ord(host[2]):02X}{host[3:]}{rest}"
    return Dress(masked, masked, url)


def in_entities(url: str) -> Dress:
    """Letters of the host as character references, decimal and hexadecimal."""
    scheme, host, rest = _split(url)
    coded = "".join(
        letter if at % 2 else f"&#{ord(letter)};" if at % 4 else f"&#x{ord(letter):x};"
        for at, letter in enumerate(host[:8])
    )
    masked = f"{scheme}{coded}{host[8:]}{rest}"
    return Dress(url, masked, "click")


def defanged(url: str) -> Dress:
    """For the reader to repair: ``hxxp`` and a bracketed dot."""
    scheme, host, rest = _split(url)
    name, _, tld = host.rpartition(".")
    return Dress(f"{scheme.replace('tt', 'xx')}{name}[.]{tld}{rest}", url, url)


def torn_by_tags(url: str) -> Dress:
    """Visible text with empty tags inside the host."""
    scheme, host, rest = _split(url)
    return Dress(url, url, f"{scheme}{host[:2]}<b></b>{host[2:4]}<i></i>{host[4:]}{rest}")


def in_odd_case(url: str) -> Dress:
    scheme, host, rest = _split(url)
    odd = scheme.upper() + "".join(c.upper() if at % 2 else c for at, c in enumerate(host)) + rest
    return Dress(odd, odd, odd)


DRESSES: dict[str, Callable[[str], Dress]] = {
    "plain": plainly,
    "without-scheme": without_scheme,
    "redirected": redirected,
    "behind-user": behind_user,
    "percented": percented,
    "entities": in_entities,
    "defanged": defanged,
    "torn": torn_by_tags,
    "odd-case": in_odd_case,
}
_HABITS = {
    "plain": 78.0, "without-scheme": 5, "redirected": 3, "behind-user": 2, "percented": 2, "entities": 3,
    "defanged": 2, "torn": 3, "odd-case": 2,
}  # fmt: skip


def habit(dice: Random) -> str:
    """The disguise that a campaign uses."""
    return weighted(dice, _HABITS)

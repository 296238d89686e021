"""One link as it stands in a message: where would a browser go, and how was that hidden?

Reads as browsers do (WHATWG URL, 4.4), with more patience: a name that breaks a DNS rule keeps its text.
Nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from depeer.sources.names import Host, read_host

LONGEST_URL = 2048
"""Characters of a URL that are kept; longer ones are cut and flagged."""
LONGEST_RAW = 16384
"""Characters of a link that are looked at: a host may stand behind kilobytes of user part."""
_CACHED_URL = 512
_EMBEDDED_DEPTH = 4


class Link(NamedTuple):
    """``address`` is 16 bytes for an IP literal; ``hostname`` None where no resolver could be asked.

    ``flags`` are sorted: those of `names.Host`, and ``comment``, ``defanged``, ``embedded`` (named inside
    another link, as redirectors do), ``entity``, ``long``, ``no-scheme``, ``percent``, ``split-by-tags``,
    ``userinfo``.
    """

    url: str
    hostname: str | None
    domain: str | None
    address: bytes | None
    flags: tuple[str, ...]


def links_of(raw: str, flags: tuple[str, ...] = ()) -> tuple[Link, ...]:
    """The link that ``raw`` is, then those that its path and query name (``/redirect?to=http://…``).

    Empty for what is no web link: another scheme, no host at all, a host without letter or digit.
    """
    return _short_links(raw, flags) if len(raw) <= _CACHED_URL else _links(raw, flags)


def _links(raw: str, flags: tuple[str, ...]) -> tuple[Link, ...]:
    link = read_url(raw, flags)
    if raw.find("ttp", 7) < 0 and raw.find("TTP", 7) < 0:
        return (link,) if link else ()
    links = [link, *_embedded(raw, flags)]
    return tuple(found for found in links if found and found.hostname not in _SCHEME_TWICE)


_short_links = lru_cache(maxsize=8192)(_links)
_SCHEME_TWICE = ("http", "https")
"""What ``http://http://…`` would make of itself."""


def _embedded(raw: str, flags: tuple[str, ...]) -> Iterator[Link | None]:
    for _ in range(_EMBEDDED_DEPTH):
        inner = _EMBEDDED.search(raw, 7)
        if inner is None:
            return
        raw = raw[inner.start() :]
        yield read_url(unquote(raw) if inner.group(1) else raw, (*flags, "embedded"))


# ------------------------------------------------------------------------------------------ reading

_EMBEDDED = re.compile(r"[hH][tT][tT][pP][sS]?(?::[/\\]{2}|(%3[aA]%2[fF]%2[fF]))(?=[A-Za-z0-9])")
_PLAIN_URL = re.compile(
    r"(?:[hH][tT][tT][pP][sS]?|[fF][tT][pP])://([A-Za-z0-9.-]+)(?=[/?#:]|\Z)(?!:[^/?#]*@)[!-~]*\Z"
)
_SCHEME = re.compile(r"((?:[hH][tT][tT][pP][sS]?|[fF][tT][pP]):)?[/\\]*")
_AUTHORITY = re.compile(r"[^/\\?#]*")
_EDGE = "".join(map(chr, range(33)))
_INNER_SPACE = {9: None, 10: None, 13: None}
_HOST_BEGIN = re.compile(r"[^\x00-\x20\x7f#/:<>?@\[\\\]^|%\"'(),;]+")


def read_url(raw: str, flags: tuple[str, ...] = ()) -> Link | None:
    """One link, whatever it names inside; None for what is none."""
    plain = _PLAIN_URL.match(raw)
    host = read_host(plain.group(1)) if plain else None
    if host is None or len(raw) > LONGEST_URL:
        return _read_odd(raw, set(flags))
    if flags or host.flags:
        flags = tuple(sorted({*flags, *host.flags}))
    return Link(raw, host.name, host.domain, host.address, flags)


def _read_odd(raw: str, flags: set[str]) -> Link | None:
    url = raw.translate(_INNER_SPACE).strip(_EDGE)
    scheme = _SCHEME.match(url)
    if scheme is None or not (scheme.group() or url[:4].lower() == "www."):
        return None
    rest = url[scheme.end() :]
    if not scheme.group(1):
        flags.add("no-scheme")
        url = "http://" + rest
    authority = _AUTHORITY.match(rest).group()  # type: ignore[union-attr]  # an empty match is one
    host = _host_of(authority, flags)
    if len(url) > LONGEST_URL:
        flags.add("long")
    if host is not None:
        flags.update(host.flags)
        return Link(url[:LONGEST_URL], host.name, host.domain, host.address, tuple(sorted(flags)))
    if not any(map(str.isalnum, authority.rpartition("@")[2])):
        return None
    return Link(url[:LONGEST_URL], None, None, None, tuple(sorted(flags | {"bad-host"})))


def _host_of(authority: str, flags: set[str]) -> Host | None:
    _, at, host = authority.rpartition("@")
    if at:
        flags.add("userinfo")
    if host.startswith("["):
        return read_host(host[: host.find("]") + 1])
    host = host.partition(":")[0]
    if "%" in host:
        flags.add("percent")
        host = unquote(host)
    return read_host(host) or _host_begin(host, flags)


def _host_begin(host: str, flags: set[str]) -> Host | None:
    """The part before a character that no host has: an unclosed quote swallowed the text behind it."""
    begin = _HOST_BEGIN.match(host)
    found = read_host(begin.group()) if begin and begin.end() < len(host) else None
    if found is None or not (found.domain or found.address):
        return None
    flags.add("bad-host")
    return found

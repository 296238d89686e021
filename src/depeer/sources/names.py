"""Host names as browsers and resolvers read them, and the domain that somebody registered.

Comes in: a host as it stands in a link or header (any case, full-width, percent-encoded by then decoded,
an IP address in any of the forms that browsers take). Goes out: a `Host`, or None for what no resolver
could be asked. The public-suffix list is the one bundled with the ``publicsuffixlist`` package; it is
read once, on first use.
"""

from __future__ import annotations

import importlib.resources
import ipaddress
import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from depeer.model import IPV4_MAPPED, show_address

LONGEST_NAME = 253
LONGEST_LABEL = 63
LONGEST_RAW = 1024
"""Hosts longer than this are not looked at: 253 characters, each percent-encoded, still fit."""


class Host(NamedTuple):
    """A normalised host. ``address`` is 16 bytes for an IP literal; ``domain`` is None for those, for
    names of one label and for bare public suffixes. ``flags`` are sorted: ``bad-host``, ``fullwidth``,
    ``idn``, ``ip-literal``, ``ip-obfuscated``."""

    name: str
    domain: str | None
    address: bytes | None
    flags: tuple[str, ...]


class Suffixes(NamedTuple):
    """Rules of a public-suffix list (publicsuffix.org/list): ``exact`` names, ``wild`` parents (``*.ck``),
    ``exceptions`` (``!www.ck``); ``icann`` is the part of them that registries made, not companies."""

    exact: frozenset[str]
    wild: frozenset[str]
    exceptions: frozenset[str]
    icann: frozenset[str]
    longest: int


def hostname(raw: str) -> str | None:
    """The name to ask for: lower case, A-labels, no last dot, IP literals canonical; None for garbage."""
    host = read_host(raw)
    return host.name if host else None


@lru_cache(maxsize=65536)
def registered_domain(hostname: str) -> str | None:
    """The public suffix and one label more (``a.b.example.co.uk`` → ``example.co.uk``).

    A company's own suffix counts as one (``x.blogspot.com``), but its bare name is still a domain that
    somebody registered. None for IP literals, single labels and bare public suffixes.
    """
    labels = hostname.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or ":" in hostname:
        return None
    rules = suffixes()
    start = _suffix_start(labels, rules)
    if start == 0 and hostname in rules.exact and hostname not in rules.icann:
        start = _suffix_start(labels[1:], rules) + 1
    return ".".join(labels[start - 1 :]) if start > 0 else None


def known_tld(label: str) -> bool:
    """Whether a lower-case label is a top-level domain by the bundled list, or reserved (RFC 2606)."""
    return label in suffixes().icann or label in _RESERVED


_RESERVED = ("example", "test", "invalid")


@lru_cache(maxsize=65536)
def read_host(raw: str) -> Host | None:
    """Read a host as browsers do (WHATWG URL, 3.5), only more patient with names that break a DNS rule:
    those keep their name and get ``bad-host``. None where no name or address can be made of it."""
    if _PLAIN.fullmatch(raw):
        return _plain_host(raw.lower())
    if raw.startswith("["):
        return _ipv6_host(raw)
    if len(raw) > LONGEST_RAW:
        return None
    return _odd_host(raw)


# ------------------------------------------------------------------------------------------- names

_PLAIN = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*"
    r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#/:<>?@\[\\\]^|%]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def _plain_host(name: str) -> Host:
    flags = ("idn",) if "xn--" in name else ()
    return Host(name, registered_domain(name), None, flags)


def _odd_host(raw: str) -> Host | None:
    name = raw if raw.isascii() else _mapped(raw)
    flags = set() if name.isascii() else {"idn"}
    if not raw.isascii() and name.isascii():
        flags.add("fullwidth")
    name = ".".join(map(_a_label, name.lower().split(".")))
    name = name.removesuffix(".")
    if not name or len(name) > LONGEST_NAME or _FORBIDDEN.search(name):
        return None
    if _ends_in_number(name):
        return _ipv4_host(name, flags, raw)
    labels = [label for label in name.split(".") if label]
    if not labels:
        return None
    if "xn--" in name:
        flags.add("idn")
    if len(labels) <= name.count(".") or not all(map(_LABEL.fullmatch, labels)):
        flags.add("bad-host")
    name = ".".join(labels)
    return Host(name, registered_domain(name), None, tuple(sorted(flags)))


def _mapped(raw: str) -> str:
    """UTS 46 mapping: case, width, ignorable characters, the three other full stops."""
    import idna  # costs 20 ms and is needed by one name in thousands

    try:
        return idna.uts46_remap(raw, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError):
        return unicodedata.normalize("NFKC", raw).replace("。", ".").casefold()


def _a_label(label: str) -> str:
    """Punycode without IDNA's checks: browsers resolve labels that IDNA 2008 forbids (symbols, emoji)."""
    if label.isascii() or len(label) > LONGEST_NAME:
        return label
    return "xn--" + label.encode("punycode", "replace").decode("ascii")


# --------------------------------------------------------------------------------------- addresses

_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")
_DOTTED = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")


def _ends_in_number(name: str) -> bool:
    return _NUMBER.fullmatch(name.rpartition(".")[2]) is not None


def _ipv4_host(name: str, flags: set[str], raw: str) -> Host | None:
    """WHATWG URL, 3.5, IPv4 parser: one to four numbers, decimal, octal or hexadecimal; the last fills up."""
    parts = name.split(".")
    if len(parts) > 4 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    numbers = [_number(part) for part in parts]
    last = numbers.pop()
    if last is None or last >= 256 ** (4 - len(numbers)) or any(n is None or n > 255 for n in numbers):
        return None
    value = last + sum(n * 256 ** (3 - i) for i, n in enumerate(numbers) if n is not None)
    address = IPV4_MAPPED + value.to_bytes(4, "big")
    plain = _DOTTED.fullmatch(raw) is not None
    flags = flags | {"ip-literal"} | (set() if plain else {"ip-obfuscated"})
    return Host(show_address(address), None, address, tuple(sorted(flags)))


def _number(text: str) -> int | None:
    """A part of an IPv4 literal; None for what is too long to fit or has a digit that its base lacks."""
    if text.startswith("0x"):
        digits, base = text[2:].lstrip("0"), 16
    elif text.startswith("0"):
        digits, base = text.lstrip("0"), 8
    else:
        digits, base = text, 10
    try:
        return int(digits or "0", base) if len(digits) <= 11 else None
    except ValueError:
        return None


def _ipv6_host(raw: str) -> Host | None:
    inner, closed, rest = raw[1:].partition("]")
    if not closed or rest or len(inner) > 45 or "%" in inner:
        return None
    try:
        packed = ipaddress.IPv6Address(inner).packed
    except ValueError:
        return None
    return Host(show_address(packed), None, packed, ("ip-literal",))


# ------------------------------------------------------------------------------- public-suffix list


_VERSION = re.compile(r"^// VERSION: (\S+)", re.MULTILINE)


@cache
def suffix_list_version() -> str:
    """Version line of the bundled public-suffix list, e.g. ``2026-10-22_08-36-41_UTC``."""
    version = _VERSION.search(_list_text(), 0, 4096)
    return version.group(1) if version else "unknown"


@cache
def suffixes() -> Suffixes:
    """The bundled list, read on first use (10 ms). Two threads may both read it; they read the same."""
    return _read_suffixes(_list_text())


def _list_text() -> str:
    return importlib.resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")


_SECTION_END = "// ===END ICANN DOMAINS==="


def _read_suffixes(text: str) -> Suffixes:
    icann, _, private = text.partition(_SECTION_END)
    icann_rules = _rules(icann)
    rules = icann_rules + _rules(private)
    wild = frozenset(rule[2:] for rule in rules if rule.startswith("*."))
    exceptions = frozenset(rule[1:] for rule in rules if rule.startswith("!"))
    # The root of a wildcard counts as a suffix too: the list's own linter relies on that.
    exact = frozenset(rule for rule in rules if rule[0] not in "*!") | wild
    return Suffixes(
        exact=exact,
        wild=wild,
        exceptions=exceptions,
        icann=frozenset(rule.removeprefix("*.") for rule in icann_rules if not rule.startswith("!")),
        longest=max((rule.count(".") for rule in rules), default=0) + 1,
    )


def _rules(section: str) -> list[str]:
    lines = (line.split(maxsplit=1)[0].lower() for line in section.splitlines() if line.strip())
    return [rule if rule.isascii() else _a_rule(rule) for rule in lines if not rule.startswith("//")]


def _a_rule(rule: str) -> str:
    return ".".join(map(_a_label, unicodedata.normalize("NFKC", rule).split(".")))


def _suffix_start(labels: list[str], rules: Suffixes) -> int:
    """Index of the first label of the public suffix (the longest rule wins, an exception beats all)."""
    for start in range(max(0, len(labels) - rules.longest), len(labels)):
        name = ".".join(labels[start:])
        if name in rules.exceptions:
            return start + 1
        if name in rules.exact or ".".join(labels[start + 1 :]) in rules.wild:
            return start
    return len(labels) - 1

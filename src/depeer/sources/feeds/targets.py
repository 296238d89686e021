"""What can be listed: an address, a prefix, a network, a name or a URL, recognised and made canonical."""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from typing import NamedTuple

from depeer.errors import SkipRecord
from depeer.model import IPV4_MAPPED, show_address
from depeer.sources.feeds.facts import Listing
from depeer.sources.feeds.values import as_number, port, words
from depeer.sources.names import LONGEST_RAW, Host, read_host


class Target(NamedTuple):
    """``length`` is in the address's own family; ``port`` is one that stood in the entry itself."""

    subject: str
    entry: str
    address: bytes | None = None
    length: int | None = None
    asn: int | None = None
    port: int | None = None

    def listing(
        self,
        span: tuple[datetime | None, datetime | None, str],
        role: str | None = None,
        family: str | None = None,
        port: int | None = None,
        asn: int | None = None,
    ) -> Listing:
        """The listing of this; ``span`` is first, last and basis, ``asn`` a claim of the feed."""
        first, last, basis = span
        return Listing(
            self.subject, self.entry, self.address, self.length, self.asn or asn, role, family,
            self.port or port, first, last, basis,
        )  # fmt: skip


_OCTETS = {str(number): number for number in range(256)}
"""Leading zeros are left out: readers disagree on whether they mean octal."""


def packed(text: str) -> tuple[bytes, int] | None:
    """16 bytes and full length of one address; None for anything else."""
    try:
        if ":" not in text:
            first, second, third, fourth = map(_OCTETS.__getitem__, text.split(".", 4))
            return IPV4_MAPPED + bytes((first, second, third, fourth)), 32
        found = ipaddress.IPv6Address(text[:64]).packed
    except (KeyError, ValueError):
        return None
    return found, 32 if found.startswith(IPV4_MAPPED) else 128


def address(text: str) -> Target:
    found = packed(text)
    if found is None:
        raise SkipRecord(f"{text[:60]!r} is no address.")
    return Target("address", show_address(found[0]) if ":" in text else text, found[0], found[1])


def prefix(text: str) -> Target:
    """CIDR notation; host bits are cleared, a full-length prefix is an address."""
    try:
        net = ipaddress.ip_network(text[:64], strict=False)
    except ValueError as why:
        raise SkipRecord(f"{text[:60]!r} is no prefix.") from why
    if net.prefixlen == net.max_prefixlen:
        return address(str(net.network_address))
    first = net.network_address.packed
    return Target("prefix", str(net), first if net.version == 6 else IPV4_MAPPED + first, net.prefixlen)


def network(value: object) -> Target:
    number = as_number(value)
    if number is None:
        raise SkipRecord(f"{str(value)[:60]!r} is no AS number.")
    return Target("asn", f"AS{number}", asn=number)


def domain(text: str) -> Target:
    """A name; an IP literal in its place is an address."""
    host = host_of(text)
    if host is None or ("." not in host.name and host.address is None) or "bad-host" in host.flags:
        raise SkipRecord(f"{text[:60]!r} is no host name.")
    if host.address is not None:
        return address(show_address(host.address))
    return Target("domain", host.name)


_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?[\\/]{2}([^\\/?#]*)")
_PORT = re.compile(r":(\d{1,5})?\Z", re.ASCII)


def url(text: str) -> Target:
    """A URL with a host; ``address`` is filled for an IP literal only. Nothing is ever fetched."""
    found = _URL.match(text) or _URL.match("//" + text)
    if found is None:
        raise SkipRecord("the URL has no host.")
    authority = found[1].rpartition("@")[2]
    number = _PORT.search(authority)
    host = host_of(authority[: number.start()] if number else authority)
    if host is None or ("." not in host.name and host.address is None):
        raise SkipRecord("the URL has no host that could be asked for.")
    length = None
    if host.address is not None:
        length = 32 if host.address.startswith(IPV4_MAPPED) else 128
    return Target("url", text, host.address, length, port=port(number[1]) if number else None)


def url_name(text: str) -> str | None:
    """The host name of a URL; None for an IP literal."""
    found = _URL.match(text) or _URL.match("//" + text)
    host = host_of(_PORT.sub("", found[1].rpartition("@")[2])) if found else None
    return host.name if host and host.address is None else None


def address_and_port(text: str) -> Target:
    """``192.0.2.1:443``, ``[2001:db8::1]:443`` or the address alone."""
    host, colon, number = text.rpartition(":")
    if colon and (found := packed(host.strip("[]"))) and (host.startswith("[") or found[1] == 32):
        return address(host.strip("[]"))._replace(port=port(number))
    return address(text.strip("[]"))


_NETWORK = re.compile(r"(?i:AS) ?\d{1,10}", re.ASCII)


def entry(text: str) -> Target:
    """Whatever it is, told by its form."""
    if "://" in text:
        return url(text)
    if _NETWORK.fullmatch(text):
        return network(text.replace(" ", ""))
    if packed(text.partition("/")[0]):
        return prefix(text) if "/" in text else address(text)
    if "/" in text:
        return url(text)
    if ":" in text:
        return address_and_port(text)
    return domain(text)


def wanted(value: object, column: str) -> str:
    """The text of a value that must be there."""
    text = words(value)
    if text is None:
        raise SkipRecord(f"{column} is missing.")
    return text


def host_of(text: str) -> Host | None:
    """A host, also a defanged one. One over 1,024 characters is none: the cache of names is not to hold it."""
    if len(text) > LONGEST_RAW:
        return None
    return read_host(text.replace("[.]", ".") if "[.]" in text else text)

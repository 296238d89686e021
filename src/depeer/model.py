"""Shared nouns, frozen. A noun that only one room uses lives in that room."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from depeer.errors import BadUsage

_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE)


class Role(StrEnum):
    """What an address was seen doing. Roles are never mixed: an infected home machine that sends
    is another thing than a rented server that controls it."""

    SENDER = "sender"
    LINK = "link"
    NAMESERVER = "nameserver"
    CONTROLLER = "controller"

    @property
    def phrase(self) -> str:
        """What may be said of a network that holds addresses in this role."""
        return _PHRASES[self]


_PHRASES = {
    Role.SENDER: "machines in it handed over spam (often infected or abused; says nothing about hosting)",
    Role.LINK: "machines in it answered for names or addresses that spam advertised",
    Role.NAMESERVER: "machines in it served the names that spam advertised",
    Role.CONTROLLER: "machines in it were listed as controllers of infected machines",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its uncertainty: ``low`` and ``high`` bound it at ``level``; ``method`` names how."""

    value: float
    low: float
    high: float
    level: float
    method: str

    def __post_init__(self) -> None:
        if not (self.low <= self.value <= self.high or self.value != self.value):
            raise ValueError(f"estimate {self.value} lies outside its interval {self.low}–{self.high}")
        if not 0 < self.level < 1:
            raise ValueError(f"level {self.level} is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class Network:
    """An autonomous system (RFC 4271, RFC 6793): its number, and its name as one snapshot gives it."""

    asn: int
    name: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.asn < 2**32:
            raise ValueError(f"{self.asn} is not an AS number (RFC 6793: 0 to 4294967295)")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One routing table, name list or relationship file: what the Internet looked like on ``day``."""

    id: str
    kind: str
    format: str
    day: date
    source: str


def parse_asn(text: str) -> int:
    """``AS26780`` or ``26780``. Raises BadUsage for anything else."""
    found = _ASN.fullmatch(text.strip())
    if not found or int(found[1]) >= 2**32:
        raise BadUsage(f"{text!r} is not an AS number such as 26780 or AS26780")
    return int(found[1])


def pack_address(text: str) -> bytes:
    """The 16 bytes that every table stores for an address; IPv4 is mapped (RFC 4291, 2.5.5.2).

    Raises ValueError for anything that is not one IPv4 or IPv6 address.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return b"\0" * 10 + b"\xff\xff" + address.packed
    return address.packed


def show_address(packed: bytes) -> str:
    """The text form of 16 packed bytes: dotted for IPv4-mapped, RFC 5952 otherwise."""
    if packed[:12] == IPV4_MAPPED:
        return str(ipaddress.IPv4Address(packed[12:]))
    return str(ipaddress.IPv6Address(packed))


IPV4_MAPPED = b"\0" * 10 + b"\xff\xff"

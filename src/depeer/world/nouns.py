"""What a simulated world is made of; frozen, so that truth written down stays true.

Times are aware and in UTC. Addresses are ``ipaddress`` objects. AS numbers are ints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from zlib import crc32

import numpy as np


def stream(seed: int, *names: object) -> np.random.Generator:
    """The random stream of one part of a world, named by what it is for: parts never disturb each other."""
    return np.random.default_rng([seed, *(crc32(str(name).encode()) for name in names)])


class Kind(StrEnum):
    """What a network is for."""

    TIER1 = "tier1"
    TRANSIT = "transit"
    EYEBALL = "eyeball"
    HOSTING = "hosting"
    CAMPUS = "campus"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Autonomous:
    """A network of the world: ``owner`` is shared by siblings; ``prefixes`` are what it originates."""

    asn: int
    name: str
    country: str
    kind: Kind
    owner: str
    prefixes: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """``upper`` provides to ``lower``, or both are peers. ``hidden`` links carry routes, but no relationship file
    shows them; ``dormant`` ones carry none until an uplink is lost."""

    upper: int
    lower: int
    peer: bool = False
    hidden: bool = False
    dormant: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message that somebody is about to send; what is needed to write its bytes.

    ``nature`` is spam, ham, delivery-report, auto-reply, challenge, list-confirmation, forwarded or comment.
    ``dialect`` names the mailing program, ``campaign`` the template family (empty for ham); ``serial`` makes it
    unique. ``chain`` are relays of the receiving side, outermost first, as (name, address); ``forged`` lines stand
    below the boundary. ``links`` are complete URLs that the text is to advertise.
    """

    serial: int
    nature: str
    sent: datetime
    received: datetime
    sender: IPv4Address
    helo: str
    rdns: str | None
    recipient: str
    category: str
    dialect: str
    campaign: str
    chain: tuple[tuple[str, IPv4Address], ...]
    forged: int = 0
    links: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

"""What a simulated Internet is asked to be: its size, its laws, its rates, what is pinned, what happens.

Rates are shares between 0 and 1 and become part of the truth: what an estimator of hidden or dormant
links should find. Times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from depeer.errors import BadInput
from depeer.world.nouns import Kind, Link

FEWEST, MOST = 30, 200_000


class Action(StrEnum):
    """What an event does; in brackets what ``networks`` names, in order."""

    CUT = "cut"
    """The link between two networks ends (either order); with one network, all of its links."""
    RESTORE = "restore"
    """What was cut between the two (or of the one) carries routes again."""
    ADD = "add"
    """A new link (provider, customer)."""
    PEER = "peer"
    """A new link between two peers."""
    ANNOUNCE = "announce"
    """(origin) begins to announce ``prefixes``; its own, without any."""
    WITHDRAW = "withdraw"
    """(origin) stops announcing ``prefixes``; all that it announces, without any."""


@dataclass(frozen=True, slots=True)
class Event:
    """One dated change. ``networks`` are AS numbers."""

    time: datetime
    action: Action
    networks: tuple[int, ...]
    prefixes: tuple[IPv4Network | IPv6Network, ...] = ()

    def __post_init__(self) -> None:
        wanted = _COUNTS[self.action]
        if len(self.networks) not in wanted:
            raise BadInput(f"event {self}: names {len(self.networks)} networks, {self.action} takes {wanted}")
        if self.time.tzinfo is None:
            raise BadInput(f"event {self}: the time has no zone; write it in UTC")

    def __str__(self) -> str:
        return f"{self.action} {', '.join(f'AS{asn}' for asn in self.networks)} at {self.time.isoformat()}"


_COUNTS = {
    Action.CUT: (1, 2),
    Action.RESTORE: (1, 2),
    Action.ADD: (2,),
    Action.PEER: (2,),
    Action.ANNOUNCE: (1,),
    Action.WITHDRAW: (1,),
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """A network that must exist as told. What is left empty is made up like that of any other network;
    with providers or peers given, it has no others (but those of the spec's ``links``). Networks named
    here that are not pinned themselves are made up as transit networks with that number."""

    asn: int
    name: str
    kind: Kind
    prefixes: tuple[IPv4Network | IPv6Network, ...] = ()
    providers: tuple[int, ...] = ()
    peers: tuple[int, ...] = ()
    country: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class InternetSpec:
    """``sizes`` and ``degrees`` name laws of ``size_laws.LAWS`` and ``degree_laws.LAWS``."""

    networks: int = 300
    epoch: datetime = datetime(2008, 11, 1, tzinfo=UTC)
    """What is there when the story begins; links have come and gone before and do so after."""
    sizes: str = "pareto"
    degrees: str = "preferential"
    history_days: int = 730
    horizon_days: int = 120
    churn: float = 0.01
    """Share of links that come, and that go, in thirty days."""
    hidden_uplinks: float = 0.04
    """Share of uplinks in use that no relationship file shows; each network keeps one that is shown."""
    hidden_peers: float = 0.3
    dormant: float = 0.06
    """Dormant uplinks for each network that is no member of the clique."""
    dormant_shown: float = 0.3
    """Share of dormant uplinks that relationship files show all the same (they were in use once)."""
    mislabelled: float = 0.01
    """Share of shown links whose relationship the files have wrong (peer for uplink, uplink for peer)."""
    peers: float = 1.2
    """Peer links at exchanges for each network, hidden ones included."""
    ipv6: float = 0.1
    four_byte: float = 0.05
    """Share of networks with a number above 131071 (RFC 6793)."""
    more_specifics: float = 0.3
    """Share of allocations larger than a /24 that are announced in parts, too."""
    reassigned: float = 0.15
    """Share of providers in which blocks are re-assigned to somebody else."""
    multi_origin: float = 0.01
    as_sets: float = 0.0005
    siblings: float = 0.08
    """Share of networks whose owner has others."""
    prepending: float = 0.12
    pinned: tuple[Pinned, ...] = ()
    links: tuple[Link, ...] = ()
    """Links besides; ``since`` and ``until`` count, ``hidden`` and ``dormant`` too."""
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        if not FEWEST <= self.networks <= MOST:
            raise BadInput(f"networks = {self.networks}: an Internet has {FEWEST} to {MOST} of them")
        if self.epoch.tzinfo is None:
            raise BadInput("epoch has no time zone; write it in UTC")
        for rate in fields(self):
            value = getattr(self, rate.name)
            if isinstance(value, float) and rate.name != "peers" and not 0 <= value <= 1:
                raise BadInput(f"{rate.name} = {value} is not a share between 0 and 1")
        if not 0 <= self.peers <= 20:
            raise BadInput(f"peers = {self.peers} is not between 0 and 20 links for each network")
        if not (0 <= self.history_days <= 3650 and 1 <= self.horizon_days <= 3650):
            raise BadInput("history_days and horizon_days are at most ten years")
        numbers = [pinned.asn for pinned in self.pinned]
        if len(set(numbers)) < len(numbers):
            raise BadInput("a network is pinned twice")

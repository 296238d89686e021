"""The other side: who lets servers to whom, where controllers, shops and name servers stand, and since when.

Bad servers stand where the scenario says, or are drawn: a hosting network's rate of bad servers per announced
address is its conduct's times a draw from the scenario's law, so small rogue networks, re-assigned blocks in
good ones and abused giants all come about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network

import numpy as np
from numpy.typing import NDArray

from depeer.world import story
from depeer.world.distributions import RATES
from depeer.world.nouns import Autonomous, Kind, stream
from depeer.world.scenario import BotnetPart, EventPart, FallbackPart, ProgrammePart, Scenario, operator_of
from depeer.world.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SERVER_RATE = {"good": 0.02, "careless": 0.3, "rogue": 10.0}
"""Bad servers per address, by conduct, up to a common factor."""
KIND_FACTOR = {Kind.HOSTING: 1.0, Kind.BUSINESS: 0.02, Kind.TRANSIT: 0.01}
"""The same, by what a network is for; others let no servers."""
GIANT_FACTOR = 4.0
BLOCK_FACTOR = 3.0
"""An abused giant against other good ones, and a re-assigned block against a rogue network."""


@dataclass(frozen=True, slots=True)
class Block:
    """Addresses inside somebody's network that were let to a bad customer."""

    network: int
    """Index in the world's list of networks."""
    prefix: IPv4Network
    tenant: str


@dataclass(frozen=True, slots=True)
class Landlords:
    """How each network behaves, and how densely bad servers stand in it."""

    conduct: tuple[str, ...]
    giants: tuple[int, ...]
    blocks: tuple[Block, ...]
    rate: Floats
    """(networks,): bad servers per announced address, up to a common factor, blocks not counted."""
    block_rate: Floats

    def weights(self, sizes: Ints) -> Floats:
        """(networks + blocks,): where the next bad server is likely to stand."""
        inside = np.array([block.prefix.num_addresses for block in self.blocks], float)
        weights = np.concatenate([self.rate * sizes, self.block_rate * inside])
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True, slots=True)
class Controller:
    """One controller at one address for a time."""

    botnet: str
    slot: int
    address: IPv4Address
    asn: int
    since: datetime
    until: datetime
    drawn: bool
    """Whether its place was drawn by the landlords' rates, not set by the scenario."""


@dataclass(frozen=True, slots=True)
class Host:
    """An address that a name led to for a time."""

    address: IPv4Address
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Domain:
    """A shop's name while it lived."""

    name: str
    programme: str
    storefront: int
    since: datetime
    until: datetime
    hosts: tuple[Host, ...]
    nameservers: tuple[str, ...]
    seized: bool


@dataclass(frozen=True, slots=True)
class Programme:
    """An affiliate programme with all names it ever used; ``nameservers`` by name."""

    name: str
    operator: str
    category: str
    domains: tuple[Domain, ...]
    nameservers: Mapping[str, IPv4Address]
    servers: tuple[IPv4Address, ...]
    server_networks: tuple[int, ...]
    """AS numbers of ``servers``, and of ``nameservers``, in their order."""
    nameserver_networks: tuple[int, ...]
    drawn: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """Messages from one template, sent by one botnet for one programme."""

    name: str
    botnet: str
    programme: str
    category: str
    since: datetime
    until: datetime


def landlords(scenario: Scenario, networks: Sequence[Autonomous], space: Space, seed: int) -> Landlords:
    """Who behaves how: named networks as told, invented hosting networks by their shares."""
    random = stream(seed, "conduct")
    named = {one.asn: one for one in scenario.networks}
    invented = [i for i, n in enumerate(networks) if n.kind == Kind.HOSTING and n.asn not in named]
    conduct = [named[n.asn].conduct if n.asn in named else "good" for n in networks]
    draws = random.random(len(networks))
    for i in invented:
        part = scenario.hosting
        conduct[i] = (
            "rogue"
            if draws[i] < part.rogue
            else "careless"
            if draws[i] < part.rogue + part.careless
            else "good"
        )
    good = sorted((i for i in invented if conduct[i] == "good"), key=lambda i: -int(space.sizes[i]))
    giants = tuple(good[: scenario.hosting.giants])
    factors = RATES[scenario.rates.hosting_law](random, len(networks), scenario.rates.hosting_spread)
    rate = np.array(
        [KIND_FACTOR.get(n.kind, 0.0) * SERVER_RATE[c] for n, c in zip(networks, conduct, strict=True)]
    )
    rate[list(giants)] *= GIANT_FACTOR
    rate[[n.asn in _settled(scenario) for n in networks]] = 0
    blocks = _blocks(scenario, networks, good, random)
    return Landlords(
        tuple(conduct),
        giants,
        blocks,
        np.asarray(rate * factors),
        np.full(len(blocks), BLOCK_FACTOR * SERVER_RATE["rogue"]),
    )


def _settled(scenario: Scenario) -> set[int]:
    """Networks whose bad servers the scenario itself places, or whose routes it changes: none are drawn there."""
    placed = {asn for botnet in scenario.botnets for asn in botnet.at}
    placed |= {asn for programme in scenario.programmes for asn in programme.at}
    return (
        placed | {e.network for e in scenario.events if e.network} | {e.to for e in scenario.events if e.to}
    )


def _blocks(
    scenario: Scenario, networks: Sequence[Autonomous], good: Sequence[int], random: np.random.Generator
) -> tuple[Block, ...]:
    """A /24 of a good provider's largest prefix, each for another tenant."""
    made: list[Block] = []
    hosts = [i for i in good if any(p.version == 4 and p.prefixlen <= 24 for p in networks[i].prefixes)]
    for number in range(scenario.hosting.rogue_blocks if hosts else 0):
        i = hosts[int(random.integers(len(hosts)))]
        inside = max(
            (p for p in networks[i].prefixes if isinstance(p, IPv4Network) and p.prefixlen <= 24),
            key=lambda p: p.num_addresses,
        )
        place = int(random.integers(inside.num_addresses // 256))
        prefix = IPv4Network((int(inside.network_address) + place * 256, 24))
        if all(block.prefix != prefix for block in made):
            made.append(Block(i, prefix, f"tenant-{number + 1}-simulated"))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where servers can stand: networks, their addresses, and how likely each is."""

    networks: Sequence[Autonomous]
    space: Space
    landlords: Landlords

    def at(self, asn: int, random: np.random.Generator) -> IPv4Address:
        """A drawn address of a network."""
        index = next(i for i, n in enumerate(self.networks) if n.asn == asn)
        return self._inside(index, random)

    def anywhere(self, random: np.random.Generator) -> tuple[IPv4Address, int]:
        """A drawn address by the landlords' rates, and its network."""
        weights = self.landlords.weights(self.space.sizes)
        pick = int(random.choice(len(weights), p=weights))
        if pick < len(self.networks):
            return self._inside(pick, random), self.networks[pick].asn
        block = self.landlords.blocks[pick - len(self.networks)]
        return block.prefix[int(random.integers(1, 255))], self.networks[block.network].asn

    def _inside(self, index: int, random: np.random.Generator) -> IPv4Address:
        number = np.array([int(random.integers(int(self.space.sizes[index])))])
        return IPv4Address(int(self.space.address(np.array([index]), number)[0]))


def controllers(
    scenario: Scenario, ground: Ground, events: Sequence[EventPart], seed: int
) -> tuple[Controller, ...]:
    """Every controller with its address at each time; no address holds two at once."""
    made: list[Controller] = []
    taken: set[IPv4Address] = set()
    for botnet in scenario.botnets:
        random = stream(seed, "controllers", botnet.name)
        for stay in story.stays(scenario, botnet, events):
            made.append(_placed(botnet, stay, ground, random, taken, made))
            taken.add(made[-1].address)
    return tuple(made)


def _placed(
    botnet: BotnetPart,
    stay: story.Stay,
    ground: Ground,
    random: np.random.Generator,
    taken: set[IPv4Address],
    before: Sequence[Controller],
) -> Controller:
    first = not any(c.botnet == botnet.name and c.slot == stay.slot for c in before)
    if first and stay.slot < len(botnet.addresses) and stay.asn is not None:
        address = botnet.addresses[stay.slot]
        asn = next(a for a in dict.fromkeys(botnet.at) if _holds(ground, a, address))
        return Controller(botnet.name, stay.slot, address, asn, stay.since, stay.until, False)
    for _ in range(1000):
        if stay.asn is None:
            address, asn = ground.anywhere(random)
        else:
            address, asn = ground.at(stay.asn, random), stay.asn
        if address not in taken:
            break
    return Controller(botnet.name, stay.slot, address, asn, stay.since, stay.until, stay.asn is None)


def _holds(ground: Ground, asn: int, address: IPv4Address) -> bool:
    return any(address in p for n in ground.networks if n.asn == asn for p in n.prefixes)


# ----------------------------------------------------------------------------------------- shops


def programme(
    scenario: Scenario, part: ProgrammePart, ground: Ground, events: Sequence[EventPart], seed: int
) -> Programme:
    """Its servers, its names with what they led to, and its name servers."""
    random = stream(seed, "programme", part.name)
    servers, server_networks = _servers(part, part.servers, ground, random)
    addresses, nameserver_networks = _servers(part, part.nameservers, ground, random)
    names = (f"ns{i + 1}.{_label(part.name)}-dns.example" for i in range(part.nameservers))
    nameservers = dict(zip(names, addresses, strict=True))
    seizures = [e.on for e in events if e.kind == "domains-seized" and e.programme == part.name]
    domains = [
        _domain(part, since, until, slot, number, servers, tuple(nameservers), until in seizures, random)
        for slot in range(part.storefronts)
        for number, (since, until) in enumerate(_lives(scenario, part, seizures, random))
    ]
    return Programme(
        part.name, operator_of(part), part.category, tuple(domains), nameservers, servers, server_networks,
        nameserver_networks, not part.at,
    )  # fmt: skip


def _servers(
    part: ProgrammePart, count: int, ground: Ground, random: np.random.Generator
) -> tuple[tuple[IPv4Address, ...], tuple[int, ...]]:
    """Addresses of ``count`` servers and their networks."""
    placed = [part.at[i % len(part.at)] if part.at else None for i in range(count)]
    found = [ground.anywhere(random) if asn is None else (ground.at(asn, random), asn) for asn in placed]
    return tuple(address for address, _ in found), tuple(asn for _, asn in found)


def _lives(
    scenario: Scenario, part: ProgrammePart, seizures: Sequence[datetime], random: np.random.Generator
) -> Iterator[tuple[datetime, datetime]]:
    """One name after the other, from before the first day to after the last."""
    at = scenario.begins - timedelta(days=float(random.random()) * part.lifetime_days)
    while at < scenario.ends:
        until = at + timedelta(days=max(float(random.exponential(part.lifetime_days)), 0.25))
        until = min([until.replace(microsecond=0), *(s for s in seizures if at < s < until)])
        yield at.replace(microsecond=0), until
        at = until


_HEADS = ("meds", "pills", "watch", "luxe", "soft", "stock", "date", "bank", "win", "health", "deal", "shop")


def _domain(
    part: ProgrammePart,
    since: datetime,
    until: datetime,
    slot: int,
    number: int,
    servers: Sequence[IPv4Address],
    nameservers: tuple[str, ...],
    seized: bool,
    random: np.random.Generator,
) -> Domain:
    token = blake2b(f"{part.name}/{slot}/{number}".encode(), digest_size=5).hexdigest()
    name = f"{_HEADS[int(random.integers(len(_HEADS)))]}-{token}.example"
    hosts, at = [], since
    while at < until:
        end = min(at + timedelta(hours=part.flux_hours), until)
        hosts.append(Host(servers[int(random.integers(len(servers)))], at, end))
        at = end
    return Domain(name, part.name, slot, since, until, tuple(hosts), nameservers, seized)


def campaigns(scenario: Scenario, seed: int) -> tuple[Campaign, ...]:
    """For each botnet and programme, ``campaigns`` at a time, one after the other. A botnet without a programme
    sends for nobody: a campaign without links."""
    made: list[Campaign] = []
    for botnet in scenario.botnets:
        served = [p for p in scenario.programmes if p.name in botnet.programmes]
        for part in served or [ProgrammePart("", "stock")]:
            random = stream(seed, "campaigns", botnet.name, part.name)
            for slot in range(part.campaigns):
                made += _runs(scenario, botnet, part, slot, random)
    return tuple(made)


def _runs(
    scenario: Scenario, botnet: BotnetPart, part: ProgrammePart, slot: int, random: np.random.Generator
) -> Iterator[Campaign]:
    at, number = scenario.begins - timedelta(days=float(random.random()) * part.campaign_days), 0
    while at < scenario.ends:
        until = at + timedelta(days=max(float(random.exponential(part.campaign_days)), 0.5))
        name = f"{_label(botnet.name)}-{_label(part.name) or 'nobody'}-{slot + 1}-{number + 1}"
        yield Campaign(name, botnet.name, part.name, part.category, at, until)
        at, number = until, number + 1


def fallback_names(botnet: str, part: FallbackPart, day: date) -> list[str]:
    """The names that bots without a controller look up on ``day``: a function of botnet and date alone."""
    period = day.toordinal() // part.period_days
    return [
        blake2b(f"{botnet}/{period}/{i}".encode(), digest_size=6).hexdigest().translate(_LETTERS) + ".example"
        for i in range(part.names)
    ]


_LETTERS = str.maketrans("0123456789abcdef", "aeioubcdfghjklmn")


def _label(text: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in text.lower()).strip("-")

"""Infected machines: how many, where, at which address when; and what of them a sample of mail can show.

True rates: network n holds infected machines at a rate drawn from the scenario's law per announced address, times
what its kind and its country make of it. Machines are drawn from that (Poisson), live for a time, and change
addresses by their lease. ``expected_seen`` is what the mail written can show of it: the mean number of distinct
addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.world.distributions import CHURN, RATES
from depeer.world.nouns import Autonomous, Kind, stream
from depeer.world.scenario import BotnetPart, Scenario
from depeer.world.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KIND_FACTOR = {
    Kind.EYEBALL: 1.0,
    Kind.CAMPUS: 0.15,
    Kind.BUSINESS: 0.2,
    Kind.HOSTING: 0.1,
    Kind.TRANSIT: 0.02,
    Kind.TIER1: 0.01,
}
"""Infected machines per address by what a network is for, against a network of homes."""
MOST = 0.25
"""No network has more than this many infected machines per address."""
_SAMPLE, _STEPS = 500, 8
"""Machines looked at, and steps a day: an address is kept for a quarter of a day at least."""


@dataclass(frozen=True, slots=True)
class Machines:
    """All machines that ever belonged to a botnet, one row each. Times in days from the world's first."""

    botnet: str
    network: Ints
    born: Floats
    gone: Floats
    lease: Floats
    phase: Floats
    key: Ints
    cleaned: bool
    """Whether machines are ever cleaned."""

    def __len__(self) -> int:
        return len(self.network)

    def alive(self, day: int) -> Ints:
        """Machines infected at noon of a day."""
        if not self.cleaned:
            return np.arange(len(self))
        return np.flatnonzero((self.born <= day + 0.5) & (self.gone > day + 0.5))

    def count(self, days: int) -> Ints:
        """(days,): how many are infected at noon of each."""
        ends = [
            np.sort(np.ceil(np.clip(times - 0.5, 0, days)).astype(np.int64))
            for times in (self.born, self.gone)
        ]
        born, gone = (np.searchsorted(some, np.arange(days), side="right") for some in ends)
        return np.asarray(born - gone, np.int64)

    def slot(self, rows: Ints, time: Floats) -> Ints:
        """Number of the address that each of ``rows`` has at ``time``."""
        return np.asarray(np.floor(time / self.lease[rows] + self.phase[rows]), np.int64)

    def address(self, space: Space, rows: Ints, time: Floats) -> Ints:
        """The address of each of ``rows`` at ``time``, as integers."""
        number = _mixed(self.key[rows], self.slot(rows, time))
        return space.address(self.network[rows], number)


def _mixed(key: Ints, slot: Ints) -> Ints:
    """A large number from two, evenly spread (the finaliser of SplitMix64; Steele, Lea, Flood 2014)."""
    z = key.astype(np.uint64) + (slot.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((z ^ (z >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)


def rates(scenario: Scenario, networks: Sequence[Autonomous], space: Space, seed: int) -> Floats:
    """(botnets, networks): infected machines per announced address at a time; the truth that a ranking is held to.

    Each botnet's sum over all addresses is its number of machines, unless networks are full.
    """
    random = stream(seed, "rates")
    draws = RATES[scenario.rates.law](random, len(networks), scenario.rates.spread)
    silent = {one.asn for one in scenario.networks if not one.sends}
    factor = KIND_FACTOR if scenario.rates.by_kind else dict.fromkeys(Kind, 1.0)
    kinds = np.array([0.0 if n.asn in silent else factor[n.kind] for n in networks])
    rows = [_scaled(botnet, draws * kinds * _tilt(botnet, networks), space) for botnet in scenario.botnets]
    table = np.array(rows)
    return np.asarray(table * np.minimum(1, MOST / np.maximum(table.sum(axis=0), 1e-300)))


def _tilt(botnet: BotnetPart, networks: Sequence[Autonomous]) -> Floats:
    """How much more a botnet is at home in a country than elsewhere."""
    return np.array([botnet.countries.get(n.country, 1.0) for n in networks])


def _scaled(botnet: BotnetPart, weight: Floats, space: Space) -> Floats:
    total = float((weight * space.sizes).sum())
    return np.asarray(weight * (botnet.machines / total)) if total else weight


def machines(scenario: Scenario, botnet: BotnetPart, rate: Floats, space: Space, seed: int) -> Machines:
    """The machines of one botnet: a Poisson number in each network, and successors for those cleaned."""
    random = stream(seed, "machines", botnet.name)
    count = random.poisson(rate * space.sizes)
    network = np.repeat(np.arange(len(count)), count)
    born, gone = np.zeros(len(network)), np.full(len(network), np.inf)
    if botnet.life_days:
        network, born, gone = _generations(network, botnet.life_days, scenario.days, random)
    number = len(network)
    return Machines(
        botnet.name,
        network,
        born,
        gone,
        CHURN[botnet.churn](random, number, botnet.lease_days),
        random.random(number),
        random.integers(0, 2**62, number),
        botnet.life_days > 0,
    )


def _generations(
    network: Ints, life: float, days: int, random: np.random.Generator
) -> tuple[Ints, Floats, Floats]:
    """Each place is infected again when its machine is cleaned, in another machine of the same network."""
    at = np.zeros(len(network))
    parts = []
    while len(network):
        end = at + random.exponential(life, len(network))
        parts.append((network, at, end))
        more = end < days
        network, at = network[more], end[more]
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else []
    return (joined[0], joined[1], joined[2]) if joined else (network, at, at)


def shown_by_mail(scenario: Scenario, some: Machines, mails: Floats, seed: int) -> float:
    """Mean number of distinct addresses that ``mails`` (days,) messages of a botnet show, for each machine that
    is infected at a time. Messages fall on machines at random, so an address with expected κ is seen with 1 − e^−κ.
    """
    if not len(some):
        return 0.0
    rows = _typical(scenario, some, stream(seed, "shown", some.botnet))[:, None]
    alive = some.count(scenario.days)
    each = np.repeat(mails / np.maximum(alive, 1) / _STEPS, _STEPS)
    day = np.repeat(np.arange(scenario.days), _STEPS) + 0.5
    here = (some.born[rows] <= day) & (some.gone[rows] > day)
    time = (np.arange(len(each)) + 0.5) / _STEPS
    fresh = np.diff(np.floor(time / some.lease[rows] + some.phase[rows]), axis=1, prepend=-1) != 0
    held = np.bincount(np.cumsum(fresh.ravel()) - 1, (here * each).ravel())
    return float((1 - np.exp(-held)).sum()) / _SAMPLE * len(some) / max(float(alive.mean()), 1e-9)


def _typical(scenario: Scenario, some: Machines, random: np.random.Generator) -> Ints:
    """Machines evenly spread over how many addresses they can show: few stand for many (systematic sampling)."""
    drawn = random.integers(len(some), size=40 * _SAMPLE)
    days = np.minimum(some.gone[drawn], scenario.days) - some.born[drawn]
    order = np.argsort(days * (1 + 1 / some.lease[drawn]), kind="stable")
    return np.asarray(drawn[order[20::40]])


def expected_seen(rate: Floats, shown: Floats, sizes: Ints) -> Floats:
    """(networks,): mean number of distinct sender addresses that the mail shows in each network.

    ``rate`` (botnets, networks), ``shown`` (botnets,). Two machines may have had the same address: of E addresses, x
    drawn ones are E·(1 − e^(−x/E)) distinct ones.
    """
    drawn = (rate * sizes).T @ shown
    size = np.maximum(sizes, 1)
    return np.asarray(size * -np.expm1(-drawn / size))

"""Who writes which message to whom: a day at one sensor, drawn where the whole world is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from depeer.world import sensors
from depeer.world.actors import Campaign
from depeer.world.draw import World
from depeer.world.mail import BOT_DIALECTS
from depeer.world.nouns import Kind, stream
from depeer.world.scenario import SensorPart, operator_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BACKSCATTER = {
    "delivery-report": 0.6,
    "auto-reply": 0.2,
    "challenge": 0.05,
    "list-confirmation": 0.05,
    "forwarded": 0.1,
}
"""What comes back to traps whose addresses spammers forge, by share."""
WANTED = {"newsletter": 0.5, "personal": 0.35, "transaction": 0.1, "report": 0.05}
"""What people want, by share."""
_PEOPLE = ("thunderbird", "mutt", "outlook", "apple-mail", "webmail")
_MAILERS = {"transaction": ("java-shop",), "report": ("cron",)}
TWO_LINKS = 0.15


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to be written, and what is true of it."""

    serial: int
    nature: str
    seconds: float
    """Since the day's beginning."""
    sender: int
    asn: int
    domain: str
    """Of the network's reverse names."""
    homes: bool
    """Whether it is a network of homes, whose reverse names spell the address."""
    category: str
    dialect: str
    botnet: str = ""
    machine: int = -1
    campaign: str = ""
    programme: str = ""
    operator: str = ""
    controller: int = 0
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """A day at one sensor."""

    sensor: SensorPart
    place: int
    """The sensor's number among all, for the addresses of its machines."""
    day: datetime
    seed: int
    label: str
    """spam (with what comes back to traps) or ham: they lie in files apart, as people who label mail keep them."""
    recipients: tuple[str, ...]
    letters: tuple[Letter, ...]


def batches(world: World) -> Iterator[Batch]:
    """Day by day, sensor by sensor, spam and ham apart; what would be empty is left out."""
    desk = _Desk.of(world)
    serial = 0
    for day in range(world.scenario.days):
        alive = [some.alive(day) for some in world.machines]
        for place, sensor in enumerate(world.scenario.sensors):
            for label, letters in desk.day(sensor, day, alive).items():
                yield Batch(
                    sensor,
                    place,
                    world.scenario.begins + timedelta(day),
                    world.seed,
                    label,
                    tuple(_recipients(world, sensor, day)),
                    tuple(replace(letter, serial=serial + i) for i, letter in enumerate(letters)),
                )
                serial += len(letters)


def _recipients(world: World, sensor: SensorPart, day: int) -> list[str]:
    lists = sensors.recipients(world.scenario, sensor)
    spans = sensors.epochs(world.scenario, sensor)
    return next(one for one, (_, until) in zip(lists, spans, strict=True) if day * 24 < until)


@dataclass(frozen=True, slots=True)
class _Run:
    """Campaigns that follow one another without a gap: ``starts`` in hours."""

    campaigns: tuple[Campaign, ...]
    starts: Floats
    programme: int
    """Index of its programme in the world's list; -1 for none."""

    def at(self, hour: float) -> Campaign:
        return self.campaigns[int(np.searchsorted(self.starts, hour, side="right")) - 1]


@dataclass(frozen=True, slots=True)
class _Front:
    """The names of one storefront, one after the other: ``starts`` in hours."""

    names: tuple[str, ...]
    starts: Floats

    def at(self, hour: float) -> str:
        return self.names[int(np.searchsorted(self.starts, hour, side="right")) - 1]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What planning looks up, prepared once."""

    world: World
    runs: tuple[tuple[_Run, ...], ...]
    """By botnet."""
    fronts: tuple[tuple[_Front, ...], ...]
    """By programme."""
    obeyed: tuple[tuple[Floats, Ints], ...]
    """By botnet: hours of moves, and addresses by controller and move."""
    servers: Ints
    """Indices of the networks in which mail servers of honest people stand."""
    domains: tuple[str, ...]
    """By network, of its reverse names."""

    @classmethod
    def of(cls, world: World) -> _Desk:
        honest = (Kind.BUSINESS, Kind.CAMPUS, Kind.HOSTING)
        servers = [
            i
            for i, n in enumerate(world.networks)
            if n.kind in honest and world.landlords.conduct[i] == "good"
        ]
        return cls(
            world,
            tuple(_runs(world, botnet.name) for botnet in world.scenario.botnets),
            tuple(_fronts(world, i) for i in range(len(world.programmes))),
            tuple(_obeyed(world, botnet.name) for botnet in world.scenario.botnets),
            np.array(servers or range(len(world.networks)), np.int64),
            tuple(f"as{n.asn}-{n.country.lower() or 'xx'}.example" for n in world.networks),
        )

    def day(self, sensor: SensorPart, day: int, alive: Sequence[Ints]) -> dict[str, list[Letter]]:
        """Everything that a sensor's mail of a day holds, by label and time; serial numbers come later."""
        random = stream(self.world.seed, "letters", sensor.name, day)
        sensed = self.world.sensed[sensor.name]
        hours = slice(day * 24, day * 24 + 24)
        found: list[Letter] = []
        for botnet in range(len(self.world.scenario.botnets)):
            count = sensed.written[botnet, hours]
            if count.sum() and len(alive[botnet]):
                found += self._spam(botnet, day, count, alive[botnet], random)
        back = int(random.poisson(sensor.backscatter * sensed.written[:, hours].sum()))
        found += self._honest(_drawn(BACKSCATTER, back, random), random)
        ham = list(self._honest(["ham"] * int(sensed.written_ham[hours].sum()), random))
        return {
            label: sorted(some, key=lambda letter: letter.seconds)
            for label, some in (("spam", found), ("ham", ham))
            if some
        }

    def _spam(
        self, botnet: int, day: int, count: Ints, alive: Ints, random: np.random.Generator
    ) -> Iterator[Letter]:
        world, part, machines = self.world, self.world.scenario.botnets[botnet], self.world.machines[botnet]
        time = day * 24 + np.repeat(np.arange(24), count) + random.random(int(count.sum()))
        rows = alive[random.integers(len(alive), size=len(time))]
        senders = machines.address(world.space, rows, time / 24)
        moves, addresses = self.obeyed[botnet]
        obeyed = addresses[rows % len(addresses), np.searchsorted(moves, time, side="right") - 1]
        chosen = random.choice(len(self.runs[botnet]), len(time), p=self._shares(botnet, day))
        for i, run in enumerate(self.runs[botnet][number] for number in chosen):
            campaign, index = run.at(time[i]), int(machines.network[rows[i]])
            yield Letter(
                serial=-1,
                nature="spam",
                seconds=(time[i] - day * 24) * 3600,
                sender=int(senders[i]),
                asn=world.networks[index].asn,
                domain=self.domains[index],
                homes=world.networks[index].kind == Kind.EYEBALL,
                category=campaign.category,
                dialect=dialect_of(world, part.name),
                botnet=part.name,
                machine=int(rows[i]),
                campaign=campaign.name,
                programme=campaign.programme,
                operator=world.programmes[run.programme].operator if run.programme >= 0 else "",
                controller=int(obeyed[i]),
                shops=self._shops(run.programme, time[i], random),
            )

    def _shares(self, botnet: int, day: int) -> Floats:
        """Of each run, that day: an injunction weighs on its operator's."""
        noon = self.world.scenario.begins + timedelta(days=day, hours=12)
        weights = np.ones(len(self.runs[botnet]))
        for event in self.world.events:
            if event.kind == "injunction" and event.on <= noon < (event.until or self.world.scenario.ends):
                for i, run in enumerate(self.runs[botnet]):
                    part = self.world.scenario.programmes[run.programme] if run.programme >= 0 else None
                    if part and operator_of(part) == event.operator:
                        weights[i] *= max(event.level, 1e-9)
        return np.asarray(weights / weights.sum())

    def _shops(self, programme: int, hour: float, random: np.random.Generator) -> tuple[str, ...]:
        if programme < 0:
            return ()
        fronts = self.fronts[programme]
        wanted = 2 if random.random() < TWO_LINKS else 1
        return tuple(fronts[int(random.integers(len(fronts)))].at(hour) for _ in range(wanted))

    def _honest(self, natures: Sequence[str], random: np.random.Generator) -> Iterator[Letter]:
        """Mail from the servers of people who are not spammers; what bounces is of some campaign."""
        where = self.servers[random.integers(len(self.servers), size=len(natures))]
        senders = self.world.space.address(where, random.integers(64, size=len(natures)))
        for nature, index, sender in zip(natures, where.tolist(), senders.tolist(), strict=True):
            topic = _drawn(WANTED, 1, random)[0]
            campaign = self.world.campaigns[int(random.integers(len(self.world.campaigns)))]
            people = _MAILERS.get(topic, _PEOPLE)
            ham = nature == "ham"
            yield Letter(
                serial=-1,
                nature=nature,
                seconds=float(random.random()) * 86_399,
                sender=sender,
                asn=self.world.networks[index].asn,
                domain=self.domains[index],
                homes=False,
                category=topic if ham else campaign.category,
                dialect=people[int(random.integers(len(people)))]
                if ham
                else dialect_of(self.world, campaign.botnet),
                campaign="" if ham else campaign.name,
            )


def dialect_of(world: World, botnet: str) -> str:
    """As the scenario says, else by its place in the list."""
    names = tuple(BOT_DIALECTS)
    for i, part in enumerate(world.scenario.botnets):
        if part.name == botnet:
            return part.dialect or names[i % len(names)]
    raise ValueError(f"there is no botnet {botnet!r}")


def _drawn(shares: dict[str, float], count: int, random: np.random.Generator) -> list[str]:
    names = tuple(shares)
    return [names[i] for i in random.choice(len(names), count, p=tuple(shares.values()))]


def _runs(world: World, botnet: str) -> tuple[_Run, ...]:
    index = {programme.name: i for i, programme in enumerate(world.programmes)}
    grouped: dict[str, list[Campaign]] = {}
    for campaign in world.campaigns:
        if campaign.botnet == botnet:
            grouped.setdefault(campaign.name.rpartition("-")[0], []).append(campaign)
    return tuple(
        _Run(tuple(some), _hours(world, [c.since for c in some]), index.get(some[0].programme, -1))
        for some in grouped.values()
    )


def _hours(world: World, moments: Sequence[datetime]) -> Floats:
    return np.array([(moment - world.scenario.begins) / timedelta(hours=1) for moment in moments])


def _fronts(world: World, programme: int) -> tuple[_Front, ...]:
    """The domains of a programme come storefront by storefront, in order of time."""
    grouped: dict[int, list[int]] = {}
    domains = world.programmes[programme].domains
    for i, domain in enumerate(domains):
        grouped.setdefault(domain.storefront, []).append(i)
    return tuple(
        _Front(tuple(domains[i].name for i in some), _hours(world, [domains[i].since for i in some]))
        for some in grouped.values()
    )


def _obeyed(world: World, botnet: str) -> tuple[Floats, Ints]:
    """Hours of moves, and the address of each controller after each."""
    own = [c for c in world.controllers if c.botnet == botnet]
    since = sorted({c.since for c in own})
    table = np.zeros((max(c.slot for c in own) + 1, len(since)), np.int64)
    for one in own:
        table[one.slot, since.index(one.since)] = int(one.address)
    return _hours(world, since), table

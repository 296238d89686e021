"""A scenario: the small TOML file that, with a seed, says everything about a world.

The dataclasses below are its schema (see `depeer.world.strict`); `depeer.world.references` holds it to its own
references and to the order of its dates, `depeer.world.shelf` finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from depeer.world.distributions import CHURN, NOISE, RATES
from depeer.world.mail import BOT_DIALECTS, CATEGORIES
from depeer.world.nouns import Kind

CONDUCTS = ("good", "careless", "rogue")
CHANGES = ("collector-replaced", "addresses-rotated", "filter-changed")
FEEDS = ("feodo-csv", "drop-json", "drop-text", "asndrop-text", "stopforumspam", "passive-dns")
SENSOR_KINDS = ("pristine", "recycled", "typo", "user-reports", "mailbox")
EVENTS = {
    "uplink-cuts": ("network", "uplink"),
    "returns": ("network", "uplink"),
    "withdrawn": ("network",),
    "controller-moves": ("botnet", "to"),
    "domains-seized": ("programme",),
    "injunction": ("operator",),
    "pause": ("botnet", "until"),
}
"""Kinds of event, and the keys that each needs beside ``kind`` and ``on``."""


def _bound(default: Any, **metadata: Any) -> Any:
    return field(default=default, metadata=metadata)


def _table(**metadata: Any) -> Any:
    return field(default_factory=dict, metadata=metadata)


@dataclass(frozen=True, slots=True)
class InternetPart:
    """How large the rest of the Internet is, and on which days its routing is written (default: first and last)."""

    networks: int = _bound(300, least=10, most=80_000)
    snapshots: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class RatesPart:
    """The laws of true rates: infected machines per announced address, and bad servers per address."""

    law: str = _bound("lognormal", among=tuple(RATES))
    spread: float = _bound(1.5, least=0.05, most=4.0)
    by_kind: bool = True
    """Whether homes are infected more often than offices and servers; if not, all networks draw from one law."""
    hosting_law: str = _bound("lognormal", among=tuple(RATES))
    hosting_spread: float = _bound(1.0, least=0.05, most=4.0)


@dataclass(frozen=True, slots=True)
class HostingPart:
    """How the invented hosting networks behave, and the bad corners of the good ones."""

    careless: float = _bound(0.15, least=0.0, most=1.0)
    rogue: float = _bound(0.03, least=0.0, most=1.0)
    rogue_blocks: int = _bound(3, least=0, most=1000)
    """Blocks (/24) let to bad customers inside good providers."""
    giants: int = _bound(1, least=0, most=100)
    """Large good providers whose customers abuse them: many bad servers, at a low rate."""


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """A network that the scenario itself names, with its uplinks. ``hidden`` uplinks carry routes but are in no
    relationship file; ``dormant`` ones take over an hour after the last provider was lost."""

    asn: int = field(metadata={"key": "asn", "least": 1, "most": 2**32 - 1})
    name: str
    prefixes: tuple[IPv4Network, ...] = ()
    """What it originates; none: the Internet gives it some after its kind."""
    country: str = "US"
    kind: str = _bound("hosting", among=tuple(Kind))
    owner: str = ""
    conduct: str = _bound("good", among=CONDUCTS)
    providers: tuple[int, ...] = ()
    peers: tuple[int, ...] = ()
    hidden: tuple[int, ...] = ()
    dormant: tuple[int, ...] = ()
    sends: bool = True
    """False for a network without a single infected machine."""
    peer_reach: float = _bound(0.25, least=0.0, most=1.0)
    """The share of the Internet that still hears it when only peers are left."""

    @property
    def uplinks(self) -> tuple[int, ...]:
        return (*self.providers, *self.peers, *self.hidden, *self.dormant)


@dataclass(frozen=True, slots=True)
class FallbackPart:
    """Names generated from the date, by which bots look for new controllers."""

    names: int = _bound(4, least=1, most=1000)
    period_days: int = _bound(3, least=1, most=365)


@dataclass(frozen=True, slots=True)
class BotnetPart:
    """Infected machines under one command. ``volume`` is its share of all spam, up to a factor."""

    name: str
    machines: int = field(metadata={"key": "machines", "least": 1, "most": 20_000_000})
    volume: float = field(metadata={"key": "volume", "least": 0.0})
    dialect: str = _bound("", among=("", *BOT_DIALECTS))
    """The mailing program's handwriting; none: by its place in the list."""
    churn: str = _bound("exponential", among=tuple(CHURN))
    lease_days: float = _bound(7.0, least=0.25)
    life_days: float = _bound(0.0, least=0.0)
    """Mean time until a machine is cleaned and another infected; 0: nobody is cleaned."""
    countries: Mapping[str, float] = _table(least=0.0)
    controllers: int = _bound(4, least=1, most=10_000)
    at: tuple[int, ...] = ()
    """Networks that its controllers stand in, in turn; none: drawn among the hosting networks by their rates."""
    addresses: tuple[IPv4Address, ...] = ()
    """Addresses of its first controllers, where known."""
    programmes: tuple[str, ...] = ()
    hold_hours: float = _bound(3.0, least=0.1)
    """Mean time that bots go on with the orders they have."""
    rejoin_hours: float = _bound(36.0, least=0.1)
    """Mean time until bots notice that controllers answer again."""
    plateau_days: float = _bound(0.0, least=0.0)
    growth: float = _bound(0.05, least=0.0, most=2.0)
    """After a move and the plateau: growth a day of the machines regained."""
    fallback: FallbackPart | None = None


@dataclass(frozen=True, slots=True)
class ProgrammePart:
    """An affiliate programme: what is sold, under which names, where the shops and their name servers stand."""

    name: str
    category: str = field(metadata={"key": "category", "among": tuple(CATEGORIES)})
    operator: str = ""
    storefronts: int = _bound(4, least=1, most=1000)
    lifetime_days: float = _bound(5.0, least=0.5)
    servers: int = _bound(8, least=1, most=10_000)
    flux_hours: float = _bound(24.0, least=1.0)
    at: tuple[int, ...] = ()
    nameservers: int = _bound(2, least=1, most=100)
    campaigns: int = _bound(2, least=1, most=1000)
    """Campaigns under way at a time, for each botnet that serves it."""
    campaign_days: float = _bound(10.0, least=0.5)


@dataclass(frozen=True, slots=True)
class OutagePart:
    """The sensor was down, both ends included."""

    start: date = field(metadata={"key": "from"})
    end: date = field(metadata={"key": "to"})


@dataclass(frozen=True, slots=True)
class ChangePart:
    """The instrument changed: from then on it counts ``factor`` times as much (of one ``botnet``, if given)."""

    on: datetime
    kind: str = field(metadata={"key": "kind", "among": CHANGES})
    factor: float = field(metadata={"key": "factor", "least": 0.0, "most": 1000.0})
    botnet: str | None = None
    declared: bool = True
    """Whether the sensor's owner wrote it down (in depeer.toml)."""


@dataclass(frozen=True, slots=True)
class SensorPart:
    """One place that counts spam: ``daily`` messages on an ordinary day before all events."""

    name: str
    daily: float = field(metadata={"key": "daily", "least": 0.0})
    kind: str = _bound("pristine", among=SENSOR_KINDS)
    counts: str = "messages accepted"
    mail: float = _bound(1.0, least=0.0)
    """Its share of the mail written, up to a factor; 0: it only counts."""
    domain: str = ""
    traps: int = _bound(20, least=1, most=100_000)
    relays: int = _bound(1, least=0, most=3)
    """Own machines that a message passes after the boundary."""
    exposure: Mapping[str, float] = _table(least=0.0)
    """By botnet, against 1 for all others."""
    filter: Mapping[str, float] = _table(least=0.0, most=1.0)
    """By botnet: the share that its filter refuses."""
    weekend: float = _bound(0.8, least=0.0, most=5.0)
    daily_rhythm: float = _bound(0.3, least=0.0, most=1.0)
    noise: str = _bound("ar1-lognormal", among=tuple(NOISE))
    sd: float = _bound(0.12, least=0.0, most=2.0)
    phi: float = _bound(0.6, least=0.0, most=0.999)
    duplicates: float = _bound(0.01, least=0.0, most=0.5)
    forged: float = _bound(0.4, least=0.0, most=1.0)
    """Share of spam with forged Received lines below the boundary."""
    backscatter: float = _bound(0.03, least=0.0, most=1.0)
    """Reports, answers, challenges and the like, per counted message; they are not counted as spam."""
    ham: float = _bound(0.0, least=0.0)
    """Wanted messages a day (mailboxes only), a series of its own."""
    outages: tuple[OutagePart, ...] = ()
    changes: tuple[ChangePart, ...] = ()


@dataclass(frozen=True, slots=True)
class EventPart:
    """Something that happens. Events of one ``intervention`` belong together: its effect is the world with all
    events against the world without those of the intervention, reactions to it included."""

    on: datetime
    kind: str = field(metadata={"key": "kind", "among": tuple(EVENTS)})
    intervention: str = ""
    title: str = ""
    until: datetime | None = None
    network: int | None = None
    uplink: int | None = None
    botnet: str | None = None
    to: int | None = None
    programme: str | None = None
    operator: str | None = None
    level: float = _bound(0.0, least=0.0, most=1.0)
    """What is left: of the botnet in a pause, an operator's spam under an injunction, a programme at seizure."""
    regained: float = _bound(1.0, least=0.0, most=1.0)
    """After a move: the share of machines that find the new controllers at once."""
    takedown: bool = True
    """False for what only looks like one."""


@dataclass(frozen=True, slots=True)
class DisplacementPart:
    """Customers of silenced botnets turn to others: after ``plateau_days``, ``growth`` a day of what is not yet
    placed, up to ``share`` of what was lost. ``to``: weights by botnet; none: all that still send."""

    share: float = _bound(0.0, least=0.0, most=1.0)
    plateau_days: float = _bound(14.0, least=0.0)
    growth: float = _bound(0.03, least=0.0, most=5.0)
    to: Mapping[str, float] = _table(least=0.0)


@dataclass(frozen=True, slots=True)
class CommentsPart:
    """Spam in blog comments: ``daily`` comments from the machines of ``botnet``, and who lists them."""

    botnet: str
    daily: float = _bound(200.0, least=0.0)


@dataclass(frozen=True, slots=True)
class FeedPart:
    """A list in a real format: ``coverage`` of what it could know, ``delay_days`` late."""

    kind: str = field(metadata={"key": "kind", "among": FEEDS})
    coverage: float = _bound(0.8, least=0.0, most=1.0)
    delay_days: float = _bound(1.0, least=0.0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything about a world but the seed's draws."""

    name: str
    title: str
    start: date = field(metadata={"key": "from"})
    end: date = field(metadata={"key": "to"})
    mails: int = field(metadata={"key": "mails", "least": 0, "most": 50_000_000})
    """Messages written at scale 1; a sample of what the sensors count."""
    seed: int = _bound(1, least=0, most=2**63 - 1)
    internet: InternetPart = InternetPart()
    rates: RatesPart = RatesPart()
    hosting: HostingPart = HostingPart()
    displacement: DisplacementPart = DisplacementPart()
    comments: CommentsPart | None = None
    networks: tuple[NetworkPart, ...] = ()
    botnets: tuple[BotnetPart, ...] = ()
    programmes: tuple[ProgrammePart, ...] = ()
    sensors: tuple[SensorPart, ...] = ()
    events: tuple[EventPart, ...] = ()
    feeds: tuple[FeedPart, ...] = ()

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.start, time(), UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after the last day."""
        return self.begins + timedelta(self.days)

    def day(self, index: int) -> date:
        return self.start + timedelta(index)

    def hour(self, moment: datetime) -> int:
        """Full hours from the beginning; negative before it."""
        return int((moment - self.begins) // timedelta(hours=1))

    @property
    def snapshots(self) -> tuple[date, ...]:
        return self.internet.snapshots or (self.start, self.end)

    @property
    def interventions(self) -> tuple[str, ...]:
        """In order of their first event; an event without a name is its own."""
        ordered = sorted(enumerate(self.events), key=lambda one: one[1].on)
        return tuple(dict.fromkeys(intervention_of(i, event) for i, event in ordered))


def intervention_of(index: int, event: EventPart) -> str:
    return event.intervention or f"{event.kind}-{index + 1}"


def operator_of(programme: ProgrammePart) -> str:
    return programme.operator or programme.name

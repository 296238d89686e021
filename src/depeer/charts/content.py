"""What a report says, as frozen nouns: the page is drawn from these and from nothing else.

All strings have passed the disclosure gate: recipients and traps are out, times are rounded to days.
Days are UTC. A value that is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from depeer.model import Estimate, Role

VOLUME_SCHEMA = pa.schema(
    [
        pa.field("day", pa.date32()),
        pa.field("sensor", pa.string()),
        pa.field("label", pa.string()),
        pa.field("messages", pa.int64()),
    ]
)
"""Deliveries by day of receipt (null: no trusted date), sensor and label (spam, ham, unknown).
A day without a row is zero inside the sensor's coverage and unknown outside."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A sensor was up on every day from ``since`` to ``until``, both inclusive (None: still up).

    ``change`` says what became different on ``since`` (collector replaced, addresses added), if anything.
    """

    since: date
    until: date | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One place that counts spam; ``kind`` and ``counts`` as ``depeer.toml`` describes it."""

    name: str
    kind: str
    counts: str
    coverage: tuple[Coverage, ...] = ()
    messages: int | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Things read that could not be used, for one reason, with the places of a few of them."""

    reason: str
    count: int
    locators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounting:
    """What became of everything read. Conservation: read = stored + duplicates + quarantined."""

    read: int
    stored: int
    duplicates: int
    quarantined: tuple[Quarantined, ...] = ()

    @property
    def set_aside(self) -> int:
        """Things in quarantine, for whatever reason."""
        return sum(q.count for q in self.quarantined)

    @property
    def missing(self) -> int:
        """0 when everything read is accounted for."""
        return self.read - self.stored - self.duplicates - self.set_aside


@dataclass(frozen=True, slots=True)
class Unknown:
    """A share that is not known: ``part`` of ``whole`` things; ``what`` they are, ``why`` it is so.

    ``what`` reads on from the figure: "of links have no dated resolution".
    """

    what: str
    part: int
    whole: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay of our own side; ``basis`` is given, learned or proposed (a row of table ``relays``)."""

    sensor: str
    relay: str
    name: str | None
    basis: str
    deliveries: int
    sources: int
    why: str


@dataclass(frozen=True, slots=True)
class Nature:
    """Messages of one nature (direct, delivery-report, forwarded …) and why they count or do not."""

    nature: str
    messages: int
    counts: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One network or prefix in a ranking.

    ``prefix`` is None at the level of networks. ``addresses``: distinct bad addresses; ``announced``:
    addresses announced in ``snapshot``; ``rate``: bad addresses per 10,000 announced; ``p_worst``:
    P(among the worst 1 % of all announced). ``snapshot_days``: days seen after the snapshot's day.
    """

    asn: int | None
    name: str | None
    prefix: str | None
    addresses: int
    messages: int
    days: int
    announced: float
    rate: Estimate
    p_worst: float
    first: date | None
    last: date | None
    snapshot: str
    snapshot_days: int | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Networks or prefixes of one role, worst first. Roles are never mixed.

    ``compared``: how many networks or prefixes the snapshot announces, zeros included; ``seen``: how
    many of them had a sighting. ``unknowns`` head the table; a ranking of links must have them.
    ``counted``: what column ``messages`` holds. ``nothing``: why it is empty, and what would fill it.
    ``family``: 4 counts addresses; 6 counts /64s, since one machine has a whole one. ``notes``: warnings.
    """

    role: Role
    level: str
    rows: tuple[Ranked, ...]
    unknowns: tuple[Unknown, ...] = ()
    seen: int | None = None
    compared: int | None = None
    counted: str = "messages"
    family: int = 4
    notes: tuple[str, ...] = ()
    nothing: str = ""
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.level not in ("networks", "prefixes"):
            raise ValueError(f"level {self.level!r} is neither networks nor prefixes")
        if self.role is Role.LINK and not self.unknowns:
            raise ValueError("a ranking of links is headed by the share that is unknown; none was given")

    @property
    def unit(self) -> str:
        """What one machine is taken to have."""
        return "addresses" if self.family == 4 else "/64s"


@dataclass(frozen=True, slots=True)
class CensusRow:
    """Plain counts of one network; ``asn`` None for addresses that no network announced."""

    asn: int | None
    name: str | None
    addresses: int
    messages: int


@dataclass(frozen=True, slots=True)
class Census:
    """Where most of it came from, unweighted by size: the largest first, and the whole it is part of."""

    role: Role
    rows: tuple[CensusRow, ...]
    addresses: int
    messages: int
    counted: str = "messages"


@dataclass(frozen=True, slots=True)
class SnapshotUse:
    """A snapshot that answers rest on, and how far it lies from what was seen (days, see Ranked)."""

    snapshot: str
    kind: str
    day: date
    source: str
    sightings: int | None = None
    nearest_days: int | None = None
    farthest_days: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as Vega-Lite, for a desk and for a telephone; ``label`` tells a screen reader what it shows."""

    label: str
    wide: Mapping[str, Any]
    narrow: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """A table: its caption, columns as heading and whether they hold figures, rows of words."""

    caption: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What is said under one heading: the answer first, then sentences, tables, pictures, and what to beware of."""

    title: str
    answer: str = ""
    sentences: tuple[str, ...] = ()
    figures: tuple[Figures, ...] = ()
    pictures: tuple[Picture, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Takedown:
    """What may be said of one dated intervention, part by part; ``targets`` in words, as far as they were named."""

    day: date
    targets: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on the page. The first ranking is the one that the first screen shows.

    ``generated`` is a day, not a moment, so that the same lake gives the same bytes on that day.
    ``since`` and ``until`` are inclusive. ``answer_to``: where a network named here may object.
    """

    title: str
    generated: date
    version: str
    batch: int | None
    simulated: bool
    accounting: Accounting
    since: date | None = None
    until: date | None = None
    sensors: tuple[Sensor, ...] = ()
    volume: pa.Table = field(default_factory=VOLUME_SCHEMA.empty_table)
    unknowns: tuple[Unknown, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    census: tuple[Census, ...] = ()
    natures: tuple[Nature, ...] = ()
    relays: tuple[Relay, ...] = ()
    snapshots: tuple[SnapshotUse, ...] = ()
    takedowns: tuple[Takedown, ...] = ()
    watched: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    answer_to: str | None = None
    commands: tuple[str, ...] = ()

"""``depeer network ASN``: everything the lake knows about one network, as of a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from depeer.charts.uplinks.picture import uplinks_spec
from depeer.lake import Lake
from depeer.lake.climbing import Climbed, climbed
from depeer.lake.named import Owner, owners
from depeer.lake.pictures import draw
from depeer.lake.ranking import NETWORKS, Question, answer
from depeer.measures import dossier
from depeer.model import Role, Snapshot, show_address
from depeer.routing.exposure import announced_prefixes


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix the network announces; ``size`` is what no more specific announcement takes away."""

    prefix: str
    size: int
    origins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What was seen of the network in one role, and where that puts it among all networks announced."""

    role: Role
    addresses: int
    messages: int
    sources: int
    not_counted: int
    first: datetime | None
    last: datetime | None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    p_worst: float | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A neighbour next to the network in paths that route collectors saw: ``vantages`` ``of`` all in the file."""

    asn: int
    first: datetime
    last: datetime
    vantages: int
    of: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """``snapshot`` is the relationship file that the first four were inferred in; None where there is none."""

    snapshot: Snapshot | None
    providers: tuple[int, ...]
    peers: tuple[int, ...]
    customers: tuple[int, ...]
    siblings: tuple[int, ...]
    observed: tuple[Observed, ...]

    @property
    def all(self) -> set[int]:
        inferred = {*self.providers, *self.peers, *self.customers, *self.siblings}
        return inferred | {one.asn for one in self.observed}


@dataclass(frozen=True, slots=True)
class Dossier:
    """``called``: the network and its neighbours with their names as of ``at``."""

    called: dict[int, Owner]
    asn: int
    at: date
    snapshot: Snapshot | None
    prefixes: tuple[Prefix, ...]
    neighbours: Neighbours
    standings: tuple[Standing, ...]
    addresses: list[dict[str, object]]
    listings: list[dict[str, object]]
    climbed: Climbed

    def announced(self, family: int) -> int:
        """IPv4 addresses (4) or IPv6 /64s (6) for which its announcements are the most specific."""
        return sum(one.size for one in self.prefixes if (":" in one.prefix) == (family == 6))

    @property
    def owner(self) -> Owner:
        return self.called[self.asn]


def network(root: Path, asn: int, at: date | None = None, top: int = 20) -> Dossier:
    """Gather what is known of network ``asn``; prefixes as of ``at`` (today where None)."""
    lake = Lake.open(root)
    day = at or datetime.now(UTC).date()
    snapshot = lake.as_of("origins", day)
    prefixes = _prefixes(lake, asn, snapshot)
    names = [prefix.prefix for prefix in prefixes]
    with lake.engine() as engine:
        seen = engine.query(dossier.ROLES, {"asn": asn}).to_pylist()
        addresses = engine.query(dossier.ADDRESSES, {"asn": asn, "top": top}).to_pylist()
        listings = engine.query(dossier.LISTED, {"asn": asn, "prefixes": names}).to_pylist()
    for row in addresses:
        row["address"] = show_address(row["address"])
    standings = tuple(_standing(lake, asn, row) for row in seen)
    neighbours = _neighbours(lake, asn, day)
    called = owners(lake, {n: n for n in {asn, *neighbours.all}}, day)
    way = climbed(lake, asn, day, neighbours.snapshot)
    return Dossier(called, asn, day, snapshot, prefixes, neighbours, standings, addresses, listings, way)


def picture(found: Dossier, out: Path) -> Path | None:
    """Draw its uplinks and what is above them into an SVG or PNG; None where none is known.

    Raises BadUsage, NotFound, NoRoom.
    """
    spec = uplinks_spec(found.climbed.climb, found.climbed.names)
    return draw(spec, out) if spec else None


def _neighbours(lake: Lake, asn: int, day: date) -> Neighbours:
    """Who carries its routes: as inferred as of the day, and as observed in any file that was added."""
    snapshot = lake.as_of("relationships", day)
    graph = lake.graph(snapshot.id) if snapshot else None
    known = graph is not None and asn in graph
    seen = lake.rows(dossier.UPLINKS, asn=asn).to_pylist()
    providers, peers, customers, siblings = (
        (graph.providers_of(asn), graph.peers_of(asn), graph.customers_of(asn), graph.siblings_of(asn))
        if graph is not None and known
        else ((), (), (), ())
    )
    observed = tuple(
        Observed(row["uplink"], row["first"], row["last"], row["vantages"], row["of"]) for row in seen
    )
    return Neighbours(snapshot, providers, peers, customers, siblings, observed)


def _prefixes(lake: Lake, asn: int, snapshot: Snapshot | None) -> tuple[Prefix, ...]:
    if snapshot is None:
        return ()
    announced = announced_prefixes(lake.origin_table(snapshot.id))
    asns = announced["asns"].combine_chunks()
    mine = np.zeros(len(announced), dtype=bool)
    mine[pc.list_parent_indices(asns).to_numpy()[np.asarray(asns.flatten()) == asn]] = True
    rows = announced.filter(mine).to_pylist()
    return tuple(Prefix(row["prefix"], row["size"], tuple(row["asns"])) for row in rows)


def _standing(lake: Lake, asn: int, row: dict[str, object]) -> Standing:
    role = Role(str(row["role"]))
    found = answer(lake, Question(role, NETWORKS, top=None))
    base = {name: row[name] for name in ("addresses", "messages", "sources", "not_counted", "first", "last")}
    ranked = (
        []
        if found.ranking is None
        else found.ranking.table.filter(pc.equal(found.ranking.table["asn"], asn)).to_pylist()
    )
    figures = {name: ranked[0][name] for name in ("rate", "low", "high", "p_worst")} if ranked else {}
    return Standing(role, **base, **figures)  # type: ignore[arg-type]  # a row has no types

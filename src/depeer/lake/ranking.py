"""A ranking out of a lake: the counts by SQL, the sizes from the routing table, the order by ``judgement``.

Several verbs show rankings, and they must never differ; so the way from lake to ranking stands here once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from depeer.errors import BadUsage, NotFound
from depeer.judgement.rank import Ranking, rank
from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.lake.named import Owner, owners
from depeer.measures import churn, volume
from depeer.model import Role, Snapshot
from depeer.routing.exposure import announced_networks, announced_prefixes
from depeer.routing.reach import cone

NETWORKS, PREFIXES = "networks", "prefixes"
DEFAULT_LABELS = ("spam", "unknown")

_SNAPSHOTS_USED = f"""
SELECT snapshot, count(*) AS sightings, min(snapshot_days) AS nearest, max(snapshot_days) AS farthest,
       min(first) AS first, max(last) AS last
FROM sightings
WHERE role = $role AND counts AND snapshot IS NOT NULL AND {volume.IS_V4} = ($family = 4)
  AND (label IS NULL OR list_contains($labels, label))
  AND ($since IS NULL OR last >= CAST($since AS TIMESTAMPTZ))
  AND ($until IS NULL OR first < CAST($until AS TIMESTAMPTZ))
GROUP BY snapshot ORDER BY sightings DESC, snapshot
"""  # noqa: S608 - no outside text: a fragment of our own


@dataclass(frozen=True, slots=True)
class Question:
    """Who was seen in ``role``, by networks or prefixes, from ``since`` to ``until`` (both inclusive)?"""

    role: Role
    level: str = NETWORKS
    since: date | None = None
    until: date | None = None
    labels: tuple[str, ...] = DEFAULT_LABELS
    family: int = 4
    top: int | None = 20
    customers_of: int | None = None
    """Only networks in the recursive customer cone of this one (itself left out), by the relationships as of the
    routing table's day; the estimate still rests on all networks announced."""

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise BadUsage(f"the period ends ({self.until}) before it begins ({self.since})")
        if self.level not in (NETWORKS, PREFIXES):
            raise BadUsage(f"{self.level!r} is neither networks nor prefixes")

    @property
    def parameters(self) -> dict[str, object]:
        return volume.parameters(
            self.role,
            _midnight(self.since),
            _midnight(self.until + timedelta(days=1)) if self.until else None,
            self.labels,
            self.family,
        )


@dataclass(frozen=True, slots=True)
class Use:
    """A routing snapshot that attributed sightings: how many, and how far in days before them it was taken."""

    snapshot: Snapshot
    sightings: int
    nearest: int
    farthest: int
    first: datetime | None = None
    last: datetime | None = None

    @property
    def worst(self) -> int:
        """The largest distance in days, signed: negative for a snapshot that is later."""
        return max(self.nearest, self.farthest, key=abs)

    @property
    def best(self) -> int:
        """The smallest distance of the two ends, signed."""
        return min(self.nearest, self.farthest, key=abs)


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranking, who the networks are, and everything that a reader must know beside it."""

    question: Question
    ranking: Ranking | None
    owners: dict[object, Owner]
    """Who announces it, by AS number or by prefix."""
    uses: tuple[Use, ...]
    not_counted: list[dict[str, object]]
    links: dict[str, int]
    """``links``, ``unknown``, ``hostnames``, ``hostnames_unknown``; only for the role link."""
    customers: Snapshot | None
    """The relationships that say who is a customer, where only customers were asked for."""
    other_family: int
    """Addresses (or /64s) of the family that was not ranked."""
    unannounced: int

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot whose sizes the rates rest on: the one that attributes most."""
        return self.uses[0].snapshot if self.uses else None


def answer(lake: Lake, question: Question) -> Answer:
    """Rank what the lake holds. Without any attributed sighting ``ranking`` is None."""
    with lake.engine() as engine:
        return _answer(lake, engine, question)


def _answer(lake: Lake, engine: Engine, question: Question) -> Answer:
    asked = question.parameters
    uses = _uses(lake, engine, asked)
    families = engine.query(volume.FAMILIES, asked).to_pylist()[0]
    links = engine.query(volume.LINKS_RESOLVED, asked).to_pylist()[0] if question.role is Role.LINK else {}
    customers = _relationships(lake, uses[0].snapshot.day) if uses and question.customers_of else None
    ranking, owners = _rank(lake, engine, question, uses, customers) if uses else (None, {})
    return Answer(
        question,
        ranking,
        owners,
        uses,
        engine.query(volume.NOT_COUNTED, asked).to_pylist(),
        links,
        customers,
        int(families["ipv6" if question.family == 4 else "ipv4"]),
        int(engine.query(volume.UNANNOUNCED, asked)["addresses"][0].as_py()),
    )


def _uses(lake: Lake, engine: Engine, asked: dict[str, object]) -> tuple[Use, ...]:
    known = {snapshot.id: snapshot for snapshot in lake.snapshots()}
    return tuple(
        Use(
            known[row["snapshot"]],
            row["sightings"],
            row["nearest"],
            row["farthest"],
            row["first"],
            row["last"],
        )
        for row in engine.query(_SNAPSHOTS_USED, asked).to_pylist()
    )


def _rank(
    lake: Lake, engine: Engine, question: Question, uses: tuple[Use, ...], customers: Snapshot | None
) -> tuple[Ranking, dict[object, Owner]]:
    statement = volume.NETWORK_COUNTS if question.level == NETWORKS else volume.PREFIX_COUNTS
    counts = engine.query(statement, question.parameters)
    table = lake.origin_table(uses[0].snapshot.id)
    top = question.top if customers is None else None
    looked = question.parameters | {"digits": churn.sample(int(pc.sum(counts["messages"]).as_py() or 0))}
    spread = churn.dispersion(engine.query(churn.REVISITS, looked).to_pylist()[0])
    networks: dict[object, int | None]
    if question.level == NETWORKS:
        sizes = announced_networks(table)
        announced = pa.table({"asn": sizes["asn"], "announced": sizes[f"matched{question.family}"]})
        ranking = rank(counts, announced, top=top, dispersion=spread)
        networks = {asn: asn for asn in ranking.table["asn"].to_pylist()}
    else:
        sizes = announced_prefixes(table)
        sizes = sizes.filter(pc.equal(sizes["family"], question.family))
        announced = pa.table({"prefix": sizes["prefix"], "announced": sizes["size"]})
        ranking = rank(counts, announced, top=top, dispersion=spread)
        networks = _holders(sizes, ranking.table["prefix"])
    day = uses[0].snapshot.day
    if customers is not None and question.customers_of is not None:
        graph = lake.graph(customers.id)
        below = frozenset(graph.asns(cone(graph, question.customers_of))) - {question.customers_of}
        ranking = _within(ranking, networks, below, question.top)
        networks = {key: networks[key] for key in ranking.table[ranking.key].to_pylist()}
    return ranking, owners(lake, networks, day)


def _relationships(lake: Lake, day: date) -> Snapshot:
    """Who was whose customer as of a day. Raises NotFound where the lake holds no relationships."""
    snapshot = lake.as_of("relationships", day)
    if snapshot is None:
        raise NotFound(
            "the lake holds no relationships; add a file of CAIDA's with: depeer routes add FILE.as-rel.txt"
        )
    return snapshot


def _within(
    ranking: Ranking, networks: dict[object, int | None], wanted: frozenset[int], top: int | None
) -> Ranking:
    mask = [networks.get(key) in wanted for key in ranking.table[ranking.key].to_pylist()]
    return replace(ranking, table=ranking.table.filter(pa.array(mask, pa.bool_())).slice(0, top))


def _holders(sizes: pa.Table, prefixes: pa.ChunkedArray) -> dict[object, int | None]:
    rows = sizes.filter(pc.is_in(sizes["prefix"], value_set=prefixes.combine_chunks()))
    return {
        prefix: asns[0] if asns else None
        for prefix, asns in zip(rows["prefix"].to_pylist(), rows["asns"].to_pylist(), strict=True)
    }


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)

"""``depeer cut ASN``: who can cut a network off, what stays reachable, and who else is hurt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from depeer.charts.uplinks.picture import uplinks_spec
from depeer.errors import BadUsage, NotFound
from depeer.judgement.cut import Cut
from depeer.judgement.cut import cut as judge
from depeer.judgement.steps import Held, Step, steps
from depeer.lake import Lake
from depeer.lake.climbing import Climbed, climbed
from depeer.lake.engine import Engine
from depeer.lake.named import Owner, owners
from depeer.lake.outlook import likely_next, outlook
from depeer.lake.pictures import draw
from depeer.measures import dossier
from depeer.measures.next_uplink import Likely
from depeer.measures.offline import Offline
from depeer.model import Snapshot, show_address
from depeer.routing.collateral import Sizes
from depeer.routing.exposure import announced_networks, announced_prefixes
from depeer.routing.graph import Graph


@dataclass(frozen=True, slots=True)
class Sentence:
    """The judgement, what it rests on, who is who, and what was seen of the target and of those who fall with it."""

    cut: Cut
    at: date
    relationships: Snapshot
    origins: Snapshot | None
    called: dict[int, Owner]
    offline: Offline
    next_uplinks: tuple[Likely, ...]
    steps: tuple[Step, ...]
    """Lesser steps first: what each stops of what was seen, and what it hurts. Empty where nothing was seen."""
    climbed: Climbed
    """What the picture shows: all that can carry the target's routes upward."""
    seen: dict[int, dict[str, int]]
    """Distinct bad addresses by network and role: benefit where it is the target's, and what falls with it."""
    innocent: int
    """Wanted mail that the target's addresses handed over: use that a cut would hurt."""


def cut(
    root: Path,
    asn: int,
    at: date | None = None,
    without: Sequence[int] = (),
    watched: tuple[int, int] = (0, 0),
) -> Sentence:
    """Judge the cut of network ``asn`` as of ``at`` (the newest relationships where None), with the links to
    ``without`` severed; of these, networks that are no uplinks refuse its routes. ``watched``: outages of other
    networks watched to their end, back within a week and not. What was seen counts from a year before to a year
    after.

    Raises NotFound where the lake holds no relationships, or the file does not know a network.
    """
    lake = Lake.open(root)
    days = [snapshot.day for snapshot in lake.snapshots() if snapshot.kind == "relationships"]
    day = at or max(days, default=datetime.now(UTC).date())
    relationships = lake.as_of("relationships", day)
    if relationships is None:
        raise NotFound(
            "the lake holds no relationships; add a file of CAIDA's with: depeer routes add FILE.as-rel.txt"
        )
    graph = lake.graph(relationships.id)
    if asn not in graph:
        raise NotFound(f"AS{asn} is not in {relationships.id}: nobody was seen to carry it then")
    _check(graph, asn, without, relationships)
    origins = lake.as_of("origins", day)
    sizes = Sizes.of(graph, announced_networks(lake.origin_table(origins.id))) if origins else None
    judged = judge(graph, asn, without, at=relationships.day, sizes=sizes)
    hurt = [loss.asn for loss in judged.collateral.fallen]
    with lake.engine() as engine:
        period = _around(day)
        seen = _seen(engine, [asn, *hurt], period)
        innocent = int(engine.query(dossier.WANTED, {"asn": asn, **period})["mails"][0].as_py())
        held = _held(lake, engine, origins, [asn, *graph.customers_of(asn)], period)
        ahead = outlook(lake, engine, judged, relationships, day)
    likely = likely_next(lake, relationships, asn, without, ahead.chances())
    named = {
        asn,
        *without,
        *judged.remaining,
        *hurt,
        *(u.asn for u in judged.uplinks),
        *(one.asn for one in likely),
    }
    named |= {member for one in judged.isolating_sets for member in one.asns}
    called = owners(lake, {number: number for number in named}, day)
    smallest = judged.isolating_sets[0].asns if judged.isolating_sets else ()
    way = climbed(lake, asn, day, relationships, smallest, without)
    lesser = steps(held, judged)
    return Sentence(
        judged,
        day,
        relationships,
        origins,
        called,
        ahead.offline(watched),
        likely,
        lesser,
        way,
        seen,
        innocent,
    )


def picture(found: Sentence, out: Path) -> Path | None:
    """Draw the target's uplinks and what is above them into an SVG or PNG; None where there is nothing to draw.

    Raises BadUsage, NotFound, NoRoom.
    """
    spec = uplinks_spec(found.climbed.climb, found.climbed.names)
    return draw(spec, out) if spec else None


def _check(graph: Graph, asn: int, without: Sequence[int], relationships: Snapshot) -> None:
    if asn in without:
        raise BadUsage(f"AS{asn} cannot be cut off from itself; --without names its uplinks")
    for number in without:
        if number not in graph:
            raise NotFound(f"AS{number}, named by --without, is not in {relationships.id}")


def _around(day: date) -> dict[str, datetime]:
    """A year before to a year after: what was seen in another era says nothing of this cut."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return {"since": noon - timedelta(days=366), "until": noon + timedelta(days=366)}


def _seen(engine: Engine, asns: list[int], period: dict[str, datetime]) -> dict[int, dict[str, int]]:
    seen: dict[int, dict[str, int]] = {}
    for row in engine.query(dossier.SEEN_IN, {"asns": asns, **period}).to_pylist():
        seen.setdefault(row["asn"], {})[row["role"]] = row["addresses"]
    return seen


def _held(
    lake: Lake, engine: Engine, origins: Snapshot | None, asns: list[int], period: dict[str, datetime]
) -> list[Held]:
    """What was seen in each announced prefix of the target and of its customers."""
    rows = engine.query(dossier.HELD, {"asns": asns, **period}).to_pylist()
    if origins is None or not rows:
        return []
    announced = announced_prefixes(lake.origin_table(origins.id))
    sizes = dict(zip(announced["prefix"].to_pylist(), announced["size"].to_pylist(), strict=True))
    parts: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault((row["prefix"], row["asn"]), []).append(row)
    return [
        Held(
            prefix,
            asn,
            sizes.get(prefix, 0),
            tuple((show_address(row["address"]), row["seen"]) for row in part if row["seen"]),
            sum(1 for row in part if row["innocent"]),
        )
        for (prefix, asn), part in parts.items()
    ]

"""``depeer cut ASN``: who can cut a network off, what stays reachable, and who else is hurt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from depeer.errors import NotFound
from depeer.judgement.cut import Cut
from depeer.judgement.cut import cut as judge
from depeer.lake import Lake
from depeer.lake.named import Owner, owners
from depeer.measures import dossier
from depeer.model import Snapshot
from depeer.routing.collateral import Sizes
from depeer.routing.exposure import announced_networks


@dataclass(frozen=True, slots=True)
class Sentence:
    """The judgement, what it rests on, who is who, and what was seen of the target and of those who fall with it."""

    cut: Cut
    at: date
    relationships: Snapshot
    origins: Snapshot | None
    called: dict[int, Owner]
    seen: dict[int, dict[str, int]]
    """Distinct bad addresses by network and role: benefit where it is the target's, and what falls with it."""
    innocent: int
    """Wanted mail that the target's addresses handed over: use that a cut would hurt."""


def cut(root: Path, asn: int, at: date | None = None, without: Sequence[int] = ()) -> Sentence:
    """Judge the cut of network ``asn`` as of ``at`` (today where None), with the links to ``without`` severed.

    Raises NotFound where the lake holds no relationships, or the file does not know the network.
    """
    lake = Lake.open(root)
    day = at or datetime.now(UTC).date()
    relationships = lake.as_of("relationships", day)
    if relationships is None:
        raise NotFound(
            "the lake holds no relationships; add a file of CAIDA's with: depeer routes add FILE.as-rel.txt"
        )
    graph = lake.graph(relationships.id)
    if asn not in graph:
        raise NotFound(f"AS{asn} is not in {relationships.id}: nobody was seen to carry it then")
    origins = lake.as_of("origins", day)
    sizes = Sizes.of(graph, announced_networks(lake.origin_table(origins.id))) if origins else None
    judged = judge(graph, asn, without, at=relationships.day, sizes=sizes)
    named = {asn, *without, *judged.remaining, *(u.asn for u in judged.uplinks)}
    named |= {member for one in judged.isolating_sets for member in one.asns}
    named |= {loss.asn for loss in judged.collateral.fallen}
    seen: dict[int, dict[str, int]] = {}
    with lake.engine() as engine:
        rows = engine.query(
            dossier.SEEN_IN, {"asns": [asn, *(loss.asn for loss in judged.collateral.fallen)]}
        )
        innocent = engine.query(dossier.WANTED, {"asn": asn})["mails"][0].as_py()
    for row in rows.to_pylist():
        seen.setdefault(row["asn"], {})[row["role"]] = row["addresses"]
    called = owners(lake, {number: number for number in named}, day)
    return Sentence(judged, day, relationships, origins, called, seen, int(innocent))

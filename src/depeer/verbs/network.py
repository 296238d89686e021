"""``depeer network ASN``: everything the lake knows about one network, as of a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from depeer.errors import BadUsage
from depeer.lake import Lake
from depeer.lake.ranking import NETWORKS, Owner, Question, answer, owners
from depeer.measures import dossier
from depeer.model import Role, Snapshot, show_address
from depeer.routing.asof import preference
from depeer.routing.exposure import announced_prefixes

_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE)


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
class Dossier:
    owner: Owner
    at: date
    snapshot: Snapshot | None
    prefixes: tuple[Prefix, ...]
    standings: tuple[Standing, ...]
    addresses: list[dict[str, object]]
    listings: list[dict[str, object]]


def parse_asn(text: str) -> int:
    """``AS26780`` or ``26780``. Raises BadUsage for anything else."""
    found = _ASN.fullmatch(text.strip())
    if not found or int(found[1]) >= 2**32:
        raise BadUsage(f"{text!r} is not an AS number such as 26780 or AS26780")
    return int(found[1])


def network(root: Path, asn: int, at: date | None = None, top: int = 20) -> Dossier:
    """Gather what is known of network ``asn``; prefixes as of ``at`` (today where None)."""
    lake = Lake.open(root)
    day = at or datetime.now(UTC).date()
    snapshot = _snapshot(lake, day)
    prefixes = _prefixes(lake, asn, snapshot)
    names = [prefix.prefix for prefix in prefixes]
    with lake.engine() as engine:
        seen = engine.query(dossier.ROLES, {"asn": asn}).to_pylist()
        addresses = engine.query(dossier.ADDRESSES, {"asn": asn, "top": top}).to_pylist()
        listings = engine.query(dossier.LISTED, {"asn": asn, "prefixes": names}).to_pylist()
    for row in addresses:
        row["address"] = show_address(row["address"])
    standings = tuple(_standing(lake, asn, row) for row in seen)
    return Dossier(
        owners(lake, {asn: asn}, day)[asn], day, snapshot, prefixes, standings, addresses, listings
    )


def _snapshot(lake: Lake, day: date) -> Snapshot | None:
    tables = [snapshot for snapshot in lake.snapshots() if snapshot.kind == "origins"]
    order = preference(day, [snapshot.day for snapshot in tables])
    return next((tables[index] for index in order), None)


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
    return Standing(role, **base, **figures)  # type: ignore[arg-type]

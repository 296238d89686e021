"""A network's way up, out of a lake: what the picture of its uplinks is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from depeer import __version__
from depeer.charts.uplinks.climb import Climb, Question, Seen, climb
from depeer.lake.lake import Lake
from depeer.lake.named import owners
from depeer.measures import dossier
from depeer.model import Snapshot
from depeer.routing.names import FAR
from depeer.routing.uphill import uphill


@dataclass(frozen=True, slots=True)
class Climbed:
    """The climb, and the names of the networks in it."""

    climb: Climb
    names: Mapping[int, str | None]


def climbed(
    lake: Lake,
    asn: int,
    day: date,
    relationships: Snapshot | None,
    isolating: Collection[int] = (),
    severed: Collection[int] = (),
) -> Climbed:
    """What can carry the routes of ``asn`` upward by ``relationships``, and by what was observed in FRESH days."""
    near = [row for row in lake.rows(dossier.UPLINKS, asn=asn).to_pylist() if _near(row, day)]
    seen = {
        row["uplink"]: Seen(row["vantages"], row["of"], row["first"].date(), row["last"].date())
        for row in near
    }
    way = uphill(lake.graph(relationships.id) if relationships else None, asn, seen)
    asked = Question(
        snapshot=relationships.id if relationships else None,
        day=relationships.day if relationships else None,
        at=day,
        seen=seen,
        isolating=frozenset(isolating),
        severed=frozenset(severed),
        simulated=lake.description.simulated,
        version=__version__,
    )
    found = climb(way, asked)
    called = owners(lake, {number: number for number in found.named}, day)
    other = [
        one.named.snapshot.day.year for one in called.values() if one.named and abs(one.named.days) > FAR
    ]
    dated = replace(found, question=replace(asked, named_in=max(other, default=None)))
    return Climbed(dated, {number: one.name for number, one in called.items()})


FRESH = 366
"""Days from the day asked about within which routes say anything about it."""


def _near(row: Mapping[str, object], day: date) -> bool:
    first, last = (row[end].date() for end in ("first", "last"))  # type: ignore[attr-defined]  # a row has no types
    return bool((first - day).days <= FRESH and (day - last).days <= FRESH)

"""What a lake lets expect of a cut: how likely it holds, and who carries the target next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from depeer.judgement.cut import SHARE, Cut
from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.measures import dossier
from depeer.measures.next_uplink import Likely, Market, next_uplinks
from depeer.measures.offline import (
    MEASURED,
    PUBLISHED,
    Left,
    Offline,
    Rates,
    Returns,
    fit_rates,
    p_offline,
    p_there,
)
from depeer.measures.unlisted import Unlisted, fit_unlisted
from depeer.model import Snapshot
from depeer.routing.graph import Ints

FRESH = 45
"""Days within which observed paths say whether an uplink was in use, and a table may be held against a file."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """``left``: uplinks that the cut leaves, told by a file or a fresh table, and which many hear it through."""

    left: dict[int, Left]
    rates: Rates
    unlisted: Unlisted | None
    known: int
    seen: bool
    """Whether a fresh table shows the target at all."""
    since: float
    """Days since somebody looked."""

    def offline(self, watched: tuple[int, int] = (0, 0)) -> Offline:
        """``watched``: outages watched to their end beside the published ones: back within a week, and not."""
        returns = Returns(PUBLISHED.back + watched[0], PUBLISHED.stayed + watched[1])
        return p_offline(
            list(self.left.values()), self.known, self.rates, returns,
            unlisted=self.unlisted, seen=self.seen, since=self.since,
        )  # fmt: skip

    def chances(self) -> dict[int, float]:
        """Of each uplink left, how likely it is there."""
        return {asn: p_there(left, self.known, self.rates, self.unlisted) for asn, left in self.left.items()}


def outlook(lake: Lake, engine: Engine, judged: Cut, relationships: Snapshot, day: date) -> Outlook:
    """By error rates of the lake's own files and tables where it has enough of them, else by those of CAIDA's."""
    graph, age = lake.graph(relationships.id), float(max((day - relationships.day).days, 0))
    rows = engine.query(dossier.UPLINKS, {"asn": judged.asn}).to_pylist()
    ages = {row["uplink"]: float(abs((day - row["last"].date()).days)) for row in rows}
    fresh = {uplink: days for uplink, days in ages.items() if days <= FRESH}
    rates = _rates(lake)
    return Outlook(
        left=_left(judged, fresh, age),
        rates=rates,
        unlisted=_unlisted(lake, engine, relationships, rates),
        known=len({*graph.providers_of(judged.asn), *fresh}),
        seen=bool(fresh),
        since=min(fresh.values(), default=age),
    )


def _left(judged: Cut, fresh: dict[int, float], age: float) -> dict[int, Left]:
    """Uplinks of the file that the cut leaves, and those that only a table shows."""
    hears = {uplink.asn: uplink.hears for uplink in judged.uplinks}
    kinds = {uplink.asn: uplink.kind for uplink in judged.uplinks}
    some = {asn for asn in judged.remaining if hears[asn] > SHARE * judged.networks}
    some |= {asn for asn in fresh if asn not in kinds and asn not in judged.without}
    return {
        asn: Left(
            kinds.get(asn, "provider"),
            fresh.get(asn, age),
            True if asn in fresh else False if fresh else None,
        )
        for asn in sorted(some)
    }


def _rates(lake: Lake) -> Rates:
    files = [snapshot for snapshot in lake.snapshots() if snapshot.kind == "relationships"]
    if len({snapshot.day for snapshot in files}) < 3:
        return MEASURED
    return fit_rates([(snapshot.day, lake.graph(snapshot.id)) for snapshot in files])


def _unlisted(lake: Lake, engine: Engine, relationships: Snapshot, rates: Rates) -> Unlisted | None:
    """From the whole table that is nearest to the file's day, and from all before and after it."""
    whole = {s.source for s in lake.snapshots(engine) if s.kind == "origins"}
    tables = [s for s in lake.snapshots(engine) if s.kind == "uplinks" and s.source in whole]
    near = [s for s in tables if abs((s.day - relationships.day).days) <= FRESH]
    if not near:
        return None
    keys = {s.id: _keys(engine, s) for s in tables}
    chosen = min(near, key=lambda s: abs((s.day - relationships.day).days))
    older = [
        (float((relationships.day - s.day).days), lake.graph(s.id))
        for s in lake.snapshots(engine)
        if s.kind == "relationships" and s.day < relationships.day
    ]
    graph, several = lake.graph(relationships.id), [keys[s.id] for s in tables]
    return fit_unlisted(graph, keys[chosen.id], several, older, rates.provider.share)


def _keys(engine: Engine, snapshot: Snapshot) -> Ints:
    rows = engine.query(dossier.OBSERVED, {"snapshot": snapshot.id})
    asn, uplink = (rows[name].to_numpy().astype(np.int64) for name in ("asn", "uplink"))
    return np.unique(asn << 32 | uplink)


def likely_next(
    lake: Lake, relationships: Snapshot, asn: int, without: Collection[int], left: dict[int, float]
) -> tuple[Likely, ...]:
    """``left``: uplinks that the cut leaves, and how likely each is there."""
    earlier = [s for s in lake.snapshots() if s.kind == "relationships" and s.day < relationships.day]
    graphs = [lake.graph(snapshot.id) for snapshot in earlier]
    former = {provider for graph in graphs if asn in graph for provider in graph.providers_of(asn)}
    market = Market.of(lake.graph(relationships.id), graphs[-1] if graphs else None)
    return next_uplinks(market, asn, former, without, left=left)

"""Who provides to whom, who peers, by rank: rank 0 is the best connected, providers rank above customers.

The highest ranks are a clique of peers that need no provider. Transit networks follow, by the weight with
which they attract customers, then stubs. A network chooses providers among higher ranks by weight, mostly
in its own region, so that customers come to those who have many (preferential attachment, as fitness:
Bianconi & Barabási 2001). Peers meet at exchanges of a region. Shares are those of CAIDA's relationship
files of January 2008 and 2023, held against them by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput
from depeer.world.degree_laws import LAWS
from depeer.world.graph import Rows
from depeer.world.internet_spec import InternetSpec
from depeer.world.links import Links, seconds
from depeer.world.nouns import Kind

KINDS = tuple(Kind)
REGIONS = ("north-america", "europe", "asia-pacific", "latin-america", "africa-middle-east")
_REGION_SHARES = (0.36, 0.36, 0.16, 0.07, 0.05)
_TRANSIT_SHARE = 0.155
_AT_HOME = 0.62
"""Share of providers sought in one's own region first."""
_STUB_PROVIDERS = (0.40, 0.435, 0.10, 0.035, 0.014, 0.007, 0.004, 0.005)
_TRANSIT_PROVIDERS = (0.26, 0.34, 0.19, 0.10, 0.05, 0.03, 0.015, 0.015)
_TRANSIT_KINDS = (0.0, 0.45, 0.22, 0.18, 0.05, 0.10)
_STUB_KINDS = (0.0, 0.0, 0.10, 0.08, 0.08, 0.74)
_JOINING = (1.0, 0.8, 0.4, 0.4, 0.3, 0.12)
"""Share of stubs of each kind that peer at all, and a quarter of that of transit networks."""
_OPENNESS = (0.3, 6.0, 1.4, 1.4, 0.5, 0.3)
"""How readily a network of each kind then peers, in no unit."""
_MONTH = 30 * 86_400


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Networks by rank; ``weight`` of the ``transit`` first ones, ``kind`` and ``region`` as indices of all."""

    count: int
    clique: int
    transit: int
    weight: NDArray[np.float64]
    kind: NDArray[np.int8]
    region: NDArray[np.int8]


def lay_out(spec: InternetSpec, rng: np.random.Generator) -> Layout:
    """Kinds, regions and weights. The clique grows as the logarithm: 5 of 300, 15 of 27,000, 19 of 75,000."""
    count = spec.networks
    pinned = sum(p.kind is Kind.TIER1 for p in spec.pinned)
    clique = max(pinned, round(4.5 + 2.5 * np.log(count / 300)), 3)
    transit = max(round(_TRANSIT_SHARE * count), 3 * clique)
    if 2 * transit > count:
        raise BadInput(
            f"networks = {count} is too few for a clique of {clique}; ask for {6 * clique} or more"
        )
    weight = np.sort(np.minimum(LAWS[spec.degrees](rng, transit), 0.1 * count))[::-1]
    first = rng.permutation(2 * clique)[:clique]
    weight = np.concatenate([weight[np.sort(first)], np.delete(weight, first)])
    kind = np.concatenate(
        [
            np.zeros(clique, dtype=np.int64),
            rng.choice(len(KINDS), transit - clique, p=_TRANSIT_KINDS),
            rng.choice(len(KINDS), count - transit, p=_STUB_KINDS),
        ]
    )
    region = rng.choice(len(REGIONS), count, p=_REGION_SHARES)
    region[:clique] = rng.choice(3, clique, p=(0.55, 0.35, 0.10))
    return Layout(count, clique, transit, weight, kind.astype(np.int8), region.astype(np.int8))


def connect(layout: Layout, spec: InternetSpec, rng: np.random.Generator) -> Links:
    """All links by rank, with the times they exist and what files show of them."""
    steady, lower = _uplinks(layout, rng)
    up = Links.of(steady, lower)
    up = _conceal(up, spec.hidden_uplinks, _first_of_each(lower), rng)
    dormant = _extra(layout, lower, spec.dormant * layout.count, rng, dormant=True)
    dormant.hidden[:] = rng.random(len(dormant)) >= spec.dormant_shown
    former, future, switched = _coming_and_going(layout, up, spec, rng)
    clique = _clique(layout)
    peers = _age(_conceal(_peers(layout, spec, rng), spec.hidden_peers, None, rng), spec, rng)
    links = _distinct(Links.join([switched, dormant, former, future, clique, peers]), layout.count)
    links.mislabelled[:] = (rng.random(len(links)) < spec.mislabelled) & ~links.hidden
    links.mislabelled[(links.upper < layout.clique) & (links.lower < layout.clique)] = False
    return links


def _uplinks(layout: Layout, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """(provider, customer), distinct, sorted by customer; each transit network has a customer."""
    ranks = np.arange(layout.clique, layout.count)
    wanted = np.where(
        ranks < layout.transit,
        rng.choice(np.arange(1, 9), len(ranks), p=_TRANSIT_PROVIDERS),
        rng.choice(np.arange(1, 9), len(ranks), p=_STUB_PROVIDERS),
    )
    lower = np.repeat(ranks, np.minimum(wanted, ranks))
    upper = pick_providers(layout, lower, rng)
    _give_first_customers(layout, upper, lower, rng)
    for _ in range(3):
        again = np.flatnonzero(~_first_seen(lower * layout.count + upper))
        upper[again] = pick_providers(layout, lower[again], rng)
    kept = _first_seen(lower * layout.count + upper)
    return upper[kept].astype(np.int32), lower[kept].astype(np.int32)


def pick_providers(layout: Layout, lower: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A provider of higher rank for each: by weight, at home or anywhere."""
    limit = np.minimum(lower, layout.transit)
    # A first customer is given to each, so only what exceeds it is left to draw.
    draw = np.maximum(layout.weight - 1, 0.05)
    chosen = _weighted(draw, limit, rng)
    home = rng.random(len(lower)) < _AT_HOME
    for region in range(len(REGIONS)):
        members = np.flatnonzero(layout.region[: layout.transit] == region)
        ones = np.flatnonzero(home & (layout.region[lower] == region))
        local = np.searchsorted(members, limit[ones])
        ones, local = ones[local > 0], local[local > 0]
        chosen[ones] = members[_weighted(draw[members], local, rng)] if len(ones) else chosen[ones]
    return chosen


def _weighted(
    weight: NDArray[np.float64], limit: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """An index below each limit, by weight."""
    total = np.cumsum(weight)
    drawn = np.searchsorted(total, rng.random(len(limit)) * total[limit - 1], side="right")
    return np.minimum(drawn, limit - 1)


def _give_first_customers(
    layout: Layout, upper: NDArray[np.int64], lower: NDArray[np.int64], rng: np.random.Generator
) -> None:
    """Every transit network takes over one uplink of a stub, in its region where there is one."""
    slots = rng.permutation(np.flatnonzero(lower >= layout.transit))
    slots = slots[np.argsort(layout.region[lower[slots]], kind="stable")]
    takers = np.argsort(layout.region[: layout.transit], kind="stable")
    if len(takers) > len(slots):
        takers = takers[: len(slots)]
    spread = np.sort(rng.permutation(len(slots))[: len(takers)])
    upper[slots[spread]] = takers


def _first_seen(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def _first_of_each(lower: Rows) -> NDArray[np.bool_]:
    return _first_seen(lower.astype(np.int64))


def _conceal(
    links: Links, share: float, always_shown: NDArray[np.bool_] | None, rng: np.random.Generator
) -> Links:
    """Hides a share of all; those that must be shown leave the others more to hide."""
    free = np.ones(len(links), dtype=bool) if always_shown is None else ~always_shown
    rate = min(1.0, share * len(links) / max(1, int(free.sum())))
    links.hidden[:] = free & (rng.random(len(links)) < rate)
    return links


def _extra(
    layout: Layout, lower: Rows, expected: float, rng: np.random.Generator, *, dormant: bool = False
) -> Links:
    """Further uplinks for those that have some, more for those that have many."""
    chosen = lower[rng.integers(len(lower), size=rng.poisson(expected))].astype(np.int64)
    if dormant:
        chosen = np.unique(rng.integers(layout.clique, layout.count, size=len(chosen)))
    return Links.of(pick_providers(layout, chosen, rng), chosen, dormant=dormant)


def _coming_and_going(
    layout: Layout, up: Links, spec: InternetSpec, rng: np.random.Generator
) -> tuple[Links, Links, Links]:
    """Uplinks that ended before the story, those that begin in it, and those in use, with their times.

    A first uplink never ends, so that nobody is left without; in half of the cases where an uplink ended
    before, the first one replaced it.
    """
    epoch, past, ahead = _span(spec)
    former = _extra(layout, up.lower, len(up) * spec.churn * past / _MONTH, rng)
    former.until[:] = epoch - rng.integers(0, past + 1, len(former))
    former.since[:] = former.until - rng.integers(_MONTH, past + 2 * _MONTH, len(former))
    future = _extra(layout, up.lower, len(up) * spec.churn * ahead / _MONTH, rng)
    future.since[:] = epoch + 1 + rng.integers(0, ahead, len(future))
    first = _first_of_each(up.lower)
    up = _age(up, spec, rng, steady=first)
    replacing = former.take(rng.random(len(former)) < 0.5)
    start = dict(zip(replacing.lower.tolist(), replacing.until.tolist(), strict=True))
    for i in np.flatnonzero(first & np.isin(up.lower, replacing.lower)).tolist():
        up.since[i] = start[int(up.lower[i])]
    return former, future, up


def _age(
    links: Links, spec: InternetSpec, rng: np.random.Generator, steady: NDArray[np.bool_] | None = None
) -> Links:
    """Some of these began within the time looked back on, some end within the story; for peers also some
    that ended before are among them."""
    epoch, past, ahead = _span(spec)
    free = np.ones(len(links), dtype=bool) if steady is None else ~steady
    young = free & (rng.random(len(links)) < -np.expm1(-spec.churn * past / _MONTH))
    links.since[young] = epoch - rng.integers(0, past + 1, int(young.sum()))
    ending = free & (rng.random(len(links)) < -np.expm1(-spec.churn * ahead / _MONTH))
    links.until[ending] = epoch + 1 + rng.integers(0, ahead, int(ending.sum()))
    if steady is None:
        gone = rng.random(len(links)) < -np.expm1(-spec.churn * past / _MONTH)
        links.until[gone] = epoch - rng.integers(0, past + 1, int(gone.sum()))
        links.since[gone] = links.until[gone] - rng.integers(_MONTH, past + 2 * _MONTH, int(gone.sum()))
    return links


def _span(spec: InternetSpec) -> tuple[int, int, int]:
    return seconds(spec.epoch), spec.history_days * 86_400, spec.horizon_days * 86_400


def _clique(layout: Layout) -> Links:
    one, other = np.triu_indices(layout.clique, 1)
    return Links.of(one.astype(np.int32), other.astype(np.int32), peer=True)


def _peers(layout: Layout, spec: InternetSpec, rng: np.random.Generator) -> Links:
    """Pairs that meet at an exchange: exchanges of a region by size, members by how open they are."""
    drawn, wanted = 0, round(spec.peers * layout.count * (1 + spec.churn * spec.history_days / 30))
    keys = np.empty(0, dtype=np.int64)
    exchanges = _exchanges(layout, rng)
    while exchanges and len(keys) < wanted and drawn < 6:
        pairs = [
            _meet(members, weight, round(1.3 * share * wanted), rng) for members, weight, share in exchanges
        ]
        one, other = np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])
        key = np.minimum(one, other) * layout.count + np.maximum(one, other)
        keys = np.unique(np.concatenate([keys, key[one != other]]))
        drawn += 1
    keys = np.sort(rng.permutation(keys)[:wanted])
    return Links.of(
        (keys // layout.count).astype(np.int32), (keys % layout.count).astype(np.int32), peer=True
    )


Exchange = tuple[NDArray[np.int64], NDArray[np.float64], float]


def _exchanges(layout: Layout, rng: np.random.Generator) -> list[Exchange]:
    """(members, how open each is, share of all peering): several a region, the first the largest."""
    transit = np.where(np.arange(layout.count) < layout.transit, 4.0, 1.0)
    open_to = np.array(_OPENNESS)[layout.kind] * transit * (1 - rng.random(layout.count)) ** -0.85
    open_to *= rng.random(layout.count) < np.array(_JOINING)[layout.kind] * transit
    found: list[Exchange] = []
    each = max(2, round(layout.count / 2500))
    for region in range(len(REGIONS)):
        for number in range(each):
            near = np.where(layout.region == region, 0.5, 0.03) / (1 + number) ** 0.7
            members = np.flatnonzero(rng.random(layout.count) < near * np.minimum(1, open_to))
            if len(members) > 1:
                found.append((members, open_to[members], float(_REGION_SHARES[region] / (1 + number))))
    total = sum(share for *_, share in found)
    return [(members, weight, share / total) for members, weight, share in found]


def _meet(
    members: NDArray[np.int64], weight: NDArray[np.float64], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    share = weight / weight.sum()
    return rng.choice(members, count, p=share), rng.choice(members, count, p=share)


def _distinct(links: Links, count: int) -> Links:
    """One link a pair, the first of each; none of a network with itself."""
    kept = _first_seen(links.pairs(count)) & (links.upper != links.lower)
    return links.take(kept)

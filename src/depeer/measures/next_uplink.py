"""Who is likely to carry a network next: its likely new providers, ranked.

A conditional logit over all networks that have customers: the chance that the next provider is x is
proportional to exp(w · f(x)). The features are what relationship files show: how many customers x has and
how many it gained since the file before, how many networks buy from x and from a present or former provider
of the target as well (which stands for region and kind of business, which the files do not say; *kin* weighs each of
these by how few fellows it has there, since sharing a small provider says more than sharing a giant), whether x
once carried the target, peers with it, or carries one of its providers. The weights were fitted to the new
providers of 2007 → 2008 in CAIDA's files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from depeer.routing.graph import Graph, Ints, Nodes

Floats = NDArray[np.float64]

FEATURES = ("customers", "gained", "shared", "share", "former", "peer", "above", "kin")
WEIGHTS = (0.04, 0.44, -0.21, 2.46, -1.48, 1.27, 0.48, 1.55)
"""By ``fit`` on 1,500 new providers of 2008 → 2009 (CAIDA serial-1), with 2007 as the file before."""
LEAST = 1
"""Customers that a network must have to be thought of as a provider."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A likely next uplink: ``chance`` that it is the very next new provider, and what speaks for it."""

    asn: int
    chance: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """What a graph and the one before it say of every network as a provider, in the graph's order."""

    graph: Graph
    customers: Ints
    gained: Ints

    @classmethod
    def of(cls, graph: Graph, before: Graph | None = None) -> Market:
        customers = graph.customers.counts()
        gained = np.zeros(len(graph), dtype=np.int64)
        if before is not None:
            fresh = np.setdiff1d(uplink_keys(graph), uplink_keys(before), assume_unique=True)
            asns, count = np.unique(fresh & 0xFFFFFFFF, return_counts=True)
            gained[graph.indices(asns.tolist())] = count
        return cls(graph, customers, gained)


def uplink_keys(graph: Graph) -> Ints:
    """Every link of a customer to a provider as customer << 32 | provider (AS numbers), ascending."""
    customer = np.repeat(np.arange(len(graph)), graph.providers.counts())
    return np.sort(graph.asn[customer] << 32 | graph.asn[graph.providers.targets])


def next_uplinks(
    market: Market,
    target: int,
    former: Collection[int] = (),
    without: Collection[int] = (),
    count: int = 5,
    weights: Sequence[float] = WEIGHTS,
    left: Mapping[int, float] | None = None,
) -> tuple[Likely, ...]:
    """The ``count`` networks that likeliest carry ``target`` next, best first.

    ``former``: its providers in earlier files. ``without``: networks that refuse it; they are left out, as
    are its providers, except for ``left``: uplinks that a cut leaves, with how likely each is there. These come first
    by that, and new ones share what they leave. Raises NotFound for a target that is not in the graph.
    """
    kept, open_to = _kept(left or {})
    graph = market.graph
    candidates, values = features(market, target, former, {*without, *(left or {})})
    utility = values @ np.asarray(weights)
    chance = np.exp(utility - utility.max(initial=0.0))
    chance *= open_to / max(float(chance.sum()), 1e-300)
    best = np.lexsort((graph.asn[candidates], -chance))[:count]
    fresh = [Likely(int(graph.asn[candidates[i]]), float(chance[i]), _why(values[i])) for i in best.tolist()]
    return tuple(sorted([*kept, *fresh], key=lambda one: -one.chance)[:count])


def _kept(left: Mapping[int, float]) -> tuple[list[Likely], float]:
    """Uplinks that are left, each if none likelier is there; and the chance that none is."""
    found, open_to = [], 1.0
    for asn, there in sorted(left.items(), key=lambda one: (-one[1], one[0])):
        found.append(Likely(asn, open_to * there, ("an uplink that the cut leaves",)))
        open_to *= 1 - there
    return found, open_to


def features(
    market: Market, target: int, former: Collection[int] = (), without: Collection[int] = ()
) -> tuple[Ints, Floats]:
    """Candidates (C networks of the graph) and their ``FEATURES`` (C, 8)."""
    graph, node = market.graph, market.graph.index(target)
    providers, old = graph.providers.of(node), graph.indices(former)
    sellers = np.union1d(providers, old).astype(np.int32)
    shared = _shared(graph, node, sellers)
    eligible = (market.customers >= LEAST) | _flags(graph, old)
    eligible[providers] = eligible[node] = False
    eligible[graph.indices(without)] = False
    columns = [
        np.log1p(market.customers),
        np.log1p(market.gained),
        np.log1p(shared),
        shared / (market.customers + 10.0),
        _flags(graph, old),
        _flags(graph, graph.peers.of(node)),
        _flags(graph, graph.providers.gather(providers)),
        np.log1p(100 * _kin(graph, node, sellers)),
    ]
    candidates = np.flatnonzero(eligible)
    return candidates, np.stack([column[candidates].astype(np.float64) for column in columns], axis=1)


def _shared(graph: Graph, node: int, providers: Nodes) -> Ints:
    """For each network, its links to customers that one of ``providers`` has too, the target left out."""
    fellows = np.unique(graph.customers.gather(providers))
    return np.bincount(graph.providers.gather(fellows[fellows != node]), minlength=len(graph))


def _kin(graph: Graph, node: int, sellers: Nodes) -> Floats:
    """For each network, its links to fellow customers, each weighed by one over the number of fellows that the
    provider shared gives (as Adamic and Adar weigh what two have in common)."""
    found = np.zeros(len(graph))
    for seller in sellers.tolist():
        fellows = graph.customers.of(seller)
        fellows = fellows[fellows != node]
        if len(fellows):
            found += np.bincount(graph.providers.gather(fellows), minlength=len(graph)) / len(fellows)
    return found


def _flags(graph: Graph, nodes: Nodes) -> NDArray[np.bool_]:
    found = np.zeros(len(graph), dtype=bool)
    found[nodes] = True
    return found


def _why(values: Floats) -> tuple[str, ...]:
    customers, gained, shared, _, former, peer, above, _ = values.tolist()
    said = [
        (former, "carried it before"),
        (peer, "peers with it"),
        (above, "carries one of its providers"),
        (shared, f"{round(np.expm1(shared))} networks buy from it and from a provider of the target"),
        (customers, f"{round(np.expm1(customers))} customers, {round(np.expm1(gained))} of them new"),
    ]
    return tuple(text for value, text in said if value)


def fit(cases: Sequence[tuple[Floats, int]], ridge: float = 1e-3) -> tuple[float, ...]:
    """Weights by maximum conditional likelihood, slightly shrunk: one case is the features of all candidates (C, 8)
    and which of them it was."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        parts = [_surprise(values, chosen, weights) for values, chosen in cases]
        value = sum(part[0] for part in parts) / len(cases) + ridge / 2 * float(weights @ weights)
        return value, np.sum([part[1] for part in parts], axis=0) / len(cases) + ridge * weights

    found = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B")
    return tuple(np.asarray(found.x).tolist())


def _surprise(values: Floats, chosen: int, weights: Floats) -> tuple[float, Floats]:
    """Minus the log-likelihood of a case, and its gradient."""
    utility = values @ weights
    utility -= utility.max()
    chance = np.exp(utility)
    total = float(chance.sum())
    return float(np.log(total) - utility[chosen]), chance @ values / total - values[chosen]


def hindcast(old: Graph, new: Graph, former: Graph | None, sample: int, seed: int) -> list[tuple[int, int]]:
    """Pairs (network, provider that it gained from ``old`` to ``new``), at most ``sample``, drawn at random; only
    providers that ``old`` has, and networks whose former providers can be known where ``former`` is given."""
    fresh = np.setdiff1d(uplink_keys(new), uplink_keys(old), assume_unique=True)
    known = np.isin(fresh >> 32, old.asn) & np.isin(
        fresh & 0xFFFFFFFF, old.asn[old.customers.counts() >= LEAST]
    )
    if former is not None:
        known &= np.isin(fresh >> 32, former.asn)
    picked = np.random.default_rng(seed).permutation(np.flatnonzero(known))[:sample]
    return [(int(key >> 32), int(key & 0xFFFFFFFF)) for key in fresh[np.sort(picked)]]

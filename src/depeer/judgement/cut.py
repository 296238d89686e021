"""Who can cut a network off, and what that leaves: everything relationships say about one target, as of one file.

Reach counts networks that can hear the target, itself included. Uplinks that the question takes away (``without``)
are severed: the link to the target carries nothing, though the uplink may hear of it through others. A network of
``without`` that is no uplink refuses the target's routes. The isolating sets *refuse* (``routing.isolate``).

Relationship files are weeks old and miss backup links, so none of this is a promise: ``measures.offline`` says how
likely the target is off after the cut, and for how long.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from depeer.routing import isolate
from depeer.routing.collateral import Collateral, Sizes, collateral, fallen
from depeer.routing.graph import Graph, Mask, Nodes
from depeer.routing.paths import path
from depeer.routing.reach import LANES, Bits, Through, flood, spread, start, through

SHARE = 0.01
"""Of the networks beyond its own: a target that no more than this share hears counts as isolated from most."""
LISTED = 8
"""Isolating sets of each grade."""
PATHS = 3


@dataclass(frozen=True, slots=True)
class Uplink:
    """One neighbour that can carry the target's routes onward."""

    asn: int
    kind: str
    """provider, sibling or peer."""
    hears: int
    """Networks beyond the target's customers that hear it through this uplink."""
    sole: int
    """Of these, those that hear it through no other uplink: what severing this link alone takes away."""
    severed: bool


@dataclass(frozen=True, slots=True)
class IsolatingSet:
    """Networks whose refusal isolates the target; none of them can be spared.

    ``grade``: ``everyone``, ``top`` or ``share``, the strongest that holds (``routing.isolate``).
    """

    asns: tuple[int, ...]
    grade: str
    reach_after: int
    top_after: int
    """Networks of the clique that still hear it."""
    through: tuple[int, ...]
    """Uplinks that still carry it."""
    path: tuple[int, ...] | None
    """How the largest network that still hears it does; None where nobody beyond its own does."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``isolating_sets``: smallest first, as far as listed (``complete``: all of no more members than the last)."""

    asn: int
    at: date | None
    networks: int
    """In the graph, the target included."""
    without: tuple[int, ...]
    reach_before: int
    reach_after: int
    top_before: int
    top_after: int
    """Networks of the clique that hear it, before and after."""
    uplinks: tuple[Uplink, ...]
    remaining: tuple[int, ...]
    """Uplinks left that still hear it from the target itself."""
    residual: tuple[tuple[int, ...], ...]
    """Paths from the target to the largest networks that still hear it, one for each uplink left at most."""
    isolating_sets: tuple[IsolatingSet, ...]
    complete: bool
    at_top: bool
    """The target (or a sibling) is itself at the top: no set isolates it from there."""
    falls: bool
    """After the cut nobody at the top hears it, so its dependants fall with it."""
    collateral: Collateral
    """The networks that fall once the target has lost the top; by this cut where ``falls``, else by a full one."""


def cut(
    graph: Graph,
    target: int,
    without: Collection[int] = (),
    *,
    at: date | None = None,
    sizes: Sizes | None = None,
    share: float = SHARE,
    most: int = LISTED,
    paths: int = PATHS,
) -> Cut:
    """What cutting the AS number ``target`` off takes. Raises NotFound where the graph does not know it."""
    via = through(graph, target)
    severed = np.isin(graph.asn[via.uplinks], np.array(sorted(without), dtype=np.int64))
    before, after = via.heard(np.ones(len(severed), dtype=bool)), _after(graph, target, via, severed, without)
    mine = isolate.own(graph, target)
    sets, complete, possible = _sets(graph, target, via, mine, share, most, paths)
    left = via.uplinks[~severed & after[via.uplinks]]
    return Cut(
        asn=target,
        at=at,
        networks=len(graph),
        without=tuple(sorted(set(without))),
        reach_before=int(before.sum()),
        reach_after=int(after.sum()),
        top_before=_at_top(graph, before),
        top_after=_at_top(graph, after),
        uplinks=_uplinks(graph, via, severed),
        remaining=graph.asns(left),
        residual=_residual(graph, target, via, severed, without, paths),
        isolating_sets=sets,
        complete=complete,
        at_top=not possible,
        falls=_at_top(graph, after) == 0,
        collateral=collateral(graph, fallen(graph, target), sizes),
    )


def _after(graph: Graph, target: int, via: Through, severed: Mask, without: Collection[int]) -> Mask:
    """By bit operation where only uplinks are severed; afresh where networks further away refuse."""
    strangers = _strangers(graph, via, without)
    if not len(strangers):
        return via.heard(~severed)
    node = graph.index(target)
    heard = flood(graph, start(graph, node, via.uplinks[severed]), np.append(strangers, np.int32(node)))
    heard[node] = True
    return heard


def _strangers(graph: Graph, via: Through, without: Collection[int]) -> Nodes:
    nodes = graph.indices(without)
    return nodes[~np.isin(nodes, via.uplinks)]


def _at_top(graph: Graph, heard: Mask) -> int:
    return int(heard[graph.clique].sum())


def _uplinks(graph: Graph, via: Through, severed: Mask) -> tuple[Uplink, ...]:
    columns = (
        graph.asn[via.uplinks].tolist(),
        via.kinds,
        via.counts().tolist(),
        via.sole().tolist(),
        severed.tolist(),
    )
    return tuple(Uplink(*row) for row in zip(*columns, strict=True))


def _sets(
    graph: Graph, target: int, via: Through, mine: isolate.Own, share: float, most: int, paths: int
) -> tuple[tuple[IsolatingSet, ...], bool, bool]:
    """The isolating sets of all grades, whether they are all, and whether the top can be isolated from at all."""
    top, shared = isolate.from_top(graph, mine, most), isolate.from_share(graph, via, share, most)
    everyone = isolate.from_everyone(graph, mine)
    direct = set(graph.asn[via.uplinks].tolist())
    found = {cut for grade in (top, shared, everyone) for cut in grade.sets}
    ranked = sorted(found, key=lambda cut: (len(cut), -len(direct.intersection(cut)), cut))[:LANES]
    heard = _refused(graph, target, ranked)
    judged = (
        _judge(graph, target, asns, heard >> np.uint64(k) & np.uint64(1) != 0, mine, paths)
        for k, asns in enumerate(ranked)
    )
    return tuple(judged), top.complete and shared.complete, top.possible


def _refused(graph: Graph, target: int, sets: list[tuple[int, ...]]) -> Bits:
    """Bit k of each network: it hears the target though the k-th set refuses."""
    node = graph.index(target)
    allowed = np.full(len(graph), ~np.uint64(0))
    for k, asns in enumerate(sets):
        allowed[graph.indices(asns)] &= ~(np.uint64(1) << np.uint64(k))
    allowed[node] = 0
    begin = start(graph, node)
    up, down = (np.full(len(near), ~np.uint64(0)) for near in (begin.up, begin.down))
    heard = spread(graph, (begin.up, up), (begin.down, down), allowed)
    heard[node] = ~np.uint64(0)
    return heard


def _judge(
    graph: Graph, target: int, asns: tuple[int, ...], heard: Mask, mine: isolate.Own, paths: int
) -> IsolatingSet:
    node = graph.index(target)
    beyond = heard & ~mine.all
    top = _at_top(graph, heard)
    uplinks = np.concatenate([graph.up.of(node), graph.peers.of(node)])
    largest = _largest(graph, beyond)
    return IsolatingSet(
        asns=asns,
        grade="everyone" if not beyond.any() else "share" if top else "top",
        reach_after=int(heard.sum()),
        top_after=top,
        through=graph.asns(uplinks[beyond[uplinks]]),
        path=path(graph, target, largest, without_ases=asns) if largest is not None and paths else None,
    )


def _largest(graph: Graph, heard: Mask) -> int | None:
    """Of those that hear, the network with most customers."""
    nodes = np.flatnonzero(heard)
    if not len(nodes):
        return None
    return int(graph.asn[nodes[np.argmax(graph.customers.counts()[nodes])]])


def _residual(
    graph: Graph, target: int, via: Through, severed: Mask, without: Collection[int], paths: int
) -> tuple[tuple[int, ...], ...]:
    """One path for each uplink left, those that most hear through first."""
    rank = np.argsort(-via.counts() * ~severed, kind="stable")
    strangers = graph.asns(_strangers(graph, via, without))
    found = []
    for uplink in rank[: min(paths, int((~severed).sum()))].tolist():
        only = np.arange(len(severed)) == uplink
        others = [(target, int(asn)) for asn in graph.asn[via.uplinks[~only]].tolist()]
        largest = _largest(graph, via.heard(only) & ~via.own)
        way = None if largest is None else path(graph, target, largest, others, strangers)
        found.append(way)
    return tuple(way for way in found if way is not None)

"""The links through which one network's routes can go up: customer to provider any number of times, then at most one
peer link into the top (Gao 2001). What lies beyond those, routes only reach on the way down.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from depeer.routing.graph import Graph, Mask

Link = tuple[int, int, str]
"""Lower and upper end as AS numbers, and what the upper is to the lower: provider, sibling, peer, or no more than
observed next to it in routes."""


@dataclass(frozen=True, slots=True)
class Uphill:
    """``layer`` of each network by AS number: 0 the target, 1 those next to it, and so on by the shortest way up.

    Members of the clique that stand no nearer have the last layer to themselves. Networks that lead to nobody at the
    top are left out, but for those next to the target.
    """

    asn: int
    layer: dict[int, int]
    links: tuple[Link, ...]
    top: frozenset[int]
    """Those of the networks that belong to the clique."""


def uphill(graph: Graph | None, asn: int, observed: Collection[int] = ()) -> Uphill:
    """All that can carry the routes of AS number ``asn`` upward; ``observed`` are neighbours of it that routes led
    through, whatever they are to it. Those alone where there is no graph, or where it does not know the network."""
    if graph is None or asn not in graph:
        return Uphill(
            asn, {asn: 0} | dict.fromkeys(sorted(observed), 1), _observed(asn, observed), frozenset()
        )
    at_top = np.zeros(len(graph), dtype=bool)
    at_top[graph.clique] = True
    target = graph.index(asn)
    far, links = _climb(graph, target, at_top, graph.indices(sorted(observed)).tolist())
    kept = _leading(links, at_top) | {target} | {node for node, steps in far.items() if steps == 1}
    links = [(low, high, kind) for low, high, kind in links if low in kept and high in kept]
    last = 1 + max((steps for node, steps in far.items() if node in kept and not at_top[node]), default=1)
    layer = {node: max(last, 2) if at_top[node] and steps > 1 else steps for node, steps in far.items()}
    number = graph.asn.tolist()
    strangers = sorted(other for other in observed if other not in graph)
    return Uphill(
        asn,
        {number[node]: steps for node, steps in sorted(layer.items()) if node in kept}
        | dict.fromkeys(strangers, 1),
        (
            *sorted((number[low], number[high], kind) for low, high, kind in links),
            *_observed(asn, strangers),
        ),
        frozenset(number[node] for node in kept if at_top[node]),
    )


def _observed(asn: int, others: Collection[int]) -> tuple[Link, ...]:
    return tuple((asn, other, "observed") for other in sorted(others))


def _climb(graph: Graph, target: int, at_top: Mask, observed: list[int]) -> tuple[dict[int, int], list[Link]]:
    """Steps from the target by node, and the links up; nobody is left upward who is at the top, or a mere peer."""
    far, links, left = {target: 0}, list[Link](), set[int]()
    frontier = [target]
    while frontier:
        onward: list[int] = []
        for node in frontier:
            near = _near(graph, node, node == target, at_top)
            known = {other for other, _ in near}
            near += [(other, "observed") for other in observed if node == target and other not in known]
            for other, kind in near:
                far.setdefault(other, far[node] + 1)
                links.append((node, other, kind))
                onward += [] if kind == "peer" or at_top[other] else [other]
        left.update(frontier)
        frontier = [node for node in dict.fromkeys(onward) if node not in left]
    return far, links


def _near(graph: Graph, node: int, is_target: bool, at_top: Mask) -> list[tuple[int, str]]:
    peers = graph.peers.of(node)
    return [
        *((other, "provider") for other in graph.providers.of(node).tolist()),
        *((other, "sibling") for other in graph.siblings.of(node).tolist()),
        *((other, "peer") for other in (peers if is_target else peers[at_top[peers]]).tolist()),
    ]


def _leading(links: list[Link], at_top: Mask) -> set[int]:
    """All from which a way leads into the top."""
    below: dict[int, list[int]] = {}
    for low, high, _ in links:
        below.setdefault(high, []).append(low)
    kept, frontier = set[int](), [node for node in below if at_top[node]]
    while frontier:
        kept.update(frontier)
        frontier = [low for node in frontier for low in below.get(node, ()) if low not in kept]
    return kept

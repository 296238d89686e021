"""The shortest path that relationships permit between two networks: evidence for a claim that one hears the other."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from depeer.routing.graph import Graph

_Step = tuple[int, int]
"""Links from the end of the path, and the next network towards it."""


def path(
    graph: Graph,
    origin: int,
    listener: int,
    without_links: Collection[tuple[int, int]] = (),
    without_ases: Collection[int] = (),
) -> tuple[int, ...] | None:
    """AS numbers from ``origin`` to ``listener``, as few as can be; None where it cannot hear. Of equally short paths
    the one whose summit has the lowest place in the graph.

    Both ends climb, and their climbs meet in one network or across one peer link. Raises NotFound for
    unknown networks.
    """
    barred = frozenset(graph.indices(asn for asn in without_ases if asn != origin).tolist())
    severed = frozenset(
        pair
        for one, other in without_links
        for a in graph.indices([one]).tolist()
        for b in graph.indices([other]).tolist()
        for pair in ((a, b), (b, a))
    )
    start, end = graph.index(origin), graph.index(listener)
    if end in barred:
        return None
    rise, fall = (_climb(graph, node, barred, severed) for node in (start, end))
    best = min(_summits(graph, rise, fall, severed), default=None)
    if best is None:
        return None
    nodes = [*reversed(_walk(rise, best[1])), *(_walk(fall, best[2])[best[1] == best[2] :])]
    return tuple(int(graph.asn[node]) for node in nodes)


def _climb(
    graph: Graph, node: int, barred: frozenset[int], severed: frozenset[tuple[int, int]]
) -> dict[int, _Step]:
    found = {node: (0, -1)}
    queue = [node]
    for place in queue:
        for near in graph.up.of(place).tolist():
            if near not in found and near not in barred and (place, near) not in severed:
                found[near] = (found[place][0] + 1, place)
                queue.append(near)
    return found


def _summits(
    graph: Graph, rise: dict[int, _Step], fall: dict[int, _Step], severed: frozenset[tuple[int, int]]
) -> list[tuple[int, int, int]]:
    """Lengths of all joined climbs, with the networks where they join."""
    same = [(rise[node][0] + fall[node][0], node, node) for node in rise.keys() & fall.keys()]
    ends = np.zeros(len(graph), dtype=bool)
    ends[list(fall)] = True
    source, target = graph.peers.pairs(np.array(list(rise), dtype=np.int32))
    met = ends[target]
    pairs = zip(source[met].tolist(), target[met].tolist(), strict=True)
    return same + [(rise[a][0] + 1 + fall[b][0], a, b) for a, b in pairs if (a, b) not in severed]


def _walk(climb: dict[int, _Step], top: int) -> list[int]:
    """From ``top`` down to where the climb began."""
    nodes = [top]
    while climb[nodes[-1]][1] >= 0:
        nodes.append(climb[nodes[-1]][1])
    return nodes

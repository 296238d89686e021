"""Who else is hurt when a network is cut off: those that reach the rest of the Internet only through it.

Three ways to act against a network, from the mildest, and what each does to the customers behind it:

``filter``  refuse the routes that the target itself originates: its customers keep theirs.
``link``    sever the link to the target: routes of its customers that came over it are gone too.
``refuse``  refuse every path that contains the target, whoever offers it: as ``link``, and no way round by
            a third.

To *fall* is to lose the top: no member of the clique hears a network any more, from a customer, a sibling
or a peer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.routing.graph import Graph, Ints, Mask, Nodes
from depeer.routing.reach import Start, cone, flood

_NONE: Nodes = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Loss:
    """One network that falls: networks in its recursive cone (itself counted), and what it announces."""

    asn: int
    cone: int
    announced4: int | None
    """IPv4 addresses; None where no origin table was given."""
    announced6: int | None
    """IPv6 /64s."""


@dataclass(frozen=True, slots=True)
class Collateral:
    """``fallen``: the largest of the networks that fall (target left out); the totals are of all of them."""

    networks: int
    announced4: int | None
    announced6: int | None
    fallen: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """What each network of a graph announces: IPv4 addresses and IPv6 /64s, in the graph's order."""

    announced4: Ints
    announced6: Ints

    @classmethod
    def of(cls, graph: Graph, networks: pa.Table) -> Sizes:
        """From ``exposure.announced_networks``; networks that announce nothing get zeros."""
        found = graph.indices(networks["asn"].to_pylist())
        known = np.isin(np.asarray(networks["asn"]), graph.asn)
        columns = []
        for name in ("announced4", "announced6"):
            column = np.zeros(len(graph), dtype=np.int64)
            column[found] = np.asarray(networks[name])[known]
            columns.append(column)
        return cls(*columns)


def at_top(graph: Graph, gone: Nodes = _NONE) -> Mask:
    """Which networks some member of the clique hears going up and across, with the networks ``gone`` silent."""
    summit = np.concatenate([graph.clique, graph.peers.gather(graph.clique)])
    return flood(graph, Start(_NONE, summit), gone)


def fallen(graph: Graph, asn: int) -> Mask:
    """The networks that fall with ``asn`` once it has lost the top itself: those that cannot climb past it."""
    node = np.array([graph.index(asn)], dtype=np.int32)
    if node[0] >= graph.carriers:
        return np.zeros(len(graph), dtype=bool)
    lost = at_top(graph) & ~at_top(graph, node)
    lost[node] = False
    return lost


def fallen_without(graph: Graph, links: Collection[tuple[int, int]] = (), gone: Collection[int] = ()) -> Mask:
    """The networks that fall when ``links`` (pairs of AS numbers) are severed and the networks ``gone`` go dark."""
    nodes = graph.indices(gone)
    stripped = graph.without(links) if links else graph
    lost = at_top(graph) & ~at_top(stripped, nodes)
    lost[nodes] = False
    return lost


def collateral(graph: Graph, lost: Mask, sizes: Sizes | None = None, most: int = 20) -> Collateral:
    """Those that fall, the ``most`` largest by name: by announced addresses, or by cone where nothing says."""
    nodes = np.flatnonzero(lost)
    cones = np.array(
        [int(cone(graph, int(graph.asn[node])).sum()) for node in _weightiest(graph, nodes, sizes, most)]
    )
    chosen = _weightiest(graph, nodes, sizes, most)
    losses = [
        Loss(int(graph.asn[node]), int(size), *_announced(sizes, node))
        for node, size in zip(chosen.tolist(), cones.tolist(), strict=True)
    ]
    return Collateral(len(nodes), *_announced(sizes, nodes), fallen=tuple(losses))


def _weightiest(graph: Graph, nodes: NDArray[np.intp], sizes: Sizes | None, most: int) -> NDArray[np.intp]:
    """By announced IPv4, then direct customers, then number."""
    announced = np.zeros(len(nodes)) if sizes is None else sizes.announced4[nodes]
    order = np.lexsort((graph.asn[nodes], -graph.customers.counts()[nodes], -announced))
    return nodes[order[:most]]


def _announced(sizes: Sizes | None, nodes: NDArray[np.intp] | int) -> tuple[int | None, int | None]:
    if sizes is None:
        return None, None
    return int(sizes.announced4[nodes].sum()), int(sizes.announced6[nodes].sum())

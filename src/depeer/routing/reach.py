"""Who hears a network's routes: valley-free reach over a relationship graph.

Routes go up from customer to provider any number of times, across from peer to peer at most once, then down
from provider to customer (Gao, "On inferring autonomous system relationships in the Internet", 2001). Siblings
hand on everything and leave the phase as it is. So reach has three steps: up, across, down. It is what
relationships *permit*: a network that is not reached cannot hear the route; one that is may have reasons not to.

Two forms: ``heard_by`` answers one question, ``spread`` up to 64 at once, one bit each, for little more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depeer.routing.graph import Adjacency, Graph, Ints, Mask, Nodes

Bits = NDArray[np.uint64]
Link = tuple[int, int]

_NONE: Nodes = np.zeros(0, dtype=np.int32)
LANES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Who hears at first hand: as from a customer (``up``), or as from a peer or a provider (``down``)."""

    up: Nodes
    down: Nodes


def heard_by(
    graph: Graph,
    origin: int,
    without_links: Collection[Link] = (),
    without_ases: Collection[int] = (),
) -> Mask:
    """For each network of the graph, whether it can hear the routes of ``origin`` (an AS number; itself counted).

    ``without_links``: pairs of AS numbers, either way round; those links carry nothing. ``without_ases``: networks
    that refuse the origin's routes, so neither hear nor hand them on. Raises NotFound for an unknown origin.
    """
    node = graph.index(origin)
    own = [one if other == origin else other for one, other in without_links if origin in (one, other)]
    others = [link for link in without_links if origin not in link]
    stripped = graph.without(others) if others else graph
    refused = graph.indices(asn for asn in without_ases if asn != origin)
    heard = flood(stripped, start(stripped, node, graph.indices(own)), np.append(refused, np.int32(node)))
    heard[node] = True
    return heard


def start(graph: Graph, node: int, severed: Nodes = _NONE) -> Start:
    """The neighbours that hear of network ``node`` at first hand, those it is ``severed`` from left out."""
    up, peers, customers = graph.up.of(node), graph.peers.of(node), graph.customers.of(node)
    if len(severed):
        up, peers, customers = (near[~np.isin(near, severed)] for near in (up, peers, customers))
    return Start(up, np.concatenate([peers, customers]))


def flood(graph: Graph, begin: Start, refused: Nodes = _NONE) -> Mask:
    """The three steps from ``begin``; ``refused`` networks take no part."""
    barred = np.zeros(len(graph), dtype=bool)
    barred[refused] = True
    heard = np.zeros(len(graph), dtype=bool)
    _grow(graph.up, heard, begin.up[~barred[begin.up]], barred)
    heard[graph.peers.gather(np.flatnonzero(heard))] = True
    heard[begin.down] = True
    heard[refused] = False
    _grow(graph.below, heard, np.flatnonzero(heard[: graph.carriers]), barred)
    _tell_stubs(graph, heard)
    heard[refused] = False
    return heard


def _grow(links: Adjacency, heard: Mask, frontier: Nodes | Ints, barred: Mask) -> None:
    """Mark all that ``frontier`` leads to; each network is left once, so the work is linear."""
    heard[frontier] = True
    closed = heard | barred
    turn = np.empty(len(heard), dtype=np.int32)
    while len(frontier):
        near = links.gather(frontier)
        near = near[~closed[near]]
        count = np.arange(len(near), dtype=np.int32)
        turn[near] = count
        frontier = near[turn[near] == count]
        closed[frontier] = heard[frontier] = True


def _tell_stubs(graph: Graph, heard: Mask | Bits) -> None:
    edges = graph.stub_columns.tolist()
    for begin, end in pairwise(edges):
        heard[graph.carriers : graph.carriers + end - begin] |= heard[graph.stub_providers[begin:end]]


def spread(graph: Graph, up: tuple[Nodes, Bits], down: tuple[Nodes, Bits], allowed: Bits) -> Bits:
    """As ``flood``, for up to 64 questions: bit k of each network's word says whether question k's routes reach it.

    ``up`` and ``down``: networks that hear at first hand, and for which questions. ``allowed``: for every network the
    questions in which it takes part.
    """
    heard = np.zeros(len(graph), dtype=np.uint64)
    _grow_bits(graph.up, heard, _mark(heard, *up, allowed), allowed)
    source, near = graph.peers.pairs(np.flatnonzero(heard))
    across = heard[source]
    _mark(heard, near, across, allowed)
    _mark(heard, *down, allowed)
    _grow_bits(graph.below, heard, np.flatnonzero(heard[: graph.carriers]), allowed)
    _tell_stubs(graph, heard)
    heard &= allowed
    return heard


def _grow_bits(links: Adjacency, heard: Bits, frontier: Nodes | Ints, allowed: Bits) -> None:
    while len(frontier):
        source, near = links.pairs(frontier)
        frontier = _mark(heard, near, heard[source], allowed)


def _mark(heard: Bits, nodes: Nodes, bits: Bits, allowed: Bits) -> Nodes:
    """Add ``bits`` where they are allowed; the networks for which something is new."""
    bits = bits & allowed[nodes]
    news = np.flatnonzero(bits & ~heard[nodes])
    nodes, bits = nodes[news], bits[news]
    np.bitwise_or.at(heard, nodes, bits)
    turn, count = np.empty(len(heard), dtype=np.int32), np.arange(len(nodes), dtype=np.int32)
    turn[nodes] = count
    fresh: Nodes = nodes[turn[nodes] == count]
    return fresh


@dataclass(frozen=True, slots=True, eq=False)
class Through:
    """Which of a network's uplinks each other network can hear it through.

    ``uplinks``: providers, siblings and peers (U of them, in that order within each kind by number). ``words`` is
    (ceil(U / 64), N): bit j of ``words[w, i]`` says that network i hears the routes that uplink 64 w + j hands on.
    ``own`` are the network itself and what it reaches downwards with no uplink at all.
    """

    uplinks: Nodes
    kinds: tuple[str, ...]
    words: NDArray[np.uint64]
    own: Mask

    def heard(self, kept: Mask) -> Mask:
        """Who hears when only the ``kept`` uplinks (one flag each) carry the routes."""
        found = self.own.copy()
        for word, lanes in zip(self.words, _lanes(kept), strict=True):
            found |= (word & lanes) != 0
        return found

    def counts(self) -> Ints:
        """For each uplink, how many networks hear through it; ``own`` is not counted."""
        apart = ~self.own
        return np.array([int((self._bit(j) & apart).sum()) for j in range(len(self.uplinks))], dtype=np.int64)

    def sole(self) -> Ints:
        """For each uplink, how many networks hear through it and no other."""
        single = np.bitwise_count(self.words).sum(axis=0, dtype=np.int64) == 1
        single &= ~self.own
        return np.array(
            [int((self._bit(j) & single).sum()) for j in range(len(self.uplinks))], dtype=np.int64
        )

    def _bit(self, uplink: int) -> Mask:
        lane = np.uint64(uplink % LANES)
        return np.asarray((self.words[uplink // LANES] >> lane & np.uint64(1)).astype(bool))


def through(graph: Graph, asn: int) -> Through:
    """Reach by uplink: what remains after *any* set of uplinks is cut is then a matter of one bit operation.

    Exact, since reach from several neighbours is the union of the reach from each, with the network itself left out.
    """
    node = graph.index(asn)
    above, peers = graph.up.of(node), graph.peers.of(node)
    uplinks = np.concatenate([above, peers]).astype(np.int32)
    siblings = np.isin(above, graph.siblings.of(node))
    kinds = (*("sibling" if mate else "provider" for mate in siblings.tolist()), *(["peer"] * len(peers)))
    words = [
        _through_some(graph, node, uplinks[first : first + LANES], len(above) - first)
        for first in range(0, len(uplinks), LANES)
    ]
    own = below(graph, graph.customers.of(node), np.array([node], dtype=np.int32))
    own[node] = True
    held = np.array(words, dtype=np.uint64).reshape(len(words), len(graph))
    return Through(uplinks, kinds, held, own)


def _through_some(graph: Graph, node: int, uplinks: Nodes, above: int) -> Bits:
    bits = np.uint64(1) << np.arange(len(uplinks), dtype=np.uint64)
    cut = min(max(above, 0), len(uplinks))
    allowed = np.full(len(graph), ~np.uint64(0))
    allowed[node] = 0
    return spread(graph, (uplinks[:cut], bits[:cut]), (uplinks[cut:], bits[cut:]), allowed)


def _lanes(kept: Mask) -> Bits:
    """Flags packed into words, the first flag in the lowest bit."""
    padded = np.zeros(-(-len(kept) // LANES) * LANES, dtype=np.uint8)
    padded[: len(kept)] = kept
    return np.packbits(padded, bitorder="little").view("<u8").astype(np.uint64)


def cone(graph: Graph, asn: int) -> Mask:
    """The recursive customer cone: the network, its customers, theirs, and so on; siblings belong to it.

    It overstates what is *observed* to be carried (``observed_cone``), often by far.
    """
    node = graph.index(asn)
    found = below(graph, graph.down.of(node))
    found[node] = True
    return found


def below(graph: Graph, nodes: Nodes, refused: Nodes = _NONE) -> Mask:
    """``nodes`` and all that they reach downwards."""
    return flood(graph, Start(_NONE, nodes), refused) if len(nodes) else np.zeros(len(graph), dtype=bool)

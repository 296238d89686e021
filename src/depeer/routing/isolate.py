"""Which networks can isolate a target, by refusing its routes: the smallest sets, exact.

A network that refuses neither hears the target's routes nor hands them on, whoever offers them. The
target's *own* are itself, its siblings, and all that these reach downwards: no set can be asked to come
from among them, and they hear it whatever others do. Three grades of isolation, each with its own minimal
sets (none can spare a member):

``everyone``  nobody beyond its own hears it. One set only: all outside that hear it at first hand.
``top``       no network of the clique hears it from a customer, a sibling or a peer, so nobody can get it
              from
              there. A smallest set is a maximum flow over the uphill graph: up any number of links, then at
              most one peer link, into a member of the clique. Members may stand far above the target. What
              still hears it does so by peering and buying below the top.
``share``     at most a stated share of all networks beyond its own hears it. Sets of direct uplinks only:
              for networks
              further up the problem is one of hitting sets, for which no fast exact method is known. (Cuts
              of whole valley-free paths between two networks are hard as well: Erlebach et al., "Cuts and
              disjoint paths in the valley-free path model", 2007.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from depeer.routing.flow import Maze, Search
from depeer.routing.graph import Adjacency, Graph, Ints, Mask, Nodes
from depeer.routing.reach import LANES, Through, below

MOST = 16
"""Sets listed of each grade."""
FLOWS = 400
"""Maximum flows spent on the sets of the top."""
SLACK = 2
"""Sets of the top that have more members than the smallest by this many are left out: nobody would act on them."""
EFFORT = 1 << 24
"""Cells looked at in search of the sets of a share."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Minimal sets of AS numbers, smallest first. ``complete``: there are no others of the sizes asked for."""

    sets: tuple[tuple[int, ...], ...]
    complete: bool
    possible: bool = True
    """False where no set of networks can do it: the target (or one of its own) is itself at the top."""


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """``all`` of the target's own, and those of them (``voices``, the target first) that speak for it to the outside:
    the target, and what it reaches going up through its own."""

    all: Mask
    voices: Nodes


def own(graph: Graph, asn: int) -> Own:
    node = np.array([graph.index(asn)], dtype=np.int32)
    group = _closure(graph.siblings, node, np.ones(len(graph), dtype=bool))
    mine = below(graph, graph.down.gather(group))
    mine[group] = True
    voices = _closure(graph.up, node, mine)
    return Own(mine, np.concatenate([node, voices[voices != node[0]]]))


def from_everyone(graph: Graph, mine: Own) -> Sets:
    """All outside the target's own that hear it at first hand."""
    near = np.concatenate([graph.up.gather(mine.voices), graph.peers.gather(mine.voices)])
    return Sets((graph.asns(np.unique(near[~mine.all[near]])),), complete=True)


def from_top(
    graph: Graph, mine: Own, most: int = MOST, slack: int | None = SLACK, flows: int = FLOWS
) -> Sets:
    """Minimal sets after which no member of the clique hears the target (see above), the ``most`` smallest; those
    with more than ``slack`` members over the smallest are left out (None: none is)."""
    nodes, maze = _uphill(graph, mine)
    search = Search(maze, slack, flows)
    found = [tuple(graph.asns(nodes[sorted(cut)])) for cut in islice(search, most)]
    direct = set(graph.asn[graph.up.of(int(mine.voices[0]))].tolist())
    ranked = sorted(found, key=lambda cut: (len(cut), -len(direct.intersection(cut)), cut))
    return Sets(tuple(ranked), search.finished and search.possible, search.possible)


def from_share(graph: Graph, via: Through, share: float, most: int = MOST) -> Sets:
    """Minimal sets of direct uplinks that leave at most ``share`` of the networks beyond ``via.own`` hearing."""
    allowed = int(share * int((~via.own).sum()))
    needed = via.counts() > allowed
    hearing = _patterns(via, np.flatnonzero(~needed))
    found: list[frozenset[int]] = []
    rest = np.flatnonzero(~needed).tolist()
    bound = EFFORT // (hearing.flags.size + 1)
    complete, trials = False, islice(_by_size(len(rest)), bound)
    for trial in trials:
        cut = frozenset(trial)
        if not any(other <= cut for other in found) and hearing.without(trial) <= allowed:
            found.append(cut)
            if len(found) == most:
                break
    else:
        complete = 1 << len(rest) <= bound or frozenset() in found
    always = via.uplinks[needed]
    sets = [graph.asns(np.append(always, via.uplinks[[rest[i] for i in sorted(cut)]])) for cut in found]
    return Sets(tuple(sorted(sets, key=lambda cut: (len(cut), cut))), complete)


@dataclass(frozen=True, slots=True, eq=False)
class _Patterns:
    """Networks folded by which of R uplinks they hear through: (P, R) flags, and how many have each pattern."""

    flags: NDArray[np.bool_]
    count: Ints

    def without(self, cut: tuple[int, ...]) -> int:
        kept = np.ones(self.flags.shape[1], dtype=bool)
        kept[list(cut)] = False
        return int(self.count[(self.flags & kept).any(axis=1)].sum())


def _patterns(via: Through, rest: Ints) -> _Patterns:
    """Of the networks beyond ``via.own`` that hear through the uplinks ``rest``."""
    lanes = np.zeros(len(via.words), dtype=np.uint64)
    np.bitwise_or.at(lanes, rest // LANES, np.uint64(1) << (rest % LANES).astype(np.uint64))
    words = via.words & lanes[:, None]
    words = words[:, words.any(axis=0) & ~via.own]
    pattern = np.zeros(words.shape[1], dtype=np.int64)
    for word in words[lanes > 0]:
        _, value = np.unique(word, return_inverse=True)
        _, pattern = np.unique(pattern * len(pattern) + value, return_inverse=True)
    _, first, count = np.unique(pattern, return_index=True, return_counts=True)
    words = words[:, first]
    bits = [(words[j // LANES] >> np.uint64(j % LANES) & np.uint64(1)).astype(bool) for j in rest.tolist()]
    return _Patterns(np.array(bits, dtype=bool).reshape(len(rest), len(first)).T, count)


def _by_size(size: int) -> Iterator[tuple[int, ...]]:
    for taken in range(size + 1):
        yield from combinations(range(size), taken)


def _uphill(graph: Graph, mine: Own) -> tuple[Nodes, Maze]:
    """The uphill graph as a maze: its vertices, the target first, members of the clique as exits."""
    at_top = np.zeros(len(graph), dtype=bool)
    at_top[graph.clique] = True
    below = _closure(graph.up, mine.voices[:1], np.ones(len(graph), dtype=bool), stop=at_top)
    nodes = np.concatenate([mine.voices[:1], np.setdiff1d(np.union1d(below, graph.clique), mine.voices[:1])])
    place = np.full(len(graph), -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    onward: list[list[int]] = [[] for _ in nodes]
    for node in below[~at_top[below]].tolist():
        fellows = graph.peers.of(node)
        near = np.concatenate([graph.up.of(node), fellows[at_top[fellows]]])
        onward[int(place[node])] = place[near].tolist()
    exits = frozenset(place[graph.clique].tolist())
    return nodes.astype(np.int32), Maze(onward, exits, frozenset(np.flatnonzero(mine.all[nodes]).tolist()))


def _closure(links: Adjacency, begin: Nodes, within: Mask, stop: Mask | None = None) -> Nodes:
    """All that ``begin`` leads to inside ``within``; ``stop`` marks networks that are entered and not left."""
    seen = np.zeros(len(within), dtype=bool)
    seen[begin] = True
    frontier = np.asarray(begin)
    while len(frontier):
        leaving = frontier if stop is None else frontier[~stop[frontier]]
        near = links.gather(leaving)
        frontier = np.unique(near[within[near] & ~seen[near]])
        seen[frontier] = True
    return np.flatnonzero(seen).astype(np.int32)

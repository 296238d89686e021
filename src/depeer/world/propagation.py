"""Which path each vantage point has to every origin: Gao–Rexford preference over valley-free routes.

A network prefers routes from customers to those from peers to those from providers, then the shortest,
then the neighbour with the lowest AS number (Gao & Rexford 2001). Routes from customers go to everybody,
others to customers only. All origins are found in one pass for each vantage point:

- A customer route always wins, so its length is the distance downhill, and a search downhill from the
  vantage point in order of AS numbers finds the path that all on it would choose.
- A peer route is a customer route of the peer: the same search from all peers, over what is left.
- A provider route is what the provider itself chose: the passes of the providers, once each, shared by
  all vantage points below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from depeer.world.graph import Graph, Mask, Rows, Sparse, spread

NONE, PROVIDER, PEER, CUSTOMER, SELF = range(5)
"""Whom a route was learned from; more is better."""
_FAR = np.int16(2**14)


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One network's choice for each origin (n values each).

    ``back`` is the network before the origin on the path or, where ``learned`` is PROVIDER, the provider
    whose choice is followed. ``length`` counts links.
    """

    learned: NDArray[np.int8]
    length: NDArray[np.int16]
    back: Rows


@dataclass(frozen=True, slots=True)
class Routes:
    """Choices of vantage points on one graph, each computed when asked for first."""

    graph: Graph
    _trees: dict[int, Tree] = field(default_factory=dict)

    def tree(self, vantage: int) -> Tree:
        if vantage not in self._trees:
            for row in self._above(vantage):
                if row not in self._trees:
                    self._trees[row] = self._choose(row)
        return self._trees[vantage]

    def path(self, vantage: int, origin: int) -> tuple[int, ...]:
        """Rows from the vantage point to the origin, both included; empty where there is no route."""
        tree, place, front = self.tree(vantage), vantage, []
        if tree.learned[origin] == NONE:
            return ()
        while tree.learned[origin] == PROVIDER:
            front.append(place)
            place = int(tree.back[origin])
            tree = self._trees[place]
        behind, hop = [], origin
        while hop != place:
            behind.append(hop)
            hop = int(tree.back[hop])
        return (*front, place, *reversed(behind))

    def alternatives(self, vantage: int, origin: int) -> list[tuple[int, ...]]:
        """What its other providers would have offered, best first: paths met while routes settle."""
        used = self.path(vantage, origin)[1:2]
        offers = [self.path(int(p), origin) for p in self.graph.providers.row(vantage) if p not in used]
        return sorted(((vantage, *o) for o in offers if o and vantage not in o), key=lambda o: (len(o), o))

    def best(self, vantage: int, origins: Sequence[int]) -> tuple[int, ...]:
        """The path to the one of several origins that it hears: everybody on the way chooses, too."""
        chosen: dict[int, tuple[int, ...]] = {}
        for row in self._above(vantage):
            chosen[row] = self._best_at(row, origins, chosen)
        return chosen[vantage]

    def _best_at(
        self, row: int, origins: Sequence[int], chosen: dict[int, tuple[int, ...]]
    ) -> tuple[int, ...]:
        tree = self.tree(row)
        own = [(-int(tree.learned[o]), int(tree.length[o]), o) for o in origins if tree.learned[o] > PROVIDER]
        if own:
            best = min(own)[:2]
            return min(self.path(row, o) for kind, length, o in own if (kind, length) == best)
        offers = [(row, *chosen[int(p)]) for p in self.graph.providers.row(row) if chosen[int(p)]]
        return min(offers, key=lambda path: (len(path), path), default=())

    def known(self) -> tuple[int, ...]:
        """Networks whose choices have been computed: the vantage points asked about and all above them."""
        return tuple(self._trees)

    def differ(self, other: Routes, vantage: int) -> Mask:
        """Origins to which the choice of the vantage point or of any above it may be another than in ``other``.

        None is missed: a path changes only below a network that follows another neighbour than before.
        """
        mine, theirs = self._above(vantage), other._above(vantage)
        if set(mine) != set(theirs):
            return np.ones(self.graph.count, dtype=bool)
        moved = np.zeros(self.graph.count, dtype=bool)
        for row in mine:
            one, two = self.tree(row), other.tree(row)
            moved |= (one.back != two.back) | (one.learned != two.learned) | (one.length != two.length)
        for graph in (self.graph, other.graph):
            spread(graph.customers, moved)
        return moved

    def hops(self, vantage: int) -> Rows:
        """All paths at once: row o holds the path to origin o from the vantage point on, then -1 (n × longest)."""
        tree = self.tree(vantage)
        longest = int(tree.length[tree.learned != NONE].max(initial=0)) + 1
        paths = np.full((self.graph.count, longest), -1, dtype=np.int32)
        waiting = [(vantage, 0, np.flatnonzero(tree.learned != NONE))]
        while waiting:
            place, depth, origins = waiting.pop()
            paths[origins, depth] = place
            tree = self._trees[place]
            upward = tree.learned[origins] == PROVIDER
            _fill_downhill(paths, tree, place, depth, origins[~upward])
            left = origins[upward]
            order = np.argsort(tree.back[left], kind="stable")
            left = left[order]
            parts = np.flatnonzero(np.diff(tree.back[left], prepend=-1))
            waiting += [(int(tree.back[g[0]]), depth + 1, g) for g in np.split(left, parts[1:]) if len(g)]
        return paths

    def _above(self, vantage: int) -> list[int]:
        """The vantage point and all above it, each after all of its providers."""
        ordered: dict[int, None] = {}
        stack = [(vantage, False)]
        while stack:
            row, done = stack.pop()
            if done:
                ordered[row] = None
            elif row not in ordered:
                stack.append((row, True))
                stack += [(p, False) for p in self.graph.providers.row(row).tolist() if p not in ordered]
        return list(ordered)

    def _choose(self, row: int) -> Tree:
        count = self.graph.count
        learned, back = np.zeros(count, dtype=np.int8), np.full(count, -1, dtype=np.int32)
        length = np.full(count, _FAR, dtype=np.int16)
        learned[row], length[row], back[row] = SELF, 0, row
        tree = Tree(learned, length, back)
        mark = np.zeros(count, dtype=np.int64)
        customers = self.graph.customers
        _search(customers, tree, np.array([row], dtype=np.int32), CUSTOMER, mark)
        peers = self.graph.peers.row(row)
        peers = peers[learned[peers] == NONE]
        learned[peers], length[peers], back[peers] = PEER, 1, row
        _search(customers, tree, peers, PEER, mark)
        self._ask_providers(row, tree)
        return tree

    def _ask_providers(self, row: int, tree: Tree) -> None:
        open_to = np.flatnonzero(tree.learned == NONE)
        for provider in self.graph.providers.row(row).tolist():
            offered = self._trees[provider].length[open_to] + np.int16(1)
            better = offered < tree.length[open_to]
            chosen = open_to[better]
            tree.length[chosen], tree.back[chosen], tree.learned[chosen] = offered[better], provider, PROVIDER


def _search(customers: Sparse, tree: Tree, front: Rows, kind: int, mark: NDArray[np.int64]) -> None:
    """Downhill in widths; of several shortest paths the one whose AS numbers come first stays."""
    far = int(tree.length[front[0]]) if len(front) else 0
    while len(front):
        far += 1
        found, parent = customers.step(front)
        new = tree.learned[found] == NONE
        found, parent = found[new], parent[new]
        places = np.arange(len(found))
        mark[found[::-1]] = places[::-1]
        first: Mask = mark[found] == places
        front, parent = found[first], parent[first]
        tree.learned[front], tree.length[front], tree.back[front] = kind, far, parent


def _fill_downhill(paths: Rows, tree: Tree, place: int, depth: int, origins: NDArray[np.int64]) -> None:
    hop, end = origins.copy(), depth + tree.length[origins].astype(np.int64)
    active = hop != place
    while active.any():
        origins, hop, end = origins[active], hop[active], end[active]
        paths[origins, end] = hop
        hop, end = tree.back[hop].astype(np.int64), end - 1
        active = hop != place

"""Smallest sets of vertices that part a source from a sink, and all minimal ones, smallest first.

A vertex cut is a maximum flow with every vertex split in two (Menger 1927, Ford and Fulkerson 1956). The
others follow by partitioning: whatever set differs from the one just found lacks one of its members, so the
first one that it lacks is ruled out and those before it are prescribed (Lawler 1972). Each set comes once,
in order of size.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_ENDLESS = 1 << 30
Cut = frozenset[int]


@dataclass(frozen=True, slots=True)
class Maze:
    """Vertices 0 to n - 1, of which 0 is the source: ``onward[v]`` can be entered from v; ``exits`` lead to the sink.

    Vertices in ``fixed`` (the source always) cannot be part of a cut.
    """

    onward: Sequence[Sequence[int]]
    exits: frozenset[int]
    fixed: frozenset[int]


@dataclass(slots=True)
class Search:
    """Iterate for minimal cuts, smallest first; ``finished`` once there are no more.

    ``slack``: how many members more than the smallest a cut may have (None: any number). ``flows`` bounds
    the work: after that many maximum flows the search stops, and ``finished`` stays false.
    ``possible`` is false where nothing parts the two, because a fixed path joins them.
    """

    maze: Maze
    slack: int | None = None
    flows: int = 2000
    finished: bool = False
    possible: bool = True
    _network: _Network = field(init=False)

    def __post_init__(self) -> None:
        self._network = _Network(self.maze)

    def __iter__(self) -> Iterator[Cut]:
        first = self._smallest(frozenset(), frozenset())
        self.possible = first is not None
        queue = [] if first is None else [_entry(first, frozenset(), frozenset())]
        most = len(first or ()) + (len(self.maze.onward) if self.slack is None else self.slack)
        while queue and queue[0][0] <= most:
            _, members, given, barred = heapq.heappop(queue)
            if self._is_minimal(members):
                yield frozenset(members)
            for more, without in _branches(members, given, barred):
                if self.flows <= 0:
                    return
                found = self._smallest(more, without) if self._is_minimal(more) else None
                if found is not None:
                    heapq.heappush(queue, _entry(found, more, without))
        self.finished = True

    def _smallest(self, given: Cut, barred: Cut) -> Cut | None:
        """The smallest cut that holds ``given`` and nothing of ``barred``; None where there is none."""
        self.flows -= 1
        found = self._network.cut(given, barred)
        return None if found is None else found | given

    def _is_minimal(self, members: Cut | tuple[int, ...]) -> bool:
        """Whether each member alone stands in the way of some path that meets no other member."""
        if not members:
            return True
        closed = frozenset(members)
        before, behind = self._network.sides(closed)
        return all(
            any(near in before for near in self._network.backward[member])
            and (member in self.maze.exits or any(near in behind for near in self.maze.onward[member]))
            for member in closed
        )


def _entry(found: Cut, given: Cut, barred: Cut) -> tuple[int, tuple[int, ...], Cut, Cut]:
    return len(found), tuple(sorted(found)), given, barred


def _branches(members: tuple[int, ...], given: Cut, barred: Cut) -> Iterator[tuple[Cut, Cut]]:
    more = set(given)
    for member in members:
        if member not in given:
            yield frozenset(more), barred | {member}
            more.add(member)


class _Network:
    """The split graph with residual capacities: vertex v is entered at 2v and left at 2v + 1."""

    def __init__(self, maze: Maze) -> None:
        size = len(maze.onward)
        self.maze, self.sink = maze, 2 * size
        self.backward: list[list[int]] = [[] for _ in range(size)]
        self.arcs: list[list[int]] = [[] for _ in range(2 * size + 1)]
        self.head: list[int] = []
        self.room: list[int] = []
        for vertex in range(size):
            self._join(2 * vertex, 2 * vertex + 1, _ENDLESS if vertex in maze.fixed or vertex == 0 else 1)
        for vertex, near in enumerate(maze.onward):
            for other in near:
                self._join(2 * vertex + 1, 2 * other, _ENDLESS)
                self.backward[other].append(vertex)
        for vertex in sorted(maze.exits):
            self._join(2 * vertex + 1, self.sink, _ENDLESS)

    def _join(self, tail: int, head: int, room: int) -> None:
        for start, end, size in ((tail, head, room), (head, tail, 0)):
            self.arcs[start].append(len(self.head))
            self.head.append(end)
            self.room.append(size)

    def cut(self, given: Cut, barred: Cut) -> Cut | None:
        """The smallest cut nearest the source with ``given`` taken out and ``barred`` uncuttable."""
        room = self.room.copy()
        for vertex in given:
            room[2 * vertex] = 0
        for vertex in barred:
            room[2 * vertex] = _ENDLESS
        while True:
            via = self._flood(room)
            if via[self.sink] == -1:
                inside = range(len(self.maze.onward))
                return frozenset(v for v in inside if via[2 * v] != -1 and via[2 * v + 1] == -1) - given
            if not self._push(room, via):
                return None

    def _flood(self, room: list[int]) -> list[int]:
        """Breadth first from the source: the arc by which each place is reached (-2 at the source), or -1."""
        via = [-1] * (self.sink + 1)
        via[0] = -2
        queue = [0]
        head, arcs, sink = self.head, self.arcs, self.sink
        for place in queue:
            for arc in arcs[place]:
                end = head[arc]
                if room[arc] > 0 and via[end] == -1:
                    via[end] = arc
                    if end == sink:
                        return via
                    queue.append(end)
        return via

    def _push(self, room: list[int], via: list[int]) -> bool:
        """One unit along the path found; false where the path has no cuttable vertex at all."""
        path, place = [], self.sink
        while via[place] != -2:
            path.append(via[place])
            place = self.head[via[place] ^ 1]
        least = min(room[arc] for arc in path)
        if least >= _ENDLESS // 2:
            return False
        for arc in path:
            room[arc] -= least
            room[arc ^ 1] += least
        return True

    def sides(self, closed: Cut) -> tuple[set[int], set[int]]:
        """Vertices that the source reaches, and vertices that reach the sink, both without entering ``closed``."""
        behind = _closure([v for v in self.maze.exits if v not in closed], self.backward, closed)
        return _closure([0], self.maze.onward, closed), behind


def _closure(begin: list[int], links: Sequence[Sequence[int]], closed: Cut) -> set[int]:
    seen = set(begin)
    queue = list(begin)
    for vertex in queue:
        fresh = [near for near in links[vertex] if near not in closed and near not in seen]
        seen.update(fresh)
        queue.extend(fresh)
    return seen

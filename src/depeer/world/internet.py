"""A simulated Internet: networks, their links and what they announce, at any time of its story.

``make_internet`` builds it from a spec and a seed; the same two give the same world to the last bit.
``Internet.at`` gives what carries routes at a moment. Files are written by ``relationship_files``,
``origin_files`` and ``mrt_files``, the truth by ``internet_truth``. IPv6 takes the same links as IPv4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput
from depeer.world import announcements as announcing
from depeer.world import degree_laws, network_names, pinning, size_laws, timeline, topology
from depeer.world.allocation import check_pinned
from depeer.world.announcements import ALLOCATED, Announcements, Reassignment
from depeer.world.graph import Graph, Mask
from depeer.world.internet_spec import InternetSpec, Pinned
from depeer.world.links import NEVER, Links, seconds
from depeer.world.nouns import Autonomous, Link, stream


@dataclass(frozen=True, slots=True)
class Moment:
    """What carries routes at ``second`` (since 1970), and which lines of the announcements stand."""

    second: int
    graph: Graph
    announced: Announcements


@dataclass(frozen=True, slots=True, eq=False)
class Internet:
    """Rows are networks in ascending order of ``asn``; ``owner`` numbers owners; ``prepend``: how often an
    origin repeats its number; ``sets``: members of the AS set behind the origin of a line of announcements."""

    spec: InternetSpec
    seed: int
    asn: NDArray[np.int64]
    kind: NDArray[np.int8]
    region: NDArray[np.int8]
    country: tuple[str, ...]
    name: tuple[str, ...]
    owner: NDArray[np.int32]
    owner_name: tuple[str, ...]
    links: Links
    announcements: Announcements
    reassigned: tuple[Reassignment, ...]
    prepend: NDArray[np.int8]
    sets: dict[tuple[int, int, int, bool], tuple[int, ...]]
    """(origin row, first, length, six) → AS numbers."""

    def __len__(self) -> int:
        return len(self.asn)

    @property
    def networks(self) -> Networks:
        return Networks(self)

    def row(self, asn: int) -> int:
        """Place of a network; KeyError where there is none of that number."""
        place = int(np.searchsorted(self.asn, asn))
        if place == len(self.asn) or self.asn[place] != asn:
            raise KeyError(f"AS{asn} is not in this world")
        return place

    def at(self, time: datetime) -> Moment:
        return self.at_second(seconds(time))

    def at_second(self, second: int) -> Moment:
        up = self.carrying(second)
        graph = Graph.of(len(self), self.links.upper[up], self.links.lower[up], self.links.peer[up])
        return Moment(second, graph, self.announcements.take(self.announcements.exist(second)))

    def carrying(self, second: int) -> Mask:
        """Which links carry routes: all that exist, but dormant ones only where the lower network lost an uplink."""
        exist = self.links.exist(second)
        return exist & (~self.links.dormant | self._lost_uplink(second, exist)[self.links.lower])

    def _lost_uplink(self, second: int, exist: Mask) -> Mask:
        """Networks with an uplink that an event has cut and that is not back."""
        links, lost = self.links, np.zeros(len(self), dtype=bool)
        ended = np.flatnonzero(links.cut & ~links.peer & ~links.dormant & (links.until <= second))
        for i in ended.tolist():
            back = exist & links.between(int(links.upper[i]), int(links.lower[i])) & ~links.dormant
            lost[links.lower[i]] |= not back.any()
        return lost

    def changes(self, start: datetime, end: datetime) -> list[int]:
        """Seconds after ``start`` and up to ``end`` at which a link or an announcement begins or ends."""
        low, high = seconds(start), seconds(end)
        times = [self.links.since, self.links.until, self.announcements.since, self.announcements.until]
        every = np.unique(np.concatenate(times))
        return [int(t) for t in every[(every > low) & (every <= high)]]

    def true_links(self) -> Iterator[Link]:
        return self.links.objects(self.asn)


@dataclass(frozen=True, slots=True)
class Networks(Sequence[Autonomous]):
    """The networks as nouns, made when asked for, in ascending order of number."""

    internet: Internet

    def __len__(self) -> int:
        return len(self.internet)

    @overload
    def __getitem__(self, i: int) -> Autonomous: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[Autonomous, ...]: ...
    def __getitem__(self, i: int | slice) -> Autonomous | tuple[Autonomous, ...]:
        if isinstance(i, slice):
            return tuple(self[j] for j in range(*i.indices(len(self))))
        row = range(len(self))[i]
        table = self.internet.announcements
        return self._one(row, np.flatnonzero(table.origin == row))

    def __iter__(self) -> Iterator[Autonomous]:
        table = self.internet.announcements
        order = np.argsort(table.origin, kind="stable")
        bounds = np.searchsorted(table.origin[order], np.arange(len(self) + 1)).tolist()
        for row in range(len(self)):
            yield self._one(row, order[bounds[row] : bounds[row + 1]])

    def _one(self, row: int, lines: NDArray[np.int64]) -> Autonomous:
        world = self.internet
        prefixes = dict.fromkeys(world.announcements.prefix(i) for i in lines.tolist())
        owner = world.owner_name[world.owner[row]]
        kind = topology.KINDS[world.kind[row]]
        return Autonomous(
            int(world.asn[row]), world.name[row], world.country[row], kind, owner, tuple(prefixes)
        )


def make_internet(spec: InternetSpec, seed: int) -> Internet:
    """Raises BadInput for an unknown law, a number or prefix that nobody can hold, networks that provide to
    each other in a circle, and events that find nothing to change."""
    for law, laws in ((spec.sizes, size_laws.LAWS), (spec.degrees, degree_laws.LAWS)):
        if law not in laws:
            raise BadInput(f"there is no law {law!r}; choose one of {', '.join(laws)}")
    named = pinning.named_networks(spec)
    check_pinned(prefix for pinned in named.values() for prefix in pinned.prefixes)
    layout = topology.lay_out(spec, stream(seed, "internet", "layout"))
    seated = pinning.seats(spec, layout, stream(seed, "internet", "seats"))
    pinning.seat_kinds(layout, named, seated)
    links = topology.connect(layout, spec, stream(seed, "internet", "links"))
    links = pinning.told_links(spec, links, seated, layout.count)
    by_rank = pinning.numbers(spec, seated, stream(seed, "internet", "numbers"))
    place = pinning.rows_of(by_rank)
    links = links.moved(place)
    order = np.argsort(place)
    return _furnish(spec, seed, named, np.sort(by_rank), layout.kind[order], layout.region[order], links)


def _furnish(
    spec: InternetSpec,
    seed: int,
    named: dict[int, Pinned],
    asn: NDArray[np.int64],
    kind: NDArray[np.int8],
    region: NDArray[np.int8],
    links: Links,
) -> Internet:
    """Names, owners, addresses and events for networks whose links are known."""
    rows = {number: int(np.searchsorted(asn, number)) for number in named}
    country, name, owner, owner_name = _identities(spec, seed, named, rows, asn, kind, region)
    held = {rows[number]: pinned.prefixes for number, pinned in named.items() if pinned.prefixes}
    table = announcing.allocate(spec, seed, kind, region, held)
    parts, reassigned = announcing.reassign(
        table, links, kind, asn, spec.reassigned, stream(seed, "internet", "reassigned")
    )
    made_up = table.take(~np.isin(table.origin, list(held)))
    shared = announcing.share(made_up, owner, links, spec.multi_origin, stream(seed, "internet", "shared"))
    table = _one_line_each(Announcements.join([table, parts, shared]))
    sets = _sets(table, links, asn, spec.as_sets, stream(seed, "internet", "sets"))
    table = timeline.apply_announcements(table, spec.events, rows)
    links = timeline.apply_links(links, spec.events, rows)
    prepend = _prepends(
        len(asn), list(rows.values()), spec.prepending, stream(seed, "internet", "prepending")
    )
    columns = asn, kind, region, country, name, owner, owner_name
    return Internet(spec, seed, *columns, links, table, reassigned, prepend, sets)


def _identities(
    spec: InternetSpec,
    seed: int,
    named: dict[int, Pinned],
    rows: dict[int, int],
    asn: NDArray[np.int64],
    kind: NDArray[np.int8],
    region: NDArray[np.int8],
) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[np.int32], tuple[str, ...]]:
    """Country, name and owner of each row, and the owners' names."""
    rng = stream(seed, "internet", "names")
    country = network_names.countries(region, rng)
    words = network_names.words(len(asn), rng)
    names = [
        network_names.name(a, topology.KINDS[k], w)
        for a, k, w in zip(asn.tolist(), kind.tolist(), words, strict=True)
    ]
    owner = np.arange(len(asn), dtype=np.int32)
    owners = [
        f"{word} Networks {number} (simulated)" for number, word in zip(asn.tolist(), words, strict=True)
    ]
    for group in network_names.owner_groups(region, spec.siblings, rng):
        made_up = [row for row in group if int(asn[row]) not in named]
        owner[made_up] = made_up[0] if made_up else 0
    together: dict[str, int] = {}
    for number, pinned in named.items():
        row = rows[number]
        names[row], country[row] = pinned.name or names[row], pinned.country or country[row]
        if pinned.owner:
            owner[row] = together.setdefault(pinned.owner, row)
            owners[owner[row]] = pinned.owner
    return tuple(country), tuple(names), owner, tuple(owners)


def _one_line_each(table: Announcements) -> Announcements:
    """Each (origin, prefix) once; what was allocated comes before what was drawn later."""
    keys = np.stack(
        [
            table.origin.astype(np.uint64),
            table.first,
            table.length.astype(np.uint64),
            table.six.astype(np.uint64),
        ]
    )
    return table.take(np.sort(np.unique(keys, axis=1, return_index=True)[1]))


def _sets(
    table: Announcements, links: Links, asn: NDArray[np.int64], rate: float, rng: np.random.Generator
) -> dict[tuple[int, int, int, bool], tuple[int, ...]]:
    """A few aggregates end in the AS set of customers whose routes they hold (RFC 4271, 9.2.2.2)."""
    steady = ~links.peer & (links.until == NEVER) & ~links.dormant
    able = np.isin(table.origin, links.upper[steady]) & (table.why == ALLOCATED)
    sets = {}
    for i in np.flatnonzero(able & (rng.random(len(table)) < rate)).tolist():
        customers = np.unique(links.lower[steady & (links.upper == table.origin[i])])
        line = int(table.origin[i]), int(table.first[i]), int(table.length[i]), bool(table.six[i])
        sets[line] = tuple(int(asn[c]) for c in customers[:3])
    return sets


def _prepends(count: int, named: list[int], rate: float, rng: np.random.Generator) -> NDArray[np.int8]:
    prepend = np.where(rng.random(count) < rate, rng.choice([1, 2, 3, 5], count, p=[0.5, 0.3, 0.15, 0.05]), 0)
    prepend[named] = 0
    return prepend.astype(np.int8)

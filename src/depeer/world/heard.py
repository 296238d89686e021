"""What vantage points hear at one moment: for each prefix the path, as a route collector writes it down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

import numpy as np
from numpy.typing import NDArray

from depeer.world.allocation import Prefix, prefix_of
from depeer.world.announcements import Announcements
from depeer.world.graph import Mask, Rows
from depeer.world.internet import Internet, Moment
from depeer.world.nouns import Kind, stream
from depeer.world.propagation import CUSTOMER, PEER, PROVIDER, Routes
from depeer.world.topology import KINDS

Block = tuple[bool, int, int]
"""A prefix as (six, first, length), which sorts as routing tables do."""
_TAGS = {CUSTOMER: 100, PEER: 200, PROVIDER: 300}
"""What a vantage point's communities say of whom it learned a route from (invented, as everybody's are)."""


@dataclass(frozen=True, slots=True)
class Vantage:
    """A network that gives a collector its table: over IPv4, and over IPv6 where it has any."""

    asn: int
    row: int
    address: IPv4Address
    address6: IPv6Address | None


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` from the vantage point to the origin with all repetitions; ``members`` of an AS set after it."""

    path: tuple[int, ...]
    members: tuple[int, ...] = ()
    communities: tuple[tuple[int, int], ...] = ()


def vantage_points(internet: Internet, count: int) -> tuple[Vantage, ...]:
    """Networks that hold IPv4 space and would feed a collector: two in five of the clique or large transit."""
    table = internet.announcements
    able = np.zeros(len(internet), dtype=bool)
    able[table.origin[~table.six]] = True
    weight = np.array([_FEEDING[k] for k in KINDS])[internet.kind] * able
    rng = stream(internet.seed, "internet", "vantage")
    count = min(count, int((weight > 0).sum()))
    rows = rng.choice(len(internet), count, replace=False, p=weight / weight.sum())
    return tuple(vantage_point(internet, int(internet.asn[row])) for row in np.sort(rows))


_FEEDING = {
    Kind.TIER1: 60.0,
    Kind.TRANSIT: 10.0,
    Kind.EYEBALL: 2.0,
    Kind.HOSTING: 2.0,
    Kind.CAMPUS: 1.0,
    Kind.BUSINESS: 0.2,
}


def vantage_point(internet: Internet, asn: int) -> Vantage:
    """A network as a vantage point; its router has the first address of its first prefix."""
    row, table = internet.row(asn), internet.announcements
    mine = np.flatnonzero(table.origin == row)
    four, six = mine[~table.six[mine]], mine[table.six[mine]]
    address = table.prefix(int(four[0])).network_address + 1 if len(four) else IPv4Address(0xC6000000 + row)
    address6 = table.prefix(int(six[0])).network_address + 1 if len(six) else None
    return Vantage(
        asn, row, IPv4Address(int(address)), None if address6 is None else IPv6Address(int(address6))
    )


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The tables of several vantage points at one moment; all paths are found on construction."""

    internet: Internet
    moment: Moment
    vantages: tuple[Vantage, ...]
    routes: Routes
    hops: tuple[Rows, ...]
    _known: dict[tuple[int, int], Route | None] = field(default_factory=dict)

    def route(self, place: int, block: Block, origins: tuple[int, ...]) -> Route | None:
        """What vantage ``place`` hears of a prefix with these origins; None where nothing."""
        if len(origins) > 1:
            path = self.routes.best(self.vantages[place].row, origins)
            return self._with_set(self._route(path), block, path[-1]) if path else None
        key = (place, origins[0])
        if key not in self._known:
            hops = self.hops[place][origins[0]]
            path = tuple(hops[hops >= 0].tolist())
            self._known[key] = self._route(path) if path else None
        route = self._known[key]
        return None if route is None else self._with_set(route, block, origins[0])

    def blocks(self) -> Iterator[tuple[Block, tuple[int, ...]]]:
        """Every prefix announced with the rows of its origins, in the order of a routing table."""
        yield from blocks_of(self.moment.announced)

    def differ(self, other: Heard, place: int) -> Mask:
        """Origins to which the path of vantage ``place`` is another than in ``other``."""
        mine, theirs = self.hops[place], other.hops[place]
        width = max(mine.shape[1], theirs.shape[1])
        changed: Mask = (_widen(mine, width) != _widen(theirs, width)).any(axis=1)
        return changed

    def alternatives(self, place: int, block: Block, origin: int) -> list[Route]:
        """What the vantage point's other providers offered: paths that it tries while routes settle."""
        offers = self.routes.alternatives(self.vantages[place].row, origin)
        return [self._with_set(self._route(path), block, origin) for path in offers]

    def _route(self, path: tuple[int, ...]) -> Route:
        asn, origin = self.internet.asn, path[-1]
        numbers = tuple(asn[list(path)].tolist())
        numbers += numbers[-1:] * int(self.internet.prepend[origin])
        return Route(numbers, (), self._communities(path))

    def _communities(self, path: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """The vantage point's word for whom it learned this from, and the last transit's for the origin's region."""
        if len(path) < 2:
            return ()
        asn = self.internet.asn
        learned = _TAGS[int(self.routes.tree(path[0]).learned[path[-1]])]
        last = int(asn[path[-2]]), 1000 + int(self.internet.region[path[-1]])
        return tuple(sorted(c for c in {(int(asn[path[0]]), learned), last} if c[0] < 65_536))

    def _with_set(self, route: Route, block: Block, origin: int) -> Route:
        members = self.internet.sets.get((origin, block[1], block[2], block[0]), ())
        return Route(route.path, members, route.communities) if members else route


def listen(internet: Internet, moment: Moment, vantages: tuple[Vantage, ...]) -> Heard:
    routes = Routes(moment.graph)
    return Heard(internet, moment, vantages, routes, tuple(routes.hops(v.row) for v in vantages))


def blocks_of(table: Announcements) -> Iterator[tuple[Block, tuple[int, ...]]]:
    """Prefixes with the rows of their origins, in the order of a routing table."""
    order = table.by_prefix()
    columns = (table.six, table.first, table.length, table.origin)
    block: Block | None = None
    origins: list[int] = []
    for six, first, length, origin in zip(*(c[order].tolist() for c in columns), strict=True):
        if (six, first, length) != block:
            if block is not None:
                yield block, tuple(dict.fromkeys(origins))
            block, origins = (six, first, length), []
        origins.append(origin)
    if block is not None:
        yield block, tuple(dict.fromkeys(origins))


def prefix_in(block: Block) -> Prefix:
    return prefix_of(block[1], block[2], block[0])


def _widen(paths: Rows, width: int) -> NDArray[np.int32]:
    return np.pad(paths, ((0, 0), (0, width - paths.shape[1])), constant_values=-1)

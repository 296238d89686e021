"""What vantage points tell a collector when links and announcements change, as a list of elements.

Each vantage point notices after a delay of its own and, until routes have settled, tries what its other
providers had offered before (path exploration, Labovitz et al. 2000), a step every 5 to 30 seconds. Besides,
prefixes flap at one vantage point alone: withdrawn, and back within two minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from depeer.world.heard import Block, Heard, Route, Vantage, listen
from depeer.world.internet import Internet
from depeer.world.links import seconds
from depeer.world.nouns import stream
from depeer.world.prefix_index import PrefixIndex, index_of

_SECOND = 1_000_000


class Cause(StrEnum):
    CHANGE = "change"
    EXPLORATION = "exploration"
    FLAP = "flap"


@dataclass(frozen=True, slots=True)
class Element:
    """At ``time`` (µs since 1970) vantage ``place`` announces ``blocks`` by ``route``, or withdraws them (None)."""

    time: int
    place: int
    blocks: tuple[Block, ...]
    route: Route | None
    cause: Cause


def updates(
    internet: Internet,
    start: datetime,
    end: datetime,
    vantages: tuple[Vantage, ...],
    flaps_an_hour: float = 2.0,
) -> list[Element]:
    """Elements in order of time for all changes after ``start`` and up to ``end``; the last may come minutes after
    ``end``. ``flaps_an_hour``: of each vantage point."""
    before = first = listen(internet, internet.at(start), vantages)
    index = index_of(internet.announcements)
    last: dict[tuple[int, Block], int] = {}
    found: list[Element] = []
    for second in internet.changes(start, end):
        if not _unheard(before, second):
            after = listen(internet, internet.at_second(second), vantages)
            found += _settle(before, after, index, last)
            before = after
    found += _flaps(first, seconds(end), flaps_an_hour, {block for _, block in last})
    return sorted(found, key=lambda e: (e.time, e.place, e.blocks))


def _unheard(before: Heard, second: int) -> bool:
    """Whether nothing but peer links changed, none of them at a network above a vantage point: only those use one."""
    internet, was = before.internet, before.moment.second
    table, links = internet.announcements, internet.links
    if (table.exist(was) != table.exist(second)).any():
        return False
    changed = internet.carrying(was) != internet.carrying(second)
    above = np.zeros(len(internet), dtype=bool)
    above[list(before.routes.known())] = True
    heard = ~links.peer | above[links.upper] | above[links.lower]
    return not (changed & heard).any()


def _settle(
    before: Heard, after: Heard, index: PrefixIndex, last: dict[tuple[int, Block], int]
) -> Iterator[Element]:
    """What one change makes the vantage points say; ``last``: when each spoke of a prefix last."""
    for place, vantage in enumerate(after.vantages):
        rng = stream(after.internet.seed, "internet", "updates", after.moment.second, vantage.asn)
        noticed = after.moment.second * _SECOND + int((2 + rng.exponential(12)) * _SECOND)
        for change in _changed(before, after, place, index):
            time = noticed + int(rng.exponential(3) * _SECOND)
            time = max(time, *(last.get((place, block), 0) + _SECOND for block in change.blocks))
            for step in _steps(before, place, change, rng):
                yield Element(time, place, change.blocks, step, Cause.EXPLORATION)
                time += int(rng.uniform(5, 30) * _SECOND)
            yield Element(time, place, change.blocks, change.new, Cause.CHANGE)
            last.update({(place, block): time for block in change.blocks})


@dataclass(frozen=True, slots=True)
class _Change:
    """Prefixes of one family of which a vantage point heard ``old`` and hears ``new``; ``origin`` of the old."""

    old: Route | None
    new: Route | None
    origin: int | None
    blocks: tuple[Block, ...]


def _changed(before: Heard, after: Heard, place: int, index: PrefixIndex) -> list[_Change]:
    """What a vantage point hears otherwise now."""
    six = after.vantages[place].address6 is not None
    moved = after.differ(before, place)
    anywhere = after.routes.differ(before.routes, after.vantages[place].row) | moved
    found: dict[tuple[Route | None, Route | None, bool, int | None], list[Block]] = {}
    for group in index.touched(moved, anywhere, before.moment.second, after.moment.second):
        block = index.block(group)
        was, now = (index.origins(group, heard.moment.second) for heard in (before, after))
        old = before.route(place, block, was) if was else None
        new = after.route(place, block, now) if now else None
        if old != new and (six or not block[0]):
            found.setdefault((old, new, block[0], was[0] if was else None), []).append(block)
    return [_Change(old, new, origin, tuple(b)) for (old, new, _, origin), b in found.items()]


def _steps(before: Heard, place: int, change: _Change, rng: np.random.Generator) -> list[Route]:
    """Stale paths tried in between: more often, and more of them, where nothing is left in the end."""
    if change.old is None or change.origin is None or rng.random() > (0.8 if change.new is None else 0.3):
        return []
    tried = before.alternatives(place, change.blocks[0], change.origin)
    return [r for r in tried if r not in (change.old, change.new)][: int(rng.integers(1, 4))]


def _flaps(heard: Heard, end: int, an_hour: float, busy: set[Block]) -> Iterator[Element]:
    """Noise at one vantage point, on prefixes that nothing else happens to."""
    every = [(b, origins) for b, origins in heard.blocks() if b not in busy and not b[0]]
    start = heard.moment.second
    for place, vantage in enumerate(heard.vantages):
        rng = stream(heard.internet.seed, "internet", "flaps", start, vantage.asn)
        count = min(len(every), rng.poisson(an_hour * max(0, end - start) / 3600))
        for i in sorted(rng.choice(len(every), count, replace=False).tolist()) if count else ():
            block, origins = every[i]
            route = heard.route(place, block, origins)
            time = int((start + rng.random() * (end - start)) * _SECOND)
            if route is not None:
                yield Element(time, place, (block,), None, Cause.FLAP)
                back = time + int(rng.uniform(10, 120) * _SECOND)
                yield Element(back, place, (block,), route, Cause.FLAP)

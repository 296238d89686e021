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

from depeer.world.heard import Block, Heard, Route, Vantage, blocks_of, listen
from depeer.world.internet import Internet
from depeer.world.links import seconds
from depeer.world.nouns import stream

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


Origins = dict[Block, tuple[int, ...]]


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
    last: dict[tuple[int, Block], int] = {}
    found: list[Element] = []
    for second in internet.changes(start, end):
        after = listen(internet, internet.at_second(second), vantages)
        found += _settle(before, after, last)
        before = after
    found += _flaps(first, seconds(end), flaps_an_hour, {block for _, block in last})
    return sorted(found, key=lambda e: (e.time, e.place, e.blocks))


def _settle(before: Heard, after: Heard, last: dict[tuple[int, Block], int]) -> Iterator[Element]:
    """What one change makes the vantage points say; ``last``: when each spoke of a prefix last."""
    was, now = dict(blocks_of(before.moment.announced)), dict(blocks_of(after.moment.announced))
    for place, vantage in enumerate(after.vantages):
        rng = stream(after.internet.seed, "internet", "updates", after.moment.second, vantage.asn)
        noticed = after.moment.second * _SECOND + int((2 + rng.exponential(12)) * _SECOND)
        groups = _changed(before, after, place, was, now)
        for old, new, blocks in groups:
            time = noticed + int(rng.exponential(3) * _SECOND)
            time = max(time, *(last.get((place, block), 0) + _SECOND for block in blocks))
            for step in _steps(before, place, blocks[0], was, old, new, rng):
                yield Element(time, place, blocks, step, Cause.EXPLORATION)
                time += int(rng.uniform(5, 30) * _SECOND)
            yield Element(time, place, blocks, new, Cause.CHANGE)
            last.update({(place, block): time for block in blocks})


Groups = list[tuple[Route | None, Route | None, tuple[Block, ...]]]


def _changed(before: Heard, after: Heard, place: int, was: Origins, now: Origins) -> Groups:
    """Prefixes of which a vantage point hears something else now, by what it heard and hears."""
    moved = after.differ(before, place).tolist()
    six = after.vantages[place].address6 is not None
    # A message is of one family.
    found: dict[tuple[Route | None, Route | None, bool], list[Block]] = {}
    for block in sorted(was.keys() | now.keys()):
        old_origins, new_origins = was.get(block), now.get(block)
        same = old_origins == new_origins and new_origins is not None and len(new_origins) == 1
        if (block[0] and not six) or (same and new_origins and not moved[new_origins[0]]):
            continue
        old = before.route(place, block, old_origins) if old_origins else None
        new = after.route(place, block, new_origins) if new_origins else None
        if old != new:
            found.setdefault((old, new, block[0]), []).append(block)
    return [(old, new, tuple(blocks)) for (old, new, _), blocks in found.items()]


def _steps(
    before: Heard,
    place: int,
    block: Block,
    was: Origins,
    old: Route | None,
    new: Route | None,
    rng: np.random.Generator,
) -> list[Route]:
    """Stale paths tried in between: more often, and more of them, where nothing is left in the end."""
    if old is None or rng.random() > (0.8 if new is None else 0.3):
        return []
    origin = was[block][0]
    tried = before.alternatives(place, block, origin)
    return [r for r in tried if r not in (old, new)][: int(rng.integers(1, 4))]


def _flaps(heard: Heard, end: int, an_hour: float, busy: set[Block]) -> Iterator[Element]:
    """Noise at one vantage point, on prefixes that nothing else happens to."""
    every = [(b, origins) for b, origins in blocks_of(heard.moment.announced) if b not in busy and not b[0]]
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

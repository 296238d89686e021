"""Layered drawings of graphs: the order within each layer, few crossings, the same each time.

Sugiyama, Tagawa & Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981): links that
pass a layer get a place in it, then each layer is ordered by the mean place of its neighbours, up and down in turns.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Passing:
    """The place that the links of ``source`` to layers further on take in ``layer``: one for all of them."""

    source: Hashable
    layer: int


def stretched(
    layers: Sequence[Sequence[Hashable]], links: Iterable[tuple[Hashable, Hashable]]
) -> tuple[list[list[Hashable]], list[tuple[Hashable, Hashable]]]:
    """The layers with places for links that pass them, and links that lead from each layer to the next only.

    Links within a layer, or back, are left out.
    """
    place = {key: depth for depth, layer in enumerate(layers) for key in layer}
    wide = [list(layer) for layer in layers]
    short: dict[tuple[Hashable, Hashable], None] = {}
    for low, high in links:
        at = low
        for depth in range(place[low] + 1, place[high]):
            passing = Passing(low, depth)
            if (at, passing) not in short:
                wide[depth].append(passing)
            short[at, passing] = None
            at = passing
        if place[low] < place[high]:
            short[at, high] = None
    return wide, list(short)


def ordered(layers: Sequence[Sequence[Key]], links: Collection[tuple[Key, Key]]) -> list[list[Key]]:
    """Each layer in an order that lets few links cross: of those met in ``SWEEPS`` the best, the first of equals.

    ``links`` lead from one layer to the next.
    """
    below, above = _neighbours(layers, links)
    now = [list(layer) for layer in layers]
    best, fewest = now, crossings(now, links)
    for sweep in range(SWEEPS):
        now = _swept(now, below) if sweep % 2 == 0 else _swept(now[::-1], above)[::-1]
        count = crossings(now, links)
        if count < fewest:
            best, fewest = now, count
    return best


def crossings(layers: Sequence[Sequence[Key]], links: Collection[tuple[Key, Key]]) -> int:
    """Pairs of links between the same two layers that cross."""
    place = {key: at for layer in layers for at, key in enumerate(layer)}
    depth = {key: at for at, layer in enumerate(layers) for key in layer}
    ends: dict[int, list[tuple[int, int]]] = {}
    for low, high in links:
        ends.setdefault(depth[low], []).append((place[low], place[high]))
    return sum(_inversions([high for _, high in sorted(pairs)]) for pairs in ends.values())


def _inversions(places: Sequence[int]) -> int:
    seen: list[int] = []
    found = 0
    for place in places:
        found += len(seen) - bisect_right(seen, place)
        insort(seen, place)
    return found


def _neighbours(
    layers: Sequence[Sequence[Key]], links: Collection[tuple[Key, Key]]
) -> tuple[dict[Key, list[Key]], dict[Key, list[Key]]]:
    below: dict[Key, list[Key]] = {key: [] for layer in layers for key in layer}
    above: dict[Key, list[Key]] = {key: [] for layer in layers for key in layer}
    for low, high in links:
        above[low].append(high)
        below[high].append(low)
    return below, above


def _swept(layers: Sequence[Sequence[Key]], neighbours: dict[Key, list[Key]]) -> list[list[Key]]:
    """Each layer but the first by the mean place of its neighbours in the layer before; without any it stays."""
    new = [list(layers[0])]
    for layer in layers[1:]:
        place = {key: at for at, key in enumerate(new[-1])}
        new.append(_by_mean(layer, place, neighbours))
    return new


def _by_mean(layer: Sequence[Key], place: dict[Key, int], neighbours: dict[Key, list[Key]]) -> list[Key]:
    means = {
        key: (sum(place[other] for other in neighbours[key]) / len(neighbours[key]), at)
        for at, key in enumerate(layer)
        if neighbours[key]
    }
    moved = iter(sorted(means, key=lambda key: means[key]))
    return [next(moved) if key in means else key for key in layer]

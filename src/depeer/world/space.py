"""Who announces which IPv4 addresses: every network's own addresses, numbered, so that one can be drawn.

More specific prefixes belong to whoever announces them, as in routing; the largest network of a world has its
addresses in many pieces, and they are numbered through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import numpy as np
from numpy.typing import NDArray

from depeer.world.nouns import Autonomous

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Space:
    """Addresses by network: pieces sorted by network, with a running count over all of them."""

    sizes: Ints
    """(networks,): addresses of each, in the order of the networks given."""
    first: Ints
    """(networks,): number of each network's first address in the running count."""
    starts: Ints
    """(pieces,): first address of each piece."""
    running: Ints
    """(pieces,): addresses before each piece."""

    def address(self, network: Ints, number: Ints) -> Ints:
        """The ``number``-th address (modulo its size) of each network, as integers."""
        place = self.first[network] + number % self.sizes[network]
        piece = np.searchsorted(self.running, place, side="right") - 1
        return np.asarray(self.starts[piece] + place - self.running[piece])


def space(networks: Sequence[Autonomous]) -> Space:
    """The IPv4 space of a world."""
    entries = [
        (int(p.network_address), p.prefixlen, i)
        for i, one in enumerate(networks)
        for p in one.prefixes
        if isinstance(p, IPv4Network)
    ]
    pieces = sorted((owner, start, end) for start, end, owner in flatten(entries))
    lengths = np.array([end - start for _, start, end in pieces], np.int64)
    owners = np.array([owner for owner, _, _ in pieces], np.int64)
    running = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    sizes = np.bincount(owners, lengths, len(networks)).astype(np.int64)
    return Space(
        sizes,
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
        np.array([start for _, start, _ in pieces], np.int64),
        running,
    )


def flatten(entries: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """(first address, length, owner) of nested prefixes → disjoint (start, end, owner); the most specific wins,
    of equals the owner that comes first."""
    made: list[tuple[int, int, int]] = []
    cover: list[tuple[int, int]] = []
    at = 0

    def close(until: int) -> None:
        nonlocal at
        while cover and cover[-1][0] <= until:
            end, owner = cover.pop()
            if end > at:
                made.append((at, end, owner))
                at = end
        if cover and until > at:
            made.append((at, until, cover[-1][1]))

    seen: set[tuple[int, int]] = set()
    for start, length, owner in sorted(entries):
        if (start, length) in seen:
            continue
        seen.add((start, length))
        close(start)
        at = start
        cover.append((start + (1 << (32 - length)), owner))
    close(1 << 32)
    return made

"""Address blocks without overlap, outside of special-purpose space and of what the scenario holds.

Addresses are integers of ``width`` bits: 32 for IPv4, 64 for IPv6 (its upper half; nothing here is
longer than a /64). Free space is cut into pools, each an aligned block; blocks are placed from the
largest to the smallest, so that each is aligned where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput
from depeer.routing.bogons import forbidden4, forbidden6

Prefix = IPv4Network | IPv6Network
Span = tuple[int, int]
_ROOM6 = ((0x2600, 12), (0x2A00, 12), (0x2400, 12), (0x2800, 12), (0x2C00, 12))
"""What the five registries hand out IPv6 from, in the order of ``topology.REGIONS``."""


def key(prefix: Prefix) -> int:
    """The first address as this room counts: 32 bits, or the upper 64."""
    return int(prefix.network_address) >> (64 if prefix.version == 6 else 0)


def width(six: bool) -> int:
    return 64 if six else 32


def prefix_of(first: int, length: int, six: bool) -> Prefix:
    return IPv6Network((first << 64, length)) if six else IPv4Network((first, length))


def special(six: bool) -> list[Span]:
    """(first, stop) of space that belongs to nobody."""
    if not six:
        first, stop = forbidden4()
        return list(zip(first.tolist(), stop.tolist(), strict=True))
    high = [[int.from_bytes(bytes(k).ljust(16, b"\0"), "big") for k in keys] for keys in forbidden6()]
    return [(first >> 64, -(-stop // 2**64)) for first, stop in zip(*high, strict=True)]


def check_pinned(prefixes: Iterable[Prefix]) -> None:
    """Raises BadInput for a prefix that nobody can hold, or that no table here can carry."""
    for prefix in prefixes:
        size = width(prefix.version == 6)
        if not 8 <= prefix.prefixlen <= size:
            raise BadInput(f"{prefix} has a length that a world does not hold (8 to {size})")
        span = key(prefix), key(prefix) + (1 << (size - prefix.prefixlen))
        if any(span[0] < stop and first < span[1] for first, stop in special(prefix.version == 6)):
            raise BadInput(f"{prefix} lies in special-purpose space")


def pools(six: bool, held: Iterable[Prefix]) -> list[list[tuple[int, int]]]:
    """Free aligned blocks (first, log2 of size), for each region; IPv4 /8s are dealt out in turn."""
    taken = special(six)
    for prefix in held:
        if (prefix.version == 6) == six:
            first = key(prefix)
            taken.append((first, first + (1 << (width(six) - prefix.prefixlen))))
    if six:
        return [list(_free(top << 48, (top << 48) + (1 << 52), taken)) for top, _ in _ROOM6]
    dealt: list[list[tuple[int, int]]] = [[] for _ in _ROOM6]
    for octet in range(1, 224):
        # Two in five to each of the large regions, as in 2008; the rest to the other three.
        dealt[(0, 1, 0, 1, 2, 0, 1, 3, 2, 4)[octet * 7 % 10]] += _free(octet << 24, (octet + 1) << 24, taken)
    return dealt


def _free(first: int, stop: int, taken: Sequence[Span]) -> list[tuple[int, int]]:
    """What is left of [first, stop) as aligned blocks."""
    found, place = [], first
    for low, high in sorted(span for span in taken if span[0] < stop and first < span[1]):
        found += _blocks(place, min(low, stop))
        place = max(place, high)
    return found + _blocks(place, stop)


def _blocks(first: int, stop: int) -> list[tuple[int, int]]:
    found = []
    while first < stop:
        bits = min((first & -first).bit_length() - 1, (stop - first).bit_length() - 1)
        found.append((first, bits))
        first += 1 << bits
    return found


def place(
    bits: NDArray[np.int64],
    region: NDArray[np.int8],
    free: list[list[tuple[int, int]]],
    rng: np.random.Generator,
) -> list[int | None]:
    """The first address of each block of 2^bits, in a pool of its region, else of any; None: no room is left."""
    rooms = [[[first, first + (1 << size)] for first, size in pool] for pool in free]
    everywhere = [room for pool in rooms for room in pool]
    placed: list[int | None] = [None] * len(bits)
    order = np.argsort(-bits, kind="stable")
    drawn = rng.random(len(bits)).tolist()
    sizes, regions = (1 << bits).tolist(), region.tolist()
    for i in order.tolist():
        placed[i] = _take(rooms[regions[i]], sizes[i], drawn[i])
        if placed[i] is None:
            placed[i] = _take(everywhere, sizes[i], drawn[i])
    return placed


def _take(rooms: list[list[int]], size: int, drawn: float) -> int | None:
    start = int(drawn * len(rooms))
    for step in range(len(rooms)):
        room = rooms[(start + step) % len(rooms)]
        # A pool smaller than the block, or full: pools stay aligned because blocks never grow.
        if room[1] - room[0] >= size:
            first = room[0]
            room[0] += size
            return first
    return None

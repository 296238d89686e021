"""Who announces what, and when, as columns; and the blocks that are re-assigned inside good providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from ipaddress import IPv4Network
from typing import Self

import numpy as np
from numpy.typing import NDArray

from depeer.world.allocation import Prefix, key, place, pools, prefix_of
from depeer.world.graph import Mask, Rows
from depeer.world.internet_spec import InternetSpec
from depeer.world.links import ALWAYS, NEVER, Links, Seconds
from depeer.world.nouns import Kind, stream
from depeer.world.size_laws import LARGEST, LAWS
from depeer.world.topology import KINDS

ALLOCATED, PART, REASSIGNED, SHARED, EVENT = range(5)
"""Why it is announced: as allocated; in part, too; by whom it was re-assigned to; by a second origin; by an event."""
_BUDGET = 0.6 * 3.6e9
"""Addresses handed out at most: some of the space stays empty, as it is."""
_LARGER = {Kind.TIER1: 4, Kind.TRANSIT: 2, Kind.EYEBALL: 3, Kind.HOSTING: 1, Kind.CAMPUS: 3, Kind.BUSINESS: 0}
"""Binary orders by which allocations of a kind exceed those of a company."""
_TAIL = {
    Kind.TIER1: 0.7,
    Kind.TRANSIT: 0.95,
    Kind.EYEBALL: 0.85,
    Kind.HOSTING: 1.0,
    Kind.CAMPUS: 1.3,
    Kind.BUSINESS: 1.5,
}
"""Pareto exponent of the number of allocations."""
_MOST_ALLOCATIONS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Announcements:
    """Row of the ``origin``; ``first`` and ``length`` of the prefix as ``allocation`` counts; ``why``; its times."""

    origin: Rows
    first: NDArray[np.uint64]
    length: NDArray[np.int16]
    six: Mask
    why: NDArray[np.int8]
    since: Seconds
    until: Seconds

    def __len__(self) -> int:
        return len(self.origin)

    @classmethod
    def of(
        cls, rows: Iterable[tuple[int, int, int, bool]], why: int, since: int = ALWAYS, until: int = NEVER
    ) -> Self:
        """From (origin, first, length, six)."""
        columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
        return cls(
            np.array(columns[0], dtype=np.int32),
            np.array(columns[1], dtype=np.uint64),
            np.array(columns[2], dtype=np.int16),
            np.array(columns[3], dtype=bool),
            np.full(len(columns[0]), why, dtype=np.int8),
            np.full(len(columns[0]), since, dtype=np.int64),
            np.full(len(columns[0]), until, dtype=np.int64),
        )

    @classmethod
    def join(cls, parts: Iterable[Announcements]) -> Self:
        parts = list(parts)
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def take(self, rows: Mask | NDArray[np.int64]) -> Announcements:
        return Announcements(*(getattr(self, f.name)[rows] for f in fields(self)))

    def exist(self, second: int) -> Mask:
        there: Mask = (self.since <= second) & (second < self.until)
        return there

    def is_prefix(self, prefix: Prefix) -> Mask:
        same = (self.six == (prefix.version == 6)) & (self.length == prefix.prefixlen)
        found: Mask = same & (self.first == np.uint64(key(prefix)))
        return found

    def prefix(self, i: int) -> Prefix:
        return prefix_of(int(self.first[i]), int(self.length[i]), bool(self.six[i]))

    def by_prefix(self) -> NDArray[np.int64]:
        """Order of a routing table: IPv4 first, then by address, the shorter first; the holder before others."""
        return np.lexsort((self.origin, self.why, self.length, self.first, self.six))


@dataclass(frozen=True, slots=True)
class Reassignment:
    """A block inside a provider's allocation that is somebody else's: in the registry, and, where ``customer``
    is not None, announced by that customer. AS numbers."""

    block: IPv4Network
    holder: str
    provider: int
    customer: int | None


def allocate(
    spec: InternetSpec,
    seed: int,
    kind: NDArray[np.int8],
    region: NDArray[np.int8],
    held: dict[int, tuple[Prefix, ...]],
) -> Announcements:
    """What every network is allocated and announces, parts and pinned prefixes too.

    ``held``: what the scenario gives to a row; such a network gets nothing else.
    """
    every = [prefix for prefixes in held.values() for prefix in prefixes]
    pinned = Announcements.of(
        [(row, key(p), p.prefixlen, p.version == 6) for row, ps in held.items() for p in ps], ALLOCATED
    )
    four = _allocate4(spec, stream(seed, "internet", "ipv4"), kind, region, set(held), every)
    six = _allocate6(spec, stream(seed, "internet", "ipv6"), kind, region, set(held), every)
    parts = _parts(four, spec.more_specifics, 24, stream(seed, "internet", "parts"))
    parts6 = _parts(six, spec.more_specifics, 48, stream(seed, "internet", "parts6"))
    return Announcements.join([pinned, four, six, parts, parts6])


def _allocate4(
    spec: InternetSpec,
    rng: np.random.Generator,
    kind: NDArray[np.int8],
    region: NDArray[np.int8],
    held: set[int],
    every: list[Prefix],
) -> Announcements:
    tail = np.array([_TAIL[k] for k in KINDS])[kind]
    count = np.minimum((1 - rng.random(len(kind))) ** (-1 / tail), _MOST_ALLOCATIONS).astype(np.int64)
    count[list(held)] = 0
    origin = np.repeat(np.arange(len(kind)), count)
    larger = np.array([_LARGER[k] for k in KINDS])[kind][origin]
    bits = LAWS[spec.sizes](rng, len(origin)) + np.floor(larger * rng.random(len(origin)) + 0.5).astype(
        np.int64
    )
    bits = 8 + _within_budget(np.minimum(bits, LARGEST), len(kind))
    placed = place(bits, region[origin], pools(False, every), rng)
    return _announce(origin, placed, 32 - bits, False)


def _within_budget(bits: NDArray[np.int64], networks: int) -> NDArray[np.int64]:
    """Halves all that is larger than a /24 until everything fits."""
    budget = min(_BUDGET, 2e6 * networks) / 256
    while (2.0**bits).sum() > budget:
        bits = np.maximum(bits - 1, 0)
        if not bits.any():
            break
    return bits


def _allocate6(
    spec: InternetSpec,
    rng: np.random.Generator,
    kind: NDArray[np.int8],
    region: NDArray[np.int8],
    held: set[int],
    every: list[Prefix],
) -> Announcements:
    """A /32, with some larger; a /48 for most companies and campuses."""
    has = rng.random(len(kind)) < spec.ipv6
    has[list(held)] = False
    origin = np.flatnonzero(has)
    small = np.isin(kind[origin], [KINDS.index(Kind.BUSINESS), KINDS.index(Kind.CAMPUS)])
    length = np.where(small & (rng.random(len(origin)) < 0.7), 48, 32)
    length -= np.where(length == 32, rng.choice([0, 3, 6, 12], len(origin), p=[0.8, 0.15, 0.04, 0.01]), 0)
    placed = place(64 - length, region[origin], pools(True, every), rng)
    return _announce(origin, placed, length, True)


def _announce(
    origin: NDArray[np.int64], placed: list[int | None], length: NDArray[np.int64], six: bool
) -> Announcements:
    rows = zip(origin.tolist(), placed, length.tolist(), strict=True)
    return Announcements.of([(o, p, size, six) for o, p, size in rows if p is not None], ALLOCATED)


def _parts(whole: Announcements, share: float, longest: int, rng: np.random.Generator) -> Announcements:
    """Longer prefixes that the same network announces, too, most of them as long as filters let pass."""
    split = np.flatnonzero((whole.length < longest) & (rng.random(len(whole)) < share))
    room = np.minimum(longest - whole.length[split].astype(np.int64), 9)
    count = np.minimum((1 - rng.random(len(split))) ** (-1 / 0.8), 2.0**room).astype(np.int64)
    parent = np.repeat(split, count)
    lowest = whole.length[parent].astype(np.int64) + 1
    even = lowest + np.floor(rng.random(len(parent)) * (longest + 1 - lowest)).astype(np.int64)
    length = np.where(rng.random(len(parent)) < 0.55, longest, even)
    width = np.where(whole.six[parent], 64, 32)
    slots = np.left_shift(np.int64(1), np.minimum(length - whole.length[parent], 40))
    slot = np.floor(rng.random(len(parent)) * slots).astype(np.uint64)
    first = whole.first[parent] + (slot << (width - length).astype(np.uint64))
    keys = np.stack([whole.origin[parent].astype(np.uint64), first, length.astype(np.uint64)])
    kept = np.sort(np.unique(keys, axis=1, return_index=True)[1])
    parent, first, length = parent[kept], first[kept], length[kept]
    rows = zip(
        whole.origin[parent].tolist(),
        first.tolist(),
        length.tolist(),
        whole.six[parent].tolist(),
        strict=True,
    )
    return Announcements.of(rows, PART)


def reassign(
    whole: Announcements,
    links: Links,
    kind: NDArray[np.int8],
    asn: NDArray[np.int64],
    share: float,
    rng: np.random.Generator,
) -> tuple[Announcements, tuple[Reassignment, ...]]:
    """Blocks inside good providers: half announced by a customer, half only recorded."""
    able = np.isin(kind[whole.origin], [KINDS.index(k) for k in (Kind.HOSTING, Kind.TRANSIT, Kind.EYEBALL)])
    large = np.flatnonzero((whole.why == ALLOCATED) & ~whole.six & (whole.length <= 21) & able)
    steady = ~links.peer & (links.since == ALWAYS) & (links.until == NEVER) & ~links.dormant & ~links.hidden
    providers = np.unique(whole.origin[large])
    rows, found = [], []
    for provider in providers[rng.random(len(providers)) < share].tolist():
        customers = links.lower[steady & (links.upper == provider)]
        for parent in rng.choice(large[whole.origin[large] == provider], 1 + rng.poisson(1.0)).tolist():
            announced = len(customers) > 0 and rng.random() < 0.5
            customer = int(rng.choice(customers)) if announced else None
            length = int(rng.integers(max(22, int(whole.length[parent]) + 1), 25 if announced else 29))
            first = int(whole.first[parent]) + (
                int(rng.integers(1 << (length - int(whole.length[parent])))) << (32 - length)
            )
            found.append((first, length, provider, customer))
            if customer is not None:
                rows.append((customer, first, length, False))
    reassigned = tuple(
        Reassignment(
            IPv4Network((first, length)),
            f"HOLDER-{number} simulated holder of a re-assigned block",
            int(asn[provider]),
            None if customer is None else int(asn[customer]),
        )
        for number, (first, length, provider, customer) in enumerate(found)
    )
    return Announcements.of(rows, REASSIGNED), reassigned


def share(
    whole: Announcements, owner: NDArray[np.int32], links: Links, rate: float, rng: np.random.Generator
) -> Announcements:
    """Second origins: a sibling of the same owner where there is one, else a provider."""
    chosen = np.flatnonzero((rng.random(len(whole)) < rate) & (whole.why <= PART))
    uplinks = np.flatnonzero(~links.peer & (links.since == ALWAYS) & (links.until == NEVER) & ~links.dormant)
    uplinks = uplinks[np.argsort(links.lower[uplinks], kind="stable")]
    place_of = np.searchsorted(links.lower[uplinks], whole.origin[chosen])
    order = np.argsort(owner, kind="stable")
    rows = []
    for i, at in zip(chosen.tolist(), place_of.tolist(), strict=True):
        origin = int(whole.origin[i])
        low, high = np.searchsorted(owner[order], (owner[origin], owner[origin] + 1))
        others = [int(row) for row in order[low:high] if row != origin]
        if not others and at < len(uplinks) and links.lower[uplinks[at]] == origin:
            others = [int(links.upper[uplinks[at]])]
        if others:
            rows.append((others[0], int(whole.first[i]), int(whole.length[i]), bool(whole.six[i])))
    return Announcements.of(rows, SHARED)

"""Invented names, owners and countries; every invented name says that it is simulated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depeer.world.nouns import Kind

COUNTRIES: tuple[tuple[tuple[str, float], ...], ...] = (
    (("US", 0.88), ("CA", 0.12)),
    (
        ("RU", 0.2), ("GB", 0.12), ("DE", 0.12), ("UA", 0.1), ("PL", 0.09), ("FR", 0.07), ("NL", 0.06), ("IT", 0.06),
        ("SE", 0.05), ("CH", 0.04), ("RO", 0.04), ("CZ", 0.03), ("EE", 0.02),
    ),
    (("JP", 0.2), ("CN", 0.12), ("KR", 0.2), ("AU", 0.18), ("IN", 0.12), ("HK", 0.1), ("SG", 0.08)),
    (("BR", 0.5), ("AR", 0.18), ("MX", 0.17), ("CL", 0.15)),
    (("ZA", 0.35), ("TR", 0.25), ("IL", 0.2), ("NG", 0.1), ("SA", 0.1)),
)  # fmt: skip
"""Of each region of ``topology.REGIONS``, with shares."""
_BEFORE = (
    "Amber Birch Cedar Delta Ember Fjord Garnet Harbor Indigo Juniper Kestrel Lumen Maple Nimbus Onyx Prairie Quartz "
    "Raven Sable Tundra Umber Velvet Willow Xenon Yarrow Zephyr Cobalt Drift Falcon Glacier Heron Iris Jade Lark Mesa"
)
_AFTER = "bay brook crest dale field ford gate glen grove haven hill lake land moor peak port ridge stone vale wood"
_FIRST, _SECOND = _BEFORE.split(), _AFTER.split()
_TRADE = {
    Kind.TIER1: "backbone",
    Kind.TRANSIT: "transit",
    Kind.EYEBALL: "access network",
    Kind.HOSTING: "hosting",
    Kind.CAMPUS: "campus",
    Kind.BUSINESS: "company",
}


def countries(region: NDArray[np.int8], rng: np.random.Generator) -> list[str]:
    """One for each network, by the shares of its region."""
    drawn = rng.random(len(region))
    steps = [np.cumsum([share for _, share in known]) for known in COUNTRIES]
    return [
        COUNTRIES[r][min(int(np.searchsorted(steps[r], u)), len(COUNTRIES[r]) - 1)][0]
        for r, u in zip(region.tolist(), drawn.tolist(), strict=True)
    ]


def name(asn: int, kind: Kind, word: str) -> str:
    return f"{word.upper()}-{asn} simulated {_TRADE[kind]}"


def words(count: int, rng: np.random.Generator) -> list[str]:
    first, second = rng.integers(len(_FIRST), size=count), rng.integers(len(_SECOND), size=count)
    return [_FIRST[a] + _SECOND[b] for a, b in zip(first.tolist(), second.tolist(), strict=True)]


def owner_groups(region: NDArray[np.int8], share: float, rng: np.random.Generator) -> list[list[int]]:
    """Networks with one owner, two to five each, mostly of one region; ``share`` of all have siblings."""
    chosen = rng.permutation(len(region))[: int(share * len(region))]
    chosen = chosen[np.argsort(region[chosen], kind="stable")]
    groups, start = [], 0
    while start + 2 <= len(chosen):
        size = int(min(rng.choice((2, 3, 4, 5), p=(0.62, 0.23, 0.1, 0.05)), len(chosen) - start))
        groups.append(sorted(chosen[start : start + size].tolist()))
        start += size
    return groups

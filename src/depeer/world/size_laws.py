"""How large an allocation is: laws by name, ``(rng, count) -> log2 of the number of /24 blocks``, 0 to 16."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Law = Callable[[np.random.Generator, int], NDArray[np.int64]]
LARGEST = 16


def pareto(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """P(at least 2^j blocks) = 2^(-0.55 j): few hold most of the space."""
    bits = np.floor(-np.log2(1 - rng.random(count)) / 0.55)
    return np.clip(bits, 0, LARGEST).astype(np.int64)


def lognormal(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    return np.clip(np.floor(rng.normal(1.6, 2.2, count)), 0, LARGEST).astype(np.int64)


def empirical(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Lengths as routing tables of 2008 had them among prefixes not covered by others; a peak at /16."""
    shares = np.array(
        [0.38, 0.09, 0.11, 0.09, 0.11, 0.08, 0.045, 0.025, 0.055, 0.006, 0.004, 0.003, 0.001, 0.0005]
    )
    return rng.choice(len(shares), size=count, p=shares / shares.sum()).astype(np.int64)


LAWS: dict[str, Law] = {"pareto": pareto, "lognormal": lognormal, "empirical": empirical}

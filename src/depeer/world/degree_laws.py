"""How many customers a network that has any attracts: laws by name, ``(rng, count) -> weights >= 1``.

A law gives relative weights; the topology scales them so that links add up. CAIDA's files of 2008 and
2023 have a tail exponent (of the density) of 1.8 to 2.0 and two customers at the median.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Law = Callable[[np.random.Generator, int], NDArray[np.float64]]


def preferential(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """What growth by preferential attachment ends in (Yule 1925, Simon 1955): a Yule–Simon variable,
    drawn as a geometric one whose rate is an exponential one. 0.077 of links go to a first customer."""
    return rng.geometric(np.exp(-rng.exponential((1 - 0.077), count))).astype(np.float64)


def pareto(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.floor((1 - rng.random(count)) ** (-1 / 0.85))


def lognormal(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """A tail that thins out: what a law fitted to power tails does not assume."""
    return np.maximum(1.0, np.floor(rng.lognormal(0.75, 1.75, count)))


def empirical(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Shares of networks with at least so many customers as in 2008, log-linear in between."""
    shares = np.log([1.0, 0.60, 0.443, 0.311, 0.177, 0.093, 0.0376, 0.0164, 0.0068, 0.0031, 0.0017, 0.0002])
    degrees = np.log([1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2600])
    drawn = np.log(np.maximum(1 - rng.random(count), 1e-9))
    return np.floor(np.exp(np.interp(-drawn, -shares, degrees)) + 1e-9)


LAWS: dict[str, Law] = {
    "preferential": preferential,
    "pareto": pareto,
    "lognormal": lognormal,
    "empirical": empirical,
}

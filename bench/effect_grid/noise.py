"""Noise on the log scale, of kinds that an estimator may assume (``gaussian``) and that none does (the others).

Each kind gives (n, cells) independent paths with a standard deviation of about ``SD`` a day, in the long run
or, where the level wanders, beside that. ``phi`` is the AR(1) coefficient of the part that is one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

Floats = NDArray[np.float64]
Random = np.random.Generator
Kind = Callable[[Random, int, int, float], Floats]

SD = 0.12
WARM = 300
"""Days before the first, so that it is a day like the others."""
D = 0.3
"""Order of fractional integration of long memory; with an AR(1) beside it ``D_MIXED``."""
D_MIXED = 0.2
WANDER = 0.02
"""Standard deviation of the level's step from day to day."""
REGIME, STAY = 0.2, 12.0
"""Two levels, so far above and below the middle, kept for so many days on average."""
WEEKEND = 2.5
"""How much larger the noise of Saturdays and Sundays is."""


def gaussian(random: Random, n: int, cells: int, phi: float) -> Floats:
    return _scaled(_ar(random.standard_normal((n, cells + WARM)), phi), np.sqrt(1 - phi**2))


def t3(random: Random, n: int, cells: int, phi: float) -> Floats:
    """Innovations of Student's t with three degrees of freedom."""
    return _scaled(_ar(random.standard_t(3, (n, cells + WARM)) / np.sqrt(3), phi), np.sqrt(1 - phi**2))


def memory(random: Random, n: int, cells: int, phi: float) -> Floats:
    """Long memory: (1 − B)^d u = e, so that correlations fall off as a power (Granger & Joyeux 1980)."""
    return _fractional(random.standard_normal((n, cells + 2 * WARM)), D, phi)


def memory_t3(random: Random, n: int, cells: int, phi: float) -> Floats:
    """Long memory behind an AR(1), with heavy tails."""
    return _fractional(random.standard_t(3, (n, cells + 2 * WARM)) / np.sqrt(3), D_MIXED, phi)


def garch(random: Random, n: int, cells: int, phi: float) -> Floats:
    """Bursts of variance: GARCH(1,1) innovations (Bollerslev 1986) with α 0.25, β 0.70, persistence 0.95."""
    e = random.standard_normal((n, cells + WARM))
    variance = np.ones(n)
    for t in range(e.shape[1]):
        e[:, t] *= np.sqrt(variance)
        variance = 0.05 + 0.25 * e[:, t] ** 2 + 0.70 * variance
    return _scaled(_ar(e, phi), np.sqrt(1 - phi**2))


def wander(random: Random, n: int, cells: int, phi: float) -> Floats:
    """An AR(1) beside a level that walks at random."""
    walk = np.cumsum(WANDER * random.standard_normal((n, cells)), axis=1)
    return np.asarray(gaussian(random, n, cells, phi) + walk)


def regime(random: Random, n: int, cells: int, phi: float) -> Floats:
    """An AR(1) beside a level that switches between two values at random times."""
    switch = random.random((n, cells)) < 1 / STAY
    switch[:, 0] = random.random(n) < 0.5
    return np.asarray(gaussian(random, n, cells, phi) + REGIME * (1 - 2 * (np.cumsum(switch, axis=1) % 2)))


def weekend(random: Random, n: int, cells: int, phi: float) -> Floats:
    """Noise that is larger on the last two of every seven days, at the same mean variance."""
    size = np.where(np.arange(cells) % 7 >= 5, WEEKEND, 1.0)
    return gaussian(random, n, cells, phi) * size / np.sqrt((size**2).mean())


KINDS: dict[str, Kind] = {
    "gaussian": gaussian,
    "t3": t3,
    "memory": memory,
    "memory_t3": memory_t3,
    "garch": garch,
    "wander": wander,
    "regime": regime,
    "weekend": weekend,
    "zeros": gaussian,
}
"""``zeros`` has its bursts where counts are made (``worlds``)."""


def _ar(e: Floats, phi: float) -> Floats:
    u = e.copy()
    for t in range(1, u.shape[1]):
        u[:, t] += phi * u[:, t - 1]
    return u


def _scaled(u: Floats, factor: float) -> Floats:
    return np.asarray(SD * factor * u[:, WARM:])


def _fractional(e: Floats, d: float, phi: float) -> Floats:
    """Sum of past innovations weighted by the first 2 ``WARM`` coefficients of (1 − B)^−d / (1 − φB)."""
    lag = np.arange(1, 2 * WARM)
    power = np.concatenate([[1.0], np.cumprod((lag - 1 + d) / lag)])
    weight = power.copy()
    for t in range(1, len(weight)):
        weight[t] += phi * weight[t - 1]
    length = next_fast_len(e.shape[1] + len(weight), real=True)
    u = np.fft.irfft(np.fft.rfft(e, length) * np.fft.rfft(weight, length), length)[:, : e.shape[1]]
    return np.asarray(SD * u[:, 2 * WARM :] / np.sqrt((weight**2).sum()))

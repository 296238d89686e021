"""An oracle: it knows the law of the noise, and which days are spoilt, but not this world's noise nor its
effect.

Each sensor's log ratio is that of the window's counts to their best linear prediction from the days before
the event, under the true covariance of the noise (from ``PATHS`` simulated paths, the chance of counting
added), level and weekdays unknown. The interval is the mean over sensors with t of k − 1 degrees of freedom
times its standard error from their scatter: the same degrees of freedom as the default has; where noise is
common to all, its known part is added. Its mean width divides that of the default in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from bench.effect_grid import noise, worlds
from bench.effect_grid.cells import Cell

Floats = NDArray[np.float64]

PATHS = 20_000


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def answer(cell: Cell, world: worlds.World, days: int) -> Interval | None:
    """The interval of the drop over ``days``, or None where fewer than two sensors know half of the
    window."""
    found = [_log_ratio(cell, world, i, days) for i in range(len(world.series))]
    known = np.array([one for one in found if one is not None])
    if len(known) < 2:
        return None
    mean, variance = float(known[:, 0].mean()), float(known[:, 0].var(ddof=1)) / len(known)
    shared = cell.common * float(known[:, 1].mean())
    half = float(stdtrit(len(known) - 1, 0.975)) * np.sqrt(variance + shared)
    return Interval(float(-np.expm1(mean + half)), float(-np.expm1(mean - half)))


def _log_ratio(cell: Cell, world: worlds.World, which: int, days: int) -> tuple[float, float] | None:
    """The log ratio, and the variance of the noise in it."""
    counts = world.series[which].counts.copy()
    after = worlds.known(world, which, days)
    if after.sum() < max(1, days / 2):
        return None
    spoilt = world.quiet[which] | _frozen(world, which)
    counts[spoilt] = np.nan
    if cell.filter in ("down", "up") and world.series[which].sensor == world.filtered:
        counts[world.filter_at :] /= worlds.FILTERS[cell.filter]
    ahead = np.flatnonzero(~np.isnan(counts[: world.event]))
    window = world.event + np.flatnonzero(after & ~np.isnan(counts[world.event : world.event + days]))
    return _predicted(cell, world, which, counts, ahead, window) if len(window) else None


def _predicted(
    cell: Cell,
    world: worlds.World,
    which: int,
    counts: Floats,
    ahead: NDArray[np.int64],
    window: NDArray[np.int64],
) -> tuple[float, float]:
    monday = world.series[which].start.weekday()
    cov = covariance(cell.noise, cell.phi)[monday : monday + len(counts), monday : monday + len(counts)]
    rate = float(np.nanmean(counts[: world.event]))
    chance = np.full(len(ahead), 1 / rate + cell.overdispersion)
    weekday = (np.arange(len(counts)) + monday) % 7
    x = (weekday[:, None] == np.arange(7)).astype(float)
    inner = np.linalg.inv(cov[np.ix_(ahead, ahead)] + np.diag(chance))
    z = np.log(counts[ahead] + 0.5)
    beta = np.linalg.solve(x[ahead].T @ inner @ x[ahead], x[ahead].T @ inner @ z)
    past = cov[np.ix_(window, ahead)]
    would = x[window] @ beta + past @ inner @ (z - x[ahead] @ beta)
    left = cov[np.ix_(window, window)] - past @ inner @ past.T
    came, expected = counts[window].sum() + 0.5, np.exp(would).sum()
    return float(np.log(came / expected)), max(float(left.mean()), 0.0)


def _frozen(world: worlds.World, which: int) -> NDArray[np.bool_]:
    """Days on which the sensor's count is that of the day before, from the freeze on."""
    counts = world.series[which].counts
    spoilt = np.zeros(len(counts), bool)
    if world.series[which].sensor == world.filtered and world.filter_at < world.event:
        same = np.concatenate([[False], counts[1:] == counts[:-1]])
        at = world.filter_at + 1
        while at < len(counts) and same[at]:
            spoilt[at] = True
            at += 1
    return spoilt


@lru_cache(maxsize=32)
def covariance(kind: str, phi: float) -> Floats:
    """Of the noise of one sensor from a Monday on; a path's own mean and the weekdays' are left to the
    unknown level."""
    cells = worlds.BEFORE + worlds.AFTER_RETURN + 7
    random = np.random.default_rng([worlds.SEED, 99])
    paths = noise.KINDS[kind](random, PATHS, cells, phi)
    return np.asarray(np.cov(paths, rowvar=False))

"""What other tools do, plainly: one answer a sensor, then the mean weighted by inverse variance (a fixed
effect).

* ``before/after``: mean log count of the window less that of the 28 days before the event, Welch's interval;
* ``poisson``: Poisson interrupted series (log-linear, weekdays and a step), the variance of the Poisson law;
* ``negative binomial``: the same with α by maximum likelihood of its moments, cells taken as independent;
* ``local level``: Gaussian local level with weekdays on log counts, its signal-to-noise by maximum
  likelihood, predicted with that value as if known: BSTS (Brodersen et al. 2015) without its priors.

All answer on the log scale; a sensor that does not know half of the window has none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.effect_grid.oracle import Interval
from bench.effect_grid.worlds import World

Floats = NDArray[np.float64]
Answer = tuple[float, float]
"""Log ratio and its standard error."""

RECENT = 28
RATIOS = np.concatenate([[0.0], np.geomspace(1e-4, 10, 26)])
"""Variance of the level's step over that of the noise."""


def before_after(counts: Floats, event: int, days: int, weekday: int) -> Answer:
    del weekday
    ahead, window = np.log(counts[event - RECENT : event] + 0.5), np.log(counts[event : event + days] + 0.5)
    ahead, window = ahead[~np.isnan(ahead)], window[~np.isnan(window)]
    spread = window.var(ddof=1) if len(window) > 1 else ahead.var(ddof=1)
    return float(window.mean() - ahead.mean()), float(
        np.sqrt(spread / len(window) + ahead.var(ddof=1) / len(ahead))
    )


def poisson(counts: Floats, event: int, days: int, weekday: int) -> Answer:
    return _loglinear(counts, event, days, weekday, dispersed=False)


def negative_binomial(counts: Floats, event: int, days: int, weekday: int) -> Answer:
    return _loglinear(counts, event, days, weekday, dispersed=True)


def local_level(counts: Floats, event: int, days: int, weekday: int) -> Answer:
    ahead = np.flatnonzero(~np.isnan(counts[:event]))
    window = event + np.flatnonzero(~np.isnan(counts[event : event + days]))
    x = _weekdays(len(counts), weekday)
    z = np.log(counts + 0.5)
    walk = np.minimum.outer(np.arange(len(counts)), np.arange(len(counts))).astype(float)
    fits = [_level_fit(z[ahead], x[ahead], walk[np.ix_(ahead, ahead)], q) for q in RATIOS]
    q = float(RATIOS[int(np.argmax([f[0] for f in fits]))])
    _, inner, beta, scale = max(fits, key=lambda f: f[0])
    past = q * walk[np.ix_(window, ahead)]
    would = x[window] @ beta + past @ inner @ (z[ahead] - x[ahead] @ beta)
    cov = q * walk[np.ix_(window, window)] + np.eye(len(window)) - past @ inner @ past.T
    return float((z[window] - would).mean()), float(np.sqrt(scale * cov.mean()))


METHODS: dict[str, Callable[[Floats, int, int, int], Answer]] = {
    "before/after": before_after,
    "poisson": poisson,
    "negative binomial": negative_binomial,
    "local level": local_level,
}


def answer(name: str, world: World, days: int) -> Interval | None:
    rows = [
        METHODS[name](one.counts, world.event, days, one.start.weekday())
        for one in world.series
        if (~np.isnan(one.counts[world.event : world.event + days])).sum() >= max(1, days / 2)
    ]
    if not rows:
        return None
    values, weights = np.array([r[0] for r in rows]), np.array([1 / max(r[1], 1e-9) ** 2 for r in rows])
    mean, half = float(weights @ values / weights.sum()), 1.959964 / float(np.sqrt(weights.sum()))
    return Interval(float(-np.expm1(mean + half)), float(-np.expm1(mean - half)))


def _weekdays(cells: int, first: int) -> Floats:
    return np.asarray(((np.arange(cells) + first) % 7)[:, None] == np.arange(7), float)


def _loglinear(counts: Floats, event: int, days: int, weekday: int, dispersed: bool) -> Answer:
    y = counts[: event + days]
    x = np.column_stack([_weekdays(len(y), weekday), np.arange(len(y)) >= event])[~np.isnan(y)]
    y = y[~np.isnan(y)]
    beta = np.linalg.lstsq(x, np.log(y + 0.5), rcond=None)[0]
    alpha = 0.0
    for _ in range(25):
        mean = np.exp(np.clip(x @ beta, -15, 30))
        if dispersed:
            free = len(y) - x.shape[1]
            alpha = max(
                0.0,
                alpha
                + (((y - mean) ** 2 / (mean + alpha * mean**2)).sum() / free - 1) * (alpha + 1 / mean.mean()),
            )
        weight = mean / (1 + alpha * mean)
        curve = (x.T * weight) @ x + 1e-8 * np.eye(x.shape[1])
        step = np.linalg.solve(curve, x.T @ (weight * (y - mean) / mean))
        beta = beta + np.clip(step, -1, 1)
    return float(beta[-1]), float(np.sqrt(np.linalg.inv(curve)[-1, -1]))


def _level_fit(z: Floats, x: Floats, walk: Floats, q: float) -> tuple[float, Floats, Floats, float]:
    """Log likelihood, inverse covariance, coefficients and scale for one signal-to-noise ratio."""
    cov = q * walk + np.eye(len(z))
    inner = np.linalg.inv(cov)
    beta = np.linalg.solve(x.T @ inner @ x, x.T @ inner @ z)
    rest = z - x @ beta
    scale = float(rest @ inner @ rest) / len(z)
    log = -0.5 * (float(np.linalg.slogdet(cov)[1]) + len(z) * float(np.log(scale)))
    return log, np.asarray(inner), np.asarray(beta), scale

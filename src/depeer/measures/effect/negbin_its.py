"""Interrupted series of negative-binomial counts, with an interval that minds autocorrelation.

Log-linear mean with level, seasons and a step at the event; variance μ + αμ² (Hilbe 2011), α by its moments.
Estimated as if cells were independent (consistent all the same); the covariance is the sandwich of Liang & Zeger
(1986) with an AR(1) of the Pearson residuals in the middle, its φ corrected for the bias of short series (Marriott &
Pope 1954: + (1 + 3φ)/n), and t with as many degrees of freedom as there are independent cells, less the columns.
A check beside the default: it holds nearly as often, but is wider where noise lasts (docs/effect.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design
from depeer.measures.effect.series import Series
from depeer.measures.effect.windows import as_drop
from depeer.model import Estimate

Floats = NDArray[np.float64]

ROUNDS = 60
MOST_PHI = 0.95


@dataclass(frozen=True, slots=True)
class Interrupted:
    """``log_ratio`` of the counts after to those before, its standard error with ``df``, the overdispersion
    ``alpha`` and the residuals' autocorrelation ``phi``."""

    log_ratio: float
    se: float
    df: float
    alpha: float
    phi: float

    def drop(self, level: float = 0.95) -> Estimate:
        from scipy.special import stdtrit

        half = float(stdtrit(self.df, (1 + level) / 2)) * self.se
        low, value, high = (as_drop(self.log_ratio + h) for h in (half, 0.0, -half))
        return Estimate(value, low, high, level, "negative-binomial interrupted series")


def fit(series: Series, event: int, horizon: int, naive: bool = False) -> Interrupted:
    """The mean step over ``horizon`` cells from ``event`` on. ``naive``: as other tools do it, cells taken as
    independent and the normal instead of t. Raises ValueError where either side has no known cell."""
    first = max(0, event - 400)
    last = event + horizon
    if not series.known(first, event) or not series.known(event, last):
        raise ValueError("an interrupted series needs known cells on both sides")
    y = series.counts[first:last]
    known = np.flatnonzero(~np.isnan(y))
    x = design.columns(series, len(known), first, last)[: len(y)]
    x = np.column_stack([x, np.arange(first, last)[: len(y)] >= event])[known]
    beta, mean, alpha = _estimate(y[known], x)
    pearson = (y[known] - mean) / np.sqrt(mean + alpha * mean**2)
    phi = 0.0 if naive else _phi(pearson, known, x.shape[1])
    se = _sandwich(x, mean, alpha, phi, known, naive)
    free = len(known) * (1 - phi) / (1 + phi) - x.shape[1]
    return Interrupted(float(beta[-1]), se, 1e6 if naive else max(free, 2.0), alpha, phi)


def _estimate(y: Floats, x: Floats) -> tuple[Floats, Floats, float]:
    """β, means and α: iteratively reweighted least squares, α by moments after each round."""
    alpha = 0.1
    ridge = 1e-8 * np.eye(x.shape[1])
    eta = np.log(y + 0.5)
    beta = np.linalg.lstsq(x, eta, rcond=None)[0]
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(x @ beta, -20, 40))
        weight = mean / (1 + alpha * mean)
        response = np.clip(x @ beta, -20, 40) + (y - mean) / mean
        new = np.linalg.solve((x.T * weight) @ x + ridge, (x.T * weight) @ response)
        shift, beta = float(np.abs(new - beta).max()), new
        mean = np.exp(np.clip(x @ beta, -20, 40))
        alpha = _alpha(y, mean, x.shape[1])
        if shift < 1e-9:
            break
    return np.asarray(beta), np.asarray(mean), alpha


def _alpha(y: Floats, mean: Floats, columns: int) -> float:
    """α at which the mean Pearson square is 1; between 0 and 100. Falling and convex in α: Newton from 0."""
    free = max(len(y) - columns, 1)
    square, alpha = (y - mean) ** 2, 0.0
    for _ in range(60):
        variance = mean + alpha * mean**2
        over = float((square / variance).sum()) - free
        step = over / max(float((square * mean**2 / variance**2).sum()), 1e-300)
        alpha = min(max(alpha + step, 0.0), 100.0)
        if over <= 0 or step < 1e-12 * max(alpha, 1e-12):
            break
    return alpha


def _phi(residual: Floats, cell: NDArray[np.int64], columns: int) -> float:
    near = np.diff(cell) == 1
    if near.sum() < 10:
        return 0.0
    raw = float((residual[1:] * residual[:-1])[near].mean() / (residual**2).mean())
    free = max(len(residual) - columns, 4)
    return float(np.clip(raw + (1 + 3 * raw) / free, 0.0, MOST_PHI))


def _sandwich(
    x: Floats, mean: Floats, alpha: float, phi: float, cell: NDArray[np.int64], naive: bool
) -> float:
    weight = mean / (1 + alpha * mean)
    bread = np.linalg.inv((x.T * weight) @ x + 1e-8 * np.eye(x.shape[1]))
    if naive:
        return float(np.sqrt(bread[-1, -1]))
    own = x * np.sqrt(weight)[:, None]
    correlation = phi ** np.abs(np.subtract.outer(cell, cell)) if phi > 0 else np.eye(len(cell))
    meat = own.T @ correlation @ own
    return float(np.sqrt((bread @ meat @ bread)[-1, -1]))

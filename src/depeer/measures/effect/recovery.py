"""How an effect went away: how much came back, after what half-life, with what plateau before.

The log ratio of what came to what would have come is compared with curves: a loss at once, a plateau of some length,
then a return of a share of the loss with some half-time. Each curve's depth is fitted by generalised least squares
under the covariance of the counterfactual's draws; curves are weighted by likelihood. Half-life is the
time after which half the lost volume (not log volume) is back; where the curves that never reach that within what was
seen carry most of the weight it is ``None``: not recovered, with the time below which it is unlikely to lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect.series import Floats as Floats
from depeer.model import Estimate

MOST_CELLS = 180
"""Longer stretches are averaged into so many parts."""
PLATEAUS = (0.0, 1.0, 2.0, 4.0, 7.0, 14.0, 28.0, 56.0)
SHARES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
HALVES = tuple(float(h) for h in np.geomspace(0.5, 256, 19))
LEAST_CELLS = 14


@dataclass(frozen=True, slots=True)
class Recovery:
    """Days throughout. ``half_life`` None: not recovered within ``seen`` days; then ``at_least`` is the time that
    it outlasts with 95 % probability."""

    half_life: Estimate | None
    at_least: float
    seen: float
    recovered: Estimate
    """Share of the lost volume that is back at the end; negative where more is lost than at first."""
    plateau: Estimate
    """Days before the return sets in; what was seen, where none did."""


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    shape: NDArray[np.float64]
    """(curves, cells): 1 for the whole loss, 0 for none."""
    plateau: NDArray[np.float64]
    prior: NDArray[np.float64]


def fit(observed: Floats, paths: Floats, days: float, level: float = 0.95) -> Recovery | None:
    """``observed`` (H,) counts with gaps, ``paths`` (draws, H) log rates without the event, ``days`` a cell.
    None where fewer than ``LEAST_CELLS`` cells are known, or no loss stands out at all."""
    known = ~np.isnan(observed)
    if known.sum() < LEAST_CELLS:
        return None
    time, ratio, cov = _ratio(observed, paths, known, days)
    curves = _curves(time)
    depth, depth_sd, log = _likelihood(ratio, cov, curves.shape)
    weight = np.exp(log + curves.prior - (log + curves.prior).max())
    weight /= weight.sum()
    loss = weight @ np.where(depth > 1.64 * depth_sd, 1.0, 0.0)
    if loss < 0.5:
        return None
    return _summary(curves, np.maximum(depth, 1e-6), weight, float(time[-1]), level)


def _ratio(
    observed: Floats, paths: Floats, known: NDArray[np.bool_], days: float
) -> tuple[Floats, Floats, Floats]:
    """Time (days, middle of the cells), log ratio and its covariance, over at most ``MOST_CELLS`` parts."""
    at = np.flatnonzero(known)
    parts = np.array_split(at, min(len(at), MOST_CELLS))
    time = np.array([(p.mean() + 0.5) * days for p in parts])
    came = np.array([observed[p].sum() for p in parts])
    would = np.stack([np.log(np.exp(paths[:, p]).sum(axis=1)) for p in parts], axis=1)
    cov = np.cov(would, rowvar=False) + np.diag(1 / (came + 0.5))
    cov = cov + 1e-6 * np.trace(cov) / len(cov) * np.eye(len(cov))
    return time, np.log(came + 0.5) - np.median(would, axis=0), cov


def _curves(time: Floats) -> _Curves:
    rows, plateaus, prior = [], [], []
    for plateau, share, half in product(PLATEAUS, SHARES, HALVES):
        if plateau > time[-1] or (share == 0 and (half != HALVES[0] or plateau)):
            continue
        back = share * (1 - 0.5 ** (np.maximum(time - plateau, 0) / half))
        rows.append(1 - back)
        plateaus.append(plateau if share else float(time[-1]))
        prior.append(np.log(0.3) if share == 0 else 0.0)
    log = np.array(prior)
    some = log == 0
    log[some] = np.log(0.7 / max(some.sum(), 1))
    return _Curves(np.array(rows), np.array(plateaus), log)


def _likelihood(ratio: Floats, cov: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
    """Depth (positive for a loss) of each curve, its sd, and the log likelihood with the depth integrated out."""
    lower = np.linalg.cholesky(cov)
    r = np.linalg.solve(lower, ratio)
    s = np.linalg.solve(lower, shape.T)
    curve = (s**2).sum(axis=0)
    depth = -(s.T @ r) / curve
    rest = (r @ r) - depth**2 * curve
    return depth, 1 / np.sqrt(curve), -0.5 * rest - 0.5 * np.log(curve)


def _summary(curves: _Curves, depth: Floats, weight: Floats, seen: float, level: float) -> Recovery:
    loss = -np.expm1(-depth)
    left = -np.expm1(-depth[:, None] * curves.shape)
    back = 1 - left[:, -1] / loss
    half = np.array([_first_below(row, full / 2, seen) for row, full in zip(left, loss, strict=True)])
    low, middle, high = _quantiles(half, weight, level)
    life = None
    if np.isfinite(middle):
        life = Estimate(middle, low, high, level, "recovery curves")
    return Recovery(
        life,
        float(_quantiles(half, weight, 0.9)[0]) if life is None and np.isfinite(low) else min(low, seen),
        seen,
        _estimate(back, weight, level),
        _estimate(np.minimum(curves.plateau, seen), weight, level),
    )


def _first_below(row: Floats, bound: float, seen: float) -> float:
    """When the loss first falls below the bound (days, linear between cells), infinity where it does not."""
    under = np.flatnonzero(row <= bound)
    if not len(under):
        return float("inf")
    at = int(under[0])
    if at == 0:
        return seen / len(row) / 2
    part = (row[at - 1] - bound) / max(row[at - 1] - row[at], 1e-12)
    return float((at - 1 + part + 0.5) * seen / (len(row) - 0.5))


def _quantiles(values: Floats, weight: Floats, level: float) -> tuple[float, float, float]:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    at = [int(np.searchsorted(total, q * (1 - 1e-12))) for q in ((1 - level) / 2, 0.5, (1 + level) / 2)]
    low, middle, high = (float(values[order[min(i, len(order) - 1)]]) for i in at)
    return low, middle, high


def _estimate(values: Floats, weight: Floats, level: float) -> Estimate:
    low, middle, high = _quantiles(values, weight, level)
    return Estimate(middle, low, high, level, "recovery curves")

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

from depeer.model import Estimate

Floats = NDArray[np.float64]

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
    shape: Floats
    """(curves, cells): 1 for the whole loss, 0 for none."""
    plateau: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The effect over time: ``time`` (parts,) days after the event, ``ratio`` the log of what came over what would
    have come, and ``cov`` (parts, parts) its covariance."""

    time: Floats
    ratio: Floats
    cov: Floats


def path(observed: Floats, paths: Floats, days: float, parts: int = MOST_CELLS) -> Path | None:
    """``observed`` (H,) counts with gaps, ``paths`` (draws, H) log rates without the event, ``days`` a cell. The
    cells are put together into at most ``parts``; None where fewer than ``LEAST_CELLS`` are known."""
    known = ~np.isnan(observed)
    if known.sum() < LEAST_CELLS:
        return None
    groups = [g[known[g]] for g in np.array_split(np.arange(len(observed)), min(len(observed), parts))]
    groups = [g for g in groups if len(g)]
    time = np.array([(g.mean() + 0.5) * days for g in groups])
    came = np.array([observed[g].sum() for g in groups])
    would = np.stack([np.log(np.exp(paths[:, g]).sum(axis=1)) for g in groups], axis=1)
    cov = np.cov(would, rowvar=False) + np.diag(1 / (came + 0.5))
    return Path(time, np.log(came + 0.5) - np.median(would, axis=0), cov)


def mean_path(paths: list[Path], shared: float) -> Path | None:
    """The mean over sensors on the times that all of them know; ``shared`` is the correlation of their errors."""
    common = sorted(set.intersection(*({float(t) for t in p.time} for p in paths)))
    if len(common) < LEAST_CELLS:
        return None
    at = [np.searchsorted(p.time, common) for p in paths]
    covs = [p.cov[np.ix_(i, i)] for p, i in zip(paths, at, strict=True)]
    mean = np.mean([p.ratio[i] for p, i in zip(paths, at, strict=True)], axis=0)
    cov = sum(covs[1:], covs[0]) / len(paths) ** 2 * (1 + shared * (len(paths) - 1))
    return Path(np.array(common), mean, cov)


def fit(path: Path, level: float = 0.95) -> Recovery | None:
    """None where no loss stands out at all."""
    ridge = 1e-6 * np.trace(path.cov) / len(path.cov) * np.eye(len(path.cov))
    curves = _curves(path.time)
    depth, depth_sd, log = _likelihood(path.ratio, path.cov + ridge, curves.shape)
    weight = np.exp(log + curves.prior - (log + curves.prior).max())
    weight /= weight.sum()
    if weight @ (depth > 1.64 * depth_sd) < 0.5:
        return None
    return _summary(curves, np.maximum(depth, 1e-6), weight, float(path.time[-1]), level)


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
    half = np.array([_first_below(row, full / 2, seen) for row, full in zip(left, loss, strict=True)])
    low, middle, high = _quantiles(half, weight, level)
    life = Estimate(middle, low, high, level, "recovery curves") if np.isfinite(middle) else None
    return Recovery(
        life,
        min(_quantiles(half, weight, 0.9)[0], seen),
        seen,
        _estimate(1 - left[:, -1] / loss, weight, level),
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

"""How an effect went away: how much came back, after what half-life, with what plateau before.

The log ratio of what came to what would have come is compared with curves: a loss at once, a plateau of some
length, then a return of a share of the loss, with some half-time or in a straight line. Each curve's depth is
fitted by generalised least squares under the covariance of the counterfactual's draws; curves are weighted by
likelihood. Half-life is the time after which half the lost volume (not log volume) is back; where the curves
that never reach that within what was seen carry most of the weight it is ``None``: not recovered, with the
time below which it is unlikely to lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from depeer.model import Estimate

Floats = NDArray[np.float64]

MOST_CELLS = 180
"""Longer stretches are averaged into so many parts."""
PLATEAUS = (
    *(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 56),
    *(67, 80, 95, 113, 135, 160, 190, 226, 269, 320, 380),
)
"""Up to a year: Emotet was silent for 105 days in 2019, and for 291 after January 2021."""
SHARES = (0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
HALVES = tuple(float(h) for h in np.geomspace(0.5, 256, 13))
RAMPS = (3.0, 6.0, 10.0, 15.0, 21.0, 30.0, 60.0)
"""Days that a return in a straight line takes; one that is faster is no other than the fastest half-time."""
MISFIT, MISFIT_DAYS = 0.1, 5.0
"""No true return is one of the curves: what lies between, as a share of the loss (sd), and for how long it does."""
BLUR = 0.75
"""Cells either way to which a half-life is known at best: within a cell it has its time from those beside."""
NONE = 0.3
"""Chance, before anything is seen, that nothing returns."""
LEAST_CELLS = 14
LEAST_SEEN = 0.05
"""Share of the loss that must be left in the first cell: else there is nothing to see of it."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Days throughout. ``half_life`` None: not recovered within ``seen`` days; then ``at_least`` is the time
    that it outlasts with 95 % probability."""

    half_life: Estimate | None
    at_least: float
    seen: float
    recovered: Estimate
    """Share of the lost volume that is back at the end."""
    plateau: Estimate
    """Days before the return sets in; what was seen, where none did."""


@dataclass(frozen=True, slots=True, eq=False)
class _Curves:
    left: Floats
    """(curves, cells): share of the lost volume that is still lost, 1 at first."""
    plateau: Floats
    prior: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The effect over time: ``time`` (parts,) days after the event, ``ratio`` the log of what came over what
    would have come, and ``cov`` (parts, parts) its covariance."""

    time: Floats
    ratio: Floats
    cov: Floats


def path(observed: Floats, paths: Floats, days: float, parts: int = MOST_CELLS) -> Path | None:
    """``observed`` (H,) counts with gaps, ``paths`` (draws, H) log rates without the event, ``days`` a cell.
    The cells are put together into at most ``parts``; None where fewer than ``LEAST_CELLS`` are known."""
    known = ~np.isnan(observed)
    if known.sum() < LEAST_CELLS:
        return None
    groups = [g[known[g]] for g in np.array_split(np.arange(len(observed)), min(len(observed), parts))]
    groups = [g for g in groups if len(g)]
    time = np.array([(g.mean() + 0.5) * days for g in groups])
    came = np.array([observed[g].sum() for g in groups])
    would = paths[:, known]
    if len(groups) < would.shape[1]:
        would = np.stack([np.log(np.exp(paths[:, g]).sum(axis=1)) for g in groups], axis=1)
    cov = np.cov(would, rowvar=False) + np.diag(1 / (came + 0.5))
    return Path(time, np.log(came + 0.5) - np.median(would, axis=0), cov)


def mean_path(paths: list[Path], shared: float) -> Path | None:
    """The mean over the sensors that know a time, on the times that half of them know or more; ``shared`` is the
    correlation of their errors."""
    every = np.unique(np.concatenate([p.time for p in paths]))
    known = np.array([np.isin(every, p.time) for p in paths])
    common = every[2 * known.sum(axis=0) >= len(paths)]
    if len(common) < LEAST_CELLS:
        return None
    number = known.sum(axis=0)[np.isin(every, common)]
    total, cov = np.zeros(len(common)), np.zeros((len(common), len(common)))
    one, two = np.zeros(len(common)), np.zeros(len(common))
    for p in paths:
        here = np.isin(common, p.time)
        at = np.searchsorted(p.time, common[here])
        weight = 1 / number[here]
        sd = weight * np.sqrt(np.diag(p.cov)[at])
        total[here] += weight * p.ratio[at]
        cov[np.ix_(here, here)] += np.outer(weight, weight) * p.cov[np.ix_(at, at)]
        one[here], two[here] = one[here] + sd, two[here] + sd**2
    scale = np.sqrt(1 + shared * np.maximum(one**2 / two - 1, 0.0))
    return Path(common, total, cov * np.outer(scale, scale))


def fit(path: Path, level: float = 0.95) -> Recovery | None:
    """None where no loss stands out at all."""
    ridge = 1e-6 * np.trace(path.cov) / len(path.cov) * np.eye(len(path.cov)) + _misfit(path)
    curves = _curves(path.time)
    depth, depth_sd, log = _likelihood(path.ratio, path.cov + ridge, _on_logs(curves.left, path.ratio))
    weight = np.exp(log + curves.prior - (log + curves.prior).max())
    weight /= weight.sum()
    if weight @ (depth > 1.64 * depth_sd) < 0.5:
        return None
    return _summary(curves, weight, path.time, level)


def _on_logs(left: Floats, ratio: Floats) -> Floats:
    """What is left of a loss L of volume, as a share of its depth on the log scale: log(1 − L left)/log(1 − L), for
    a rough L from the deepest quarter of what was seen."""
    deepest = float(np.sort(ratio)[: max(1, len(ratio) // 4)].mean())
    loss = min(max(-math.expm1(deepest), 0.02), 0.99)
    return np.asarray(np.log1p(-loss * left) / math.log1p(-loss))


def _misfit(path: Path) -> Floats:
    """How far a true return may lie beside the nearest curve (parts, parts)."""
    size = MISFIT * float(np.quantile(np.abs(path.ratio), 0.75))
    lag = np.abs(np.subtract.outer(path.time, path.time))
    return np.asarray(size**2 * np.exp(-lag / MISFIT_DAYS))


def _curves(time: Floats) -> _Curves:
    return _curves_at(tuple(float(t) for t in time))


@lru_cache(maxsize=8)
def _curves_at(days: tuple[float, ...]) -> _Curves:
    """No return first; then each plateau, form of return and share of the loss that returns."""
    time = np.array(days)
    rows, plateaus = [np.ones((1, len(time)))], [time[-1]]
    for plateau in (p for p in PLATEAUS if p <= time[-1]):
        since = np.maximum(time - plateau, 0.0)
        back = [1 - 0.5 ** (since / half) for half in HALVES] + [
            np.minimum(since / ramp, 1.0) for ramp in RAMPS
        ]
        each = (1 - np.array(SHARES)[:, None, None] * np.array(back)[None]).reshape(-1, len(time))
        rows.append(each[each[:, 0] > LEAST_SEEN])
        plateaus.extend([float(plateau)] * len(rows[-1]))
    left = np.vstack(rows)
    prior = np.full(len(left), np.log((1 - NONE) / max(len(left) - 1, 1)))
    prior[0] = np.log(NONE)
    return _Curves(left, np.array(plateaus), prior)


def _likelihood(ratio: Floats, cov: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
    """Depth (positive for a loss) of each curve, its sd, and the log likelihood with the depth integrated
    out."""
    lower = np.linalg.cholesky(cov)
    r = np.linalg.solve(lower, ratio)
    s = np.linalg.solve(lower, shape.T)
    curve = (s**2).sum(axis=0)
    depth = -(s.T @ r) / curve
    rest = (r @ r) - depth**2 * curve
    return depth, 1 / np.sqrt(curve), -0.5 * rest - 0.5 * np.log(curve)


def _summary(curves: _Curves, weight: Floats, time: Floats, level: float) -> Recovery:
    seen, cell = float(time[-1]), float(np.median(np.diff(time)))
    half = _first_below(curves.left, 0.5, time)
    low, middle, high = _quantiles(half, weight, level)
    low, high = max(low - BLUR * cell, 0.0), high + BLUR * cell
    life = Estimate(middle, low, high, level, "recovery curves") if np.isfinite(middle) else None
    return Recovery(
        life,
        min(max(_quantiles(half, weight, 0.9)[0] - BLUR * cell, 0.0), seen),
        seen,
        _estimate(1 - curves.left[:, -1], weight, level),
        _plateau(np.minimum(curves.plateau, seen), weight, seen, level),
    )


def _first_below(rows: Floats, bound: float, time: Floats) -> Floats:
    """When each row (curves, cells) first falls to the bound, linear between cells; infinity where it does
    not."""
    under = rows <= bound
    at = np.argmax(under, axis=1)
    row, before = np.arange(len(rows)), np.maximum(at - 1, 0)
    ahead, behind = rows[row, before], rows[row, at]
    part = (ahead - bound) / np.maximum(ahead - behind, 1e-12)
    when = np.where(at == 0, time[0] / 2, time[before] + part * (time[at] - time[before]))
    return np.where(under.any(axis=1), when, np.inf)


def _plateau(values: Floats, weight: Floats, seen: float, level: float) -> Estimate:
    """Each plateau tried stands for those half-way to the next ones."""
    low, middle, high = _quantiles(values, weight, level)
    grid = np.array([*PLATEAUS, np.inf])
    under = grid[np.maximum(np.searchsorted(grid, low) - 1, 0)]
    above = grid[np.searchsorted(grid, high, side="right")]
    low, high = 0.5 * (low + min(float(under), low)), min(0.5 * (high + float(above)), seen)
    return Estimate(middle, low, max(high, middle), level, "recovery curves")


def _quantiles(values: Floats, weight: Floats, level: float) -> tuple[float, float, float]:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    at = [int(np.searchsorted(total, q * (1 - 1e-12))) for q in ((1 - level) / 2, 0.5, (1 + level) / 2)]
    low, middle, high = (float(values[order[min(i, len(order) - 1)]]) for i in at)
    return low, middle, high


def _estimate(values: Floats, weight: Floats, level: float) -> Estimate:
    low, middle, high = _quantiles(values, weight, level)
    return Estimate(middle, low, high, level, "recovery curves")

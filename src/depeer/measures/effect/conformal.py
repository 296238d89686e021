"""Conformal inference for counterfactuals (Chernozhukov, Wüthrich & Zhu, JASA 2021).

An effect of a given size is imposed as null: it is taken off the cells after the event, the model of level and
seasons is fitted to all cells, and the residuals after the event are compared with those of every other stretch of
the same length (moving blocks, cyclic). Its p is exact for exchangeable stretches and nearly so for dependent
ones; no noise is assumed. The interval holds the sizes whose p is above 1 − level. p is never below 1/cells.
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

TRIES = 121
WIDEST = 3.0
"""Sizes tried reach this far, on the log scale, beyond the plain estimate."""


@dataclass(frozen=True, slots=True)
class Conformal:
    """``p`` of no effect at all, of the ``cells`` that were compared, and the ``drop`` with its interval, None
    where so few cells cannot support its level."""

    p: float
    cells: int
    drop: Estimate | None


def fit(series: Series, event: int, horizon: int, level: float = 0.95) -> Conformal:
    """The mean effect over ``horizon`` cells from ``event`` on. Raises ValueError where a side is not known."""
    first, last = max(0, event - 400), min(event + horizon, len(series))
    if not series.known(first, event) or not series.known(event, last):
        raise ValueError("conformal inference needs known cells on both sides")
    y = series.counts[first:last]
    known = ~np.isnan(y)
    z = np.log(y[known] + 0.5)
    x = design.columns(series, len(z), first, last)[known]
    after = (np.arange(first, last) >= event)[known]
    maker = np.eye(len(z)) - x @ np.linalg.pinv(x)
    residual, shape = maker @ z, maker @ after.astype(float)
    block = int(after.sum())
    centre = _plain(z, x, after)
    sizes = centre + WIDEST * np.linspace(-1, 1, TRIES) ** 3
    none, one = _sums(residual, block), _sums(shape, block)
    p = _p(none[None, :] - sizes[:, None] * one[None, :], block)
    return Conformal(float(_p(none, block)), len(z), _interval(sizes, p, centre, level, len(z)))


def _plain(z: Floats, x: Floats, after: NDArray[np.bool_]) -> float:
    both = np.column_stack([x, after])
    return float(np.linalg.lstsq(both, z, rcond=None)[0][-1])


def _sums(residual: Floats, block: int) -> Floats:
    """Of every cyclic stretch of ``block`` cells."""
    around = np.concatenate([residual, residual[: block - 1]])
    sums = np.concatenate([[0.0], np.cumsum(around)])
    return np.asarray(sums[block:] - sums[:-block])


def _p(sums: Floats, block: int) -> Floats:
    """The share of stretches (last axis) whose sum is as large as that of the last ``block`` cells."""
    size = np.abs(sums)
    own = size[..., size.shape[-1] - block, None]
    return np.asarray((size >= own * (1 - 1e-12)).mean(axis=-1))


def _interval(sizes: Floats, p: Floats, centre: float, level: float, cells: int) -> Estimate | None:
    if 1 / cells > 1 - level:
        return None
    held = np.flatnonzero(p > 1 - level)
    if not len(held) or held[0] == 0 or held[-1] == len(sizes) - 1:
        return None
    low, high = sizes[held[0] - 1], sizes[held[-1] + 1]
    value = min(max(centre, low), high)
    return Estimate(as_drop(float(value)), as_drop(float(high)), as_drop(float(low)), level, "conformal")

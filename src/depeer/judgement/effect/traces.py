"""What the pictures of an effect are drawn from: counts, what would have come, how much of the drop was left.

The draws of the counterfactual are kept as they are; quantiles are taken only where somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from depeer.judgement.effect.sensor import Prepared
from depeer.measures.effect import recovery
from depeer.measures.effect.series import Series, Step

Floats = NDArray[np.float64]

GROUPS = 240
"""Points of a trace at most; more are put together by days and weeks."""
PARTS = 40
"""Points of a survival at most."""
DRAWS = 2000
FIRST_DAYS = 7.0
"""The drop of which a share is left is that over so many days."""
LEAST = 1.645
"""Standard deviations by which that drop has to be below 0, else no share of it means anything."""
BEFORE = {Step.HOUR: 28 * 24, Step.DAY: 120, Step.WEEK: 104}
"""Cells before the event that are shown at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """Every series as it came, the first cell after the event, and those that could be fitted, with their draws."""

    series: tuple[Series, ...]
    at: int
    prepared: tuple[Prepared, ...]
    shared: float


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One sensor. ``time`` (n,): the middle of each point; ``counted`` (n,): mean count of its known cells, NaN where
    none is; ``used`` (n,): the same of the cells that the estimate rests on (what came after a change of the
    instrument is left out); ``middle``, ``low``, ``high`` (n,): the same as it would have come with no event, NaN
    before it and where the sensor could not be fitted. ``cells`` to a point, each of length ``step``."""

    sensor: str
    counted_what: str
    time: tuple[datetime, ...]
    counted: Floats
    used: Floats
    middle: Floats
    low: Floats
    high: Floats
    step: Step
    cells: int


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """``middle``, ``low``, ``high`` (n,): the share of the first week's drop that was left ``days`` (n,) after the
    event; 1 all of it, 0 none, below 0 more came than would have."""

    days: Floats
    middle: Floats
    low: Floats
    high: Floats


def traces(held: Traces, level: float = 0.95) -> list[Trace]:
    """Of every sensor, those fitted first, in the order of the series."""
    fitted = {one.series.sensor: one for one in held.prepared}
    ordered = sorted(held.series, key=lambda one: one.sensor not in fitted)
    return [_trace(one, held.at, fitted.get(one.sensor), level) for one in ordered]


def _trace(series: Series, at: int, fitted: Prepared | None, level: float) -> Trace:
    first = max(0, at - BEFORE[series.step])
    last = len(series) if fitted is None else min(len(series), at + fitted.paths.shape[1])
    cells = _together(series.step, last - first)
    groups = [*_grouped(first, at, cells, backward=True), *_grouped(at, last, cells)]
    counted = np.array([_mean(series.counts[a:b]) for a, b in groups])
    kept = series if fitted is None else fitted.series
    used = np.array([_mean(kept.counts[a:b]) for a, b in groups])
    low, middle, high = (np.full(len(groups), np.nan) for _ in range(3))
    if fitted is not None:
        after = [(place, a - at, b - at) for place, (a, b) in enumerate(groups) if a >= at]
        tail = (1 - level) / 2
        for place, a, b in after:
            draws = _would(fitted.paths[:, a:b])
            low[place], middle[place], high[place] = np.quantile(draws, (tail, 0.5, 1 - tail))
    half = timedelta(seconds=series.step.value / 2)
    time = tuple(series.time(a) + half * (b - a) for a, b in groups)
    return Trace(series.sensor, series.counted, time, counted, used, middle, low, high, series.step, cells)


def _together(step: Step, cells: int) -> int:
    """Cells to a point: one, or those of a day, a week, weeks."""
    whole = {Step.HOUR: (1, 24, 168), Step.DAY: (1, 7), Step.WEEK: (1,)}[step]
    fits = [size for size in whole if -(-cells // size) <= GROUPS]
    return fits[0] if fits else whole[-1] * -(-cells // (GROUPS * whole[-1]))


def _grouped(first: int, last: int, size: int, backward: bool = False) -> list[tuple[int, int]]:
    """Whole groups that end (or begin) at the event, so that none holds cells of both sides."""
    if backward:
        return [(max(first, end - size), end) for end in range(last, first, -size)][::-1]
    return [(begin, min(last, begin + size)) for begin in range(first, last, size)]


def _mean(counts: Floats) -> float:
    known = counts[~np.isnan(counts)]
    return float(known.mean()) if len(known) else float("nan")


def _would(paths: Floats) -> Floats:
    """Draws of the mean count of a cell: of its rate, and the chance of counting (by its variance)."""
    rate = np.exp(paths)
    mean = rate.mean(axis=1)
    dice = np.random.default_rng(rate.shape[1]).standard_normal(len(mean))
    return np.asarray(np.fmax(mean + np.sqrt(mean / rate.shape[1]) * dice, 0.0))


def survival(held: Traces, level: float = 0.95) -> Survival | None:
    """Over the mean of the sensors; None where it is too short, or no drop stands out that could be left."""
    parts = [
        recovery.path(
            one.series.counts[held.at : held.at + one.paths.shape[1]], one.paths, one.series.step.days, PARTS
        )
        for one in held.prepared
    ]
    known = [part for part in parts if part is not None]
    mean = recovery.mean_path(known, held.shared) if known else None
    if mean is None:
        return None
    return _left(mean, level)


def _left(mean: recovery.Path, level: float) -> Survival | None:
    first = mean.time <= max(FIRST_DAYS, float(mean.time[0]))
    weight = first / first.sum()
    depth, spread = float(weight @ mean.ratio), float(np.sqrt(weight @ mean.cov @ weight))
    if depth > -LEAST * spread:
        return None
    ridge = 1e-9 * np.trace(mean.cov) / len(mean.cov) * np.eye(len(mean.cov))
    root = np.linalg.cholesky(mean.cov + ridge)
    noise = np.random.default_rng(0).standard_normal((DRAWS, len(mean.ratio)))
    ratio = mean.ratio + noise @ root.T
    lost = -np.expm1(ratio)
    whole = -np.expm1(ratio[:, first].mean(axis=1))
    share = lost / np.where(whole > 1e-9, whole, 1e-9)[:, None]
    tail = (1 - level) / 2
    low, middle, high = np.quantile(share, (tail, 0.5, 1 - tail), axis=0)
    return Survival(mean.time, middle, low, high)

"""Dates at which a series of counts jumped, found without being told: nosedives and surges.

At every cell a step is weighed against none, over noise models of which some wander (``effect/steps.py``).
The likeliest step is fitted with the seasons, the series is searched again, and so on, until no step is left
that is likely enough.

False alarms: without a step the evidence of a cell exceeds 1/α in a share of at most α of all series of those
noise models. ``rate`` alarms in ten series-years over all slices that are searched together (each has its own
share of series-years) is so many a cell. Jumps under ``LEAST`` are never reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design, linear, robust, steps
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate

Floats = NDArray[np.float64]

LEAST_CELLS = {Step.HOUR: 336, Step.DAY: 42, Step.WEEK: 26}
"""Known cells that a piece must have to be searched."""
LEAST_COUNT = 100
"""Things counted in a piece, without which it has no dates."""
LEAST = 0.2
"""Share of the level by which it must have fallen (or the reverse) to be reported."""
ROAM, CHANCES = (0.07, 0.2), [0.5, 0.25, 0.25]
"""How far a level may wander from cell to cell, in units of its noise; and how likely it is that it does not, or so
far."""
SLACK = 8.0
"""The bound on false alarms is a loose one: so many times the rate asked for still keeps it (docs/effect.md)."""
PIECE = {Step.HOUR: 1344, Step.DAY: 420, Step.WEEK: 420}
OVERLAP = {Step.HOUR: 336, Step.DAY: 120, Step.WEEK: 120}
"""Cells searched at once; a longer series is cut into pieces that overlap."""
APART = 5
"""Cells between two dates of one series."""
MOST = 24
"""Dates of one piece."""
TEN_YEARS = 3652.5


@dataclass(frozen=True, slots=True)
class Change:
    """One change of level by least squares: the first ``index`` after it, and the means ``before`` and
    ``after``."""

    index: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A date found: the first cell after the jump, when it begins, the new level over the old one less 1
    (with its 95 % interval), a bound on its p at that cell, and ``confidence`` that the true date lies within
    three cells."""

    sensor: str
    cell: int
    when: datetime
    size: Estimate
    p: float
    confidence: float

    @property
    def direction(self) -> str:
        return "nosedive" if self.size.value < 0 else "surge"


def one_change(values: Floats) -> Change:
    """The single split that leaves the least sum of squares; raises ValueError for fewer than two finite
    values."""
    x = np.asarray(values, float)
    if len(x) < 2 or not np.isfinite(x).all():
        raise ValueError("a change needs at least two finite values")
    n = np.arange(1, len(x))
    head = np.cumsum(x)[:-1]
    gain = head**2 / n + (x.sum() - head) ** 2 / (len(x) - n)
    at = int(np.argmax(gain)) + 1
    return Change(at, float(x[:at].mean()), float(x[at:].mean()))


def find(slices: Iterable[Series], rate: float = 1.0) -> list[Jump]:
    """The jumps of all slices, in order of time. ``rate``: false dates per ten series-years over all of them.
    A slice with too little to tell (too few known cells, or hardly anything counted) has none."""
    if not 0 < rate <= 100:
        raise ValueError(f"a rate of {rate} false dates in ten series-years is not between 0 and 100")
    found = [jump for one in slices for jump in _in_series(one, rate)]
    return sorted(found, key=lambda j: (j.when, j.sensor, j.cell))


def _in_series(series: Series, rate: float) -> list[Jump]:
    alpha = SLACK * rate * series.step.days / TEN_YEARS
    jumps: list[Jump] = []
    piece, overlap = PIECE[series.step], OVERLAP[series.step]
    for first in range(0, max(1, len(series) - overlap), piece - overlap):
        last = min(first + piece, len(series))
        for jump in _in_piece(series, first, last, alpha):
            if all(abs(jump.cell - other.cell) > APART for other in jumps):
                jumps.append(jump)
    return jumps


def _in_piece(series: Series, first: int, last: int, alpha: float) -> list[Jump]:
    counts = series.counts[first:last]
    known = int((~np.isnan(counts)).sum())
    if known < LEAST_CELLS[series.step] or np.nansum(counts) < LEAST_COUNT:
        return []
    x = design.columns(series, known, first, last)
    z, variance = linear.respond(counts, x)
    return [_jump(series, first, scan, at) for at, scan in _jumps(robust.drawn_in(z), variance, x, alpha)]


def _jumps(z: Floats, variance: Floats, x: Floats, alpha: float) -> list[tuple[int, steps.Scan]]:
    """The jumps of a log series, the likeliest first: its place in the scan that it was found in."""
    cells = np.arange(len(z))
    found: list[tuple[int, steps.Scan]] = []
    taken: list[int] = []
    while len(found) < MOST:
        free = cells[np.abs(cells[:, None] - np.array([-2 * APART, *taken])).min(axis=1) > APART]
        scan = _scan(z, variance, x, free, alpha)
        if scan is None:
            break
        likely = _likely(scan, alpha)
        at = int(np.argmax(np.where(likely, scan.evidence, -np.inf)))
        found.append((at, scan))
        taken.append(int(scan.cell[at]))
        x = np.column_stack([x, cells >= taken[-1]])
    return found


def _scan(z: Floats, variance: Floats, x: Floats, free: NDArray[np.int64], alpha: float) -> steps.Scan | None:
    """None where no step is likely; what looks like one is held against levels that wander beside their noise."""
    still = steps.attempt(z, variance, x, free)
    if still is None or not _likely(still.scan(steps.models()[2]), alpha).any():
        return None
    roaming = [steps.attempt(z, variance, x, free, roam) for roam in ROAM]
    scan = steps.together([still, *(r for r in roaming if r is not None)]).scan(steps.prior(CHANCES))
    return scan if _likely(scan, alpha).any() else None


def _likely(scan: steps.Scan, alpha: float) -> NDArray[np.bool_]:
    return np.asarray((np.abs(scan.size) >= -np.log1p(-LEAST)) & (scan.evidence > -np.log(alpha)))


def _jump(series: Series, first: int, scan: steps.Scan, at: int) -> Jump:
    size, se, cell = float(scan.size[at]), float(scan.se[at]), first + int(scan.cell[at])
    off = np.abs(scan.cell - scan.cell[at])
    mass = np.where(off <= 14, np.exp(scan.evidence - scan.evidence.max()), 0.0)
    low, value, high = (float(np.expm1(size + k * se)) for k in (-2, 0, 2))
    return Jump(
        series.sensor,
        cell,
        series.time(cell),
        Estimate(value, low, high, 0.95, "step"),
        float(np.exp(-scan.evidence[at])),
        float(mass[off <= 3].sum() / mass.sum()),
    )

"""Two neighbouring windows of a panel, and how far each key's split lies from that of others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.displacement.counts import Panel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FEWEST = 10
"""Things counted in both windows together below which a key is not tested."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Counts and exposures, in days, before and after a date."""

    y0: Floats
    y1: Floats
    e0: Floats
    e1: Floats

    @property
    def usable(self) -> Mask:
        return np.asarray((self.e0 > 0) & (self.e1 > 0))

    @property
    def tested(self) -> Mask:
        return np.asarray((self.y0 + self.y1 >= FEWEST) & self.usable)


def pair_of(found: Panel, at: int, width: int) -> Pair:
    old, new = slice(max(at - width, 0), at), slice(at, at + width)
    y, e = found.counts, found.exposure
    return Pair(y[:, old].sum(1), y[:, new].sum(1), e[:, old].sum(1), e[:, new].sum(1))


def placebo_dates(found: Panel, at: int, width: int) -> list[int]:
    """Dates before the event with whole windows on both sides, a quarter of a window apart."""
    step = max(width // 4, 1)
    dates = range(at - width, width - 1, -step)
    return [d for d in dates if pair_of(found, d, width).usable.any()]


def rates(pair: Pair, which: Mask) -> tuple[float, float]:
    """Sums of the rates of these keys: counts a day."""
    ok = which & pair.usable
    return float((pair.y0[ok] / pair.e0[ok]).sum()), float((pair.y1[ok] / pair.e1[ok]).sum())


def centre(pair: Pair, which: Mask) -> float:
    """Log ratio of the total of these keys."""
    before, after = rates(pair, which)
    return float(np.log(after / before)) if before > 0 and after > 0 else 0.0


def against(pair: Pair, some: Mask | NDArray[np.int64], centre: float) -> tuple[Floats, Floats]:
    """Signed root of the deviance of each key's split, given that all rise by ``centre``, and 1/μ₀ + 1/μ₁."""
    y0, y1 = pair.y0[some], pair.y1[some]
    weight = pair.e1[some] * np.exp(centre)
    total, late = y0 + y1, weight / (weight + pair.e0[some])
    mu1, mu0 = total * late, total * (1 - late)
    part = [y * np.log(np.maximum(y, 1e-300) / mu) for y, mu in ((y0, mu0), (y1, mu1))]
    return np.sign(y1 - mu1) * np.sqrt(np.maximum(2 * sum(part), 0)), 1 / mu0 + 1 / mu1

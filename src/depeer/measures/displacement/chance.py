"""What chance alone does to a gain: from dates before the event, and from the daily total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.displacement.counts import Panel
from depeer.measures.displacement.windows import against, centre, pair_of

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_DEGREES = (1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 60.0)
_DISTINCT = 7


@dataclass(frozen=True, slots=True)
class Noise:
    """``own``: variance of a key's log ratio beyond counting; ``scale``, ``degrees`` of the tails that
    placebos have; ``shared``: variance of the log ratio of the total, with its degrees of freedom."""

    own: float
    scale: float
    degrees: float
    shared: float
    shared_degrees: float


def noise_of(
    found: Panel, at: int, width: int, starts: list[int], aim: Mask, control: Sequence[float] | None
) -> Noise:
    deviances, inverse = [np.zeros(0)], [np.zeros(0)]
    for start in starts:
        pair = pair_of(found, start, width)
        some = pair.tested & ~aim
        if some.any():
            deviance, size = against(pair, some, centre(pair, ~aim))
            deviances.append(deviance)
            inverse.append(size)
    z, v = np.concatenate(deviances), np.concatenate(inverse)
    own = _beyond_counting(z, v)
    scale, degrees = _tails(z / np.sqrt(1 + own / v)) if len(z) else (1.0, _DEGREES[0])
    shared, left = _shared(found, at, width, aim, control)
    return Noise(own, scale, degrees, shared, left)


def _beyond_counting(z: Floats, inverse: Floats) -> float:
    """σ² that makes the mean square of the placebos one (Paule & Mandel 1982), by bisection; 0 where they
    scatter less."""

    def square(own: float) -> float:
        return float(np.mean(z**2 / (1 + own / inverse)))

    if not len(z) or square(0.0) <= 1:
        return 0.0
    low, high = 0.0, 4.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if square(middle) > 1 else (low, middle)
    return (low + high) / 2


def _tails(z: Floats) -> tuple[float, float]:
    """Scale and degrees of the Student distribution that the placebos fit best, of a few."""
    from scipy.stats import t

    best = max(
        ((float(t.logpdf(z, d, scale=s).sum()), s, d) for d in _DEGREES for s in np.arange(0.6, 1.55, 0.1)),
        key=lambda one: one[0],
    )
    return float(best[1]), best[2]


def _shared(
    found: Panel, at: int, width: int, aim: Mask, control: Sequence[float] | None
) -> tuple[float, float]:
    """Variance of the log ratio of two neighbouring windows of the total, and degrees of freedom."""
    level, known, white = _total(found, at, aim, control)
    days = np.flatnonzero(known)
    if len(days) < 2 * _DISTINCT:
        return 1.0, 3.0
    rest = _without_week(level[days], days)
    counting = float(white[days].mean())
    variance, phi = _signal(rest, days, counting)
    effective = len(days) * (1 - phi) / (1 + phi)
    return _neighbours(variance, phi, width) + 2 * counting / width, max(effective - 1, 2.0)


def _signal(rest: Floats, days: NDArray[np.int64], counting: float) -> tuple[float, float]:
    """Variance and φ of the AR(1) in the daily total. What counting adds is no part of it: left in, it would make
    what lasts seem short."""
    n = len(days)
    pairs = np.flatnonzero(np.diff(days) == 1)
    whole = float((rest**2).sum()) / max(n - _DISTINCT, 1)
    signal = max(whole - counting, 0.1 * whole, 1e-12)
    raw = float((rest[pairs] * rest[pairs + 1]).mean()) / signal if len(pairs) else 0.0
    phi = float(np.clip((n * raw + 1) / (n - 3) if n > 10 else raw, 0.0, 0.9))
    return signal * n / max(n - (1 + phi) / (1 - phi), n / 2), phi


def _neighbours(variance: float, phi: float, width: int) -> float:
    """Variance of the difference of two neighbouring means of an AR(1), exactly."""
    lags = np.arange(width)
    one = (width + 2 * ((width - lags[1:]) * phi ** lags[1:]).sum()) / width**2
    ahead = np.abs(width + lags[None, :] - lags[:, None])
    return float(2 * variance * (one - (phi**ahead).sum() / width**2))


def _total(found: Panel, at: int, aim: Mask, control: Sequence[float] | None) -> tuple[Floats, Mask, Floats]:
    """Log of the daily total of all but the target before the event, over the control's where there is one;
    the days that are known; and the variance that counting adds."""
    counts, seen = found.counts[~aim, :at].sum(0), found.counts[~aim].sum(1)
    weight = seen / seen.sum() if seen.sum() else np.full(len(seen), 1 / max(len(seen), 1))
    exposure = weight @ found.exposure[~aim, :at]
    known = exposure > 0.5
    level = np.log((counts + 0.5) / np.maximum(exposure, 0.5))
    white = 1 / (counts + 0.5)
    if control is not None:
        beside = np.asarray(control[:at], dtype=float)
        known &= np.isfinite(beside)
        other = np.where(np.isfinite(beside), beside, 1.0) + 0.5
        level, white = level - np.log(other), white + 1 / other
    return level, known, white


def _without_week(level: Floats, days: NDArray[np.int64]) -> Floats:
    """Without mean and, where there are three weeks, day of the week."""
    level = level - level.mean()
    if len(days) >= 3 * _DISTINCT:
        for weekday in range(_DISTINCT):
            mine = days % _DISTINCT == weekday
            if mine.any():
                level[mine] -= level[mine].mean()
    return level

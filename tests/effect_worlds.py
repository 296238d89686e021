"""Series whose truth is known: AR(1) on the log scale, weekly season, gaps, counting, an effect. Written for the
tests of the effect; nothing here is used by the estimators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect.series import Series, Step

Floats = NDArray[np.float64]

START = datetime(2020, 1, 6, tzinfo=UTC)
SEASON = np.array([0.10, 0.08, 0.05, 0.0, 0.0, -0.10, -0.13])
BEFORE = 84
EVENT = START + timedelta(days=BEFORE)


def noise(rng: np.random.Generator, cells: int, phi: float, sd: float = 0.12, tails: float = 0.0) -> Floats:
    """A stationary AR(1) of standard deviation ``sd``; innovations of Student's t where ``tails`` (df) is given."""
    e = (
        rng.standard_t(tails, cells + 60) / np.sqrt(tails / (tails - 2))
        if tails
        else rng.standard_normal(cells + 60)
    )
    u = np.zeros(cells + 60)
    for t in range(1, len(u)):
        u[t] = phi * u[t - 1] + np.sqrt(1 - phi**2) * e[t]
    return np.asarray(sd * u[60:])


def sensors(
    rng: np.random.Generator,
    k: int = 1,
    phi: float = 0.5,
    effect: Floats | float = -0.9,
    after: int = 31,
    rate: float = 1000.0,
    white: float = 0.0,
    common: float = 0.0,
    gaps: float = 0.0,
    tails: float = 0.0,
    before: int = BEFORE,
) -> list[Series]:
    """``k`` sensors; ``effect`` on the log scale, one number or one for each cell after; ``common`` is the share of
    the noise that all sensors have."""
    cells = before + after
    wave = noise(rng, cells, phi, tails=tails)
    change = np.concatenate([np.zeros(before), np.broadcast_to(effect, after)])
    out = []
    for i in range(k):
        own = noise(rng, cells, phi, tails=tails)
        log = (
            np.log(rate * (1 + i % 3))
            + SEASON[np.arange(cells) % 7]
            + change
            + white * rng.standard_normal(cells)
        )
        counts = rng.poisson(np.exp(log + np.sqrt(common) * wave + np.sqrt(1 - common) * own)).astype(float)
        counts[rng.random(cells) < gaps] = np.nan
        out.append(Series(START, Step.DAY, counts, f"s{i}", "messages"))
    return out


def changed(series: Series, first: int, factor: float) -> Series:
    """From cell ``first`` on, ``factor`` times as much is counted."""
    counts = series.counts.copy()
    counts[first:] = np.round(counts[first:] * factor)
    return Series(series.start, series.step, counts, series.sensor, series.counted)

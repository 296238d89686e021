"""The columns that every counterfactual rests on: one level, and the seasons that the grid and its length allow.

Hours: the day in four harmonics and the day of the week; days: the day of the week; weeks: none. A season is left
out where fewer than three of its periods are known, since then it cannot be told from noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect.series import Series, Step

Floats = NDArray[np.float64]

HARMONICS = 4
PERIODS = 3
"""Periods of a season that must be known before it is fitted."""


def columns(series: Series, fitted: int, first: int, last: int) -> Floats:
    """(last − first, p): the design of cells [first, last), the level first, then contrasts that sum to zero;
    ``fitted`` is the number of known cells to be fitted, which decides the seasons."""
    cells = np.arange(first, last)
    parts = [np.ones((len(cells), 1))]
    if series.step is Step.DAY and fitted >= 7 * PERIODS:
        parts.append(_contrasts((cells + _weekday(series)) % 7, 7))
    if series.step is Step.HOUR:
        hour = cells + series.start.hour
        if fitted >= 24 * PERIODS:
            parts.append(_waves(2 * np.pi * hour / 24))
        if fitted >= 168 * PERIODS:
            parts.append(_contrasts((hour // 24 + _weekday(series)) % 7, 7))
    return np.hstack(parts)


def _weekday(series: Series) -> int:
    return series.start.weekday()


def _contrasts(phase: NDArray[np.int64], period: int) -> Floats:
    """Effect coding: the last phase is minus the sum of the others, so that the level is the mean of a period."""
    code = np.vstack([np.eye(period - 1), -np.ones(period - 1)])
    return np.asarray(code[phase])


def _waves(angle: Floats) -> Floats:
    turns = np.outer(angle, np.arange(1, HARMONICS + 1))
    return np.hstack([np.cos(turns), np.sin(turns)])

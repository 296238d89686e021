"""Counts on the log scale: a working response with its Poisson variance, also where counts are small or zero.

The log of a count is no good below about ten: zeros have none, and its mean is biased. As in the iterated Laplace
approximation of state-space models (Durbin & Koopman 2012, ch. 10.6) each count is replaced by the tangent of its
log likelihood at the most likely log rate η, given a rough level and spread of the series: response
η + (y − e^η)/e^η with variance e^−η. For large counts this is log y with variance 1/y.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS = 4
MANY = 300
"""Counts from which on all that follows is the log and 1/count, to 1/(2 · 300)."""
LEAST_SPREAD = 0.05
"""Log-scale spread below which counts are taken to vary by chance alone."""


def respond(counts: Floats, x: Floats) -> tuple[Floats, Floats]:
    """The response and its variance (T,), NaN where ``counts`` is, around a level given by columns ``x`` (T, p)."""
    known = ~np.isnan(counts)
    y = counts[known]
    if y.min(initial=np.inf) >= MANY:
        with_gaps = np.where(known, counts, np.nan)
        return np.log(with_gaps), 1 / with_gaps
    rough = np.log(y + 0.5)
    beta = np.linalg.lstsq(x[known], rough, rcond=None)[0]
    level = x[known] @ beta
    spread = max(float(np.var(rough - level)) - float(np.mean(1 / (np.exp(level) + 0.5))), LEAST_SPREAD**2)
    z, variance = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    for _ in range(ROUNDS):
        eta = _mode(y, rough, level, spread)
        rate = np.exp(eta)
        z[known], variance[known] = eta + (y - rate) / rate, 1 / rate
        level = _level(z[known], variance[known] + spread, x[known])
    return z, variance


def _level(z: Floats, variance: Floats, x: Floats) -> Floats:
    root = np.sqrt(variance)
    return np.asarray(x @ np.linalg.lstsq(x / root[:, None], z / root, rcond=None)[0])


def _mode(y: Floats, start: Floats, level: Floats, spread: float) -> Floats:
    """The η that maximises y η − e^η − (η − level)²/(2 spread): concave, by Newton from above the mode."""
    eta = np.maximum(start, level)
    for _ in range(50):
        rate = np.exp(np.minimum(eta, 60.0))
        step = (y - rate - (eta - level) / spread) / (rate + 1 / spread)
        eta = eta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return np.asarray(eta)

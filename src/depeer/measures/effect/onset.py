"""When a drop began: at the event, or before it.

The series around the event is explained by a fall at once, or a steady slide down to the event, that sets in at each
cell in turn, under the noise that was learned well before the event. The weights of the onsets say how likely it is
that the drop began at least ``SLACK`` cells before the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design, linear, statespace
from depeer.measures.effect.series import Series

Floats = NDArray[np.float64]

AHEAD, BEHIND = 84, 14
QUIET = 14
"""Cells before the event that the noise is not learned from, where enough are left."""
ENOUGH = 42
SLACK = 2
EDGE = 7


@dataclass(frozen=True, slots=True)
class Onset:
    """``before``: probability that the drop began ``SLACK`` cells or more ahead of the event; ``cell``: the
    likeliest onset, relative to the event (0: with it); ``size``: the log change that goes with it; ``strength``:
    how much it explains, as a χ² of one degree of freedom, the search over onsets not allowed for."""

    before: float
    cell: int
    size: float
    strength: float


def fit(series: Series, event: int) -> Onset | None:
    """None where too little is known on either side to place anything."""
    first, last = max(0, event - AHEAD), min(len(series), event + BEHIND)
    if series.known(first, event) < 21 or series.known(event, last) < 2:
        return None
    quiet = event - QUIET if series.known(0, event - QUIET) >= ENOUGH else event
    learned = statespace.fit(series, quiet)
    cells = np.arange(first, last)
    x = design.columns(series, series.known(first, last), first, last)
    z, variance = linear.respond(series.counts[first:last], x)
    known = ~np.isnan(z)
    white = _whitener(learned, cells[known], variance[known])
    onset, shapes = _shapes(cells, event)
    gain, size = _gains(white @ z[known], white @ x[known], white @ shapes[:, known].T)
    gain = np.where(size < 0, gain, 0.0)
    weight = np.exp(0.5 * (gain - gain.max()))
    weight /= weight.sum()
    best = int(np.argmax(weight))
    return Onset(
        float(weight[onset <= -SLACK].sum()), round(float(onset[best])), float(size[best]), float(gain[best])
    )


def _whitener(learned: statespace.Fit, cell: NDArray[np.int64], variance: Floats) -> Floats:
    f = learned.filtered
    best = learned.still
    lag = np.abs(np.subtract.outer(cell, cell)).astype(float)
    share, scale = f.share[best], f.rss[best] / f.df
    cov = scale * (share * f.phi[best] ** lag + (1 - share) * np.eye(len(cell))) + np.diag(variance)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(cov)))


def _shapes(cells: NDArray[np.int64], event: int) -> tuple[Floats, Floats]:
    """Middle of the onset relative to the event, and the change (shapes, cells): falls, then slides."""
    starts = np.arange(cells[0] + EDGE, min(event + EDGE, cells[-1]))
    falls = (cells[None, :] >= starts[:, None]).astype(float)
    early = starts[starts < event - 2 * SLACK]
    slides = np.clip((cells[None, :] - early[:, None]) / (event - early)[:, None], 0.0, 1.0)
    middle = np.concatenate([starts - event, (early - event) / 2.0])
    return middle, np.vstack([falls, slides])


def _gains(z: Floats, x: Floats, shapes: Floats) -> tuple[Floats, Floats]:
    """What each shape (rows, shapes) explains beyond the design, as a χ², and its size."""
    q = np.linalg.qr(x)[0]
    z = z - q @ (q.T @ z)
    shapes = shapes - q @ (q.T @ shapes)
    curve = np.maximum((shapes**2).sum(axis=0), 1e-9)
    slope = shapes.T @ z
    return slope**2 / curve, slope / curve

"""How often such a drop comes with no event at all: the same estimate at dates on which nothing happened.

The time before the event is cut into separate windows, counted back from it. Each gets its own counterfactual from
what precedes it, or, where too little does, from what follows it up to the event, read backwards (the noise model is
the same in both directions). Only separate windows count: overlapping ones say the same thing again. So p is
(1 + windows with as large a drop)/(1 + windows), and a p below 1/(1 + windows) is not supported by any data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import statespace, windows
from depeer.measures.effect.series import Series

Floats = NDArray[np.float64]

LEAST_BEFORE = 28
MOST = 26
"""Windows looked at, the nearest to the event."""
DRAWS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Placebo:
    """``centre`` and ``se`` (windows,) of the log ratio at each placebo date, the nearest to the event first;
    ``cell`` is where each window begins."""

    cell: NDArray[np.int64]
    centre: Floats
    se: Floats

    @property
    def n(self) -> int:
        return len(self.centre)

    @property
    def alarms(self) -> int:
        """Windows whose 95 % interval leaves out 0; one in twenty is to be expected."""
        return int((np.abs(self.centre) > 1.959964 * self.se).sum())

    def p(self, centre: float) -> float | None:
        """How often so large a drop (log ratio ``centre``) comes without an event; None without windows."""
        return (1 + int((self.centre <= centre).sum())) / (1 + self.n) if self.n else None


def run(series: Series, event: int, horizon: int, seed: int = 0) -> Placebo:
    """Placebo windows of ``horizon`` cells before ``event``."""
    rows = []
    for k in range(1, min(MOST, event // max(horizon, 1)) + 1):
        cell = event - k * horizon
        found = _at(series, cell, event, horizon, seed + k)
        if found is not None:
            rows.append((cell, found.centre, found.se))
    cells, centres, ses = zip(*rows, strict=True) if rows else ((), (), ())
    return Placebo(np.array(cells, dtype=np.int64), np.array(centres), np.array(ses))


def _at(series: Series, cell: int, event: int, horizon: int, seed: int) -> windows.LogRatio | None:
    if series.known(0, cell) < LEAST_BEFORE:
        if series.known(cell + horizon, event) < LEAST_BEFORE:
            return None
        part = Series(series.start, series.step, series.counts[:event], series.sensor, series.counted)
        series, cell = part.backward(), event - cell - horizon
    observed = series.counts[cell : cell + horizon]
    if np.isnan(observed).all() or not np.nansum(series.counts[max(0, cell - 400) : cell]) > 0:
        return None
    fitted = statespace.fit(series, cell)
    paths = statespace.forecast(series, fitted, cell, horizon, seed, DRAWS)
    return windows.log_ratio(observed, paths, seed)

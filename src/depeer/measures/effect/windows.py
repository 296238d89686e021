"""The numbers of the scorecard from draws of the counterfactual: drops over windows, and spam-days averted.

``drop`` over the first d days is 1 − (rate that came) / (rate that would have come), both summed over the cells of
the window that are known. Negative where more came. The rate that came is known up to the chance of counting.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.model import Estimate

Floats = NDArray[np.float64]

KNOWN = 0.5
"""Share of a window's cells that must be known."""
LEVEL = 0.95
MOST_LOG = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class LogRatio:
    """Draws of log(came / would have come) of one window: 0 without an effect, log(1 − drop) otherwise."""

    draws: Floats
    cells: int

    @property
    def centre(self) -> float:
        return float(np.median(self.draws))

    @property
    def se(self) -> float:
        """Half the central 95 % width over 1.96: tails of the draws may be heavier than normal ones."""
        low, high = np.quantile(self.draws, [0.025, 0.975])
        return float(high - low) / (2 * 1.959964)

    def drop(self) -> Estimate:
        return share(self.draws, "state space")


def log_ratio(observed: Floats, paths: Floats, seed: int = 0) -> LogRatio | None:
    """``observed`` (H,) counts with NaN gaps, ``paths`` (draws, H) log rates; None where too little is known."""
    known = ~np.isnan(observed)
    if known.sum() < max(1, KNOWN * len(observed)):
        return None
    came = came_draws(float(observed[known].sum()), len(paths), seed)
    would = np.exp(paths[:, known]).sum(axis=1)
    return LogRatio(np.log(came) - np.log(would), int(known.sum()))


def came_draws(total: float, draws: int, seed: int) -> Floats:
    """The rate behind a count: Gamma(count + ½), Jeffreys' posterior of a Poisson mean."""
    return np.random.default_rng([seed, 7]).gamma(total + 0.5, 1.0, draws)


def averted(observed: Floats, paths: Floats, baseline: float, seed: int = 0) -> Floats:
    """(draws,) of Σ(would have come − came)/baseline, in cells' worth of baseline; unknown cells add nothing."""
    known = ~np.isnan(observed)
    came = came_draws(float(observed[known].sum()), len(paths), seed)
    return np.asarray((np.exp(paths[:, known]).sum(axis=1) - came) / baseline)


def share(log_ratios: Floats, method: str, level: float = LEVEL) -> Estimate:
    """1 − exp of the draws' median and equal-tailed interval."""
    at = np.quantile(log_ratios, [(1 + level) / 2, 0.5, (1 - level) / 2])
    low, value, high = (as_drop(float(x)) for x in at)
    return Estimate(value, low, high, level, method)


def as_drop(log: float) -> float:
    """The drop that a log ratio stands for: 0.1 for log 0.9, negative where more came; kept finite."""
    return -math.expm1(min(max(log, -MOST_LOG), MOST_LOG))

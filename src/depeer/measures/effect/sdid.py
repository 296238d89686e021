"""Synthetic difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens & Wager, AER 2021).

Weights over donors (ridge, with an intercept) and over cells before the event, then the difference of differences
under both. With ``method`` "sc" the same machinery without intercept and without weights in time, and with "did"
equal weights everywhere. Numbers agree with the authors' package because the weights are found as they publish:
Frank–Wolfe, small weights set to 0 once, stop at a gain of (10⁻⁵ noise level)².
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import simplex

Floats = NDArray[np.float64]

TINY = 1e-6
FIRST, MOST = 100, 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """The mean ``effect`` over the cells after, in the unit of the series, with ``omega`` over donors and
    ``lam`` over the cells before."""

    effect: float
    omega: Floats
    lam: Floats


def fit(treated: Floats, donors: Floats, event: int, method: str = "sdid") -> Difference:
    """``treated`` (T,) or (units, T), ``donors`` (n, T), no gaps; at least two cells before and one after."""
    units = np.atleast_2d(np.asarray(treated, float))
    _check(units, donors, event)
    before, after = donors[:, :event], donors[:, event:]
    noise = float(np.diff(before, axis=1).std(ddof=1))
    if method == "did":
        omega, lam = np.full(len(donors), 1 / len(donors)), np.full(event, 1 / event)
    elif method == "sc":
        omega, lam = (
            _weights(before.T, units[:, :event].mean(axis=0), TINY * noise, noise, False),
            np.zeros(event),
        )
    elif method == "sdid":
        eta = (len(units) * after.shape[1]) ** 0.25
        lam = _weights(before, after.mean(axis=1), TINY * noise, noise, True)
        omega = _weights(before.T, units[:, :event].mean(axis=0), eta * noise, noise, True)
    else:
        raise ValueError(f"method {method!r} is none of sdid, sc, did")
    gap = units.mean(axis=0) - omega @ donors
    return Difference(float(gap[event:].mean() - lam @ gap[:event]), omega, lam)


def placebo_se(donors: Floats, event: int, draws: int, seed: int, method: str = "sdid") -> float:
    """Standard error by taking one donor at random for the treated one, ``draws`` times (their algorithm 4)."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(donors), draws)
    found = [fit(donors[i], np.delete(donors, i, axis=0), event, method).effect for i in picks]
    return float(np.std(found))


def _weights(a: Floats, b: Floats, zeta: float, noise: float, intercept: bool) -> Floats:
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    least = (1e-5 * noise) ** 2
    first = simplex.frank_wolfe(a, b, zeta**2, least, FIRST)
    kept = np.where(first <= first.max() / 4, 0.0, first)
    return simplex.frank_wolfe(a, b, zeta**2, least, MOST, kept / kept.sum())


def _check(units: Floats, donors: Floats, event: int) -> None:
    if donors.ndim != 2 or len(donors) < 2 or donors.shape[1] != units.shape[1]:
        raise ValueError(f"donors {donors.shape} do not fit treated series {units.shape}")
    if not 2 <= event < units.shape[1]:
        raise ValueError(
            f"event at cell {event} leaves no two cells before and one after, of {units.shape[1]}"
        )
    if not (np.isfinite(units).all() and np.isfinite(donors).all()):
        raise ValueError("difference-in-differences needs series without gaps")

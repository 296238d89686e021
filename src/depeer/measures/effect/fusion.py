"""One effect from several sensors that may differ: random effects on the log scale.

``tau2`` by DerSimonian & Laird (1986), Paule & Mandel (1982) or restricted maximum likelihood (Viechtbauer 2005);
the variance of the mean by Hartung & Knapp (2001) and Sidik & Jonkman (2002), with t of k − 1 degrees of freedom, and
the prediction interval of Higgins, Thompson & Spiegelhalter (2009) (t with k − 2 as there for the classical one;
here k − 1 as in Partlett & Riley 2017 with the Hartung–Knapp variance).

Errors that sensors share (a common wave of spam) do not show in their scatter. Where the caller states their
correlation, the shared part is put aside before, and added to the variance of the mean after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fused:
    """The mean over sensors, in the unit of the inputs; ``k`` sensors."""

    mean: float
    se: float
    """Classical standard error, 1/√Σw."""
    se_hk: float
    """Hartung–Knapp–Sidik–Jonkman, errors shared by sensors included."""
    low: float
    high: float
    predict_low: float
    predict_high: float
    """Where the effect at a further sensor lies."""
    tau2: float
    q: float
    i2: float
    """Share of the scatter that is not within sensors, 0 to 1."""
    k: int
    level: float


def fuse(
    values: Floats,
    variances: Floats,
    method: str = "PM",
    level: float = 0.95,
    shared: float = 0.0,
    shared_df: float = np.inf,
) -> Fused:
    """Fuse ``values`` (k,) with their ``variances`` (k,), all above 0. ``method``: DL, PM or REML. ``shared``:
    the correlation of the sensors' errors, known to ``shared_df`` degrees of freedom. One sensor alone is given
    back with a normal interval and no prediction. Raises ValueError for input that does not fit."""
    y, v = np.asarray(values, float), np.asarray(variances, float)
    if (
        not len(y)
        or y.shape != v.shape
        or not (v > 0).all()
        or not np.isfinite(y).all()
        or not 0 <= shared < 1
    ):
        raise ValueError(
            "fusing needs a finite value and a variance above 0 of each sensor, and 0 ≤ shared < 1"
        )
    own = v * (1 - shared)
    tau2 = TAU2[method](y, own) if len(y) > 1 else 0.0
    w = 1 / (own + tau2)
    mean = float(w @ y / w.sum())
    if len(y) == 1:
        return _alone(mean, float(v[0]), level)
    common = shared * float(w @ np.sqrt(v) / w.sum()) ** 2
    hk = float(w @ (y - mean) ** 2) / (len(y) - 1) / float(w.sum())
    se_hk = float(np.sqrt(hk + common))
    half = _half(hk, len(y) - 1, common, shared_df, level)
    further = _half(hk + tau2, len(y) - 1, common, shared_df, level)
    q = cochran(y, own)
    return Fused(
        mean,
        float(1 / np.sqrt(w.sum())),
        se_hk,
        mean - half,
        mean + half,
        mean - further,
        mean + further,
        tau2,
        q,
        max(0.0, 1 - (len(y) - 1) / q) if q > 0 else 0.0,
        len(y),
        level,
    )


def cochran(y: Floats, v: Floats) -> float:
    """Cochran's Q: the weighted scatter with no variance between sensors."""
    w = 1 / v
    return float(w @ (y - w @ y / w.sum()) ** 2)


def der_simonian_laird(y: Floats, v: Floats) -> float:
    w = 1 / v
    c = float(w.sum() - (w**2).sum() / w.sum())
    return max(0.0, (cochran(y, v) - (len(y) - 1)) / c)


def paule_mandel(y: Floats, v: Floats) -> float:
    """The τ² at which the generalised Q equals its expectation k − 1; Q falls in τ², so it is bracketed."""
    return _root(lambda tau2: cochran(y, v + tau2) - (len(y) - 1), _most(y))


def reml(y: Floats, v: Floats) -> float:
    """The τ² at which the restricted score is 0: the mode that is reached from the Paule–Mandel estimate."""
    tau2 = paule_mandel(y, v)
    for _ in range(200):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        update = float((w**2 @ ((y - mean) ** 2 - v)) / (w**2).sum() + 1 / w.sum())
        update = max(0.0, update)
        if abs(update - tau2) < 1e-12:
            break
        tau2 = update
    return tau2


TAU2: dict[str, Callable[[Floats, Floats], float]] = {
    "DL": der_simonian_laird,
    "PM": paule_mandel,
    "REML": reml,
}


def _most(y: Floats) -> float:
    """A τ² at which Q is surely below k − 1."""
    return float(((y - y.mean()) ** 2).sum()) + 1e-12


def _root(falling: Callable[[float], float], high: float) -> float:
    if falling(0.0) <= 0:
        return 0.0
    low = 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
        if high - low < 1e-14 * high:
            break
    return 0.5 * (low + high)


def _half(own: float, df: float, common: float, common_df: float, level: float) -> float:
    """Half width for a sum of two independent variances; degrees of freedom by Satterthwaite (1946)."""
    from scipy.special import stdtrit

    total = own + common
    spread = own**2 / df + common**2 / common_df
    together = min(total**2 / spread, 1e6) if spread > 0 else df
    return float(stdtrit(together, (1 + level) / 2) * np.sqrt(total))


def _alone(mean: float, variance: float, level: float) -> Fused:
    from scipy.special import ndtri

    half = float(ndtri((1 + level) / 2) * np.sqrt(variance))
    se = float(np.sqrt(variance))
    nan = float("nan")
    return Fused(mean, se, se, mean - half, mean + half, nan, nan, 0.0, 0.0, 0.0, 1, level)

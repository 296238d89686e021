"""Least squares over weights that are at least 0 and sum to 1: the convex problem under synthetic control.

``optimum`` is exact: Wolfe's algorithm for the point of smallest norm in a polytope (Math. Programming 1976), which
ends after finitely many steps at the global optimum (local optimisers have flipped signs of published effects).
``frank_wolfe`` is the procedure that Arkhangelsky et al. (2021) publish their estimates with, stopping rule
included: early stopping is part of their numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def optimum(a: Floats, b: Floats, ridge: float = 0.0) -> Floats:
    """The weights w (n,) on the simplex that minimise ‖A w − b‖² + ridge ‖w‖²; ``a`` (m, n), ``b`` (m,)."""
    points = a - b[:, None]
    if ridge > 0:
        points = np.vstack([points, np.sqrt(ridge) * np.eye(a.shape[1])])
    points = points / max(float(np.abs(points).max(initial=0.0)), 1e-300)
    support, weights = [int(np.argmin((points**2).sum(axis=0)))], np.array([1.0])
    for _ in range(100 * a.shape[1] + 100):
        here = points[:, support] @ weights
        slope = here @ points
        entering = int(np.argmin(slope))
        if entering in support or slope[entering] >= here @ here - 1e-14:
            break
        support, weights = _settle(points, [*support, entering], np.append(weights, 0.0))
    full = np.zeros(a.shape[1])
    full[support] = weights
    return full


def _settle(points: Floats, support: list[int], weights: Floats) -> tuple[list[int], Floats]:
    """Go to the best affine combination of the support, dropping points whose weight would become negative."""
    while True:
        affine = _affine(points[:, support])
        if (affine > 0).all():
            return support, affine
        falling = np.flatnonzero(affine <= 0)
        way = weights[falling] / np.maximum(weights[falling] - affine[falling], 1e-300)
        weights = weights + min(1.0, float(way.min())) * (affine - weights)
        keep = weights > 0
        keep[falling[np.argmin(way)]] = False
        support = [s for s, kept in zip(support, keep, strict=True) if kept]
        weights = weights[keep] / weights[keep].sum()


def _affine(points: Floats) -> Floats:
    """The weights of sum 1, of any sign, with the smallest norm of ``points`` (m, s) times them."""
    others = np.linalg.lstsq(points[:, 1:] - points[:, :1], -points[:, 0], rcond=None)[0]
    return np.concatenate([[1 - others.sum()], others])


def frank_wolfe(
    a: Floats, b: Floats, ridge: float, least_gain: float, most: int, start: Floats | None = None
) -> Floats:
    """Weights after Frank–Wolfe steps with exact line search on ‖A w − b‖²/m + ridge ‖w‖², from ``start`` (or
    equal weights), until a step gains at most ``least_gain`` or ``most`` steps are done."""
    rows, n = a.shape
    w = np.full(n, 1 / n) if start is None else start
    value, gain, steps = np.inf, np.inf, 0
    while steps < most and (steps < 2 or gain > least_gain):
        w = _step(a, b, rows * ridge, w)
        now = float(ridge * w @ w + ((a @ w - b) ** 2).sum() / rows)
        gain, value, steps = value - now, now, steps + 1
    return w


def _step(a: Floats, b: Floats, eta: float, w: Floats) -> Floats:
    fitted = a @ w
    slope = (fitted - b) @ a + eta * w
    corner = int(np.argmin(slope))
    way = -w
    way[corner] += 1.0
    curve = float(((a[:, corner] - fitted) ** 2).sum() + eta * way @ way)
    if curve <= 0:
        return w
    return np.asarray(w + min(1.0, max(0.0, -float(slope @ way) / curve)) * way)

"""The exact Gaussian likelihood of regression with autocorrelated noise, for many noise models at once.

Model, up to a common variance σ²: z = X β + u + e, u an AR(1) with variance w and coefficient φ, e independent with
variance (1 − w) + d, d known. The Kalman filter with a scalar state runs over the cells once, for every pair (φ, w)
and for z and all columns of X together: innovations of z − X β are those of z minus those of X times β. β (flat
prior, or normal with given precision) and σ² (prior 1/σ²) are then integrated out exactly, which is the restricted
likelihood (Harville 1974; de Jong 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Filtered:
    """What the filter leaves behind. G models (of the noise, for each prior of β), p columns of X, T cells."""

    phi: Floats
    share: Floats
    loglik: Floats
    """(G,) restricted log likelihood, up to a constant."""
    beta: Floats
    """(G, p) generalised least squares."""
    root: Floats
    """(G, p, p): a square root R with R Rᵀ the covariance of β over σ²."""
    rss: Floats
    """(G,) residual sum of squares in units of σ²."""
    df: float
    """Known cells less columns under a flat prior."""
    state: Floats
    """(G, p + 1) predicted u of the next cell, for z and for each column of X."""
    state_var: Floats
    """(G,) variance of it over σ²."""
    innovation: Floats
    """(G, T) innovations of z − X β over their standard deviation in units of σ; NaN in gaps."""


def run(
    z: Floats, x: Floats, extra: Floats, phi: Floats, share: Floats, precision: Floats | None = None
) -> Filtered:
    """Filter ``z`` (T,), NaN in gaps, on ``x`` (T, p), with known noise ``extra`` (T,) in units of σ², under
    each pair of ``phi`` and ``share`` (G,). ``precision`` (K, p): those of K normal priors of β around 0, in 1/σ²,
    0 for a flat one (for all K alike): then there are K·G models, the first prior's G first."""
    known = ~np.isnan(z)
    variance, gain, last = _variances(known, extra, phi, share)
    both = np.column_stack([np.where(known, z, 0.0), x])
    innovations, state = _innovations(both, gain, phi)
    innovations = innovations[known]
    scaled = innovations / np.sqrt(variance[known])[:, :, None]
    moments = np.matmul(scaled.transpose(1, 2, 0), scaled.transpose(1, 0, 2))
    priors = np.zeros((1, x.shape[1])) if precision is None else precision
    times, models = len(priors), len(phi)
    moments = np.tile(moments, (times, 1, 1))
    xx = moments[:, 1:, 1:] + np.repeat(priors, models, axis=0)[:, :, None] * np.eye(x.shape[1])
    beta, root, logdet = _solve(xx, moments[:, 1:, 0])
    rss = np.maximum(moments[:, 0, 0] - np.einsum("gp,gp->g", beta, moments[:, 1:, 0]), 1e-12)
    df = float(known.sum() - (priors[0] == 0).sum())
    held = np.repeat(np.log(np.where(priors > 0, priors, 1.0)).sum(axis=1), models)
    whitened = np.tile(np.log(variance[known]).sum(axis=0), times)
    loglik = -0.5 * (whitened + logdet - held + df * np.log(rss))
    full = np.full((times * models, len(z)), np.nan)
    for k in range(times):
        part = slice(k * models, (k + 1) * models)
        full[part, known] = (scaled[:, :, 0] - np.einsum("tgp,gp->tg", scaled[:, :, 1:], beta[part])).T
    phi, share, last = (np.tile(a, times) for a in (phi, share, last))
    return Filtered(phi, share, loglik, beta, root, rss, df, np.tile(state, (times, 1)), last, full)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Inner products, whitened and in units of 1/σ², of a step at each cell c: with z and each column of X
    (G, p + 1, T), and with itself (G, T)."""

    cross: Floats
    curve: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Whitened:
    """``moments`` (G, p + 1, p + 1) of z and X, ``logdet`` (G,) of what whitens them, and all ``steps``."""

    moments: Floats
    logdet: Floats
    steps: Steps


def whiten(z: Floats, x: Floats, extra: Floats, phi: Floats, share: Floats) -> Whitened:
    """As ``run``, for a design whose first column is the level, and for a step at any cell beside it; ``extra``
    (T, 1) or (T, G), in units of each model's σ².

    A step at c is the level less the level before c. So its state at t ≥ c is that of the level less what is left of
    the state at c, and all its inner products are sums over t ≥ c that one backward pass makes: O(T) for all cells.
    """
    known = ~np.isnan(z)
    variance, gain, _ = _variances(known, extra, phi, share)
    both = np.column_stack([np.where(known, z, 0.0), x])
    innovations, _ = _innovations(both, gain, phi)
    innovations[~known] = 0.0
    scaled = (innovations / np.sqrt(variance)[:, :, None]).transpose(1, 0, 2)
    moments = np.matmul(scaled.transpose(0, 2, 1), scaled)
    steps = _steps(innovations, np.where(known[:, None], 1 / variance, 0.0), phi * (1 - gain))
    return Whitened(moments, -np.log(variance[known]).sum(axis=0), steps)


def _steps(innovations: Floats, weight: Floats, keep: Floats) -> Steps:
    """``innovations`` (T, G, p + 1), 0 in gaps, the level second; ``weight`` (T, G) of each cell, 0 in gaps; ``keep``
    (T, G) what is left of the state one cell on."""
    weighted = weight[:, :, None] * innovations
    fading, squared = np.empty_like(weighted), np.empty_like(weight)
    one, two = np.zeros(weighted.shape[1:]), np.zeros(weight.shape[1])
    for t in range(len(weight) - 1, -1, -1):
        one = weighted[t] + keep[t][:, None] * one
        two = weight[t] + keep[t] ** 2 * two
        fading[t], squared[t] = one, two
    after = np.cumsum((innovations[:, :, 1:2] * weighted)[::-1], axis=0)[::-1]
    state = 1 - innovations[:, :, 1]
    cross = after + state[:, :, None] * fading
    curve = after[:, :, 1] + 2 * state * fading[:, :, 1] + state**2 * squared
    return Steps(cross.transpose(1, 2, 0), curve.T)


def _variances(
    known: NDArray[np.bool_], extra: Floats, phi: Floats, share: Floats
) -> tuple[Floats, Floats, Floats]:
    """Variance of each innovation and the gain (T, G), and the variance of the state after the last cell."""
    size = (len(known), len(phi))
    variance, gain = np.ones(size), np.zeros(size)
    squared, fresh, white = phi**2, share * (1 - phi**2), 1 - share
    p = share.copy()
    for t in range(len(known)):
        if known[t]:
            f = p + white + extra[t]
            k = p / f
            variance[t], gain[t] = f, k
            p = squared * (p - k * p) + fresh
        else:
            p = squared * p + fresh
    return variance, gain, p


def _innovations(both: Floats, gain: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """(T, G, p + 1) innovations of each column, and the state (G, p + 1) after the last cell."""
    keep = (phi * (1 - gain))[:, :, None]
    take = (phi * gain)[:, :, None] * both[:, None, :]
    state = np.zeros((len(phi), both.shape[1]))
    states = np.empty((len(both), *state.shape))
    for t in range(len(both)):
        states[t] = state
        state = keep[t] * state + take[t]
    return both[:, None, :] - states, state


def _solve(xx: Floats, xz: Floats) -> tuple[Floats, Floats, Floats]:
    """β (G, p), a root of the inverse of ``xx`` (G, p, p) and the log determinant of ``xx`` (G,)."""
    p = xx.shape[-1]
    ridge = 1e-10 * np.trace(xx, axis1=1, axis2=2)[:, None, None] * np.eye(p) / p
    lower = np.linalg.cholesky(xx + ridge)
    inverse = np.linalg.inv(lower)
    root = inverse.transpose(0, 2, 1)
    beta = np.einsum("gij,gkj,gk->gi", root, root, xz)
    return beta, root, 2 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)

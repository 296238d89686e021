"""The density that networks' rates are drawn from, fitted to counts, with its own uncertainty.

In: the likelihood of each count under each component of a mixture whose components lie on a log-grid. Out: draws of
the mixture's weights from their posterior.

Two kinds of density compete, and are averaged by their marginal likelihood (Laplace):

*smooth*: any weights, with a penalty on third differences of their logs (g-modelling: Efron, Biometrika 103, 2016;
without penalty the Kiefer–Wolfowitz NPMLE: Koenker & Mizera, JASA 109, 2014). Where data say little it approaches
a lognormal. Several strengths of penalty are tried (marginal likelihood: Wood, JRSS B 73, 2011).

*gamma*: the weights of one Gamma, whose tail is far thinner than a lognormal's; with a few hundred hits the data
cannot tell the two apart, and p_worst would be too sure if it believed either.

Draws are proposed from the normal approximation at each mode and weighted by the true over the proposed density,
truncated at √n times their mean (Ionides, JCGS 17, 2008), then resampled systematically. The seed is fixed: the
same data give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PENALTIES = tuple(float(v) for v in np.exp(np.arange(8.0, -7.0, -2.0)))
"""Strengths of the roughness penalty, the smoothest first."""
HOPELESS = 8.0
"""Log evidence below the best at which weaker penalties are no longer tried: they would get no draws."""
REFERENCE_SD, REFERENCE_PULL = 3.0, 1e-3
"""A very wide lognormal that log-weights are pulled to, weakly, so that the fit exists with no hit at all."""
GAMMA_SHAPE, GAMMA_SD = 0.5, 1.5
"""Prior of the Gamma's shape and mean (relative to the pooled rate): logs, normal, about this shape, with this sd."""
PROPOSALS, DRAWS = 400, 32
"""Draws that are proposed, and kept."""
SEED = 20081111


def fit(likelihood: Floats, count: Floats, x: Floats, step: float) -> Floats:
    """(DRAWS, components): weights of the mixture, drawn from their posterior.

    ``likelihood``: (rows, components), each row scaled at will. ``count``: (rows,) networks that share a row.
    ``x``: (components,) logs of the components' means over the pooled rate, ``step`` apart.
    """
    data = _Data(likelihood, count)
    modes = _smooth_modes(data, x, step)
    modes.append(_mode(data, _gamma_family(x), np.array([np.log(GAMMA_SHAPE), 0.0])))
    return _draw(data, modes)


@dataclass(frozen=True, slots=True)
class _Data:
    likelihood: Floats
    count: Floats

    def log(self, eta: Floats) -> Floats:
        """Log-likelihood of each column of log-weights (components, columns)."""
        weights = np.exp(eta - logsumexp(eta, axis=0))
        return np.asarray(self.count @ np.log(np.maximum(self.likelihood @ weights, 1e-300)))

    def scores(self, eta: Floats) -> Floats:
        """(rows, components): slope of each row's log-likelihood in the log-weights."""
        weights = np.exp(eta - logsumexp(eta))
        share = self.likelihood * weights
        return np.asarray(share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300) - weights)


@dataclass(frozen=True, slots=True)
class _Family:
    """A set of densities with parameters φ, and a normal prior on them: mean ``centre``, precision ``penalty``."""

    centre: Floats
    penalty: Floats
    x: Floats | None = None
    """For a Gamma the grid; None where φ are the log-weights themselves."""

    def eta(self, phi: Floats) -> Floats:
        """Log-weights (components, …) of parameters (parameters, …)."""
        if self.x is None:
            return phi
        shape, mean = np.exp(phi)
        x = self.x if phi.ndim == 1 else self.x[:, None]
        return np.asarray(shape * (x - np.exp(x) / mean))

    def slope(self, phi: Floats, scores: Floats) -> Floats:
        """Scores in φ from scores in the log-weights."""
        if self.x is None:
            return scores
        shape, mean = np.exp(phi)
        fall = shape * np.exp(self.x) / mean
        return np.asarray(scores @ np.stack([shape * self.x - fall, fall], axis=1))

    def value(self, phi: Floats, data: _Data) -> Floats:
        """Log-likelihood plus log prior (up to its constant) of each column of ``phi``."""
        gap = phi - self.centre[:, None]
        return np.asarray(data.log(self.eta(phi)) - 0.5 * (gap * (self.penalty @ gap)).sum(axis=0))

    def ascent(self, phi: Floats, data: _Data) -> tuple[Floats, Floats]:
        """Gradient, and the outer product of scores plus prior precision, which stands in for the curvature."""
        scores = self.slope(phi, data.scores(self.eta(phi)))
        gradient = data.count @ scores - self.penalty @ (phi - self.centre)
        return gradient, (scores * data.count[:, None]).T @ scores + self.penalty


def _smooth_family(x: Floats, step: float, strength: float) -> _Family:
    differences = np.diff(np.eye(len(x)), 3, axis=0) / step**2.5
    penalty = strength * differences.T @ differences + REFERENCE_PULL * np.eye(len(x))
    return _Family(-0.5 * ((x + 1) / REFERENCE_SD) ** 2, penalty)


def _gamma_family(x: Floats) -> _Family:
    return _Family(np.array([np.log(GAMMA_SHAPE), 0.0]), np.eye(2) / GAMMA_SD**2, x)


@dataclass(frozen=True, slots=True)
class _Mode:
    """The best parameters of a family, the curvature there, and how well the family does."""

    family: _Family
    phi: Floats
    curvature: Floats
    evidence: float
    normal: float
    """Half the log of prior over posterior precision: what the evidence has beside the value at the mode."""


def _smooth_modes(data: _Data, x: Floats, step: float) -> list[_Mode]:
    """A mode for each strength of penalty, each started from the one before, until they are hopeless."""
    modes: list[_Mode] = []
    phi = _smooth_family(x, step, PENALTIES[0]).centre
    for strength in PENALTIES:
        modes.append(_mode(data, _smooth_family(x, step, strength), phi))
        phi = modes[-1].phi
        if modes[-1].evidence < max(mode.evidence for mode in modes) - HOPELESS:
            break
    return modes


def _mode(data: _Data, family: _Family, start: Floats) -> _Mode:
    phi, value = _ascend(data, family, start)
    curvature = family.ascent(phi, data)[1]
    normal = 0.5 * float(np.linalg.slogdet(family.penalty)[1] - np.linalg.slogdet(curvature)[1])
    return _Mode(family, phi, curvature, value + normal, normal)


def _ascend(data: _Data, family: _Family, phi: Floats) -> tuple[Floats, float]:
    """Damped Newton (Levenberg–Marquardt) to the top."""
    value, damping = float(family.value(phi[:, None], data)[0]), 1e-3
    for _ in range(60):
        gradient, curvature = family.ascent(phi, data)
        gain, scale = -1.0, np.diag(np.diag(curvature))
        step: Floats = np.zeros_like(phi)
        while gain < 0 and damping < 1e9:
            step = np.asarray(np.linalg.solve(curvature + damping * scale, gradient), dtype=np.float64)
            gain = float(family.value((phi + step)[:, None], data)[0]) - value
            damping *= 8 if gain < 0 else 1 / 6
        if gain < 0:
            break
        phi, value = phi + step, value + gain
        if gain < 1e-3:
            break
    return phi, value


def _draw(data: _Data, modes: list[_Mode]) -> Floats:
    evidence = np.array([mode.evidence for mode in modes])
    shares = np.exp(evidence - logsumexp(evidence))
    random = np.random.default_rng(SEED)
    proposed, logs = [], []
    for mode, share in zip(modes, shares, strict=True):
        size = round(PROPOSALS * share)
        if size:
            eta, log = _propose(data, mode, size, random)
            proposed.append(eta)
            logs.append(log)
    eta = np.concatenate(proposed, axis=1)
    return np.asarray(np.exp(eta - logsumexp(eta, axis=0)).T[_resample(np.concatenate(logs))])


def _propose(data: _Data, mode: _Mode, size: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """``size`` draws about a mode as log-weights, and the log of true over proposed density.

    That log leaves out the mode's evidence: it is in ``size`` already.
    """
    z = random.standard_normal((len(mode.phi), size))
    z[:, size // 2 :] = -z[:, : size - size // 2]
    factor = np.linalg.cholesky(mode.curvature)
    phi = mode.phi[:, None] + np.linalg.solve(factor.T, z)
    log = mode.family.value(phi, data) + 0.5 * (z**2).sum(axis=0) + mode.normal - mode.evidence
    return mode.family.eta(phi), log


def _resample(log: Floats) -> Ints:
    weight = np.exp(log - logsumexp(log))
    weight = np.minimum(weight, 1 / np.sqrt(len(weight)))
    edges = np.cumsum(weight / weight.sum())
    places = np.searchsorted(edges, (np.arange(DRAWS) + 0.5) / DRAWS)
    return np.minimum(places, len(weight) - 1)

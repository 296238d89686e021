"""One step in a log series, tried at every cell, and weighed against none.

Under every noise model of a grid (how long noise lasts, and which share of it does; a level that wanders is
one of them) the Kalman filter whitens the series, the columns and a step at every cell at once. Level,
seasons and the size of the noise are integrated out, and so is the size of the step (normal around 0,
``WIDTH`` times the noise). The *evidence* of a cell is the log Bayes factor: how much likelier the series is,
over all noise models, with a step there than with none. Where no step is, it exceeds log(1/p) at a given cell
in less than a share p of all series of these noise models (Markov's inequality), so that 1/evidence shared
out over the cells bounds the rate of false alarms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import kalman

Floats = NDArray[np.float64]

PHI = (0.0, 0.3, 0.55, 0.75, 0.88, 0.95, 0.99)
SHARE = (1.0, 0.6, 0.3)
WIDTH = 4.0
"""Standard deviation of a step's size before it is seen, in units of that of the noise."""
HALF_WAVE, MOST_WAVES = 14, 30
"""Cells of the shortest half-wave of a level that walks (what is quicker is noise, or a step); waves at most."""
LEAST_SIDE = 5
"""Known cells needed on either side of a step."""
LEAST_SIGMA = 0.02
FLAT = 1e-9
"""Precision of a coefficient of which nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """For each of the ``cell`` tried: the step's ``size`` on the log scale, its standard error, and its
    ``evidence``."""

    cell: NDArray[np.int64]
    size: Floats
    se: Floats
    evidence: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Under each of G noise models, and for each ``cell`` tried: log likelihood of no step (G,) and of a step
    (G, C), its ``size`` and ``variance`` (G, C)."""

    cell: NDArray[np.int64]
    none: Floats
    some: Floats
    size: Floats
    variance: Floats

    def scan(self, prior: Floats) -> Scan:
        """Over the noise models by their log ``prior`` (G,)."""
        log = prior[:, None] + self.some
        top = log.max(axis=0)
        weight = np.exp(log - top)
        total = weight.sum(axis=0)
        weight /= total
        size = (weight * self.size).sum(axis=0)
        spread = (weight * (self.variance + (self.size - size) ** 2)).sum(axis=0)
        evidence = top + np.log(total) - np.logaddexp.reduce(prior + self.none)
        return Scan(self.cell, size, np.sqrt(spread), evidence)


def attempt(
    z: Floats,
    variance: Floats,
    x: Floats,
    tried: NDArray[np.int64],
    roam: float = 0.0,
    held: Sequence[float] = (),
) -> Tried | None:
    """Try a step that sets in at each cell of ``tried`` in the log series ``z`` (T,), NaN in gaps, with
    counting ``variance`` (T,) and design ``x`` (T, p, the level first). ``roam``: how far a level walks at random
    from cell to cell; ``held``: standard deviations of the last column's coefficient around 0, each tried under
    every noise model (none given: it may be of any size); both in units of the noise. Gaps and cells with too few
    known ones beside them are not tried; None where nothing is left."""
    known = ~np.isnan(z)
    ahead = np.concatenate([[0], np.cumsum(known)])
    tried = tried[known[tried] & (ahead[tried] >= LEAST_SIDE) & (ahead[-1] - ahead[tried] >= LEAST_SIDE)]
    if not len(tried) or ahead[-1] < x.shape[1] + 2 * LEAST_SIDE:
        return None
    phi, share, _ = models()
    local = max(_local_variance(z[known]) - float(np.median(variance[known])), LEAST_SIGMA**2)
    size2 = local / (1 - share * phi)
    walk = _walk(len(z)) if roam else np.empty((len(z), 0))
    precision = np.concatenate([np.full(x.shape[1], FLAT), np.full(walk.shape[1], 1 / max(roam, 1e-9) ** 2)])
    white = kalman.whiten(z, np.hstack([x, walk]), variance[:, None] / size2, phi, share)
    free = int(ahead[-1]) - x.shape[1]
    if not held:
        return _tried(white, free, tried, precision)
    last = x.shape[1] - 1
    return together([_tried(white, free + 1, tried, _with(precision, last, sd**-2)) for sd in held])


def _with(values: Floats, place: int, value: float) -> Floats:
    changed = values.copy()
    changed[place] = value
    return changed


def _walk(cells: int) -> Floats:
    """A random walk of unit steps as waves, the longest first (Karhunen & Loève), down to ``HALF_WAVE``."""
    turns = (np.arange(min(max(1, cells // HALF_WAVE), MOST_WAVES)) + 0.5) * np.pi
    return np.asarray(np.sqrt(2 * cells) / turns * np.sin(np.outer(np.arange(cells) + 0.5, turns) / cells))


def _tried(white: kalman.Whitened, df: int, tried: NDArray[np.int64], precision: Floats) -> Tried:
    xx = white.moments[:, 1:, 1:] + np.diag(precision)
    inverse = np.linalg.inv(xx)
    beta = np.einsum("gij,gj->gi", inverse, white.moments[:, 1:, 0])
    rss = white.moments[:, 0, 0] - np.einsum("gi,gi->g", beta, white.moments[:, 1:, 0])
    rss = np.maximum(rss, 1e-12)
    cross = white.steps.cross[:, :, tried]
    slope = cross[:, 0] - np.einsum("gi,gic->gc", beta, cross[:, 1:])
    taken = (np.matmul(inverse, cross[:, 1:]) * cross[:, 1:]).sum(axis=1)
    curve, own = np.maximum(white.steps.curve[:, tried] - taken, 0.0), WIDTH**-2
    left = np.maximum(rss[:, None] - slope**2 / (curve + own), 1e-12)
    held = float(np.log(precision[precision != FLAT]).sum())
    none = 0.5 * (white.logdet + held - np.linalg.slogdet(xx)[1] - df * np.log(rss))
    some = none[:, None] - 0.5 * df * np.log(left / rss[:, None]) - 0.5 * np.log(curve / own + 1)
    return Tried(tried, none, some, slope / (curve + own), left / df / (curve + own))


def together(found: list[Tried]) -> Tried:
    """Several attempts at the same cells as one, over the noise models of all."""
    parts = (np.concatenate([getattr(f, n) for f in found]) for n in ("none", "some", "size", "variance"))
    return Tried(found[0].cell, *parts)


def prior(chances: Sequence[float]) -> Floats:
    """The log prior over the noise models of attempts put together, by the chance of each attempt's."""
    base = models()[2]
    return np.concatenate([base + np.log(c) for c in chances])


def from_others(found: list[Tried | None], base: Floats) -> list[Floats]:
    """The log prior over noise models for each series, learned from the *other* ones (what a step does to its
    own noise cannot hide it), the first prior ``base`` counted as one series. Of several attempts put together only
    the noise is learned, and each keeps its chance."""
    shape = (-1, len(models()[2]))
    first = _posterior(base).reshape(shape)
    chance = first.sum(axis=1, keepdims=True)
    weights = [None if f is None else _posterior(base + f.none).reshape(shape).sum(axis=0) for f in found]
    out = []
    for i in range(len(found)):
        rest = [w for j, w in enumerate(weights) if j != i and w is not None]
        noise = np.sum([first.sum(axis=0), *rest], axis=0) / (1 + len(rest))
        out.append(np.log(chance * noise).ravel())
    return out


def _posterior(log: Floats) -> Floats:
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())


def models() -> tuple[Floats, Floats, Floats]:
    """φ, share and log prior (G,): over φ half flat, half (1 − φ²)^−½ (Berger & Yang 1994); flat over
    shares."""
    edges = np.concatenate([[0.0], 0.5 * (np.array(PHI[1:]) + np.array(PHI[:-1])), [0.995]])
    reference, flat = np.diff(np.arcsin(edges)), np.diff(edges)
    mass = 0.5 * reference / reference.sum() + 0.5 * flat / flat.sum()
    rows = [
        (phi, share, np.log(m if phi == 0 else m / len(SHARE)))
        for phi, m in zip(PHI, mass, strict=True)
        for share in (SHARE if phi else (1.0,))
    ]
    phi, share, prior = (np.array(column) for column in zip(*rows, strict=True))
    return phi, share, prior


def _local_variance(known: Floats) -> float:
    """Half the mean square of the differences, what a single jump hardly moves: σ²(1 − share·φ) and the counting."""
    return float(np.var(np.diff(known)) / 2) if len(known) > 2 else 1.0

"""How often something bad is seen per announced address, network by network, with honest intervals.

In: for every network (or prefix) *announced*, zeros included, the number ``y`` of distinct bad addresses seen
in it and the number ``E`` of addresses it announces. Out: a posterior of its rate θ, the bad addresses per
announced address, and how likely it is that θ lies among the worst 1 % of all networks announced.

Model: ``y ~ Poisson(E·θ)``, θ drawn from one unknown density g. A single Gamma for g has a tail too thin for
lognormal rates, and its intervals miss the truth just where one looks, at the top. So g is a mixture of Gammas on a
fixed log-grid of means (any density on the log scale, up to the width of one Gamma), which keeps the posterior
conjugate: a mixture of Gammas again. How g is fitted stands in ``density.py``; it comes as a number of draws, since
sparse data do not pin it down, and posteriors are averaged over them.

Speed: networks with equal y and nearly equal E (``FIT_WIDTH``) are fitted as one row with a weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln

from depeer.measures import density

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORST = 0.01
"""The share of all networks announced that counts as the worst."""
STEP, COMPONENTS = 0.35, 64
"""Step of the grid of means on the natural log scale, widened where more components than that were needed. Each
Gamma has shape 1/step², so that the sd of its log is about one step and neighbours melt into one another."""
REACH = 9.0
"""The grid runs at least this many e-folds either side of the pooled rate (lognormal σ = 2: 4 σ and more)."""
FIT_WIDTH = 0.04
"""Relative width of the bins of E within which networks of equal y are fitted together."""
ZERO_WIDTH = 0.005
"""The same for the posterior of networks with nothing seen; with something seen E is exact."""
NEGLIGIBLE = 1e-7
"""Mixture components below this posterior weight are left out."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The fitted density of rates: ``weights`` (draws, components) over Gammas of mean ``means`` (components,)
    and shape ``shape``."""

    means: Floats
    weights: Floats
    shape: float
    pooled: float
    """Bad addresses per announced address over everything announced."""
    dispersion: float = 1.0
    """Variance over mean of the count of a network of known rate: 1 where bad addresses come one by one."""

    def share_above(self, rate: float) -> float:
        """Share of networks with a rate above ``rate``, by the prior alone."""
        tail = gammaincc(self.shape, self.shape * rate / self.means)
        return float(self.weights.mean(axis=0) @ tail)


@dataclass(frozen=True, slots=True)
class Mixtures:
    """One Gamma mixture a row, as flat triples: ``row`` (sorted), ``weight``, ``shape`` and ``inverse`` scale."""

    rows: int
    row: Ints
    weight: Floats
    shape: Floats
    inverse: Floats

    def mean(self) -> Floats:
        return self._sum(self.weight * self.shape / self.inverse)

    def below(self, rates: Floats) -> Floats:
        """P(θ ≤ rate) of each row; ``rates`` has one value a row."""
        return self._sum(self.weight * gammainc(self.shape, self.inverse * rates[self.row]))

    def above(self, rate: float) -> Floats:
        """P(θ > rate) of each row."""
        return self._sum(self.weight * gammaincc(self.shape, self.inverse * rate))

    def quantile(self, level: float) -> Floats:
        """The rate below which a share ``level`` of each row lies: Newton on the log scale, kept in a bracket."""
        low, high = self._bracket(level)
        x = 0.5 * (low + high)
        active, part = np.arange(self.rows), self
        for _ in range(80):
            miss, slope = part._miss(x[active], level)
            low[active] = np.where(miss < 0, x[active], low[active])
            high[active] = np.where(miss < 0, high[active], x[active])
            x[active], settled = _newton(x[active], miss, slope, low[active], high[active])
            if settled.all():
                break
            if settled.any():
                part, active = part.pick(np.flatnonzero(~settled)), active[~settled]
        return np.exp(x)

    def pick(self, rows: Ints) -> Mixtures:
        """The mixtures of some rows, in that order; ``rows`` are distinct."""
        place = np.full(self.rows, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        keep = np.flatnonzero(place[self.row] >= 0)
        keep = keep[np.argsort(place[self.row[keep]], kind="stable")]
        return Mixtures(
            len(rows), place[self.row[keep]], self.weight[keep], self.shape[keep], self.inverse[keep]
        )

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.row, values, self.rows).astype(np.float64, copy=False)

    def _miss(self, x: Floats, level: float) -> tuple[Floats, Floats]:
        """How far P(log θ ≤ x) is from ``level``, and its slope in x."""
        t = self.inverse * np.exp(x)[self.row]
        density = np.exp(self.shape * np.log(t) - t - gammaln(self.shape))
        return self._sum(self.weight * gammainc(self.shape, t)) - level, self._sum(self.weight * density)

    def _bracket(self, level: float) -> tuple[Floats, Floats]:
        """Logs of two rates that hold the quantile of each row: those of its outermost components."""
        tail = np.sqrt(2 * np.log(1 / min(level, 1 - level))) + 3
        centre = np.log(self.shape / self.inverse)
        spread = tail * (1 / np.sqrt(self.shape) + tail / self.shape)
        low, high = np.full(self.rows, np.inf), np.full(self.rows, -np.inf)
        np.minimum.at(low, self.row, centre - spread)
        np.maximum.at(high, self.row, centre + spread)
        return low, high


def fit_prior(hits: Ints, announced: Floats, dispersion: float = 1.0) -> Prior:
    """The density of rates over all networks announced.

    ``hits`` and ``announced``: one entry a network, zeros in ``hits`` included; every ``announced`` above 0.
    ``dispersion``: see :class:`Prior`. Deterministic. Raises ValueError for no network, a size that is not above 0,
    negative hits, or a dispersion below 1.
    """
    _check(hits, announced)
    if not 1 <= dispersion < np.inf:
        raise ValueError(f"counts vary by at least as much as their mean, not by {dispersion} times it")
    rows = _fold(hits, announced, FIT_WIDTH, FIT_WIDTH)
    pooled = max(float(hits.sum()), 0.5) / float(announced.sum())
    means, step = _grid(rows.hits, rows.announced, pooled)
    likelihood = _likelihood(rows.hits / dispersion, rows.announced / dispersion, means, 1 / step**2)
    weights = density.fit(likelihood, rows.count, np.log(means / pooled), step)
    return Prior(means, weights, 1 / step**2, pooled, dispersion)


def posterior(prior: Prior, hits: Ints, announced: Floats) -> Mixtures:
    """The rate of each network given what was seen in it, averaged over the draws of the prior."""
    seen, looked = hits / prior.dispersion, announced / prior.dispersion
    likelihood = _likelihood(seen, looked, prior.means, prior.shape)
    share = 1.0 / (likelihood @ prior.weights.T)
    weights = likelihood * (share @ prior.weights) / len(prior.weights)
    row, k = np.nonzero(weights > NEGLIGIBLE)
    kept: Floats = weights[row, k]
    kept /= np.bincount(row, kept, len(hits))[row]
    inverse = prior.shape / prior.means[k] + looked[row]
    return Mixtures(len(hits), row, kept, prior.shape + seen[row], inverse)


def worst_threshold(prior: Prior, hits: Ints, announced: Floats, share: float = WORST) -> float:
    """The rate c for which P(θ > c), averaged over all networks given what was seen, is ``share``."""
    rows = _fold(hits, announced, FIT_WIDTH, FIT_WIDTH)
    mixtures = posterior(prior, rows.hits, rows.announced)
    weight = rows.count / rows.count.sum()
    low, high = np.log(prior.means[0]) - 5.0, np.log(prior.means[-1]) + 5.0
    while high - low > 1e-6:
        middle = 0.5 * (low + high)
        above = weight @ mixtures.above(float(np.exp(middle)))
        low, high = (middle, high) if above > share else (low, middle)
    return float(np.exp(0.5 * (low + high)))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Networks folded together: ``count`` networks with ``hits`` each and about ``announced`` addresses."""

    hits: Ints
    announced: Floats
    count: Floats
    of: Ints
    """For each network the row it went into."""


def _fold(hits: Ints, announced: Floats, width: float, zero_width: float) -> _Rows:
    """Fold networks of equal hits whose sizes lie in one bin of relative ``width`` (0: equal sizes only)."""
    logs = np.log(announced)
    bins = np.empty(len(hits), dtype=np.int64)
    zero = hits == 0
    bins[zero] = np.round(logs[zero] / zero_width)
    bins[~zero] = np.round(logs[~zero] / width) if width else np.unique(logs[~zero], return_inverse=True)[1]
    bins -= bins.min()
    key = hits * (int(bins.max()) + 1) + bins
    _, first, of, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    sizes = np.exp(np.bincount(of, logs) / count)
    return _Rows(hits[first], sizes, count.astype(float), of)


def _check(hits: Ints, announced: Floats) -> None:
    if not len(hits) or len(hits) != len(announced):
        raise ValueError(f"{len(hits)} counts for {len(announced)} networks announced: one each is needed")
    if hits.min() < 0 or not announced.min() > 0 or not np.isfinite(announced).all():
        raise ValueError("counts must not be negative, and sizes must be above 0 and finite")


def _grid(hits: Ints, announced: Floats, pooled: float) -> tuple[Floats, float]:
    """Means of the components, wide enough for what was seen and for tails that were not, and their step."""
    seen = ((hits + 4 * np.sqrt(hits) + 4) / announced)[hits > 0].max(initial=0.0)
    ceiling = max(1.0, float((hits / announced).max()))
    high = min(max(pooled * np.exp(REACH), seen), ceiling)
    low = min(pooled * np.exp(-REACH), high / np.e)
    span = float(np.log(high / low))
    size = min(int(np.ceil(span / STEP)) + 1, COMPONENTS)
    return np.asarray(np.exp(np.linspace(np.log(low), np.log(high), size))), span / (size - 1)


def _likelihood(hits: Floats, announced: Floats, means: Floats, shape: float) -> Floats:
    """(rows, components): the negative-binomial likelihood of each count under each Gamma, best scaled to 1."""
    inverse = shape / means
    log = shape * np.log(inverse) - (shape + hits[:, None]) * np.log(inverse + announced[:, None])
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True)))


def _newton(
    x: Floats, miss: Floats, slope: Floats, low: Floats, high: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """The next x, by Newton where that stays inside the bracket, else its middle; and where it has settled."""
    step = x - miss / np.maximum(slope, 1e-12)
    step = np.where((step > low) & (step < high), step, 0.5 * (low + high))
    return step, np.abs(step - x) < 1e-7

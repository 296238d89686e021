"""How often something bad is seen per announced address, network by network, with honest intervals.

In: for every network (or prefix) *announced*, zeros included, the number ``y`` of distinct bad addresses seen
in it and the number ``E`` of addresses it announces. Out: a posterior of its rate θ, the bad addresses per
announced address, and how likely it is that θ lies among the worst 1 % of all networks announced.

Model: ``y ~ Poisson(E·θ)``, θ drawn from one unknown density g. A single Gamma for g has a tail too thin for
lognormal rates, and its intervals miss the truth just where one looks, at the top. So g is a mixture of Gammas
on a fixed log-grid of means (any density on the log scale, up to the width of one Gamma), which keeps the posterior
conjugate: a mixture of Gammas again. Its log-weights are fitted by penalised maximum likelihood (g-modelling:
Efron, Biometrika 103, 2016; without penalty the Kiefer–Wolfowitz NPMLE: Koenker & Mizera, JASA 109, 2014). The
penalty is on third differences, so that where data say little g approaches a lognormal; how strong it is the
marginal likelihood decides (Laplace; Wood, JRSS B 73, 2011). The uncertainty of g itself is carried along:
posteriors are averaged over draws of g, importance-weighted to the true likelihood.

Speed: networks with equal y and nearly equal E (``FIT_WIDTH``) are fitted as one row with a weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaln, logsumexp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORST = 0.01
"""The share of all networks announced that counts as the worst."""
SHAPE = 8.0
"""Shape of each Gamma in the mixture: its log has sd 0.36, just over one step of the grid."""
STEP = 0.35
"""Step of the grid of means, on the natural log scale."""
REACH = 9.0
"""The grid runs at least this many e-folds either side of the pooled rate (lognormal σ = 2: 4 σ and more)."""
FIT_WIDTH = 0.04
"""Relative width of the bins of E within which networks of equal y are fitted together."""
ZERO_WIDTH = 0.005
"""The same for the posterior of networks with nothing seen; with something seen E is exact."""
PENALTIES = tuple(float(v) for v in np.exp(np.arange(8.0, -7.0, -2.0)))
"""Strengths of the roughness penalty that are tried and averaged by their marginal likelihood."""
REFERENCE_SD, REFERENCE_PULL = 3.0, 1e-3
"""A very wide lognormal that log-weights are pulled to, weakly, so that the fit exists with no hit at all."""
PROPOSALS, DRAWS = 400, 32
"""Draws of g that are proposed, and kept after importance resampling."""
HOPELESS = 8.0
"""Log evidence below the best at which weaker penalties are no longer tried."""
NEGLIGIBLE = 1e-7
"""Mixture components below this posterior weight are left out."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The fitted density of rates: ``weights`` (draws, components) over Gammas of mean ``means`` (components,)."""

    means: Floats
    weights: Floats
    pooled: float
    """Bad addresses per announced address over everything announced."""

    def share_above(self, rate: float) -> float:
        """Share of networks with a rate above ``rate``, by the prior alone."""
        tail = gammaincc(SHAPE, SHAPE * rate / self.means)
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
            if not len(active):
                break
            miss, slope = part._miss(x[active], level)
            low[active] = np.where(miss < 0, x[active], low[active])
            high[active] = np.where(miss < 0, high[active], x[active])
            x[active], done = _newton(x[active], miss, slope, low[active], high[active])
            if done.mean() > 0.25:
                part, active = part.pick(np.flatnonzero(~done)), active[~done]
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


def fit_prior(hits: Ints, announced: Floats) -> Prior:
    """The density of rates over all networks announced.

    ``hits`` and ``announced``: one entry a network, zeros in ``hits`` included; every ``announced`` above 0.
    Deterministic. Raises ValueError for no network, a size that is not above 0, or negative hits.
    """
    _check(hits, announced)
    rows = _fold(hits, announced, FIT_WIDTH, FIT_WIDTH)
    pooled = max(float(hits.sum()), 0.5) / float(announced.sum())
    means = _grid(rows.hits, rows.announced, pooled)
    problem = _Problem.of(rows, means, pooled)
    return Prior(means, _draw(problem, _climb(problem)), pooled)


def posterior(prior: Prior, hits: Ints, announced: Floats) -> Mixtures:
    """The rate of each network given what was seen in it, averaged over the draws of the prior."""
    likelihood = _likelihood(hits.astype(float), announced, prior.means)
    share = 1.0 / (likelihood @ prior.weights.T)
    weights = likelihood * (share @ prior.weights) / len(prior.weights)
    row, k = np.nonzero(weights > NEGLIGIBLE)
    kept: Floats = weights[row, k]
    kept /= np.bincount(row, kept, len(hits))[row]
    inverse = SHAPE / prior.means[k] + announced[row]
    return Mixtures(len(hits), row, kept, SHAPE + hits[row].astype(float), inverse)


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


def _grid(hits: Ints, announced: Floats, pooled: float) -> Floats:
    """Means of the components: wide enough for what was seen and for tails that were not."""
    seen = ((hits + 4 * np.sqrt(hits) + 4) / announced)[hits > 0].max(initial=0.0)
    ceiling = max(1.0, float((hits / announced).max()))
    high = min(max(pooled * np.exp(REACH), seen), ceiling)
    low = min(pooled * np.exp(-REACH), high / np.e)
    return np.asarray(np.exp(np.arange(np.log(low), np.log(high) + STEP, STEP)))


def _likelihood(hits: Floats, announced: Floats, means: Floats) -> Floats:
    """(rows, components): the negative-binomial likelihood of each count under each Gamma, best scaled to 1."""
    inverse = SHAPE / means
    size = announced[:, None]
    log = SHAPE * np.log(inverse) - (SHAPE + hits[:, None]) * np.log(inverse + size)
    return np.asarray(np.exp(log - log.max(axis=1, keepdims=True)))


@dataclass(frozen=True, slots=True)
class _Problem:
    """What the penalised likelihood of the log-weights is made of."""

    likelihood: Floats
    count: Floats
    reference: Floats
    rough: Floats

    @classmethod
    def of(cls, rows: _Rows, means: Floats, pooled: float) -> _Problem:
        k = len(means)
        differences = np.diff(np.eye(k), 3, axis=0) / STEP**2.5
        reference = -0.5 * ((np.log(means / pooled) + 1) / REFERENCE_SD) ** 2
        likelihood = _likelihood(rows.hits.astype(float), rows.announced, means)
        return cls(likelihood, rows.count, reference, differences.T @ differences)

    def penalty(self, strength: float) -> Floats:
        return strength * self.rough + REFERENCE_PULL * np.eye(len(self.reference))

    def value(self, eta: Floats, penalty: Floats) -> Floats:
        """Penalised log-likelihood of each column of ``eta`` (components, columns)."""
        weights = np.exp(eta - logsumexp(eta, axis=0))
        gap = eta - self.reference[:, None]
        fit = self.count @ np.log(np.maximum(self.likelihood @ weights, 1e-300))
        return np.asarray(fit - 0.5 * (gap * (penalty @ gap)).sum(axis=0))

    def slope(self, eta: Floats, penalty: Floats) -> tuple[Floats, Floats]:
        """Gradient, and the outer product of scores plus penalty, which stands in for the curvature."""
        weights = np.exp(eta - logsumexp(eta))
        share = self.likelihood * weights
        score = share / share.sum(axis=1, keepdims=True) - weights
        gradient = self.count @ score - penalty @ (eta - self.reference)
        return gradient, (score * self.count[:, None]).T @ score + penalty


@dataclass(frozen=True, slots=True)
class _Mode:
    """The best log-weights under one strength of penalty, and how well that strength does."""

    eta: Floats
    curvature: Floats
    penalty: Floats
    evidence: float


def _climb(problem: _Problem) -> list[_Mode]:
    """The mode under each strength of penalty, the smoothest first, each started from the one before.

    Ends where the evidence has fallen so far that weaker penalties would get no draws.
    """
    modes: list[_Mode] = []
    eta = problem.reference
    for strength in PENALTIES:
        penalty = problem.penalty(strength)
        eta, value = _ascend(problem, eta, penalty)
        curvature = problem.slope(eta, penalty)[1]
        evidence = value + 0.5 * (np.linalg.slogdet(penalty)[1] - np.linalg.slogdet(curvature)[1])
        modes.append(_Mode(eta, curvature, penalty, float(evidence)))
        if modes[-1].evidence < max(mode.evidence for mode in modes) - HOPELESS:
            break
    return modes


def _ascend(problem: _Problem, eta: Floats, penalty: Floats) -> tuple[Floats, float]:
    """Damped Newton (Levenberg–Marquardt) to the top of the penalised likelihood."""
    value, damping = float(problem.value(eta[:, None], penalty)[0]), 1e-3
    for _ in range(60):
        gradient, curvature = problem.slope(eta, penalty)
        gain, scale = -1.0, np.diag(np.diag(curvature))
        while gain < 0 and damping < 1e9:
            step = np.linalg.solve(curvature + damping * scale, gradient)
            gain = float(problem.value((eta + step)[:, None], penalty)[0]) - value
            damping *= 8 if gain < 0 else 1 / 6
        if gain < 0:
            break
        eta, value = eta + step, value + gain
        if gain < 1e-3:
            break
    return eta, value


def _draw(problem: _Problem, modes: list[_Mode]) -> Floats:
    """(DRAWS, components): weights of g drawn from its own posterior.

    Proposed from the normal approximation at each mode, in proportion to that mode's evidence, then weighted
    by the true penalised likelihood over the proposal's density; weights are truncated at √n times their
    mean (Ionides, JCGS 17, 2008) and resampled systematically. The seed is fixed: the same data give the same answer.
    """
    evidence = np.array([mode.evidence for mode in modes])
    shares = np.exp(evidence - logsumexp(evidence))
    random = np.random.default_rng(20081111)
    proposed, logs = [], []
    for mode, share in zip(modes, shares, strict=True):
        size = round(PROPOSALS * share)
        if size:
            eta, log = _propose(problem, mode, size, random)
            proposed.append(eta)
            logs.append(log)
    eta, log = np.concatenate(proposed, axis=1), np.concatenate(logs)
    return np.asarray(np.exp(eta - logsumexp(eta, axis=0)).T[_resample(log)])


def _propose(problem: _Problem, mode: _Mode, size: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """``size`` draws about a mode, and the log of true over proposed density (up to one constant for all modes)."""
    z = random.standard_normal((len(mode.eta), size))
    z[:, size // 2 :] = -z[:, : size - size // 2]
    factor = np.linalg.cholesky(mode.curvature)
    eta = mode.eta[:, None] + np.linalg.solve(factor.T, z)
    value = problem.value(eta, mode.penalty) + 0.5 * (z**2).sum(axis=0)
    normal = 0.5 * (np.linalg.slogdet(mode.penalty)[1] - np.linalg.slogdet(mode.curvature)[1])
    return eta, value + normal - mode.evidence


def _resample(log: Floats) -> Ints:
    weight = np.exp(log - logsumexp(log))
    weight = np.minimum(weight, 1 / np.sqrt(len(weight)))
    edges = np.cumsum(weight / weight.sum())
    places = np.searchsorted(edges, (np.arange(DRAWS) + 0.5) / DRAWS)
    return np.minimum(places, len(weight) - 1)


def _newton(
    x: Floats, miss: Floats, slope: Floats, low: Floats, high: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """The next x, by Newton where that stays inside the bracket, else its middle; and where it has settled."""
    step = x - miss / np.maximum(slope, 1e-12)
    step = np.where((step > low) & (step < high), step, 0.5 * (low + high))
    return step, np.abs(step - x) < 1e-7

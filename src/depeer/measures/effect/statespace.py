"""What would have come without the event: level, seasons and autocorrelated noise on the log scale.

The default counterfactual. Log counts are a level and seasons (``design``), an AR(1) and independent noise
beside the chance of counting (``linear``). Level, seasons and the size of the noise are integrated out
exactly (``kalman``); the two numbers that cannot be (how long noise lasts, and how much of it lasts) are
summed over a grid by their posterior weight. So the draws of the counterfactual carry the uncertainty of
every parameter: that is what makes the intervals hold with 84 days and φ up to 0.8, where a fitted φ is too
low and its interval too narrow. φ up to 0.99 stands for a wandering level. Nor is the level always still when
the event comes: with some chance it is on its way (``ON``), and goes on for as long again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design, kalman, linear, robust, windows
from depeer.measures.effect.series import Series

Floats = NDArray[np.float64]

PHI = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.78, 0.85, 0.91, 0.95, 0.98, 0.99])
SHARE = np.array([1.0, 0.8, 0.55, 0.3])
"""Share of the variance that lasts; the rest is independent from cell to cell."""
REACH = {3600: 1344, 86400: 400, 604800: 208}
"""Cells before the event that are fitted at most, by the seconds of a step: what is older says little."""
DRAWS = 2000
OUTLIER, MOST_OUTLIERS = 4.0, 0.03
"""Innovations of so many standard deviations are set aside from the fit, but not from the forecast."""
FAR, MOST_FAR = 7.0, 0.08
"""Standard deviations of most cells off the running median, and the share of cells that may stand so far off."""
LEAST_SIGMA = 0.02
ROUNDS = 15
LEAST_SHARED = 14
STEADY = 100
ON = {3600: 96, 86400: 4, 604800: 2}
"""Cells over which a move of the level that is under way comes about, and over which it goes on (1 − 1/e of it)."""
MOVE, MOST_MOVE = 2.0, 0.7
"""Standard deviation of what is still to come of such a move: in units of the noise; on the log scale at most."""
STILL = 1e-3
"""The same for a level that stands still: nothing."""
SETTLED, LEAST_MOVING = 14.0, 0.03
"""Days for which a level must be known to be as likely still as on the move, and the least chance that it moves. On
real series, which do move, intervals with neither held far too seldom (docs/effect.md)."""
PRIOR_SHARED = 0.1
"""Variance of the correlation of sensors before anything is seen: where little would be seen of it, little is
made."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The series before the event under each model (M = 2 G: those of the noise grid with a level that stands still,
    then with one that moves), and how likely each is."""

    filtered: kalman.Filtered
    prior: Floats
    """(M,) chance before anything is seen."""
    weight: Floats
    """(M,) posterior weight."""
    outliers: Floats
    """Innovations set aside, in units of the log scale."""
    used: int
    """Known cells fitted."""
    chance: float
    """Middle variance of counting, on the log scale."""

    @property
    def still(self) -> int:
        """The likeliest model of those with a level that stands still."""
        return int(np.argmax(self.weight[: len(self.weight) // 2]))

    @property
    def phi(self) -> float:
        """Posterior mean of the autocorrelation from one cell to the next of what lasts."""
        return float(self.weight @ self.filtered.phi)

    @property
    def sigma(self) -> float:
        """Posterior mean of the standard deviation of the log noise, chance of counting aside."""
        scale = np.sqrt(self.filtered.rss / self.filtered.df)
        return float(self.weight @ scale)

    @property
    def passing(self) -> float:
        """Posterior mean of the variance of the log noise of one cell that is gone with the next."""
        f = self.filtered
        return float(self.weight @ ((1 - f.share) * f.rss / f.df))

    @property
    def lasting(self) -> float:
        """The share of the variance of an innovation that noise which lasts would have, were it common to all
        series: of unit variance it is (1 − φ²)/(1 − φ²(1 − k)²) behind a filter of gain k, under the
        likeliest model."""
        f, best = self.filtered, int(np.argmax(self.weight))
        phi, share = float(f.phi[best]), float(f.share[best])
        chance = self.chance * float(f.df / f.rss[best])
        p = share
        for _ in range(STEADY):
            gain = p / (p + 1 - share + chance)
            p = phi**2 * p * (1 - gain) + share * (1 - phi**2)
        behind = (1 - phi**2) / (1 - (phi * (1 - gain)) ** 2)
        return share * behind / (p + 1 - share + chance)


def fit(series: Series, event: int, extra: Floats | None = None) -> Fit:
    """Fit the cells before ``event`` (at most ``REACH``). ``extra`` (cells, k): further columns of the whole
    series, such as steps of a known change. The caller has seen to it that there are enough known cells."""
    first = max(0, event - REACH[series.step.value])
    counts = series.counts[first:event]
    x = _columns(series, first, event, first, event, extra)
    z, variance = linear.respond(counts, x)
    far = _far(z)
    sizes = far[~np.isnan(far)]
    z[~np.isnan(far)] = np.nan
    phi, share, _ = noise_grid()
    prior = _prior(series, first, event)
    size = _sigma(z, variance, x[:, :-1])
    precision = np.zeros((2, x.shape[1]))
    precision[:, -1] = STILL**-2, min(MOVE, MOST_MOVE / size) ** -2
    found = kalman.run(z, x, variance / size**2, phi, share, precision)
    aside = _outliers(found, prior)
    if len(aside):
        best = int(np.argmax(found.loglik + np.log(prior)))
        more = found.innovation[best, aside]
        z[aside] = np.nan
        found = kalman.run(z, x, variance / size**2, phi, share, precision)
        sizes = np.concatenate([sizes, more * float(np.sqrt(found.rss[best] / found.df))])
    weight = prior * np.exp(found.loglik - found.loglik.max())
    used = int((~np.isnan(counts)).sum())
    return Fit(found, prior, weight / weight.sum(), sizes, used, float(np.nanmedian(variance)))


def pooled(fits: list[Fit]) -> list[Fit]:
    """The same fits, each leaning on the others for what its own series tells poorly: the prior over the noise
    grid is itself learned from all of them (empirical Bayes by EM, one series' worth of the first prior kept).
    Whether a level moves is its own affair."""
    if len(fits) < 2:
        return fits
    likelihood = np.array([np.exp(f.filtered.loglik - f.filtered.loglik.max()) for f in fits])
    prior = np.array([f.prior for f in fits]).reshape(len(fits), 2, -1)
    chance, base = prior.sum(axis=2, keepdims=True), prior[0].sum(axis=0)
    noise = base
    for _ in range(ROUNDS):
        weight = likelihood * (chance * noise).reshape(likelihood.shape)
        weight /= weight.sum(axis=1, keepdims=True)
        noise = (base + weight.reshape(prior.shape).sum(axis=(0, 1))) / (1 + len(fits))
    return [replace(f, weight=w) for f, w in zip(fits, weight, strict=True)]


def shared(fits: list[Fit]) -> tuple[float, float]:
    """Correlation of the lasting noise of the series, at least 0, and the number of cells it rests on: what
    they have in common does not average out. It shows in their innovations as far as those are lasting noise,
    and is scaled up by that (least squares over all pairs). The series end at the same time; they may begin
    at different ones."""
    rows = [f.filtered.innovation[int(np.argmax(f.weight))] for f in fits]
    length = min((len(r) for r in rows), default=0)
    if len(rows) < 2 or length < LEAST_SHARED:
        return 0.0, np.inf
    parts = [f.lasting for f in fits]
    pairs = [(i, j) for i in range(len(rows)) for j in range(i)]
    seen = np.array([_correlation(rows[i][-length:], rows[j][-length:]) for i, j in pairs])
    part = np.array([np.sqrt(parts[i] * parts[j]) for i, j in pairs])
    found = float(seen @ part / (part @ part + 1 / (length * PRIOR_SHARED)))
    return float(np.clip(found, 0.0, 0.95)), float(length)


def forecast(
    series: Series,
    fitted: Fit,
    event: int,
    horizon: int,
    seed: int = 0,
    draws: int = DRAWS,
    extra: Floats | None = None,
) -> Floats:
    """(draws, horizon): log of the rate that would have been counted in each cell from ``event`` on."""
    rng = np.random.default_rng(seed)
    first = max(0, event - REACH[series.step.value])
    x = _columns(series, first, event, event, event + horizon, extra)
    f = fitted.filtered
    g = _stratified(fitted.weight, draws, rng)
    sigma = np.sqrt(f.rss[g] / rng.chisquare(f.df, draws))
    beta = f.beta[g] + sigma[:, None] * np.einsum("dij,dj->di", f.root[g], _normal(rng, draws, x.shape[1]))
    state = f.state[g, 0] - np.einsum("dp,dp->d", f.state[g, 1:], beta)
    state = state + sigma * np.sqrt(f.state_var[g]) * _normal(rng, draws, 1)[:, 0]
    noise = _noise(f.phi[g], f.share[g], state / sigma, horizon, rng)
    path = beta @ x.T + sigma[:, None] * noise
    path = np.clip(path + _rare(fitted, path.shape, rng), -windows.MOST_LOG, windows.MOST_LOG)
    return np.asarray(path)


def _correlation(a: Floats, b: Floats) -> float:
    """Of the cells known in both; outliers drawn in to three standard deviations."""
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < LEAST_SHARED:
        return 0.0
    a, b = (np.clip(r[both] / max(float(r[both].std()), 1e-12), -3, 3) for r in (a, b))
    return float((a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()))


def _columns(series: Series, first: int, event: int, start: int, end: int, extra: Floats | None) -> Floats:
    """The design, the columns given, and last a level that is on its way when the event comes: exponentially up to
    it and on from it, half of it behind and half to come."""
    x = design.columns(series, series.known(first, event), start, end)
    cells = np.arange(start, end)
    away = (cells - event + 0.5) / ON[series.step.value]
    move = np.sign(away) * -np.expm1(-np.abs(away))
    more = np.empty((len(cells), 0)) if extra is None else extra[np.minimum(cells, len(extra) - 1)]
    return np.column_stack([x, more, move])


def noise_grid() -> tuple[Floats, Floats, Floats]:
    """Pairs of φ and share, and their log prior: flat over shares; over φ half flat, half (1 − φ²)^−½, the
    reference prior of a stationary AR(1) (Berger & Yang 1994)."""
    edges = np.concatenate([[0.0], 0.5 * (PHI[1:] + PHI[:-1]), [0.995]])
    reference, flat = np.diff(np.arcsin(edges)), np.diff(edges)
    mass = 0.5 * reference / reference.sum() + 0.5 * flat / flat.sum()
    phi, share = (a.ravel() for a in np.meshgrid(PHI, SHARE, indexing="ij"))
    return phi, share, np.log(np.repeat(mass, len(SHARE)) / len(SHARE))


def _prior(series: Series, first: int, event: int) -> Floats:
    """(M,): the longer a level is known, the less likely that it moves just now."""
    log = noise_grid()[2]
    noise = np.exp(log) / np.exp(log).sum()
    days = series.known(first, event) * series.step.days
    moving = max(1 / (1 + (days / SETTLED) ** 1.5), LEAST_MOVING)
    return np.concatenate([(1 - moving) * noise, moving * noise])


def _sigma(z: Floats, variance: Floats, x: Floats) -> float:
    """A rough size of the log noise without the chance of counting, against which that is weighed."""
    known = ~np.isnan(z)
    beta = np.linalg.lstsq(x[known], z[known], rcond=None)[0]
    spread = float(np.var(z[known] - x[known] @ beta)) * known.sum() / max(known.sum() - x.shape[1], 1)
    return float(np.sqrt(max(spread - float(np.median(variance[known])), LEAST_SIGMA**2)))


def _far(z: Floats) -> Floats:
    """How far cells stand off that cannot be of the same noise as most are; NaN for the others. Before anything is
    fitted: a few days of hardly anything would pass for a large and lasting noise."""
    off, scale = robust.off_middle(z)
    size = np.abs(np.where(np.isnan(off), 0.0, off)) / scale
    most = int(MOST_FAR * (~np.isnan(z)).sum())
    order = np.argsort(-size, kind="stable")[:most]
    found = np.full(len(z), np.nan)
    found[order] = np.where(size[order] > FAR, off[order], np.nan)
    return found


def _outliers(found: kalman.Filtered, prior: Floats) -> NDArray[np.int64]:
    best = int(np.argmax(found.loglik + np.log(prior)))
    size = np.abs(found.innovation[best]) / np.sqrt(found.rss[best] / found.df)
    size[np.isnan(size)] = 0.0
    most = int(MOST_OUTLIERS * found.df)
    order = np.argsort(-size, kind="stable")[:most]
    return np.sort(order[size[order] > OUTLIER])


def _stratified(weight: Floats, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices by weight, as even as can be, in random order."""
    edges = np.cumsum(weight)
    at = (np.arange(draws) + rng.random()) / draws
    picked = np.minimum(np.searchsorted(edges, at), len(weight) - 1)
    return rng.permutation(picked)


def _normal(rng: np.random.Generator, draws: int, width: int) -> Floats:
    """(draws, width) normal draws, each with its mirror image, which steadies means and quantiles."""
    half = rng.standard_normal(((draws + 1) // 2, width))
    return np.concatenate([half, -half])[:draws]


def _noise(phi: Floats, share: Floats, state: Floats, horizon: int, rng: np.random.Generator) -> Floats:
    """(draws, horizon): the AR(1) from ``state`` on, plus independent noise, in units of σ."""
    fresh = rng.standard_normal((horizon, len(phi))) * np.sqrt(share * (1 - phi**2))
    white = rng.standard_normal((horizon, len(phi))) * np.sqrt(1 - share)
    path = np.empty((horizon, len(phi)))
    for t in range(horizon):
        path[t] = state
        state = phi * state + fresh[t]
    return np.asarray((path + white).T)


def _rare(fitted: Fit, shape: tuple[int, int], rng: np.random.Generator) -> Floats | float:
    """What was set aside may come again, as often as it came."""
    if not len(fitted.outliers):
        return 0.0
    hit = rng.random(shape) < len(fitted.outliers) / fitted.used
    return np.where(hit, rng.choice(fitted.outliers, shape), 0.0)

"""Dates at which a series of counts jumped, found without being told: nosedives and surges.

For every cell the level of the ``BEFORE`` cells ahead of it is set against that of the ``AFTER`` cells from it on,
by generalised least squares under the series' own noise (autocorrelated and not; several noise models by their
weight). The noise is learned with a level of its own for every block of cells, so that jumps do not pass for noise.
The strongest jump splits the series, each part is searched again, and so on (binary segmentation).

False alarms: a jump counts where its p is below ``rate`` alarms in ten series-years, over all slices that are
searched together (each slice has its own share of series-years), shared out over the cells as if each were a test
of its own (Bonferroni), with ``MARGIN`` for noise that is not normal. Jumps under ``LEAST`` are never reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design, kalman, linear, statespace
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate

Floats = NDArray[np.float64]

BEFORE = {Step.HOUR: 96, Step.DAY: 28, Step.WEEK: 12}
AFTER = {Step.HOUR: 96, Step.DAY: 28, Step.WEEK: 12}
BLOCK = {Step.HOUR: 168, Step.DAY: 28, Step.WEEK: 26}
LEAST_SIDE = 5
"""Known cells needed on either side of a jump."""
LEAST_COUNT = 100
"""Things counted in a piece, without which it has no dates."""
LEAST = 0.2
"""Share of the level by which it must have fallen (or the reverse) to be reported."""
MARGIN = 2.0
PIECE = 700
"""Cells searched at once; a longer series is cut into pieces that overlap."""
MODELS = 4
"""Noise models, the likeliest, under which each jump is judged."""
OWN_DF = 12.0
"""Weight, in degrees of freedom, of the whole piece's variance beside that of the window."""
SHARP = 1.5
"""Standard errors that a jump must keep, and half its size, beside a slope through its window: wandering does not."""
TEN_YEARS = 3652.5
CLIP = 4.0


@dataclass(frozen=True, slots=True)
class Change:
    """One change of level by least squares: the first ``index`` after it, and the means ``before`` and ``after``."""

    index: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A date found: the first cell after the jump, when it begins, the new level over the old one less 1 (with its
    95 % interval), its p, and ``confidence`` that the true date lies within three cells."""

    sensor: str
    cell: int
    when: datetime
    size: Estimate
    p: float
    confidence: float

    @property
    def direction(self) -> str:
        return "nosedive" if self.size.value < 0 else "surge"


@dataclass(frozen=True, slots=True, eq=False)
class _Noise:
    """Likely noise models of a piece: ``phi``, ``share``, ``weight`` and ``variance`` (models,); z with the
    seasons taken off and outliers drawn in, and the variance of counting."""

    z: Floats
    extra: Floats
    phi: Floats
    share: Floats
    weight: Floats
    variance: Floats
    sharp: float


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """For each cell: size of the jump on the log scale, its standard error, p, and log evidence."""

    size: Floats
    se: Floats
    p: Floats
    evidence: Floats


def one_change(values: Floats) -> Change:
    """The single split that leaves the least sum of squares; raises ValueError for fewer than two finite values."""
    x = np.asarray(values, float)
    if len(x) < 2 or not np.isfinite(x).all():
        raise ValueError("a change needs at least two finite values")
    n = np.arange(1, len(x))
    head = np.cumsum(x)[:-1]
    gain = head**2 / n + (x.sum() - head) ** 2 / (len(x) - n)
    at = int(np.argmax(gain)) + 1
    return Change(at, float(x[:at].mean()), float(x[at:].mean()))


def find(slices: Iterable[Series], rate: float = 1.0) -> list[Jump]:
    """The jumps of all slices, in order of time. ``rate``: false dates per ten series-years over all of them.
    A slice with too little to tell (under two windows of known cells, or nothing but zeros) has none."""
    if not 0 < rate <= 100:
        raise ValueError(f"a rate of {rate} false dates in ten series-years is not between 0 and 100")
    found = [jump for one in slices for jump in _in_series(one, rate)]
    return sorted(found, key=lambda j: (j.when, j.sensor, j.cell))


def _in_series(series: Series, rate: float) -> list[Jump]:
    alpha = rate * series.step.days / TEN_YEARS / MARGIN
    overlap = BEFORE[series.step] + AFTER[series.step]
    jumps: dict[int, Jump] = {}
    for first in range(0, max(1, len(series) - overlap), PIECE - overlap):
        last = min(first + PIECE, len(series))
        for jump in _in_piece(series, first, last, alpha):
            if all(abs(jump.cell - other) > LEAST_SIDE for other in jumps):
                jumps[jump.cell] = jump
    return list(jumps.values())


def _in_piece(series: Series, first: int, last: int, alpha: float) -> list[Jump]:
    counts = series.counts[first:last]
    known = int((~np.isnan(counts)).sum())
    if known < 2 * (BEFORE[series.step] + AFTER[series.step]) or np.nansum(counts) < LEAST_COUNT:
        return []
    x = design.columns(series, known, first, last)
    z, variance = linear.respond(counts, x)
    return [_jump(series, first + at, scan, at) for at, scan in jumps(z, variance, x, series.step, alpha)]


def jumps(
    z: Floats, variance: Floats, x: Floats, step: Step, alpha: float, sharp: float = SHARP
) -> list[tuple[int, Scan]]:
    """The jumps of any log series ``z`` (T,), NaN in gaps, with counting ``variance`` (T,) and design ``x`` (T, p,
    the level first), the strongest first: its cell, and the scan that it was found in. ``alpha``: p a cell;
    ``sharp``: as ``SHARP``, less where a series is not thought to wander."""
    noise = _noise(z, variance, x, step, sharp)
    reach = BEFORE[step], AFTER[step]
    cuts: list[int] = []
    found: list[tuple[int, Scan]] = []
    while len(cuts) < len(z) // LEAST_SIDE:
        scan = _scan(noise, reach, [0, *sorted(cuts), len(z)])
        big = np.abs(scan.size) >= -np.log1p(-LEAST)
        allowed = big & (scan.p < alpha)
        if not allowed.any():
            break
        at = _strongest(scan, allowed)
        found.append((at, scan))
        cuts.append(at)
    return found


def _strongest(scan: Scan, allowed: NDArray[np.bool_]) -> int:
    return int(np.argmax(np.where(allowed, scan.evidence, -np.inf)))


def _jump(series: Series, cell: int, scan: Scan, at: int) -> Jump:
    size, se = float(scan.size[at]), float(scan.se[at])
    near = slice(max(0, at - 14), at + 15)
    log = scan.evidence[near]
    mass = np.exp(log - log.max())
    close = np.abs(np.arange(len(mass)) - (at - near.start)) <= 3
    estimate = Estimate(
        float(np.expm1(size)),
        float(np.expm1(size - 2 * se)),
        float(np.expm1(size + 2 * se)),
        0.95,
        "GLS step",
    )
    return Jump(
        series.sensor,
        cell,
        series.time(cell),
        estimate,
        float(scan.p[at]),
        float(mass[close].sum() / mass.sum()),
    )


def _noise(z: Floats, variance: Floats, x: Floats, step: Step, sharp: float) -> _Noise:
    z = drawn_in(z)
    blocks = np.arange(len(z)) // BLOCK[step]
    levels = (blocks[:, None] == np.unique(blocks[~np.isnan(z)])).astype(float)
    columns = np.hstack([levels, x[:, 1:]])
    phi, share, prior = statespace.noise_grid()
    size2 = max(_local_variance(z) - float(np.nanmedian(variance)), statespace.LEAST_SIGMA**2)
    ridge = np.where(np.arange(columns.shape[1]) < levels.shape[1], 1e-6, 0.0)
    run = kalman.run(z, columns, variance / size2, phi, share, ridge)
    log = run.loglik + prior
    top = np.argsort(-log, kind="stable")[:MODELS]
    weight = np.exp(log[top] - log[top[0]])
    df = run.df - levels.shape[1]
    seasons = x[:, 1:] @ run.beta[top[0], levels.shape[1] :]
    return _Noise(
        z - seasons,
        variance / size2,
        phi[top],
        share[top],
        weight / weight.sum(),
        run.rss[top] / max(df, 1.0),
        sharp,
    )


def drawn_in(z: Floats) -> Floats:
    """Single cells far from the running median are drawn in to it: a spike of a day is no change of level."""
    half = 7
    padded = np.concatenate([np.full(half, np.nan), z, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    filled = np.where(np.isnan(windows).all(axis=1)[:, None], 0.0, windows)
    middle = np.nanmedian(filled, axis=1)
    off = z - middle
    scale = 1.4826 * float(np.nanmedian(np.abs(off))) + 1e-9
    return np.asarray(middle + np.clip(off, -CLIP * scale, CLIP * scale))


def _local_variance(z: Floats) -> float:
    known = z[~np.isnan(z)]
    return float(np.var(np.diff(known)) / 2) if len(known) > 2 else 1.0


def _scan(noise: _Noise, reach: tuple[int, int], cuts: list[int]) -> Scan:
    """The jump at every cell, each window ending at the nearest cuts."""
    n = len(noise.z)
    edges = np.array(cuts)
    at = np.arange(n)
    segment = np.searchsorted(edges, at, side="right") - 1
    low, high = edges[segment], edges[np.minimum(segment + 1, len(edges) - 1)]
    rows = at[:, None] + np.arange(-reach[0], reach[1])[None, :]
    inside = (rows >= low[:, None]) & (rows < high[:, None])
    rows = np.clip(rows, 0, n - 1)
    z = np.where(inside, noise.z[rows], np.nan)
    known = ~np.isnan(z)
    chosen = _worth(np.where(known, z, 0.0), known, reach[0])
    part = _judge(noise, np.where(known, z, 0.0)[chosen], known[chosen], noise.extra[rows][chosen], reach[0])
    full = Scan(np.zeros(n), np.ones(n), np.ones(n), np.full(n, -1e9))
    for whole, one in zip((full.size, full.se, full.p, full.evidence), part, strict=True):
        whole[chosen] = one
    return full


def _worth(z: Floats, known: NDArray[np.bool_], before: int) -> NDArray[np.int64]:
    """Windows with enough known cells whose plain means differ by a third of the least jump or more."""
    ahead, behind = known[:, :before].sum(axis=1), known[:, before:].sum(axis=1)
    means = (
        z[:, :before].sum(axis=1) / np.maximum(ahead, 1),
        z[:, before:].sum(axis=1) / np.maximum(behind, 1),
    )
    far = np.abs(means[1] - means[0]) >= -np.log1p(-LEAST) / 3
    return np.flatnonzero(far & (ahead >= LEAST_SIDE) & (behind >= LEAST_SIDE))


def _judge(
    noise: _Noise, z: Floats, known: NDArray[np.bool_], extra: Floats, before: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """Size, standard error, p and evidence of a jump in each window, over the noise models by weight."""
    from scipy.special import logsumexp, stdtr

    n, width = z.shape
    size, se, log_p, evidence = (np.zeros((len(noise.phi), n)) for _ in range(4))
    lag = np.abs(np.subtract.outer(np.arange(width), np.arange(width)))
    step = (np.arange(width) >= before).astype(float)
    sides = np.stack([np.ones(width), step, (np.arange(width) - before) / width], axis=1)
    free = np.maximum(known.sum(axis=1) - 2, 1)
    for m in range(len(noise.phi)):
        base = noise.share[m] * noise.phi[m] ** lag
        own = np.where(known, 1 - noise.share[m] + np.nan_to_num(extra, nan=0.0), 1e8)
        size[m], se[m], gain = _gls(base, own, z, sides, free, float(noise.variance[m]), noise.sharp)
        log_p[m] = np.log(np.maximum(2 * stdtr(free + OWN_DF, -np.abs(size[m] / se[m])), 1e-300))
        evidence[m] = gain
    weight = noise.weight[:, None]
    p = np.exp(logsumexp(log_p, axis=0, b=np.broadcast_to(weight, log_p.shape)))
    mean = (weight * size).sum(axis=0)
    spread = np.sqrt((weight * (se**2 + (size - mean) ** 2)).sum(axis=0))
    return mean, spread, p, (weight * evidence).sum(axis=0)


def _gls(
    base: Floats, own: Floats, z: Floats, sides: Floats, free: Floats, variance: float, sharp: float
) -> tuple[Floats, Floats, Floats]:
    """Size of the jump, its standard error and half the gain in −2 log likelihood, for every window at once."""
    lower = np.linalg.cholesky(base[None] + own[:, :, None] * np.eye(len(base))[None])
    both = np.concatenate([np.broadcast_to(sides, (*z.shape, 3)), z[:, :, None]], axis=2)
    both = both * (own < 1e7)[:, :, None]
    white = np.linalg.solve(lower, both)
    m = np.matmul(white.transpose(0, 2, 1), white)
    size, curve, gain = _step(m[:, :2, :2], m[:, :2, 3], m[:, 3, 3])
    rss = np.maximum(gain[1], 0.0)
    scale = (rss + OWN_DF * variance) / (free + OWN_DF)
    beside, beside_curve, _ = _step(m[:, :3, :3], m[:, :3, 3], m[:, 3, 3])
    steep = (beside * np.sign(size) > sharp * np.sqrt(scale / beside_curve)) & (
        np.abs(beside) > 0.5 * np.abs(size)
    )
    return np.where(steep, size, 0.0), np.sqrt(scale / curve), 0.5 * gain[0] / scale


def _step(xx: Floats, xz: Floats, zz: Floats) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Coefficient of the second column beside the others, the inverse of its variance, and what it explains and
    what is left, all in units of σ²; one problem a row."""
    inverse = np.linalg.inv(xx + 1e-9 * np.eye(xx.shape[1]))
    beta = np.einsum("nij,nj->ni", inverse, xz)
    curve = 1 / np.maximum(inverse[:, 1, 1], 1e-12)
    return beta[:, 1], curve, (beta[:, 1] ** 2 * curve, zz - np.einsum("ni,ni->n", beta, xz))

"""Which keys rose, in volume or in share, and by how much."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.displacement.chance import Noise
from depeer.measures.displacement.windows import Pair, against, centre, rates
from depeer.model import Estimate

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FDR = 0.1
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Gain:
    """One key's counts a day before and after, shares of all that was counted, and how sure the rise is."""

    key: Hashable
    before: float
    after: float
    gain: Estimate
    """Counts a day."""
    share_before: float
    share_after: float
    p_volume: float
    p_share: float
    basis: str
    """volume, or share: it rose only against others."""


def gainers(
    keys: tuple[Hashable, ...], pair: Pair, order: NDArray[np.int64], aim: Mask, noise: Noise
) -> tuple[Gain, ...]:
    from scipy.stats import t

    if not len(order):
        return ()
    z_share, inverse = against(pair, order, centre(pair, ~aim))
    z_volume, _ = against(pair, order, 0.0)
    spread = noise.scale**2 * (1 + noise.own / inverse)
    p_share = t.sf(z_share / np.sqrt(spread), noise.degrees)
    both = spread + noise.shared / inverse
    degrees = satterthwaite(spread, noise.degrees, noise.shared / inverse, noise.shared_degrees)
    p_volume = t.sf(z_volume / np.sqrt(both), degrees)
    volume, share = discoveries(p_volume), discoveries(p_share)
    totals = rates(pair, np.ones(len(aim), dtype=bool))
    picked = int((volume | share).sum())
    level = 1 - (1 - LEVEL) * picked / len(order)
    found = [
        _gain(keys[i], pair, int(i), (noise, level), totals, (p_volume[n], p_share[n]), bool(volume[n]))
        for n, i in enumerate(order.tolist())
        if volume[n] or share[n]
    ]
    return tuple(sorted(found, key=lambda g: (g.basis != "volume", -g.gain.value, str(g.key))))


def satterthwaite(a: Floats, a_degrees: float, b: Floats, b_degrees: float) -> Floats:
    return np.asarray((a + b) ** 2 / (a**2 / a_degrees + b**2 / b_degrees))


def discoveries(p: Floats) -> Mask:
    """Benjamini & Hochberg (1995) at ``FDR``."""
    order = np.argsort(p, kind="stable")
    line = FDR * np.arange(1, len(p) + 1) / len(p)
    below = np.flatnonzero(p[order] <= line)
    found = np.zeros(len(p), dtype=bool)
    if len(below):
        found[order[: below[-1] + 1]] = True
    return found


def _gain(
    key: Hashable,
    pair: Pair,
    i: int,
    how: tuple[Noise, float],
    totals: tuple[float, float],
    p: tuple[float, float],
    volume: bool,
) -> Gain:
    before, after = float(pair.y0[i] / pair.e0[i]), float(pair.y1[i] / pair.e1[i])
    return Gain(
        key,
        before,
        after,
        gain_of(pair.y0[i], pair.e0[i], pair.y1[i], pair.e1[i], *how),
        before / totals[0] if totals[0] else 0.0,
        after / totals[1] if totals[1] else 0.0,
        float(p[0]),
        float(p[1]),
        "volume" if volume else "share",
    )


def gain_of(y0: float, e0: float, y1: float, e1: float, noise: Noise, level: float = LEVEL) -> Estimate:
    """Counts a day after minus before: counting, own and shared variance; Student's tails."""
    from scipy.stats import t

    m0, m1 = y0 / e0, y1 / e1
    counting = (y0 + 0.5) / e0**2 + (y1 + 0.5) / e1**2
    own = noise.scale**2 * (counting + (m0**2 + m1**2) / 2 * noise.own)
    shared = (m0**2 + m1**2) / 2 * noise.shared
    degrees = satterthwaite(np.array([own]), noise.degrees, np.array([shared]), noise.shared_degrees)
    half = float(t.ppf((1 + level) / 2, degrees[0])) * float(np.sqrt(own + shared))
    value = float(m1 - m0)
    return Estimate(value, value - half, value + half, LEVEL, "placebo windows, Student, BY 2005")

"""How good an answer was, where the truth is known: clusters, intervals, probabilities, rankings.

Pure functions over sequences; each raises ValueError for lengths that do not fit together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from depeer.model import Estimate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clustering:
    """Agreement of clusters with true classes; all between 0 and 1."""

    precision: float
    recall: float
    f: float


def b_cubed(truth: Sequence[Hashable], found: Sequence[Hashable]) -> Clustering:
    """B-cubed (Bagga & Baldwin 1998): for each item, of those put with it the share that belongs with it
    (precision), and of those that belong with it the share put with it (recall); means over items. Not a number
    for no items."""
    _same(truth, found)
    if not truth:
        return Clustering(float("nan"), float("nan"), float("nan"))
    both = Counter(zip(truth, found, strict=True))
    classes, clusters = Counter(truth), Counter(found)
    precision = sum(n * n / clusters[c] for (_, c), n in both.items()) / len(truth)
    recall = sum(n * n / classes[t] for (t, _), n in both.items()) / len(truth)
    return Clustering(precision, recall, 2 * precision * recall / (precision + recall))


def coverage(truth: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95) -> Estimate:
    """The share of intervals that hold the truth, with Wilson's interval (1927) at ``level``."""
    held = (np.asarray(low) <= np.asarray(truth)) & (np.asarray(truth) <= np.asarray(high))
    return share(int(np.sum(held)), int(np.size(held)), level)


def share(hits: int, count: int, level: float = 0.95) -> Estimate:
    """``hits`` of ``count``, with Wilson's score interval; from 0 to 1 where there is nothing to count."""
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count} is no share")
    if not count:
        return Estimate(float("nan"), 0.0, 1.0, level, "Wilson")
    from scipy.special import ndtri

    z, p = float(ndtri((1 + level) / 2)), hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * float(np.sqrt(p * (1 - p) / count + z * z / (4 * count**2)))
    return Estimate(p, min(max(middle - half, 0.0), p), max(min(middle + half, 1.0), p), level, "Wilson")


def interval_score(truth: ArrayLike, low: ArrayLike, high: ArrayLike, level: float) -> Floats:
    """Gneiting & Raftery (2007, eq. 43), for each interval: its width, plus 2/(1 − level) times the distance by
    which the truth lies outside. Smaller is better; the true quantiles score best."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    x, a, b = (np.asarray(v, float) for v in (truth, low, high))
    return np.asarray((b - a) + 2 / (1 - level) * (np.maximum(a - x, 0) + np.maximum(x - b, 0)))


@dataclass(frozen=True, slots=True)
class Bin:
    """Probabilities said between ``low`` and ``high``: how many, their mean, and how often it was true."""

    low: float
    high: float
    count: int
    said: float
    happened: float

    @property
    def gap(self) -> float:
        return self.happened - self.said


def calibration(said: ArrayLike, happened: ArrayLike, bins: int = 10) -> list[Bin]:
    """Reliability in equal bins of the probability said; empty bins are left out (their means are unknown).

    Raises ValueError for probabilities outside [0, 1].
    """
    p, truth = np.asarray(said, float), np.asarray(happened, float)
    if p.shape != truth.shape:
        raise ValueError(f"{p.size} probabilities, but {truth.size} outcomes")
    if np.any((p < 0) | (p > 1)):
        raise ValueError("a probability is between 0 and 1")
    place = np.minimum((p * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    sums, hits = np.bincount(place, p, bins), np.bincount(place, truth, bins)
    return [
        Bin(i / bins, (i + 1) / bins, int(n), float(sums[i] / n), float(hits[i] / n))
        for i, n in enumerate(count)
        if n
    ]


def brier(said: ArrayLike, happened: ArrayLike) -> float:
    """Mean squared distance of probability and outcome (Brier 1950)."""
    return float(np.mean((np.asarray(said, float) - np.asarray(happened, float)) ** 2))


def precision_at(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """Of the first ``k`` (or as many as there are) the share that is relevant; not a number for an empty list."""
    if k < 1:
        raise ValueError("k is at least 1")
    first = ranked[:k]
    return sum(one in relevant for one in first) / len(first) if first else float("nan")


def rank_of(ranked: Sequence[Hashable], one: Hashable) -> int | None:
    """Its place, from 1; None where it is not in the list."""
    return next((i for i, other in enumerate(ranked, 1) if other == one), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was named against what is true. ``precision``: of those named, true ones; ``recall``: of those that
    should have been named (they may be fewer than all that are true), the ones that were."""

    named: int
    precision: Estimate
    wanted: int
    recall: Estimate


def finding(named: Collection[Hashable], true: Collection[Hashable], wanted: Collection[Hashable]) -> Finding:
    """Wilson's intervals; from 0 to 1 where there was nothing to find."""
    told, right, due = set(named), set(true), set(wanted)
    return Finding(len(told), share(len(told & right), len(told)), len(due), share(len(told & due), len(due)))


def covers(pairs: Collection[tuple[float, Estimate | None]]) -> Estimate:
    """The share of intervals that hold the truth beside them; those that were refused are left out."""
    given = [(true, found) for true, found in pairs if found is not None]
    return share(sum(found.low <= true <= found.high for true, found in given), len(given))


def _same(a: Sequence[object], b: Sequence[object]) -> None:
    if len(a) != len(b):
        raise ValueError(f"{len(a)} true labels, but {len(b)} found ones")

"""Changes of the instrument: what moves a sensor's counts while the spam stays as it was.

Three signs, each shown and none called an effect:

* **frozen**: the same count again and again, far more often than chance has it (a feed that is no longer renewed);
* **jump**: one sensor moves against the others at a date that is not the event's. Spam moves all of them; a collector
  replaced, addresses rotated, a filter or an expiry rule changed moves one. A slow or sudden return of one sensor
  after its drop at the event is not counted;
* **grain**: noise that changes its size, or counts that become round, at the event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import design, linear, robust, steps
from depeer.measures.effect.series import Series

Floats = NDArray[np.float64]

SHORTEST_RUN, RUN_P = 4, 0.001
FAMILY_P, LEAST = 2.0, 0.2
"""Bound on the chance of a false jump in one sensor over all its cells (see ``steps``), and its least size."""
NEAR = 3
"""Cells from the event within which a jump is taken for the event's."""
OWN, OWN_CHANCE = (0.25, 6.0), (0.4, 0.6)
"""How far one sensor's drop at the event lies from that of the others, in standard deviations of its noise: hardly,
or it is a drop of its own; and how likely each is."""
GRAIN_P = 0.001
GRAIN_CELLS = 21
GRAIN_COUNT, GRAIN_RATIO = 20, 4.0
"""Median count, and the least ratio of variances, for which a change of the noise is looked at: few counts, and
stocks that hardly move, say nothing of the instrument."""
ROUND, NOT_ROUND = 0.9, 0.4


@dataclass(frozen=True, slots=True)
class Sign:
    """``kind``: frozen, jump or grain; cells [first, last) that it concerns; ``size`` (log change, for a jump)."""

    sensor: str
    kind: str
    first: int
    last: int
    size: float
    p: float


def frozen(series: Series) -> list[Sign]:
    """Runs of one and the same count above 0 that chance does not explain, given how often neighbours are equal
    elsewhere in the series."""
    found = []
    for first, last in _runs(series.counts):
        rest = np.delete(series.counts, np.arange(first, last))
        near = ~np.isnan(rest[1:]) & ~np.isnan(rest[:-1])
        equal = (int((rest[1:] == rest[:-1])[near].sum()) + 1) / (int(near.sum()) + 2)
        p = min(1.0, len(series) * equal ** (last - first - 1))
        if p < RUN_P:
            found.append(Sign(series.sensor, "frozen", first, last, 0.0, p))
    return found


def _runs(counts: Floats) -> list[tuple[int, int]]:
    """[first, last) of runs of equal known counts above 0, at least ``SHORTEST_RUN`` long."""
    same = np.concatenate([[False], (counts[1:] == counts[:-1]) & (counts[1:] > 0), [False]])
    edges = np.flatnonzero(np.diff(same.astype(int)))
    runs = [(int(a), int(b) + 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in runs if b - a >= SHORTEST_RUN]


def jumps(sensors: Sequence[Series], event: int) -> list[Sign]:
    """Jumps of one sensor against the others, away from ``event``; the series lie on one grid, from the same
    cell on. With two sensors the one that jumped more by itself is named. None for fewer than two."""
    if len(sensors) < 2:
        return []
    logs = [_log(s) for s in sensors]
    signs: list[Sign] = []
    for _ in range(len(sensors)):
        ratios = [_ratio(logs, i) for i in range(len(sensors))]
        tried = [_tried(s, *r, event) for s, r in zip(sensors, ratios, strict=True)]
        priors = steps.from_others(tried, steps.prior(OWN_CHANCE))
        found = [
            (which, sign)
            for which, (one, prior) in enumerate(zip(tried, priors, strict=True))
            if one is not None
            and (sign := _strongest(sensors[which].sensor, ratios[which][0], one.scan(prior), event))
            and not (
                len(sensors) == 2 and _own(logs[which][0], sign.first) < _own(logs[1 - which][0], sign.first)
            )
        ]
        if not found:
            break
        which, sign = min(found, key=lambda f: f[1].p)
        signs.append(sign)
        logs[which][0][sign.first :] -= sign.size
    return signs


def _log(series: Series) -> tuple[Floats, Floats]:
    x = design.columns(series, series.known(0, len(series)), 0, len(series))
    if not series.known(0, len(series)) > x.shape[1]:
        return np.full(len(series), np.nan), np.full(len(series), np.nan)
    z, variance = linear.respond(series.counts, x)
    return z - float(np.nanmedian(z)), variance


def _ratio(logs: list[tuple[Floats, Floats]], which: int) -> tuple[Floats, Floats]:
    """One sensor's log counts less the middle of the others', and the variance of counting in that."""
    others = np.array([one for i, (one, _) in enumerate(logs) if i != which])
    spread = np.array([one for i, (_, one) in enumerate(logs) if i != which])
    z, variance = logs[which]
    return z - _middle(others), variance + _middle(spread) / len(others)


def _tried(series: Series, ratio: Floats, variance: Floats, event: int) -> steps.Tried | None:
    cells = np.arange(len(ratio))
    x = design.columns(series, int((~np.isnan(ratio)).sum()), 0, len(ratio))
    x = np.column_stack([x, cells >= event])
    away = cells[np.abs(cells - event) > NEAR]
    return steps.attempt(robust.drawn_in(ratio), variance, x, away, held=OWN)


def _strongest(sensor: str, ratio: Floats, scan: steps.Scan, event: int) -> Sign | None:
    bound = np.log(len(ratio) / FAMILY_P)
    likely = (scan.evidence > bound) & (np.abs(scan.size) > LEAST) & ~_back(ratio, scan, event)
    if not likely.any():
        return None
    best = int(np.argmax(np.where(likely, scan.evidence, -np.inf)))
    at, size, p = int(scan.cell[best]), float(scan.size[best]), float(np.exp(-scan.evidence[best]))
    return Sign(sensor, "jump", at, len(ratio), size, p)


def _back(ratio: Floats, scan: steps.Scan, event: int) -> NDArray[np.bool_]:
    """Steps after the event that take back what it did to this sensor alone: a return, and no instrument."""
    ahead, behind = ratio[max(0, event - 14) : event], ratio[event : event + 2 * NEAR]
    if np.isnan(ahead).all() or np.isnan(behind).all():
        return np.zeros(len(scan.cell), bool)
    fell = float(np.nanmedian(behind) - np.nanmedian(ahead))
    taken_back = (scan.size * fell < 0) & (np.abs(scan.size) < 1.5 * abs(fell))
    return (scan.cell > event) & taken_back & (abs(fell) > 1.5 * LEAST)


def _own(z: Floats, at: int) -> float:
    ahead, behind = z[max(0, at - 14) : at], z[at : at + 14]
    if np.isnan(ahead).all() or np.isnan(behind).all():
        return 0.0
    return abs(float(np.nanmedian(behind)) - float(np.nanmedian(ahead)))


def _middle(rows: Floats) -> Floats:
    """Median of each column, NaN where no row is known."""
    return robust.medians(rows.T)


def grain(series: Series, event: int) -> list[Sign]:
    """A change in the size of the noise, or in the roundness of the counts, at the event."""
    before, after = series.counts[max(0, event - 84) : event], series.counts[event : event + 84]
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if min(len(before), len(after)) < GRAIN_CELLS:
        return []
    p = min(_noise_p(series, event), _round_p(before, after))
    return [Sign(series.sensor, "grain", event, len(series), 0.0, p)] if p < GRAIN_P else []


def _noise_p(series: Series, event: int) -> float:
    """F test of the log differences after against before, seasons and the chance of counting taken off; differences
    share cells, so that they count by half."""
    from scipy.special import fdtrc

    sides = []
    for first, last in ((max(0, event - 84), event), (event, min(len(series), event + 84))):
        part = Series(series.time(first), series.step, series.counts[first:last])
        z, variance = _log(part)
        step = np.diff(robust.drawn_in(z))
        step = step[~np.isnan(step)]
        counting = 2 * float(np.nanmedian(variance)) if not np.isnan(variance).all() else 0.0
        sides.append((float(np.var(step)) if len(step) > 7 else np.nan, counting, len(step) / 2))
    (one, own_one, n_one), (two, own_two, n_two) = sides
    if np.isnan(one) or np.isnan(two) or max(own_one, own_two) > 2 / GRAIN_COUNT:
        return 1.0
    more, less = max(own_two - own_one, 0.0), max(own_one - own_two, 0.0)
    ratio = (two + less) / max(one + more, 1e-9)
    if 1 / GRAIN_RATIO < ratio < GRAIN_RATIO:
        return 1.0
    return float(2 * min(fdtrc(n_two, n_one, ratio), fdtrc(n_one, n_two, 1 / max(ratio, 1e-9)), 0.5))


def _round_p(before: Floats, after: Floats) -> float:
    """0 where counts above 100 became multiples of ten, or ceased to be; 1 otherwise."""
    if min(np.median(before), np.median(after)) < 100:
        return 1.0
    one, two = (float((side % 10 == 0).mean()) for side in (before, after))
    return 0.0 if max(one, two) >= ROUND and min(one, two) <= NOT_ROUND else 1.0

"""Who gained after an event: volume by network or family before and after it, with what chance alone does.

*Panel.* Counts by key (an AS number, a family), day and sensor. A sensor's day is known or not; an unknown
day is no zero: it takes away the exposure that the sensor would have given, weighted by how much of the key
that sensor saw.

*Gain.* Mean count a day over ``width`` days after, minus that over as many before. Its variance has three parts:
counting (Poisson), what is the key's own (σ², by the Paule–Mandel rule from placebo windows: the same
comparison at dates before the event, all keys pooled), and what all keys share, since a sensor's noise moves
all of them together (AR(1) of the daily total, φ corrected for its bias, Kendall 1954). Tails are Student's,
of a degree that fits the placebo windows best. A key *rose in volume* when its gain is beyond that; it *rose
in share* when it rose against all others, which it also does when others fall. Both lists are held to a false
discovery rate of ``FDR`` (Benjamini & Hochberg 1995; valid here as noise common to all makes the tests depend
positively). Those named were picked for their luck too, so their intervals are wider, in order that 95 % of
all that are told hold (Benjamini & Yekutieli 2005).

*Quotient.* Bowers & Johnson (2003): (B₁/C₁ − B₀/C₀) / (A₁/C₁ − A₀/C₀), A the target, B all others, C counts
that the event cannot have touched (1 where there are none): −1 says that all that the target lost came from
others, 0 that nothing moved, above 0 that others fell with it. Its interval is Fieller's (1954), so that a
loss which may be none gives no number.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.model import Estimate

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FDR = 0.1
LEVEL = 0.95
FEWEST = 10
"""Things counted in both windows together below which a key is not tested."""
MOST = 2_000
"""Keys tested at most: those with the highest counts."""
_DEGREES = (1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 60.0)
_DISTINCT = 7

BY_NETWORK = """
SELECT asn AS key, source AS sensor, CAST(first AS DATE) AS day, count(DISTINCT delivery) AS count
FROM sightings
WHERE role = $role AND counts AND first IS NOT NULL AND asn IS NOT NULL
  AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
  AND ($sensor IS NULL OR source = $sensor) AND ($label IS NULL OR label = $label)
GROUP BY ALL ORDER BY ALL
"""
"""Mails by the network of an address in ``$role`` as of the mail's own time, by sensor and day."""

IN_PREFIX = """
SELECT source AS sensor, CAST(first AS DATE) AS day, count(DISTINCT delivery) AS count, asn AS key
FROM sightings
WHERE role = $role AND counts AND first IS NOT NULL AND asn IS NOT NULL
  AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
  AND ($sensor IS NULL OR source = $sensor) AND ($label IS NULL OR label = $label)
  AND address BETWEEN $lowest AND $highest
GROUP BY ALL ORDER BY ALL
"""
"""The same for the addresses from ``$lowest`` to ``$highest`` only."""

NEWLY_LISTED = """
WITH begun AS (
  SELECT s.source, s.address, s.asn, min(s.first) AS first, min(l.family) AS family
  FROM sightings s JOIN listings l ON l.delivery = s.delivery
  WHERE s.role = 'controller' AND s.counts AND s.first IS NOT NULL AND s.asn IS NOT NULL
    AND ($sensor IS NULL OR s.source = $sensor)
  GROUP BY ALL
)
SELECT asn, family, source AS sensor, CAST(first AS DATE) AS day, count(*) AS count
FROM begun
WHERE first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
GROUP BY ALL ORDER BY ALL
"""
"""Controllers by the day on which a list first had them, with network and family: a flow, unlike those listed."""

DAYS_UP = """
SELECT source AS sensor, CAST(first AS DATE) AS day, count(*) AS count
FROM sightings
WHERE first IS NOT NULL AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
GROUP BY ALL ORDER BY ALL
"""
"""Days on which a sensor saw anything at all: where nobody declared when it was up, the others are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Counts (keys, days) summed over sensors, what share of them could be seen on each day, and the keys."""

    keys: tuple[Hashable, ...]
    counts: Floats
    exposure: Floats
    """(keys, days): from 0, nobody looked, to 1, all sensors did."""

    @property
    def days(self) -> int:
        return int(self.counts.shape[1])

    def rows(self, keys: Collection[Hashable]) -> Mask:
        return np.array([key in keys for key in self.keys], dtype=bool)


def panel(
    rows: Sequence[tuple[Hashable, str, int, float]], known: Mapping[str, Sequence[bool]], before: int
) -> Panel:
    """``rows``: key, sensor, index of the day, count. ``known``: for each sensor, the days on which it was
    up; all of one length. ``before``: days before the event, whose counts say how much of a key each sensor sees.

    A count on a day that is not known is left out. Raises ValueError for a sensor that ``known`` has not.
    """
    sensors = sorted(known)
    up = np.array([known[s] for s in sensors], dtype=float).reshape(len(sensors), -1)
    keys = sorted({key for key, _, _, _ in rows}, key=lambda k: (str(type(k)), k))
    place, seat = {k: i for i, k in enumerate(keys)}, {s: i for i, s in enumerate(sensors)}
    if strange := {s for _, s, _, _ in rows} - seat.keys():
        raise ValueError(f"nobody says when {min(strange)} was up")
    counts = np.zeros((len(keys), up.shape[1]))
    base = np.zeros((len(keys), len(sensors)))
    for key, sensor, day, count in rows:
        if up[seat[sensor], day]:
            counts[place[key], day] += count
            base[place[key], seat[sensor]] += count * (day < before)
    return Panel(tuple(keys), counts, _weights(base, up[:, :before]) @ up)


def _weights(base: Floats, up: Floats) -> Floats:
    """(keys, sensors): shares of a key's ordinary volume; drawn to those of all keys by one thing a day."""
    daily = base / np.maximum(up.sum(axis=1), 1)
    total = daily.sum(axis=0)
    if not total.sum():
        total = np.ones_like(total)
    pulled = daily + total / total.sum()
    return np.asarray(pulled / pulled.sum(axis=1, keepdims=True))


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


@dataclass(frozen=True, slots=True)
class Displacement:
    """Who gained in the ``width`` days from the event on, against as many before."""

    width: int
    gainers: tuple[Gain, ...]
    """Those that rose in volume, largest gain first; then those that rose in share only."""
    tested: int
    placebo_dates: int
    target_before: float
    target_after: float
    rest: Estimate | None
    """Gain of all others together, a day."""
    quotient: Estimate | None
    reason: str
    """Why there is no quotient, or nobody was tested; empty otherwise."""


@dataclass(frozen=True, slots=True)
class _Noise:
    """``own``: variance of a key's log ratio beyond counting; ``scale``, ``degrees`` of the tails that
    placebos have; ``shared``: variance of the log ratio of the total, with its degrees of freedom."""

    own: float
    scale: float
    degrees: float
    shared: float
    shared_degrees: float


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Counts and exposures, in days, before and after a date."""

    y0: Floats
    y1: Floats
    e0: Floats
    e1: Floats

    @property
    def usable(self) -> Mask:
        return np.asarray((self.e0 > 0) & (self.e1 > 0))

    @property
    def tested(self) -> Mask:
        return np.asarray((self.y0 + self.y1 >= FEWEST) & self.usable)


def compare(
    found: Panel,
    at: int,
    width: int,
    targets: Collection[Hashable] = (),
    control: Sequence[float] | None = None,
) -> Displacement:
    """What was where before day ``at`` of the panel, and from it on. ``control``: counts of days of something
    that the event cannot have touched, not a number where unknown; one for each day of the panel.

    A refusal has a reason and no gainers: no day known on one of both sides, or no placebo date.
    """
    aim = found.rows(targets)
    pair = _pair(found, at, width)
    starts = _placebos(found, at, width)
    before, after = _rate(pair, aim)
    if not pair.usable.any() or not starts:
        why = (
            "no day on one of both sides is known"
            if not pair.usable.any()
            else f"fewer than {2 * width} days before the event are known: no date to compare chance by"
        )
        return Displacement(width, (), 0, len(starts), before, after, None, None, why)
    noise = _noise(found, at, width, starts, aim, control)
    rest, quotient, reason = _quotient(pair, aim, noise, _level(control, at, width))
    tested = np.flatnonzero(pair.tested & ~aim)
    order = tested[np.argsort(-(pair.y0 + pair.y1)[tested], kind="stable")][:MOST]
    gainers = _gainers(found.keys, pair, order, aim, noise)
    return Displacement(width, gainers, len(order), len(starts), before, after, rest, quotient, reason)


def _pair(found: Panel, at: int, width: int) -> _Pair:
    old, new = slice(max(at - width, 0), at), slice(at, at + width)
    y, e = found.counts, found.exposure
    return _Pair(y[:, old].sum(1), y[:, new].sum(1), e[:, old].sum(1), e[:, new].sum(1))


def _placebos(found: Panel, at: int, width: int) -> list[int]:
    """Dates before the event with whole windows on both sides, a quarter of a window apart."""
    step = max(width // 4, 1)
    dates = range(at - width, width - 1, -step)
    return [d for d in dates if _pair(found, d, width).usable.any()]


def _rate(pair: _Pair, which: Mask) -> tuple[float, float]:
    """Sums of the rates of these keys: counts a day."""
    ok = which & pair.usable
    return float((pair.y0[ok] / pair.e0[ok]).sum()), float((pair.y1[ok] / pair.e1[ok]).sum())


# ---------------------------------------------------------------------------------------------- chance


def _noise(
    found: Panel, at: int, width: int, starts: list[int], aim: Mask, control: Sequence[float] | None
) -> _Noise:
    deviances, inverse = [np.zeros(0)], [np.zeros(0)]
    for start in starts:
        pair = _pair(found, start, width)
        some = pair.tested & ~aim
        if some.any():
            deviance, size = _against(pair, some, _centre(pair, ~aim))
            deviances.append(deviance)
            inverse.append(size)
    z, v = np.concatenate(deviances), np.concatenate(inverse)
    own = _beyond_counting(z, v)
    scale, degrees = _tails(z / np.sqrt(1 + own / v)) if len(z) else (1.0, _DEGREES[0])
    shared, left = _shared(found, at, width, aim, control)
    return _Noise(own, scale, degrees, shared, left)


def _centre(pair: _Pair, which: Mask) -> float:
    """Log ratio of the total of these keys."""
    before, after = _rate(pair, which)
    return float(np.log(after / before)) if before > 0 and after > 0 else 0.0


def _against(pair: _Pair, some: Mask | NDArray[np.int64], centre: float) -> tuple[Floats, Floats]:
    """Signed root of the deviance of each key's split, given that all rise by ``centre``, and 1/μ₀ + 1/μ₁."""
    y0, y1 = pair.y0[some], pair.y1[some]
    weight = pair.e1[some] * np.exp(centre)
    total, late = y0 + y1, weight / (weight + pair.e0[some])
    mu1, mu0 = total * late, total * (1 - late)
    part = [y * np.log(np.maximum(y, 1e-300) / mu) for y, mu in ((y0, mu0), (y1, mu1))]
    return np.sign(y1 - mu1) * np.sqrt(np.maximum(2 * sum(part), 0)), 1 / mu0 + 1 / mu1


def _beyond_counting(z: Floats, inverse: Floats) -> float:
    """σ² that makes the mean square of the placebos one (Paule & Mandel 1982), by bisection; 0 where they
    scatter less."""

    def square(own: float) -> float:
        return float(np.mean(z**2 / (1 + own / inverse)))

    if not len(z) or square(0.0) <= 1:
        return 0.0
    low, high = 0.0, 4.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if square(middle) > 1 else (low, middle)
    return (low + high) / 2


def _tails(z: Floats) -> tuple[float, float]:
    """Scale and degrees of the Student distribution that the placebos fit best, of a few."""
    from scipy.stats import t

    best = max(
        ((float(t.logpdf(z, d, scale=s).sum()), s, d) for d in _DEGREES for s in np.arange(0.6, 1.55, 0.1)),
        key=lambda one: one[0],
    )
    return float(best[1]), best[2]


def _shared(
    found: Panel, at: int, width: int, aim: Mask, control: Sequence[float] | None
) -> tuple[float, float]:
    """Variance of the log ratio of two neighbouring windows of the total, and degrees of freedom."""
    level, known, white = _total(found, at, aim, control)
    days = np.flatnonzero(known)
    if len(days) < 2 * _DISTINCT:
        return 1.0, 3.0
    rest = _without_week(level[days], days)
    counting = float(white[days].mean())
    variance, phi = _signal(rest, days, counting)
    effective = len(days) * (1 - phi) / (1 + phi)
    return _neighbours(variance, phi, width) + 2 * counting / width, max(effective - 1, 2.0)


def _signal(rest: Floats, days: NDArray[np.int64], counting: float) -> tuple[float, float]:
    """Variance and φ of the AR(1) in the daily total. What counting adds is no part of it: left in, it would make
    what lasts seem short."""
    n = len(days)
    pairs = np.flatnonzero(np.diff(days) == 1)
    whole = float((rest**2).sum()) / max(n - _DISTINCT, 1)
    signal = max(whole - counting, 0.1 * whole, 1e-12)
    raw = float((rest[pairs] * rest[pairs + 1]).mean()) / signal if len(pairs) else 0.0
    phi = float(np.clip((n * raw + 1) / (n - 3) if n > 10 else raw, 0.0, 0.9))
    return signal * n / max(n - (1 + phi) / (1 - phi), n / 2), phi


def _neighbours(variance: float, phi: float, width: int) -> float:
    """Variance of the difference of two neighbouring means of an AR(1), exactly."""
    lags = np.arange(width)
    one = (width + 2 * ((width - lags[1:]) * phi ** lags[1:]).sum()) / width**2
    ahead = np.abs(width + lags[None, :] - lags[:, None])
    return float(2 * variance * (one - (phi**ahead).sum() / width**2))


def _total(found: Panel, at: int, aim: Mask, control: Sequence[float] | None) -> tuple[Floats, Mask, Floats]:
    """Log of the daily total of all but the target before the event, over the control's where there is one;
    the days that are known; and the variance that counting adds."""
    counts, seen = found.counts[~aim, :at].sum(0), found.counts[~aim].sum(1)
    weight = seen / seen.sum() if seen.sum() else np.full(len(seen), 1 / max(len(seen), 1))
    exposure = weight @ found.exposure[~aim, :at]
    known = exposure > 0.5
    level = np.log((counts + 0.5) / np.maximum(exposure, 0.5))
    white = 1 / (counts + 0.5)
    if control is not None:
        beside = np.asarray(control[:at], dtype=float)
        known &= np.isfinite(beside)
        other = np.where(np.isfinite(beside), beside, 1.0) + 0.5
        level, white = level - np.log(other), white + 1 / other
    return level, known, white


def _without_week(level: Floats, days: NDArray[np.int64]) -> Floats:
    """Without mean and, where there are three weeks, day of the week."""
    level = level - level.mean()
    if len(days) >= 3 * _DISTINCT:
        for weekday in range(_DISTINCT):
            mine = days % _DISTINCT == weekday
            if mine.any():
                level[mine] -= level[mine].mean()
    return level


# ---------------------------------------------------------------------------------------------- gainers


def _gainers(
    keys: tuple[Hashable, ...], pair: _Pair, order: NDArray[np.int64], aim: Mask, noise: _Noise
) -> tuple[Gain, ...]:
    from scipy.stats import t

    if not len(order):
        return ()
    z_share, inverse = _against(pair, order, _centre(pair, ~aim))
    z_volume, _ = _against(pair, order, 0.0)
    spread = noise.scale**2 * (1 + noise.own / inverse)
    p_share = t.sf(z_share / np.sqrt(spread), noise.degrees)
    both = spread + noise.shared / inverse
    degrees = _satterthwaite(spread, noise.degrees, noise.shared / inverse, noise.shared_degrees)
    p_volume = t.sf(z_volume / np.sqrt(both), degrees)
    volume, share = _discoveries(p_volume), _discoveries(p_share)
    totals = _rate(pair, np.ones(len(aim), dtype=bool))
    picked = int((volume | share).sum())
    level = 1 - (1 - LEVEL) * picked / len(order)
    found = [
        _gain(keys[i], pair, int(i), (noise, level), totals, (p_volume[n], p_share[n]), bool(volume[n]))
        for n, i in enumerate(order.tolist())
        if volume[n] or share[n]
    ]
    return tuple(sorted(found, key=lambda g: (g.basis != "volume", -g.gain.value, str(g.key))))


def _satterthwaite(a: Floats, a_degrees: float, b: Floats, b_degrees: float) -> Floats:
    return np.asarray((a + b) ** 2 / (a**2 / a_degrees + b**2 / b_degrees))


def _discoveries(p: Floats) -> Mask:
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
    pair: _Pair,
    i: int,
    how: tuple[_Noise, float],
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


def gain_of(y0: float, e0: float, y1: float, e1: float, noise: _Noise, level: float = LEVEL) -> Estimate:
    """Counts a day after minus before: counting, own and shared variance; Student's tails."""
    from scipy.stats import t

    m0, m1 = y0 / e0, y1 / e1
    counting = (y0 + 0.5) / e0**2 + (y1 + 0.5) / e1**2
    own = noise.scale**2 * (counting + (m0**2 + m1**2) / 2 * noise.own)
    shared = (m0**2 + m1**2) / 2 * noise.shared
    degrees = _satterthwaite(np.array([own]), noise.degrees, np.array([shared]), noise.shared_degrees)
    half = float(t.ppf((1 + level) / 2, degrees[0])) * float(np.sqrt(own + shared))
    value = float(m1 - m0)
    return Estimate(value, value - half, value + half, LEVEL, "placebo windows, Student, BY 2005")


# --------------------------------------------------------------------------------------------- quotient


def _level(control: Sequence[float] | None, at: int, width: int) -> tuple[float, float]:
    """C before and after: means of the control's known days; 1 and 1 without one."""
    if control is None:
        return 1.0, 1.0
    days = np.asarray(control, dtype=float)
    with np.errstate(invalid="ignore"):
        parts = [days[max(at - width, 0) : at], days[at : at + width]]
    means = [float(p[np.isfinite(p)].mean()) if np.isfinite(p).any() else float("nan") for p in parts]
    return means[0], means[1]


def _quotient(
    pair: _Pair, aim: Mask, noise: _Noise, level: tuple[float, float]
) -> tuple[Estimate | None, Estimate | None, str]:
    """Gain of the rest, the quotient, and why there is none."""
    from scipy.stats import t

    (a0, a1), (b0, b1) = _rate(pair, aim), _rate(pair, ~aim)
    c0, c1 = level
    if not (c0 > 0 and c1 > 0):
        return None, None, "the control is unknown or zero before or after"
    # in units of counts a day before the event
    change = c0 / c1
    rise, loss = b1 * change - b0, a1 * change - a0
    critical = float(t.ppf((1 + LEVEL) / 2, noise.shared_degrees))
    v_rise = (b0**2 + (b1 * change) ** 2) / 2 * noise.shared
    half = critical * float(np.sqrt(v_rise))
    rest = Estimate(rise, rise - half, rise + half, LEVEL, "AR(1) of the daily total, Student")
    if not aim.any() or a0 == 0:
        return rest, None, "nothing was counted in the target before the event"
    counting = float(pair.y0[aim].sum() + pair.y1[aim].sum() + 0.5) / max(float(pair.e0[aim].max()), 1.0) ** 2
    v_loss = noise.scale**2 * counting + (a0**2 + (a1 * change) ** 2) / 2 * (noise.shared + noise.own)
    together = (a0 * b0 + a1 * b1 * change**2) / 2 * noise.shared
    interval = _fieller(rise, loss, v_rise, v_loss, together, critical)
    if interval is None:
        return rest, None, "the target's own change may be none: no quotient"
    return rest, Estimate(rise / loss, *interval, LEVEL, "Bowers & Johnson, Fieller"), ""


def _fieller(
    top: float, bottom: float, v_top: float, v_bottom: float, both: float, critical: float
) -> tuple[float, float] | None:
    """All q for which top − q·bottom may be none; None where they have no end (Fieller 1954)."""
    k = critical**2
    a, b, c = bottom**2 - k * v_bottom, top * bottom - k * both, top**2 - k * v_top
    inside = b * b - a * c
    if a <= 0 or inside < 0:
        return None
    root = float(np.sqrt(inside))
    return (b - root) / a, (b + root) / a

"""Simulated sensors of one event, and the truth about them.

Sensor i counts on day t with rate λᵢₜ exp(δᵢₜ): λᵢₜ, the rate that *would have come*, is a level, a weekly
season and the cell's noise; δᵢₜ is 0 before the event and μₜ + bᵢ after it, bᵢ normal around 0 with sd
``spread``. μ₀ is uniform over −1.4 … −0.3. Where a part ``returns``, μₜ stays at μ₀ for a plateau of 2 to 14
days; then a share of 20 to 95 % of the lost volume comes back, at once, in a straight line over 4 to 20 days,
or along half a cosine over the same.

Truth, of the known days of a window of d days (K, by sensor: no gap, and before a late filter; a sensor that
has fewer than half of the days is in no window):

* ``drop_d``: 1 − exp(mean over sensors of log(Σ_K λᵢₜ exp(μₜ) / Σ_K λᵢₜ)): the **mean effect** of the law
  that sensors are drawn from. ``in_hand`` is the same with μₜ + bᵢ: of just these sensors. They differ where
  ``spread`` > 0 only.
* ``spam-days``: mean over sensors of Σ_K (λᵢₜ − λᵢₜ exp(δᵢₜ)) / (mean count of a known day before the event,
  before a filter is applied), K of all days after the event: rates, not counts, with the noise that came.
* ``half_life``: the first time (days, midpoints of days, straight lines between) at which 1 − exp(μₜ) is at
  most half of 1 − exp(μ₀), infinite where never; ``plateau``: days until the return sets in, infinite where
  none does.

Counts are Poisson, or negative binomial with variance m + αm². A **filter** multiplies one sensor's counts
from a date on: it is not spam, and no part of the truth. ``zeros``: bursts of one to three days on which a
fiftieth comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.effect_grid import noise
from bench.effect_grid.cells import Cell
from depeer.measures.effect.series import Series, Step

Floats = NDArray[np.float64]

SEED = 20081111
MONDAY = datetime(2021, 2, 1, tzinfo=UTC)
BEFORE, AFTER, AFTER_RETURN = 84, 31, 45
"""Days before the event, and after it without and with a return."""
SEASON = np.array([0.10, 0.08, 0.06, 0.02, -0.02, -0.11, -0.13])
FILTERS = {"down": 0.6, "up": 1.6, "late": 0.6, "frozen": 1.0}
BURST, BURST_SIZE = 0.008, 0.02
FILTER_DAYS = {"down": (20, 77), "up": (20, 77), "late": (BEFORE + 5, BEFORE + 20), "frozen": (20, 60)}
"""Days between which a filter changes, or a feed freezes (for 8 to 20 days)."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """``series`` of the sensors, the first day after the ``event``; ``would`` (k, T) λ, ``change`` (T,) μ,
    ``own`` (k,) b, ``quiet`` (k, T) days of a burst of zeros; the sensor with the ``filter`` ("" for none)
    and when it changes."""

    series: tuple[Series, ...]
    event: int
    would: Floats
    change: Floats
    own: Floats
    quiet: NDArray[np.bool_]
    baseline: Floats
    plateau: float
    filtered: str
    filter_at: int


def make(cell: Cell, run: int, stream: int = 0) -> World:
    """The world of ``run``; ``stream`` keeps the experiments of one cell apart."""
    random = np.random.default_rng([SEED, stream, cell.number, run])
    after = AFTER_RETURN if cell.returns else AFTER
    start = MONDAY + timedelta(days=int(random.integers(7)))
    would, quiet = _would(cell, random, BEFORE + after, start.weekday())
    change, plateau = _change(random, after, cell.returns)
    own = cell.spread * random.standard_normal(cell.sensors)
    effect = np.concatenate([np.zeros(BEFORE), change])[None, :] + own[:, None] * (
        np.arange(len(would[0])) >= BEFORE
    )
    counts = _counted(random, would * np.exp(effect), cell.overdispersion)
    counts[random.random(counts.shape) < cell.gaps] = np.nan
    baseline = np.nanmean(counts[:, :BEFORE], axis=1)
    series = tuple(Series(start, Step.DAY, row, f"s{i}", "messages") for i, row in enumerate(counts))
    world = World(series, BEFORE, would, change, own, quiet, baseline, plateau, "", -1)
    return with_filter(world, cell.filter, random)


def with_filter(world: World, kind: str, random: np.random.Generator) -> World:
    """One sensor's counts changed from a random date on, or for 8 to 20 days frozen."""
    if kind == "none":
        return world
    which = int(random.integers(len(world.series)))
    one = world.series[which]
    at = int(random.integers(*FILTER_DAYS[kind]))
    counts = one.counts.copy()
    if kind == "frozen":
        length = int(random.integers(8, 21))
        counts[at : at + length] = _first_known(counts[at:])
    else:
        counts[at:] = np.round(counts[at:] * FILTERS[kind])
    changed = Series(one.start, one.step, counts, one.sensor, one.counted)
    series = (*world.series[:which], changed, *world.series[which + 1 :])
    return replace(world, series=series, filtered=one.sensor, filter_at=at)


def alone(cell: Cell, run: int, size: float = -0.7) -> tuple[World, str]:
    """A world in which one sensor alone falls at the event, and its name: a drop of spam, not of an
    instrument."""
    quiet = make(replace(cell, filter="none", returns=False, spread=0.0), run, stream=3)
    random = np.random.default_rng([SEED, 4, cell.number, run])
    which = int(random.integers(cell.sensors))
    series = []
    for i, one in enumerate(quiet.series):
        after = quiet.would[i, quiet.event :] * np.exp(size * (i == which))
        counts = one.counts.copy()
        known = ~np.isnan(counts[quiet.event :])
        counts[quiet.event :][known] = _counted(random, after[None], cell.overdispersion)[0][known]
        series.append(Series(one.start, one.step, counts, one.sensor, one.counted))
    return replace(quiet, series=tuple(series)), f"s{which}"


def known(world: World, which: int, days: int) -> NDArray[np.bool_]:
    """The days after the event, of the first ``days``, that a sensor knows."""
    one = world.series[which]
    found = ~np.isnan(one.counts[world.event : world.event + days])
    if one.sensor == world.filtered and world.filter_at >= world.event:
        found[world.filter_at - world.event :] = False
    return np.asarray(found)


def truth(world: World, days: int, in_hand: bool = False) -> float:
    """The drop over the first ``days`` after the event; NaN where no sensor knows half of them."""
    logs = []
    for i in range(len(world.series)):
        some = known(world, i, days)
        if some.sum() >= max(1, days / 2):
            weight = world.would[i, world.event : world.event + days][some]
            change = world.change[:days][some] + (world.own[i] if in_hand else 0.0)
            logs.append(float(np.log((weight * np.exp(change)).sum() / weight.sum())))
    return float(-np.expm1(np.mean(logs))) if logs else float("nan")


def spam_days(world: World) -> float:
    rows = []
    for i in range(len(world.series)):
        lost = -np.expm1(world.change + world.own[i]) * world.would[i, world.event :]
        rows.append(lost[known(world, i, len(lost))].sum() / world.baseline[i])
    return float(np.mean(rows))


def half_life(world: World) -> float:
    loss = -np.expm1(world.change)
    under = np.flatnonzero(loss <= loss[0] / 2)
    if not len(under):
        return float("inf")
    at = int(under[0])
    return float(at - 0.5 + (loss[at - 1] - loss[0] / 2) / (loss[at - 1] - loss[at]))


def _would(
    cell: Cell, random: np.random.Generator, cells: int, weekday: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """λ (k, cells); noise is drawn from a Monday on and cut, so that weekends fall where they do."""
    make_noise = noise.KINDS[cell.noise]
    shared = make_noise(random, 1, cells + 7, cell.phi)
    own = make_noise(random, cell.sensors, cells + 7, cell.phi)
    log_noise = (np.sqrt(cell.common) * shared + np.sqrt(1 - cell.common) * own)[:, weekday : weekday + cells]
    season = np.outer(random.uniform(0.5, 1.5, cell.sensors), SEASON[(np.arange(cells) + weekday) % 7])
    level = np.log(cell.rate) + 0.5 * random.standard_normal(cell.sensors)
    quiet = _bursts(random, log_noise.shape) if cell.noise == "zeros" else np.zeros(log_noise.shape, bool)
    return np.exp(level[:, None] + season + log_noise) * np.where(quiet, BURST_SIZE, 1.0), quiet


def _bursts(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    first = random.random(shape) < BURST
    length = random.integers(1, 4, shape)
    quiet = first.copy()
    for lag in (1, 2):
        quiet[:, lag:] |= (first & (length > lag))[:, :-lag]
    return quiet


def _change(random: np.random.Generator, after: int, returns: bool) -> tuple[Floats, float]:
    """μ of each day after the event, and the plateau."""
    loss = -np.expm1(random.uniform(-1.4, -0.3))
    if not returns:
        return np.full(after, np.log1p(-loss)), float("inf")
    plateau, share, length = random.uniform(2, 14), random.uniform(0.2, 0.95), random.uniform(4, 20)
    form = random.integers(3)
    part = np.clip((np.arange(after) + 0.5 - plateau) / (length if form else 1e-9), 0.0, 1.0)
    part = 0.5 - 0.5 * np.cos(np.pi * part) if form == 2 else part
    return np.log1p(-loss * (1 - share * part)), float(plateau)


def _counted(random: np.random.Generator, rate: Floats, alpha: float) -> Floats:
    mixed = rate * random.gamma(1 / alpha, alpha, rate.shape) if alpha else rate
    return random.poisson(mixed).astype(float)


def _first_known(counts: Floats) -> float:
    known = counts[~np.isnan(counts)]
    return float(known[0])


def year(cell: Cell, random: np.random.Generator, days: int, at: int | None, left: float) -> Series:
    """One sensor for ``days``, without an event; from day ``at`` on (None: never) only the share ``left``
    comes."""
    start = MONDAY + timedelta(days=int(random.integers(7)))
    would, _ = _would(replace(cell, sensors=1), random, days, start.weekday())
    rate = would * np.where(np.arange(days) >= at, left, 1.0) if at is not None else would
    counts = _counted(random, rate, cell.overdispersion)[0]
    counts[random.random(days) < cell.gaps] = np.nan
    return Series(start, Step.DAY, counts, "s0", "messages")

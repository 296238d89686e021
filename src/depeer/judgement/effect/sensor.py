"""One sensor's part of the scorecard: its drops, its spam-days averted, and other methods to check them
by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.judgement.effect import words
from depeer.measures.effect import conformal, negbin_its, sdid, statespace, windows
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate

Floats = NDArray[np.float64]

LEAST_BEFORE = {Step.HOUR: 96, Step.DAY: 14, Step.WEEK: 12}
"""Known cells before the event without which nothing is said."""
LEAST_COUNT = 30
"""Things counted over the baseline without which nothing is said: what ended long before cannot drop."""
LATELY = 14
"""Days before the event in which something must have been counted: what is at nothing cannot drop."""
MOST_AFTER = {Step.HOUR: 1344, Step.DAY: 400, Step.WEEK: 400}
"""Cells after the event that are looked at, at most: 56 days of hours, so that 30 days are always within."""
BASELINE_DAYS = 84
"""The baseline of spam-days is the mean count of a cell over so many days before the event."""
PLACEBO_DRAWS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A series fit for use; ``extra`` (cells, k) steps of changes of its instrument before the event;
    ``paths`` (draws, cells after) log rates without the event, ``adjusted`` the series with those steps taken
    off."""

    series: Series
    adjusted: Series
    fitted: statespace.Fit
    paths: Floats


@dataclass(frozen=True, slots=True)
class Window:
    """The drop over the first ``days``; None with a ``reason``. ``log`` and ``se`` are on the log scale, ``came`` is
    what was counted."""

    days: int
    drop: Estimate | None
    log: float
    se: float
    reason: str
    came: float = 0.0
    lasting: float = 1.0
    """Share of ``se`` squared that is neither the chance of counting nor noise that is gone with the next
    cell."""


@dataclass(frozen=True, slots=True)
class Check:
    method: str
    days: int
    drop: Estimate | None
    reason: str


@dataclass(frozen=True, slots=True)
class Averted:
    """All that is known after the event: spam-days ``averted`` (days' worth of the baseline), what ``came``
    in the same unit and as a ``count``, and the log ratio of what came to what would have come with its
    standard error."""

    averted: Estimate
    came: float
    count: float
    log: float
    se: float
    lasting: float = 1.0


@dataclass(frozen=True, slots=True)
class SensorCard:
    sensor: str
    counted: str
    windows: tuple[Window, ...]
    averted: Averted | None
    checks: tuple[Check, ...]
    phi: float
    sigma: float
    cells_before: int
    reason: str
    """Why there is no estimate at all; empty otherwise."""


def horizon(series: Series, event: int) -> int:
    """Cells after the event that are looked at."""
    return min(len(series) - event, MOST_AFTER[series.step])


def lacking(series: Series, event: int) -> str:
    """Why nothing can be said of this series; empty where something can."""
    before, least = series.known(0, event), LEAST_BEFORE[series.step]
    if before < least:
        have = words.counted(before, series.step.word)
        return f"only {have} before the event {'is' if before == 1 else 'are'} known; at least {least} are needed"
    if not series.known(event, len(series)):
        return f"no {series.step.word} after the event is known"
    total = float(np.nansum(_ordinary(series, event)))
    if total < LEAST_COUNT:
        when = f"in the {BASELINE_DAYS} days before the event"
        return f"{total:.0f} were counted {when}; at least {LEAST_COUNT} are needed"
    if np.nansum(series.counts[max(0, event - max(1, series.step.cells(LATELY))) : event]) == 0:
        return (
            f"nothing was counted in the {LATELY} days before the event, and what is at nothing cannot drop"
        )
    return ""


def _ordinary(series: Series, event: int) -> Floats:
    """Counts over the baseline."""
    back = max(1, series.step.cells(BASELINE_DAYS))
    return series.counts[max(0, event - back) : event]


def prepare(cleaned: Sequence[tuple[Series, Series, Floats | None]], event: int, seed: int) -> list[Prepared]:
    """Fit those of (series, adjusted series, steps) that hold enough, together, and look ahead."""
    usable = [one for one in cleaned if not lacking(one[0], event)]
    fits = statespace.pooled([statespace.fit(series, event, extra) for series, _, extra in usable])
    out = []
    for i, ((series, adjusted, extra), fitted) in enumerate(zip(usable, fits, strict=True)):
        ahead = horizon(series, event)
        paths = statespace.forecast(series, fitted, event, ahead, seed + i, extra=extra)
        out.append(Prepared(series, adjusted, fitted, paths))
    return out


def card(
    one: Prepared, event: int, days: Sequence[int], controls: Sequence[Series] | None, seed: int
) -> SensorCard:
    """``controls`` None: no check by other methods at all."""
    found = tuple(_window(one, event, d, seed) for d in days)
    averted = _averted(one, event, seed)
    main = next((w.days for w in sorted(found, key=lambda w: abs(w.days - 7)) if w.drop), None)
    return SensorCard(
        one.series.sensor,
        one.series.counted,
        found,
        averted,
        () if main is None or controls is None else _checks(one.adjusted, event, main, controls, seed),
        one.fitted.phi,
        one.fitted.sigma,
        one.fitted.used,
        "",
    )


def absent(series: Series, event: int, days: Sequence[int], reason: str) -> SensorCard:
    """The card of a sensor of which nothing can be said."""
    nan = float("nan")
    windows_ = tuple(Window(d, None, nan, nan, reason) for d in days)
    known = series.known(0, event)
    return SensorCard(series.sensor, series.counted, windows_, None, (), nan, nan, known, reason)


def log_ratio(one: Prepared, event: int, cells: int, seed: int) -> windows.LogRatio | None:
    return windows.log_ratio(one.series.counts[event : event + cells], one.paths[:, :cells], seed)


def _window(one: Prepared, event: int, days: int, seed: int) -> Window:
    nan = float("nan")
    cells = one.series.step.cells(days)
    reason = _unfit(one.series, event, days, cells)
    if reason:
        return Window(days, None, nan, nan, reason)
    found = log_ratio(one, event, cells, seed)
    if found is None:
        return Window(
            days,
            None,
            nan,
            nan,
            f"less than half of the first {words.days(days) if days > 1 else 'day'} is known",
        )
    came = float(np.nansum(one.series.counts[event : event + cells]))
    part = lasting(one.fitted, found.se, found.cells, came)
    return Window(days, found.drop(), found.centre, found.se, "", came, part)


def lasting(fitted: statespace.Fit, se: float, cells: int, came: float) -> float:
    """Of the variance ``se``² of a log ratio over ``cells``: the share of noise that lasts and may be common
    to all sensors; what comes and goes by the cell, and the chance of counting, are each sensor's own."""
    own = fitted.passing / max(cells, 1) + 1 / (came + 0.5)
    return float(np.clip(1 - own / max(se**2, 1e-12), 0.0, 1.0))


def _unfit(series: Series, event: int, days: int, cells: int) -> str:
    word = series.step.word
    if cells < 1:
        return f"counts by the {word} cannot tell {words.days(days)}"
    if event + cells > len(series):
        return f"the series ends {words.counted(len(series) - event, word)} after the event"
    if series.known(0, event) < cells:
        return f"fewer {word}s before the event are known than the {cells} after it that are asked for"
    return ""


def _averted(one: Prepared, event: int, seed: int) -> Averted | None:
    """None where an ordinary day brought nothing, once changes of the instrument are taken off."""
    days = one.series.step.days
    baseline = float(np.nanmean(_ordinary(one.adjusted, event)))
    if not baseline > 0:
        return None
    observed = one.series.counts[event : event + one.paths.shape[1]]
    draws = windows.averted(observed, one.paths, baseline, seed) * days
    count = float(np.nansum(observed))
    value, low, high = (float(q) for q in np.quantile(draws, [0.5, 0.025, 0.975]))
    came = (count + 0.5) * days / baseline
    log = np.log(came) - np.log(np.maximum(draws + came, 1e-12))
    spread = float(np.diff(np.quantile(log, [0.025, 0.975]))[0]) / (2 * 1.959964)
    estimate = Estimate(value, low, high, 0.95, "state space")
    part = lasting(one.fitted, spread, int((~np.isnan(observed)).sum()), count)
    return Averted(estimate, came, count, float(np.median(log)), spread, part)


def _checks(
    series: Series, event: int, days: int, controls: Sequence[Series], seed: int
) -> tuple[Check, ...]:
    cells = series.step.cells(days)
    found = conformal.fit(series, event, cells)
    few = "" if found.drop else f"{found.cells} cells cannot support the interval, or it has no end"
    rows = [
        Check("negative-binomial interrupted series", days, negbin_its.fit(series, event, cells).drop(), ""),
        Check("conformal", days, found.drop, few),
    ]
    if controls:
        rows.append(_by_controls(series, event, cells, days, controls, seed))
    return tuple(rows)


def _by_controls(
    series: Series, event: int, cells: int, days: int, controls: Sequence[Series], seed: int
) -> Check:
    """Synthetic difference-in-differences on log counts, over the cells that all series know."""
    name = "synthetic difference-in-differences"
    table = np.array([series.counts] + [_like(series, c) for c in controls])[:, : event + cells]
    known = np.asarray(~np.isnan(table).any(axis=0))
    at = int(known[:event].sum())
    logs = np.log(table[:, known] + 0.5)
    if len(controls) < 3 or at < 14 or known[event:].sum() < 1:
        return Check(name, days, None, "it needs three controls and fourteen cells that all of them know")
    effect = sdid.fit(logs[0], logs[1:], at).effect
    from scipy.special import stdtrit

    half = float(stdtrit(len(controls) - 1, 0.975)) * sdid.placebo_se(logs[1:], at, PLACEBO_DRAWS, seed)
    low, value, high = (windows.as_drop(x) for x in (effect + half, effect, effect - half))
    return Check(name, days, Estimate(value, low, high, 0.95, name), "")


def _like(series: Series, other: Series) -> Floats:
    """The counts of ``other`` on the cells of ``series``, NaN where it has none."""
    counts = np.full(len(series), np.nan)
    shift = series.cell(other.start)
    first, last = max(0, shift), min(len(series), shift + len(other))
    if other.step is series.step and last > first:
        counts[first:last] = other.counts[first - shift : last - shift]
    return counts

"""Did it work? One scorecard for one event: drops with intervals, what is no effect, and one word of verdict.

In: series of one or several sensors on one grid, the date of the event, the dates of others, and series that
the event cannot have touched. Out: a :class:`Scorecard`. The mathematics is in ``measures/effect``; what may
be said of it is in ``verdict``.

The default estimate is the state-space counterfactual of each sensor, fused by random effects with the
Hartung–Knapp–Sidik–Jonkman interval, or, where hardly anything came at any of them, by what each is known to.
Interrupted series, conformal inference and, with controls, synthetic difference-in-differences stand beside it as
``checks`` of each sensor. Deterministic by seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from depeer.judgement.effect import grid, sensor
from depeer.judgement.effect import verdict as verdicts
from depeer.judgement.effect.sensor import Prepared, SensorCard
from depeer.judgement.effect.traces import Traces
from depeer.judgement.effect.verdict import Began, FusedWindow, Trial, Verdict
from depeer.measures.effect import fusion, instrument, onset, placebo, recovery, statespace
from depeer.measures.effect.series import Series
from depeer.measures.effect.windows import as_drop
from depeer.model import Estimate

Floats = NDArray[np.float64]

DAYS = (1, 7, 30)
PLACEBO_DAYS = 14.0
STRUCK = "its instrument is declared to have changed at the event"
FEW = 30
"""Things counted after the event below which a log ratio is mostly chance."""
HARDLY = 3
"""Things counted in a window below which, at every sensor, log ratios are nothing but chance: how they scatter says
nothing, and what each rests on says all."""
STRONG = 15.0
"""χ² beyond which an onset is no chance find of the search for it."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What may be said of one event. Shares are of the counterfactual; times in days."""

    verdict: Verdict
    reason: str
    drops: tuple[FusedWindow, ...]
    sensors: tuple[SensorCard, ...]
    spam_days_averted: Estimate | None
    averted_over_days: float
    recovery: recovery.Recovery | None
    trial: Trial
    """The placebo dates."""
    began: Began | None
    signs: tuple[instrument.Sign, ...]
    shared: float
    """Correlation of the sensors' errors, which does not average out."""
    warnings: tuple[str, ...]
    traces: Traces = field(compare=False, repr=False)
    """What the pictures are drawn from."""

    def drop(self, days: int) -> FusedWindow:
        """Raises KeyError for a number of days that is not on the card."""
        for one in self.drops:
            if one.days == days:
                return one
        raise KeyError(days)


def assess(
    sensors: Sequence[Series],
    event: datetime | date,
    others: Sequence[datetime | date] = (),
    changes: Sequence[tuple[str, datetime | date]] = (),
    controls: Sequence[Series] = (),
    until: datetime | date | None = None,
    seed: int = 0,
    placebos: bool = True,
    checks: bool = True,
) -> Scorecard:
    """The scorecard of ``event``. ``others``: other interventions; ``changes``: declared changes of
    instruments (sensor, date); ``controls``: series that the event cannot have touched; ``until``: what comes
    after is left out; ``placebos``, ``checks``: whether dates without an event, and other methods, are tried,
    which together take half of the time.

    Raises BadInput for no sensor, sensors on different grids or named alike, nothing but zeros, or an event
    outside all series. Too little data is a verdict, not an error.
    """
    aligned = grid.aligned(sensors, until)
    at = aligned[0].first_after(event)
    grid.check(aligned, at, event)
    aligned = [grid.beside(s, event) for s in aligned]
    declared = grid.declared(aligned, changes)
    struck = _struck(aligned, at, declared)
    signs = _signs(aligned, at)
    kept = [s for s in aligned if s.sensor not in struck]
    cleaned = [grid.cleaned(s, at, signs, declared.get(s.sensor, [])) for s in kept]
    prepared = sensor.prepare(cleaned, at, seed)
    shared = statespace.shared([p.fitted for p in prepared])
    cards = [sensor.card(p, at, DAYS, controls if checks else None, seed) for p in prepared]
    rest = [sensor.absent(s, at, DAYS, why) for s, _, _ in cleaned if (why := sensor.lacking(s, at))]
    rest += [sensor.absent(s, at, DAYS, STRUCK) for s in aligned if s.sensor in struck]
    drops = tuple(_fused(days, cards, rest, shared) for days in DAYS)
    facts = verdicts.Facts(
        series=tuple(aligned),
        at=at,
        drops=drops,
        cards=tuple(cards),
        absent=tuple(rest),
        signs=tuple(signs),
        declared=tuple((name, cell) for name, cells in declared.items() for cell in cells),
        together=grid.together(event, others),
        began=_began(prepared, at),
        trial=_trial(prepared if placebos else [], at, shared, seed),
        recovery=_recovery(prepared, at, shared[0]),
        raw_drop=_raw(aligned, at, seed) if signs or struck else None,
        averted=_averted(cards, shared),
        controls=_controls(controls, event, until, seed),
    )
    verdict, reason = verdicts.judge(facts)
    return Scorecard(
        verdict,
        reason,
        drops,
        (*cards, *rest),
        facts.averted,
        sensor.horizon(aligned[0], at) * aligned[0].step.days,
        facts.recovery,
        facts.trial,
        facts.began,
        tuple(signs),
        shared[0],
        verdicts.warnings(facts),
        Traces(tuple(aligned), at, tuple(prepared), shared[0]),
    )


def _signs(aligned: list[Series], at: int) -> list[instrument.Sign]:
    signs = [sign for s in aligned for sign in instrument.frozen(s)]
    thawed = [grid.thawed(s, signs) for s in aligned]
    signs += instrument.jumps(thawed, at)
    return signs + [sign for s in thawed for sign in instrument.grain(s, at)]


def _fused(
    days: int, cards: list[SensorCard], rest: list[SensorCard], shared: tuple[float, float]
) -> FusedWindow:
    windows = [w for c in cards for w in c.windows if w.days == days and w.drop is not None]
    if not windows:
        reasons = [w.reason for c in (*cards, *rest) for w in c.windows if w.days == days]
        return FusedWindow(days, None, None, 0, 0.0, reasons[0] if reasons else "no sensor")
    if len(windows) == 1:
        return FusedWindow(days, windows[0].drop, None, 1, 0.0, "")
    logs, ses = np.array([w.log for w in windows]), np.array([w.se for w in windows])
    if max(w.came for w in windows) < HARDLY:
        middle, half = float(logs.mean()), 1.959964 * _se_of_mean(ses, shared[0])
        low, value, high = (as_drop(x) for x in (middle + half, middle, middle - half))
        return FusedWindow(
            days, Estimate(value, low, high, 0.95, "state space, mean"), None, len(windows), 0.0, ""
        )
    found = _fuse(logs, ses, shared, [w.lasting for w in windows])
    low, value, high = (as_drop(x) for x in (found.high, found.mean, found.low))
    further = as_drop(found.predict_high), as_drop(found.predict_low)
    drop = Estimate(value, low, high, 0.95, verdicts.FUSED)
    return FusedWindow(days, drop, further if len(windows) > 2 else None, len(windows), found.i2, "")


def _fuse(logs: Floats, ses: Floats, shared: tuple[float, float], lasting: Sequence[float]) -> fusion.Fused:
    """Weights rest on standard errors that are themselves estimates: those below their common (geometric) mean are
    drawn half-way up to it, so that no sensor counts for more because its noise was underrated. The width of the
    interval comes from the scatter, and from the part of the variance that is ``lasting`` as far as it is shared."""
    steady = np.maximum(ses, np.sqrt(ses * np.exp(np.log(ses).mean())))
    return fusion.fuse(logs, steady**2, shared=shared[0] * float(np.mean(lasting)), shared_df=shared[1])


def _averted(cards: list[SensorCard], shared: tuple[float, float]) -> Estimate | None:
    """The mean over sensors of spam-days averted.

    A sensor's own error hardly shows in how its spam-days scatter (a wave that comes anyway raises both what
    came and what would have come), but it does show in the log ratios. So these are fused, and the mean is
    what came on average times exp(−log ratio) − 1. Where hardly anything came the ratio is chance, and what
    would have come all that matters: there the sensors' own intervals are averaged.
    """
    known = [c.averted for c in cards if c.averted is not None]
    if len(known) < 2:
        return known[0].averted if known else None
    if min(a.count for a in known) < FEW:
        return _averted_by_model(known, shared[0])
    logs, ses = np.array([a.log for a in known]), np.array([a.se for a in known])
    found = _fuse(logs, ses, shared, [a.lasting for a in known])
    came = float(np.mean([a.came for a in known]))
    value, low, high = (-came * as_drop(-x) for x in (found.mean, found.high, found.low))
    return Estimate(value, low, high, 0.95, verdicts.FUSED)


def _averted_by_model(known: list[sensor.Averted], shared: float) -> Estimate:
    value = float(np.mean([a.averted.value for a in known]))
    own = np.array([(a.averted.high - a.averted.low) / (2 * 1.959964) for a in known])
    se = _se_of_mean(own, shared)
    return Estimate(value, value - 1.959964 * se, value + 1.959964 * se, 0.95, "state space, mean")


def _se_of_mean(ses: Floats, correlation: float) -> float:
    own = (ses**2).sum() * (1 - correlation)
    return float(np.sqrt(own + correlation * ses.sum() ** 2)) / len(ses)


def _began(prepared: list[Prepared], at: int) -> Began | None:
    """The middle of the sensors that saw a drop which is no chance find; None where fewer than half did."""
    found = [onset.fit(p.adjusted, at) for p in prepared]
    strong = [o for o in found if o is not None and o.strength >= STRONG and o.size < 0]
    if not strong or 2 * len(strong) < len(prepared):
        return None
    middle = sorted(strong, key=lambda o: o.before)[(len(strong) - 1) // 2]
    return Began(middle.before, middle.cell, middle.size)


def _trial(prepared: list[Prepared], at: int, shared: tuple[float, float], seed: int) -> Trial:
    """The same fused estimate at dates on which nothing happened."""
    if not prepared:
        return Trial(None, 0, 0, PLACEBO_DAYS)
    step = prepared[0].series.step
    cells = min(max(1, step.cells(PLACEBO_DAYS)), len(prepared[0].series) - at)
    runs = [placebo.run(p.adjusted, at, cells, seed) for p in prepared]
    own = [sensor.log_ratio(p, at, cells, seed) for p in prepared]
    event = [
        (o.centre, o.se, sensor.lasting(p.fitted, o.se, o.cells, _came(p, at)))
        for p, o in zip(prepared, own, strict=True)
        if o is not None
    ]
    dates = sorted({int(c) for r in runs for c in r.cell})
    fused = [
        _together([_of(p, r, c, cells) for p, r in zip(prepared, runs, strict=True) if c in r.cell], shared)
        for c in dates
    ]
    alarms = sum(low > 0 or high < 0 for _, low, high in fused)
    if not fused or not event:
        return Trial(None, len(fused), alarms, cells * step.days)
    centre = _together(event, shared)[0]
    as_large = sum(mean <= centre for mean, _, _ in fused)
    return Trial((1 + as_large) / (1 + len(fused)), len(fused), alarms, cells * step.days)


def _came(one: Prepared, at: int) -> float:
    cells = one.series.step.cells(PLACEBO_DAYS)
    return float(np.nansum(one.series.counts[at : at + max(1, cells)]))


def _of(one: Prepared, run: placebo.Placebo, cell: int, cells: int) -> tuple[float, float, float]:
    i = int(np.flatnonzero(run.cell == cell)[0])
    came = float(np.nansum(one.adjusted.counts[cell : cell + cells]))
    return (
        float(run.centre[i]),
        float(run.se[i]),
        sensor.lasting(one.fitted, float(run.se[i]), cells, came),
    )


def _together(
    estimates: list[tuple[float, float, float]], shared: tuple[float, float]
) -> tuple[float, float, float]:
    values, ses, lasting = (np.array(column) for column in zip(*estimates, strict=True))
    found = _fuse(values, ses, shared, list(lasting))
    return found.mean, found.low, found.high


def _recovery(prepared: list[Prepared], at: int, shared: float) -> recovery.Recovery | None:
    paths = [
        recovery.path(p.series.counts[at : at + p.paths.shape[1]], p.paths, p.series.step.days)
        for p in prepared
    ]
    known = [p for p in paths if p is not None]
    mean = recovery.mean_path(known, shared) if known else None
    return recovery.fit(mean) if mean is not None else None


def _struck(aligned: list[Series], at: int, declared: dict[str, list[int]]) -> set[str]:
    """Sensors that are declared to have changed at the event, where others are left to judge it by."""
    near = {name for name, cells in declared.items() if any(abs(c - at) <= instrument.NEAR for c in cells)}
    left = any(s.sensor not in near and not sensor.lacking(s, at) for s in aligned)
    return near if left else set()


def _controls(
    series: Sequence[Series], event: datetime | date, until: datetime | date | None, seed: int
) -> tuple[FusedWindow, ...]:
    """What the same question gives for series that the event cannot have touched; empty where there are none."""
    if not series:
        return ()
    aligned = [grid.beside(s, event) for s in grid.aligned(series, until)]
    return _as_counted(aligned, aligned[0].first_after(event), seed)


def _raw(aligned: list[Series], at: int, seed: int) -> Estimate | None:
    """The drop as it would look had no change of instrument been noticed."""
    main = verdicts.main_window(_as_counted(aligned, at, seed), aligned[0].step)
    return main.drop if main else None


def _as_counted(aligned: list[Series], at: int, seed: int) -> tuple[FusedWindow, ...]:
    """The drops of series that are taken as they are: no instrument is looked for."""
    prepared = sensor.prepare([(s, s, None) for s in aligned], at, seed)
    shared = statespace.shared([p.fitted for p in prepared])
    cards = [sensor.card(p, at, DAYS, None, seed) for p in prepared]
    rest = [sensor.absent(s, at, DAYS, why) for s in aligned if (why := sensor.lacking(s, at))]
    return tuple(_fused(days, cards, rest, shared) for days in DAYS)

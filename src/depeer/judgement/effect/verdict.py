"""One word of verdict, its reason, and the warnings: what the data say, and what they cannot tell.

The order of the questions is the order of doubt: is there enough data; did the instrument change; did other
interventions fall together with this one; did the drop begin before; and only then, did it work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from depeer.judgement.effect.sensor import SensorCard
from depeer.judgement.effect.words import counted, days, drop, rise, share, span
from depeer.measures.effect.instrument import NEAR, Sign
from depeer.measures.effect.listing import emptied, is_list
from depeer.measures.effect.recovery import Recovery
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate

BEGAN = 0.95
"""Probability beyond which a drop is said to have begun before the event."""
MATERIAL = 0.1
"""Log change below which it is not asked when it began."""
LONG_BEFORE = 28
"""Days before the event beyond which an earlier drop is another matter."""
LEAST_COMMON = 14
"""Cells that all sensors must know for one to be called the sum of the others."""
ALL = 0.99
"""Drops from here on are of nearly all."""
FUSED = "state space, random effects, HKSJ"
"""How the sensors' drops were put together where their scatter says how sure they are."""
WIDE = 0.5
SILENT = 30
LEAST_CELLS = 3
"""Cells of the window that the verdict rests on, where there is a choice."""


class Verdict(StrEnum):
    EFFECT = "effect"
    NO_EFFECT = "no effect"
    BEGAN_BEFORE = "began before"
    INSTRUMENT = "instrument"
    CANNOT_SEPARATE = "cannot separate"
    TOO_LITTLE = "too little data"


@dataclass(frozen=True, slots=True)
class FusedWindow:
    """The drop over the first ``days`` over all sensors: its mean with a 95 % interval, and where the drop at one
    more sensor would lie (None for fewer than three). ``drop`` None: ``reason`` says why."""

    days: int
    drop: Estimate | None
    prediction: tuple[float, float] | None
    sensors: int
    i2: float
    reason: str

    @property
    def by_scatter(self) -> bool:
        """Whether the interval rests on how sensors scatter, not on what each alone is known to."""
        return self.drop is not None and self.drop.method == FUSED


@dataclass(frozen=True, slots=True)
class Trial:
    """``n`` separate windows of ``days`` without an event: the share ``p`` with as large a drop, the event's own
    counted in (never below 1/(n + 1)), and how many had an interval that leaves out 0."""

    p: float | None
    n: int
    alarms: int
    days: float


@dataclass(frozen=True, slots=True)
class Began:
    """Probability that the drop began before the event, its likeliest onset (cells from the event) and log size."""

    before: float
    cell: int
    size: float


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the verdict rests on; ``at`` is the first cell after the event."""

    series: tuple[Series, ...]
    at: int
    drops: tuple[FusedWindow, ...]
    cards: tuple[SensorCard, ...]
    absent: tuple[SensorCard, ...]
    signs: tuple[Sign, ...]
    declared: tuple[tuple[str, int], ...]
    together: tuple[datetime, ...]
    began: Began | None
    trial: Trial
    recovery: Recovery | None
    raw_drop: Estimate | None
    averted: Estimate | None
    controls: tuple[FusedWindow, ...] = ()
    """The drops of what the event cannot have touched; empty where nothing is given."""

    @property
    def at_event(self) -> set[str]:
        """Sensors whose instrument changed, or is declared to have changed, at the event."""
        near = {name for name, cell in self.declared if abs(cell - self.at) <= NEAR}
        used = {c.sensor for c in self.cards}
        return (near | {s.sensor for s in self.signs if s.kind == "grain"}) & used


def main_window(drops: Sequence[FusedWindow], step: Step) -> FusedWindow | None:
    """The window that the verdict rests on: seven days, else the next best; of weeks thirty days, since one cell
    alone is mostly noise."""
    known = [d for d in drops if d.drop is not None]
    several = [d for d in known if step.cells(d.days) >= LEAST_CELLS]
    return min(several or known, key=lambda d: abs(d.days - 7), default=None)


def judge(facts: Facts) -> tuple[Verdict, str]:
    main = main_window(facts.drops, facts.series[0].step)
    if main is None or main.drop is None:
        return _without_estimate(facts)
    fell = main.drop.low > 0
    if not fell and facts.raw_drop is not None and facts.raw_drop.low > 0:
        return Verdict.INSTRUMENT, f"the drop goes away once this is left out: {_named(facts)}"
    if facts.together:
        when = ", ".join(f"{d:%Y-%m-%d}" for d in facts.together)
        return Verdict.CANNOT_SEPARATE, f"other interventions fall within six weeks ({when}); drops are joint"
    if fell and 2 * len(facts.at_event) >= len(facts.cards) and facts.at_event:
        who = ", ".join(sorted(facts.at_event)) or "the sensor"
        return Verdict.CANNOT_SEPARATE, f"the instrument changed at the event ({who}), and so did the counts"
    beside = _control(facts, main.days)
    if fell and beside is not None and main.drop.low <= beside.high and beside.low > 0:
        fell_too = f"{drop(beside)} over {days(main.days)}"
        return Verdict.CANNOT_SEPARATE, f"what the event cannot have touched fell as well: {fell_too}"
    if fell and _emptied(facts):
        return (
            Verdict.CANNOT_SEPARATE,
            "a list that hardly moved is empty at once: one no longer kept looks the same",
        )
    if _earlier(facts.began, facts.series[0].step):
        assert facts.began is not None
        before = counted(-facts.began.cell, facts.series[0].step.word)
        return Verdict.BEGAN_BEFORE, f"the drop began about {before} before the event"
    if fell:
        return Verdict.EFFECT, f"95 % interval of the drop over {days(main.days)}: {span(main.drop)}"
    if main.drop.high >= ALL and main.drop.low <= -ALL:
        return Verdict.TOO_LITTLE, f"a drop of any size over {days(main.days)} would fit, and so would none"
    return Verdict.NO_EFFECT, _not_found(main)


def _without_estimate(facts: Facts) -> tuple[Verdict, str]:
    if any(s.kind == "frozen" and s.last > facts.at for s in facts.signs):
        return Verdict.INSTRUMENT, f"no count is left that can be believed: {_named(facts)}"
    reasons = [c.reason for c in facts.absent] + [d.reason for d in facts.drops]
    return Verdict.TOO_LITTLE, next((r for r in reasons if r), "no window can be estimated")


def _emptied(facts: Facts) -> bool:
    """One sensor alone, and a list: two that empty at once bear each other out."""
    used = {c.sensor for c in facts.cards}
    return len(used) == 1 and any(emptied(s, facts.at) for s in facts.series if s.sensor in used)


def _earlier(began: Began | None, step: Step) -> bool:
    if began is None:
        return False
    return began.before >= BEGAN and began.size <= -MATERIAL and -step.cells(LONG_BEFORE) <= began.cell < 0


def _not_found(main: FusedWindow) -> str:
    assert main.drop is not None
    if main.drop.high < 0:
        return f"more came than before, not less: {rise(main.drop)} more over {days(main.days)}"
    most = share(max(main.drop.high, 0.0)) if main.drop.high < ALL else "nearly all"
    return f"no drop stands out over {days(main.days)}; one of up to {most} is not ruled out"


def _named(facts: Facts) -> str:
    told = [
        f"{name} is declared to have changed on {facts.series[0].time(cell):%Y-%m-%d}"
        for name, cell in facts.declared
    ]
    return "; ".join([*(_sign(s, facts.series[0]) for s in facts.signs), *told])


def _sign(sign: Sign, series: Series) -> str:
    name = sign.sensor or "the sensor"
    first, last = f"{series.time(sign.first):%Y-%m-%d}", f"{series.time(sign.last - 1):%Y-%m-%d}"
    if sign.kind == "frozen":
        return f"{name} gave the same count from {first} to {last}"
    if sign.kind == "jump":
        return f"{name} moved against the other sensors on {first}"
    return f"{name} changed the grain of its counts at the event"


def warnings(facts: Facts) -> tuple[str, ...]:
    """Sentences in the order of weight; each says what was seen and what it may mean."""
    rows = [*_about_instruments(facts), *_about_sensors(facts), *_about_trial(facts), *_about_return(facts)]
    return tuple(dict.fromkeys(rows))


def _about_instruments(facts: Facts) -> list[str]:
    rows = [
        f"{_sign(s, facts.series[0])}: taken for a change of how it counts. If it is the spam itself, ask by sensor"
        for s in facts.signs
        if s.sensor in {c.sensor for c in facts.cards} or not facts.cards
    ]
    if len(facts.series) == 1:
        rows.append(
            "one sensor alone cannot show a change of its instrument at the event; a second one could"
        )
    return rows


def _about_sensors(facts: Facts) -> list[str]:
    rows = [f"{c.sensor or 'the sensor'} is left out: {c.reason}" for c in facts.absent]
    main = main_window(facts.drops, facts.series[0].step)
    if main is not None and main.sensors == 2 and main.by_scatter:
        rows.append("two sensors leave one degree of freedom: the interval over sensors is very wide")
    if main is not None and main.drop is not None and main.drop.high - main.drop.low > WIDE:
        rows.append("the interval is so wide that little can be said of the size of the drop")
    silent = [c for c in facts.cards if _silent(facts, c.sensor)]
    rows += [
        f"{c.sensor or 'the sensor'} counts nothing right after the event: a sensor that is down looks the same"
        for c in silent
    ]
    return rows + _about_sums(facts) + _about_lists(facts) + _about_controls(facts)


def _about_sums(facts: Facts) -> list[str]:
    """A column of totals beside its parts counts everything twice."""
    counts = np.array([s.counts for s in facts.series])
    known = counts[:, ~np.isnan(counts).any(axis=0)]
    if len(counts) < 3 or known.shape[1] < LEAST_COMMON:
        return []
    total = known.sum(axis=0)
    sums = [s.sensor for s, row in zip(facts.series, known, strict=True) if np.array_equal(2 * row, total)]
    return [f"{name} is the sum of the others: all of it is counted twice, leave it out" for name in sums]


def _control(facts: Facts, window: int) -> Estimate | None:
    return next((c.drop for c in facts.controls if c.days == window), None)


def _about_controls(facts: Facts) -> list[str]:
    main = main_window(facts.drops, facts.series[0].step)
    if main is None or not facts.controls:
        return []
    one = _control(facts, main.days)
    if one is None:
        return [f"the control says nothing of {days(main.days)}: {facts.controls[0].reason}"]
    return [f"the control, which the event cannot have touched: a drop of {drop(one)} over {days(main.days)}"]


def _about_lists(facts: Facts) -> list[str]:
    used = {c.sensor for c in facts.cards}
    lists = [s.sensor or "the sensor" for s in facts.series if s.sensor in used and is_list(s, facts.at)]
    if not lists:
        return []
    who = f"{', '.join(lists)} move{'s' * (len(lists) == 1)}"
    return [
        f"{who} less than arrivals do, as a list does whose changes are rare and large: on real lists at dates of no "
        "event 95 % intervals held in about 8 of 10 cases over 7 days, and 6 of 10 over 30"
    ]


def _silent(facts: Facts, sensor: str) -> bool:
    """Whether nothing at all was counted in the first ``SILENT`` days, of which something is known."""
    one = next(s for s in facts.series if s.sensor == sensor)
    after = one.counts[facts.at : facts.at + max(1, one.step.cells(SILENT))]
    return not (after > 0).any() and bool((after == 0).any())


def _about_trial(facts: Facts) -> list[str]:
    trial = facts.trial
    if not trial.n:
        return ["there is no separate window before the event to try the method on"]
    least = 1 / (trial.n + 1)
    rows = []
    if least > 0.05:
        rows.append(
            f"before the event there is room for only {counted(trial.n, 'separate window')} of {trial.days:g} days: "
            f"a placebo p below {least:.2f} is not supported"
        )
    if trial.n >= 5 and trial.alarms > max(2, trial.n // 5):
        rows.append(
            f"{trial.alarms} of {trial.n} placebo dates look like events: the intervals are too narrow here"
        )
    return rows


def _about_return(facts: Facts) -> list[str]:
    main = main_window(facts.drops, facts.series[0].step)
    if main is None or main.drop is None:
        return []
    if main.drop.low <= 0:
        later = facts.averted is not None and facts.averted.low > 0
        drops = any(d.drop is not None and d.drop.low > 0 for d in facts.drops)
        said = "no drop stands out after the event, so nothing says that it averted these spam-days"
        return [said] if later and not drops else []
    rows = ["the operators may have paused by themselves: counts cannot tell a pause from a takedown"]
    life = facts.recovery.half_life if facts.recovery is not None else None
    if life is not None and math.isfinite(life.high):
        rows.append(f"half of the drop was gone after {days(round(life.value))}: it did not last")
    return rows

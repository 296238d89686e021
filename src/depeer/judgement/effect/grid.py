"""Before anything is estimated: sensors on one grid, the event inside it, and changes of instrument taken out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput
from depeer.measures.effect.instrument import NEAR, Sign
from depeer.measures.effect.series import Series, instant

Floats = NDArray[np.float64]

MOST_NAMED = 12
TOGETHER = timedelta(days=42)
"""Other interventions within this of the event cannot be told from it."""


def aligned(sensors: Sequence[Series], until: datetime | date | None) -> list[Series]:
    """All series over the same cells, unknown where a sensor has none. Raises BadInput where that cannot be."""
    if not sensors:
        raise BadInput("no series: give the counts of at least one sensor")
    if len({s.step for s in sensors}) > 1:
        raise BadInput("sensors count by different steps; bring them all to hours, days or weeks first")
    if len({s.sensor for s in sensors}) < len(sensors):
        raise BadInput("two series have the same name of a sensor; give each its own")
    first = min(s.start for s in sensors)
    step = timedelta(seconds=sensors[0].step.value)
    if any((s.start - first) % step for s in sensors):
        raise BadInput(
            "the cells of the sensors begin at different times of the day or week; align them first"
        )
    end = max(s.time(len(s)) for s in sensors)
    if until is not None:
        day = timedelta(0) if isinstance(until, datetime) else timedelta(1)
        end = min(end, instant(until) + day)
    cells = (end - first) // step
    if cells < 1:
        raise BadInput("nothing is left of the series: they begin after the date at which they are to end")
    return [_stretched(s, first, cells) for s in sensors]


def _stretched(series: Series, first: datetime, cells: int) -> Series:
    counts = np.full(cells, np.nan)
    at = (series.start - first) // timedelta(seconds=series.step.value)
    part = series.counts[: max(cells - at, 0)]
    counts[at : at + len(part)] = part
    return Series(first, series.step, counts, series.sensor, series.counted)


def check(sensors: list[Series], at: int, event: datetime | date) -> None:
    """Raises BadInput where the event lies outside the series, or there is nothing but zeros."""
    one = sensors[0]
    if not 0 < at < len(one):
        span = f"{one.time(0):%Y-%m-%d} to {one.time(len(one) - 1):%Y-%m-%d}"
        if at == 0 and one.time(0) == instant(event):
            raise BadInput(
                f"nothing is counted before the event of {event:%Y-%m-%d}: it is where the series begins"
            )
        raise BadInput(f"the event of {event:%Y-%m-%d} lies outside the series ({span})")
    if not any(np.nansum(s.counts) > 0 for s in sensors):
        raise BadInput("the series holds nothing but zeros and gaps; there is nothing to measure a drop of")


def declared(sensors: list[Series], changes: Sequence[tuple[str, datetime | date]]) -> dict[str, list[int]]:
    """Cells of the declared changes, by sensor. Raises BadInput for a sensor that is not there."""
    cells: dict[str, list[int]] = {}
    for name, when in changes:
        if name not in {s.sensor for s in sensors}:
            have = ", ".join(
                repr(s.sensor) if s.sensor else "one without a name" for s in sensors[:MOST_NAMED]
            )
            raise BadInput(
                f"a change is declared of {name!r}, but no series has that sensor; there is {have}"
            )
        cells.setdefault(name, []).append(sensors[0].first_after(when))
    return cells


def together(event: datetime | date, others: Sequence[datetime | date]) -> tuple[datetime, ...]:
    """The other interventions that are too close to be told apart, those of the same day among them."""
    at = instant(event)
    return tuple(sorted(o for o in map(instant, others) if abs(o - at) <= TOGETHER))


def beside(series: Series, event: datetime | date) -> Series:
    """Without the cell in which the event lies, unless it begins with it: part of it is before, part after."""
    cell = series.cell(event)
    return series if series.time(cell) == instant(event) else series.without(slice(cell, cell + 1))


def thawed(series: Series, signs: Sequence[Sign]) -> Series:
    """Frozen runs, but for their first cell, made unknown."""
    for sign in signs:
        if sign.kind == "frozen" and sign.sensor == series.sensor:
            series = series.without(slice(sign.first + 1, sign.last))
    return series


def cleaned(
    series: Series, at: int, signs: Sequence[Sign], declared: Sequence[int]
) -> tuple[Series, Series, Floats | None]:
    """The series with what a change of instrument after the event spoilt made unknown; the same with the levels
    before earlier changes brought to that of the last; and a step for each earlier change, to be fitted."""
    series = thawed(series, signs)
    jumps = [s.first for s in signs if s.kind == "jump" and s.sensor == series.sensor]
    places = sorted({c for c in (*jumps, *declared) if abs(c - at) > NEAR and 0 < c < len(series)})
    later = [c for c in places if c > at]
    if later:
        series = series.without(slice(later[0], None))
    steps = [c for c in places if c < at and series.known(0, c) and series.known(c, at)]
    if not steps:
        return series, series, None
    extra = (np.arange(len(series))[:, None] >= np.array(steps)).astype(float)
    return series, _levelled(series, [0, *steps, at]), extra


def _levelled(series: Series, edges: list[int]) -> Series:
    counts = series.counts.copy()
    last = float(np.nanmean(counts[edges[-2] : edges[-1]]))
    for first, end in pairwise(edges[:-1]):
        own = float(np.nanmean(counts[first:end]))
        counts[first:end] *= last / own if own > 0 else 1.0
    return Series(series.start, series.step, counts, series.sensor, series.counted)

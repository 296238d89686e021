"""Deliveries over time, by sensor and label, with what is zero told apart from what is unknown.

A day on which a sensor was up and counted nothing is a zero; a day on which it was down, or on which
nobody says that it was up, is unknown. ``volume_chart`` draws this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from depeer.charts import theme
from depeer.charts.content import Coverage, Report

PANELS = 6
"""With more sensors than this, they are all shown together."""
MOST_BINS = 400
"""Bars that a screen can still tell apart."""
EVERYTHING = "all sensors"
_LABELS = tuple(theme.LABELS)
_Counts = dict[tuple[str, date], dict[str, int]]
_Stretches = Sequence[tuple[date, date]]


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar: ``since`` to ``until`` inclusive; deliveries by label; sensor-days covered, of how many."""

    sensor: str
    since: date
    until: date
    counts: tuple[tuple[str, int], ...]
    covered: int
    possible: int

    @property
    def total(self) -> int:
        return sum(n for _, n in self.counts)

    @property
    def unknown(self) -> bool:
        """Nothing was counted and no sensor is known to have been up: not a zero."""
        return self.covered == 0 and self.total == 0


@dataclass(frozen=True, slots=True)
class Volume:
    """Bins in order of sensor and time; ``width`` in days; deliveries that no bin holds, and why."""

    bins: tuple[Bin, ...]
    width: int
    undated: int
    outside: int

    @property
    def sensors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(b.sensor for b in self.bins))

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that occur, in the order of their colours."""
        seen = {label for b in self.bins for label, n in b.counts if n}
        return tuple(label for label in _LABELS if label in seen)


def bins(report: Report) -> Volume:
    """The volume of ``report``, a panel for each sensor (or one for all above ``PANELS``).

    Bins are one day wide up to 400 days, else whole weeks, so that there are never more than about 400.
    Without ``since`` and ``until`` the span is that of the dated deliveries and the coverage.
    """
    counts, undated = _counted(report.volume)
    span = _span(report, counts)
    if span is None:
        return Volume((), 1, undated, sum(sum(labels.values()) for labels in counts.values()))
    known = {sensor.name: _merged(sensor.coverage, span[1]) for sensor in report.sensors}
    names = sorted({name for name, _ in counts} | known.keys())
    panels = {EVERYTHING: names} if len(names) > PANELS else {name: [name] for name in names}
    edges, width = _edges(*span)
    made: list[Bin] = []
    for title, members in panels.items():
        coverage = [known.get(name, []) for name in members]
        made += _panel(title, edges, _summed(counts, set(members), edges, width), coverage)
    outside = sum(sum(labels.values()) for labels in counts.values()) - sum(b.total for b in made)
    return Volume(tuple(made), width, undated, outside)


def _counted(table: pa.Table) -> tuple[_Counts, int]:
    counts: _Counts = {}
    undated = 0
    for row in table.select(["day", "sensor", "label", "messages"]).to_pylist():
        if row["day"] is None:
            undated += row["messages"]
            continue
        label = row["label"] if row["label"] in theme.LABELS else "unknown"
        labels = counts.setdefault((row["sensor"] or "unnamed", row["day"]), {})
        labels[label] = labels.get(label, 0) + row["messages"]
    return counts, undated


def _span(report: Report, counts: _Counts) -> tuple[date, date] | None:
    days = [day for _, day in counts]
    for sensor in report.sensors:
        for stretch in sensor.coverage:
            days += [stretch.since, stretch.until or stretch.since]
    since = report.since or min(days, default=None)
    until = report.until or max(days, default=None)
    if since is None or until is None or since > until:
        return None
    return since, until


def _edges(since: date, until: date) -> tuple[list[tuple[date, date]], int]:
    """First and last day of each bin, both inclusive, and the days of a whole one."""
    span = (until - since).days + 1
    width = 1 if span <= MOST_BINS else 7 * -(-span // (7 * MOST_BINS))
    starts = [since + timedelta(days=start) for start in range(0, span, width)]
    return [(first, first + timedelta(days=min(width - 1, (until - first).days))) for first in starts], width


def _merged(coverage: Iterable[Coverage], last: date) -> list[tuple[date, date]]:
    """Stretches inclusive, sorted, overlapping ones joined; open ones end on ``last``."""
    merged: list[tuple[date, date]] = []
    for since, until in sorted((c.since, c.until or max(last, c.since)) for c in coverage):
        if merged and since <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], until)
        elif since <= until:
            merged.append((since, until))
    return merged


def _covered(stretches: _Stretches, since: date, until: date) -> int:
    return sum(max(0, (min(b, until) - max(a, since)).days + 1) for a, b in stretches)


def _summed(
    counts: _Counts, members: set[str], edges: Sequence[tuple[date, date]], width: int
) -> list[dict[str, int]]:
    sums: list[dict[str, int]] = [{} for _ in edges]
    first, last = edges[0][0], edges[-1][1]
    for (sensor, day), labels in counts.items():
        if sensor in members and first <= day <= last:
            into = sums[(day - first).days // width]
            for label, n in labels.items():
                into[label] = into.get(label, 0) + n
    return sums


def _panel(
    title: str,
    edges: Iterable[tuple[date, date]],
    sums: Iterable[Mapping[str, int]],
    coverage: Sequence[_Stretches],
) -> Iterator[Bin]:
    for (since, until), labels in zip(edges, sums, strict=True):
        up = sum(_covered(stretches, since, until) for stretches in coverage)
        possible = ((until - since).days + 1) * len(coverage)
        yield Bin(title, since, until, tuple(sorted(labels.items())), up, possible)

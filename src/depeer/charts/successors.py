"""The chain of successors: networks from top to bottom as the target's things came up in them, time to the right.

A line runs from a network to its successor, ends where the first of it was seen there, and is as heavy as the
evidence is strong. Names stand in the data only, never in a scale or an order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import altair as alt

from depeer.charts import theme
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fit, fold
from depeer.judgement.recurrence import MODERATE, STRONG, WEAK, Evidence, Succession
from depeer.measures.recurrence import TARGET

DRAWN = 20
"""Networks drawn at most, the target left out."""
_WEIGHT = {STRONG: 4.0, MODERATE: 2.2, WEAK: 1.0}
_COLOURS = {STRONG: theme.ACCENT, MODERATE: theme.ACCENT, WEAK: theme.FAINT}
_DASHES = {STRONG: [1, 0], MODERATE: [1, 0], WEAK: [4, 3]}
_PLURALS = {
    "family": "families of controllers",
    "controller": "controllers",
    "name": "names",
    "sender": "senders",
    "prefix": "prefixes",
}
_ROW = 46


def successors_spec(
    found: Sequence[Succession],
    names: Mapping[int, str],
    event: date,
    target: str,
    width: int = WIDE,
    simulated: bool = False,
    source: str = "",
) -> dict[str, Any] | None:
    """Vega-Lite; None where nothing came up again. ``target``: what was cut, in words; ``names``: of networks by AS
    number, where known; ``source``: where it is from."""
    if not found:
        return None
    rows, shown = _drawn(found)
    room = 250 if width >= WIDE else 118
    labels = [_label(place, names, target, room) for place in rows]
    words = (340 if width >= WIDE else 60) / (width - room)
    axes = _axes(_span(shown, event, words), len(rows), width)
    places = {place: row for row, place in enumerate(rows)}
    title = alt.TitleParams(
        text=theme.heading("Where it went", simulated),
        subtitle=_words(found, len(shown), event, target, source, width),
    )
    layers = [
        *_rows(labels, axes, room),
        _event(event, axes),
        _lines(shown, places, event, axes),
        *_dots(shown, places, event, axes, width >= WIDE),
    ]
    chart = alt.layer(*layers).properties(width=width - room - 12, height=_ROW * len(rows), title=title)
    return dict(chart.configure(**theme.CONFIG).to_dict())


def _drawn(found: Sequence[Succession]) -> tuple[list[int], list[Succession]]:
    """Networks in the order in which they were reached, each below its first origin, and the links among them."""
    order = sorted(found, key=lambda one: (one.first, one.step))
    rows = [TARGET, *dict.fromkeys(one.successor for one in order)][: DRAWN + 1]
    shown = [one for one in order if one.origin in rows and one.successor in rows]
    return rows, shown


def _label(place: int, names: Mapping[int, str], target: str, room: int) -> str:
    text = target if place == TARGET else f"AS{place} {names.get(place, '')}".strip()
    return fit(clean(text, 90), room - 14)


def _words(
    found: Sequence[Succession], drawn: int, event: date, target: str, source: str, width: int
) -> list[str]:
    words = (
        f"Where what stood in {clean(target, 120)} before {event} came up from that day on (UTC). Dots: first seen "
        "there, with what links the two and how often as much does by chance. Heavier lines: stronger evidence."
    )
    more = len(found) - drawn
    words += f" {more:,} more are not drawn." if more > 0 else ""
    words += f" Source: {clean(source)}." if source else ""
    return fold(words, 160 if width >= WIDE else 52)


def _span(shown: Sequence[Succession], event: date, told: float) -> tuple[int, int]:
    """From before the event to after the last arrival, with room for words at its right."""
    last = max(one.first for one in shown)
    margin = max(last * 0.05, 1.0)
    whole = (last + 2 * margin) / (1 - min(told, 0.6))
    return _moment(event, -margin), _moment(event, whole - margin)


def _moment(event: date, days: float) -> int:
    """Milliseconds since 1970."""
    start = datetime(event.year, event.month, event.day, tzinfo=UTC)
    return int((start + timedelta(days=days)).timestamp() * 1000)


@dataclass(frozen=True, slots=True, eq=False)
class _Axes:
    x: alt.X
    y: alt.Y


def _axes(span: tuple[int, int], rows: int, width: int) -> _Axes:
    ticks = alt.Axis(title=None, grid=False, tickCount=9 if width >= WIDE else 3, labelOverlap=True)
    time = alt.Scale(type="utc", domain=list(span), nice=False)
    down = alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False, zero=False)
    return _Axes(alt.X("time:T", scale=time, axis=ticks), alt.Y("row:Q", scale=down, axis=None))


def _rows(labels: Sequence[str], axes: _Axes, room: int) -> list[alt.Chart]:
    """A faint line and a name for each network."""
    data = alt.InlineData(values=[{"row": row, "who": label} for row, label in enumerate(labels)])
    line: alt.Chart = alt.Chart(data).mark_rule(color=theme.GRID).encode(y=axes.y)
    name: alt.Chart = (
        alt.Chart(data).mark_text(align="left").encode(x=alt.value(-room), y=axes.y, text="who:N")
    )
    return [line, name]


def _event(event: date, axes: _Axes) -> alt.Chart:
    made: alt.Chart = (
        alt.Chart(alt.InlineData(values=[{"time": _moment(event, 0)}]))
        .mark_rule(color=theme.MUTED, strokeDash=[3, 3])
        .encode(x=axes.x)
    )
    return made


def _lines(shown: Sequence[Succession], places: Mapping[int, int], event: date, axes: _Axes) -> alt.Chart:
    values = []
    for number, one in enumerate(shown):
        begin = 0.0 if one.origin == TARGET else max(min(one.last_in_origin, one.first), 0.0)
        ends = ((one.origin, begin), (one.successor, one.first))
        values += [
            {"link": number, "row": places[p], "time": _moment(event, t), "evidence": one.strength}
            for p, t in ends
        ]
    kinds = [kind for kind in _WEIGHT if any(one.strength == kind for one in shown)]
    legend = alt.Legend(orient="top", direction="horizontal", title="evidence:", symbolType="stroke")

    def by(looks: Mapping[str, object]) -> dict[str, object]:
        return {"scale": alt.Scale(domain=kinds, range=[looks[k] for k in kinds]), "legend": legend}

    made: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line()
        .encode(
            x=axes.x,
            y=axes.y,
            detail="link:N",
            strokeWidth=alt.StrokeWidth("evidence:N", **by(_WEIGHT)),
            color=alt.Color("evidence:N", **by(_COLOURS)),
            strokeDash=alt.StrokeDash("evidence:N", **by(_DASHES)),
        )
    )
    return made


def _dots(
    shown: Sequence[Succession], places: Mapping[int, int], event: date, axes: _Axes, wide: bool
) -> list[alt.Chart]:
    values = [
        {"row": places[o.successor], "time": _moment(event, o.first), "said": _said(o, event, wide)}
        for o in _first_arrivals(shown)
    ]
    chart = alt.Chart(alt.InlineData(values=values))
    dot: alt.Chart = chart.mark_point(filled=True, size=60, opacity=1, color=theme.INK).encode(
        x=axes.x, y=axes.y
    )
    said: alt.Chart = chart.mark_text(align="left", dx=9, fontSize=11).encode(
        x=axes.x, y=axes.y, text="said:N"
    )
    return [dot, said]


def _first_arrivals(shown: Sequence[Succession]) -> list[Succession]:
    """Of each network the best supported link; words of several would stand on each other."""
    best: dict[int, Succession] = {}
    strengths = list(_WEIGHT)
    for one in sorted(shown, key=lambda o: (strengths.index(o.strength), o.first)):
        best.setdefault(one.successor, one)
    return list(best.values())


def _said(one: Succession, event: date, wide: bool) -> str:
    day = event + timedelta(days=one.first)
    if not wide:
        return f"{day:%d %b}"
    words = "; ".join(evidence_words(part) for part in one.evidence)
    return fit(clean(f"{day}: {words}", 200), 340, 11)


def evidence_words(part: Evidence) -> str:
    """Such as "2 of 4 families of controllers (cutwail, mega-d), by chance 4 %"."""
    some = ", ".join(clean(str(e), 40) for e in part.examples[:2])
    kind = part.kind if part.of == 1 else _PLURALS.get(part.kind, part.kind)
    return f"{part.count:,} of {part.of:,} {kind} ({some}), by chance {chance_words(part.chance)}"


def chance_words(chance: float) -> str:
    """In whole per cent; smaller ones by what they are below."""
    return f"{chance:.0%}" if chance >= 0.01 else "< 1 %"

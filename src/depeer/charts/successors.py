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
from depeer.disclosure import defang
from depeer.judgement.recurrence import MODERATE, NAMING, STRONG, WEAK, Evidence, Succession
from depeer.measures.recurrence import TARGET

DRAWN = 20
"""Networks drawn at most, the target left out."""
_STRENGTHS = (STRONG, MODERATE, WEAK)
_WEIGHT = dict(zip((f"{s} evidence" for s in _STRENGTHS), (4.0, 2.2, 1.0), strict=True))
_COLOURS = dict(zip(_WEIGHT, (theme.ACCENT, theme.ACCENT, theme.FAINT), strict=True))
_DASHES = dict(zip(_WEIGHT, ([1, 0], [1, 0], [4, 3]), strict=True))
_PLURALS = {
    "family": "families of controllers",
    "controller": "controllers",
    "name": "names",
    "sender": "senders",
    "prefix": "prefixes",
}
_ROW = 46
_TOLD = 400
"""Pixels at the right for what links two networks; a telephone has the date only."""


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
    plot = width - room - (_TOLD if width >= WIDE else 12)
    axes = _axes(_span(shown, event, 0.0 if width >= WIDE else 60 / plot), len(rows), width)
    places = {place: row for row, place in enumerate(rows)}
    title = alt.TitleParams(
        text=theme.heading("Where it went", simulated),
        subtitle=_words(found, len(shown), event, target, source, width),
    )
    layers = [
        *_rows(labels, axes, room),
        _event(event, axes),
        _lines(shown, places, event, axes),
        *_dots(shown, places, event, axes, plot if width >= WIDE else None),
    ]
    chart = alt.layer(*layers).properties(width=plot, height=_ROW * len(rows), title=title)
    return dict(chart.configure(**theme.CONFIG).to_dict())


def _drawn(found: Sequence[Succession]) -> tuple[list[int], list[Succession]]:
    """Networks in the order in which they were reached, and the links among them."""
    order = sorted(found, key=lambda one: (one.first, one.step))
    reached = sorted(_best(found), key=lambda one: (one.first, one.step))
    rows = [TARGET, *(one.successor for one in reached)][: DRAWN + 1]
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
            {
                "link": number,
                "row": places[p],
                "time": _moment(event, t),
                "evidence": f"{one.strength} evidence",
            }
            for p, t in ends
        ]
    legend = alt.Legend(orient="top", direction="horizontal", title=None, symbolType="stroke", symbolSize=400)

    def by(looks: Mapping[str, Any]) -> dict[str, Any]:
        return {"scale": alt.Scale(domain=list(looks), range=list(looks.values())), "legend": legend}

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
    shown: Sequence[Succession], places: Mapping[int, int], event: date, axes: _Axes, plot: int | None
) -> list[alt.Chart]:
    """Dots, and words beside the ``plot`` of so many pixels, or right at the dots where it is None."""
    every = [{"row": places[o.successor], "time": _moment(event, o.first)} for o in shown]
    dot: alt.Chart = (
        alt.Chart(alt.InlineData(values=every))
        .mark_point(filled=True, size=60, opacity=1, color=theme.INK)
        .encode(x=axes.x, y=axes.y)
    )
    x = axes.x if plot is None else alt.value(plot)
    told = [
        {"row": places[o.successor], "time": _moment(event, o.first), "line": line, "said": words}
        for o in _best(shown)
        for line, words in _said(o, event, plot is not None).items()
    ]
    said: list[alt.Chart] = [
        alt.Chart(alt.InlineData(values=[t for t in told if t["line"] == shift]))
        .mark_text(align="left", dx=9, dy=shift, fontSize=11)
        .encode(x=x, y=axes.y, text="said:N")
        for shift in sorted({int(str(t["line"])) for t in told})
    ]
    return [dot, *said]


def _best(shown: Sequence[Succession]) -> list[Succession]:
    """Of each network the best supported link; words of several would stand on each other."""
    best: dict[int, Succession] = {}
    for one in sorted(shown, key=lambda o: (_STRENGTHS.index(o.strength), o.first)):
        best.setdefault(one.successor, one)
    return list(best.values())


def _said(one: Succession, event: date, wide: bool) -> dict[int, str]:
    """One line of words, or the best evidence of two kinds, by pixels down from the row."""
    day = event + timedelta(days=one.first)
    if not wide:
        return {0: f"{day:%d %b}"}
    lines = [evidence_words(part) for part in sorted(one.evidence, key=lambda part: part.chance)[:2]]
    lines[0] = f"{day:%d %b}: {lines[0]}"
    kept = [fit(clean(line, 200), _TOLD - 20, 11) for line in lines]
    return dict(zip((0,) if len(kept) == 1 else (-7, 7), kept, strict=True))


def evidence_words(part: Evidence) -> str:
    """Such as "2 of 4 families of controllers (cutwail, mega-d), by chance 4 %"."""
    shown = [clean(str(e), 40) for e in part.examples[:2]]
    some = ", ".join(defang(e) if part.kind in NAMING else e for e in shown)
    kind = part.kind if part.of == 1 else _PLURALS.get(part.kind, part.kind)
    return f"{part.count:,} of {part.of:,} {kind} ({some}), by chance {chance_words(part.chance)}"


def chance_words(chance: float) -> str:
    """In whole per cent; smaller ones by what they are below."""
    return f"{100 * chance:.0f} %" if chance >= 0.01 else "< 1 %"

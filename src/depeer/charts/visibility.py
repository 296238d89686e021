"""Visibility of watched networks over time, a panel each: a step line, and marks where an event was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from depeer.charts import theme
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fold
from depeer.judgement.watch import Event, Kind, Sample

POINTS = 4_000
"""Points kept of each network; beyond, every second one that changed little goes."""
EVENTS = 500
_PANELS = 12
_SHOWN = {
    Kind.OFFLINE: "not seen",
    Kind.BACK: "back",
    Kind.FIRST_SEEN: "back",
    Kind.UPLINK_LOST: "uplink lost",
    Kind.UPLINK_GAINED: "uplink gained",
    Kind.ORIGIN_CHANGED: "other origin",
    Kind.MULTIPLE_ORIGINS: "other origin",
    Kind.HIJACK_SUSPECTED: "other origin",
}
_COLOURS = {
    "not seen": theme.ACCENT,
    "uplink lost": theme.FAINT,
    "back": theme.LABELS["spam"],
    "uplink gained": theme.LABELS["ham"],
    "other origin": theme.LABELS["unknown"],
}

Point = tuple[int, float | None]


@dataclass(slots=True)
class Curve:
    """Visibility as it changed, thinned out as it grows, and the events to mark."""

    points: dict[int, list[Point]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    unshown: int = 0
    """Events for which there was no room."""

    def add(self, samples: Iterable[Sample], events: Iterable[Event]) -> None:
        for time, asn, share in samples:
            mine = self.points.setdefault(asn, [])
            if mine and mine[-1][1] == share:
                continue
            mine.append((time, share))
            if len(mine) > POINTS:
                self.points[asn] = _thinned(mine)
        for event in events:
            if event.event in _SHOWN and len(self.events) < EVENTS:
                self.events.append(event)
            else:
                self.unshown += event.event in _SHOWN


def _thinned(points: list[Point]) -> list[Point]:
    """Half of the points: of each pair the one that stands out more, the lower where they are alike."""
    kept = [points[0]]
    for one, two in zip(points[1:-1:2], points[2:-1:2], strict=False):
        last = kept[-1][1] or 0.0
        kept.append(max(one, two, key=lambda p: (abs((p[1] or 0.0) - last), -(p[1] or 0.0))))
    return [*kept, points[-1]]


def visibility_spec(
    curve: Curve, names: dict[int, str] | None = None, width: int = WIDE, simulated: bool = False
) -> dict[str, Any] | None:
    """Vega-Lite, one panel a network, at most a dozen; None where nothing was seen."""
    shown = [asn for asn, points in curve.points.items() if points][:_PANELS]
    if not shown:
        return None
    ends = [point[0] for asn in shown for point in curve.points[asn]] + [e.time for e in curve.events]
    span = min(ends), max(max(ends), min(ends) + 1_000_000)
    called = names or {}
    panels = [_panel(curve, asn, called.get(asn, ""), span, width, asn == shown[-1]) for asn in shown]
    title = alt.TitleParams(text=theme.heading("Visibility over time", simulated), subtitle=_words(width))
    chart = alt.vconcat(*panels, title=title)
    return dict(chart.configure(**theme.CONFIG).configure_concat(spacing=14).to_dict())


def _words(width: int) -> list[str]:
    words = "Share of the counted peers that have a route (UTC). A gap in the line: no peer could tell."
    return fold(words, 160 if width >= WIDE else 52)


def _panel(curve: Curve, asn: int, name: str, span: tuple[int, int], width: int, last: bool) -> Any:
    called = clean(f"AS{asn} {name}".strip(), 60)
    title = alt.TitleParams(
        text=called, fontSize=12, anchor="start", frame="group", offset=5, color=theme.INK
    )
    layers = [_line(curve.points[asn], span, width, last), *_marks(curve, asn, span)]
    return alt.layer(*layers).properties(width=width - 62, height=130, title=title)


def _line(points: list[Point], span: tuple[int, int], width: int, last: bool) -> alt.Chart:
    values = [{"time": time // 1000, "share": share} for time, share in points]
    values.append({"time": span[1] // 1000, "share": points[-1][1]})
    axis = alt.Axis(
        labels=last,
        ticks=last,
        grid=False,
        title=None,
        tickCount=4 if width < WIDE else 10,
        labelOverlap=True,
    )
    shares = alt.Axis(
        format="%", tickCount=3, title=None, domain=False, ticks=False, minExtent=46, maxExtent=46
    )
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(interpolate="step-after", color=theme.INK, strokeWidth=1.5)
        .encode(x=_x(span, axis), y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=shares))
    )
    return chart


def _x(span: tuple[int, int], axis: alt.Axis | None = None) -> alt.X:
    scale = alt.Scale(type="utc", domain=[span[0] // 1000, span[1] // 1000], nice=False)
    return alt.X("time:T", scale=scale) if axis is None else alt.X("time:T", scale=scale, axis=axis)


def _marks(curve: Curve, asn: int, span: tuple[int, int]) -> list[alt.Chart]:
    mine = [e for e in curve.events if e.asn == asn]
    values = [{"time": e.time // 1000, "what": _SHOWN[e.event]} for e in mine]
    if not values:
        return []
    colours = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    legend = alt.Legend(orient="top", direction="horizontal", title=None)
    rule: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_rule(strokeDash=[3, 3], strokeWidth=1.4)
        .encode(x=_x(span), color=alt.Color("what:N", scale=colours, legend=legend))
    )
    return [rule]

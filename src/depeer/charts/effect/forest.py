"""The forest of sensors: each one's drop over 1, 7 and 30 days with its interval, and below them all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from depeer.charts import theme, vega
from depeer.charts.clean import clean
from depeer.charts.effect.text import Event, below, title
from depeer.charts.theme import WIDE, fit
from depeer.charts.vega import Spec, marks, pixel, to, words
from depeer.judgement.effect import Scorecard
from depeer.judgement.effect.sensor import SensorCard
from depeer.judgement.effect.verdict import FusedWindow
from depeer.judgement.effect.words import drop

ROWS = 30
ROW = 21
LEAST = -1.0
"""Drops below this (more than twice as much came) are drawn at the edge, with a point to the left."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: what it is called, its estimate and interval; ``reason`` where there is none."""

    name: str
    value: float | None
    low: float
    high: float
    reason: str = ""


def forest_spec(card: Scorecard, event: Event, width: int = WIDE) -> Spec | None:
    """Vega-Lite, a panel for each number of days that any sensor can answer for; None where none can."""
    days = [one for one in card.drops if _answered(card, one.days)]
    if not days:
        return None
    narrow = width < WIDE
    names = 150 if narrow else 190
    plot = width - names - 14 if narrow else (width - names - 46 * (len(days) - 1) - 20) // len(days)
    domain = _domain(card, days)
    panels = [
        _panel(card, one, domain, plot, names if narrow or not place else 0) for place, one in enumerate(days)
    ]
    return vega.whole(
        {"vconcat" if narrow else "hconcat": panels, "spacing": 26 if narrow else 46},
        title("Drop by sensor, as a share of what would have been counted", event, width),
        below(card, event, width, _sentences(card)),
    )


def _sentences(card: Scorecard) -> list[str]:
    said = ["Dot and line: drop with its 95 % interval; 0 %: no drop; to the left of it more came."]
    if len(card.sensors) > 1:
        said.append("Diamond: all sensors together; thin line: where one more sensor would lie.")
    if len(card.sensors) > ROWS:
        said.append(f"The first {ROWS} of {len(card.sensors)} sensors.")
    return said


def _answered(card: Scorecard, days: int) -> bool:
    return any(one.days == days and one.drop is not None for sensor in card.sensors for one in sensor.windows)


def _lines(sensors: Sequence[SensorCard], days: int) -> list[_Line]:
    lines = []
    for sensor in sensors:
        one = next(window for window in sensor.windows if window.days == days)
        name = clean(sensor.sensor or "counts", 60)
        if one.drop is None:
            lines.append(_Line(name, None, 0.0, 0.0, one.reason))
        else:
            lines.append(_Line(name, one.drop.value, one.drop.low, one.drop.high))
    return lines


def _domain(card: Scorecard, days: Sequence[FusedWindow]) -> tuple[float, float]:
    """The same for all panels, 0 in it, whole tenths."""
    lows = [line.low for one in days for line in _lines(card.sensors, one.days) if line.value is not None]
    lows += [one.prediction[0] for one in days if one.prediction]
    low = min(0.0, *lows)
    return max(LEAST, float(int(low * 10 - 0.999) / 10)), 1.0


def _panel(card: Scorecard, one: FusedWindow, domain: tuple[float, float], plot: int, names: int) -> Spec:
    lines = _lines(card.sensors[:ROWS], one.days)
    fused = len(lines) > 1 and one.drop is not None
    high = ROW * (len(lines) + fused) + 4
    axis: Spec = {
        "format": "%",
        "grid": False,
        "tickCount": 5,
        "title": None,
        "domain": False,
        "labelOverlap": True,
    }
    scale: Spec = {"domain": list(domain), "nice": False, "range": [names, names + plot]}
    x: Spec = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}
    layers = [_zero(x), *_sensors(lines, x, domain, plot, names)]
    if fused:
        layers += _fused(one, x, domain, ROW * len(lines) + ROW / 2 + 4)
    layers += _names([line.name for line in lines] + (["all together"] if fused else []), names, fused)
    heading: Spec = {
        "text": _said(one),
        "fontSize": 12,
        "anchor": "start",
        "frame": "group",
        "offset": 5,
        "dx": names,
        "color": theme.INK,
    }
    return {"layer": layers, "width": names + plot, "height": high, "title": heading}


def _zero(x: Spec) -> Spec:
    encoding = {"x": {**x, "field": "zero"}}
    return marks("rule", [{"zero": 0}], encoding, color=theme.MUTED, strokeWidth=1)


def _sensors(
    lines: Sequence[_Line], x: Spec, domain: tuple[float, float], plot: int, names: int
) -> list[Spec]:
    rows = [_row(line, ROW * at + ROW / 2, domain) for at, line in enumerate(lines) if line.value is not None]
    lacking = [
        {"y": ROW * at + ROW / 2, "why": fit(f"unknown: {clean(line.reason)}", plot - 6, 11)}
        for at, line in enumerate(lines)
        if line.value is None
    ]
    y = pixel("y")
    over = [row for row in rows if row["over"]]
    return [
        marks("rule", rows, {"x": x, "x2": to("high"), "y": y}, color=theme.LABELS["spam"], strokeWidth=2),
        marks(
            "point",
            [row for row in rows if row["value"] >= domain[0]],
            {"x": {**x, "field": "value"}, "y": y},
            color=theme.LABELS["spam"],
            filled=True,
            size=46,
            opacity=1,
        ),
        marks(
            "point",
            over,
            {"x": x, "y": y},
            shape="triangle-left",
            color=theme.LABELS["spam"],
            filled=True,
            size=60,
            opacity=1,
        ),
        marks(
            "text",
            lacking,
            {"x": {"value": names + 5}, "y": y, "text": words("why")},
            align="left",
            baseline="middle",
            fontSize=11,
            color=theme.MUTED,
        ),
    ]


def _row(line: _Line, y: float, domain: tuple[float, float]) -> dict[str, Any]:
    assert line.value is not None
    low, high = (min(max(end, domain[0]), domain[1]) for end in (line.low, line.high))
    return {"y": y, "low": low, "high": high, "value": line.value, "over": line.low < domain[0]}


def _fused(one: FusedWindow, x: Spec, domain: tuple[float, float], y: float) -> list[Spec]:
    """A diamond as wide as the interval, and where one more sensor would lie."""
    assert one.drop is not None
    low, value, high = (
        min(max(n, domain[0]), domain[1]) for n in (one.drop.low, one.drop.value, one.drop.high)
    )
    corners = [(low, y), (value, y - 7), (high, y), (value, y + 7), (low, y)]
    rows = [{"low": share_, "y": at, "n": n} for n, (share_, at) in enumerate(corners)]
    layers = []
    if one.prediction is not None:
        ends = [min(max(n, domain[0]), domain[1]) for n in one.prediction]
        further = [{"low": ends[0], "high": ends[1], "y": y}]
        encoding = {"x": x, "x2": to("high"), "y": pixel("y")}
        layers.append(marks("rule", further, encoding, color=theme.INK, strokeWidth=1, strokeDash=[2, 2]))
    order = {"field": "n", "type": "quantitative"}
    diamond = {"x": x, "y": pixel("y"), "order": order}
    layers.append(
        marks(
            "line", rows, diamond, color=theme.ACCENT, fill=theme.ACCENT, strokeWidth=1.5, strokeJoin="round"
        )
    )
    return layers


def _said(one: FusedWindow) -> str:
    days = f"over {one.days} day{'s' * (one.days > 1)}"
    if one.drop is None:
        return days
    return f"{days}: {drop(one.drop)}"


def _names(names: Sequence[str], room: int, fused: bool) -> list[Spec]:
    if not room:
        return []
    last = len(names) - 1
    rows = [
        {
            "y": ROW * at + ROW / 2 + (4 if fused and at == last else 0),
            "name": fit(name, room - 12),
            "bold": fused and at == last,
        }
        for at, name in enumerate(names)
    ]
    encoding = {"x": {"value": 0}, "y": pixel("y"), "text": words("name")}
    style: Spec = {"align": "left", "baseline": "middle"}
    return [
        marks("text", [row for row in rows if not row["bold"]], encoding, **style),
        marks("text", [row for row in rows if row["bold"]], encoding, **style, fontWeight="bold"),
    ]

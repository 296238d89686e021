"""How long it held: the share of the first week's drop that was left, and when half the lost volume was back."""

from __future__ import annotations

import math

from depeer.charts import theme, vega
from depeer.charts.effect.text import Event, below, title
from depeer.charts.theme import WIDE
from depeer.charts.vega import Spec, marks, to, words
from depeer.judgement.effect import Scorecard
from depeer.judgement.effect.traces import Survival, survival

LOWEST, HIGHEST = -0.5, 1.5
"""Shares beyond are drawn at the edge."""


def survival_spec(card: Scorecard, event: Event, width: int = WIDE) -> Spec | None:
    """Vega-Lite; None where no drop stands out, or too little was seen after it."""
    found = survival(card.traces)
    if found is None:
        return None
    narrow = width < WIDE
    domain = [0.0, float(found.days[-1]) + float(found.days[0])]
    x: Spec = {
        "field": "day",
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False},
        "axis": {
            "title": "days after the event",
            "grid": False,
            "titleAnchor": "start",
            "tickCount": 5 if narrow else 12,
        },
    }
    layers = [*_half(card, x), *_left(found, x)]
    return vega.whole(
        {"layer": layers, "width": width - 62, "height": 170 if narrow else 190},
        title("How long it held: share of the drop that was left", event, width),
        below(card, event, width, ["Line: share of the first week's drop; band: 95 %.", _said(card)]),
    )


def _said(card: Scorecard) -> str:
    back = card.recovery
    if back is None:
        return "When half of it was back cannot be told."
    if back.half_life is None:
        return (
            f"Half of the loss was not back in the {back.seen:.0f} days seen; it outlasts {back.at_least:.0f} "
            "days with 95 % probability."
        )
    half = back.half_life
    if math.isinf(half.high):
        return f"Shaded from day {half.low:.0f} on: half of the loss may have been back (middle: {half.value:.0f})."
    return f"Shaded from day {half.low:.0f} to {half.high:.0f}: half of the loss was back (middle: {half.value:.0f})."


def _half(card: Scorecard, x: Spec) -> list[Spec]:
    back = card.recovery
    if back is None or back.half_life is None:
        return []
    half = back.half_life
    stretch = [{"day": half.low, "until": min(half.high, back.seen)}]
    rule = [] if math.isinf(half.high) else [{"day": half.value, "word": f"half back: day {half.value:.0f}"}]
    return [
        marks("rect", stretch, {"x": x, "x2": to("until")}, color=theme.ACCENT, opacity=0.16),
        marks("rule", rule, {"x": x}, color=theme.ACCENT, strokeWidth=1.4, strokeDash=[6, 3]),
        marks(
            "text",
            rule,
            {"x": x, "y": {"value": 8}, "text": words("word")},
            align="left",
            dx=6,
            color=theme.ACCENT,
            fontWeight="bold",
        ),
    ]


def _left(found: Survival, x: Spec) -> list[Spec]:
    rows = [
        {"day": float(day), "middle": _within(middle), "low": _within(low), "high": _within(high)}
        for day, middle, low, high in zip(found.days, found.middle, found.low, found.high, strict=True)
    ]
    scale: Spec = {"domain": [min(0.0, *(row["low"] for row in rows)), max(1.0, *(r["high"] for r in rows))]}
    axis: Spec = {"format": "%", "tickCount": 5, "title": None, "domain": False, "ticks": False}
    y: Spec = {"field": "high", "type": "quantitative", "scale": scale, "axis": axis}
    levels = [{"high": level} for level in (0.0, 0.5, 1.0)]
    return [
        marks("rule", levels, {"y": y}, color=theme.MUTED, strokeWidth=0.7),
        marks("area", rows, {"x": x, "y": y, "y2": to("low")}, color=theme.GAP, opacity=0.8),
        marks("line", rows, {"x": x, "y": {**y, "field": "middle"}}, color=theme.INK, strokeWidth=1.6),
    ]


def _within(share: float) -> float:
    return round(min(max(float(share), LOWEST), HIGHEST), 4)

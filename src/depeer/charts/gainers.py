"""Who gained after an event: a point and an interval for each network or family that rose more than chance does.

Names stand in the data only, never in a scale or an order.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date, timedelta
from typing import Any

import altair as alt

from depeer.charts import theme
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fit, fold
from depeer.measures.displacement import FDR, Displacement, Gain

DRAWN = 15
_BASES = {"volume": "rose in volume", "share": "rose against others only"}
_COLOURS = (theme.ACCENT, theme.FAINT)


def gainers_spec(
    found: Displacement,
    names: Mapping[Hashable, str],
    counted: str,
    event: date,
    width: int = WIDE,
    simulated: bool = False,
    source: str = "",
) -> dict[str, Any] | None:
    """Vega-Lite; None where nobody gained. ``names``: words beside an AS number or family, where there are any;
    ``counted``: what is counted a day, such as "mails handed over, by network"; ``source``: where it is from."""
    shown = found.gainers[:DRAWN]
    if not shown:
        return None
    room = 330 if width >= WIDE else 128
    values = [_value(row, one, _label(one, names, room)) for row, one in enumerate(shown)]
    title = alt.TitleParams(
        text=theme.heading("Who gained", simulated), subtitle=_words(found, counted, event, source, width)
    )
    chart = alt.layer(*_layers(values, room, width >= WIDE)).properties(
        width=width - room - 70, height=24 * len(shown) + 8, title=title
    )
    return dict(chart.configure(**theme.CONFIG).to_dict())


def _label(one: Gain, names: Mapping[Hashable, str], room: int) -> str:
    own = f"AS{one.key}" if isinstance(one.key, int) else str(one.key)
    return fit(clean(f"{own} {names.get(one.key, '')}".strip(), 90), room - 14)


def _value(row: int, one: Gain, label: str) -> dict[str, Any]:
    return {
        "row": row,
        "who": label,
        "gain": one.gain.value,
        "low": one.gain.low,
        "high": one.gain.high,
        "basis": _BASES[one.basis],
        "change": f"{one.before:,.1f} → {one.after:,.1f}",
    }


def _words(found: Displacement, counted: str, event: date, source: str, width: int) -> list[str]:
    old, last = event - timedelta(found.width), event + timedelta(found.width - 1)
    words = (
        f"Rise a day ({clean(counted)}): {event} to {last} against {found.width} days from {old} (UTC), with 95 % "
        f"intervals. Of {found.tested:,} tested; at most {100 * FDR:.0f} % of those named are expected to be chance."
    )
    more = len(found.gainers) - DRAWN
    words += f" {more:,} more gained." if more > 0 else ""
    words += f" Source: {clean(source)}." if source else ""
    return fold(words, 160 if width >= WIDE else 52)


_LABEL = "abs(datum.value) < 1 ? format(datum.value, '~g') : format(datum.value, '~s')"
"""Thousands and more get a letter; fractions must not ("200m" reads as millions)."""


def _layers(values: list[dict[str, Any]], room: int, wide: bool) -> list[alt.Chart]:
    data = alt.InlineData(values=values)
    down = alt.Scale(domain=[-0.5, len(values) - 0.5], reverse=True, nice=False, zero=False)
    y = alt.Y("row:Q", scale=down, axis=None)
    colour = alt.Color(
        "basis:N",
        scale=alt.Scale(domain=list(_BASES.values()), range=list(_COLOURS)),
        legend=alt.Legend(orient="top", direction="horizontal" if wide else "vertical", title=None),
    )
    along = alt.X(
        "low:Q", title="more a day than before", axis=alt.Axis(tickCount=6 if wide else 3, labelExpr=_LABEL)
    )
    zero: alt.Chart = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}]))
        .mark_rule(color=theme.MUTED, strokeDash=[3, 3])
        .encode(x=alt.X("zero:Q"))
    )
    span: alt.Chart = (
        alt.Chart(data).mark_rule(strokeWidth=2).encode(x=along, x2=alt.X2("high:Q"), y=y, color=colour)
    )
    point: alt.Chart = (
        alt.Chart(data).mark_point(filled=True, size=55, opacity=1).encode(x="gain:Q", y=y, color=colour)
    )
    said: alt.Chart = (
        alt.Chart(data)
        .mark_text(align="left", dx=6, fontSize=11, color=theme.MUTED)
        .encode(x="high:Q", y=y, text="change:N")
    )
    name: alt.Chart = alt.Chart(data).mark_text(align="left").encode(x=alt.value(-room), y=y, text="who:N")
    return [zero, span, point, said, name]

"""Observed against counterfactual: a small panel a sensor, what was counted beside what would have been."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import numpy as np

from depeer.charts import theme, vega
from depeer.charts.clean import clean
from depeer.charts.effect.text import Event, below, title
from depeer.charts.theme import NARROW, WIDE
from depeer.charts.vega import Spec, marks, moments, to
from depeer.judgement.effect import Scorecard
from depeer.judgement.effect.traces import Trace, traces
from depeer.measures.effect.series import instant

PANELS = 12
HIGH, LOW = 104, 74
"""Pixels of a panel, on a desk and on a telephone."""
BEYOND = 2.0
"""Times the largest count, or middle of what would have been counted, at which bands are cut off."""


def paths_spec(card: Scorecard, event: Event, width: int = WIDE) -> Spec | None:
    """Vega-Lite, at most a dozen sensors; None where no sensor has a known count."""
    known = [trace for trace in traces(card.traces) if not np.isnan(trace.counted).all()]
    if not known:
        return None
    shown = known[:PANELS]
    columns = 2 if width >= WIDE and len(shown) > 1 else 1
    each = (width - 62 - 76 * (columns - 1)) // columns
    ends = _ms(shown[0].time[0]), _ms(shown[0].time[-1])
    panels = [
        _panel(trace, event, ends, each, len(shown) - place <= columns) for place, trace in enumerate(shown)
    ]
    return vega.whole(
        {
            "concat": panels,
            "columns": columns,
            "bounds": "flush",
            "spacing": {"row": 38, "column": 76 if columns > 1 else 0},
        },
        title("What came, and what would have come without the event", event, width),
        below(card, event, width, _sentences(known)),
    )


def _sentences(known: Sequence[Trace]) -> list[str]:
    one = known[0]
    word = one.step.word if one.cells == 1 else f"{one.cells} {one.step.word}s"
    of = f"mean of a {one.step.word} over each {word}" if one.cells > 1 else f"by the {word}"
    said = [
        f"Solid: counted, {of}.",
        "Dashed with band: as it would have been counted with no event (95 %).",
        "A gap in the solid line is unknown, not zero.",
    ]
    if any((~np.isnan(t.counted) & np.isnan(t.used)).any() for t in known[:PANELS]):
        said.append("Dotted: left out, since the instrument seems to have changed.")
    if any((t.high > _top(t)).any() for t in known[:PANELS]):
        said.append("A band that reaches the top goes on beyond it.")
    if len(known) > PANELS:
        said.append(f"The first {PANELS} of {len(known)} sensors.")
    return said


def _top(trace: Trace) -> float:
    """Where a band is cut off: one that is uncertain a thousandfold would leave nothing of the counts to be seen."""
    shown = np.concatenate([trace.counted, trace.middle])
    return BEYOND * max(float(np.nanmax(shown)), 1.0)


def _panel(trace: Trace, event: Event, ends: tuple[int, int], width: int, last: bool) -> Spec:
    top = _top(trace)
    rows = [
        {
            "time": _ms(when),
            "counted": _plain(counted),
            "middle": _plain(middle),
            "low": _plain(np.minimum(low, top)),
            "high": _plain(np.minimum(high, top)),
            "used": not np.isnan(used),
        }
        for when, counted, used, middle, low, high in zip(
            trace.time, trace.counted, trace.used, trace.middle, trace.low, trace.high, strict=True
        )
    ]
    after = [row for row in rows if row["middle"] is not None]
    fitted = "" if after else " (too little to say what would have come)"
    what = f": {clean(trace.counted_what, 60)}" if trace.counted_what else ""
    heading = {
        "text": theme.fit(f"{clean(trace.sensor or 'counts', 60)}{what}{fitted}", width),
        "fontSize": 12,
        "anchor": "start",
        "frame": "group",
        "offset": 4,
        "color": theme.INK,
    }
    return {
        "layer": [*_would(after, ends, last, top), *_counted(rows, ends), _event(event, ends)],
        "width": width,
        "height": HIGH if width > NARROW else LOW,
        "title": heading,
    }


def _would(rows: Sequence[Spec], ends: tuple[int, int], last: bool, top: float) -> list[Spec]:
    """The band carries the axes, and is there, if empty, where nothing could be fitted."""
    scale: Spec = {"zero": True} if top > BEYOND else {"domain": [0, 1]}
    axis: Spec = {"grid": False, "title": None, "labelOverlap": True, "tickCount": 6, "labels": last}
    height: Spec = {
        "title": None,
        "tickCount": 3,
        "labelExpr": "datum.value === 0 ? '0' : replace(format(datum.value, '~s'), 'G', ' bn')",
        "domain": False,
        "ticks": False,
        "minExtent": 44,
        "maxExtent": 44,
    }
    y: Spec = {"field": "high", "type": "quantitative", "scale": scale, "axis": height}
    x = moments(*ends, axis)
    return [
        marks("area", rows, {"x": x, "y": y, "y2": to("low")}, color=theme.GAP, opacity=0.9, clip=True),
        marks(
            "line",
            rows,
            {"x": moments(*ends), "y": {**y, "field": "middle"}},
            color=theme.MUTED,
            strokeDash=[4, 3],
            strokeWidth=1.2,
            clip=True,
        ),
    ]


def _counted(rows: Sequence[Spec], ends: tuple[int, int]) -> list[Spec]:
    """A line for each run of known counts, so that nothing is drawn across a gap; a point for a run of one. What
    was left out of the estimate is thin."""
    runs = [
        [row | {"run": number} for row in run]
        for number, ((known, _), run) in enumerate(
            groupby(rows, key=lambda row: (row["counted"] is not None, row["used"]))
        )
        if known
    ]
    encoding: Spec = {
        "x": moments(*ends),
        "y": {"field": "counted", "type": "quantitative"},
        "detail": {"field": "run", "type": "nominal"},
    }
    lines = [row for run in runs for row in run if len(run) > 1]
    alone = [run[0] for run in runs if len(run) == 1]
    aside: Spec = {"color": theme.MUTED, "strokeWidth": 0.8, "strokeDash": [1, 2]}
    return [
        marks(
            "line",
            [row for row in lines if row["used"]],
            encoding,
            color=theme.INK,
            strokeWidth=1.4,
            clip=True,
        ),
        marks("line", [row for row in lines if not row["used"]], encoding, clip=True, **aside),
        marks("point", alone, encoding, color=theme.INK, filled=True, size=14, opacity=1, clip=True),
    ]


def _event(event: Event, ends: tuple[int, int]) -> Spec:
    row = {"time": _ms(instant(event.day))}
    return marks("rule", [row], {"x": moments(*ends)}, color=theme.ACCENT, strokeWidth=1.4, strokeDash=[6, 3])


def _ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


def _plain(number: float) -> float | None:
    return None if np.isnan(number) else float(f"{number:.6g}")

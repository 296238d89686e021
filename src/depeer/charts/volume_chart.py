"""The volume as a picture: one panel a sensor, bars by label, grey where the number is unknown.

Bars and gaps are laid out here and not by the grammar's own stacking, so that a picture and the
table beside it come from the same bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from depeer.charts import numbers, theme, vega
from depeer.charts.clean import clean
from depeer.charts.content import Report
from depeer.charts.theme import WIDE, fold
from depeer.charts.vega import Spec, marks, moments, to
from depeer.charts.volume import EVERYTHING, Bin, Volume


def volume_spec(report: Report, volume: Volume, width: int = WIDE) -> Spec | None:
    """Vega-Lite of the volume, one panel a sensor; None where there is no day to draw."""
    if not volume.bins:
        return None
    panels = [_picture(report, volume, sensor, width) for sensor in volume.sensors]
    title, subtitle = _title(report, volume, width)
    return vega.whole({"vconcat": panels, "spacing": 14}, title, subtitle)


def _title(report: Report, volume: Volume, width: int) -> tuple[str, list[str]]:
    first, last = volume.bins[0].since, volume.bins[-1].until
    lines = [
        f"Deliveries by {_every(volume)}, {numbers.period(first, last)} (UTC).",
        "Grey: no sensor known to be up, the number is unknown. Mark on the base line: up, and nothing came.",
    ]
    title = theme.heading("Mail received over time", report.simulated)
    return title, fold(" ".join(lines), 52) if width < WIDE else [" ".join(lines)]


def _every(volume: Volume) -> str:
    return "day" if volume.width == 1 else f"{volume.width} days"


def source_line(report: Report) -> str:
    batch = "unknown batch" if report.batch is None else f"batch {report.batch}"
    return f"Source: deliveries in the lake at {batch}, by the boundary hop's date; depeer {report.version}"


def _picture(report: Report, volume: Volume, sensor: str, width: int) -> Spec:
    own = [b for b in volume.bins if b.sensor == sensor]
    last = sensor == volume.sensors[-1]
    tall = 190 if len(volume.sensors) == 1 else 88
    layers = [
        _gaps(own),
        _bars(own, volume, last, report, width),
        _zeros(own),
        *_changes(own, sensor, report),
    ]
    title = {
        "text": clean(sensor, 60),
        "fontSize": 12,
        "anchor": "start",
        "frame": "group",
        "offset": 5,
        "color": theme.INK,
    }
    return {"layer": layers, "width": width - 62, "height": tall, "title": title}


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _end(day: date) -> int:
    """The midnight that ends ``day``, which for the last day of the calendar has no date of its own."""
    return _ms(day) + 86_400_000


def _x(own: Sequence[Bin], axis: Spec | None = None) -> Spec:
    return moments(_ms(own[0].since), _end(own[-1].until), axis, "from")


def _gaps(own: Sequence[Bin]) -> Spec:
    """Grey as deep as the share of sensor-days that nobody covered; neighbours joined."""
    stretches: list[dict[str, float]] = []
    for b in own:
        missing = round(1 - b.covered / b.possible, 3)
        if stretches and stretches[-1]["to"] == _ms(b.since) and stretches[-1]["missing"] == missing:
            stretches[-1]["to"] = _end(b.until)
        elif missing > 0:
            stretches.append({"from": _ms(b.since), "to": _end(b.until), "missing": missing})
    scale: Spec = {"domain": [0, 1], "range": [0, 1]}
    opacity: Spec = {"field": "missing", "type": "quantitative", "scale": scale, "legend": None}
    return marks("rect", stretches, {"x": _x(own), "x2": to("to"), "opacity": opacity}, color=theme.GAP)


def _bars(own: Sequence[Bin], volume: Volume, last: bool, report: Report, width: int) -> Spec:
    labels = list(volume.labels) or ["unknown"]
    colours: Spec = {"domain": labels, "range": [theme.LABELS[label] for label in labels]}
    top = max(1, *(b.total for b in own))
    encoding: Spec = {
        "x": _x(own, _days(own, last, report, width)),
        "x2": to("to"),
        "y": {
            "field": "low",
            "type": "quantitative",
            "scale": {"domain": [0, top], "nice": True},
            "axis": _height(volume),
        },
        "y2": to("high"),
        "color": {"field": "label", "type": "nominal", "scale": colours, "legend": _legend(own, volume)},
    }
    return marks("rect", _stacked(own), encoding, strokeWidth=0)


def _stacked(own: Sequence[Bin]) -> Iterator[dict[str, Any]]:
    for b in own:
        height, inset = 0, (_end(b.until) - _ms(b.since)) * 0.08
        for label in theme.LABELS:
            n = dict(b.counts).get(label, 0)
            if n:
                ends = {"from": _ms(b.since) + inset, "to": _end(b.until) - inset}
                yield {**ends, "low": height, "high": height + n, "label": label}
                height += n


def _height(volume: Volume) -> Spec:
    alone = len(volume.sensors) == 1
    title = f"deliveries a {_every(volume)}" if volume.width == 1 else f"deliveries in {_every(volume)}"
    return {
        "title": title if alone else None,
        "tickCount": 5 if alone else 3,
        "format": ",~f",
        "tickMinStep": 1,
        "domain": False,
        "ticks": False,
        "minExtent": 46,
        "maxExtent": 46,
    }


def _days(own: Sequence[Bin], last: bool, report: Report, width: int) -> Spec:
    span = (own[-1].until - own[0].since).days
    source = source_line(report)
    return {
        "format": "%-d %b" if span < 300 else "%b %Y",
        "tickCount": 4 if width < WIDE else 10,
        "labels": last,
        "ticks": last,
        "grid": False,
        "title": ([source] if width >= WIDE else fold(source, 52)) if last else None,
        "titleAnchor": "start",
        "titleAlign": "left",
        "titlePadding": 10,
        "labelOverlap": True,
        "labelFlush": True,
    }


def _legend(own: Sequence[Bin], volume: Volume) -> Spec | None:
    if own[0].sensor != volume.sensors[0]:
        return None
    return {"orient": "top-right", "direction": "horizontal", "offset": -22, "title": None}


def _zeros(own: Sequence[Bin]) -> Spec:
    empty = [{"from": _ms(b.since), "to": _end(b.until), "zero": 0} for b in own if not b.total and b.covered]
    encoding: Spec = {"x": _x(own), "x2": to("to"), "y": {"field": "zero", "type": "quantitative"}}
    return marks("rule", empty, encoding, color=theme.INK, strokeWidth=3)


def _changes(own: Sequence[Bin], sensor: str, report: Report) -> list[Spec]:
    """A dashed line where the instrument changed: what follows may be its doing."""
    days = {
        stretch.since
        for s in report.sensors
        if sensor in (s.name, EVERYTHING)
        for stretch in s.coverage
        if stretch.change and own[0].since < stretch.since <= own[-1].until
    }
    if not days:
        return []
    rows = [{"from": _ms(day)} for day in sorted(days)]
    return [marks("rule", rows, {"x": _x(own)}, color=theme.ACCENT, strokeDash=[3, 3], strokeWidth=1.2)]

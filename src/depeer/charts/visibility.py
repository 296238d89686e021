"""Visibility of watched networks over time, a panel each: a step line, and marks where an event was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from depeer.charts import numbers, theme, vega
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fold
from depeer.charts.vega import Spec, marks, moments, words
from depeer.disclosure import defang
from depeer.errors import BadInput
from depeer.judgement.watch import Event, Kind, Sample

POINTS = 4_000
"""Points kept of each network; beyond, every second one that changed little goes."""
EVENTS = 500
_PANELS = 12
_NEAR = 11
"""Pixels within which the signs of two events stand above each other."""
_SHOWN = {
    Kind.OFFLINE: "not seen",
    Kind.BACK: "back",
    Kind.FIRST_SEEN: "first seen",
    Kind.UPLINK_LOST: "uplink lost",
    Kind.UPLINK_GAINED: "uplink gained",
    Kind.ORIGIN_CHANGED: "other origin",
    Kind.MULTIPLE_ORIGINS: "other origin",
    Kind.HIJACK_SUSPECTED: "other origin",
}
_STYLES = {
    "first seen": (theme.MUTED, "circle"),
    "not seen": (theme.ACCENT, "triangle-down"),
    "uplink lost": (theme.FAINT, "square"),
    "back": (theme.LABELS["spam"], "triangle-up"),
    "uplink gained": (theme.LABELS["ham"], "cross"),
    "other origin": (theme.LABELS["unknown"], "diamond"),
}

Point = tuple[int, float | None]


class Mark(NamedTuple):
    """An event as it is marked: when it was told (µs), of which network, what, and through or from whom."""

    time: int
    asn: int
    event: Kind
    uplink: int | None
    origin: int | None
    visibility: float | None
    peers: int

    @property
    def what(self) -> str:
        """In the words of the picture's key."""
        return _SHOWN[self.event]


@dataclass(slots=True)
class Curve:
    """Visibility as it changed, thinned out as it grows, and the events to mark."""

    points: dict[int, list[Point]] = field(default_factory=dict)
    events: list[Mark] = field(default_factory=list)
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
                self.events.append(
                    Mark(
                        event.time,
                        event.asn,
                        event.event,
                        event.uplink,
                        event.origin,
                        event.visibility,
                        event.peers,
                    )
                )
            else:
                self.unshown += event.event in _SHOWN

    def of(self, asn: int) -> Curve:
        """The part that is about one network."""
        points = {asn: self.points[asn]} if asn in self.points else {}
        return Curve(points, [mark for mark in self.events if mark.asn == asn], self.unshown)

    def plain(self) -> dict[str, Any]:
        """As values for JSON."""
        return {
            "points": [[asn, *point] for asn, points in self.points.items() for point in points],
            "events": [list(mark) for mark in self.events],
            "unshown": self.unshown,
        }

    @classmethod
    def of_plain(cls, told: Any) -> Curve:
        """Raises BadInput for what ``plain`` did not write."""
        curve = cls()
        try:
            for asn, time, share in told["points"]:
                known = None if share is None else float(share)
                curve.points.setdefault(int(asn), []).append((int(time), known))
            curve.events = [_mark(*mark) for mark in told["events"]]
            curve.unshown = int(told["unshown"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"the curve is not one that this version wrote ({error})") from error
        return curve


def _mark(time: int, asn: int, event: str, *rest: Any) -> Mark:
    uplink, origin, visibility, peers = rest
    mark = Mark(int(time), int(asn), Kind(event), uplink, origin, visibility, int(peers))
    if mark.event not in _SHOWN:
        raise ValueError(f"{event} is never marked")
    return mark


def _thinned(points: list[Point]) -> list[Point]:
    """Half of the points: of each pair the one that stands out more, the lower where they are alike."""
    kept = [points[0]]
    for one, two in zip(points[1:-1:2], points[2:-1:2], strict=False):
        last = kept[-1][1] or 0.0
        kept.append(max(one, two, key=lambda p: (abs((p[1] or 0.0) - last), -(p[1] or 0.0))))
    return [*kept, points[-1]]


def visibility_spec(
    curve: Curve, names: dict[int, str] | None = None, width: int = WIDE, simulated: bool = False
) -> Spec | None:
    """Vega-Lite, one panel a network, at most a dozen; None where nothing was seen."""
    shown = [asn for asn, points in curve.points.items() if points][:_PANELS]
    if not shown:
        return None
    ends = [point[0] for asn in shown for point in curve.points[asn]] + [e.time for e in curve.events]
    span = min(ends), max(max(ends), min(ends) + 1_000_000)
    called = names or {}
    panels = [_panel(curve, asn, called.get(asn, ""), span, width, asn == shown[-1]) for asn in shown]
    title = fold(theme.heading("Visibility over time", simulated), 100 if width >= WIDE else 36)
    return vega.whole({"vconcat": panels, "spacing": 14}, title, _words(curve, span, width))


def _words(curve: Curve, span: tuple[int, int], width: int) -> list[str]:
    first, last = (datetime.fromtimestamp(end // 1_000_000, UTC).date() for end in span)
    said = [
        f"Share of the counted peers that have a route, {numbers.period(first, last)} (UTC).",
        "A gap in the line: no peer could tell. Not seen is not switched off.",
    ]
    if curve.unshown:
        said.append(f"{curve.unshown:,} later events are not marked.")
    return fold(" ".join(said), 165 if width >= WIDE else 52)


def _panel(curve: Curve, asn: int, name: str, span: tuple[int, int], width: int, last: bool) -> Spec:
    heading = {
        "text": defang(clean(f"AS{asn} {name}".strip(), 60)),
        "fontSize": 12,
        "anchor": "start",
        "frame": "group",
        "offset": 8,
        "color": theme.INK,
    }
    layers = [*_line(curve.points[asn], span, width, last), *_marks(curve, asn, span, width)]
    return {"layer": layers, "width": width - 62, "height": 130, "title": heading}


def _line(points: list[Point], span: tuple[int, int], width: int, last: bool) -> list[Spec]:
    """In runs of known shares, so that nothing is drawn where no peer could tell."""
    ends = [point[0] for point in points[1:]] + [span[1]]
    rows: list[Spec] = []
    run = 0
    for (time, share), end in zip(points, ends, strict=True):
        if share is None:
            run += 1
            continue
        rows += [{"time": moment // 1000, "share": share, "run": run} for moment in (time, end)]
    axis: Spec = {
        "labels": last,
        "ticks": last,
        "grid": False,
        "title": None,
        "tickCount": 4 if width < WIDE else 10,
        "labelOverlap": True,
    }
    shares: Spec = {
        "format": "%",
        "tickCount": 3,
        "title": None,
        "domain": False,
        "ticks": False,
        "minExtent": 46,
        "maxExtent": 46,
    }
    y: Spec = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": shares}
    encoding: Spec = {"x": _x(span, axis), "y": y, "detail": words("run")}
    return [marks("line", rows, encoding, interpolate="step-after", color=theme.INK, strokeWidth=1.5)]


def _x(span: tuple[int, int], axis: Spec | None = None) -> Spec:
    return moments(span[0] // 1000, span[1] // 1000, axis)


def _marks(curve: Curve, asn: int, span: tuple[int, int], width: int) -> list[Spec]:
    """A dashed line with a sign at its head, each kind its own."""
    mine = sorted({(mark.time, mark.what) for mark in curve.events if mark.asn == asn})
    if not mine:
        return []
    rows = _stacked(mine, (span[1] - span[0]) * _NEAR / width)
    kinds = [kind for kind in _STYLES if any(mark.what == kind for mark in curve.events)]
    columns = len(_STYLES) if width >= WIDE else 2
    legend: Spec = {"orient": "bottom", "direction": "horizontal", "columns": columns, "title": None}
    colour, shape = (
        {**words("what"), "scale": {"domain": kinds, "range": _part(kinds, part)}, "legend": legend}
        for part in (0, 1)
    )
    head: Spec = {"filled": True, "size": 70, "opacity": 1, "strokeWidth": 2}
    line: Spec = {"strokeDash": [3, 3], "strokeWidth": 1, "color": theme.MUTED}
    return [
        marks("rule", rows, {"x": _x(span)}, **line),
        marks("point", rows, {"x": _x(span), "y": vega.pixel("y"), "color": colour, "shape": shape}, **head),
    ]


def _stacked(mine: Sequence[tuple[int, str]], near: float) -> list[Spec]:
    """Signs that would hide each other one above the other, at most three high."""
    rows: list[Spec] = []
    last, level = float("-inf"), 0
    for time, what in mine:
        level = (level + 1) % 3 if time - last < near else 0
        last = time
        rows.append({"time": time // 1000, "what": what, "y": -8 - 10 * level})
    return rows


def _part(kinds: Sequence[str], part: int) -> list[str]:
    return [_STYLES[kind][part] for kind in kinds]

"""A network and all that can carry its routes upward, from left to right, to the top.

A box is a network, or several that are not named. Lines tell by their form what a link is, and whether it was seen
or only inferred; heavy boxes are the smallest set whose refusal isolates the network. Colour adds nothing to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from depeer.charts import theme, vega
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fit, fold
from depeer.charts.uplinks import layered
from depeer.charts.uplinks.climb import TOP_LAYER, Climb, Member
from depeer.charts.vega import Spec, marks, pixel, to, words
from depeer.disclosure import defang

ROW = 21
"""Pixels from one box to the next at least; a link that passes a column takes ``THIN``."""
BOX, THIN = 17, 9
ABOVE = 20
"""Pixels for the headings of the columns."""
_STYLES = {
    "buys from it; seen in routes": ([1, 0], 2.6),
    "buys from it; inferred": ([1, 0], 1.0),
    "peer; seen in routes": ([7, 4], 2.6),
    "peer; inferred": ([7, 4], 1.0),
    "one owner; inferred": ([12, 3, 2, 3], 1.0),
    "seen in routes, not inferred": ([2, 3], 2.0),
    "several links": ([1, 0], 0.5),
}
_KINDS = {"provider": "buys from it", "peer": "peer", "sibling": "one owner"}


@dataclass(frozen=True, slots=True)
class _Grid:
    """Pixels: where each column begins, how wide its boxes are, and how high the whole is."""

    left: tuple[int, ...]
    width: tuple[int, ...]
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class _Spot:
    left: int
    right: int
    middle: float


def uplinks_spec(climb: Climb, names: Mapping[int, str | None], width: int = WIDE) -> Spec | None:
    """Vega-Lite of the climb; None where no neighbour is known that could carry the network's routes."""
    if len(climb.members) < 2:
        return None
    columns = _columns(climb, 2 if width >= WIDE else 1)
    place = {key: at for at, column in enumerate(columns) for key in column}
    up = [(low, high) for low, high, _ in climb.links if place[low] < place[high]]
    wide, short = layered.stretched(columns, up)
    order = layered.ordered(wide, short)
    grid = _grid(order, width)
    spots = _spots(order, grid)
    called = {asn: defang(clean(name, 60)) for asn, name in names.items() if name}
    drawn = [
        *_lines(climb, place, spots, width),
        *_beside(climb, place, spots),
        _boxes(climb, spots),
        *_labels(climb, called, spots, grid),
        *_crosses(climb, spots),
        _headings(climb, columns, grid, width),
    ]
    return vega.whole(
        {"layer": drawn, "width": grid.left[-1] + grid.width[-1], "height": grid.height},
        _title(climb, called, width),
        _below(climb, width),
    )


def _columns(climb: Climb, middle: int) -> list[list[int]]:
    """Keys by column: the target, its neighbours, one or two (``middle``) of those between, the top."""
    layers: dict[int, list[int]] = {}
    for member in climb.members:
        merged = 2 if 2 < member.layer < TOP_LAYER and middle == 1 else member.layer
        layers.setdefault(merged, []).append(member.key)
    return [layers[depth] for depth in sorted(layers)]


def _grid(order: Sequence[Sequence[Any]], width: int) -> _Grid:
    count = len(order)
    first, gap = (84, 66) if width >= WIDE else (64, 24 if count < 4 else 17)
    each = min((width - 8 - first - gap * (count - 1)) // (count - 1), 330)
    left = (0, *(first + gap + at * (each + gap) for at in range(count - 1)))
    tall = max(sum(_height(key) for key in column) for column in order)
    return _Grid(left, (first, *([each] * (count - 1))), tall + ABOVE, 12 if width >= WIDE else 10)


def _height(key: Any) -> int:
    return THIN if isinstance(key, layered.Passing) else ROW


def _spots(order: Sequence[Sequence[Any]], grid: _Grid) -> dict[Any, _Spot]:
    """Columns are spread over the height, but not so far that neighbours lose sight of each other."""
    spots = {}
    for at, column in enumerate(order):
        own = sum(_height(key) for key in column)
        spread = min((grid.height - ABOVE) / own, 2.0)
        y = ABOVE + (grid.height - ABOVE - own * spread) / 2
        for key in column:
            high = _height(key) * spread
            spots[key] = _Spot(grid.left[at], grid.left[at] + grid.width[at], round(y + high / 2, 1))
            y += high
    return spots


def _lines(climb: Climb, place: Mapping[int, int], spots: Mapping[Any, _Spot], width: int) -> list[Spec]:
    """Links as smooth curves; what several links of a network have in common is drawn once."""
    styles: dict[tuple[Any, Any], set[str]] = {}
    for low, high, kind in climb.links:
        if place[low] < place[high]:
            stops = [low, *(layered.Passing(low, at) for at in range(place[low] + 1, place[high])), high]
            for part in pairwise(stops):
                styles.setdefault(part, set()).add(_style(climb, low, high, kind))
    parts = {part: kinds.pop() if len(kinds) == 1 else "several links" for part, kinds in styles.items()}
    rows = [
        {"link": number, "x": x, "y": y, "kind": kind, "at": at, "own": low == climb.asn}
        for number, ((low, high), kind) in enumerate(parts.items())
        for at, (x, y) in enumerate(_curve(spots[low], spots[high], isinstance(high, layered.Passing)))
    ]
    kinds = [kind for kind in _STYLES if kind in parts.values()]
    columns = 4 if width >= WIDE else 1
    return [_line([row for row in rows if row["own"] is own], kinds, own, columns) for own in (False, True)]


def _line(rows: list[Spec], kinds: list[str], own: bool, columns: int) -> Spec:
    dashes, widths = ([_STYLES[kind][part] for kind in kinds] for part in (0, 1))
    legend: Spec = {
        "orient": "bottom",
        "direction": "horizontal",
        "columns": columns,
        "symbolType": "stroke",
        "symbolSize": 900,
        "symbolStrokeColor": theme.INK,
        "labelLimit": 300,
        "title": None,
    }
    return marks(
        "line",
        rows,
        {
            "x": pixel("x"),
            "y": pixel("y"),
            "detail": words("link"),
            "order": {"field": "at", "type": "quantitative"},
            "strokeDash": {**words("kind"), "scale": _scale(kinds, dashes), "legend": legend},
            "strokeWidth": {**words("kind"), "scale": _scale(kinds, widths), "legend": legend},
        },
        color=theme.INK if own else theme.MUTED,
        opacity=0.9 if own else 0.55,
        interpolate="monotone",
    )


def _scale(kinds: list[str], values: list[Any]) -> Spec:
    return {"type": "ordinal", "domain": kinds, "range": values}


def _beside(climb: Climb, place: Mapping[int, int], spots: Mapping[Any, _Spot]) -> list[Spec]:
    """Links within a layer as bows at the right of their boxes, with a point where the upper end is."""
    level = [(low, high) for low, high, _ in climb.beside if place[low] == place[high]]
    rows, heads = [], []
    for number, (low, high) in enumerate(level):
        edge, one, two = spots[low].right, spots[low].middle + 3, spots[high].middle - 3
        bow = min(9 + abs(two - one) / 14, 30)
        points = [(edge, one), (edge + bow, one), (edge + bow, two), (edge + 3, two)]
        rows += [{"link": number, "x": x, "y": y, "at": at} for at, (x, y) in enumerate(points)]
        heads.append({"x": edge + 4, "y": two})
    if not rows:
        return []
    order = {"field": "at", "type": "quantitative"}
    at = {"x": pixel("x"), "y": pixel("y")}
    curve: Spec = {"interpolate": "basis", "color": theme.MUTED, "strokeWidth": 1}
    head: Spec = {"shape": "triangle-left", "size": 34, "filled": True, "color": theme.MUTED, "opacity": 1}
    return [
        marks("line", rows, {**at, "detail": words("link"), "order": order}, **curve),
        marks("point", heads, at, **head),
    ]


def _style(climb: Climb, low: int, high: int, kind: str) -> str:
    if kind in ("some", "observed"):
        return "several links" if kind == "some" else "seen in routes, not inferred"
    seen = low == climb.asn and high in (climb.question.seen or {}) and kind != "sibling"
    return f"{_KINDS[kind]}; {'seen in routes' if seen else 'inferred'}"


def _curve(one: _Spot, two: _Spot, passes: bool) -> list[tuple[float, float]]:
    """From box to box, level at both ends; straight on through a column that is passed."""
    wide, high = two.left - one.right, two.middle - one.middle
    points = [
        (round(one.right + wide * t, 1), round(one.middle + high * t * t * (3 - 2 * t), 1))
        for t in (0.02, 0.2, 0.4, 0.6, 0.8, 0.98)
    ]
    beyond = [(float(two.right), two.middle)] if passes else []
    return [(one.right, one.middle), *points, (two.left, two.middle), *beyond]


def _boxes(climb: Climb, spots: Mapping[Any, _Spot]) -> Spec:
    rows = [
        {
            "x": spots[member.key].left,
            "x2": spots[member.key].right,
            "y": spots[member.key].middle - BOX / 2,
            "y2": spots[member.key].middle + BOX / 2,
            "heavy": 2.4 if member.asn in climb.question.isolating else 0.8,
            "stroke": theme.ACCENT if member.asn in climb.question.isolating else theme.MUTED,
        }
        for member in climb.members
    ]
    return marks(
        "rect",
        rows,
        {
            "x": pixel("x"),
            "x2": to("x2"),
            "y": pixel("y"),
            "y2": to("y2"),
            "strokeWidth": {"field": "heavy", "type": "quantitative", "scale": None},
            "stroke": {"field": "stroke", "type": "nominal", "scale": None},
        },
        fill=theme.PAPER,
        cornerRadius=2,
    )


def _labels(climb: Climb, names: Mapping[int, str], spots: Mapping[Any, _Spot], grid: _Grid) -> list[Spec]:
    """The number in bold where it belongs to the set, the name behind it, and at the right edge how often seen."""
    rows: list[Spec] = []
    for member in climb.members:
        spot = spots[member.key]
        row = {"x": spot.left + 5, "right": spot.right - 5, "y": spot.middle + 0.5}
        rows.append(row | _words(climb, member, names, spot.right - spot.left - 10, grid.size))
    text = {"align": "left", "baseline": "middle", "fontSize": grid.size}
    at = {"x": pixel("x"), "y": pixel("y")}
    bold, plain = ([row for row in rows if row["bold"] is want] for want in (True, False))
    return [
        marks("text", bold, {**at, "text": words("label")}, **text, fontWeight="bold"),
        marks("text", plain, {**at, "text": words("label")}, **text),
        marks(
            "text",
            [row for row in rows if row["more"]],
            {"x": pixel("right"), "y": pixel("y"), "text": words("more")},
            **{**text, "align": "right", "fontSize": grid.size - 1},
            color=theme.MUTED,
        ),
    ]


def _words(climb: Climb, member: Member, names: Mapping[int, str], room: float, size: int) -> Spec:
    if member.asn is None:
        return {"label": fit(f"and {member.count:,} more", int(room), size), "more": "", "bold": False}
    asked, narrow = climb.question, member.layer == 0 or room < 90
    seen = (asked.seen or {}).get(member.asn) if member.layer == 1 else None
    more = "severed" if member.asn in asked.severed and member.layer == 1 else ""
    if not more and seen is not None and not narrow:
        more = f"{seen.vantages:,} of {seen.of:,}"
    bold = member.asn in asked.isolating or member.layer == 0
    top = "▲ " if member.at_top and member.layer == 1 else ""
    number = f"{top}AS{member.asn}"
    label = number if narrow else f"{number} {names.get(member.asn, '')}".strip()
    left = room - (0 if not more or narrow else 6.2 * len(more))
    return {
        "label": fit(label, int(left / (1.07 if bold else 1)), size),
        "more": "" if narrow else more,
        "bold": bold,
    }


def _crosses(climb: Climb, spots: Mapping[Any, _Spot]) -> list[Spec]:
    """A cross on each link that is severed."""
    rows = [
        {"x": spots[key].left - 7, "y": spots[key].middle}
        for key in climb.question.severed
        if key in spots and spots[key].left == spots[climb.members[1].key].left
    ]
    style: Spec = {"shape": "cross", "angle": 45, "size": 150, "filled": True, "opacity": 1}
    paint = {"fill": theme.ACCENT, "stroke": theme.PAPER, "strokeWidth": 1}
    return [marks("point", rows, {"x": pixel("x"), "y": pixel("y")}, **style, **paint)] if rows else []


def _headings(climb: Climb, columns: Sequence[Sequence[int]], grid: _Grid, width: int) -> Spec:
    top = any(m.at_top and m.layer > 1 for m in climb.members) and len(columns) > 2
    between = ["above them", "further up"][: len(columns) - 2 - top]
    titles = ["", "uplinks" if width < WIDE else "its uplinks", *between, *(["the top"] if top else [])]
    rows = [{"x": left, "y": 6, "title": title} for left, title in zip(grid.left, titles, strict=True)]
    encoding = {"x": pixel("x"), "y": pixel("y"), "text": words("title")}
    return marks("text", rows, encoding, align="left", color=theme.MUTED, fontSize=grid.size)


def _title(climb: Climb, names: Mapping[int, str], width: int) -> list[str]:
    asked = climb.question
    day = f" as of {asked.at}" if asked.at else ""
    title = f"How routes to AS{climb.asn} {names.get(climb.asn, '')}".strip() + f" can go up{day}"
    return fold(theme.heading(title, asked.simulated), 110 if width >= WIDE else 38)


def _below(climb: Climb, width: int) -> list[str]:
    asked = climb.question
    parts = []
    if asked.isolating:
        parts.append("Heavy boxes: the smallest set whose refusal keeps its routes from the top.")
    if any(member.at_top and member.layer == 1 for member in climb.members):
        parts.append("▲: at the top itself.")
    if asked.seen:
        first, last = (
            pick(getattr(one, end) for one in asked.seen.values())
            for pick, end in ((min, "first"), (max, "last"))
        )
        parts.append(f"Seen in routes: {first} to {last}; “3 of 9”: vantage points.")
    parts.append(
        f"Inferred: {asked.snapshot}, {asked.day}; it misses backup links."
        if asked.snapshot
        else "No relationship file: what is above the uplinks is unknown."
    )
    if asked.named_in:
        parts.append(f"Names as of {asked.named_in}.")
    if climb.apart:
        links = "1 link" if climb.apart == 1 else f"{climb.apart:,} links"
        parts.append(f"Not drawn: {links} between networks equally near, or back.")
    if asked.version:
        parts.append(f"depeer {asked.version}")
    return fold(" ".join(parts), 165 if width >= WIDE else 54)

"""Networks or prefixes of one role: a dot for the rate, a line for its interval, on a log scale.

Names stand in the data only, never in a scale, a sort order or an expression: rows are placed by
their rank, so no string of a stranger takes part in the chart's own logic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from depeer.charts import numbers, theme, vega
from depeer.charts.clean import clean
from depeer.charts.content import Ranked, Ranking, Report
from depeer.charts.theme import WIDE, fit, fold
from depeer.charts.vega import Spec, marks, to, words
from depeer.disclosure import defang
from depeer.model import Role

DRAWN = 20
"""Rows drawn; the table beside the chart has them all."""
ROW = 20
"""Height of a row in pixels."""
WORDS = {
    Role.SENDER: "that handed over spam",
    Role.LINK: "that answered for advertised names",
    Role.NAMESERVER: "that served advertised names",
    Role.CONTROLLER: "listed as controllers",
}
_LOWEST, _HIGHEST = 1e-30, 1e30
"""Rates beyond are drawn at the edge: no count of addresses reaches them."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of words: a field of the data, its heading, its left edge and room in pixels."""

    field: str
    heading: str
    left: int
    room: int
    bold: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    """Pixels from the plot's left edge; what stands left of the plot is negative. ``fold``: characters."""

    plot: int
    left: int
    right: int
    columns: tuple[_Column, ...]
    fold: int


def _desk(ranking: Ranking) -> _Layout:
    networks = ranking.level == "networks"
    columns = (
        _Column("who", "network" if networks else "prefix", -380, 140, bold=True),
        _Column("name", "name" if networks else "network", -236, 226),
        _Column("figures", "rate (interval)", 512, 140),
        _Column("odds", "P(worst 1 %)", 634, 80),
    )
    return _Layout(496, -380, 700, columns, 150)


def _telephone(ranking: Ranking) -> _Layout:
    networks = ranking.level == "networks"
    columns = (
        _Column("both" if networks else "who", "network" if networks else "prefix", -158, 150),
        _Column("odds", "P worst", 142, 60),
    )
    return _Layout(132, -158, 186, columns, 50)


def ranking_spec(report: Report, ranking: Ranking, width: int = WIDE) -> Spec | None:
    """Vega-Lite of the first rows of one ranking; None where no row has a rate above 0 to draw."""
    rows = [row for row in ranking.rows if math.isfinite(row.rate.value) and row.rate.value > 0][:DRAWN]
    if not rows:
        return None
    layout = _desk(ranking) if width >= WIDE else _telephone(ranking)
    domain = _domain(rows)
    values = [_value(place, row, layout, domain) for place, row in enumerate(rows, 1)]
    title, subtitle = _title(report, ranking, layout)
    body = {
        "data": {"values": values},
        "layer": _marks(layout, domain, _below(report, ranking, layout)),
        "width": layout.plot,
        "height": ROW * len(rows),
    }
    return vega.whole(body, title, subtitle)


def chart_title(ranking: Ranking) -> str:
    """What may be said of the rows, in the role they were seen in."""
    return f"{ranking.level.capitalize()} with the highest rate of {seen_units(ranking)}"


def seen_units(ranking: Ranking) -> str:
    """What is counted, in words: "addresses that handed over spam"."""
    family = "IPv6 " if ranking.family == 6 else ""
    return f"{family}{ranking.unit} {WORDS[ranking.role]}"


def source_line(report: Report, ranking: Ranking) -> str:
    """Where the figures are from: lake batch, routing snapshots, version."""
    snapshots = sorted({row.snapshot for row in ranking.rows})
    named = ", ".join(snapshots[:2]) + (f" and {len(snapshots) - 2} more" if len(snapshots) > 2 else "")
    batch = "unknown batch" if report.batch is None else f"batch {report.batch}"
    return f"Source: lake at {batch}; routing snapshot {named or 'none'}; depeer {report.version}"


def _title(report: Report, ranking: Ranking, layout: _Layout) -> tuple[list[str], list[str]]:
    days = numbers.period(ranking.since or report.since, ranking.until or report.until)
    level = f"{100 * ranking.rows[0].rate.level:g} %"
    key = (
        f"{days}. Dot: estimated rate; line: {level} interval. "
        f"Filled: more likely than not among the worst 1 % of all announced {ranking.level}."
    )
    title = theme.heading(chart_title(ranking), report.simulated)
    return fold(title, layout.fold * 3 // 4), fold(key, layout.fold)


def _below(report: Report, ranking: Ranking, layout: _Layout) -> list[str]:
    seen = seen_units(ranking)
    units = f"{seen[0].upper()}{seen[1:]}, per 10,000 announced {ranking.unit} (log scale)"
    return [*fold(units, layout.fold), *fold(source_line(report, ranking), layout.fold)]


def _value(place: int, row: Ranked, layout: _Layout, domain: tuple[float, float]) -> dict[str, Any]:
    words = _words(row)
    fitted = {c.field: fit(words[c.field], c.room, 13 if c.bold else 12) for c in layout.columns}
    low, high = (min(max(end, domain[0]), domain[1]) for end in (row.rate.low, row.rate.high))
    drawn = {"place": place, "rate": row.rate.value, "low": low, "high": high, "likely": row.p_worst >= 0.5}
    return drawn | fitted


def _words(row: Ranked) -> dict[str, str]:
    number = "no AS" if row.asn is None else f"AS{row.asn}"
    name = defang(clean(row.name or "name unknown", 60))
    both = f"{number} {name}"
    value, low, high = (numbers.rate(n) for n in (row.rate.value, row.rate.low, row.rate.high))
    return {
        "who": clean(row.prefix or number, 60),
        "name": both if row.prefix else name,
        "both": both,
        "figures": f"{value} ({low}–{high})",
        "odds": numbers.probability(row.p_worst),
    }


def _domain(rows: list[Ranked]) -> tuple[float, float]:
    """Round ends around all intervals; one that reaches down to 0 is drawn to the edge, 3 decades below."""
    low = min(max(row.rate.low, row.rate.value / 1000) for row in rows)
    high = max(row.rate.high if math.isfinite(row.rate.high) else row.rate.value * 10 for row in rows)
    low, high = max(low, _LOWEST), min(max(high, _LOWEST), _HIGHEST)
    steps = 3 if high < 1000 * low else 1
    bottom, top = math.floor(math.log10(low) * steps), math.ceil(math.log10(high) * steps)
    return _power(bottom / steps), _power(max(top, bottom + 1) / steps)


def _power(exponent: float) -> float:
    return float(f"{10**exponent:.1g}")


def _ticks(domain: tuple[float, float]) -> list[float]:
    low, high = (math.floor(math.log10(end)) for end in domain)
    steps, every = ((1, 2, 5) if high - low <= 2 else (1,)), max(1, (high - low) // 6)
    ticks = [float(f"{step}e{power}") for power in range(low, high + 1, every) for step in steps]
    return [tick for tick in ticks if domain[0] <= tick <= domain[1]]


def _marks(layout: _Layout, domain: tuple[float, float], below: list[str]) -> list[Spec]:
    y: Spec = {"field": "place", "type": "ordinal", "axis": None, "scale": {"padding": 0}}
    scale: Spec = {"type": "log", "domain": list(domain), "nice": False}
    x: Spec = {
        "field": "low",
        "type": "quantitative",
        "scale": scale,
        "axis": _axis(layout, domain, below),
    }
    edges: Spec = {"x": {"value": layout.left}, "x2": {"value": layout.right}, "y": y}
    fill: Spec = {
        "condition": {"test": "datum.likely", "value": theme.ACCENT},
        "value": theme.PAPER,
    }
    span: Spec = {"color": theme.FAINT, "strokeWidth": 2, "strokeCap": "round"}
    dot: Spec = {"size": 52, "strokeWidth": 1.6, "filled": False, "opacity": 1, "stroke": theme.ACCENT}
    return [
        marks("rule", None, edges, color=theme.GRID, strokeWidth=1, yOffset=ROW / 2),
        marks("rule", None, {"x": x, "x2": to("high"), "y": y}, **span),
        marks("point", None, {"x": {"field": "rate", "type": "quantitative"}, "y": y, "fill": fill}, **dot),
        *(mark for column in layout.columns for mark in _column(column, y)),
    ]


def _axis(layout: _Layout, domain: tuple[float, float], below: list[str]) -> Spec:
    return {
        "values": _ticks(domain),
        "format": "~g",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "title": below,
        "titleAnchor": "start",
        "titleAlign": "left",
        "titleX": layout.left,
        "titleLineHeight": 16,
        "titlePadding": 10,
    }


def _column(column: _Column, y: Spec) -> list[Spec]:
    left: Spec = {"value": column.left}
    heading: Spec = {"x": left, "y": {"value": -7}, "text": {"value": column.heading}}
    weight = "bold" if column.bold else "normal"
    return [
        marks(
            "text", None, {"x": left, "y": y, "text": words(column.field)}, align="left", fontWeight=weight
        ),
        marks("text", [{}], heading, align="left", color=theme.MUTED, fontSize=11),
    ]

"""Vega-Lite as plain values: the few forms that all pictures share.

Specs are written down, not built by a library: validating each part of each chart took more time than drawing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from depeer.charts import theme

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.1.json"


def marks(kind: str, rows: Iterable[Mapping[str, Any]] | None, encoding: Spec, **style: Any) -> Spec:
    """One layer: marks of one kind with their rows of data, or with those of the whole chart."""
    data = {} if rows is None else {"data": {"values": list(rows)}}
    return {**data, "mark": {"type": kind, **style}, "encoding": encoding}


def whole(body: Spec, title: str | Sequence[str], subtitle: str | Sequence[str] = (), **config: Any) -> Spec:
    """A chart by itself, with its title and the common theme."""
    heading: Spec = {"text": title, **({"subtitle": subtitle} if subtitle else {})}
    return {"$schema": SCHEMA, "config": {**theme.CONFIG, **config}, "title": heading, **body}


def pixel(field: str) -> Spec:
    """A position that is already one, in pixels from the left or the top."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def to(field: str) -> Spec:
    """The other end of a mark that has two."""
    return {"field": field}


def words(field: str) -> Spec:
    return {"field": field, "type": "nominal"}


def moments(first: int, last: int, axis: Spec | None = None, field: str = "time") -> Spec:
    """A position in time, in ms since 1970 (UTC), with the same ends in every layer."""
    scale = {"type": "utc", "domain": [first, last], "nice": False}
    return {
        "field": field,
        "type": "temporal",
        "scale": scale,
        **({"axis": axis} if axis is not None else {}),
    }


def stacked(specs: Sequence[Spec]) -> Spec:
    """Whole charts one below the other, as one."""
    parts = [
        {key: value for key, value in spec.items() if key not in ("$schema", "config")} for spec in specs
    ]
    scales = {"scale": {"color": "independent", "strokeDash": "independent", "strokeWidth": "independent"}}
    return {
        "$schema": SCHEMA,
        "config": theme.CONFIG,
        "concat": parts,
        "columns": 1,
        "align": "none",
        "spacing": 40,
        "resolve": scales,
    }

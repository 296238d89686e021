"""Colours and type of every chart, and the words that each must carry.

Each colour is one exact hex value with one meaning: the page's style sheet maps the same values to
its dark palette by attribute selector, so that a static SVG follows the reader's light or dark.
"""

from __future__ import annotations

import unicodedata
from typing import Any

INK = "#1d2730"
MUTED = "#5a6772"
GRID = "#e3e7ea"
GAP = "#d5d9dd"
ACCENT = "#a63d40"
FAINT = "#c98f90"
PAPER = "#fefefe"
LABELS = {"spam": "#3b6a94", "ham": "#7fa88a", "unknown": "#b3a17c"}
"""Deliveries by label. Spam is blue, not red: red is kept for what is said of a network."""

FONT = "Helvetica Neue, Arial, Liberation Sans, sans-serif"
"""Metric-compatible faces, so that the widths the renderer measured hold in the reader's browser."""

WIDE, NARROW = 1080, 344
"""Widths of a whole chart in CSS pixels: for a desk, and for a telephone."""

CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "padding": {"left": 0, "right": 4, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "title": {
        "color": INK,
        "subtitleColor": MUTED,
        "fontSize": 15,
        "subtitleFontSize": 12,
        "fontWeight": 600,
        "anchor": "start",
        "frame": "bounds",
        "offset": 14,
        "subtitlePadding": 5,
        "subtitleLineHeight": 16,
    },
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "title": None, "symbolType": "square"},
    "text": {"color": INK, "fontSize": 12},
}


def fold(text: str, width: int) -> list[str]:
    """``text`` in lines of at most about ``width`` characters, broken at spaces."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def heading(title: str, simulated: bool) -> str:
    """A chart's title; that the data are simulated stands in it, so that no cut-out can lose it."""
    return f"Simulated: {title}" if simulated else title


def fit(text: str, pixels: int, size: int = 12) -> str:
    """``text`` cut with an ellipsis to about ``pixels`` at font size ``size``.

    By a table of typical widths, not by measuring: the same on every machine, and the renderer's own
    limit takes half of its time.
    """
    if size * sum(map(_width, text)) <= pixels:
        return text
    room, kept = pixels / size - 1, 0
    while kept < len(text) and (room := room - _width(text[kept])) >= 0:
        kept += 1
    return text[:kept].rstrip() + "…"


def _width(character: str) -> float:
    """Em of one character in a sans-serif face; combining marks take none."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "mwMW@%":
        return 0.86
    if character in " .,:;'|!/\\ijlft()[]-":
        return 0.32
    return 0.7 if character.isupper() or ord(character) > 0x2FF else 0.56

"""Words of strangers, made safe to draw: what a name or subject may hold, and what it may not.

Escaping is not done here (``html`` and the SVG writer do that); this takes out what no escaping can
make harmless: characters that XML 1.0 (2.2, Char) forbids, which abort the SVG renderer's process,
and the direction overrides that let a name rearrange the line it stands in (Unicode TR 36, 2.8).
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 240
"""Characters of one string that are shown; a subject or name of a megabyte is cut with an ellipsis."""
MARKS = 4
"""Combining marks kept in a row: enough for every script in use, too few to draw over other lines."""

_SPACE = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_PLANE_ENDS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff" + _PLANE_ENDS + "]"
)
_REPLACEMENT = "\ufffd"


def clean(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line, at most ``longest`` characters, with nothing that XML or a reader cannot bear.

    Line breaks become spaces, forbidden characters U+FFFD (so that one sees that something was there).
    Linear in ``longest``, not in the length of ``text``; never raises.
    """
    cut = text[: longest + 1]
    if len(cut) > longest:
        cut = cut[: longest - 1] + "…"
    return _few_marks(_FORBIDDEN.sub(_REPLACEMENT, _SPACE.sub(" ", cut)))


def _few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MARKS:
            kept.append(character)
    return "".join(kept)

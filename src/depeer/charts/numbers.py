"""Figures as a person reads them: thousands separators, three significant digits, ISO dates."""

from __future__ import annotations

import math
from datetime import date

UNKNOWN = "unknown"


def count(number: int | None) -> str:
    """``17193`` as ``17,193``; None as ``unknown``, for unknown is not zero."""
    return UNKNOWN if number is None else f"{number:,}"


def rate(number: float) -> str:
    """A rate to about three significant digits; ``unknown`` for what is not finite."""
    if not math.isfinite(number):
        return UNKNOWN
    size = abs(number)
    if size >= 100:
        return f"{number:,.0f}"
    if size >= 10:
        return f"{number:.1f}"
    if size >= 1:
        return f"{number:.2f}"
    if size >= 0.001 or size == 0:
        return f"{number:.3f}"
    return f"{number:.1e}"


def probability(number: float) -> str:
    """Two digits, never rounded to a certainty that no data give."""
    if not math.isfinite(number):
        return UNKNOWN
    if number > 0.99:
        return "> 0.99"
    return "< 0.01" if number < 0.01 else f"{number:.2f}"


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` as a percentage; ``unknown`` where there is no whole.

    One digit after the point, but never 0.0 % for something nor 100.0 % for less than all.
    """
    if whole <= 0:
        return UNKNOWN
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def period(since: date | None, until: date | None) -> str:
    """Both days inclusive; an open end is said to be open."""
    if since is None and until is None:
        return "no date known"
    if since == until and since is not None:
        return since.isoformat()
    return f"{since.isoformat() if since else 'the beginning'} to {until.isoformat() if until else 'now'}"


def distance(days: int | None) -> str:
    """How far a snapshot's day lies from what was seen, ``days`` after it (negative: before it)."""
    if days is None:
        return UNKNOWN
    if days == 0:
        return "same day"
    return f"{abs(days):,} {'day' if abs(days) == 1 else 'days'} {'older' if days > 0 else 'newer'}"


def day(known: date | None) -> str:
    """ISO form, or ``unknown``."""
    return UNKNOWN if known is None else known.isoformat()

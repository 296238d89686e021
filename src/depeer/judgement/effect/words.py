"""Shares and numbers in words, the same in verdicts, tables and pictures."""

from __future__ import annotations

from depeer.model import Estimate

LEAST = -10.0
"""Below this share (eleven times as much came) a number says no more than that nothing is known."""


def share(number: float) -> str:
    """A share in whole per cent; a loss of nearly all is never rounded to all, and what lies beyond all use is
    only said to."""
    percent = 100 * number
    if number < LEAST:
        return "< −1000 %"
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %".replace("-0 %", "0 %").replace("-", "−")


def span(one: Estimate) -> str:
    """An interval: ``79 % to 88 %``; ``> 99 %`` where both ends read so."""
    low, high = share(one.low), share(one.high)
    return low if low == high else f"{low} to {high}"


def rise(one: Estimate) -> str:
    """What a negative drop is a rise by: ``189 % to 224 %``."""
    low, high = (
        f"{-100 * number:.0f} %" if number >= LEAST else "> 1000 %" for number in (one.high, one.low)
    )
    return low if low == high else f"{low} to {high}"


def drop(one: Estimate) -> str:
    """An estimate with its interval: ``84 % (79 % to 88 %)``."""
    return f"{share(one.value)} ({span(one)})"


def counted(number: int, unit: str) -> str:
    """``1 week``, ``7 days``."""
    return f"{number} {unit}{'s' * (number != 1)}"


def days(number: int) -> str:
    return counted(number, "day")

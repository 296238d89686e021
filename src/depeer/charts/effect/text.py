"""What every picture of an effect says of itself: the event, the verdict, where it is from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from depeer.charts import theme
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fold
from depeer.judgement.effect import Scorecard
from depeer.judgement.effect.verdict import main_window

MOST_DAYS = 1000.0
"""Ordinary days averted for each day that was seen, beyond which the figure says nothing."""


@dataclass(frozen=True, slots=True)
class Event:
    """The day of the event, what counts were used (in words), and whether they are invented."""

    day: date
    source: str = ""
    simulated: bool = False
    version: str = ""


def title(text: str, event: Event, width: int) -> list[str]:
    return fold(theme.heading(text, event.simulated), 100 if width >= WIDE else 36)


def below(card: Scorecard, event: Event, width: int, sentences: Sequence[str]) -> list[str]:
    """The verdict first: no picture may be cut out that looks like an effect where none was found."""
    told = f"Event of {event.day}. Verdict: {card.verdict}."
    source = f"Counts: {clean(event.source, 80)}." if event.source else ""
    made = f"depeer {event.version}" if event.version else ""
    words = " ".join(part for part in (told, *sentences, source, made) if part)
    return fold(words, 165 if width >= WIDE else 54)


def averted(card: Scorecard) -> str | None:
    """The spam-days averted, as a sentence; None where there are none on the card."""
    one, days = card.spam_days_averted, card.averted_over_days
    if one is None:
        return None
    head = f"spam-days averted over {days:.0f} days"
    if max(abs(one.low), abs(one.value), abs(one.high)) > MOST_DAYS * max(days, 1.0):
        return f"{head}: cannot be said; what would have come is not known to within a thousandfold"
    return f"{head}: {one.value:,.1f} (95 %: {one.low:,.1f} to {one.high:,.1f})"


def no_half_life(card: Scorecard) -> str:
    """Why it cannot be asked when half of a loss was back; empty where it can."""
    main = main_window(card.drops, card.traces.series[0].step)
    if main is None or main.drop is None:
        return "no drop could be estimated, so there is nothing that could come back"
    if main.drop.low <= 0:
        return "no drop stands out, so there is nothing that could come back"
    if card.recovery is None:
        return "too little is known after the event to say when it came back"
    return ""


def half_life(card: Scorecard) -> str | None:
    """When half of the loss was back, as a sentence; None where no drop stands out that could come back."""
    main = main_window(card.drops, card.traces.series[0].step)
    if main is None or main.drop is None or main.drop.low <= 0:
        return None
    back = card.recovery
    if back is None:
        return no_half_life(card)
    if back.half_life is None:
        return f"not recovered by half in the {back.seen:.0f} days that were seen"
    half = back.half_life
    if math.isinf(half.high):
        return f"half of the loss may have been back after {half.value:.0f} days (95 %: {half.low:.0f} to no end)"
    return f"half of the loss was back after {half.value:.0f} days (95 %: {half.low:.0f} to {half.high:.0f})"

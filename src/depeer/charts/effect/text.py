"""What every picture of an effect says of itself: the event, the verdict, where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from depeer.charts import theme
from depeer.charts.clean import clean
from depeer.charts.theme import WIDE, fold
from depeer.judgement.effect import Scorecard


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


def share(number: float) -> str:
    """A share in whole per cent; a loss of nearly all is never rounded to all."""
    percent = 100 * number
    if 99 < percent < 100:
        return "> 99 %"
    return f"{percent:.0f} %".replace("-0 %", "0 %").replace("-", "−")

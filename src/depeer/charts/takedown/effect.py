"""Did it work, and where did it go: a scorecard and what moved, as words, tables and pictures."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import timedelta

from depeer.charts import theme
from depeer.charts.content import Figures, Part, Picture
from depeer.charts.effect.pictures import DRAWN
from depeer.charts.effect.text import Event, averted, half_life
from depeer.charts.gainers import gainers_spec
from depeer.charts.successors import evidence_words, successors_spec
from depeer.charts.theme import NARROW, WIDE
from depeer.judgement.effect import Scorecard
from depeer.judgement.effect.verdict import FusedWindow, Verdict
from depeer.judgement.effect.words import drop, share
from depeer.judgement.recurrence import Succession
from depeer.measures.displacement import Displacement
from depeer.measures.recurrence import TARGET

_MEANING = {
    Verdict.EFFECT: "Less was counted than would have been without the event, by more than chance explains.",
    Verdict.NO_EFFECT: "What was counted is what would have been counted without the event, as far as can be told.",
    Verdict.BEGAN_BEFORE: "The drop set in before the event, so the event cannot be given the credit for all of it.",
    Verdict.INSTRUMENT: "What looks like a drop comes from a change of how it was counted.",
    Verdict.CANNOT_SEPARATE: "Several things happened together; the figures are of all of them at once.",
    Verdict.TOO_LITTLE: "Too little was counted to say anything.",
}
_LABELS = {
    "counts": "Counts beside what would have been counted without the event",
    "forest": "Drop by sensor over 1, 7 and 30 days; the table above has all sensors together",
    "survival": "Share of the drop that was left, day by day",
}
SUCCESSIONS = 12
_LAKE = "mail and feeds in the lake"


def effect_part(card: Scorecard, harm: tuple[Scorecard, Scorecard] | None, event: Event) -> Part:
    """The scorecard. ``harm``: the same by what reached people and by what was on its way."""
    figures = [_drops(card)] if harm is None else [_drops(card), _both(*harm)]
    return Part(
        "Did it work?",
        f"Verdict: {card.verdict}. {_MEANING[card.verdict]}",
        (card.reason, *_sentences(card)),
        tuple(figures),
        tuple(_pictures(card, event)),
        tuple(card.warnings),
    )


def no_effect_part(why: str) -> Part:
    """Where there is no scorecard at all."""
    return Part("Did it work?", f"Nothing can be said: {why}")


def _drops(card: Scorecard) -> Figures:
    columns = (("over", False), ("drop (95 %)", True), ("one more sensor", True), ("sensors", True))
    rows = tuple((_days(one), _drop(one), _further(one), str(one.sensors)) for one in card.drops)
    return Figures("Drop, as a share of what would have been counted", columns, rows)


def _both(delivered: Scorecard, inbound: Scorecard) -> Figures:
    columns = (("over", False), ("reached people (95 %)", True), ("was on its way (95 %)", True))
    pairs = zip(delivered.drops, inbound.drops, strict=True)
    rows = tuple((_days(one), _drop(one), _drop(two)) for one, two in pairs)
    sensors = f"{len(delivered.sensors)} and {len(inbound.sensors)} sensors"
    return Figures(f"The same by what reached people and by what was on its way ({sensors})", columns, rows)


def _days(one: FusedWindow) -> str:
    return f"{one.days} day{'s' * (one.days > 1)}"


def _drop(one: FusedWindow) -> str:
    return f"unknown: {one.reason}" if one.drop is None else drop(one.drop)


def _further(one: FusedWindow) -> str:
    return "" if one.prediction is None else f"{share(one.prediction[0])} to {share(one.prediction[1])}"


def _sentences(card: Scorecard) -> list[str]:
    said = []
    saved = averted(card)
    if saved is not None:
        said.append(f"{_upper(saved)}; a spam-day is what an ordinary day before the event brought.")
    back = half_life(card)
    if back is not None:
        said.append(f"{_upper(back)}.")
    if card.trial.p is not None:
        said.append(
            f"As large a drop with no event at all: p = {card.trial.p:.2f}, from {card.trial.n} separate windows "
            "before."
        )
    return said


def _upper(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _pictures(card: Scorecard, event: Event) -> list[Picture]:
    found = []
    for name in ("forest", "survival", "counts"):
        draw = DRAWN[name]
        wide, narrow = draw(card, event, WIDE), draw(card, event, NARROW)
        if wide and narrow:
            found.append(Picture(theme.heading(_LABELS[name], event.simulated), wide, narrow))
    return found


# ------------------------------------------------------------------------------------------------ what moved


def gained_part(
    gained: Mapping[str, Displacement], counted: Mapping[str, str], names: Mapping[int, str], event: Event
) -> Part:
    """Who gained, view by view; a view in which nobody did says so. ``counted``: each view in words."""
    keyed: dict[Hashable, str] = dict(names.items())
    pictures, said = [], []
    for view, one in gained.items():
        wide, narrow = (
            gainers_spec(one, keyed, counted[view], event.day, width, event.simulated, _LAKE)
            for width in (WIDE, NARROW)
        )
        if wide and narrow:
            pictures.append(
                Picture(theme.heading(f"Who gained: {counted[view]}", event.simulated), wide, narrow)
            )
        else:
            why = (
                one.reason if not one.tested and one.reason else f"none of {one.tested:,} rose beyond chance"
            )
            said.append(f"{counted[view][:1].upper()}{counted[view][1:]}: {why}.")
    if not gained:
        said.append("The lake holds no sightings around that day in which a gain could show.")
    caution = "To gain after an event is no proof of having taken over what was cut off." if pictures else ""
    return Part("Who gained", "", tuple(said), (), tuple(pictures), (caution,) if caution else ())


def went_part(
    found: Sequence[Succession],
    stood: int,
    left_off: int,
    names: Mapping[int, str],
    target: str,
    event: Event,
) -> Part:
    """The chain of successors, or that none was found. ``stood``: things seen in the target before the event."""
    wide, narrow = (
        successors_spec(found, names, event.day, target, width, event.simulated, _LAKE)
        for width in (WIDE, NARROW)
    )
    if wide is None or narrow is None:
        nothing = (
            f"Of {stood:,} things that were seen in the target before that day (controllers, names, senders, "
            "prefixes), none was seen elsewhere after it by more than chance."
            if stood
            else "Nothing in the lake was seen in the target before that day, so nothing can be followed."
        )
        return Part("Where it went", nothing)
    columns = (
        ("from", False),
        ("to", False),
        ("first seen", False),
        ("evidence", False),
        ("what links them", False),
    )
    rows = tuple(_succession(one, names, target, event) for one in found[:SUCCESSIONS])
    more = len(found) - len(rows) + left_off
    said = (f"{more:,} more or weaker links are left out.",) if more else ()
    label = theme.heading("Where it went; the table above has the same", event.simulated)
    return Part(
        "Where it went",
        "",
        said,
        (Figures("Where what stood in the target was seen again", columns, rows),),
        (Picture(label, wide, narrow),),
        ("That the same thing was seen elsewhere does not say that the network there knew of it.",),
    )


def _succession(one: Succession, names: Mapping[int, str], target: str, event: Event) -> tuple[str, ...]:
    origin = target if one.origin == TARGET else f"AS{one.origin} {names.get(one.origin, '')}".strip()
    return (
        origin,
        f"AS{one.successor} {names.get(one.successor, '')}".strip(),
        f"{event.day + timedelta(days=one.first)} (day {one.first:.0f})",
        one.strength,
        "; ".join(evidence_words(part) for part in one.evidence),
    )

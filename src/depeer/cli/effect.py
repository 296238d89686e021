"""``depeer effect``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.chart import check_effect_chart, draw_effect_chart, effect_chart_option
from depeer.cli.common import Day, print_json, say, table, with_lake
from depeer.cli.moves import moves_json, show_moves
from depeer.cli.slices import slice_of, with_slice

if TYPE_CHECKING:
    from depeer.judgement.effect import Scorecard
    from depeer.model import Estimate
    from depeer.verbs.effect import Harm


@click.command("effect")
@click.option(
    "--date", "event", type=Day(), required=True, help="Day of the event: counts from it on come after."
)
@with_slice
@click.option(
    "--control",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A CSV of counts it cannot have touched: had they fallen as well, it was not the event.",
)
@click.option(
    "--other", "others", multiple=True, type=Day(), help="Another intervention near it; may be repeated."
)
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="SENSOR=DATE",
    help="A known change of a sensor's instrument.",
)
@click.option(
    "--target",
    metavar="ASN,PREFIX…",
    help="What was hit: also say who gained, and where its controllers, names, senders and prefixes went.",
)
@click.option(
    "--over",
    type=click.IntRange(1),
    default=28,
    show_default=True,
    help="Days on each side that are compared for who gained.",
)
@click.option("--until", type=Day(), help="Leave out what comes after this day.")
@effect_chart_option
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The same seed gives the same figures.",
)
@with_lake
def command(
    event: date,
    series: Path | None,
    sensor: str | None,
    label: str | None,
    role: str | None,
    network: str | None,
    prefix: str | None,
    control: Path | None,
    others: tuple[date, ...],
    changes: tuple[str, ...],
    target: str | None,
    over: int,
    until: date | None,
    seed: int,
    lake: Path,
    chart: Path | None,
    as_json: bool,
) -> None:
    """Did it work? Drop, how long it lasted, and how sure that is.

    Shares are of what would have been counted without the event. A change of instrument, a drop that began
    before, several events at once and too little data are said to be that, not an effect. A pause that the
    senders chose looks the same as a takedown in counts. Where a lake says which sensors count what reached
    people, both drops stand side by side.
    """
    from depeer.verbs.effect import Request, answer

    check_effect_chart(chart)
    wanted = slice_of(series, sensor, label, role, network, prefix)
    told = [_change(text) for text in changes]
    found = answer(lake, Request(event, series, wanted, control, others, told, until, seed, target, over))
    draw_effect_chart(chart, found.card, event, lake, str(series or "lake"))
    if as_json:
        print_json(_json(found.card) | _harm_json(found.harm) | moves_json(found.moves))
        return
    _show(found.card, event)
    if found.harm:
        _show_harm(found.harm)
    if found.moves:
        show_moves(found.moves)


def _change(text: str) -> tuple[str, date]:
    from depeer.errors import BadUsage

    sensor, _, day = text.rpartition("=")
    try:
        return sensor, date.fromisoformat(day)
    except ValueError:
        raise BadUsage(f"--change {text!r} is not SENSOR=DATE, such as trap-1=2008-11-01") from None


def _interval(found: Estimate | None) -> dict[str, float] | None:
    return None if found is None else {"estimate": found.value, "low": found.low, "high": found.high}


def _json(card: Scorecard) -> dict[str, Any]:
    from depeer.charts.effect.text import no_half_life

    drops = {f"drop_{one.days}d": _interval(one.drop) for one in card.drops}
    back = card.recovery
    why = no_half_life(card)
    half = None if why or not back else _interval(back.half_life) if back.half_life else "not recovered"
    reasons = {f"drop_{one.days}d": one.reason for one in card.drops if one.drop is None}
    return {
        "verdict": card.verdict,
        "reason": card.reason,
        **drops,
        "reasons": reasons | ({"half_life_days": why} if why else {}),
        "prediction": {f"drop_{one.days}d": one.prediction for one in card.drops},
        "spam_days_averted": _interval(card.spam_days_averted),
        "averted_over_days": card.averted_over_days,
        "half_life_days": half,
        "recovery": None if why else back,
        "placebo_p": card.trial.p,
        "placebo_n": card.trial.n,
        "placebo_alarms": card.trial.alarms,
        "began": card.began,
        "signs_of_instruments": card.signs,
        "sensors": card.sensors,
        "warnings": card.warnings,
    }


def _harm_json(harm: Harm | None) -> dict[str, Any]:
    """``null`` where no sensor is known to count the one or the other."""
    if harm is None:
        return {"delivered": None, "inbound": None}
    sides = {"delivered": harm.delivered, "inbound": harm.inbound}
    return {
        name: {"verdict": card.verdict, "sensors": [one.sensor for one in card.sensors]}
        | {f"drop_{one.days}d": _interval(one.drop) for one in card.drops}
        for name, card in sides.items()
    }


def _show_harm(harm: Harm) -> None:
    rows = [
        (name, *(_share(one.drop) or one.reason for one in card.drops), str(len(card.sensors)))
        for name, card in (("reached people", harm.delivered), ("was on its way", harm.inbound))
    ]
    days = [(f"{one.days} d", "<") for one in harm.delivered.drops]
    table("What reached people, beside what was on its way", [("", "<"), *days, ("sensors", ">")], rows)


def _show(card: Scorecard, event: date) -> None:
    from depeer.charts.effect.text import averted, half_life

    say(f"{event}: {card.verdict}. {card.reason}")
    rows = [
        (f"{one.days} d", _share(one.drop) or one.reason, _band(one.prediction), str(one.sensors))
        for one in card.drops
    ]
    table(
        "Drop, as a share of what would have been counted",
        [("over", "<"), ("drop (95 %)", "<"), ("another sensor would see", "<"), ("sensors", ">")],
        rows,
    )
    if len(card.sensors) > 1:
        columns = [("sensor", "<"), *((f"{days} d", "<") for days in (1, 7, 30))]
        table(
            "By sensor",
            columns,
            [(one.sensor, *(_share(w.drop) or "–" for w in one.windows)) for one in card.sensors],
        )
    say(*filter(None, (averted(card), half_life(card))))
    if card.trial.p is not None:
        n = card.trial.n
        say(
            f"such a drop with no event: p = {card.trial.p:.2f}, from {n} separate window{'s' * (n != 1)} before"
        )
    for warning in card.warnings:
        say(f"note: {warning}")


def _share(drop: Estimate | None) -> str:
    from depeer.judgement.effect.words import drop as words

    return "" if drop is None else words(drop)


def _band(prediction: tuple[float, float] | None) -> str:
    from depeer.judgement.effect.words import share

    return "" if prediction is None else f"{share(prediction[0])} to {share(prediction[1])}"

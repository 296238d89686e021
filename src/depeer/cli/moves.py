"""Who gained after an event and where things went, as text and as JSON."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from depeer.cli.common import say, table

if TYPE_CHECKING:
    from depeer.judgement.recurrence import Return, Succession
    from depeer.measures.displacement import Displacement, Gain
    from depeer.model import Estimate
    from depeer.verbs.effect import Moves

SHOWN = 12
"""Gainers of one view in the text; the JSON has all."""
_KINDS = {
    "family": "families of controllers",
    "controller": "addresses of controllers",
    "name": "names",
    "sender": "senders",
    "prefix": "prefixes",
}


# ------------------------------------------------------------------------------------------------ JSON


def moves_json(moves: Moves | None) -> dict[str, Any]:
    """The keys ``displacement``, ``re_emergence`` and ``successors``; null without a target."""
    if moves is None:
        return {"displacement": None, "re_emergence": None, "successors": None}
    return {
        "displacement": {name: _displacement(one, moves, name) for name, one in moves.displacement.items()},
        "re_emergence": {one.kind: _return(one, moves) for one in moves.recurrence.returns},
        "successors": [_succession(one, moves) for one in moves.recurrence.successions],
        "successors_left_off": moves.recurrence.left_off,
    }


def _displacement(one: Displacement, moves: Moves, name: str) -> dict[str, Any]:
    from depeer.lake.moves import VIEWS
    from depeer.measures.displacement import FDR

    return {
        "counted": VIEWS[name],
        "days": one.width,
        "gainers": [_gainer(gain, moves) for gain in one.gainers],
        "tested": one.tested,
        "false_discovery_rate": FDR,
        "placebo_dates": one.placebo_dates,
        "target": {"before": one.target_before, "after": one.target_after},
        "others_gain": _interval(one.rest),
        "quotient": _interval(one.quotient),
        "reason": one.reason or None,
    }


def _gainer(gain: Gain, moves: Moves) -> dict[str, Any]:
    who = (
        {"asn": gain.key, "name": _name(moves, gain.key)}
        if isinstance(gain.key, int)
        else {"family": gain.key}
    )
    return who | {
        "before": gain.before,
        "after": gain.after,
        "gain": _interval(gain.gain),
        "share_before": gain.share_before,
        "share_after": gain.share_after,
        "p_volume": gain.p_volume,
        "p_share": gain.p_share,
        "basis": gain.basis,
    }


def _return(one: Return, moves: Moves) -> dict[str, Any]:
    found = one.median
    known = {
        "stood": moves.recurrence.stood[one.kind],
        "in_place": moves.recurrence.in_place[one.kind],
        "watched_days": one.watched_days,
    }
    if found is None:
        return known
    low, high = found.between
    return known | {
        "back": found.back,
        "not_yet": found.count - found.back,
        "median_days": {"low": low, "high": high} if high is not None else "not yet",
        "turnbull_median_days": found.turnbull,
        "median_interval": {"low": found.low, "high": found.high},
        "each": [{"what": what, "low": low, "high": high} for what, low, high in one.each],
    }


def _succession(one: Succession, moves: Moves) -> dict[str, Any]:
    from depeer.measures.recurrence import TARGET

    return {
        "from": "target" if one.origin == TARGET else one.origin,
        "to": one.successor,
        "name": _name(moves, one.successor),
        "step": one.step,
        "first_seen": _day(moves, one.first),
        "after_days": one.first,
        "strength": one.strength,
        "evidence": [
            {
                "kind": part.kind,
                "count": part.count,
                "of": part.of,
                "chance": part.chance,
                "trials": part.trials,
                "examples": part.examples,
            }
            for part in one.evidence
        ],
    }


def _interval(found: Estimate | None) -> dict[str, float] | None:
    return None if found is None else {"estimate": found.value, "low": found.low, "high": found.high}


def _name(moves: Moves, asn: object) -> str | None:
    owner = moves.called.get(asn) if isinstance(asn, int) else None
    return owner.name if owner else None


def _day(moves: Moves, days: float) -> date:
    return moves.around.event + timedelta(days=days)


# ------------------------------------------------------------------------------------------------ text


def show_moves(moves: Moves) -> None:
    """Who gained, the chain, and when things were back."""
    from depeer.lake.moves import VIEWS

    for name, one in moves.displacement.items():
        _show_gainers(one, VIEWS[name], moves)
    _show_chain(moves)
    for back in moves.recurrence.returns:
        if back.kind != "sender":
            say(_back_words(back, moves))


def _show_gainers(one: Displacement, counted: str, moves: Moves) -> None:
    from depeer.measures.displacement import FDR

    risen = [gain for gain in one.gainers if gain.basis == "volume"]
    only = len(one.gainers) - len(risen)
    if risen:
        table(
            f"Who gained: {counted}, a day, {one.width} days on each side",
            [("who", "<"), ("before", ">"), ("after", ">"), ("gain (95 %)", "<"), ("chance", ">")],
            [_gain_row(gain, moves) for gain in risen[:SHOWN]],
            f"of {one.tested:,} tested; at most {FDR:.0%} of those named are expected to be chance"
            + (f"; {len(risen) - SHOWN:,} more" if len(risen) > SHOWN else ""),
        )
    else:
        few = one.reason if not one.placebo_dates else "too little was counted to test anybody"
        why = f"none of {one.tested:,} tested rose beyond chance" if one.tested else few
        say(f"who gained ({counted}): {why}")
    if only:
        say(f"  {only:,} more rose against the others only, which they also do when others fall")
    if one.quotient:
        q = one.quotient
        say(
            f"  displacement quotient {q.value:.2f} ({q.low:.2f} to {q.high:.2f}); "
            "-1: all that the target lost came from others, 0: nothing moved"
        )


def _gain_row(gain: Gain, moves: Moves) -> tuple[str, ...]:
    who = (
        f"AS{gain.key} {_name(moves, gain.key) or ''}".strip() if isinstance(gain.key, int) else str(gain.key)
    )
    span = f"{gain.gain.value:+,.1f} ({gain.gain.low:+,.1f} to {gain.gain.high:+,.1f})"
    return who, f"{gain.before:,.1f}", f"{gain.after:,.1f}", span, f"p = {gain.p_volume:.2g}"


def _show_chain(moves: Moves) -> None:
    from depeer.measures.recurrence import TARGET

    found = moves.recurrence
    if not found.successions:
        known = "nothing that stood in the target came up elsewhere"
        none = "no list, name or routing table shows anything that stood in the target before"
        say(f"where it went: {known if any(found.stood.values()) else none}")
        return
    rows = [
        (
            "  " * (one.step - 1) + ("target" if one.origin == TARGET else f"AS{one.origin}"),
            f"AS{one.successor} {_name(moves, one.successor) or ''}".strip(),
            f"{_day(moves, one.first)} (day {one.first:.0f})",
            one.strength,
            _evidence(one),
        )
        for one in found.successions
    ]
    table(
        "Where it went",
        [("from", "<"), ("to", "<"), ("first seen", "<"), ("evidence", "<"), ("what links them", "<")],
        rows,
        "chance: how often as large a share comes up in one other network where nothing happened"
        + (f"; {found.left_off:,} weaker links are not told" if found.left_off else ""),
    )


def _evidence(one: Succession) -> str:
    from depeer.charts.successors import evidence_words

    return "; ".join(evidence_words(part) for part in one.evidence)


def _back_words(back: Return, moves: Moves) -> str:
    found, kind = back.median, _KINDS[back.kind]
    if found is None:
        return f"{kind}: none stood in the target"
    head = f"{kind}: {found.back:,} of {found.count:,} that stood in the target came up again"
    if moves.recurrence.in_place[back.kind]:
        head += f" ({moves.recurrence.in_place[back.kind]:,} in the target itself)"
    low, high = found.between
    if high is None:
        return f"{head} in {back.watched_days:.0f} days: half of them not yet"
    few = "too few for an interval of the median of all such"
    bound = few if found.high is None else f"95 %: {found.low:.0f} to {found.high:.0f} days"
    return f"{head}; half of them within {low:.1f} to {high:.1f} days ({bound})"

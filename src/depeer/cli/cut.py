"""``depeer cut``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.chart import chart_option, check_chart, told_of_chart
from depeer.cli.common import Day, print_json, say, table, with_lake

if TYPE_CHECKING:
    from depeer.judgement.cut import Uplink
    from depeer.model import Estimate
    from depeer.verbs.cut import Sentence

SHOWN = 40
"""Uplinks in the text; a network at the top has hundreds of peers that carry nothing."""


@click.command("cut")
@click.argument("asn")
@click.option("--at", type=Day(), help="By the relationships as of this date.  [default: the newest]")
@click.option("--without", metavar="ASN,...", help="Uplinks that stop carrying it.")
@click.option(
    "--outages",
    type=(click.IntRange(0), click.IntRange(0)),
    default=(0, 0),
    metavar="BACK STAYED",
    help="Outages of other networks that you watched: how many were back within a week, how many not.",
)
@chart_option
@with_lake
def command(
    asn: str,
    at: date | None,
    without: str | None,
    outages: tuple[int, int],
    chart: Path | None,
    lake: Path,
    as_json: bool,
) -> None:
    """Who can cut a network off, what stays reachable, and who else is hurt.

    By relationships that CAIDA inferred, which are weeks old and miss backup links: an answer is what the file
    allows, not a promise.
    """
    from depeer.model import parse_asn
    from depeer.verbs.cut import cut, picture

    if chart is not None:
        check_chart(chart)
    severed = [parse_asn(part) for part in (without or "").split(",") if part.strip()]
    found = cut(lake, parse_asn(asn), at, severed, outages)
    drawn = picture(found, chart) if chart else None
    if as_json:
        print_json(_json(found))
    else:
        _show(found)
        if not severed:
            say(
                "to be told how likely it stays off, and who would carry it next, name uplinks: --without ASN,…"
            )
    told_of_chart(chart, drawn)


def _json(found: Sentence) -> dict[str, Any]:
    cut = found.cut
    return {
        "asn": cut.asn,
        "name": found.called[cut.asn].name,
        "at": found.at,
        "relationships": found.relationships.id,
        "relationships_date": found.relationships.day,
        "without": cut.without,
        "networks": cut.networks,
        "reach_before": cut.reach_before,
        "reach_after": cut.reach_after,
        "top_before": cut.top_before,
        "top_after": cut.top_after,
        "remaining": cut.remaining,
        "isolating_sets": [one.asns for one in cut.isolating_sets],
        "isolating_sets_complete": cut.complete,
        "sets": cut.isolating_sets,
        "p_offline": {
            "now": _interval(found.offline.now),
            "later": _interval(found.offline.later),
            "days": found.offline.days,
        },
        "next_uplinks": found.next_uplinks,
        "steps": found.steps,
        "uplinks": cut.uplinks,
        "residual": cut.residual,
        "collateral": cut.collateral,
        "falls": cut.falls,
        "seen": found.seen,
        "innocent_mails": found.innocent,
        "names": {number: owner.name for number, owner in found.called.items() if owner.name},
    }


def _interval(found: Estimate) -> dict[str, float]:
    return {"estimate": found.value, "low": found.low, "high": found.high}


def _show(found: Sentence) -> None:
    cut = found.cut
    days = (found.at - found.relationships.day).days
    apart = f"{days:,} days before {found.at}" if days >= 0 else f"{-days:,} days AFTER {found.at}"
    say(f"{_who(found, cut.asn)}, by {found.relationships.id} ({apart}) of {cut.networks:,} networks")
    say(
        "  inferred relationships miss backup links: this is what the file allows, not a promise",
        f"  {cut.reach_before:,} networks hear it, itself included",
    )
    others = [number for number in cut.without if number not in {u.asn for u in cut.uplinks}]
    if others:
        say(
            f"  no uplinks of it, so they refuse its routes instead: {'; '.join(_who(found, n) for n in others)}"
        )
    if cut.without:
        left = "; ".join(_who(found, number) for number in cut.remaining) or "nobody"
        gone = "; ".join(_who(found, number) for number in cut.without)
        say(f"  without {gone}: {cut.reach_after:,} still hear it; left: {left}")
    shown = _carrying(cut.uplinks)
    table(
        "Uplinks",
        [("uplink", "<"), ("name", "<"), ("kind", "<"), ("hear it this way", ">"), ("only this way", ">"), ("", "<")],
        [
            (f"AS{u.asn}", found.called[u.asn].dated or "", u.kind, f"{u.hears:,}", f"{u.sole:,}",
             "severed" if u.severed else "")
            for u in shown
        ],
        f"{len(cut.uplinks) - len(shown):,} more, through which fewer hear it; --json has all"
        if len(shown) < len(cut.uplinks) else "",
    )  # fmt: skip
    if cut.at_top:
        say("it stands at the top itself: no set of networks isolates it")
    elif cut.isolating_sets:
        table(
            "Smallest sets whose refusal isolates it",
            [("networks", "<"), ("from", "<"), ("still hear it", ">")],
            [
                ("; ".join(_who(found, n) for n in one.asns), _GRADES[one.grade], f"{one.reach_after:,}")
                for one in cut.isolating_sets[:8]
            ],
            "" if cut.complete else "there are more of the same size",
        )
    _show_outlook(found)
    _show_steps(found)
    _show_harm(found)


def _carrying(uplinks: Sequence[Uplink]) -> list[Uplink]:
    """In their order the ``SHOWN`` through which most hear it, and whatever is severed."""
    first = sorted(uplinks, key=lambda u: (not u.severed, u.kind == "peer", -u.hears, u.asn))
    kept = {u.asn for u in first[: max(SHOWN, sum(u.severed for u in uplinks))]}
    return [u for u in uplinks if u.asn in kept]


_GRADES = {
    "everyone": "everyone beyond its own",
    "top": "all networks at the top",
    "share": "99 % of the networks",
}


def _show_outlook(found: Sentence) -> None:
    if found.cut.without:
        now, later = found.offline.now, found.offline.later
        say(
            f"P(offline) right after: {now.value:.2f} ({now.low:.2f} to {now.high:.2f}); "
            f"after {found.offline.days:.0f} days: {later.value:.2f} ({later.low:.2f} to {later.high:.2f}); "
            "relationship files are old and miss links"
        )
    if found.cut.without and found.next_uplinks:
        likely = "; ".join(f"{_who(found, one.asn)} ({one.chance:.0%})" for one in found.next_uplinks)
        say(f"likely next uplinks: {likely}")


def _show_steps(found: Sentence) -> None:
    if not found.steps:
        return
    table(
        "Lesser steps first",
        [("step", "<"), ("by", "<"), ("against", "<"), ("stops", ">"), ("hurts", ">"), ("in good use", ">")],
        [
            (step.kind, ", ".join(f"AS{a}" for a in step.who), _things(step.what), f"{step.stops:.0%}",
             f"{step.hurts:,}", f"{step.innocent:,}")
            for step in found.steps[:8]
        ],
    )  # fmt: skip


def _things(what: tuple[str, ...]) -> str:
    return ", ".join(what[:3]) + (f" and {len(what) - 3} more" if len(what) > 3 else "")


def _show_harm(found: Sentence) -> None:
    harm = found.cut.collateral
    if not harm.networks:
        say("nobody else falls with it")
    else:
        size = f", {harm.announced4:,} IPv4 addresses" if harm.announced4 is not None else ""
        say(f"{harm.networks:,} other networks{size} fall with it:")
        for loss in harm.fallen[:12]:
            seen = ", ".join(f"{count} as {role}" for role, count in found.seen.get(loss.asn, {}).items())
            size = f", {loss.announced4:,} addresses" if loss.announced4 is not None else ""
            say(f"  {_who(found, loss.asn)}{size}{'; bad addresses seen: ' + seen if seen else ''}")
    mine = ", ".join(f"{count} as {role}" for role, count in found.seen.get(found.cut.asn, {}).items())
    say(
        f"seen in it within a year of that day: {mine or 'no bad address'}; wanted mails from it: {found.innocent:,}"
    )


def _who(found: Sentence, asn: int) -> str:
    owner = found.called.get(asn)
    return f"AS{asn} {owner.dated}" if owner and owner.dated else f"AS{asn}"

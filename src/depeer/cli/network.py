"""``depeer network``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.chart import chart_option, check_chart, told_of_chart
from depeer.cli.common import Day, print_json, say, table, with_lake

if TYPE_CHECKING:
    from depeer.verbs.network import Dossier

SHOWN = 40
"""Uplinks in the text: providers, then peers, those first that a vantage point saw in use."""


@click.command("network")
@click.argument("asn")
@click.option("--at", type=Day(), help="Prefixes as of this date.  [default: today]")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="Addresses to show.")
@chart_option
@with_lake
def command(asn: str, at: date | None, top: int, chart: Path | None, lake: Path, as_json: bool) -> None:
    """Everything the lake knows about one network: prefixes, sightings by role, listings."""
    from depeer.model import parse_asn
    from depeer.verbs.network import network, picture

    if chart is not None:
        check_chart(chart)
    found = network(lake, parse_asn(asn), at, top)
    drawn = picture(found, chart) if chart else None
    if as_json:
        print_json(_json(found))
    else:
        _show(found)
    told_of_chart(chart, drawn)


def _json(found: Dossier) -> dict[str, Any]:
    return {
        "asn": found.owner.asn,
        "name": found.owner.name,
        "name_date": found.owner.named.snapshot.day if found.owner.named else None,
        "at": found.at,
        "snapshot": found.snapshot.id if found.snapshot else None,
        "prefixes": [prefix.prefix for prefix in found.prefixes],
        "announced": found.announced(4),
        "announced_ipv6_64s": found.announced(6),
        "relationships": found.neighbours.snapshot.id if found.neighbours.snapshot else None,
        "providers": found.neighbours.providers,
        "peers": found.neighbours.peers,
        "customers": found.neighbours.customers,
        "siblings": found.neighbours.siblings,
        "observed_uplinks": found.neighbours.observed,
        "names": {asn: owner.name for asn, owner in found.called.items() if owner.name},
        "roles": found.standings,
        "addresses": found.addresses,
        "listings": found.listings,
    }


def _show(found: Dossier) -> None:
    name = f" {found.owner.dated}" if found.owner.dated else ""
    say(f"AS{found.owner.asn}{name}, as of {found.at}")
    if found.snapshot is None:
        say("the lake holds no routing table; add one with: depeer routes add FILE")
    elif not found.prefixes:
        say(f"announces nothing in {found.snapshot.id}")
    else:
        six = f" and {found.announced(6):,} IPv6 /64s" if found.announced(6) else ""
        size = f"{found.announced(4):,} addresses{six} of its own"
        days = (found.at - found.snapshot.day).days
        apart = (
            f" ({days:,} days before {found.at})"
            if days > 0
            else f" ({-days:,} days AFTER {found.at})"
            if days
            else ""
        )
        say(f"announces {len(found.prefixes):,} prefixes, {size}, in {found.snapshot.id}{apart}")
        say(
            "  "
            + ", ".join(prefix.prefix for prefix in found.prefixes[:12])
            + (" …" if len(found.prefixes) > 12 else "")
        )
    _show_neighbours(found)
    if not found.standings:
        say("nothing in the lake was seen in it")
    else:
        table(
            "Seen in it",
            [("role", "<"), ("addresses", ">"), ("records", ">"), ("first", "<"), ("last", "<"),
             ("per 10,000 (95 %)", ">"), ("P(worst 1 %)", ">")],
            [_cells(one) for one in found.standings],
        )  # fmt: skip
        for one in found.standings:
            say(f"{one.role}: {one.role.phrase}")
    if found.addresses:
        table(
            "Addresses seen most",
            [("role", "<"), ("address", "<"), ("records", ">"), ("first", "<"), ("last", "<")],
            [
                (a["role"], a["address"], f"{a['messages']:,}", _day(a["first"]), _day(a["last"]))
                for a in found.addresses
            ],
        )
    for listed in found.listings[:20]:
        say(
            f"listed by {listed['feed']}: {listed['entry']}, {_day(listed['first'])} to {_day(listed['last'])}"
        )


def _show_neighbours(found: Dossier) -> None:
    near = found.neighbours
    observed = {one.asn: one for one in near.observed}
    kinds = [(a, "provider") for a in near.providers] + [(a, "peer") for a in near.peers]
    kinds += [
        (a, "") for a in observed if a not in {*near.providers, *near.peers, *near.customers, *near.siblings}
    ]
    if kinds:
        kinds.sort(key=lambda kind: (kind[1] == "peer", kind[0] not in observed))
        rows = [
            (
                f"AS{asn}",
                found.called[asn].dated or "",
                kind,
                f"{observed[asn].vantages} of {observed[asn].of}" if asn in observed else "",
                f"{_day(observed[asn].first)} to {_day(observed[asn].last)}" if asn in observed else "",
            )
            for asn, kind in kinds[:SHOWN]
        ]
        columns = [
            ("uplink", "<"),
            ("name", "<"),
            ("inferred", "<"),
            ("vantage points", ">"),
            ("observed", "<"),
        ]
        note = f"inferred: {near.snapshot.id}, whose backup links are missing" if near.snapshot else ""
        more = f"{len(kinds) - SHOWN:,} more peers; --json has all" if len(kinds) > SHOWN else ""
        table("Uplinks", columns, rows, "; ".join(filter(None, (more, note))))
    if near.customers:
        say(f"{len(near.customers):,} direct customers: {_some(found, near.customers)}")
    if near.siblings:
        say(f"siblings of the same owner: {_some(found, near.siblings)}")


def _some(found: Dossier, asns: tuple[int, ...]) -> str:
    shown = "; ".join(f"AS{a} {found.called[a].dated or ''}".strip() for a in asns[:8])
    return shown + (" …" if len(asns) > 8 else "")


def _cells(one: Any) -> tuple[str, ...]:
    rate = f"{one.rate:.3g} ({one.low:.2g}–{one.high:.2g})" if one.rate is not None else "not announced"
    worst = f"{one.p_worst:.2f}" if one.p_worst is not None else ""
    return (one.role, f"{one.addresses:,}", f"{one.messages:,}", _day(one.first), _day(one.last), rate, worst)


def _day(moment: object) -> str:
    return moment.date().isoformat() if isinstance(moment, datetime) else "?"

"""``depeer lookup``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.common import Day, print_json, say, with_lake
from depeer.errors import BadUsage

if TYPE_CHECKING:
    from depeer.routing.answer import Answer


@click.command("lookup")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--at", type=Day(), help="As of this date.  [default: today]")
@with_lake
def command(addresses: tuple[str, ...], at: date | None, lake: Path, as_json: bool) -> None:
    """Which network announced an address, as of a date.

    Every answer names the snapshot that says so and its distance in days. With --json and one address the
    document is that answer; with several it is a list of them. What is no address is named on standard error, the
    rest is answered, and the exit code is 2.
    """
    from depeer.verbs.lookup import lookup

    answers, refused = lookup(lake, addresses, at)
    if as_json:
        shown = [_json(one) for one in answers]
        print_json(shown[0] if len(addresses) == 1 else shown)
    for one in () if as_json else answers:
        say(_sentence(one))
    for word in refused:
        click.echo(f"depeer: {word!r} is not an IPv4 or IPv6 address", err=True)
    if refused:
        sys.exit(BadUsage.exit_code)


def _json(one: Answer) -> dict[str, Any]:
    return {
        "address": one.address,
        "at": one.day,
        "prefix": one.prefix,
        "asn": one.asn,
        "name": one.name,
        "name_date": one.named.snapshot.day if one.named else None,
        "origins": one.origins,
        "snapshot": one.snapshot.id if one.snapshot else None,
        "snapshot_date": one.snapshot.day if one.snapshot else None,
        "snapshot_days": one.days,
        "special": one.special,
        "doubt": one.doubt,
    }


def _sentence(one: Answer) -> str:
    if one.snapshot is None:
        return f"{one.address}: unknown, no routing table in the lake covers this kind of address"
    by = f"by {one.snapshot.id}, {_distance(one.days or 0)} {one.day}"
    if one.special:
        return f"{one.address}: nobody's on the Internet ({one.special})"
    if one.prefix is None:
        return f"{one.address}: announced by nobody, {by}"
    network = (
        f"AS{one.asn}" + (f" {one.named.dated}" if one.named else "")
        if one.asn is not None
        else "no single origin"
    )
    others = (
        f" (and {', '.join(f'AS{a}' for a in one.origins[1:])}: several origins)"
        if len(one.origins) > 1
        else ""
    )
    doubt = f"; {one.doubt}" if one.doubt else ""
    return f"{one.address}: {network}{others}, {one.prefix}, {by}{doubt}"


def _distance(days: int) -> str:
    if days == 0:
        return "of"
    return f"{days:,} days before" if days > 0 else f"{-days:,} days AFTER"

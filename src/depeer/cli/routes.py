"""``depeer routes``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from depeer.cli.common import Day, print_json, say, table, with_lake


@click.group("routes")
def command() -> None:
    """The Internet as of a date: routing tables and names of networks.

    An answer for a day uses the last snapshot not after it, else the nearest later one, and says which.
    """


@command.command("add")
@click.argument("file", type=click.Path())
@click.option("--date", "day", type=Day(), help="The day that the file describes, where it does not say.")
@with_lake
def add_command(file: str, day: date | None, lake: Path, as_json: bool) -> None:
    """Add a file: MRT RIB or updates, CAIDA as-rel or pfx2as, pyasn .dat, iptoasn TSV, AS names; plain or packed."""
    from depeer.verbs.routes import add

    added = add(lake, file, day)
    if as_json:
        first = added[0]
        print_json(
            {
                "kind": first.kind,
                "format": first.format,
                "date": first.date,
                "entries": first.entries,
                "prefixes": first.prefixes,
                "skipped": first.skipped,
                "snapshots": added,
            }
        )
        return
    for one in added:
        of = f", {one.prefixes:,} prefixes" if one.prefixes is not None else ""
        known = "was there already" if one.known else "added"
        say(f"{known}: {one.snapshot} ({one.format}): {one.entries:,} entries{of}, {one.skipped:,} skipped")
        if one.date_basis == "clock":
            say(f"  its day, {one.date}, is only the file's time stamp; say --date if you know better")
        for example in one.examples:
            say(f"  skipped: {example}")
        for snapshot, count in one.attributed.items():
            say(f"  {count:,} sightings are attributed by {snapshot}")


@command.command("list")
@with_lake
def list_command(lake: Path, as_json: bool) -> None:
    """What was added, newest day first."""
    from depeer.verbs.routes import snapshots

    rows = snapshots(lake)
    if as_json:
        print_json({"snapshots": rows})
        return
    if not rows:
        say("no routing table yet; add one with: depeer routes add FILE, or: depeer routes fetch")
        return
    table(
        "Snapshots",
        [("snapshot", "<"), ("format", "<"), ("day", "<"), ("by", "<"), ("entries", ">"), ("skipped", ">")],
        [
            (r["snapshot"], r["format"], r["day"], r["day_basis"], f"{r['entries']:,}", f"{r['skipped']:,}")
            for r in rows
        ],
    )


@command.command("fetch")
@click.option(
    "--date",
    "day",
    type=Day(),
    help="The day wanted; the file of the nearest day is taken.  [default: today]",
)
@click.option(
    "--base", "bases", multiple=True, metavar="SOURCE=URL", help="A mirror instead of a source's own address."
)
@with_lake
def fetch_command(day: date | None, bases: tuple[str, ...], lake: Path, as_json: bool) -> None:
    """Download public routing tables and names, and add them: RouteViews (by CAIDA), iptoasn, RIPE's AS names.

    This is the only verb that goes out, and only to those sources (see `docs/data-sources.md`). Interrupted
    downloads are resumed; every file is checked and kept in LAKE/fetched.
    """
    from depeer.verbs.routes import fetch

    mirrors = dict(base.partition("=")[::2] for base in bases)
    brought = fetch(lake, day, bases=mirrors, watch=lambda words: click.echo(words, err=True))
    if as_json:
        print_json({"sources": brought})
    for one in () if as_json else brought:
        if one.failure:
            say(f"{one.source}: {one.failure}")
        for added in one.added:
            say(f"{one.source}: {added.snapshot}, {added.entries:,} entries, sha256 {one.sha256}")
    if not any(one.added for one in brought):
        raise click.exceptions.Exit(75)

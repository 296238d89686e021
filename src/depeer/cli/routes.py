"""``depeer routes``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depeer.cli.common import Day, print_json, say, table, with_lake
from depeer.errors import BadInput, TryAgain

if TYPE_CHECKING:
    from depeer.verbs.routes import Added


@click.group("routes")
def command() -> None:
    """The Internet as of a date: routing tables and names of networks.

    An answer for a day uses the last snapshot not after it, else the nearest later one, and says which.
    """


@command.command("add")
@click.argument("paths", type=click.Path(), nargs=-1, required=True, metavar="PATH...")
@click.option("--date", "day", type=Day(), help="The day that the files describe, where they do not say.")
@with_lake
def add_command(paths: tuple[str, ...], day: date | None, lake: Path, as_json: bool) -> None:
    """Add files: MRT RIB or updates, CAIDA as-rel or pfx2as, pyasn .dat, iptoasn TSV, AS names; plain or packed.

    Of a folder, every file in it that is one of these is added.
    """
    from depeer.verbs.routes import add_all

    added, left = add_all(lake, paths, day)
    if as_json:
        one = len(paths) == 1 and not Path(paths[0]).is_dir()
        print_json(_first(added) if one else {"added": added, "left": left})
    else:
        for each in added:
            _show(each)
        for file, reason in left.items():
            say(f"left alone: {file}: {reason}")
        if not added and not left:
            say(f"no file in {', '.join(paths)}")
    if not added:
        sys.exit(BadInput.exit_code)


def _first(added: Sequence[Added]) -> dict[str, object]:
    first = added[0]
    return {
        "kind": first.kind,
        "format": first.format,
        "date": first.date,
        "entries": first.entries,
        "prefixes": first.prefixes,
        "skipped": first.skipped,
        "snapshots": added,
    }


def _show(one: Added) -> None:
    of = f", {one.prefixes:,} prefixes" if one.prefixes is not None else ""
    known = "was there already" if one.known else "added"
    say(f"{known}: {one.snapshot} ({one.format}): {one.entries:,} entries{of}, {one.skipped:,} skipped")
    if one.date_basis == "clock":
        say(f"  its day, {one.date}, is only the file's time stamp; say --date if you know better")
    if one.part:
        say(
            "  it has far fewer prefixes than the tables near it in time: a part, by which nothing is attributed"
        )
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
        sys.exit(TryAgain.exit_code)

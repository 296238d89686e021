"""``depeer report``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from depeer.cli.common import Day, print_json, say, with_lake


@click.command("report")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to and including this day.")
@click.option("--title", help="The page's title.")
@click.option(
    "--top", type=click.IntRange(1, 500), default=20, show_default=True, help="Rows of each ranking."
)
@click.option("--answer-to", metavar="TEXT", help="Where a network that is named may object.")
@with_lake
def command(
    out: Path,
    since: date | None,
    until: date | None,
    title: str | None,
    top: int,
    answer_to: str | None,
    lake: Path,
    as_json: bool,
) -> None:
    """One self-contained HTML page: rankings with intervals, volume, accounts, what is unknown.

    It opens offline, runs no script and fetches nothing. Recipients, traps and link paths are not in it.
    """
    from depeer.verbs.report import report

    made = report(lake, out, since, until, title, top, answer_to)
    if as_json:
        print_json(made)
        return
    say(f"wrote {made.path} ({made.bytes / 1e3:,.0f} kB)" + (", simulated data" if made.simulated else ""))

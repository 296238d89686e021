"""``depeer report``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from depeer.cli.common import Day, print_json, progress_bar, say, with_lake


@click.command("report")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to and including this day.")
@click.option("--title", help="The page's title.")
@click.option(
    "--top", type=click.IntRange(1, 500), default=20, show_default=True, help="Rows of each ranking."
)
@click.option("--answer-to", metavar="TEXT", help="Where a network that is named may object.")
@click.option(
    "--takedown",
    "takedowns",
    multiple=True,
    metavar="DATE[=ASN]",
    help="An intervention, and whom it hit: whether it worked, who gained, where it went, who could have cut it. "
    "Repeatable; counts from DATE on come after.",
)
@click.option(
    "--other",
    "others",
    multiple=True,
    type=Day(),
    help="Another intervention near a takedown, which is not told of itself; may be repeated.",
)
@click.option(
    "--series",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Judge takedowns by this CSV of counts (date, sensor if several, count) instead of the lake's mail.",
)
@click.option(
    "--watched",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="STATE",
    help="What depeer watch --state STATE saw on the wire; repeatable.",
)
@with_lake
def command(
    out: Path,
    since: date | None,
    until: date | None,
    title: str | None,
    top: int,
    answer_to: str | None,
    takedowns: tuple[str, ...],
    others: tuple[date, ...],
    series: Path | None,
    watched: tuple[Path, ...],
    lake: Path,
    as_json: bool,
) -> None:
    """One self-contained HTML page: rankings with intervals, takedowns, volume, accounts, what is unknown.

    It opens offline, runs no script and fetches nothing. Recipients, traps and link paths are not in it.
    """
    from depeer.cli.takedowns import judged, parsed
    from depeer.lake.watched import watched as held
    from depeer.verbs.report import Asked, check, report

    if (series is not None or others) and not takedowns:
        raise click.UsageError("--series and --other are for takedowns; name one with --takedown DATE[=ASN]")
    check(out, since, until)
    events = parsed(takedowns)
    for state in watched:
        held(state)
    with progress_bar("report") as move:
        interventions = judged(lake, events, others, series, move)
        made = report(lake, out, Asked(since, until, title, top, answer_to, interventions, watched), move)
    if as_json:
        print_json(made)
        return
    say(f"wrote {made.path} ({made.bytes / 1e3:,.0f} kB)" + (", simulated data" if made.simulated else ""))

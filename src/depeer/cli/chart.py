"""``--chart FILE``, for every verb that can draw its answer."""

from __future__ import annotations

from pathlib import Path

import click

from depeer.cli.common import visible

chart_option = click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw it, too (.svg or .png).",
)


def check_chart(chart: Path) -> None:
    """Before any work is done: raises BadUsage, NotFound where nothing could be drawn there."""
    from depeer.lake.pictures import drawable

    drawable(chart)


def told_of_chart(asked: Path | None, drawn: Path | None) -> None:
    """On standard error, so that one document stays alone on standard output."""
    if drawn is not None:
        click.echo(visible(f"depeer: drew {drawn}"), err=True)
    elif asked is not None:
        click.echo("depeer: no uplink is known, so there is nothing to draw", err=True)

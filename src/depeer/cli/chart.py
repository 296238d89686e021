"""``--chart FILE``, for every verb that can draw its answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depeer.cli.common import visible

if TYPE_CHECKING:
    from depeer.judgement.effect import Scorecard

chart_option = click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw it, too (.svg or .png).",
)


effect_chart_option = click.option(
    "--chart",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Draw counts against counterfactual, the forest of sensors and how long it held: one .svg or .png, or a "
    "folder with one SVG each.",
)


def check_chart(chart: Path) -> None:
    """Before any work is done: raises BadUsage, NotFound where nothing could be drawn there."""
    from depeer.lake.pictures import drawable

    drawable(chart)


def check_effect_chart(chart: Path | None) -> None:
    """The same for what may also be a folder."""
    from depeer.lake.effect_pictures import is_file

    if chart is not None:
        is_file(chart)


def draw_effect_chart(chart: Path | None, card: Scorecard, event: date, lake: Path, source: str) -> None:
    """Where it was asked for; a source is named without its folder."""
    if chart is None:
        return
    from depeer import __version__
    from depeer.charts.effect.text import Event
    from depeer.cli.common import is_simulated
    from depeer.lake.effect_pictures import draw_effect

    drawn = draw_effect(card, Event(event, Path(source).name, is_simulated(lake), __version__), chart)
    for path in drawn:
        told_of_chart(chart, path)
    if not drawn:
        click.echo("depeer: no sensor has a known count, so there is nothing to draw", err=True)


def told_of_chart(asked: Path | None, drawn: Path | None) -> None:
    """On standard error, so that one document stays alone on standard output."""
    if drawn is not None:
        click.echo(visible(f"depeer: drew {drawn}"), err=True)
    elif asked is not None:
        click.echo("depeer: no uplink is known, so there is nothing to draw", err=True)

"""``depeer dates``."""

from __future__ import annotations

import math
from pathlib import Path

import click

from depeer.cli.common import print_json, say, table, with_lake
from depeer.cli.slices import slice_of, with_slice


def _number(rate: float) -> float:
    if math.isnan(rate):
        raise click.BadParameter("nan is no rate")
    return rate


@click.command("dates")
@with_slice
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 100),
    callback=lambda _, __, rate: _number(rate),
    default=1.0,
    show_default=True,
    help="False dates to expect in ten series-years, over all slices together.",
)
@with_lake
def command(
    series: Path | None,
    sensor: str | None,
    label: str | None,
    role: str | None,
    network: str | None,
    prefix: str | None,
    rate: float,
    lake: Path,
    as_json: bool,
) -> None:
    """Nosedives and surges, found without being told."""
    from depeer.verbs.dates import dates

    found, searched = dates(lake, series, slice_of(sensor, label, role, network, prefix), rate)
    if as_json:
        rows = [
            {
                "date": one.when.date() if one.when.hour == 0 else one.when.isoformat(),
                "sensor": one.sensor,
                "direction": one.direction,
                "size": {"estimate": one.size.value, "low": one.size.low, "high": one.size.high},
                "p": one.p,
                "confidence": one.confidence,
            }
            for one in found
        ]
        print_json({"dates": rows, "slices": searched, "false_per_ten_series_years": rate})
        return
    if not found:
        say(f"no date stands out in {searched} series, at {rate:g} false ones in ten series-years")
        return
    table(
        f"Dates found in {searched} series, at {rate:g} false ones in ten series-years",
        [("date", "<"), ("sensor", "<"), ("what", "<"), ("change of level (95 %)", ">"), ("within 3 cells", ">")],
        [
            (f"{one.when:%Y-%m-%d}", one.sensor, one.direction,
             f"{one.size.value:+.0%} ({one.size.low:+.0%} to {one.size.high:+.0%})", f"{one.confidence:.2f}")
            for one in found
        ],
    )  # fmt: skip

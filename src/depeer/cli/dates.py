"""``depeer dates``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depeer.cli.common import print_json, say, table, with_lake
from depeer.cli.slices import slice_of, with_slice

if TYPE_CHECKING:
    from depeer.measures.dates import Jump


def _number(rate: float) -> float:
    if math.isnan(rate):
        raise click.BadParameter("nan is no rate")
    return rate


def _when(one: Jump) -> str:
    return f"{one.when:%Y-%m-%d %H:%M}" if one.when.hour else f"{one.when:%Y-%m-%d}"


def _named(sensors: Sequence[str]) -> str:
    first = ", ".join(name or "counts" for name in sensors[:5])
    return first + (f" and {len(sensors) - 5} more" if len(sensors) > 5 else "")


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

    found, searched, short = dates(lake, series, slice_of(series, sensor, label, role, network, prefix), rate)
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
        print_json(
            {"dates": rows, "slices": searched, "too_little": short, "false_per_ten_series_years": rate}
        )
        return
    if short:
        say(f"{len(short)} of {searched} series {'is' if len(short) == 1 else 'are'} too short or hold too little to "
            f"search: {_named(short)}")  # fmt: skip
    if not found:
        if len(short) < searched:
            say(
                f"no date stands out in {searched - len(short)} series, at {rate:g} false ones in ten series-years"
            )
        return
    table(
        f"Dates found in {searched} series, at {rate:g} false ones in ten series-years",
        [("date", "<"), ("sensor", "<"), ("what", "<"), ("change of level (95 %)", ">"), ("P(within 3 cells)", ">")],
        [
            (_when(one), one.sensor or "counts", one.direction,
             f"{one.size.value:+.0%} ({one.size.low:+.0%} to {one.size.high:+.0%})", f"{one.confidence:.2f}")
            for one in found
        ],
    )  # fmt: skip

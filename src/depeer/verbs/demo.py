"""``depeer demo``: what lies between its commands: a folder, a lake that knows its sensors, counts in words."""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from depeer.lake import Lake

MARK = ".depeer-demo"
MCCOLO = 26780
CUT = date(2008, 11, 11)
"""The day of the scenario ``mccolo-2008`` on which the last uplink is cut, in the evening."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a sensor counted on an ordinary day of some weeks; None where it was down."""

    sensor: str
    before: float | None
    after: float | None
    in_march: float | None


def start(out: Path) -> None:
    """Make the folder; its mark says that it may be made anew."""
    out.mkdir(parents=True)
    (out / MARK).touch()


def describe(world: Path, lake: Path) -> None:
    """An empty lake with the world's description of its sensors, which says that all is simulated."""
    made = Lake.create(lake)
    shutil.copyfile(world / "depeer.toml", made.root / "depeer.toml")


def weeks(world: Path) -> list[Week]:
    """Counts a day in the week before the cut, in the week after, and in the last week."""
    counts: dict[str, dict[date, int]] = defaultdict(dict)
    with (world / "counts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counts[row["sensor"]][date.fromisoformat(row["date"])] = int(row["count"])
    starts = (CUT - timedelta(7), CUT + timedelta(1), date(2009, 3, 25))
    return [Week(sensor, *(_mean(daily, first) for first in starts)) for sensor, daily in counts.items()]


def true_drops(world: Path) -> dict[str, tuple[float, float]]:
    """By sensor the share of its counts that the cut of McColo truly took, over a day and a week."""
    told = json.loads((world / "truth.json").read_text("utf-8"))
    cut = next(one for one in told["interventions"] if one["name"] == "mccolo")
    return {sensor: (one["drop_24h"], one["drop_7d"]) for sensor, one in cut["by_sensor"].items()}


def true_moves(world: Path) -> list[tuple[str, int, date]]:
    """By botnet whose controllers stood in McColo: the networks that they truly went to, and when."""
    told = json.loads((world / "truth.json").read_text("utf-8"))["controllers"]
    stood = {one["botnet"] for one in told if one["asn"] == MCCOLO and one["from"] < CUT.isoformat()}
    moves = {
        (one["from"], one["botnet"], int(one["asn"]))
        for one in told
        if one["botnet"] in stood and one["from"] > CUT.isoformat()
    }
    return [(botnet, asn, datetime.fromisoformat(since).date()) for since, botnet, asn in sorted(moves)]


def _mean(daily: dict[date, int], first: date) -> float | None:
    week = [daily[day] for day in (first + timedelta(d) for d in range(7)) if day in daily]
    return sum(week) / len(week) if week else None

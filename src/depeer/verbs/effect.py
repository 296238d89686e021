"""``depeer effect``: one event, the counts of one or several sensors, and a scorecard that says how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from depeer.judgement.effect import Scorecard, assess
from depeer.lake import Lake
from depeer.lake.series import Slice, from_file, from_lake


@dataclass(frozen=True, slots=True)
class Request:
    """The event, where the counts are from (a file, else a slice of the lake), and what else is known."""

    event: datetime | date
    series: Path | None = None
    wanted: Slice = field(default_factory=Slice)
    controls: Path | None = None
    others: Sequence[datetime | date] = ()
    changes: Sequence[tuple[str, date]] = ()
    until: date | None = None
    seed: int = 0


def effect(root: Path, request: Request) -> Scorecard:
    """The scorecard of an event. Declared changes of instruments of the lake's sensors are taken into account.

    Raises NotFound, BadInput for counts that cannot be judged.
    """
    changes = list(request.changes)
    if request.series is not None:
        counts = from_file(request.series)
    else:
        lake = Lake.open(root)
        counts = from_lake(lake, request.wanted)
        for sensor in lake.description.sensors.values():
            if sensor.name in {one.sensor for one in counts}:
                changes += [(sensor.name, span.start) for span in sensor.coverage if span.change]
    controls = from_file(request.controls) if request.controls else []
    return assess(counts, request.event, request.others, changes, controls, request.until, request.seed)

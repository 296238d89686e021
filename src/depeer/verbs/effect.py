"""``depeer effect``: one event, the counts of one or several sensors, and a scorecard that says how sure it is.

With a target the answer also says who gained and where the same controllers, names, senders and prefixes went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from depeer.errors import BadInput, BadUsage
from depeer.judgement.effect import Scorecard, assess
from depeer.judgement.recurrence import Recurrence
from depeer.lake import Lake
from depeer.lake.description import Description, read
from depeer.lake.moves import Around, Targets, displacements, recurrences
from depeer.lake.named import Owner, owners
from depeer.lake.series import Slice, from_file, from_lake
from depeer.measures.displacement import Displacement
from depeer.measures.effect.series import Series, Step, instant
from depeer.measures.recurrence import TARGET

OVER = 28
"""Days on each side that are compared to find who gained: whole weeks."""


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
    target: str | None = None
    """Networks and prefixes that the event hit, by commas."""
    over: int = OVER


@dataclass(frozen=True, slots=True)
class Moves:
    """Who gained and where things went; ``called``: the networks that are named in either."""

    around: Around
    displacement: Mapping[str, Displacement]
    recurrence: Recurrence
    called: Mapping[int, Owner]


@dataclass(frozen=True, slots=True)
class Harm:
    """The same event by what reached people and by what was on its way to them."""

    delivered: Scorecard
    inbound: Scorecard


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that ``depeer effect`` tells."""

    card: Scorecard
    harm: Harm | None
    """None where only one of both is counted, or nobody says what sensors count."""
    moves: Moves | None
    """None without a target."""


def answer(root: Path, request: Request) -> Answer:
    """The scorecard of an event, and with a target what became of it. Declared changes of instruments of the
    lake's sensors are taken into account.

    Raises NotFound, BadInput for counts that cannot be judged, BadUsage for a target that is none.
    """
    targets = Targets.parse(request.target) if request.target else None
    if targets and request.series and not (root / "lake.json").exists():
        raise BadUsage("--target asks where things went, which counts do not hold: give a lake, too (--lake)")
    if request.over < 1:
        raise BadUsage(f"--over {request.over} is no number of days")
    counts = (
        from_file(request.series, request.wanted.sensor)
        if request.series
        else from_lake(Lake.open(root), request.wanted)
    )
    # counts from a file need no lake, but where there is one it says what its sensors count
    described = read(root / "depeer.toml")
    controls = _controls(request, counts)
    card = _judged(counts, request, described, controls)
    moves = _moves(Lake.open(root), request, targets, controls) if targets else None
    return Answer(card, _harm(counts, request, described, controls), moves)


def effect(root: Path, request: Request) -> Scorecard:
    """The scorecard alone."""
    return answer(root, request).card


def _controls(request: Request, counts: Sequence[Series]) -> list[Series]:
    """What the event cannot have touched. Raises BadInput where it cannot be set beside what is judged."""
    if request.controls is None:
        return []
    found = from_file(request.controls)
    event = instant(request.event)
    for one in found:
        who = f"{request.controls}: {one.sensor or 'the control'}"
        if any(one.step is not judged.step for judged in counts):
            raise BadInput(
                f"{who} counts by the {one.step.word}, what it is to be compared with by the "
                f"{counts[0].step.word}; bring both to the same"
            )
        if not one.start < event < one.time(len(one)):
            raise BadInput(
                f"{who} ({one.start:%Y-%m-%d} to {one.time(len(one) - 1):%Y-%m-%d}) does not lie on both sides of "
                f"the event of {event:%Y-%m-%d}; nothing can be compared with it"
            )
    return found


def _judged(
    counts: Sequence[Series], request: Request, described: Description, controls: Sequence[Series]
) -> Scorecard:
    changes = list(request.changes)
    if request.series is None:
        for sensor in described.sensors.values():
            if sensor.name in {one.sensor for one in counts}:
                changes += [(sensor.name, span.start) for span in sensor.coverage if span.change]
    return assess(counts, request.event, request.others, changes, controls, request.until, request.seed)


def _harm(
    counts: Sequence[Series], request: Request, described: Description, controls: Sequence[Series]
) -> Harm | None:
    """None also where one of both cannot be judged alone."""
    sides = [[s for s in counts if described.sensor(s.sensor).delivered is side] for side in (True, False)]
    if not all(sides):
        return None
    try:
        delivered, inbound = (_judged(side, request, described, controls) for side in sides)
    except BadInput:
        return None
    return Harm(delivered, inbound)


def _moves(lake: Lake, request: Request, targets: Targets, controls: Sequence[Series]) -> Moves:
    event = request.event.date() if isinstance(request.event, datetime) else request.event
    wanted = request.wanted
    sensor = None if request.series else wanted.sensor
    around = Around(event, request.over, targets, sensor, wanted.label, request.until)
    gained, came = displacements(lake, around, _by_day(controls)), recurrences(lake, around)
    networks = {s.origin for s in came.successions} | {s.successor for s in came.successions}
    networks |= {g.key for one in gained.values() for g in one.gainers if isinstance(g.key, int)}
    called = owners(lake, {asn: asn for asn in sorted((networks | targets.asns) - {TARGET})}, event)
    return Moves(around, gained, came, called)


def _by_day(series: Sequence[Series]) -> list[tuple[date, float]]:
    """Sums by day of series that the event cannot have touched; days that one of them lacks are left out."""
    days: dict[date, list[float]] = {}
    for one in series:
        for cell, count in enumerate(one.counts.tolist()):
            if count == count and one.step is Step.DAY:
                days.setdefault(one.time(cell).date(), []).append(count)
    return [(day, sum(counts)) for day, counts in sorted(days.items()) if len(counts) == len(series)]

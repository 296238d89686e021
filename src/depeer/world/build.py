"""A world on disk: mail, counts, feeds, routing, truth and a word on what it is; every format a real one.

``files`` yields everything as (path, bytes) in a fixed order, so the same scenario, seed and scale give the same
bytes. Mail is written by a kernel (`depeer.world.post.write_batch`) that whoever calls may run on several cores.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import tomlkit

from depeer.world import feeds, ground, sensors, truth
from depeer.world.draw import World, draw
from depeer.world.heard import Vantage, listen, vantage_points
from depeer.world.internet import Internet, make_internet
from depeer.world.internet_truth import internet_truth
from depeer.world.letters import Batch, batches
from depeer.world.mrt_rib import rib_file
from depeer.world.mrt_updates import updates_file
from depeer.world.origin_files import as_names, pfx2as, pyasn_dat
from depeer.world.post import COLUMNS, Written, own_addresses
from depeer.world.relationship_files import as_rel
from depeer.world.scenario import Scenario, SensorPart
from depeer.world.updates import Element, updates

Runner = Callable[[Callable[[Batch], Written], Iterable[Batch]], Iterator[Written]]
VANTAGES = 8
MOST_LINKS_TOLD = 5_000
"""Networks up to which the truth lists every link of the Internet, not only those of networks that events name."""
MARK = "truth.json"
_FOLDERS = {"spam": "mail", "ham": "ham"}


@dataclass(frozen=True, slots=True)
class Made:
    """A world before it is written."""

    world: World
    internet: Internet
    text: str
    """The scenario as resolved: with the seed and the number of messages asked for."""


def make(scenario: Scenario, text: str, seed: int | None = None, scale: float = 1.0) -> Made:
    """Draw the world of a scenario; ``seed`` and ``scale`` (of the mail written) over those that it names."""
    asked = replace(
        scenario, seed=scenario.seed if seed is None else seed, mails=round(scenario.mails * scale)
    )
    internet = make_internet(ground.spec(asked), asked.seed)
    document = tomlkit.parse(text)
    document["seed"], document["mails"] = asked.seed, asked.mails
    return Made(draw(asked, tuple(internet.networks), asked.seed, scale), internet, tomlkit.dumps(document))


def files(made: Made) -> Iterator[tuple[str, bytes]]:
    """Everything but mail and the truth about it."""
    world = made.world
    yield "README.txt", _readme(world).encode()
    yield "scenario.toml", made.text.encode()
    yield "depeer.toml", description(world).encode()
    yield "counts.csv", counts(world)
    yield "counts-hourly.csv", counts_hourly(world)
    yield "counts-ham.csv", counts_ham(world)
    yield from ((f"feeds/{name}", data) for name, data in feeds.written(world).items())
    yield from routing(made)
    yield MARK, _truth(made)


def mail(made: Made, run: Runner, kernel: Callable[[Batch], Written]) -> Iterator[tuple[str, Written]]:
    """Path and content of each sensor's days."""
    for done in run(kernel, batches(made.world)):
        yield f"{_FOLDERS[done.label]}/{done.sensor}/{done.day:%Y-%m-%d}.mbox", done


def truth_header() -> bytes:
    return (",".join(COLUMNS) + "\n").encode()


def _truth(made: Made) -> bytes:
    document = truth.document(made.world) | {
        "internet": internet_truth(
            made.internet, announcements=False, links=len(made.internet) <= MOST_LINKS_TOLD
        )
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


# --------------------------------------------------------------------------------------------- counts


def counts(world: World) -> bytes:
    """``date,sensor,count``: days that a sensor was down are not in it."""
    rows = ["date,sensor,count"]
    for sensor in world.scenario.sensors:
        daily = world.sensed[sensor.name].counts.reshape(-1, 24).sum(axis=1).tolist()
        rows += [f"{world.scenario.day(d)},{sensor.name},{daily[d]}" for d in _up(world, sensor)]
    return _lines(rows)


def counts_hourly(world: World) -> bytes:
    """``time,sensor,count``, times in UTC."""
    rows = ["time,sensor,count"]
    for sensor in world.scenario.sensors:
        hours = world.sensed[sensor.name].counts.tolist()
        for day in _up(world, sensor):
            rows += [
                f"{world.scenario.day(day)}T{h:02}:00:00Z,{sensor.name},{hours[day * 24 + h]}"
                for h in range(24)
            ]
    return _lines(rows)


def counts_ham(world: World) -> bytes:
    """``date,sensor,count`` of wanted mail, where a sensor has any: a series that no takedown touches."""
    rows = ["date,sensor,count"]
    for sensor in (one for one in world.scenario.sensors if one.ham):
        daily = world.sensed[sensor.name].ham.reshape(-1, 24).sum(axis=1).tolist()
        rows += [f"{world.scenario.day(d)},{sensor.name},{daily[d]}" for d in _up(world, sensor)]
    return _lines(rows)


def _up(world: World, sensor: SensorPart) -> list[int]:
    alive = sensors.up(world.scenario, sensor).reshape(-1, 24).max(axis=1)
    return [day for day, up in enumerate(alive.tolist()) if up]


def _lines(rows: Iterable[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


# --------------------------------------------------------------------------------------------- routing


def routing(made: Made) -> Iterator[tuple[str, bytes]]:
    """Tables, relationships, names and RIBs as of each snapshot's noon, and updates about the events of routes."""
    internet, scenario = made.internet, made.world.scenario
    points = vantage_points(internet, VANTAGES)
    for day in scenario.snapshots:
        noon = _noon(day)
        at, stamp = internet.at(noon), f"{day:%Y%m%d}"
        yield f"routing/simulated-ipasn_{stamp}.dat", pyasn_dat(internet, at, points)
        yield f"routing/simulated-{stamp}.pfx2as", pfx2as(internet, at, points)
        yield f"routing/simulated-{stamp}.as-rel.txt", as_rel(internet, noon)
        yield f"routing/simulated-rib.{stamp}.1200.gz", rib_file(listen(internet, at, points))
    yield "routing/simulated-as-names.csv", as_names(internet)
    yield from _updates(internet, points)


def _updates(internet: Internet, points: tuple[Vantage, ...]) -> Iterator[tuple[str, bytes]]:
    for start, elements in update_parts(internet, points):
        yield f"routing/simulated-updates.{start:%Y%m%d.%H%M}.gz", updates_file(elements, points)


def update_parts(internet: Internet, points: tuple[Vantage, ...]) -> Iterator[tuple[datetime, list[Element]]]:
    """Two hours about each event: one before, one after; events close together share a file."""
    done = datetime.min.replace(tzinfo=UTC)
    for event in sorted(internet.spec.events, key=lambda event: event.time):
        start, end = event.time - timedelta(hours=1), event.time + timedelta(hours=1)
        if start < done:
            continue
        done = end
        yield start, updates(internet, start, end, points)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


# ------------------------------------------------------------------------------------------ descriptions


def description(world: World) -> str:
    """``depeer.toml`` for a lake of this world: sensors, traps, own machines, coverage; *simulated* said."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Simulated: copy it into the lake (LAKE/depeer.toml) before you ingest."))
    document["simulated"] = True
    table = tomlkit.table(is_super_table=True)
    for place, sensor in enumerate(world.scenario.sensors):
        table[sensor.name] = _described(world, sensor, place)
    document["sensors"] = table
    return tomlkit.dumps(document)


def _described(world: World, sensor: SensorPart, place: int) -> tomlkit.items.Table:
    entry = tomlkit.table()
    entry["kind"], entry["counts"] = sensor.kind, sensor.counts
    if sensor.relays:  # the last machine hands over to nobody
        entry["trusted"] = [str(address) for address in own_addresses(place, sensor.relays)]
    entry["traps"] = [a for some in sensors.recipients(world.scenario, sensor) for a in some]
    spans = tomlkit.aot()
    for span in sensors.coverage(world.scenario, sensor):
        row = tomlkit.table()
        row["from"], row["to"] = span.start, span.end
        if span.change:
            row["change"] = span.change
        spans.append(row)
    entry["coverage"] = spans
    return entry


def _readme(world: World) -> str:
    scenario = world.scenario
    sampled = "\n".join(
        f"  {name}: {int(s.counts.sum()):,} counted, {int(s.written.sum() + s.written_ham.sum()):,} written"
        for name, s in world.sensed.items()
    )
    return f"""\
SIMULATED. Nothing in this folder happened: all mail, machines, people, domains and counts are invented, and so is
every network but those that the scenario names after published reports. Every message says X-Depeer-Simulated.

{scenario.title}
Scenario {scenario.name}, seed {world.seed}, {scenario.start} to {scenario.end}.

mail/SENSOR/DAY.mbox    a sample of what the sensors counted (mboxrd), and what came back to traps
ham/SENSOR/DAY.mbox     wanted mail, where a sensor has any: ingest it with --label ham
counts.csv              messages counted by sensor and day; counts-hourly.csv by hour; counts-ham.csv wanted mail
feeds/                  lists and passive DNS
routing/                tables, relationships, names, MRT dumps and updates
depeer.toml             what the sensors are; copy it into the lake before ingesting
scenario.toml           the scenario as built; `depeer world scenario.toml` builds the same again
truth.json              what is true; messages.csv: of each message. For scoring, never for answers

Counted, and written as mail:
{sampled}

From inside this folder:
{_commands(world)}
"""


def _commands(world: World) -> str:
    """What brings all of it into a lake, a line each."""
    mail = [name for name, sensed in world.sensed.items() if sensed.written.sum()]
    ham = [name for name, sensed in world.sensed.items() if sensed.written_ham.sum()]
    names = f"depeer routes add routing/simulated-as-names.csv --date {world.scenario.start} --lake ../lake"
    lines = ["mkdir ../lake && cp depeer.toml ../lake/", names, "depeer routes add routing --lake ../lake"]
    lines += ["depeer ingest feeds --lake ../lake"] if world.scenario.feeds else []
    lines += [f"depeer ingest mail/{n} --sensor {n} --label spam --lake ../lake" for n in mail]
    lines += [f"depeer ingest ham/{n} --sensor {n} --label ham --lake ../lake" for n in ham]
    lines += ["depeer rank --lake ../lake", "depeer world score . --lake ../lake"]
    return "\n".join(f"  {line}" for line in lines)

"""Alarms and dated uplinks, held against simulated worlds: the story's networks watched from MRT files alone.

    python -m bench.watch_world --seeds 17 [--seed N] [--scenario mccolo-2008 ...]

For each scenario and seed an Internet is made (no mail), and its routing written as `depeer world` writes it: a RIB,
and updates about each event. `depeer watch`'s machine reads the bytes. Held against it: the elements that were
written, walked by a second, obvious count of who still has a route (when is nobody left, when is one back, and
through whom), and the links of the story. *Late* is in updates of the whole feed.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

import numpy as np

from depeer.judgement.watch import Event, Kind, Watch
from depeer.sources import mrt
from depeer.sources.origins.mrt_routes import MRT
from depeer.world import build, ground
from depeer.world.heard import Heard, listen, vantage_points
from depeer.world.internet import Internet, make_internet
from depeer.world.internet_truth import uplinks
from depeer.world.links import seconds
from depeer.world.mrt_rib import rib_file
from depeer.world.mrt_updates import updates_file
from depeer.world.scenario import Scenario
from depeer.world.shelf import read
from depeer.world.updates import Element

SCENARIOS = ("mccolo-2008", "atrivo-2008", "whack-a-mole")
SETTLED = 900
"""Seconds within which what an event changed has reached all vantage points and lasted."""
_MICRO = 1_000_000


@dataclass(slots=True)
class Told:
    """``count``: what was true and what was told of it; ``seconds``: how long after the story an uplink was dated."""

    count: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def add(self, what: str, by: int = 1) -> None:
        self.count[what] = self.count.get(what, 0) + by


@dataclass(frozen=True, slots=True)
class Turn:
    """By the elements: from element ``place`` on nobody hears ``asn``, or somebody does through ``uplink``."""

    asn: int
    place: int
    back: bool
    uplink: int | None


def one(scenario: Scenario, seed: int, told: Told) -> None:
    internet = make_internet(ground.spec(scenario), seed)
    points = vantage_points(internet, build.VANTAGES)
    asns = sorted({event.network for event in scenario.events if event.network is not None})
    noon = datetime.combine(scenario.snapshots[0], time(12), UTC)
    first = listen(internet, internet.at(noon), points)
    parts = [elements for _, elements in build.update_parts(internet, points)]
    files = [
        gzip.decompress(rib_file(first)),
        *(gzip.decompress(updates_file(part, points)) for part in parts),
    ]
    events = list(_watched(Watch(tuple(asns)), files))
    elements = [element for part in parts for element in sorted(part, key=lambda e: e.time)]
    _alarms(list(_turns(first, elements, asns)), events, elements, told)
    for asn in asns:
        _dates(internet, asn, files, events, noon, told)


def _watched(watch: Watch, files: list[bytes]) -> Iterator[Event]:
    for number, data in enumerate(files):
        last = None
        for batch in mrt.read(io.BytesIO(data)):
            yield from watch.take(batch)
            last = batch.column("time").cast("int64")[-1].as_py()
        if number == 0 and last is not None:
            yield from watch.end_of_table(last)


def _turns(first: Heard, elements: list[Element], asns: list[int]) -> Iterator[Turn]:
    """Who has a route to whom, element by element. A network that feeds the collector itself is no witness."""
    feeds = [vantage.asn for vantage in first.vantages]
    having: dict[int, set[tuple[int, object]]] = {asn: set() for asn in asns}
    for block, origins in first.blocks():
        for place, vantage in enumerate(first.vantages):
            route = first.route(place, block, origins) if not block[0] or vantage.address6 else None
            if route is not None and route.path[-1] in having and route.path[-1] != vantage.asn:
                having[route.path[-1]].add((place, block))
    for number, element in enumerate(elements):
        origin = element.route.path[-1] if element.route else None
        routes = {(element.place, block) for block in element.blocks}
        for asn, held in having.items():
            was = bool(held)
            held.difference_update(routes)
            if origin == asn != feeds[element.place]:
                held.update(routes)
            if was != bool(held):
                yield Turn(asn, number, bool(held), _before(element) if held else None)


def _before(element: Element) -> int | None:
    path = element.route.path if element.route else ()
    return next((asn for asn in reversed(path) if asn != path[-1]), None)


def _alarms(turns: list[Turn], events: list[Event], elements: list[Element], told: Told) -> None:
    """Each turn and the alarm that tells of it: how many updates later, and by which uplink."""
    times = np.array([element.time for element in elements])
    alarms = [event for event in events if event.event in (Kind.OFFLINE, Kind.BACK)]
    for turn in turns:
        kind, name = (Kind.BACK, "back") if turn.back else (Kind.OFFLINE, "offline")
        told.add(f"{name}, true")
        mine = [e for e in alarms if e.asn == turn.asn and e.event is kind and e.time >= times[turn.place]]
        if not mine:
            continue
        alarm = min(mine, key=lambda event: event.time)
        late = int(np.searchsorted(times, alarm.time)) - int(np.searchsorted(times, times[turn.place]))
        if late <= 1:
            told.add(f"{name}, told within one update")
            alarms.remove(alarm)
            told.add("back, through the right uplink", turn.back and alarm.uplink == turn.uplink)
    told.add("alarms too many", len(alarms))


def _dates(
    internet: Internet, asn: int, files: list[bytes], events: list[Event], noon: datetime, told: Told
) -> None:
    """Uplinks that the story gives or takes, as the files date them."""
    rows = [b for data in files for kind, b in MRT.read(io.BytesIO(data)) if kind == "uplinks"]
    seen: dict[int, list[Any]] = {}
    for batch in rows:
        for row in batch.to_pylist():
            if row["asn"] == asn:
                seen.setdefault(row["uplink"], []).append(row)
    for span in uplinks(internet, asn):
        since, until = (datetime.fromisoformat(span[k]) if span[k] else None for k in ("since", "until"))
        if (until is not None and until <= noon) or not _used(internet, asn, span["asn"], since, until, noon):
            continue
        told.add("uplinks in use, true")
        told.add("uplinks in use, found", span["asn"] in seen)
        if since is not None and since > noon and span["asn"] in seen:
            told.add("first seen, to be dated")
            firsts = [(row["first"] - since).total_seconds() for row in seen[span["asn"]]]
            _dated([lag for lag in firsts if lag >= 0], "first seen", told)
        if until is not None:
            told.add("gone, to be dated")
            gone = [
                event.since / _MICRO - until.timestamp()
                for event in events
                if event.asn == asn
                and event.uplink == span["asn"]
                and event.event in (Kind.UPLINK_LOST, Kind.OFFLINE)
            ]
            _dated([lag for lag in gone if lag >= 0], "gone", told)


def _dated(lags: list[float], what: str, told: Told) -> None:
    if lags and min(lags) <= SETTLED:
        told.add(f"{what}, dated within {SETTLED // 60} minutes")
        told.seconds.append(min(lags))


def _used(
    internet: Internet, asn: int, uplink: int, since: datetime | None, until: datetime | None, noon: datetime
) -> bool:
    """Whether any vantage point's path uses it once routes have settled after its start, or in the first table."""
    when = max(seconds(since) if since else 0, seconds(noon))
    if until is not None and when >= seconds(until):
        return False
    heard = listen(internet, internet.at_second(when), vantage_points(internet, build.VANTAGES))
    row, upper = internet.row(asn), internet.row(uplink)
    for place in range(len(heard.vantages)):
        hops = heard.hops[place][row]
        path = hops[hops >= 0].tolist()
        if len(path) > 1 and path[-2] == upper:
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description="alarms and dated uplinks in sealed worlds")
    parser.add_argument("--seeds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS)
    args = parser.parse_args()
    for name in args.scenario or SCENARIOS:
        scenario, told = read(name)[0], Told()
        for seed in range(args.seed, args.seed + args.seeds):
            one(scenario, seed, told)
        lags = np.quantile(told.seconds, [0.5, 0.95]).round(1).tolist() if told.seconds else None
        print(
            json.dumps({"scenario": name, "seeds": args.seeds, **told.count, "seconds (median, 95 %)": lags}),
            flush=True,
        )


if __name__ == "__main__":
    main()

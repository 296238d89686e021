"""What a lake says of an event, held against the truth of a simulated world: drops, gainers, successors, returns.

``truth`` is the document that ``depeer world`` writes; nothing here knows how a world is made.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from depeer.errors import BadInput
from depeer.judgement.effect import DAYS, assess
from depeer.judgement.recurrence import WEAK, Recurrence
from depeer.lake.lake import Lake
from depeer.lake.moves import Around, Targets, displacements, recurrences
from depeer.lake.series import from_file
from depeer.measures.displacement import Displacement
from depeer.measures.effect.series import Series
from depeer.measures.scores import Finding, covers, finding, share
from depeer.model import Estimate

OVER = 28
ROSE = 1.5
"""Times its expected mail of before from which a network should be named, where so many were to be expected:"""
EXPECTED = 30
CHANGED = 0.02
"""Share of a network's expected mail within which it neither rose nor fell."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One intervention with a target: what was found, and what was true."""

    name: str
    target: int
    gainers: Finding
    """Networks named for their mail (volume): true if their expected mail rose; wanted where it rose by half."""
    successors: Finding
    """Networks told with moderate or strong evidence, against those that controllers truly moved to."""
    weak: int
    """Networks told on weak evidence only."""
    returns: Estimate
    """Of botnets whose controllers stood in the target and moved, the intervals that hold the true time."""
    median_holds: bool | None
    """Whether the interval of the median holds the true one; None where nothing came back."""


@dataclass(frozen=True, slots=True)
class Effects:
    """True drops by sensor, against the intervals of the world's counts, by days of the window."""

    covered: Mapping[int, Estimate]
    """The share of sensors' intervals that hold the true drop, where no other intervention shows in the
    window or in the ``OVER`` days before it (``MIXED``)."""
    fused: Mapping[int, Estimate]
    """The same for the mean true drop of an intervention and the interval of all sensors together."""
    mixed: Mapping[int, Estimate]
    """Single sensors, where another intervention does show: those numbers are joint, and the card says so."""
    refused: Mapping[int, int]
    """Windows without an interval."""
    judged: Sequence[tuple[str, str]]
    """Interventions and their verdicts."""


@dataclass(frozen=True, slots=True)
class Uplinks:
    """Links that stood on ``day`` against those that the lake's relationships have for it."""

    day: date
    found: Finding
    hidden: int
    """True links that no file shows."""


# ---------------------------------------------------------------------------------------------- effects


def effects(truth: Mapping[str, Any], counts: Path) -> Effects | None:
    """None where the world has no takedown, or no counts."""
    cuts = [one for one in truth["interventions"] if one["takedown"]]
    if not cuts or not counts.exists():
        return None
    series = from_file(counts)
    pairs: dict[str, dict[int, list[tuple[float, Estimate | None]]]] = {
        which: {days: [] for days in DAYS} for which in ("own", "fused", "mixed")
    }
    verdicts = []
    for one in cuts:
        rest = [o for o in truth["interventions"] if o["name"] != one["name"]]
        event = datetime.fromisoformat(one["on"])
        try:
            card = assess(series, event, [datetime.fromisoformat(o["on"]) for o in rest])
        except BadInput as error:
            verdicts.append((one["name"], str(error)))
            continue
        verdicts.append((one["name"], card.verdict.value))
        for days in DAYS:
            true = _true_drops(truth, one, series, event, days)
            own = {c.sensor: next(w.drop for w in c.windows if w.days == days) for c in card.sensors}
            mixed = any(_shows(truth, o, event, days) for o in rest)
            pairs["mixed" if mixed else "own"][days] += [(true[s], own.get(s)) for s in true]
            if not mixed and true:
                pairs["fused"][days].append((float(np.mean(list(true.values()))), card.drop(days).drop))
    held = {which: {d: covers(p) for d, p in part.items()} for which, part in pairs.items()}
    refused = {d: sum(found is None for _, found in p) for d, p in pairs["own"].items()}
    return Effects(held["own"], held["fused"], held["mixed"], refused, tuple(verdicts))


MIXED = 0.03
"""Share of the counts from which another intervention's effect is no longer nothing."""


def _shows(truth: Mapping[str, Any], other: Mapping[str, Any], event: datetime, days: int) -> bool:
    place = (event.date() - date.fromisoformat(truth["from"])).days
    for window in (slice(max(place - OVER, 0), place), slice(place + 1, place + 1 + days)):
        for told in other["by_sensor"].values():
            had, have = sum(told["without"][window]), sum(told["with"][window])
            if had and abs(1 - have / had) > MIXED:
                return True
    return False


def _true_drops(
    truth: Mapping[str, Any], cut: Mapping[str, Any], series: Sequence[Series], event: datetime, days: int
) -> dict[str, float]:
    """By sensor, over the known days of the window from the first whole day after the event on."""
    found = {}
    for one in series:
        told = cut["by_sensor"].get(one.sensor)
        if told is None:
            continue
        first = one.first_after(event)
        shift = (one.start.date() - date.fromisoformat(truth["from"])).days
        cells = [c for c in range(first, min(first + days, len(one))) if one.counts[c] == one.counts[c]]
        had = sum(told["without"][c + shift] for c in cells)
        if had:
            found[one.sensor] = 1 - sum(told["with"][c + shift] for c in cells) / had
    return found


# ------------------------------------------------------------------------------------------------ moves


def moved(truth: Mapping[str, Any], messages: Path, lake: Lake) -> tuple[Moved, ...]:
    """Every takedown that hits a network, by its first event; none where none does."""
    cuts = [(one, _target(one)) for one in truth["interventions"] if one["takedown"]]
    hit = [(one, target) for one, target in cuts if target is not None]
    if not hit:
        return ()
    expected = _Expected(truth, messages)
    return tuple(_moved(truth, one, target, expected, lake) for one, target in hit)


def _target(cut: Mapping[str, Any]) -> int | None:
    return next((int(e["network"]) for e in cut["events"] if e.get("network") is not None), None)


def _moved(
    truth: Mapping[str, Any], cut: Mapping[str, Any], target: int, expected: _Expected, lake: Lake
) -> Moved:
    on = datetime.fromisoformat(cut["on"])
    around = Around(on.date(), OVER, Targets(frozenset({target})))
    came = recurrences(lake, around)
    sender = displacements(lake, around).get("sender")
    told = {s.successor for s in came.successions if s.strength != WEAK}
    weak = {s.successor for s in came.successions} - told
    ways = _ways(truth, target, on)
    true = {asn for way in ways.values() for _, asn in way}
    times = {botnet: way[0][0] for botnet, way in ways.items() if way}
    held, median = _held(came, times, ways, around)
    return Moved(
        cut["name"],
        target,
        _gainers(sender, expected, on.date()),
        finding(told, true, true),
        len(weak),
        held,
        median,
    )


def _ways(truth: Mapping[str, Any], target: int, on: datetime) -> dict[str, list[tuple[datetime, int]]]:
    """For each botnet with controllers in the target at that time, where they stood afterwards, and since
    when."""
    stays: dict[str, list[tuple[datetime, datetime, int]]] = defaultdict(list)
    for one in truth["controllers"]:
        span = datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])
        stays[one["botnet"]].append((*span, int(one["asn"])))
    ways = {}
    for botnet, some in stays.items():
        if any(since <= on < until and asn == target for since, until, asn in some):
            known = {asn for since, _, asn in some if since <= on}
            later = sorted((since, asn) for since, _, asn in some if since > on)
            ways[botnet] = _firsts(later, known)
    return ways


def _firsts(later: Iterable[tuple[datetime, int]], known: set[int]) -> list[tuple[datetime, int]]:
    found = []
    for since, asn in later:
        if asn not in known:
            known = known | {asn}
            found.append((since, asn))
    return found


def _held(
    came: Recurrence,
    times: Mapping[str, datetime],
    ways: Mapping[str, Sequence[tuple[datetime, int]]],
    around: Around,
) -> tuple[Estimate, bool | None]:
    """Intervals of single botnets, and of the median, that hold the true times; those never listed are left
    out."""
    family = next((one for one in came.returns if one.kind == "family"), None)
    if family is None or family.median is None:
        return share(0, 0), None
    start = datetime(around.event.year, around.event.month, around.event.day, tzinfo=UTC)
    true = {name: (when - start).total_seconds() / 86400 for name, when in times.items()}
    named = [(str(what), low, high) for what, low, high in family.each if str(what) in ways]
    hits = [
        low <= true[what] <= (high if high is not None else np.inf) if what in true else high is None
        for what, low, high in named
    ]
    every = sorted(true.get(what, np.inf) for what, _, _ in named)
    low, high = family.median.between
    middle = every[(len(every) + 1) // 2 - 1] if every else np.inf
    holds = None if high is None else low <= middle <= high
    return share(sum(hits), len(hits)), holds


class _Expected:
    """Mean mail by network over any days: each botnet's volume, spread as all of its mail was."""

    def __init__(self, truth: Mapping[str, Any], messages: Path) -> None:
        self._first = date.fromisoformat(truth["from"])
        self._volume = {b["name"]: np.array(b["volume_by_day"], dtype=float) for b in truth["botnets"]}
        self._mails: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        with messages.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["nature"] == "spam" and row["botnet"] in self._volume:
                    self._mails[int(row["asn"])][row["botnet"]] += 1

    def networks(self) -> list[int]:
        return sorted(self._mails)

    def mail(self, asn: int, first: date, days: int) -> float:
        start = (first - self._first).days
        window = slice(max(start, 0), max(start + days, 0))
        return float(
            sum(
                n * self._volume[b][window].sum() / self._volume[b].sum() for b, n in self._mails[asn].items()
            )
        )


def _gainers(found: Displacement | None, expected: _Expected, event: date) -> Finding:
    named = {int(str(g.key)) for g in found.gainers if g.basis == "volume"} if found else set()
    rose, wanted = set(), set()
    for asn in expected.networks():
        old, new = expected.mail(asn, event - timedelta(OVER), OVER), expected.mail(asn, event, OVER)
        if new > old * (1 + CHANGED):
            rose.add(asn)
        if new >= ROSE * old and new + old >= EXPECTED:
            wanted.add(asn)
    return finding(named, rose, wanted)


# ---------------------------------------------------------------------------------------------- uplinks

_LINKS = "SELECT upper, lower, kind FROM relationships WHERE snapshot = $snapshot AND lower IS NOT NULL"


def uplinks(truth: Mapping[str, Any], lake: Lake) -> Uplinks | None:
    """Links of the relationship file that answers for the world's first day; None without one."""
    snapshot = lake.as_of("relationships", date.fromisoformat(truth["from"]))
    links = truth.get("internet", {}).get("links", [])
    if snapshot is None or not links:
        return None
    moment = datetime.fromisoformat(f"{snapshot.day}T00:00:00+00:00")
    standing = [one for one in links if _stands(one, moment)]
    true = {frozenset((one["upper"], one["lower"])) for one in standing}
    rows = lake.rows(_LINKS, snapshot=snapshot.id).to_pylist()
    told = {frozenset((row["upper"], row["lower"])) for row in rows if row["kind"] != "sibling"}
    hidden = {frozenset((one["upper"], one["lower"])) for one in standing if one["hidden"]}
    return Uplinks(snapshot.day, finding(told, true, true), len(hidden))


def _stands(link: Mapping[str, Any], moment: datetime) -> bool:
    since, until = (None if link[k] is None else datetime.fromisoformat(link[k]) for k in ("since", "until"))
    return not link["dormant"] and (since is None or since <= moment) and (until is None or moment < until)

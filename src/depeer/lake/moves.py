"""Where volume and machines went around an event, out of a lake: counts and stays by SQL, their networks as
of then."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.errors import BadUsage
from depeer.judgement.recurrence import Evidence, Recurrence, Succession, recur
from depeer.lake.description import Sensor
from depeer.lake.engine import Engine
from depeer.lake.lake import Lake
from depeer.measures import displacement, recurrence
from depeer.measures.displacement import Displacement
from depeer.measures.recurrence import TARGET, Stays
from depeer.model import pack_address, parse_asn, show_address
from depeer.routing.attribute import attribute
from depeer.sources.origins.packed import U64, from_arrow

HISTORY = 4
"""Windows before the event that are looked at: one to compare with, the others for what chance does."""
_EPOCH = date(1970, 1, 1)
_MICROS = 86_400e6
_LISTS = ("family", "controller")
"""Kinds whose times are from lists, which are late; the others' are from tables or mail."""
_STATEMENTS = {
    "family": recurrence.FAMILIES,
    "controller": recurrence.CONTROLLERS,
    "sender": recurrence.SENDERS,
    "name": recurrence.NAMES,
}


@dataclass(frozen=True, slots=True)
class Targets:
    """What was cut: networks, and prefixes as first and last packed address."""

    asns: frozenset[int] = frozenset()
    prefixes: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Targets:
        """``26780,AS27595,208.66.192.0/22``. Raises BadUsage for anything else."""
        asns, prefixes = set(), []
        for part in filter(None, (p.strip() for p in text.split(","))):
            if "/" in part or ":" in part or part.count(".") == 3:
                prefixes.append(_ends(part))
            else:
                asns.add(_network(part))
        if not asns and not prefixes:
            raise BadUsage(f"--target {text!r} names neither a network nor a prefix")
        return cls(frozenset(asns), tuple(prefixes))


def _network(text: str) -> int:
    try:
        return parse_asn(text)
    except BadUsage:
        raise BadUsage(f"--target: {text!r} is neither an AS number such as AS26780 nor a prefix") from None


def _ends(text: str) -> tuple[bytes, bytes]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadUsage(f"--target: {text!r} is no prefix such as 208.66.192.0/22") from None
    return pack_address(str(network.network_address)), pack_address(str(network.broadcast_address))


@dataclass(frozen=True, slots=True)
class Around:
    """The event, the days compared on both sides of it, and which counts are meant."""

    event: date
    width: int
    targets: Targets
    sensor: str | None = None
    label: str | None = None
    until: date | None = None
    """The last day that is looked at."""

    @property
    def start(self) -> date:
        return self.event - timedelta(HISTORY * self.width)

    @property
    def before(self) -> int:
        return HISTORY * self.width

    @property
    def end(self) -> date:
        """The day after the last."""
        last = self.event + timedelta(self.width)
        return last if self.until is None else min(last, self.until + timedelta(1))

    def asked(self, role: str) -> dict[str, object]:
        return {
            "role": role, "sensor": self.sensor, "label": self.label,
            "since": _midnight(self.start), "until": _midnight(self.end),
        }  # fmt: skip


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# ------------------------------------------------------------------------------------------ who gained

VIEWS = {
    "sender": "mails handed over, by network",
    "link": "mails advertising it, by network",
    "controller": "controllers newly listed, by network",
    "family": "controllers newly listed, by family",
}
"""What is compared, by the name it has in answers, in its unit (a day)."""


def displacements(
    lake: Lake, around: Around, control: Sequence[tuple[date, float]] = ()
) -> dict[str, Displacement]:
    """By ``VIEWS``: who gained; views that the lake has nothing for are left out. ``control``: counts by day
    of what the event cannot have touched."""
    with lake.engine() as engine:
        found = {
            "sender": _mails(lake, engine, around, "sender", control),
            "link": _mails(lake, engine, around, "link", control),
            "controller": _listed(engine, around, "asn"),
            "family": _listed(engine, around, "family"),
        }
    return {name: one for name, one in found.items() if one is not None}


def _mails(
    lake: Lake, engine: Engine, around: Around, role: str, control: Sequence[tuple[date, float]]
) -> Displacement | None:
    asked = around.asked(role)
    counts: dict[tuple[Hashable, str, date], float] = defaultdict(float)
    for row in engine.query(displacement.BY_NETWORK, asked).to_pylist():
        key = TARGET if row["key"] in around.targets.asns else row["key"]
        counts[key, row["sensor"], row["day"]] += row["count"]
    for lowest, highest in around.targets.prefixes:
        within = asked | {"lowest": lowest, "highest": highest}
        for row in engine.query(displacement.IN_PREFIX, within).to_pylist():
            if row["key"] not in around.targets.asns:
                counts[row["key"], row["sensor"], row["day"]] -= row["count"]
                counts[TARGET, row["sensor"], row["day"]] += row["count"]
    if not counts:
        return None
    seen: dict[str, set[date]] = defaultdict(set)
    for row in engine.query(displacement.DAYS_UP, asked).to_pylist():
        seen[row["sensor"]].add(row["day"])
    sensors = {sensor for _, sensor, _ in counts}
    described = lake.description
    known = {s: _up(described.sensor(s), seen[s], around) for s in sorted(sensors)}
    return _compared(counts, known, around, {TARGET}, control)


def _listed(engine: Engine, around: Around, key: str) -> Displacement | None:
    """A list that gives both ends of each entry knows every day between its first and its last."""
    rows = engine.query(displacement.NEWLY_LISTED, around.asked("controller")).to_pylist()
    rows = [row for row in rows if row[key] is not None]
    if not rows:
        return None
    spans = {row["source"]: (row["first"], row["last"]) for row in engine.query(_SPANS, {}).to_pylist()}
    counts: dict[tuple[Hashable, str, date], float] = defaultdict(float)
    for row in rows:
        hit = key == "asn" and row["asn"] in around.targets.asns
        counts[TARGET if hit else row[key], row["sensor"], row["day"]] += row["count"]
    days = [around.start + timedelta(n) for n in range(around.before + around.width)]
    known = {
        sensor: [first <= day <= last and day < around.end for day in days]
        for sensor, (first, last) in spans.items()
    }
    return _compared(counts, known, around, {TARGET}, ())


_SPANS = """
SELECT source, CAST(min(first) AS DATE) AS first, CAST(max(last) AS DATE) AS last
FROM sightings WHERE role = 'controller' AND first IS NOT NULL GROUP BY source
"""


def _up(sensor: Sensor, seen: set[date], around: Around) -> list[bool]:
    """Declared days; where nothing is declared, those on which it saw something."""
    days = [around.start + timedelta(n) for n in range(around.before + around.width)]
    declared = [(span.start, span.end) for span in sensor.coverage]
    return [
        day < around.end
        and (any(a <= day and (b is None or day <= b) for a, b in declared) if declared else day in seen)
        for day in days
    ]


def _compared(
    counts: Mapping[tuple[Hashable, str, date], float],
    known: Mapping[str, Sequence[bool]],
    around: Around,
    targets: set[Hashable],
    control: Sequence[tuple[date, float]],
) -> Displacement:
    rows = [(key, sensor, (day - around.start).days, n) for (key, sensor, day), n in counts.items() if n]
    beside: list[float] | None = None
    if control:
        beside = [float("nan")] * (around.before + around.width)
        for day, count in control:
            if 0 <= (place := (day - around.start).days) < len(beside):
                beside[place] = count
    made = displacement.panel(rows, known, around.before)
    return displacement.compare(made, around.before, around.width, targets, beside)


# ------------------------------------------------------------------------------------------- where it went


def recurrences(lake: Lake, around: Around) -> Recurrence:
    """Where the target's controllers, names, senders and prefixes came up again, over all that the lake holds."""
    at = float((around.event - _EPOCH).days)
    with lake.engine() as engine:
        found = [
            stays
            for kind in ("family", "controller", "name", "sender", "prefix")
            if len(stays := _stays(lake, engine, kind, around, at))
        ]
    late = _late(lake)
    lags = {
        "family": late,
        "controller": late,
        "name": late,
        "prefix": _gap(lake, around.event),
        "sender": np.inf,
    }
    return _shown(recur(found, at, lags))


def _gap(lake: Lake, event: date) -> float:
    """The longest time between two routing tables after the event: an origin may be as much older than its
    first."""
    days = sorted(s.day for s in lake.snapshots() if s.kind == "origins")
    after = [max((d for d in days if d < event), default=event), *(d for d in days if d >= event)]
    return float(max((b - a).days for a, b in pairwise(after))) if len(after) > 1 else 0.0


def _late(lake: Lake) -> float:
    """Days that lists are late: the most that ``[feeds.NAME] delay_days`` says, else a default."""
    from depeer.judgement.recurrence import LAG

    told = [one["delay_days"] for one in lake.description.feeds.values() if "delay_days" in one]
    return max((float(days) for days in told if isinstance(days, int | float)), default=LAG)


def _stays(lake: Lake, engine: Engine, kind: str, around: Around, at: float) -> Stays:
    if kind == "prefix":
        span = _tables(lake, around.event)
        rows = engine.query(recurrence.PREFIXES, {"since": span[0], "until": span[1]}) if span else None
    else:
        rows = engine.query(_STATEMENTS[kind])
    if rows is None or not len(rows):
        return _empty(kind)
    if kind == "name":
        rows = _attributed(lake, rows)
    made = _placed(kind, rows, around.targets, at, None if around.until is None else _day(around.until) + 1)
    if kind == "prefix":
        return _held(made, at)
    return replace(made, last=made.last + (kind in _LISTS))


def _empty(kind: str) -> Stays:
    none, times = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Stays(kind, none, none, times, times, ())


def _day(day: date) -> float:
    return float((day - _EPOCH).days)


def _tables(lake: Lake, event: date) -> tuple[date, date] | None:
    """From the last routing table before the event to a year after it; None where there is none on both sides."""
    days = sorted(s.day for s in lake.snapshots() if s.kind == "origins")
    before = [day for day in days if day < event]
    if not before or days[-1] < event:
        return None
    return before[-1] if len(before) < 3 else before[-3], event + timedelta(366)


def _held(made: Stays, at: float) -> Stays:
    """What the last table before the event has stood until the event."""
    old = made.last < at
    newest = made.last[old].max() if old.any() else at
    return replace(made, last=np.where(old & (made.last == newest), at - 1e-3, made.last))


def _attributed(lake: Lake, rows: pa.Table) -> pa.Table:
    """With the networks of their addresses at the time of their first sight; without those that nobody
    announced."""
    snapshots = lake.snapshots()
    batches = [attribute(b, snapshots, lake.origin_table) for b in rows.to_batches(max_chunksize=65_536)]
    found = pa.Table.from_batches(batches)
    return found.filter(pc.is_valid(found["asn"]))


def _placed(kind: str, rows: pa.Table, targets: Targets, at: float, until: float | None) -> Stays:
    first, last = (_times(rows[name]) for name in ("first", "last"))
    asn = rows["asn"].to_numpy().astype(np.int64)
    place = np.where(_aimed(rows, targets, asn, first < at), TARGET, asn)
    coded = rows["identity"].combine_chunks().dictionary_encode()
    identity = coded.indices.to_numpy().astype(np.int64)
    made = Stays(kind, identity, place, first, last, coded.dictionary)
    if until is None:
        return made
    made = made.of(made.first < until)
    return replace(made, last=np.minimum(made.last, until))


def _times(column: pa.ChunkedArray) -> NDArray[np.float64]:
    if pa.types.is_date(column.type):
        return np.asarray(column.cast(pa.int32()).to_numpy(), dtype=np.float64)
    micros = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(micros.to_numpy() / _MICROS, dtype=np.float64)


def _aimed(
    rows: pa.Table, targets: Targets, asn: NDArray[np.int64], before: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """In a target network; or in a target prefix while those announce it who did before the event."""
    hit = np.isin(asn, sorted(targets.asns))
    if targets.prefixes:
        high, low, _ = from_arrow(rows["address"].combine_chunks())
        for lowest, highest in targets.prefixes:
            inside = _within(high, low, lowest, highest)
            hit |= inside & np.isin(asn, np.unique(asn[inside & before]))
    return np.asarray(hit)


def _within(high: U64, low: U64, lowest: bytes, highest: bytes) -> NDArray[np.bool_]:
    h0, l0, h1, l1 = (
        np.uint64(int.from_bytes(part, "big")) for part in (lowest[:8], lowest[8:], highest[:8], highest[8:])
    )
    above = (high > h0) | ((high == h0) & (low >= l0))
    return np.asarray(above & ((high < h1) | ((high == h1) & (low <= l1))))


def _shown(found: Recurrence) -> Recurrence:
    """Examples as text: addresses and prefixes in their own form."""
    returns = tuple(
        replace(one, each=tuple((_text(one.kind, label), low, high) for label, low, high in one.each))
        for one in found.returns
    )
    return replace(found, successions=tuple(_shown_one(one) for one in found.successions), returns=returns)


def _shown_one(one: Succession) -> Succession:
    return replace(one, evidence=tuple(_shown_evidence(part) for part in one.evidence))


def _shown_evidence(part: Evidence) -> Evidence:
    return replace(part, examples=tuple(_text(part.kind, e) for e in part.examples))


def _text(kind: str, value: object) -> str:
    plain = value.as_py() if isinstance(value, pa.Scalar) else value
    if kind == "prefix":
        start, _, length = str(plain).partition("/")
        return f"{show_address(bytes.fromhex(start))}/{length}"
    return show_address(plain) if isinstance(plain, bytes) else str(plain)

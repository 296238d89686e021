"""Where it went: the chain of networks in which the target's controllers, names, senders and prefixes came up
again.

In: stays of several kinds, the day of the event. Out: links from a network to its successor, each with the
things that link the two, when they were first seen there, how strong that evidence is, and how often as much
of it comes by chance.

**Strength.** Chance is measured for each kind (see ``measures.recurrence.trials``): the share of places where
nothing happened from which as large a share of what stood there came up in one other network, in a span as
long as was needed: from the event on, and for later steps from when the network before had lost it. Where
they came one after the other it is the least of their spans, times the number of spans.

- *strong*: at least two things that name themselves (address of a controller, name, sender, prefix) with a
  chance of at most 1 %, or two kinds with at most 5 % each;
- *moderate*: one kind with at most 10 %. A family alone is never more, since others may run the same programme;
- *weak*: anything else.

A thing's way is followed from place to place. It comes from the last place that it had left by then, and from the
target where it had left none since: two networks that it came to side by side are both the target's successors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from depeer.measures import recurrence
from depeer.measures.recurrence import TARGET, Median, Stays, Trials, Waits

LOOK = 28.0
"""Days before the event within which a thing must have been seen in the target."""
FOLLOWED = 365.0
"""Days after the event for which things are followed."""
LAG = 3.0
"""Days that a list may be late, where nobody says better."""
STEPS = 4
BRANCHES = 8
"""Successors of one network that are told; the others are counted."""
SPANS = (7.0, 14.0, 28.0, 56.0, 112.0, 224.0, 448.0)
EXAMPLES = 3
NAMING = frozenset({"controller", "name", "sender", "prefix"})
STRONG, MODERATE, WEAK = "strong", "moderate", "weak"
_ORDER = (STRONG, MODERATE, WEAK)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What of one kind links two networks."""

    kind: str
    count: int
    of: int
    """How many of the kind stood in the first network and were followed."""
    chance: float
    """How often as large a share comes up in one network by chance."""
    trials: int
    first: float
    """Days from the event."""
    examples: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Succession:
    """One network after another. ``origin`` and ``successor`` are AS numbers, ``TARGET`` the target."""

    origin: int
    successor: int
    step: int
    first: float
    """Days from the event until the first of it was seen there."""
    last_in_origin: float
    """Days from the event until the last of it was seen in the origin; negative before the event."""
    strength: str
    evidence: tuple[Evidence, ...]

    @property
    def links(self) -> int:
        return sum(one.count for one in self.evidence)


@dataclass(frozen=True, slots=True)
class Return:
    """Time to re-emergence of the things of one kind that stood in the target."""

    kind: str
    watched_days: float
    median: Median | None
    each: tuple[tuple[object, float, float | None], ...]
    """What it is called, and the days between which it came up again, None for not yet; of families only."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """All that came up again."""

    successions: tuple[Succession, ...]
    left_off: int
    """Weaker links that are not told."""
    returns: tuple[Return, ...]
    stood: dict[str, int]
    """By kind: how many things stood in the target before the event."""
    in_place: dict[str, int]
    """By kind: how many were seen anew in the target itself from the event on."""


@dataclass(slots=True)
class _Link:
    """What is gathered about one link while the ways are walked."""

    things: dict[str, dict[int, tuple[float, float]]]
    """By kind and identity: days from the event to the arrival, and how long it took."""
    last: float
    step: int


def recur(
    every: Sequence[Stays], at: float, lags: float | dict[str, float] = LAG, followed: float = FOLLOWED
) -> Recurrence:
    """``every``: stays of each kind, rows not gathered, those of the target at ``TARGET``. ``at``: the event,
    in days since 1970. ``lags``: days that lists are late, for all kinds or by kind."""
    found: dict[tuple[int, int], _Link] = {}
    seen: dict[str, dict[int, int]] = {}
    tried: dict[str, Stays] = {}
    returns, stood, in_place = [], {}, {}
    for rows in every:
        stays = recurrence.gathered(rows)
        tried[rows.kind] = stays
        seen[rows.kind] = _walk(stays, at, followed, _lag(lags, rows.kind), found)
        stood[rows.kind] = seen[rows.kind].get(TARGET, 0)
        in_place[rows.kind] = _anew(rows, at, _lag(lags, rows.kind))
        times = recurrence.waits(rows, at, LOOK, _lag(lags, rows.kind))
        watched = max(rows.ends - at, 0.0) if len(rows) else 0.0
        if len(times):
            each = _each(times, rows) if rows.kind == "family" else ()
            returns.append(Return(rows.kind, watched, recurrence.median(times), each))
    told = _told(found, seen, tried, at)
    kept = _kept(told)
    return Recurrence(kept, len(told) - len(kept), tuple(returns), stood, in_place)


def _each(times: Waits, rows: Stays) -> tuple[tuple[object, float, float | None], ...]:
    columns = zip(times.identity.tolist(), times.low.tolist(), times.high.tolist(), strict=True)
    named = [(rows.labels[i], low, high if np.isfinite(high) else None) for i, low, high in columns]
    return tuple(sorted(named, key=lambda one: (one[1], str(one[0]))))


def _lag(lags: float | dict[str, float], kind: str) -> float:
    return lags.get(kind, LAG) if isinstance(lags, dict) else lags


def _anew(rows: Stays, at: float, lag: float) -> int:
    """Identities with a row in the target that begins after the event, later than a late list would tell."""
    before = rows.identity[(rows.place == TARGET) & recurrence.present(rows, at, LOOK)]
    later = rows.identity[(rows.place == TARGET) & (rows.first >= at + lag)]
    return len(np.intersect1d(before, later))


def _walk(
    stays: Stays, at: float, followed: float, lag: float, found: dict[tuple[int, int], _Link]
) -> dict[int, int]:
    """Follow each identity of the target; returns how many of them stood at each place."""
    mine = (stays.place == TARGET) & recurrence.present(stays, at, LOOK)
    identities = stays.identity[mine]
    count: dict[int, int] = defaultdict(int)
    count[TARGET] = len(identities)
    last = dict(zip(identities.tolist(), stays.last[mine].tolist(), strict=True))
    after = recurrence.arrivals(stays, at, followed) & np.isin(stays.identity, identities)
    after &= stays.place != TARGET
    rows = stays.of(after)
    order = np.lexsort((rows.place, rows.first, rows.identity))
    for identity, steps in _by_identity(rows.of(order)):
        _follow(rows.kind, identity, steps, (last[identity], at, lag), found, count)
    return count


def _by_identity(rows: Stays) -> Iterable[tuple[int, list[tuple[int, float, float]]]]:
    ways: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    columns = (rows.identity.tolist(), rows.place.tolist(), rows.first.tolist(), rows.last.tolist())
    for identity, place, first, last in zip(*columns, strict=True):
        ways[identity].append((place, first, last))
    return ways.items()


def _follow(
    kind: str,
    identity: int,
    steps: list[tuple[int, float, float]],
    origin: tuple[float, float, float],
    found: dict[tuple[int, int], _Link],
    count: dict[int, int],
) -> None:
    """One identity's way. A place is left when it was last seen there no later than ``lag`` after its next
    arrival."""
    in_target, at, lag = origin
    behind: list[tuple[int, float, int]] = []
    for place, first, last in steps:
        left = [one for one in behind if one[1] <= first + lag]
        parent, gone, depth = max(left, key=lambda one: one[1]) if left else (TARGET, in_target, 0)
        if depth == STEPS:
            break
        link = found.setdefault((parent, place), _Link({}, gone - at, depth + 1))
        took = first - at if parent == TARGET else max(first - gone, 0.0)
        link.things.setdefault(kind, {})[identity] = first - at, took
        link.last, link.step = max(link.last, gone - at), min(link.step, depth + 1)
        behind.append((place, last, depth + 1))
        count[place] += 1


# --------------------------------------------------------------------------------------------- evidence


def _told(
    found: dict[tuple[int, int], _Link], seen: dict[str, dict[int, int]], tried: dict[str, Stays], at: float
) -> list[Succession]:
    chances: dict[tuple[str, float], Trials] = {}
    told = []
    for (origin, successor), link in found.items():
        parts = tuple(
            _evidence(kind, things, seen[kind][origin], tried[kind], at, chances)
            for kind, things in sorted(link.things.items())
        )
        first = min(one.first for one in parts)
        told.append(Succession(origin, successor, link.step, first, link.last, strength(parts), parts))
    return sorted(told, key=_rank)


def _rank(one: Succession) -> tuple[int, int, float, float, int, int]:
    chance = min(part.chance for part in one.evidence)
    return one.step, _ORDER.index(one.strength), chance, one.first, one.origin, one.successor


def _evidence(
    kind: str,
    things: dict[int, tuple[float, float]],
    of: int,
    stays: Stays,
    at: float,
    chances: dict[tuple[str, float], Trials],
) -> Evidence:
    tried = [
        (_tries(kind, span, stays, at, chances), n) for span, n in _by_span([t for _, t in things.values()])
    ]
    tries, chance = min(((t, t.chance(n / of)) for t, n in tried), key=lambda one: one[1])
    examples = tuple(stays.labels[i] for i in sorted(things, key=lambda i: (things[i], i))[:EXAMPLES])
    first = min(first for first, _ in things.values())
    return Evidence(kind, len(things), of, min(chance * len(tried), 1.0), len(tries), first, examples)


def _by_span(took: Sequence[float]) -> list[tuple[float, int]]:
    """How many had come up by the end of each span in which one did."""
    counts = [(span, sum(days < span for days in took)) for span in SPANS]
    return [
        (span, n)
        for (span, n), before in zip(counts, (0, *(n for _, n in counts)), strict=False)
        if n > before
    ]


def _tries(
    kind: str, span: float, stays: Stays, at: float, chances: dict[tuple[str, float], Trials]
) -> Trials:
    if (kind, span) not in chances:
        chances[kind, span] = recurrence.trials(stays, at, LOOK, span)
    return chances[kind, span]


def strength(parts: Sequence[Evidence]) -> str:
    """The rule at the head of this file."""
    own = [p for p in parts if p.kind in NAMING]
    if any(p.count >= 2 and p.chance <= 0.01 for p in own) or sum(p.chance <= 0.05 for p in parts) > 1:
        return STRONG
    return MODERATE if any(p.chance <= 0.1 for p in parts) else WEAK


def _kept(told: Sequence[Succession]) -> tuple[Succession, ...]:
    """The best of each network, of those only that can be reached from the target, without a circle."""
    ancestors: dict[int, set[int]] = {TARGET: set()}
    branches: dict[int, int] = defaultdict(int)
    kept = []
    for one in sorted(told, key=_rank):
        known = one.origin in ancestors and one.successor not in ancestors[one.origin]
        if known and branches[one.origin] < BRANCHES:
            branches[one.origin] += 1
            before = ancestors[one.origin] | {one.origin}
            for place in [p for p, above in ancestors.items() if one.successor in above]:
                ancestors[place] |= before
            ancestors.setdefault(one.successor, set()).update(before)
            kept.append(one)
    return tuple(kept)

"""The same thing in another place: where controllers, names, senders and prefixes stood, and when they came
up again.

*Stays*: an identity (a family of controllers, an address, a name, a prefix) stood at a place (a network;
``TARGET`` for all that is the target's) from a first to a last time. *Arrivals* are stays at a place where
the identity never was before. *Trials* are the same count where nothing happened, so that chance is measured,
not assumed.

Times are days since 1970, UTC, as floats. Everything is linear in the number of stays, but for sorting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

TARGET = -1
"""The place of everything that is the target's, one network or several."""
LEVEL = 0.95
DATES = 20
"""Dates before the event at most by which chance is measured."""

FAMILIES = """
SELECT l.family AS identity, s.address, s.asn, min(s.first) AS first, max(s.last) AS last
FROM sightings s JOIN listings l ON l.delivery = s.delivery
WHERE s.role = 'controller' AND s.counts AND s.asn IS NOT NULL AND s.first IS NOT NULL AND l.family IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
"""Families of controllers, by address and its network at the time of each listing."""

CONTROLLERS = """
SELECT address AS identity, address, asn, min(first) AS first, max(last) AS last
FROM sightings
WHERE role = 'controller' AND counts AND asn IS NOT NULL AND first IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
"""Addresses of controllers: the same one under another origin has been re-announced there."""

SENDERS = """
SELECT address AS identity, address, asn, min(first) AS first, max(last) AS last
FROM sightings
WHERE role = 'sender' AND counts AND asn IS NOT NULL AND first IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
"""Addresses that handed over spam, likewise."""

NAMES = """
SELECT name AS identity, address, min(first) AS first, max(last) AS last
FROM resolutions
WHERE address IS NOT NULL AND first IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""
"""What names led to; their networks come from the routing tables of those days."""

PREFIXES = """
WITH tables AS (SELECT snapshot, day FROM snapshots WHERE kind = 'origins' AND day >= $since AND day < $until),
told AS (
  SELECT o.first AS start, o.length, unnest(o.asns) AS asn, t.day
  FROM origins o JOIN tables t ON t.snapshot = o.snapshot WHERE o.length >= 0
)
SELECT concat(hex(start), '/', length) AS identity, start AS address, asn, min(day) AS first, max(day) AS last
FROM told GROUP BY start, length, asn ORDER BY ALL
"""
"""Prefixes and who announced them, over the routing tables of a span of days."""


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """Rows of one kind: which identity stood where, from when to when."""

    kind: str
    """family, controller, name, sender or prefix."""
    identity: Ints
    place: Ints
    first: Floats
    last: Floats
    labels: Sequence[object]
    """What each identity is called."""

    def __len__(self) -> int:
        return len(self.identity)

    def of(self, which: Mask | Ints) -> Stays:
        rows = (self.identity[which], self.place[which], self.first[which], self.last[which])
        return Stays(self.kind, *rows, self.labels)

    @property
    def ends(self) -> float:
        """The last time that anything of this kind was seen; beyond it nobody looked."""
        return float(self.last.max()) if len(self) else float("-inf")

    @property
    def begins(self) -> float:
        return float(self.first.min()) if len(self) else float("inf")


def gathered(stays: Stays) -> Stays:
    """One row for each identity and place: the first time to the last."""
    if not len(stays):
        return stays
    order = np.lexsort((stays.first, stays.place, stays.identity))
    one = stays.of(order)
    new = np.r_[True, (np.diff(one.identity) != 0) | (np.diff(one.place) != 0)]
    starts = np.flatnonzero(new)
    return Stays(
        one.kind,
        one.identity[starts],
        one.place[starts],
        one.first[starts],
        np.maximum.reduceat(one.last, starts),
        one.labels,
    )


def present(stays: Stays, at: float, look: float) -> Mask:
    """Stays that began before ``at`` and were seen within ``look`` days before it."""
    return np.asarray((stays.first < at) & (stays.last >= at - look))


def arrivals(stays: Stays, at: float, span: float) -> Mask:
    """Of gathered stays those that began in [at, at + span) by an identity that had stood somewhere before."""
    began = (stays.first >= at) & (stays.first < at + span)
    return np.asarray(began & np.isin(stays.identity, stays.identity[stays.first < at]))


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """For places where nothing happened: the largest share of what stood there that came up in one other
    place."""

    shares: Floats

    def chance(self, share: float) -> float:
        """(1 + trials with as large a share) / (1 + trials): never 0, and 1 where there was nothing to try."""
        return float((1 + np.sum(self.shares >= share - 1e-12)) / (1 + len(self.shares)))

    def __len__(self) -> int:
        return len(self.shares)


def trials(stays: Stays, at: float, look: float, span: float) -> Trials:
    """Of gathered stays: every place but the target on the day of the event, and every place, the target too,
    at dates ``span`` days apart before it. What stood in the target at the event has no part in the first."""
    target = (stays.place == TARGET) & present(stays, at, look)
    unrelated = stays.of(~np.isin(stays.identity, stays.identity[target]) & (stays.place != TARGET))
    found = [_largest_shares(unrelated, _moving(unrelated), at, look, span)]
    before = stays.of(stays.first < at)
    moving = _moving(before)
    date, earliest = at - span, stays.begins + min(look, span)
    while date >= earliest and len(found) <= DATES:
        found.append(_largest_shares(before, moving, date, look, span))
        date -= span
    return Trials(np.concatenate(found))


def _moving(stays: Stays) -> Stays:
    """Stays of identities that stood at more than one place: the others can have no arrival."""
    if not len(stays):
        return stays
    _, code, counts = np.unique(stays.identity, return_inverse=True, return_counts=True)
    return stays.of(counts[code] > 1)


def _largest_shares(stays: Stays, moving: Stays, at: float, look: float, span: float) -> Floats:
    places, exposed = np.unique(stays.place[present(stays, at, look)], return_counts=True)
    if not len(places):
        return np.zeros(0)
    largest = np.zeros(len(places))
    here, there = moving.of(present(moving, at, look)), moving.of(arrivals(moving, at, span))
    source, destination = _joined(here, there)
    if len(source):
        _, goal = np.unique(there.place, return_inverse=True)
        seat = np.searchsorted(places, here.place)
        pairs, counts = np.unique(seat[source] * len(there) + goal[destination], return_counts=True)
        np.maximum.at(largest, pairs // len(there), counts)
    return np.asarray(largest / exposed)


def _joined(here: Stays, there: Stays) -> tuple[Ints, Ints]:
    """Indices of all pairs of a stay here and an arrival there of the same identity."""
    order = np.argsort(there.identity, kind="stable")
    keys = there.identity[order]
    low, high = (np.searchsorted(keys, here.identity, side=side) for side in ("left", "right"))
    counts = high - low
    source = np.repeat(np.arange(len(here)), counts)
    steps = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
    return source, order[np.repeat(low, counts) + steps]


# ------------------------------------------------------------------------------------------- time to return


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """Days from the event until an identity came up again, in (``low``, ``high``]; ``high`` infinite: not yet."""

    low: Floats
    high: Floats
    identity: Ints

    def __len__(self) -> int:
        return len(self.low)

    @property
    def back(self) -> int:
        return int(np.isfinite(self.high).sum())


def waits(stays: Stays, at: float, look: float, lag: float) -> Waits:
    """For each identity that stood in the target: its first appearance from ``at`` on in a place, or as a row
    of the target, that is new. A list is late: an appearance may be up to ``lag`` days older than its first
    entry (but not older than the event), and an entry of the target within ``lag`` days may be an old one.
    Without an appearance it is
    *not yet*, as of the last time that anything of this kind was seen. Takes rows that are not gathered."""
    in_target = (stays.place == TARGET) & present(stays, at, look)
    identities = np.unique(stays.identity[in_target])
    mine = stays.of(np.isin(stays.identity, identities))
    settled = np.where(mine.place == TARGET, at + lag, at)
    new = mine.of((mine.first >= settled) & ~_known_place(mine, at))
    back = np.full(len(identities), np.inf)
    np.minimum.at(back, np.searchsorted(identities, new.identity), new.first)
    seen = np.isfinite(back)
    low = np.full(len(identities), max(stays.ends, at))
    low[seen] = back[seen] - lag
    return Waits(np.maximum(low - at, 0.0), back - at, identities)


def _known_place(stays: Stays, at: float) -> Mask:
    """Rows of a place, other than the target, where the identity stood before ``at`` already."""
    if not len(stays):
        return np.zeros(0, dtype=bool)
    _, code = np.unique(np.stack([stays.identity, stays.place]), axis=1, return_inverse=True)
    code = code.reshape(-1)
    old = np.zeros(int(code.max()) + 1, dtype=bool)
    old[code[stays.first < at]] = True
    return np.asarray(old[code] & (stays.place != TARGET))


def turnbull(found: Waits) -> tuple[Floats, Floats, Floats]:
    """Turnbull's (1976) estimate: innermost intervals (low, high] and their probabilities, by the EM of Efron.

    Where nothing is known better than an interval, the mass may lie anywhere in it. Empty for no waits.
    """
    if not len(found):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    # a time that is known exactly is an interval with next to nothing in it
    left = np.where(found.low < found.high, found.low, np.nextafter(found.high, -np.inf))
    low, high = _innermost(left, found.high)
    holds = (left[:, None] <= low) & (found.high[:, None] >= high)
    mass = np.full(len(low), 1 / len(low))
    for _ in range(2_000):
        part = holds * mass
        new = (part / part.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(new - mass).max() < 1e-9:
            break
        mass = new
    return np.maximum(low, 0.0), high, mass


def _innermost(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """A left end directly followed by a right end. At one time right ends come first: intervals are open on
    the left."""
    ends = np.r_[low, high]
    is_right = np.r_[np.zeros(len(low), bool), np.ones(len(high), bool)]
    order = np.lexsort((~is_right, ends))
    at, right = ends[order], is_right[order]
    turn = np.flatnonzero(~right[:-1] & right[1:])
    return at[turn], at[turn + 1]


@dataclass(frozen=True, slots=True)
class Median:
    """Days until half were back.

    ``between`` bounds the median of those watched, whatever lies in the intervals: half of the left ends and
    half of the right ends. ``low`` and ``high`` hold the median of all such cases at 95 %. None: no end (not
    yet, or too few).
    """

    between: tuple[float, float | None]
    turnbull: tuple[float, float] | None
    """The innermost interval in which Turnbull's estimate passes one half; None: not yet."""
    low: float
    high: float | None
    back: int
    count: int


def median(found: Waits) -> Median | None:
    """None for no waits. The 95 % interval is that of the sign test (order statistics of a binomial), which
    holds for any distribution and any censoring: of n waits the k-th left end and the k-th right end from the
    top."""
    if not len(found):
        return None
    from scipy.stats import binom

    low, high, mass = turnbull(_coarse(found))
    i = int(np.flatnonzero(np.cumsum(mass) >= 0.5 - 1e-9)[0])
    n, left, right = len(found), np.sort(found.low), np.sort(found.high)
    middle = (n + 1) // 2 - 1
    k = int(binom.ppf((1 - LEVEL) / 2, n, 0.5))
    return Median(
        (float(left[middle]), _ended(right[middle])),
        (float(low[i]), float(high[i])) if np.isfinite(high[i]) else None,
        float(left[k - 1]) if k > 0 else 0.0,
        _ended(right[n - k]) if k > 0 else None,
        found.back,
        n,
    )


def _ended(days: float) -> float | None:
    return float(days) if np.isfinite(days) else None


_MANY = 500


def _coarse(found: Waits) -> Waits:
    """Beyond some hundreds, ends on whole days (wider, never narrower): the estimate costs their product."""
    if len(found) <= _MANY:
        return found
    high = np.where(np.isfinite(found.high), np.ceil(found.high), np.inf)
    return Waits(np.floor(found.low), high, found.identity)

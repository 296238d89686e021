"""Counts by key, day and sensor: the statements, and the panel made of their rows."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BY_NETWORK = """
SELECT asn AS key, source AS sensor, CAST(first AS DATE) AS day, count(DISTINCT delivery) AS count
FROM sightings
WHERE role = $role AND counts AND first IS NOT NULL AND asn IS NOT NULL
  AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
  AND ($sensor IS NULL OR source = $sensor) AND ($label IS NULL OR label = $label)
GROUP BY ALL ORDER BY ALL
"""
"""Mails by the network of an address in ``$role`` as of the mail's own time, by sensor and day."""

IN_PREFIX = """
SELECT source AS sensor, CAST(first AS DATE) AS day, count(DISTINCT delivery) AS count, asn AS key
FROM sightings
WHERE role = $role AND counts AND first IS NOT NULL AND asn IS NOT NULL
  AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
  AND ($sensor IS NULL OR source = $sensor) AND ($label IS NULL OR label = $label)
  AND address BETWEEN $lowest AND $highest
GROUP BY ALL ORDER BY ALL
"""
"""The same for the addresses from ``$lowest`` to ``$highest`` only."""

NEWLY_LISTED = """
WITH begun AS (
  SELECT s.source, s.address, s.asn, min(s.first) AS first, min(l.family) AS family
  FROM sightings s JOIN listings l ON l.delivery = s.delivery
  WHERE s.role = 'controller' AND s.counts AND s.first IS NOT NULL AND s.asn IS NOT NULL
    AND ($sensor IS NULL OR s.source = $sensor)
  GROUP BY ALL
)
SELECT asn, family, source AS sensor, CAST(first AS DATE) AS day, count(*) AS count
FROM begun
WHERE first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
GROUP BY ALL ORDER BY ALL
"""
"""Controllers by the day on which a list first had them, with network and family: a flow, unlike those listed."""

DAYS_UP = """
SELECT source AS sensor, CAST(first AS DATE) AS day, count(*) AS count
FROM sightings
WHERE first IS NOT NULL AND first >= CAST($since AS TIMESTAMPTZ) AND first < CAST($until AS TIMESTAMPTZ)
GROUP BY ALL ORDER BY ALL
"""
"""Days on which a sensor saw anything at all: where nobody declared when it was up, the others are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Counts (keys, days) summed over sensors, what share of them could be seen on each day, and the keys."""

    keys: tuple[Hashable, ...]
    counts: Floats
    exposure: Floats
    """(keys, days): from 0, nobody looked, to 1, all sensors did."""

    @property
    def days(self) -> int:
        return int(self.counts.shape[1])

    def rows(self, keys: Collection[Hashable]) -> Mask:
        return np.array([key in keys for key in self.keys], dtype=bool)


def panel(
    rows: Sequence[tuple[Hashable, str, int, float]], known: Mapping[str, Sequence[bool]], before: int
) -> Panel:
    """``rows``: key, sensor, index of the day, count. ``known``: for each sensor, the days on which it was
    up; all of one length. ``before``: days before the event, whose counts say how much of a key each sensor sees.

    A count on a day that is not known is left out. Raises ValueError for a sensor that ``known`` has not.
    """
    sensors = sorted(known)
    up = np.array([known[s] for s in sensors], dtype=float).reshape(len(sensors), -1)
    keys = sorted({key for key, _, _, _ in rows}, key=lambda k: (str(type(k)), k))
    place, seat = {k: i for i, k in enumerate(keys)}, {s: i for i, s in enumerate(sensors)}
    if strange := {s for _, s, _, _ in rows} - seat.keys():
        raise ValueError(f"nobody says when {min(strange)} was up")
    counts = np.zeros((len(keys), up.shape[1]))
    base = np.zeros((len(keys), len(sensors)))
    for key, sensor, day, count in rows:
        if up[seat[sensor], day]:
            counts[place[key], day] += count
            base[place[key], seat[sensor]] += count * (day < before)
    return Panel(tuple(keys), counts, _weights(base, up[:, :before]) @ up)


def _weights(base: Floats, up: Floats) -> Floats:
    """(keys, sensors): shares of a key's ordinary volume; drawn to those of all keys by one thing a day."""
    daily = base / np.maximum(up.sum(axis=1), 1)
    total = daily.sum(axis=0)
    if not total.sum():
        total = np.ones_like(total)
    pulled = daily + total / total.sum()
    return np.asarray(pulled / pulled.sum(axis=1, keepdims=True))

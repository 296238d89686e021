"""Whether a routing table is whole, or a part: a few test prefixes, one region, one feed.

By a part nobody may say that an address was announced by nobody, so it must not attribute what was seen from its
day on. It is told by its size beside the tables nearest to it in time: a quarter of another's, less what tables have
grown between the two days (IPv4's by 1.15 a year, IPv6's by 1.4 since 2008), cannot be the same Internet. A part that
stands alone in its lake still answers: better than nothing, and every answer names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from depeer.model import Snapshot
from depeer.routing.origin_table import OriginTable

Tables = Callable[[str], OriginTable]
NEAR = 8
"""Tables that one is held against, so that a lake with a table for each day does not open them all."""
LEAST = 1_000
"""Stretches of addresses below which another table is no measure: it may be a test itself."""
_FEWER = 4.0
_GROWTH = 1.5


def is_part(snapshot: Snapshot, snapshots: Sequence[Snapshot], family: int, tables: Tables) -> bool:
    """Whether ``snapshot`` has far less of a family (4 or 6) than any of those near in time; all are of origins."""

    def away(other: Snapshot) -> int:
        return abs((other.day - snapshot.day).days)

    near = sorted((other for other in snapshots if other.id != snapshot.id), key=away)[:NEAR]
    own = tables(snapshot.id).stretches(family)
    sizes = ((away(other), tables(other.id).stretches(family)) for other in near)
    return any(size >= LEAST and own * _FEWER * _GROWTH ** (days / 365) < size for days, size in sizes)

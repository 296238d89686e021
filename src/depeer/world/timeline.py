"""Events become times: a cut ends a line and a return begins another, so that a moment is only a comparison."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from depeer.errors import BadInput
from depeer.world.allocation import Prefix, check_pinned, key
from depeer.world.announcements import EVENT, Announcements
from depeer.world.graph import Mask, Rows
from depeer.world.internet_spec import Action, Event
from depeer.world.links import NEVER, Links, seconds


def apply_links(links: Links, events: Iterable[Event], row: dict[int, int]) -> Links:
    """``row``: AS number → row. Raises BadInput for an event that finds nothing to change."""
    for event in sorted(events, key=lambda e: e.time):
        rows = [row[asn] for asn in event.networks]
        if event.action is Action.CUT:
            _cut(links, event, rows)
        elif event.action is Action.RESTORE:
            links = _restore(links, event, rows)
        elif event.action in (Action.ADD, Action.PEER):
            links = _add(links, event, rows)
    return links


def _touched(links: Links, rows: list[int]) -> Mask:
    return links.between(rows[0], rows[1]) if len(rows) == 2 else links.of_network(rows[0])


def _cut(links: Links, event: Event, rows: list[int]) -> None:
    now = seconds(event.time)
    ended = _touched(links, rows) & links.exist(now)
    if not ended.any():
        raise BadInput(f"event {event}: there is no such link then")
    links.until[ended] = now
    links.cut[ended] = True


def _restore(links: Links, event: Event, rows: list[int]) -> Links:
    now = seconds(event.time)
    ended = np.flatnonzero(_touched(links, rows) & links.cut & (links.until <= now))
    latest: dict[tuple[int, int], int] = {}
    for i in ended[np.argsort(links.until[ended], kind="stable")].tolist():
        latest[int(links.upper[i]), int(links.lower[i])] = i
    running = links.exist(now)
    back = [i for (one, other), i in latest.items() if not (links.between(one, other) & running).any()]
    if not back:
        raise BadInput(f"event {event}: nothing of it is cut then")
    again = links.take(np.array(sorted(back), dtype=np.int64))
    again.since[:], again.until[:], again.cut[:] = now, NEVER, False
    return Links.join([links, again])


def _add(links: Links, event: Event, rows: list[int]) -> Links:
    now = seconds(event.time)
    if (links.between(rows[0], rows[1]) & links.exist(now) & ~links.dormant).any():
        raise BadInput(f"event {event}: the two are linked then already")
    ends: list[Rows] = [np.array([r], dtype=np.int32) for r in rows]
    new = Links.of(ends[0], ends[1], peer=event.action is Action.PEER, since=now)
    new.fixed[:] = True
    return Links.join([links, new])


def apply_announcements(table: Announcements, events: Iterable[Event], row: dict[int, int]) -> Announcements:
    for event in sorted(events, key=lambda e: e.time):
        if event.action is Action.WITHDRAW:
            _withdraw(table, event, row[event.networks[0]])
        elif event.action is Action.ANNOUNCE:
            table = _announce(table, event, row[event.networks[0]])
    return table


def _withdraw(table: Announcements, event: Event, origin: int) -> None:
    now = seconds(event.time)
    running = (table.origin == origin) & table.exist(now)
    for prefix in event.prefixes or [None]:
        ended = running if prefix is None else running & table.is_prefix(prefix)
        if not ended.any():
            raise BadInput(f"event {event}: it announces {prefix or 'nothing'} then")
        table.until[ended] = now


def _announce(table: Announcements, event: Event, origin: int) -> Announcements:
    """Prefixes that it does not announce already; without any, all that it ever announced."""
    now = seconds(event.time)
    check_pinned(event.prefixes)
    running = (table.origin == origin) & table.exist(now)
    told = [_columns(origin, prefix) for prefix in event.prefixes]
    if not told:
        own = table.take((table.origin == origin) & (table.since <= now))
        columns = zip(own.first.tolist(), own.length.tolist(), own.six.tolist(), strict=True)
        told = [(origin, *c) for c in dict.fromkeys(columns)]
    now_there = table.take(running)
    known = set(zip(now_there.first.tolist(), now_there.length.tolist(), now_there.six.tolist(), strict=True))
    new = [t for t in told if t[1:] not in known]
    if not new:
        raise BadInput(f"event {event}: it announces that already")
    return Announcements.join([table, Announcements.of(new, EVENT, since=now)])


def _columns(origin: int, prefix: Prefix) -> tuple[int, int, int, bool]:
    return origin, key(prefix), prefix.prefixlen, prefix.version == 6

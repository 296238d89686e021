"""Whether a watched network is seen at all, and by how many: it goes, comes back, and its visibility drops."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.judgement.watch.events import Event, Kind, Prefix
from depeer.judgement.watch.neighbours import lost
from depeer.judgement.watch.scene import Scene, network
from depeer.judgement.watch.standing import Standing, Status
from depeer.judgement.watch.timers import Due, Timer

WINDOW = 900_000_000
_TURNS = 4
"""Times that a network may go or come back in a ``WINDOW`` (µs) with no wait."""
_DROP, _RESTORED, _FEW = 0.5, 0.8, 3


def look_at_presence(
    scene: Scene, time: int, standing: Standing, prefix: Prefix, uplink: int | None
) -> Iterator[Event]:
    timer = Timer(Due.TURN, standing.asn)
    actual = _actual(standing)
    if actual is None or actual is standing.status:
        scene.timers.drop(timer)
    elif not scene.began:
        standing.status, standing.since = actual, time
    else:
        standing.turns = [turn for turn in standing.turns if turn > time - WINDOW]
        if len(standing.turns) >= _TURNS:
            scene.timers.wait(timer, time)
        else:
            yield from _turn(scene, time, time, standing, actual, prefix, uplink)


def ripe_turn(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    standing = scene.standings[timer.asn]
    actual = _actual(standing)
    if actual is not None and actual is not standing.status:
        uplink = next(iter(standing.uplinks.counts), None) if actual is Status.SEEN else None
        yield from _turn(scene, time, since, standing, actual, None, uplink)


def _turn(
    scene: Scene,
    time: int,
    since: int,
    standing: Standing,
    now: Status,
    prefix: Prefix | None,
    uplink: int | None,
) -> Iterator[Event]:
    before, standing.status, standing.since = standing.status, now, since
    standing.absence_told = now is Status.OFFLINE
    standing.dropped = False
    scene.timers.drop(Timer(Due.LEVEL, standing.asn))
    if now is Status.OFFLINE:
        standing.turns.append(time)
        yield from _go(scene, time, since, standing, prefix, uplink)
        return
    standing.usual = 0.0
    words = f"seen again, through {network(uplink)}"
    kind = Kind.BACK
    if before is Status.UNSEEN:
        kind, words = Kind.FIRST_SEEN, f"first seen in this watch, through {network(uplink)}"
    else:
        standing.turns.append(time)
    for own, having in standing.prefixes.items():
        if not having and own not in standing.gone:
            scene.timers.wait(Timer(Due.PREFIX, standing.asn, own), time)
    yield scene.event(time, since, standing, kind, words, prefix=prefix, uplink=uplink)


def _go(
    scene: Scene, time: int, since: int, standing: Standing, prefix: Prefix | None, uplink: int | None
) -> Iterator[Event]:
    for gone in sorted(standing.told_uplinks):
        if gone not in standing.uplinks:
            scene.timers.drop(Timer(Due.LOSS, standing.asn, gone))
            yield lost(scene, time, since, standing, gone)
    words = f"not seen by any of {standing.counted()} peers"
    words += f"; the last route seen led through {network(uplink)}" if uplink is not None else ""
    yield scene.event(time, since, standing, Kind.OFFLINE, words, prefix=prefix, uplink=uplink)


def look_at_level(scene: Scene, time: int, standing: Standing) -> None:
    timer = Timer(Due.LEVEL, standing.asn)
    if standing.status is not Status.SEEN or not scene.began:
        scene.timers.drop(timer)
    elif _level(standing) is not standing.dropped:
        scene.timers.wait(timer, time)
    else:
        scene.timers.drop(timer)
        standing.usual = max(standing.usual, standing.visibility()[0] or 0.0)


def ripe_level(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    standing = scene.standings[timer.asn]
    dropped = _level(standing)
    if standing.status is not Status.SEEN or dropped is standing.dropped:
        return
    standing.dropped = dropped
    counted = standing.counted()
    kind = Kind.VISIBILITY_DROPPED if dropped else Kind.VISIBILITY_RESTORED
    words = f"{len(standing.peers)} of {counted} peers have a route; usually {standing.usual:.0%}"
    yield scene.event(time, since, standing, kind, words)


def _actual(standing: Standing) -> Status | None:
    """None where nobody can tell."""
    if standing.peers:
        return Status.SEEN
    if standing.status is Status.SEEN and standing.counted():
        return Status.OFFLINE
    return None if standing.status is Status.SEEN else standing.status


def _level(standing: Standing) -> bool:
    """Whether visibility is down; between the two bounds it stays what it was."""
    share, counted = standing.visibility()
    if share is None or counted < _FEW:
        return standing.dropped
    return share < (_RESTORED if standing.dropped else _DROP) * standing.usual

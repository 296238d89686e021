"""The neighbours of a watched network: a new one is told at once, a known one once it has lasted."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.judgement.watch.events import Event, Kind, Prefix
from depeer.judgement.watch.scene import Scene, network
from depeer.judgement.watch.standing import Standing
from depeer.judgement.watch.timers import Due, Timer


def look_at_gain(
    scene: Scene, time: int, standing: Standing, prefix: Prefix, uplink: int, back: bool
) -> Iterator[Event]:
    scene.timers.drop(Timer(Due.LOSS, standing.asn, uplink))
    if uplink in standing.told_uplinks:
        return
    if not scene.began:
        standing.told_uplinks.add(uplink)
        standing.known_uplinks.add(uplink)
    elif uplink not in standing.known_uplinks or back:
        yield _gained(scene, time, time, standing, prefix, uplink)
    else:
        scene.timers.wait(Timer(Due.GAIN, standing.asn, uplink), time)


def ripe_gain(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    standing, uplink = scene.standings[timer.asn], timer.uplink
    if uplink in standing.uplinks and uplink not in standing.told_uplinks:
        yield _gained(scene, time, since, standing, None, uplink)


def ripe_loss(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    standing, uplink = scene.standings[timer.asn], timer.uplink
    if standing.counted() and uplink not in standing.uplinks and uplink in standing.told_uplinks:
        yield lost(scene, time, since, standing, uplink)


def lost(scene: Scene, time: int, since: int, standing: Standing, uplink: int) -> Event:
    standing.told_uplinks.discard(uplink)
    words = f"no route seen leads through {network(uplink)} any more"
    return scene.event(time, since, standing, Kind.UPLINK_LOST, words, uplink=uplink)


def _gained(
    scene: Scene, time: int, since: int, standing: Standing, prefix: Prefix | None, uplink: int
) -> Event:
    words = "again" if uplink in standing.known_uplinks else "for the first time in this watch"
    standing.told_uplinks.add(uplink)
    standing.known_uplinks.add(uplink)
    words = f"a route leads through {network(uplink)} {words}"
    return scene.event(time, since, standing, Kind.UPLINK_GAINED, words, prefix=prefix, uplink=uplink)

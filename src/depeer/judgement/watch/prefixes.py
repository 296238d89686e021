"""The prefixes of a watched network: new, gone once that has lasted, and back."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.judgement.watch.events import Event, Kind, Prefix
from depeer.judgement.watch.scene import Scene, network
from depeer.judgement.watch.standing import Standing, Status
from depeer.judgement.watch.timers import Due, Timer


def look_at_prefix(
    scene: Scene, time: int, standing: Standing, prefix: Prefix, uplink: int | None, fresh: bool
) -> Iterator[Event]:
    having, timer = standing.prefixes.get(prefix), Timer(Due.PREFIX, standing.asn, prefix)
    if having is None:
        return
    if not having:
        if not scene.began:
            standing.gone.add(prefix)
        elif prefix not in standing.gone and standing.status is Status.SEEN:
            scene.timers.wait(timer, time)
        return
    scene.timers.drop(timer)
    if prefix in standing.gone:
        standing.gone.discard(prefix)
        if not scene.began:
            return
        words = f"seen from AS{standing.asn} again, through {network(uplink)}"
        yield scene.event(time, time, standing, Kind.PREFIX_BACK, words, prefix=prefix, uplink=uplink)
    elif fresh and scene.began:
        words = f"not seen from AS{standing.asn} before in this watch"
        yield scene.event(time, time, standing, Kind.PREFIX_NEW, words, prefix=prefix, uplink=uplink)


def ripe_prefix(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    standing, own = scene.standings[timer.asn], timer.prefix
    if standing.prefixes.get(own) or own in standing.gone or standing.status is not Status.SEEN:
        return
    counted = standing.counted(own)
    if not counted:
        return
    standing.gone.add(own)
    others = [origin for origin in scene.claims.origins(own) if (own, origin) in scene.claims.told]
    for origin in others:
        words = f"announced by AS{origin}, and not by AS{standing.asn} any more"
        yield scene.foreign(time, since, standing.asn, Kind.ORIGIN_CHANGED, own, origin, words)
    if not others:
        words = f"not seen from AS{standing.asn} by any of {counted} peers"
        yield scene.event(time, since, standing, Kind.PREFIX_GONE, words, prefix=own)

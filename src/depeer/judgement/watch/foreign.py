"""Watched space that somebody else originates: the same prefix, or a part of it."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.judgement.watch.events import Event, Kind, Prefix
from depeer.judgement.watch.scene import Held, Scene
from depeer.judgement.watch.timers import Due, Timer


def look_at_claims(
    scene: Scene, time: int, prefix: Prefix, old: Held | None, new: Held | None
) -> Iterator[Event]:
    """What a changed route means for space that is watched: whether somebody else originates it."""
    for held in (new, old):
        if held is None or held.owners or held.origin is None:
            continue
        origin = held.origin
        if not scene.claims.heard(prefix, origin):
            if (prefix, origin) in scene.claims.told:
                scene.timers.wait(Timer(Due.CLAIM, 0, (prefix, origin)), time)
            continue
        scene.timers.drop(Timer(Due.CLAIM, 0, (prefix, origin)))
        if held is new and scene.claims.first(prefix, origin, scene.began):
            yield from _claimed(scene, time, prefix, origin, held)


def _claimed(scene: Scene, time: int, prefix: Prefix, origin: int, held: Held) -> Iterator[Event]:
    cover = scene.claims.within(prefix)
    if cover is None or origin in scene.asns:
        return
    through = [asn for asn, _ in held.crossed]
    for asn in scene.claims.owners(cover, scene.asns):
        kind, words = _wording(scene, prefix, cover, origin, asn)
        if kind is not Kind.HIJACK_SUSPECTED or asn not in through:
            scene.claims.told[prefix, origin] = None
            yield scene.foreign(time, time, asn, kind, prefix, origin, words)


def _wording(scene: Scene, prefix: Prefix, cover: Prefix, origin: int, asn: int) -> tuple[Kind, str]:
    if cover != prefix:
        return Kind.HIJACK_SUSPECTED, f"more specific than a prefix of AS{asn}, announced by AS{origin}"
    standing = scene.standings[asn]
    if standing.prefixes.get(prefix):
        return Kind.MULTIPLE_ORIGINS, f"announced by AS{origin} as well"
    if prefix in standing.prefixes:
        standing.gone.add(prefix)
        scene.timers.drop(Timer(Due.PREFIX, asn, prefix))
    return Kind.ORIGIN_CHANGED, f"announced by AS{origin}, and not by AS{asn}"


def ripe_claim(scene: Scene, time: int, since: int, timer: Timer) -> Iterator[Event]:
    prefix, origin = timer.claim
    if scene.claims.heard(prefix, origin) or timer.claim not in scene.claims.told:
        return
    del scene.claims.told[timer.claim]
    cover = scene.claims.within(prefix)
    for asn in scene.claims.owners(cover, scene.asns) if cover else ():
        words = f"no longer announced by AS{origin}, as far as seen"
        yield scene.foreign(time, since, asn, Kind.OTHER_ORIGIN_GONE, prefix, origin, words)

"""The state machine: what each element changes, and which changes are told, at once or once they have lasted.

*Which peers are counted.* A peer tells whether it has a route to a network if it stood in a table read before the
updates, with at least a tenth of the routes of the fullest peer, or if it has announced or withdrawn one of the
network's prefixes. A session that breaks makes its peer unknown, not a witness of absence.

*What waits.* ``offline`` and ``back`` are told with the very element that makes them true. After two outages in a
quarter of an hour, further ones have to last. A network's neighbours come and go in the paths while routes settle
(path exploration: Labovitz et al., SIGCOMM 2000), so a loss, and the return of a known neighbour, have to last
``HOLD``; so have drops of visibility and prefixes gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from depeer.judgement.watch.events import Event, Kind, Prefix, is_six
from depeer.judgement.watch.foreign import look_at_claims, ripe_claim
from depeer.judgement.watch.neighbours import look_at_gain, ripe_gain, ripe_loss
from depeer.judgement.watch.prefixes import look_at_prefix, ripe_prefix
from depeer.judgement.watch.presence import look_at_level, look_at_presence, ripe_level, ripe_turn
from depeer.judgement.watch.scene import Held, Scene
from depeer.judgement.watch.standing import Standing, Status
from depeer.judgement.watch.timers import SILENCE, Due, Timer
from depeer.judgement.watch.told import ESTABLISHED, Interest, Peer, Told, table_routes, table_rows

ROUTES = 500_000
"""Routes held at most, about 500 MB; routes that only cross a watched network take up to half of them."""
PEERS = 20_000
PREFIXES, UPLINKS = 100_000, 10_000
"""Prefixes of all watched networks, and neighbours of one, that are known at most, gone ones included."""
_FULL = 0.1
"""Of the routes of the fullest peer, what a table must hold for its peer to be counted."""


Place = tuple[int, Prefix]
"""Path id (RFC 7911) and prefix: what a peer has one route for."""


@dataclass(slots=True)
class Watch(Scene):
    """``take`` batches in the order of time."""

    complete: bool = True
    """Whether the tables read hold what they should; else absence in them says nothing."""
    late: int = 0
    over: int = 0
    """Elements older than what is known of their route, and elements for which there was no room."""
    peers: dict[Peer, int] = field(default_factory=dict)
    full: dict[tuple[int, bool], int] = field(default_factory=dict)
    """Routes in tables by peer and family."""
    table: dict[tuple[int, bool], int] = field(default_factory=dict)
    """The same of the table that is being read."""
    table_since: int = 0
    routes: dict[int, dict[Place, Held]] = field(default_factory=dict)
    """By peer."""
    held: int = 0
    interest: Interest = field(init=False)

    def __post_init__(self) -> None:
        self.standings = {asn: Standing(asn) for asn in self.asns}
        self.interest = Interest(frozenset(self.asns))
        for prefix in self.prefixes:
            self.adopt(prefix, ())

    def take(self, batch: pa.RecordBatch) -> Iterator[Event]:
        """Events of one batch with the columns ``ELEMENTS``, in order; never raises for what the elements say."""
        ahead = 0 if self.began else table_rows(batch)
        yield from self._take(batch.slice(0, ahead))
        if ahead < batch.num_rows:
            if not self.began:
                yield from self._begin(batch.column("time").cast(pa.int64())[ahead].as_py())
            yield from self._take(batch.slice(ahead))

    def _take(self, batch: pa.RecordBatch) -> Iterator[Event]:
        if not batch.num_rows:
            return
        self._count_table(batch)
        for told in self.interest.pick(batch):
            yield from self.tick(told.time)
            yield from self._tell(told)
        yield from self.tick(batch.column("time").cast(pa.int64())[-1].as_py())

    def tick(self, time: int) -> Iterator[Event]:
        """What has lasted long enough by ``time`` (µs)."""
        for when, since, timer in self.timers.ripe(time):
            yield from _RIPE[timer.what](self, when, since, timer)

    def adopt(self, prefix: Prefix, asns: Iterable[int]) -> None:
        """Takes up that a prefix is watched, and whose it is."""
        self.claims.own(prefix, None)
        self.interest.space[prefix] = None
        for asn in asns:
            self._own(asn, prefix)

    def hold(self, peer: int, place: Place, held: Held) -> None:
        """Takes up a route that was held before a restart."""
        self.routes.setdefault(peer, {})[place] = held
        self.held += 1
        self._count(peer, place[1], held, 1)

    @property
    def due(self) -> dict[Timer, tuple[int, int]]:
        """When to look again, and since when what is looked at has been so."""
        return self.timers.due

    def visibility(self, asn: int) -> tuple[float | None, int]:
        """Share of the counted peers that have a route to the network, and how many are counted."""
        return self.standings[asn].visibility()

    def end_of_table(self, time: int) -> Iterator[Event]:
        """A whole table has been read: routes of its peers that are older and not in it are gone."""
        for peer, six in self.table:
            own = self.routes.get(peer, {})
            stale = [p for p, held in own.items() if held.time < self.table_since and is_six(p[1]) == six]
            for place in stale:
                self.held -= 1
                yield from self._change(time, peer, place[1], own.pop(place), None)
        told = self._close_table()
        if self.began:
            yield from self._settle(time, told)

    def _close_table(self) -> set[tuple[int, bool]]:
        told = set(self.table)
        for one, count in self.table.items():
            self.full[one] = max(count, self.full.get(one, 0))
        self.table.clear()
        return told

    def _count_table(self, batch: pa.RecordBatch) -> None:
        for peer, six, count in table_routes(batch):
            number = self._number(peer)
            if number is not None:
                if not self.table:
                    self.table_since = batch.column("time").cast(pa.int64())[0].as_py()
                self.table[number, six] = self.table.get((number, six), 0) + count

    def _begin(self, time: int) -> Iterator[Event]:
        """The first update: from now on changes are told."""
        self.began = True
        self._close_table()
        yield from self._settle(time, set(self.full))
        for standing in self.standings.values():
            standing.usual = standing.visibility()[0] or 0.0
            self.sample(time, standing)

    def _settle(self, time: int, told: set[tuple[int, bool]]) -> Iterator[Event]:
        """Peers whose tables were read tell what is absent."""
        most = {
            six: max((n for (_, s), n in self.full.items() if s == six), default=0) for six in (False, True)
        }
        asn_of = {number: asn for (_, asn), number in self.peers.items()}
        for peer, six in told:
            if self.full[peer, six] >= _FULL * most[six]:
                for standing in self.standings.values():
                    if asn_of[peer] != standing.asn:
                        standing.informs(peer, six)
        for standing in self.standings.values():
            counted = standing.counted()
            if counted and self.complete and not standing.peers and not standing.absence_told:
                standing.status, standing.since, standing.absence_told = Status.OFFLINE, time, True
                yield self.event(
                    time, time, standing, Kind.OFFLINE, f"not in the table of any of {counted} peers"
                )

    def _number(self, peer: Peer) -> int | None:
        """The peer's small number; None where there is no room for another."""
        if peer not in self.peers and len(self.peers) < PEERS:
            self.peers[peer] = len(self.peers)
        return self.peers.get(peer)

    # ---------------------------------------------------------------------------------------------- elements

    def _tell(self, told: Told) -> Iterator[Event]:
        peer = self._number(told.peer)
        if peer is None:
            self.over += 1
        elif told.prefix is None:
            if told.new_state != ESTABLISHED:
                self._lose_session(told.time, peer)
        elif told.type == "W":
            self._inform(told, peer, told.prefix)
            old = self.routes.get(peer, {}).pop((told.path_id, told.prefix), None)
            if old is not None:
                self.held -= 1
                yield from self._change(told.time, peer, told.prefix, old, None)
        else:
            yield from self._announce(told, peer, told.prefix)

    def _announce(self, told: Told, peer: int, prefix: Prefix) -> Iterator[Event]:
        place, own = (told.path_id, prefix), self.routes.setdefault(peer, {})
        old, new = own.get(place), self._held(told, prefix)
        if old is not None and old.time > told.time:
            self.late += 1
            return
        matters = bool(new.owners or new.crossed) or self.claims.within(prefix) is not None
        if matters and old is None and self.held >= (ROUTES if new.owners else ROUTES // 2):
            self.over += 1
            return
        for owner in new.owners:
            self._own(owner, prefix)
        self._inform(told, peer, prefix)
        self.held += matters - (old is not None)
        if matters:
            own[place] = new
        elif old is not None:
            del own[place]
        if old is not None or matters:
            yield from self._change(told.time, peer, prefix, old, new if matters else None)

    def _held(self, told: Told, prefix: Prefix) -> Held:
        """A vantage point within a watched network is no witness for that network."""
        watched = [asn for asn in self.asns if asn != told.peer[1]]
        crossed = tuple((asn, self._uplink(told.hops, asn)) for asn in watched if asn in told.hops)
        owners = tuple(asn for asn in watched if asn == told.origin or asn in told.members)
        if owners and not self._room_for(prefix):
            self.over += 1
            owners = ()
        return Held(told.time, told.origin, owners, crossed)

    def _room_for(self, prefix: Prefix) -> bool:
        """Whether a prefix can be a network's own: very short ones would make everything its space."""
        wide = prefix[1] < (16 if is_six(prefix) else 8)
        return not wide and (prefix in self.claims.owned or len(self.claims.owned) < PREFIXES)

    def _uplink(self, hops: tuple[int, ...], asn: int) -> int | None:
        """Who stands before it, on the side of the vantage point; None where none does, or there is no room."""
        place = hops.index(asn)
        known = self.standings[asn].known_uplinks
        if not place or (hops[place - 1] not in known and len(known) >= UPLINKS):
            return None
        return hops[place - 1]

    def _own(self, asn: int, prefix: Prefix) -> None:
        self.claims.own(prefix, asn)
        if prefix not in self.interest.space:
            self.interest.space[prefix] = None
            self.interest.followed.pop(prefix, None)
            self.interest.changed = True

    def _inform(self, told: Told, peer: int, prefix: Prefix) -> None:
        for asn in self.claims.owners(prefix, self.asns):
            if asn != told.peer[1]:
                standing = self.standings[asn]
                blind = not standing.counted()
                standing.informs(peer, is_six(prefix))
                if blind:
                    self._doubt_all(told.time, standing)

    def _doubt_all(self, time: int, standing: Standing) -> None:
        """The first peer that tells anything again, after nobody could: what it does not show may be gone."""
        for uplink in standing.told_uplinks:
            if uplink not in standing.uplinks:
                self.timers.wait(Timer(Due.LOSS, standing.asn, uplink), time, SILENCE)
        if standing.status is Status.SEEN and not standing.peers:
            self.timers.wait(Timer(Due.TURN, standing.asn), time, SILENCE)

    def _lose_session(self, time: int, peer: int) -> None:
        """Its routes are unknown from now on; that nobody has one any more is told only after ``SILENCE``."""
        lost = self.routes.pop(peer, {})
        self.held -= len(lost)
        for (_, prefix), held in lost.items():
            self._count(peer, prefix, held, -1)
        for standing in self.standings.values():
            standing.forget(peer)
            if standing.status is Status.SEEN and not standing.peers:
                self.timers.wait(Timer(Due.TURN, standing.asn), time, SILENCE)
            self.sample(time, standing)
        for (_, prefix), held in lost.items():
            self._doubt(time, prefix, held)

    def _doubt(self, time: int, prefix: Prefix, held: Held) -> None:
        """A route of which is not known whether it is still there, where it was the last of its kind."""
        for asn in held.owners:
            if not self.standings[asn].prefixes[prefix] and prefix not in self.standings[asn].gone:
                self.timers.wait(Timer(Due.PREFIX, asn, prefix), time, SILENCE)
        for asn, uplink in held.crossed:
            if uplink is not None and uplink not in self.standings[asn].uplinks:
                self.timers.wait(Timer(Due.LOSS, asn, uplink), time, SILENCE)
        claim = (prefix, held.origin or 0)
        if claim in self.claims.told and not self.claims.heard(*claim):
            self.timers.wait(Timer(Due.CLAIM, 0, claim), time, SILENCE)

    # ----------------------------------------------------------------------------------------------- changes

    def _change(
        self, time: int, peer: int, prefix: Prefix, old: Held | None, new: Held | None
    ) -> Iterator[Event]:
        """The new route is counted before the old is taken away, so that nothing is nowhere in between."""
        fresh = [asn for asn in (new.owners if new else ()) if prefix not in self.standings[asn].prefixes]
        if new:
            self._count(peer, prefix, new, 1)
        if old:
            self._count(peer, prefix, old, -1)
        touched = {asn: None for held in (new, old) if held for asn in (*held.owners, *dict(held.crossed))}
        for asn in touched:
            yield from self._look(time, self.standings[asn], prefix, old, new, asn in fresh)
        yield from look_at_claims(self, time, prefix, old, new)

    def _count(self, peer: int, prefix: Prefix, held: Held, by: int) -> None:
        for asn in held.owners:
            standing = self.standings[asn]
            standing.peers.add(peer, by)
            standing.having(prefix).add(peer, by)
        for asn, uplink in held.crossed:
            if uplink is not None:
                self.standings[asn].uplinks.add(uplink, by)
        if not held.owners:
            self.claims.count(prefix, held.origin, peer, by)
        if prefix not in self.interest.space:
            self._follow(prefix, by)

    def _follow(self, prefix: Prefix, by: int) -> None:
        followed = self.interest.followed
        count = followed.get(prefix, 0) + by
        self.interest.changed |= (prefix in followed) != (count > 0)
        if count > 0:
            followed[prefix] = count
        else:
            followed.pop(prefix, None)

    def _look(
        self,
        time: int,
        standing: Standing,
        prefix: Prefix,
        old: Held | None,
        new: Held | None,
        fresh: bool,
    ) -> Iterator[Event]:
        """What a changed route means for one network."""
        via = dict(new.crossed).get(standing.asn) if new else None
        was = dict(old.crossed).get(standing.asn) if old else None
        seen = standing.status is Status.SEEN
        yield from look_at_presence(self, time, standing, prefix, via if new else was)
        back = standing.status is Status.SEEN and not seen
        if via is not None:
            yield from look_at_gain(self, time, standing, prefix, via, back)
        if was is not None and was not in standing.uplinks and not self.began:
            standing.told_uplinks.discard(was)
        if was is not None and was not in standing.uplinks and was in standing.told_uplinks:
            self.timers.wait(Timer(Due.LOSS, standing.asn, was), time)
        if was is not None and was not in standing.uplinks:
            self.timers.drop(Timer(Due.GAIN, standing.asn, was))
        yield from look_at_prefix(self, time, standing, prefix, via, fresh and not back)
        look_at_level(self, time, standing)
        self.sample(time, standing)


_RIPE: dict[Due, Callable[[Scene, int, int, Timer], Iterator[Event]]] = {
    Due.TURN: ripe_turn,
    Due.GAIN: ripe_gain,
    Due.LOSS: ripe_loss,
    Due.LEVEL: ripe_level,
    Due.PREFIX: ripe_prefix,
    Due.CLAIM: ripe_claim,
}

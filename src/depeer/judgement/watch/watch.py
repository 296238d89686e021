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

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

from depeer.judgement.watch.claims import Claims
from depeer.judgement.watch.events import Event, Kind, Prefix, is_six
from depeer.judgement.watch.standing import Standing, Status
from depeer.judgement.watch.told import ESTABLISHED, Interest, Peer, Told, only_table, table_routes

HOLD = 180_000_000
"""µs that a change has to last; path exploration is over within three minutes nearly always (Labovitz 2000)."""
SILENCE = 3_600_000_000
"""µs that it has to last where sessions broke and nobody withdrew anything."""
WINDOW = 900_000_000
_TURNS = 4
"""Times that a network may go or come back in a ``WINDOW`` (µs) with no wait."""
ROUTES = 500_000
"""Routes held at most, about 500 MB; routes that only cross a watched network take up to half of them."""
PEERS = 20_000
PREFIXES, UPLINKS = 100_000, 10_000
"""Prefixes of all watched networks, and neighbours of one, that are known at most, gone ones included."""
_FULL = 0.1
_DROP, _RESTORED, _FEW = 0.5, 0.8, 3


class Due(StrEnum):
    """What is to be looked at again later."""

    TURN = "turn"
    GAIN = "gain"
    LOSS = "loss"
    LEVEL = "level"
    PREFIX = "prefix"
    CLAIM = "claim"


class Timer(NamedTuple):
    """``subject`` is an uplink, a prefix, or a prefix and an origin."""

    what: Due
    asn: int
    subject: int | Prefix | tuple[Prefix, int] | None = None


class Sample(NamedTuple):
    """From ``time`` on (µs), ``visibility`` of network ``asn``."""

    time: int
    asn: int
    visibility: float | None


@dataclass(slots=True)
class Held:
    """A peer's route: who originates it, which watched networks do, and behind which neighbour each is crossed."""

    time: int
    origin: int | None
    owners: tuple[int, ...]
    crossed: tuple[tuple[int, int | None], ...]


Place = tuple[int, Prefix]
"""Path id (RFC 7911) and prefix: what a peer has one route for."""


@dataclass(slots=True)
class Watch:
    """``take`` batches in the order of time. ``prefixes``: watched even while nobody is seen to originate them."""

    asns: tuple[int, ...]
    prefixes: tuple[Prefix, ...] = ()
    began: bool = False
    """Whether an update has come; tables before that tell what is there already, and raise nothing."""
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
    standings: dict[int, Standing] = field(init=False)
    claims: Claims = field(default_factory=Claims)
    due: dict[Timer, tuple[int, int]] = field(default_factory=dict)
    """When to look again, and since when what is looked at has been so."""
    samples: list[Sample] = field(default_factory=list)
    """Visibility at each change, since the list was last emptied by whoever wants it."""
    interest: Interest = field(init=False)
    _queue: list[tuple[int, int, Timer]] = field(default_factory=list)
    """A heap of what is in ``due``, and of what was: an entry counts if ``due`` has the same time."""
    _count_queued: int = 0

    def __post_init__(self) -> None:
        self.standings = {asn: Standing(asn) for asn in self.asns}
        self.interest = Interest(frozenset(self.asns))
        for prefix in self.prefixes:
            self.adopt(prefix, ())

    def take(self, batch: pa.RecordBatch) -> Iterator[Event]:
        """Events of one batch with the columns ``ELEMENTS``, in order; never raises for what the elements say."""
        if not batch.num_rows:
            return
        self._count_table(batch)
        for told in self.interest.pick(batch):
            if told.type != "B" and not self.began:
                yield from self._begin(told.time)
            yield from self.tick(told.time)
            yield from self._tell(told)
        last = batch.column("time").cast(pa.int64())[-1].as_py()
        if not self.began and not only_table(batch):
            yield from self._begin(last)
        yield from self.tick(last)

    def tick(self, time: int) -> Iterator[Event]:
        """What has lasted long enough by ``time`` (µs)."""
        while self._queue and self._queue[0][0] <= time:
            when, _, timer = heapq.heappop(self._queue)
            due, since = self.due.get(timer, (None, 0))
            if due == when:
                del self.due[timer]
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

    def look_again(self, timer: Timer, when: int, since: int) -> None:
        self.due[timer] = (when, since)
        self._queue_up(when, timer)

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
            self._sample(time, standing)

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
                yield self._event(
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
                self._wait(Timer(Due.LOSS, standing.asn, uplink), time, SILENCE)
        if standing.status is Status.SEEN and not standing.peers:
            self._wait(Timer(Due.TURN, standing.asn), time, SILENCE)

    def _lose_session(self, time: int, peer: int) -> None:
        """Its routes are unknown from now on; that nobody has one any more is told only after ``SILENCE``."""
        lost = self.routes.pop(peer, {})
        self.held -= len(lost)
        for (_, prefix), held in lost.items():
            self._count(peer, prefix, held, -1)
        for standing in self.standings.values():
            standing.forget(peer)
            if standing.status is Status.SEEN and not standing.peers:
                self._wait(Timer(Due.TURN, standing.asn), time, SILENCE)
            self._sample(time, standing)
        for (_, prefix), held in lost.items():
            self._doubt(time, prefix, held)

    def _doubt(self, time: int, prefix: Prefix, held: Held) -> None:
        """A route of which is not known whether it is still there, where it was the last of its kind."""
        for asn in held.owners:
            if not self.standings[asn].prefixes[prefix] and prefix not in self.standings[asn].gone:
                self._wait(Timer(Due.PREFIX, asn, prefix), time, SILENCE)
        for asn, uplink in held.crossed:
            if uplink is not None and uplink not in self.standings[asn].uplinks:
                self._wait(Timer(Due.LOSS, asn, uplink), time, SILENCE)
        claim = (prefix, held.origin or 0)
        if claim in self.claims.told and not self.claims.heard(*claim):
            self._wait(Timer(Due.CLAIM, 0, claim), time, SILENCE)

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
        yield from self._look_at_claims(time, prefix, old, new)

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
        yield from self._look_at_presence(time, standing, prefix, via if new else was)
        back = standing.status is Status.SEEN and not seen
        if via is not None:
            yield from self._look_at_gain(time, standing, prefix, via, back)
        if was is not None and was not in standing.uplinks and not self.began:
            standing.told_uplinks.discard(was)
        if was is not None and was not in standing.uplinks and was in standing.told_uplinks:
            self._wait(Timer(Due.LOSS, standing.asn, was), time)
        if was is not None and was not in standing.uplinks:
            self.due.pop(Timer(Due.GAIN, standing.asn, was), None)
        yield from self._look_at_prefix(time, standing, prefix, via, fresh and not back)
        self._look_at_level(time, standing)
        self._sample(time, standing)

    def _look_at_presence(
        self, time: int, standing: Standing, prefix: Prefix, uplink: int | None
    ) -> Iterator[Event]:
        timer = Timer(Due.TURN, standing.asn)
        actual = _actual(standing)
        if actual is None or actual is standing.status:
            self.due.pop(timer, None)
        elif not self.began:
            standing.status, standing.since = actual, time
        else:
            standing.turns = [turn for turn in standing.turns if turn > time - WINDOW]
            if len(standing.turns) >= _TURNS:
                self._wait(timer, time)
            else:
                yield from self._turn(time, time, standing, actual, prefix, uplink)

    def _turn(
        self,
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
        self.due.pop(Timer(Due.LEVEL, standing.asn), None)
        if now is Status.OFFLINE:
            standing.turns.append(time)
            yield from self._go(time, since, standing, prefix, uplink)
            return
        standing.usual = 0.0
        words = f"seen again, through {_network(uplink)}"
        kind = Kind.BACK
        if before is Status.UNSEEN:
            kind, words = Kind.FIRST_SEEN, f"first seen in this watch, through {_network(uplink)}"
        else:
            standing.turns.append(time)
        for own, having in standing.prefixes.items():
            if not having and own not in standing.gone:
                self._wait(Timer(Due.PREFIX, standing.asn, own), time)
        yield self._event(time, since, standing, kind, words, prefix=prefix, uplink=uplink)

    def _go(
        self, time: int, since: int, standing: Standing, prefix: Prefix | None, uplink: int | None
    ) -> Iterator[Event]:
        for lost in sorted(standing.told_uplinks):
            if lost not in standing.uplinks:
                self.due.pop(Timer(Due.LOSS, standing.asn, lost), None)
                yield self._lost(time, since, standing, lost)
        words = f"not seen by any of {standing.counted()} peers"
        words += f"; the last route seen led through {_network(uplink)}" if uplink is not None else ""
        yield self._event(time, since, standing, Kind.OFFLINE, words, prefix=prefix, uplink=uplink)

    def _lost(self, time: int, since: int, standing: Standing, uplink: int) -> Event:
        standing.told_uplinks.discard(uplink)
        words = f"no route seen leads through {_network(uplink)} any more"
        return self._event(time, since, standing, Kind.UPLINK_LOST, words, uplink=uplink)

    def _look_at_gain(
        self, time: int, standing: Standing, prefix: Prefix, uplink: int, back: bool
    ) -> Iterator[Event]:
        self.due.pop(Timer(Due.LOSS, standing.asn, uplink), None)
        if uplink in standing.told_uplinks:
            return
        if not self.began:
            standing.told_uplinks.add(uplink)
            standing.known_uplinks.add(uplink)
        elif uplink not in standing.known_uplinks or back:
            yield self._gained(time, time, standing, prefix, uplink)
        else:
            self._wait(Timer(Due.GAIN, standing.asn, uplink), time)

    def _gained(self, time: int, since: int, standing: Standing, prefix: Prefix | None, uplink: int) -> Event:
        words = "again" if uplink in standing.known_uplinks else "for the first time in this watch"
        standing.told_uplinks.add(uplink)
        standing.known_uplinks.add(uplink)
        words = f"a route leads through {_network(uplink)} {words}"
        return self._event(time, since, standing, Kind.UPLINK_GAINED, words, prefix=prefix, uplink=uplink)

    def _look_at_prefix(
        self, time: int, standing: Standing, prefix: Prefix, uplink: int | None, fresh: bool
    ) -> Iterator[Event]:
        having, timer = standing.prefixes.get(prefix), Timer(Due.PREFIX, standing.asn, prefix)
        if having is None:
            return
        if not having:
            if not self.began:
                standing.gone.add(prefix)
            elif prefix not in standing.gone and standing.status is Status.SEEN:
                self._wait(timer, time)
            return
        self.due.pop(timer, None)
        if prefix in standing.gone:
            standing.gone.discard(prefix)
            if not self.began:
                return
            words = f"seen from AS{standing.asn} again, through {_network(uplink)}"
            yield self._event(time, time, standing, Kind.PREFIX_BACK, words, prefix=prefix, uplink=uplink)
        elif fresh and self.began:
            words = f"not seen from AS{standing.asn} before in this watch"
            yield self._event(time, time, standing, Kind.PREFIX_NEW, words, prefix=prefix, uplink=uplink)

    def _look_at_level(self, time: int, standing: Standing) -> None:
        timer = Timer(Due.LEVEL, standing.asn)
        if standing.status is not Status.SEEN or not self.began:
            self.due.pop(timer, None)
        elif _level(standing) is not standing.dropped:
            self._wait(timer, time)
        else:
            self.due.pop(timer, None)
            standing.usual = max(standing.usual, standing.visibility()[0] or 0.0)

    def _look_at_claims(
        self, time: int, prefix: Prefix, old: Held | None, new: Held | None
    ) -> Iterator[Event]:
        """What a changed route means for space that is watched: whether somebody else originates it."""
        for held in (new, old):
            if held is None or held.owners or held.origin is None:
                continue
            origin = held.origin
            if not self.claims.heard(prefix, origin):
                if (prefix, origin) in self.claims.told:
                    self._wait(Timer(Due.CLAIM, 0, (prefix, origin)), time)
                continue
            self.due.pop(Timer(Due.CLAIM, 0, (prefix, origin)), None)
            if held is new and self.claims.first(prefix, origin, self.began):
                yield from self._claimed(time, prefix, origin, held)

    def _claimed(self, time: int, prefix: Prefix, origin: int, held: Held) -> Iterator[Event]:
        cover = self.claims.within(prefix)
        if cover is None or origin in self.asns:
            return
        through = [asn for asn, _ in held.crossed]
        for asn in self.claims.owners(cover, self.asns):
            kind, words = self._wording(prefix, cover, origin, asn)
            if kind is not Kind.HIJACK_SUSPECTED or asn not in through:
                self.claims.told[prefix, origin] = None
                yield self._foreign(time, time, asn, kind, prefix, origin, words)

    def _wording(self, prefix: Prefix, cover: Prefix, origin: int, asn: int) -> tuple[Kind, str]:
        if cover != prefix:
            return Kind.HIJACK_SUSPECTED, f"more specific than a prefix of AS{asn}, announced by AS{origin}"
        standing = self.standings[asn]
        if standing.prefixes.get(prefix):
            return Kind.MULTIPLE_ORIGINS, f"announced by AS{origin} as well"
        if prefix in standing.prefixes:
            standing.gone.add(prefix)
            self.due.pop(Timer(Due.PREFIX, asn, prefix), None)
        return Kind.ORIGIN_CHANGED, f"announced by AS{origin}, and not by AS{asn}"

    # ---------------------------------------------------------------------------------------- after a while

    def _wait(self, timer: Timer, since: int, hold: int = HOLD) -> None:
        """Looks at it again after ``hold``; what waits already goes on waiting."""
        if timer not in self.due:
            self.look_again(timer, since + hold, since)

    def _queue_up(self, when: int, timer: Timer) -> None:
        if len(self._queue) > 2 * len(self.due) + 1000:
            self._queue.clear()
            for each, (at, _) in self.due.items():
                if each != timer:
                    self._queue_up(at, each)
        self._count_queued += 1
        heapq.heappush(self._queue, (when, self._count_queued, timer))

    def _ripe_turn(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        standing = self.standings[timer.asn]
        actual = _actual(standing)
        if actual is not None and actual is not standing.status:
            uplink = next(iter(standing.uplinks.counts), None) if actual is Status.SEEN else None
            yield from self._turn(time, since, standing, actual, None, uplink)

    def _ripe_gain(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        standing, uplink = self.standings[timer.asn], timer.subject
        assert isinstance(uplink, int)
        if uplink in standing.uplinks and uplink not in standing.told_uplinks:
            yield self._gained(time, since, standing, None, uplink)

    def _ripe_loss(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        standing, uplink = self.standings[timer.asn], timer.subject
        assert isinstance(uplink, int)
        if standing.counted() and uplink not in standing.uplinks and uplink in standing.told_uplinks:
            yield self._lost(time, since, standing, uplink)

    def _ripe_level(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        standing = self.standings[timer.asn]
        dropped = _level(standing)
        if standing.status is not Status.SEEN or dropped is standing.dropped:
            return
        standing.dropped = dropped
        counted = standing.counted()
        kind = Kind.VISIBILITY_DROPPED if dropped else Kind.VISIBILITY_RESTORED
        words = f"{len(standing.peers)} of {counted} peers have a route; usually {standing.usual:.0%}"
        yield self._event(time, since, standing, kind, words)

    def _ripe_prefix(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        standing, prefix = self.standings[timer.asn], timer.subject
        assert isinstance(prefix, tuple)
        own: Prefix = prefix  # type: ignore[assignment]
        if standing.prefixes.get(own) or own in standing.gone or standing.status is not Status.SEEN:
            return
        counted = standing.counted(own)
        if not counted:
            return
        standing.gone.add(own)
        others = [origin for origin in self.claims.origins(own) if (own, origin) in self.claims.told]
        for origin in others:
            words = f"announced by AS{origin}, and not by AS{standing.asn} any more"
            yield self._foreign(time, since, standing.asn, Kind.ORIGIN_CHANGED, own, origin, words)
        if not others:
            words = f"not seen from AS{standing.asn} by any of {counted} peers"
            yield self._event(time, since, standing, Kind.PREFIX_GONE, words, prefix=own)

    def _ripe_claim(self, time: int, since: int, timer: Timer) -> Iterator[Event]:
        assert isinstance(timer.subject, tuple)
        prefix, origin = timer.subject
        claim: tuple[Prefix, int] = (prefix, origin)  # type: ignore[assignment]
        if self.claims.heard(*claim) or claim not in self.claims.told:
            return
        del self.claims.told[claim]
        cover = self.claims.within(claim[0])
        for asn in self.claims.owners(cover, self.asns) if cover else ():
            words = f"no longer announced by AS{claim[1]}, as far as seen"
            yield self._foreign(time, since, asn, Kind.OTHER_ORIGIN_GONE, claim[0], claim[1], words)

    # ------------------------------------------------------------------------------------------------ events

    def _event(
        self,
        time: int,
        since: int,
        standing: Standing,
        kind: Kind,
        words: str,
        *,
        prefix: Prefix | None = None,
        uplink: int | None = None,
    ) -> Event:
        of_prefix = kind in (Kind.PREFIX_NEW, Kind.PREFIX_GONE, Kind.PREFIX_BACK)
        share, counted = standing.visibility(prefix if of_prefix else None)
        return Event(time, since, standing.asn, kind, prefix, uplink, None, share, counted, words)

    def _foreign(
        self, time: int, since: int, asn: int, kind: Kind, prefix: Prefix, origin: int, words: str
    ) -> Event:
        counted, having = self.standings[asn].counted(prefix), self.claims.having(prefix, origin)
        share = min(1.0, having / counted) if counted else None
        return Event(time, since, asn, kind, prefix, None, origin, share, counted, words)

    def _sample(self, time: int, standing: Standing) -> None:
        if self.began:
            self.samples.append(Sample(time, standing.asn, standing.visibility()[0]))


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


def _network(asn: int | None) -> str:
    return "an unknown neighbour" if asn is None else f"AS{asn}"


_RIPE: dict[Due, Callable[[Watch, int, int, Timer], Iterator[Event]]] = {
    Due.TURN: Watch._ripe_turn,
    Due.GAIN: Watch._ripe_gain,
    Due.LOSS: Watch._ripe_loss,
    Due.LEVEL: Watch._ripe_level,
    Due.PREFIX: Watch._ripe_prefix,
    Due.CLAIM: Watch._ripe_claim,
}

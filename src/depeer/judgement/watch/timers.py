"""What is to be looked at again later: a change that waits until it has lasted."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from depeer.judgement.watch.events import Prefix

HOLD = 180_000_000
"""µs that a change has to last; path exploration is over within three minutes nearly always (Labovitz 2000)."""
SILENCE = 3_600_000_000
"""µs that it has to last where sessions broke and nobody withdrew anything."""

Claim = tuple[Prefix, int]
"""A prefix and an origin of it."""
Subject = int | Prefix | Claim | None


class Due(StrEnum):
    """What is to be looked at again later."""

    TURN = "turn"
    GAIN = "gain"
    LOSS = "loss"
    LEVEL = "level"
    PREFIX = "prefix"
    CLAIM = "claim"


class Timer(NamedTuple):
    """``subject`` is an uplink, a prefix, or a prefix and an origin, by what is due."""

    what: Due
    asn: int
    subject: Subject = None

    @property
    def uplink(self) -> int:
        """Raises TypeError where the subject is another; so do the next two."""
        match self.subject:
            case int() as uplink:
                return uplink
        raise TypeError(f"{self.subject!r} is no uplink")

    @property
    def prefix(self) -> Prefix:
        match self.subject:
            case (bytes() as first, int() as length):
                return first, length
        raise TypeError(f"{self.subject!r} is no prefix")

    @property
    def claim(self) -> Claim:
        match self.subject:
            case ((bytes() as first, int() as length), int() as origin):
                return (first, length), origin
        raise TypeError(f"{self.subject!r} is no prefix with its origin")


@dataclass(slots=True)
class Timers:
    """``due``: when to look again, and since when what is looked at has been so."""

    due: dict[Timer, tuple[int, int]] = field(default_factory=dict)
    _queue: list[tuple[int, int, Timer]] = field(default_factory=list)
    """A heap of what is in ``due``, and of what was: an entry counts if ``due`` has the same time."""
    _count_queued: int = 0

    def wait(self, timer: Timer, since: int, hold: int = HOLD) -> None:
        """Looks at it again after ``hold``; what waits already goes on waiting."""
        if timer not in self.due:
            self.look_again(timer, since + hold, since)

    def look_again(self, timer: Timer, when: int, since: int) -> None:
        self.due[timer] = (when, since)
        self._queue_up(when, timer)

    def drop(self, timer: Timer) -> None:
        self.due.pop(timer, None)

    def ripe(self, time: int) -> Iterator[tuple[int, int, Timer]]:
        """When each was due, since when it has been so, and what: all that are due by ``time``, those included that
        come up meanwhile."""
        while self._queue and self._queue[0][0] <= time:
            when, _, timer = heapq.heappop(self._queue)
            due, since = self.due.get(timer, (None, 0))
            if due == when:
                del self.due[timer]
                yield when, since, timer

    def _queue_up(self, when: int, timer: Timer) -> None:
        if len(self._queue) > 2 * len(self.due) + 1000:
            self._queue.clear()
            for each, (at, _) in self.due.items():
                if each != timer:
                    self._queue_up(at, each)
        self._count_queued += 1
        heapq.heappush(self._queue, (when, self._count_queued, timer))

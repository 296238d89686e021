"""How one watched network stands: which peers have a route to it, through whom, and what was told of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from depeer.judgement.watch.events import Prefix, is_six

Key = TypeVar("Key")


class Status(StrEnum):
    UNSEEN = "unseen"
    SEEN = "seen"
    OFFLINE = "offline"


@dataclass(slots=True)
class Tally(Generic[Key]):
    """Counts that vanish at zero."""

    counts: dict[Key, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.counts)

    def __contains__(self, key: Key) -> bool:
        return key in self.counts

    def add(self, key: Key, by: int) -> None:
        count = self.counts.get(key, 0) + by
        if count > 0:
            self.counts[key] = count
        else:
            self.counts.pop(key, None)


@dataclass(slots=True)
class Standing:
    """Peers are small numbers. ``prefixes`` are all that it was seen to originate, those gone with an empty tally."""

    asn: int
    status: Status = Status.UNSEEN
    since: int = 0
    peers: Tally[int] = field(default_factory=Tally)
    prefixes: dict[Prefix, Tally[int]] = field(default_factory=dict)
    families: set[bool] = field(default_factory=set)
    """Of its prefixes: whether IPv6."""
    gone: set[Prefix] = field(default_factory=set)
    uplinks: Tally[int] = field(default_factory=Tally)
    told_uplinks: set[int] = field(default_factory=set)
    """What is said to be an uplink now."""
    known_uplinks: set[int] = field(default_factory=set)
    informed: dict[bool, set[int]] = field(default_factory=lambda: {False: set(), True: set()})
    """By IPv6 or not, peers of which it is known whether they have a route to it."""
    usual: float = 0.0
    """Highest visibility since it came, or came back."""
    dropped: bool = False
    absence_told: bool = False
    turns: list[int] = field(default_factory=list)
    """When it went or came back, lately."""

    def informs(self, peer: int, six: bool) -> None:
        self.informed[six].add(peer)

    def having(self, prefix: Prefix) -> Tally[int]:
        """Peers with a route to this prefix from it; from now on it is one of its prefixes."""
        if prefix not in self.prefixes:
            self.prefixes[prefix] = Tally()
            self.families.add(is_six(prefix))
        return self.prefixes[prefix]

    def forget(self, peer: int) -> None:
        for peers in self.informed.values():
            peers.discard(peer)

    def counted(self, prefix: Prefix | None = None) -> int:
        """Peers that tell whether they have a route to ``prefix``, or to anything of it in its families."""
        if prefix is not None:
            return len(self.informed[is_six(prefix)])
        four, six = self.informed[False], self.informed[True]
        if self.families == {True}:
            return len(six)
        return len(four | six) if True in self.families else len(four)

    def visibility(self, prefix: Prefix | None = None) -> tuple[float | None, int]:
        """Share of the counted peers that have a route, and how many are counted."""
        counted = self.counted(prefix)
        having = self.peers if prefix is None else self.prefixes.get(prefix, Tally())
        return (min(1.0, len(having) / counted) if counted else None), counted

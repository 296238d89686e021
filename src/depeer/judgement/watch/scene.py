"""What is known of the networks watched, and how an event about them is worded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from depeer.judgement.watch.claims import Claims
from depeer.judgement.watch.events import Event, Kind, Prefix
from depeer.judgement.watch.standing import Standing
from depeer.judgement.watch.timers import Timers


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


@dataclass(slots=True)
class Scene:
    """``prefixes``: watched even while nobody is seen to originate them."""

    asns: tuple[int, ...]
    prefixes: tuple[Prefix, ...] = ()
    began: bool = False
    """Whether an update has come; tables before that tell what is there already, and raise nothing."""
    standings: dict[int, Standing] = field(init=False)
    claims: Claims = field(default_factory=Claims)
    timers: Timers = field(default_factory=Timers)
    samples: list[Sample] = field(default_factory=list)
    """Visibility at each change, since the list was last emptied by whoever wants it."""

    def event(
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

    def foreign(
        self, time: int, since: int, asn: int, kind: Kind, prefix: Prefix, origin: int, words: str
    ) -> Event:
        counted, having = self.standings[asn].counted(prefix), self.claims.having(prefix, origin)
        share = min(1.0, having / counted) if counted else None
        return Event(time, since, asn, kind, prefix, None, origin, share, counted, words)

    def sample(self, time: int, standing: Standing) -> None:
        if self.began:
            self.samples.append(Sample(time, standing.asn, standing.visibility()[0]))


def network(asn: int | None) -> str:
    return "an unknown neighbour" if asn is None else f"AS{asn}"

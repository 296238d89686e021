"""Who originates watched space: the networks watched, those that always did, and others."""

from __future__ import annotations

from dataclasses import dataclass, field

from depeer.judgement.watch.events import Prefix, depth, is_six
from depeer.judgement.watch.standing import Tally

Having = Tally[int]
CLAIMS = 200_000
"""Pairs of prefix and foreign origin of which is remembered that they were there, or were told."""


@dataclass(slots=True)
class Claims:
    """``usual`` holds what the tables had before the first update, ``told`` what events have told of."""

    owned: dict[Prefix, dict[int, None]] = field(default_factory=dict)
    """Watched prefixes, and the watched networks that were seen to originate them."""
    others: dict[Prefix, dict[int, Having]] = field(default_factory=dict)
    usual: dict[tuple[Prefix, int], None] = field(default_factory=dict)
    told: dict[tuple[Prefix, int], None] = field(default_factory=dict)
    _covers: dict[Prefix, Prefix | None] = field(default_factory=dict)
    """What `within` has found lately."""
    _depths: dict[bool, list[int]] = field(default_factory=lambda: {False: [], True: []})

    def own(self, prefix: Prefix, asn: int | None) -> None:
        if prefix not in self.owned:
            self.owned[prefix] = {}
            self._covers.clear()
            depths = self._depths[is_six(prefix)]
            if depth(prefix) not in depths:
                depths.append(depth(prefix))
                depths.sort(reverse=True)
        if asn is not None:
            self.owned[prefix][asn] = None

    def owners(self, prefix: Prefix, named: tuple[int, ...]) -> tuple[int, ...]:
        """Whose events a watched prefix makes: of those seen to originate it, else of the network named first."""
        if prefix not in self.owned:
            return ()
        return tuple(self.owned[prefix]) or named[:1]

    def within(self, prefix: Prefix) -> Prefix | None:
        """The prefix itself if it is watched, else the longest watched one that covers it."""
        if prefix not in self._covers:
            if len(self._covers) >= CLAIMS:
                self._covers.clear()
            self._covers[prefix] = self._cover(prefix)
        return self._covers[prefix]

    def _cover(self, prefix: Prefix) -> Prefix | None:
        own, address = depth(prefix), int.from_bytes(prefix[0])
        for deep in self._depths[is_six(prefix)]:
            if deep <= own:
                cover = ((address >> (128 - deep) << (128 - deep)).to_bytes(16), prefix[1] - (own - deep))
                if cover in self.owned:
                    return cover
        return None

    def count(self, prefix: Prefix, origin: int | None, peer: int, by: int) -> None:
        if origin is None or (by > 0 and self.within(prefix) is None):
            return
        own = self.others.setdefault(prefix, {})
        having = own.setdefault(origin, Having())
        having.add(peer, by)
        if not having:
            del own[origin]
        if not own:
            del self.others[prefix]

    def heard(self, prefix: Prefix, origin: int) -> bool:
        return origin in self.others.get(prefix, ())

    def having(self, prefix: Prefix, origin: int) -> int:
        return len(self.others.get(prefix, {}).get(origin, ()))

    def origins(self, prefix: Prefix) -> list[int]:
        return sorted(self.others.get(prefix, ()))

    def first(self, prefix: Prefix, origin: int, began: bool) -> bool:
        """Whether this is to be told: neither was there from the beginning nor told already."""
        claim = (prefix, origin)
        if not began and len(self.usual) < CLAIMS:
            self.usual[claim] = None
        return began and claim not in self.usual and claim not in self.told and len(self.told) < CLAIMS

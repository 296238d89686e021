"""What the picture of a network's uplinks shows: of all that can carry its routes upward, those worth a name.

Uplinks are named, members of the isolating set, and of the rest those with most links from below; what is left over
in a layer is counted as one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from depeer.routing.uphill import Uphill

UPLINKS, MIDDLE, TOP = 60, 9, 24
"""Networks named next to the target, in each layer further up, and at the top."""
TOP_LAYER = 4
BESIDE = 12
"""Links between networks of one layer that are drawn; more would hide the others."""


@dataclass(frozen=True, slots=True)
class Seen:
    """In how many of a file's vantage points routes led through an uplink, and when it was seen first and last."""

    vantages: int
    of: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about the climb: by which file, what was seen, which set is shown, which uplinks are cut."""

    snapshot: str | None = None
    day: date | None = None
    at: date | None = None
    """The day that was asked about."""
    seen: Mapping[int, Seen] | None = None
    isolating: Collection[int] = ()
    severed: Collection[int] = ()
    named_in: int | None = None
    """The year of the names, where that is not the year that was asked about."""
    simulated: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One network, or ``count`` of them that are not named (then ``asn`` is None)."""

    key: int
    layer: int
    asn: int | None
    count: int = 1
    at_top: bool = False


@dataclass(frozen=True, slots=True)
class Climb:
    """``links`` by the keys of members, lower end first, each with its kind (``routing.uphill``), or ``some`` where
    it stands for links of several networks; ``beside``: those within a layer."""

    asn: int
    members: tuple[Member, ...]
    links: tuple[tuple[int, int, str], ...]
    beside: tuple[tuple[int, int, str], ...]
    question: Question
    apart: int
    """Links within a layer, or back, that are not drawn."""

    @property
    def named(self) -> tuple[int, ...]:
        """AS numbers of which the picture can say the name."""
        return tuple(member.asn for member in self.members if member.asn is not None)


def climb(way: Uphill, question: Question) -> Climb:
    """The named and the counted, and the links between them. Layers: 0 the target, 1 those next to it, 2 those above
    these, 3 all further up, 4 those at the top that stand no nearer."""
    way = _flattened(way)
    shown = _named(way, question)
    key = {asn: asn if asn in shown else -layer for asn, layer in way.layer.items()}
    counts: dict[int, int] = {}
    for place in key.values():
        counts[place] = counts.get(place, 0) + 1
    members = [
        Member(asn, layer, asn, 1, asn in way.top) for asn, layer in way.layer.items() if asn in shown
    ] + [
        Member(place, -place, None, count, -place == TOP_LAYER)
        for place, count in counts.items()
        if place < 0
    ]
    up = [
        (key[low], key[high], kind if low in shown and high in shown else "some")
        for low, high, kind in way.links
        if way.layer[low] < way.layer[high]
    ]
    level = [
        link for link in way.links if way.layer[link[0]] == way.layer[link[1]] <= 2 and {*link[:2]} <= shown
    ]
    beside = tuple(level if len(level) <= BESIDE else ())
    ordered = sorted(members, key=lambda member: (member.layer, member.asn is None, member.key))
    apart = len(way.links) - len(up) - len(beside)
    return Climb(way.asn, tuple(ordered), tuple(dict.fromkeys(up)), beside, question, apart)


def _flattened(way: Uphill) -> Uphill:
    """Ways up can be twenty networks long: what matters of them is who is near, and who is at the top."""
    layer = {
        asn: TOP_LAYER if steps > 1 and asn in way.top else min(steps, TOP_LAYER - 1)
        for asn, steps in way.layer.items()
    }
    return replace(way, layer=layer)


def _named(way: Uphill, question: Question) -> set[int]:
    """The target, and of each layer those that matter most, as many as it has room for."""
    layers: dict[int, list[int]] = {}
    for asn, layer in way.layer.items():
        layers.setdefault(layer, []).append(asn)
    shown = set(layers[0])
    peers = {high for low, high, kind in way.links if low == way.asn and kind == "peer"}
    for depth in sorted(layers)[1:]:
        room = {1: UPLINKS, TOP_LAYER: TOP}.get(depth, MIDDLE)
        below = _from_below((low, high) for low, high, _ in way.links if low in shown)
        ranked = sorted(
            layers[depth], key=lambda asn: (*_weight(asn, question, peers), -below.get(asn, 0), asn)
        )
        shown.update(ranked if len(ranked) == room + 1 else ranked[:room])
    return shown


def _weight(asn: int, question: Question, peers: Collection[int]) -> tuple[bool, bool, bool]:
    """First what the answer names, then who is paid to carry the routes, then what was seen."""
    named = asn in question.isolating or asn in question.severed
    return not named, asn in peers, asn not in (question.seen or {})


def _from_below(links: Iterable[tuple[int, int]]) -> dict[int, int]:
    count: dict[int, int] = {}
    for _, high in links:
        count[high] = count.get(high, 0) + 1
    return count

"""Who could cut a network off, how sure that is, and what was seen of it on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from depeer.charts import numbers, theme
from depeer.charts.content import Figures, Part, Picture
from depeer.charts.theme import NARROW, WIDE
from depeer.charts.uplinks.climb import Climb
from depeer.charts.uplinks.picture import uplinks_spec
from depeer.charts.visibility import Curve, Mark, visibility_spec
from depeer.judgement.cut import Cut
from depeer.measures.next_uplink import Likely
from depeer.measures.offline import Offline
from depeer.model import Estimate, Snapshot

SETS, MARKS, NAMED = 6, 60, 6
"""Sets, events, and networks of one set that are shown."""
_GRADES = {
    "everyone": "everyone beyond its own",
    "top": "all networks at the top",
    "share": "99 % of the networks",
}


@dataclass(frozen=True, slots=True)
class Severed:
    """The judgement of a cut (of the smallest set that is all uplinks, where there is one), and what it rests on."""

    cut: Cut
    relationships: Snapshot
    offline: Offline
    next_uplinks: tuple[Likely, ...]
    climb: Climb
    drawn: Mapping[int, str | None]
    """Names for the picture, which says of what year they are."""
    names: Mapping[int, str]
    """The same for sentences, with the year in them where it is another one."""


def cut_part(asn: int, found: Severed, simulated: bool) -> Part:
    """Sets, P(offline), who else falls, and the picture."""
    called = _who(asn, found.names)
    pictures = []
    wide, narrow = (uplinks_spec(found.climb, found.drawn, width) for width in (WIDE, NARROW))
    if wide and narrow:
        pictures.append(
            Picture(theme.heading(f"Who can carry the routes of {called}", simulated), wide, narrow)
        )
    days = (found.climb.question.at - found.relationships.day).days if found.climb.question.at else 0
    old = f"inferred {numbers.distance(days)} than the event" if days else "inferred as of that day"
    caution = (
        f"By {found.relationships.id} ({old}). Such files miss backup links, so none of this is a promise."
    )
    return Part(
        f"Who could cut off {called}",
        _answer(found),
        tuple(_outlook(found)),
        _sets(found),
        tuple(pictures),
        (caution,),
    )


def no_cut_part(asn: int, name: str | None, why: str) -> Part:
    return Part(f"Who could cut off AS{asn} {name or ''}".strip(), f"Nothing can be said: {why}")


def _answer(found: Severed) -> str:
    cut = found.cut
    if cut.at_top:
        return "It stands at the top itself: no set of networks isolates it."
    if not cut.isolating_sets:
        return "No set of networks that isolates it was found."
    smallest = cut.isolating_sets[0]
    who = _all(smallest.asns, found.names)
    many = "network" if len(smallest.asns) == 1 else "networks"
    return (
        f"The smallest set has {len(smallest.asns)} {many}: {who}. If they refuse its routes, "
        f"{smallest.reach_after:,} of the {cut.reach_before:,} networks that can hear it still do."
    )


def _outlook(found: Severed) -> list[str]:
    said = []
    if found.cut.without:
        who = _all(found.cut.without, found.names)
        now, later = found.offline.now, found.offline.later
        said.append(
            f"If {who} stop carrying it: offline at once with probability {_chance(now)}, after "
            f"{found.offline.days:.0f} days {_chance(later)}. Wide, since links that no file shows may carry it."
        )
    if found.next_uplinks:
        likely = ", ".join(f"{_who(one.asn, found.names)} ({one.chance:.0%})" for one in found.next_uplinks)
        said.append(f"Likely next uplinks, were it to look for one: {likely}.")
    harm = found.cut.collateral
    said.append(
        "Nobody else would fall with it."
        if not harm.networks
        else f"{harm.networks:,} other networks would lose the top with it, the largest: "
        + ", ".join(_who(loss.asn, found.names) for loss in harm.fallen[:5])
        + "."
    )
    return said


def _chance(found: Estimate) -> str:
    return f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"


def _sets(found: Severed) -> tuple[Figures, ...]:
    shown = found.cut.isolating_sets[:SETS]
    if not shown:
        return ()
    rows = tuple((_all(one.asns, found.names), _GRADES[one.grade], f"{one.reach_after:,}") for one in shown)
    columns = (("networks that refuse", False), ("isolated from", False), ("still hear it", True))
    more = "" if found.cut.complete else "; there are more of the same size"
    return (Figures(f"Smallest sets whose refusal isolates it{more}", columns, rows),)


def _all(asns: Sequence[int], names: Mapping[int, str]) -> str:
    shown = ", ".join(_who(asn, names) for asn in asns[:NAMED])
    return shown if len(asns) <= NAMED else f"{shown} and {len(asns) - NAMED:,} more"


def _who(asn: int, names: Mapping[int, str]) -> str:
    return f"AS{asn} {names.get(asn, '')}".strip()


# ------------------------------------------------------------------------------------------------ on the wire


def seen_part(asn: int, name: str | None, curve: Curve, simulated: bool) -> Part:
    """Visibility over time and what was told; a network that no watch covers says how to have one."""
    own = curve.of(asn)
    title = f"AS{asn} {name or ''}".strip() + " on the wire"
    called = {asn: name} if name else {}
    wide, narrow = (visibility_spec(own, called, width, simulated) for width in (WIDE, NARROW))
    if wide is None or narrow is None:
        nothing = (
            f"No watch that was given to this page saw it. To have one: depeer watch AS{asn} FILE… --state STATE, "
            "then --watched STATE."
        )
        return Part(title, nothing)
    label = theme.heading(f"Share of peers with a route to AS{asn} over time", simulated)
    figures = (_told(own.events),) if own.events else ()
    peers = max((mark.peers for mark in own.events), default=0)
    said = (
        "Seen by route collectors, at most "
        f"{peers} of whose peers could tell. That none of them has a route is not proof that it was off."
        if peers
        else "Seen by route collectors.",
    )
    return Part(title, "", said, figures, (Picture(label, wide, narrow),))


def _told(marks: list[Mark]) -> Figures:
    columns = (
        ("when (UTC)", False),
        ("what", False),
        ("through or by", False),
        ("visibility", True),
        ("peers", True),
    )
    rows = tuple(_mark(mark) for mark in marks[:MARKS])
    more = f"; {len(marks) - MARKS:,} more" if len(marks) > MARKS else ""
    return Figures(f"What was told{more}", columns, rows)


def _mark(mark: Mark) -> tuple[str, ...]:
    when = datetime.fromtimestamp(mark.time // 1_000_000, UTC)
    other = mark.origin if mark.origin is not None else mark.uplink
    seen = numbers.UNKNOWN if mark.visibility is None else f"{mark.visibility:.0%}"
    return f"{when:%Y-%m-%d %H:%M}", mark.what, "" if other is None else f"AS{other}", seen, f"{mark.peers:,}"

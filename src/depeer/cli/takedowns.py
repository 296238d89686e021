"""``--takedown DATE[=ASN]``: the verbs ``effect`` and ``cut``, in this order, for each intervention of a report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from depeer.charts.takedown.cut import Severed
    from depeer.verbs.effect import Answer
    from depeer.verbs.report import Intervention

FEW = 8
"""Uplinks beyond which nobody would try to move all of them, so nothing is said of that."""
Move = Callable[[int, int | None, str], None]


def parsed(takedowns: tuple[str, ...]) -> dict[date, tuple[int, ...]]:
    """By day the networks that were named. Raises BadUsage for anything but ``DATE`` and ``DATE=ASN,ASN``."""
    from depeer.errors import BadUsage
    from depeer.model import parse_asn

    events: dict[date, tuple[int, ...]] = {}
    for text in takedowns:
        day, _, networks = text.partition("=")
        try:
            when = date.fromisoformat(day)
        except ValueError:
            raise BadUsage(
                f"--takedown {text!r} is not DATE or DATE=ASN, such as 2008-11-12=AS26780"
            ) from None
        named = tuple(parse_asn(part) for part in networks.split(",") if part.strip())
        events[when] = tuple(dict.fromkeys((*events.get(when, ()), *named)))
    return events


def judged(
    lake: Path,
    events: Mapping[date, tuple[int, ...]],
    others: Collection[date],
    series: Path | None,
    move: Move,
) -> tuple[Intervention, ...]:
    """Each with its scorecard, what moved, and the cut of each network, in the light of the ``others`` and of one
    another. What cannot be judged says why."""
    found = []
    for place, (day, asns) in enumerate(events.items()):
        move(place, len(events), f"judging the takedown of {day}")
        near = tuple(sorted({*events, *others} - {day}))
        found.append(_judged(lake, day, asns, near, series))
    return tuple(found)


def _judged(
    lake: Path, day: date, asns: tuple[int, ...], others: tuple[date, ...], series: Path | None
) -> Intervention:
    from depeer.lake.moves import VIEWS
    from depeer.verbs.report import Intervention

    cuts, names = _cuts(lake, day, asns)
    source = series.name if series else "mail in the lake, a day and sensor"
    told = _effect(lake, day, asns, others, series)
    if isinstance(told, str):
        return Intervention(day, asns, source, lacking=told, counted=VIEWS, names=names, cuts=cuts)
    moves = told.moves
    called = {asn: owner.dated for asn, owner in moves.called.items() if owner.dated} if moves else {}
    return Intervention(
        day,
        asns,
        source,
        told.card,
        (told.harm.delivered, told.harm.inbound) if told.harm else None,
        gained=moves.displacement if moves else {},
        counted=VIEWS,
        successions=moves.recurrence.successions if moves else (),
        stood=sum(moves.recurrence.stood.values()) if moves else 0,
        left_off=moves.recurrence.left_off if moves else 0,
        names=called | names,
        cuts=cuts,
    )


def _effect(
    lake: Path, day: date, asns: tuple[int, ...], others: tuple[date, ...], series: Path | None
) -> Answer | str:
    """The answer, or why there is none."""
    from depeer.errors import BadInput, NotFound
    from depeer.verbs.effect import Request, answer

    target = ",".join(f"AS{asn}" for asn in asns) or None
    try:
        return answer(lake, Request(day, series, others=others, target=target))
    except (BadInput, NotFound) as error:
        return str(error)


def _cuts(lake: Path, day: date, asns: tuple[int, ...]) -> tuple[dict[int, Severed | str], dict[int, str]]:
    """By network the cut of the smallest set that is all its own uplinks, or why there is none; and names."""
    from depeer.charts.takedown.cut import Severed
    from depeer.errors import NotFound
    from depeer.verbs.cut import cut

    found: dict[int, Severed | str] = {}
    names: dict[int, str] = {}
    for asn in asns:
        try:
            whole = cut(lake, asn, day)
            uplinks = {one.asn for one in whole.cut.uplinks}
            sets = [
                one.asns
                for one in whole.cut.isolating_sets
                if uplinks.issuperset(one.asns) and len(one.asns) <= FEW
            ]
            told = cut(lake, asn, day, sets[0]) if sets else whole
        except NotFound as error:
            found[asn] = str(error)
            continue
        called = {number: name for number, name in told.climbed.names.items() if name}
        called |= {number: owner.dated for number, owner in told.called.items() if owner.dated}
        names |= called
        found[asn] = Severed(
            told.cut,
            told.relationships,
            told.offline,
            told.next_uplinks,
            whole.climbed.climb,
            whole.climbed.names,
            called,
        )
    return found, names

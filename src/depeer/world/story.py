"""What happens hour by hour: who can reach whom, which botnets have orders, how much each sends.

Everything here is an expectation: no chance, only the scenario. A world "without" an intervention is the same
scenario with its events taken out, so the true effect is a difference of two worlds and nobody's estimate.

A botnet's *control* is the share of its controllers that the Internet reaches. Its *level* follows: down within
``hold_hours`` (bots run out of orders), up within ``rejoin_hours``, never above a ceiling, which a move to new
controllers sets (only some machines find them) and which then grows. Volume lost by control is partly taken over
by other botnets (displacement), after a plateau.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depeer.world.nouns import Link
from depeer.world.scenario import (
    BotnetPart,
    DisplacementPart,
    EventPart,
    NetworkPart,
    Scenario,
    intervention_of,
    operator_of,
)

Floats = NDArray[np.float64]
TAKEOVER_HOURS = 1
"""After the last provider is lost, until a dormant uplink carries."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A controller in one place: index ``slot`` of its botnet, in ``asn`` (None: drawn elsewhere, never cut)."""

    botnet: str
    slot: int
    asn: int | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """Expected output of each botnet for each hour, in the scenario's units of volume a day."""

    botnets: tuple[str, ...]
    own: Floats
    """(botnets, hours): what each sends for its own customers."""
    gained: Floats
    """(botnets, hours): what it took over from silenced ones."""
    level: Floats
    """(botnets, hours): the share of its machines that have orders."""
    control: Floats
    """(botnets, hours): the share of its controllers that are reached."""
    reach: Mapping[int, Floats]
    """By network named in the scenario: the share of the Internet that reaches it, by hour."""

    @property
    def output(self) -> Floats:
        return np.asarray(self.own + self.gained)


def all_events(scenario: Scenario) -> tuple[EventPart, ...]:
    """In order of time."""
    return tuple(sorted(scenario.events, key=lambda event: event.on))


def without(scenario: Scenario, intervention: str) -> tuple[EventPart, ...]:
    """All events but those of one intervention."""
    kept = (e for i, e in enumerate(scenario.events) if intervention_of(i, e) != intervention)
    return tuple(sorted(kept, key=lambda event: event.on))


def of(scenario: Scenario, intervention: str) -> tuple[EventPart, ...]:
    """The events of one intervention."""
    kept = (e for i, e in enumerate(scenario.events) if intervention_of(i, e) == intervention)
    return tuple(sorted(kept, key=lambda event: event.on))


def run(scenario: Scenario, events: Sequence[EventPart]) -> Story:
    """The world's hours under these events."""
    reach = {one.asn: _reach(scenario, one, events) for one in scenario.networks}
    parts = [_botnet(scenario, botnet, reach, events) for botnet in scenario.botnets]
    control, level, own, lost = (np.array(rows) for rows in zip(*parts, strict=True))
    names = tuple(botnet.name for botnet in scenario.botnets)
    return Story(names, own, _displaced(scenario, level, lost), level, control, reach)


# ---------------------------------------------------------------------------------------- the Internet


def links(network: NetworkPart, events: Sequence[EventPart]) -> list[Link]:
    """The uplinks of a named network with the times at which they stand; None is 'from' or 'to the end'."""
    returned = [e.uplink for e in events if e.kind == "returns" and e.network == network.asn and e.uplink]
    return [
        Link(
            uplink,
            network.asn,
            peer=uplink in network.peers,
            hidden=uplink in network.hidden,
            dormant=uplink in network.dormant,
            since=since,
            until=until,
        )
        for uplink in dict.fromkeys((*network.uplinks, *returned))
        for since, until in _spans(network, uplink, events)
    ]


def _spans(
    network: NetworkPart, uplink: int, events: Sequence[EventPart]
) -> list[tuple[datetime | None, datetime | None]]:
    """When this uplink stands, by the events that touch it."""
    spans: list[tuple[datetime | None, datetime | None]] = []
    up, since = uplink in network.uplinks, None
    for moment, now in sorted(_switches(network, uplink, events)):
        if now and not up:
            since = moment
        elif up and not now:
            spans.append((since, moment))
        up = now
    return [*spans, (since, None)] if up else spans


def _switches(network: NetworkPart, uplink: int, events: Sequence[EventPart]) -> list[tuple[datetime, bool]]:
    changes: list[tuple[datetime, bool]] = []
    for event in events:
        if event.network != network.asn:
            continue
        if event.kind == "withdrawn" or (event.kind == "uplink-cuts" and event.uplink == uplink):
            changes.append((event.on, False))
        elif event.kind == "returns" and event.uplink == uplink:
            changes.append((event.on, True))
            changes += [(event.until, False)] if event.until else []
    return changes


def _reach(scenario: Scenario, network: NetworkPart, events: Sequence[EventPart]) -> Floats:
    """By hour: 1 with a provider (or, an hour later, a dormant one), ``peer_reach`` with peers only, else 0.

    An hour counts by the share of it in which a link stood.
    """
    if not network.uplinks:
        return np.ones(scenario.days * 24)
    every = links(network, events)
    first = _standing(scenario, [link for link in every if not link.peer and not link.dormant])
    peers = _standing(scenario, [link for link in every if link.peer])
    spare = _standing(scenario, [link for link in every if link.dormant])
    late = np.concatenate([1 - first[:1], 1 - first[:-TAKEOVER_HOURS]])
    full = np.minimum(first + spare * np.minimum(late, 1 - first), 1)
    return np.asarray(np.maximum(full, peers * network.peer_reach))


def _standing(scenario: Scenario, some: Sequence[Link]) -> Floats:
    """The share of each hour in which the best of these links stands."""
    best = np.zeros(scenario.days * 24)
    edges = np.arange(scenario.days * 24)
    for link in some:
        start = 0.0 if link.since is None else (link.since - scenario.begins) / timedelta(hours=1)
        stop = np.inf if link.until is None else (link.until - scenario.begins) / timedelta(hours=1)
        best = np.maximum(best, np.clip(np.minimum(edges + 1, stop) - np.maximum(edges, start), 0, 1))
    return best


# ------------------------------------------------------------------------------------------- botnets


def stays(scenario: Scenario, botnet: BotnetPart, events: Sequence[EventPart]) -> list[Stay]:
    """Where each controller of a botnet stands, and when."""
    moves = [e for e in events if e.kind == "controller-moves" and e.botnet == botnet.name]
    homes = [botnet.at[i % len(botnet.at)] if botnet.at else None for i in range(botnet.controllers)]
    times = [scenario.begins, *(m.on for m in moves), scenario.ends]
    made = []
    for step, (since, until) in enumerate(pairwise(times)):
        places = homes if step == 0 else [moves[step - 1].to] * botnet.controllers
        made += [Stay(botnet.name, slot, asn, since, until) for slot, asn in enumerate(places)]
    return made


def _control(
    scenario: Scenario, botnet: BotnetPart, reach: Mapping[int, Floats], events: Sequence[EventPart]
) -> Floats:
    total = np.zeros(scenario.days * 24)
    for stay in stays(scenario, botnet, events):
        start, stop = scenario.hour(stay.since), scenario.hour(stay.until)
        total[start:stop] += 1.0 if stay.asn is None else reach[stay.asn][start:stop]
    return np.asarray(total / botnet.controllers)


def _botnet(
    scenario: Scenario, botnet: BotnetPart, reach: Mapping[int, Floats], events: Sequence[EventPart]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Control, level, own output and the output lost for want of control."""
    control = _control(scenario, botnet, reach, events)
    level = _level(scenario, botnet, control, events)
    wanted = botnet.volume * _demand(scenario, botnet, events)
    return control, level, wanted * level, wanted * (1 - level)


def _level(scenario: Scenario, botnet: BotnetPart, control: Floats, events: Sequence[EventPart]) -> Floats:
    moves = {
        scenario.hour(e.on): e.regained
        for e in events
        if e.kind == "controller-moves" and e.botnet == botnet.name
    }
    down, up = 1 - np.exp(-1 / botnet.hold_hours), 1 - np.exp(-1 / botnet.rejoin_hours)
    level, ceiling, grows_from = float(control[0]), 1.0, 0.0
    path = np.empty(len(control))
    for hour, held in enumerate(control):
        if hour in moves:
            ceiling, grows_from = min(ceiling, moves[hour]), hour + botnet.plateau_days * 24
        elif hour >= grows_from:
            ceiling = min(1.0, ceiling * np.exp(botnet.growth / 24))
        target = min(held, ceiling)
        level += (target - level) * (up if target > level else down)
        path[hour] = level
    return path


def _demand(scenario: Scenario, botnet: BotnetPart, events: Sequence[EventPart]) -> Floats:
    """The share of ordinary business that there is: less by a pause, an injunction, seized domains."""
    factor = np.ones(scenario.days * 24)
    for event in events:
        start = max(scenario.hour(event.on), 0)
        stop = scenario.hour(event.until) if event.until else len(factor)
        hours = np.arange(start, min(stop, len(factor)))
        factor[hours] *= 1 - _gone(scenario, botnet, event, (hours - start) / 24)
    return factor


def _gone(scenario: Scenario, botnet: BotnetPart, event: EventPart, age: Floats) -> Floats:
    """The share of a botnet's business that an event takes away, by days since."""
    programmes = [p for p in scenario.programmes if p.name in botnet.programmes]
    lost = (1 - event.level) * np.ones_like(age)
    if event.kind == "pause":
        return lost * (event.botnet == botnet.name)
    if event.kind == "injunction":
        hit = sum(operator_of(p) == event.operator for p in programmes)
        return np.asarray(lost * hit / max(len(programmes), 1))
    seized = [p for p in programmes if event.kind == "domains-seized" and p.name == event.programme]
    return np.asarray(lost * sum(np.exp(-age / p.lifetime_days) / len(programmes) for p in seized))


def _displaced(scenario: Scenario, level: Floats, lost: Floats) -> Floats:
    """(botnets, hours): lost volume that others send instead."""
    part = scenario.displacement
    placed = np.zeros(lost.shape[1])
    for row, missing in zip(level, lost, strict=True):
        placed += part.share * missing * _placed(row, part)
    weights = np.array([part.to.get(b.name, 0.0) if part.to else b.volume for b in scenario.botnets])
    able = weights[:, None] * level
    total = able.sum(axis=0)
    return np.asarray(np.divide(able * placed, total, out=np.zeros_like(able), where=total > 1e-9))


def _placed(level: Floats, part: DisplacementPart) -> Floats:
    """How much of a botnet's lost business has found another sender, by hour: grows while the botnet is silent
    beyond the plateau, and stays (what comes back is no longer lost)."""
    path = np.empty(len(level))
    placed = silent_days = 0.0
    for hour, alive in enumerate(level):
        silent_days = silent_days + 1 / 24 if alive < 0.5 else 0.0
        if silent_days > part.plateau_days:
            placed += (1 - placed) * (1 - np.exp(-part.growth / 24))
        path[hour] = placed
    return path

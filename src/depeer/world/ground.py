"""A scenario as a request for an Internet: which networks must be there, and what happens to their links."""

from __future__ import annotations

from datetime import UTC, datetime, time

from depeer.world.internet_spec import Action, Event, InternetSpec, Pinned
from depeer.world.nouns import Kind, Link
from depeer.world.scenario import EventPart, NetworkPart, Scenario


def spec(scenario: Scenario) -> InternetSpec:
    """The Internet that the scenario asks for; its events are those that touch routes."""
    return InternetSpec(
        networks=scenario.internet.networks,
        epoch=datetime.combine(scenario.start, time(), UTC),
        horizon_days=max(scenario.days, 1),
        pinned=tuple(_pinned(one) for one in scenario.networks),
        links=tuple(
            Link(upper, one.asn, hidden=upper in one.hidden, dormant=upper in one.dormant)
            for one in scenario.networks
            for upper in (*one.hidden, *one.dormant)
        ),
        events=tuple(_events(scenario)),
    )


def _pinned(one: NetworkPart) -> Pinned:
    return Pinned(
        one.asn,
        one.name,
        Kind(one.kind),
        tuple(one.prefixes),
        one.providers,
        one.peers,
        one.country,
        one.owner,
    )


def _events(scenario: Scenario) -> list[Event]:
    """Cuts and returns; a return of an uplink that the network had before restores it, else it is new."""
    had = {one.asn: set(one.uplinks) for one in scenario.networks}
    made: list[Event] = []
    for event in sorted(scenario.events, key=lambda event: event.on):
        if event.network is not None:
            made += _of_route(event, event.network, had[event.network])
    return sorted(made, key=lambda one: one.time)


def _of_route(event: EventPart, network: int, had: set[int]) -> list[Event]:
    if event.kind == "withdrawn":
        return [Event(event.on, Action.CUT, (network,))]
    uplink = event.uplink or 0
    if event.kind == "uplink-cuts":
        return [Event(event.on, Action.CUT, (uplink, network))]
    if event.kind != "returns":
        return []
    back = Event(event.on, Action.RESTORE if uplink in had else Action.ADD, (uplink, network))
    had.add(uplink)
    return [back, Event(event.until, Action.CUT, (uplink, network))] if event.until else [back]

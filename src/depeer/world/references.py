"""Whether a scenario fits together: references lead somewhere, names are unique, dates are possible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from ipaddress import IPv4Network

from depeer.world import strict
from depeer.world.nouns import Kind
from depeer.world.scenario import EVENTS, Scenario, operator_of


def check(scenario: Scenario, source: strict.Source) -> None:
    """References lead somewhere, names are unique, dates are possible. Raises BadInput."""
    if scenario.end < scenario.start:
        raise source.wrong(("to",), f"is {scenario.end}, before the world begins ({scenario.start})")
    if scenario.days > 1_500:
        raise source.wrong(("to",), f"makes {scenario.days} days; a world lasts at most 1,500")
    for key in ("botnets", "sensors"):
        if not getattr(scenario, key):
            raise source.wrong((), f"lacks [[{key}]]: a world needs at least one")
    for key, attribute in (
        ("networks", "asn"),
        ("botnets", "name"),
        ("programmes", "name"),
        ("sensors", "name"),
    ):
        _unique(source, key, attribute, [getattr(one, attribute) for one in getattr(scenario, key)])
    _check_networks(scenario, source)
    _check_botnets(scenario, source)
    _check_sensors(scenario, source)
    _check_events(scenario, source)
    for i, day in enumerate(scenario.internet.snapshots):
        _within(scenario, source, ("internet", "snapshots", i), day)


def _unique(source: strict.Source, key: str, attribute: str, values: Iterable[object]) -> None:
    seen: dict[object, int] = {}
    for i, value in enumerate(values):
        if value in seen:
            raise source.wrong(
                (key, i, attribute), f"is {value!r}, which {key}[{seen[value] + 1}] is already"
            )
        seen[value] = i


def _within(scenario: Scenario, source: strict.Source, path: strict.Path, day: date) -> None:
    if not scenario.start <= day <= scenario.end:
        raise source.wrong(path, f"is {day}, outside of the world ({scenario.start} to {scenario.end})")


def _known(
    source: strict.Source, path: strict.Path, value: object, known: Iterable[object], what: str
) -> None:
    if value not in set(known):
        raise source.wrong(path, f"is {value!r}, but the scenario names no such {what}")


def _check_networks(scenario: Scenario, source: strict.Source) -> None:
    taken: list[tuple[IPv4Network, int]] = []
    asns = [one.asn for one in scenario.networks]
    for i, one in enumerate(scenario.networks):
        if not one.uplinks and one.kind != Kind.TIER1:
            raise source.wrong(("networks", i), f"(AS{one.asn}) has no uplink: name providers or peers")
        for key in ("providers", "peers", "hidden", "dormant"):
            for uplink in getattr(one, key):
                _known(source, ("networks", i, key), uplink, asns, "network")
        for prefix in one.prefixes:
            for other, asn in taken:
                if asn != one.asn and prefix.overlaps(other):
                    raise source.wrong(("networks", i, "prefixes"), f"overlaps {other} of AS{asn}")
            taken.append((prefix, one.asn))


def _check_botnets(scenario: Scenario, source: strict.Source) -> None:
    asns = [one.asn for one in scenario.networks]
    programmes = [one.name for one in scenario.programmes]
    botnets = [one.name for one in scenario.botnets]
    for i, one in enumerate(scenario.botnets):
        for asn in one.at:
            _known(source, ("botnets", i, "at"), asn, asns, "network")
        for programme in one.programmes:
            _known(source, ("botnets", i, "programmes"), programme, programmes, "programme")
        inside = [p for n in scenario.networks if n.asn in one.at for p in n.prefixes]
        for address in one.addresses:
            if not any(address in prefix for prefix in inside):
                raise source.wrong(
                    ("botnets", i, "addresses"), f"has {address}, in none of its networks ('at')"
                )
        if len(one.addresses) > one.controllers:
            raise source.wrong(
                ("botnets", i, "addresses"), f"are more than the {one.controllers} controllers"
            )
    for i, sold in enumerate(scenario.programmes):
        for asn in sold.at:
            _known(source, ("programmes", i, "at"), asn, asns, "network")
    for botnet in scenario.displacement.to:
        _known(source, ("displacement", "to", botnet), botnet, botnets, "botnet")
    if scenario.comments:
        _known(source, ("comments", "botnet"), scenario.comments.botnet, botnets, "botnet")


def _check_sensors(scenario: Scenario, source: strict.Source) -> None:
    botnets = [one.name for one in scenario.botnets]
    for i, one in enumerate(scenario.sensors):
        for key in ("exposure", "filter"):
            for botnet in getattr(one, key):
                _known(source, ("sensors", i, key, botnet), botnet, botnets, "botnet")
        for k, outage in enumerate(one.outages):
            path = ("sensors", i, "outages", k)
            _within(scenario, source, (*path, "from"), outage.start)
            if outage.end < outage.start:
                raise source.wrong((*path, "to"), f"is {outage.end}, before it begins ({outage.start})")
        for k, change in enumerate(one.changes):
            _within(scenario, source, ("sensors", i, "changes", k, "on"), change.on.date())
            if change.botnet is not None:
                _known(source, ("sensors", i, "changes", k, "botnet"), change.botnet, botnets, "botnet")


def _check_events(scenario: Scenario, source: strict.Source) -> None:
    known: dict[str, list[object]] = {
        "network": [one.asn for one in scenario.networks],
        "to": [one.asn for one in scenario.networks],
        "uplink": [one.asn for one in scenario.networks],
        "botnet": [one.name for one in scenario.botnets],
        "programme": [one.name for one in scenario.programmes],
        "operator": [operator_of(one) for one in scenario.programmes],
    }
    for i, event in enumerate(scenario.events):
        path: strict.Path = ("events", i)
        _within(scenario, source, (*path, "on"), event.on.date())
        if event.until is not None and event.until <= event.on:
            raise source.wrong((*path, "until"), f"is {event.until:%Y-%m-%d %H:%M}, not after it begins")
        for key in EVENTS[event.kind]:
            if getattr(event, key) is None:
                raise source.wrong(path, f"is of kind {event.kind!r} and lacks the key {key!r}")
        for key, values in known.items():
            if getattr(event, key) is not None:
                _known(
                    source,
                    (*path, key),
                    getattr(event, key),
                    values,
                    "network" if key in ("to", "uplink") else key,
                )
    _check_cuts(scenario, source)


def _check_cuts(scenario: Scenario, source: strict.Source) -> None:
    """An uplink can be cut only while the network has it."""
    order = sorted(range(len(scenario.events)), key=lambda i: scenario.events[i].on)
    have = {one.asn: set(one.uplinks) for one in scenario.networks}
    for i in order:
        event = scenario.events[i]
        if event.network is None:
            continue
        held = have[event.network]
        if event.kind == "uplink-cuts" and event.uplink not in held:
            raise source.wrong(
                ("events", i, "uplink"), f"is {event.uplink}, no uplink of AS{event.network} then"
            )
        if event.kind == "uplink-cuts":
            held.discard(event.uplink or 0)
        elif event.kind == "withdrawn":
            held.clear()
        elif event.kind == "returns":
            held.add(event.uplink or 0)

"""The truth of a world as one JSON document: what an answer of depeer is held against.

Rates are per announced IPv4 address. ``expected_seen`` is a mean number of distinct addresses that the files
written can show; an interval of a ranking should hold ``expected_seen / addresses``. Effects are expected counts with
all events, and without those of one intervention; no noise is in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depeer.world import populations, sensors, story
from depeer.world.actors import Controller, fallback_names
from depeer.world.draw import World
from depeer.world.scenario import ChangePart, EventPart, SensorPart

Floats = NDArray[np.float64]
FORMAT = 2


def document(world: World) -> dict[str, Any]:
    """Everything but the single messages, which are in ``messages.csv``, and the uplinks, which the Internet adds."""
    scenario = world.scenario
    return {
        "simulated": True,
        "format": FORMAT,
        "scenario": scenario.name,
        "title": scenario.title,
        "seed": world.seed,
        "scale": world.scale,
        "from": scenario.start.isoformat(),
        "to": scenario.end.isoformat(),
        "units": {
            "sender.rate": "infected machines at a time per announced IPv4 address",
            "expected_seen": "mean number of distinct addresses that the mail and feeds written show",
            "stood": "servers that stood in the network at some time, seen or not",
            "counts": "messages; mail is a sample of them, see sensors.NAME.sampling",
        },
        "networks": networks(world),
        "prefixes": prefixes(world),
        "botnets": [_botnet(world, i) for i in range(len(scenario.botnets))],
        "controllers": [_controller(one) for one in world.controllers],
        "programmes": [_programme(world, i) for i in range(len(world.programmes))],
        "campaigns": [
            {
                "name": c.name, "botnet": c.botnet, "programme": c.programme, "category": c.category,
                "from": c.since.isoformat(), "to": c.until.isoformat(),
            }
            for c in world.campaigns
        ],
        "sensors": {sensor.name: _sensor(world, sensor) for sensor in scenario.sensors},
        "interventions": [_intervention(world, name) for name in scenario.interventions],
    }  # fmt: skip


# ------------------------------------------------------------------------------------------ networks


def networks(world: World) -> dict[str, dict[str, Any]]:
    """By AS number: who it is, how it behaves, true rates and expected sightings by role."""
    sizes = world.space.sizes
    shown = np.array(
        [
            populations.shown_by_mail(world.scenario, some, world.mails_of(i), world.seed)
            for i, some in enumerate(world.machines)
        ]
    )
    seen = populations.expected_seen(world.rate, shown, sizes)
    infected = sum(
        (np.bincount(m.network[m.alive(0)], minlength=len(sizes)) for m in world.machines),
        np.zeros(len(sizes)),
    )
    listed = expected_controllers(world)
    standing = Counter(c.asn for c in world.controllers)
    shops = Counter(asn for p in world.programmes for asn in p.server_networks)
    answering = Counter(asn for p in world.programmes for asn in p.nameserver_networks)
    return {
        str(n.asn): {
            "name": n.name,
            "country": n.country,
            "kind": n.kind.value,
            "owner": n.owner,
            "conduct": world.landlords.conduct[i],
            "giant": i in world.landlords.giants,
            "addresses": int(sizes[i]),
            "sender": {
                "rate": _short(world.rate[:, i].sum()),
                "machines": int(infected[i]),
                "expected_seen": _short(seen[i]),
            },
            "controller": {"expected_seen": _short(listed[i]), "stood": standing.get(n.asn, 0)},
            "link": {"stood": shops.get(n.asn, 0)},
            "nameserver": {"stood": answering.get(n.asn, 0)},
        }
        for i, n in enumerate(world.networks)
    }


def expected_controllers(world: World) -> Floats:
    """(networks,): mean number of controllers that the feed lists in each: those set by the scenario, and the
    drawn ones where the landlords' rates put them."""
    coverage = max((f.coverage for f in world.scenario.feeds if f.kind == "feodo-csv"), default=0.0)
    weights = world.landlords.weights(world.space.sizes)
    count = len(world.networks)
    share = weights[:count].copy()
    for weight, block in zip(weights[count:], world.landlords.blocks, strict=True):
        share[block.network] += weight
    drawn = sum(c.drawn for c in world.controllers)
    index = {n.asn: i for i, n in enumerate(world.networks)}
    fixed = np.bincount([index[c.asn] for c in world.controllers if not c.drawn], minlength=count)
    return np.asarray(coverage * (drawn * share + fixed))


def prefixes(world: World) -> list[dict[str, Any]]:
    """Prefixes that bad customers hold: re-assigned blocks in good networks, and all that rogue networks announce."""
    weights = world.landlords.weights(world.space.sizes)[len(world.networks) :]
    blocks = [
        {
            "prefix": str(block.prefix), "asn": world.networks[block.network].asn, "tenant": block.tenant,
            "why": "re-assigned block", "server_share": _short(weight),
        }
        for block, weight in zip(world.landlords.blocks, weights, strict=True)
    ]  # fmt: skip
    rogue = [
        {"prefix": str(p), "asn": n.asn, "tenant": n.owner, "why": "rogue network"}
        for n, conduct in zip(world.networks, world.landlords.conduct, strict=True)
        if conduct == "rogue"
        for p in n.prefixes
    ]
    return [*blocks, *rogue]


# ----------------------------------------------------------------------------------------- the other side


def _botnet(world: World, index: int) -> dict[str, Any]:
    part, some = world.scenario.botnets[index], world.machines[index]
    days = [world.scenario.day(d) for d in range(world.scenario.days)]
    return {
        "name": part.name,
        "dialect": part.dialect,
        "programmes": list(part.programmes),
        "machines": len(some),
        "infected_by_day": some.count(world.scenario.days).tolist(),
        "level_by_day": _daily_mean(world.story.level[index]),
        "control_by_day": _daily_mean(world.story.control[index]),
        "volume_by_day": _daily_mean(world.story.output[index]),
        "taken_over_by_day": _daily_mean(world.story.gained[index]),
        "mails_written": int(world.mails_of(index).sum()),
        "churn": part.churn,
        "mean_lease_days": part.lease_days if part.churn != "static" else None,
        "fallback_names": {
            day.isoformat(): fallback_names(part.name, part.fallback, day)
            for day in days[:: part.fallback.period_days]
        }
        if part.fallback
        else {},
    }


def _controller(one: Controller) -> dict[str, Any]:
    return {
        "botnet": one.botnet, "slot": one.slot, "address": str(one.address), "asn": one.asn,
        "from": one.since.isoformat(), "to": one.until.isoformat(), "drawn": one.drawn,
    }  # fmt: skip


def _programme(world: World, index: int) -> dict[str, Any]:
    one = world.programmes[index]
    return {
        "name": one.name,
        "operator": one.operator,
        "category": one.category,
        "servers": [str(a) for a in one.servers],
        "nameservers": {name: str(a) for name, a in one.nameservers.items()},
        "domains": [
            {"name": d.name, "from": d.since.isoformat(), "to": d.until.isoformat(), "seized": d.seized}
            for d in one.domains
        ],
    }


# ---------------------------------------------------------------------------------------- sensors, effects


def _sensor(world: World, sensor: SensorPart) -> dict[str, Any]:
    sensed = world.sensed[sensor.name]
    return {
        "kind": sensor.kind,
        "sampling": _short(sensed.sampling),
        "counted": int(sensed.counts.sum()),
        "written": int(sensed.written.sum()),
        "ham_written": int(sensed.written_ham.sum()),
        "exposure": {b.name: sensor.exposure.get(b.name, 1.0) for b in world.scenario.botnets},
        "filter": dict(sensor.filter),
        "noise": {"law": sensor.noise, "sd": sensor.sd, "phi": sensor.phi},
        "outages": [[o.start.isoformat(), o.end.isoformat()] for o in sensor.outages],
        "changes": [_change(c) for c in sensor.changes],
        "expected_by_day": _daily_sum(sensed.expected.sum(axis=0)),
    }


def _change(one: ChangePart) -> dict[str, Any]:
    return {
        "on": one.on.isoformat(), "kind": one.kind, "factor": one.factor, "botnet": one.botnet,
        "declared": one.declared,
    }  # fmt: skip


def _intervention(world: World, name: str) -> dict[str, Any]:
    scenario = world.scenario
    events = story.of(scenario, name)
    other = story.run(scenario, story.without(scenario, name))
    return {
        "name": name,
        "on": events[0].on.isoformat(),
        "takedown": any(event.takedown for event in events),
        "events": [_event(event) for event in events],
        "by_sensor": {
            sensor.name: effect(world, sensor, sensors.expected(scenario, sensor, other), events)
            for sensor in scenario.sensors
        },
        "volume_by_botnet": {
            botnet: _ratio(world.story.output[i], other.output[i], scenario.hour(events[0].on))
            for i, botnet in enumerate(world.story.botnets)
        },
    }


def _event(event: EventPart) -> dict[str, Any]:
    keys = ("network", "uplink", "botnet", "to", "programme", "operator")
    return {"on": event.on.isoformat(), "kind": event.kind, "title": event.title} | {
        key: getattr(event, key) for key in keys if getattr(event, key) is not None
    }


def effect(world: World, sensor: SensorPart, without: Floats, events: Sequence[EventPart]) -> dict[str, Any]:
    """Expected counts by day with and without, the drop of the first day after, and how many days' worth of
    ordinary spam the intervention averted (negative where others sent more than was lost)."""
    scenario = world.scenario
    have, had = world.sensed[sensor.name].expected.sum(axis=0), without.sum(axis=0)
    hour = scenario.hour(events[0].on) + 1
    with_days, without_days = _daily_sum(have), _daily_sum(had)
    ordinary = float(had[:hour].sum()) / max(hour, 1) * 24
    return {
        "drop_24h": _drop(have[hour : hour + 24], had[hour : hour + 24]),
        "drop_7d": _drop(have[hour : hour + 168], had[hour : hour + 168]),
        "days_averted": _short((had.sum() - have.sum()) / ordinary) if ordinary else None,
        "first_day": scenario.day(min(hour // 24, scenario.days - 1)).isoformat(),
        "with": with_days,
        "without": without_days,
    }


def _drop(have: Floats, had: Floats) -> float | None:
    return _short(1 - have.sum() / had.sum()) if had.sum() else None


def _ratio(have: Floats, had: Floats, hour: int) -> float | None:
    """Output over the fourteen days after, against that without."""
    span = slice(hour + 1, hour + 1 + 14 * 24)
    return _short(have[span].sum() / had[span].sum()) if had[span].sum() else None


def _daily_sum(hours: Floats) -> list[float]:
    return [_short(day) for day in hours.reshape(-1, 24).sum(axis=1)]


def _daily_mean(hours: Floats) -> list[float]:
    return [_short(day) for day in hours.reshape(-1, 24).mean(axis=1)]


def _short(value: float) -> float:
    """Six figures: more are noise, and differ between machines."""
    return float(f"{float(value):.6g}")

"""What lists say of the world, in the formats in which real ones come: incomplete, and some days late.

Each kind of ``scenario.FEEDS`` is a function (world, part) → bytes, registered in ``WRITERS`` with its file name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

import numpy as np

from depeer.world.actors import Controller, Domain, fallback_names
from depeer.world.draw import World
from depeer.world.nouns import stream
from depeer.world.scenario import FeedPart

_SECONDS = "%Y-%m-%d %H:%M:%S"


def written(world: World) -> dict[str, bytes]:
    """The files of all feeds of a scenario, by name; a list without an entry is not published."""
    made = {WRITERS[part.kind][0]: WRITERS[part.kind][1](world, part) for part in world.scenario.feeds}
    return {name: data for name, data in made.items() if data}


def _feodo(world: World, part: FeedPart) -> bytes:
    """Controllers as Feodo Tracker's CSV."""
    random = stream(world.seed, "feed", part.kind)
    last = world.scenario.ends - timedelta(seconds=1)
    rows = [
        "# simulated: no address in it was ever listed",
        f"# Last updated: {last:{_SECONDS}} UTC",
        '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
    ]
    for one in world.controllers:
        known, late = (
            random.random() < part.coverage,
            timedelta(days=float(random.exponential(part.delay_days))),
        )
        port = int(random.choice((80, 443, 4099, 8080)))
        if known:
            gone = min(_last_reached(world, one), last)
            first = min(one.since + late, gone)
            state = "online" if gone == last else "offline"
            rows.append(
                f'"{first:{_SECONDS}}","{one.address}","{port}","{state}","{gone:%Y-%m-%d}","{one.botnet}"'
            )
    return _text(rows)


def _last_reached(world: World, one: Controller) -> datetime:
    """When the list could last reach it: its network may have been cut off before it moved."""
    reach = world.story.reach.get(one.asn)
    start, stop = world.scenario.hour(one.since), world.scenario.hour(one.until)
    if reach is None or stop <= start:
        return one.until
    up = np.flatnonzero(reach[start:stop] > 0.5)
    if not len(up):
        return one.since
    return one.until if up[-1] == stop - start - 1 else one.since + timedelta(hours=int(up[-1]) + 1)


def _bad_prefixes(world: World, part: FeedPart) -> list[tuple[IPv4Network, int]]:
    """Prefixes of rogue networks and re-assigned blocks that the list knows, and who announces them."""
    random = stream(world.seed, "feed", part.kind)
    every = [
        (prefix, one.asn)
        for one, conduct in zip(world.networks, world.landlords.conduct, strict=True)
        if conduct == "rogue"
        for prefix in one.prefixes
        if isinstance(prefix, IPv4Network)
    ] + [(block.prefix, world.networks[block.network].asn) for block in world.landlords.blocks]
    return sorted({entry for entry in every if random.random() < part.coverage})


def _drop_json(world: World, part: FeedPart) -> bytes:
    entries = _bad_prefixes(world, part)
    rows = [
        json.dumps({"cidr": str(prefix), "sblid": f"SBL{900_000 + i}", "rir": "simulated"})
        for i, (prefix, _) in enumerate(entries)
    ]
    if not rows:
        return b""
    taken = int((world.scenario.ends - timedelta(hours=1)).timestamp())
    tail = {"type": "metadata", "timestamp": taken, "size": 0, "records": len(rows), "copyright": "simulated"}
    return _text([*rows, json.dumps(tail)])


def _drop_text(world: World, part: FeedPart) -> bytes:
    head = f"; DROP list {world.scenario.end:%Y/%m/%d} - simulated"
    return _text([head, *(f"{p} ; SBL{900_000 + i}" for i, (p, _) in enumerate(_bad_prefixes(world, part)))])


def _asndrop_text(world: World, part: FeedPart) -> bytes:
    """Networks whose prefixes are all bad."""
    named = {n.asn: n for n, c in zip(world.networks, world.landlords.conduct, strict=True) if c == "rogue"}
    asns = sorted({asn for _, asn in _bad_prefixes(world, part)} & named.keys())
    rows = [f"AS{a} ; {named[a].country} | {named[a].name}" for a in asns]
    return _text([f"; ASN-DROP list {world.scenario.end:%Y/%m/%d} - simulated", *rows] if rows else [])


def _stopforumspam(world: World, part: FeedPart) -> bytes:
    """Addresses that left comment spam on the last thirty days: ``"ip","count","lastseen"``."""
    comments = world.scenario.comments
    if comments is None:
        return b""
    random = stream(world.seed, "feed", part.kind)
    names = [botnet.name for botnet in world.scenario.botnets]
    machines = world.machines[names.index(comments.botnet)]
    seen: dict[int, tuple[int, float]] = {}
    for day in range(max(world.scenario.days - 30, 0), world.scenario.days):
        alive = machines.alive(day)
        rows = alive[random.integers(len(alive), size=int(random.poisson(comments.daily * part.coverage)))]
        times = np.sort(day + random.random(len(rows)))
        for address, time in zip(
            machines.address(world.space, rows, times).tolist(), times.tolist(), strict=True
        ):
            seen[address] = (seen.get(address, (0, 0.0))[0] + 1, time)
    return _text(
        f'"{IPv4Address(address)}","{count}","{world.scenario.begins + timedelta(days=time):{_SECONDS}}"'
        for address, (count, time) in sorted(seen.items())
    )


def _passive_dns(world: World, part: FeedPart) -> bytes:
    """Shops' names, their name servers, and the fallback names that operators registered, as COF lines."""
    random = stream(world.seed, "feed", part.kind)
    rows: list[dict[str, object]] = []
    for programme in world.programmes:
        for domain in programme.domains:
            if domain.until > world.scenario.begins and random.random() < part.coverage:
                rows += _of_shop(domain)
        for name, address in programme.nameservers.items():
            rows.append(_answer(name, "A", str(address), world.scenario.begins, world.scenario.ends))
    rows += _of_fallback(world)
    return _text(json.dumps(row) for row in rows)


def _of_shop(domain: Domain) -> Iterator[dict[str, object]]:
    """One row for each address that the name led to, from the first time to the last, as collectors sum up."""
    for address in sorted({host.address for host in domain.hosts}):
        spans = [host for host in domain.hosts if host.address == address]
        first, last = min(s.since for s in spans), max(s.until for s in spans)
        yield _answer(domain.name, "A", str(address), first, last, len(spans) * 7)
    for name in domain.nameservers:
        yield _answer(domain.name, "NS", name, domain.since, domain.until)


def _of_fallback(world: World) -> Iterator[dict[str, object]]:
    """After a move, the names of the next two weeks lead to the new controllers."""
    parts = {botnet.name: botnet.fallback for botnet in world.scenario.botnets}
    for event in world.events:
        part = parts.get(event.botnet or "")
        if event.kind != "controller-moves" or part is None:
            continue
        new = [c for c in world.controllers if c.botnet == event.botnet and c.since == event.on]
        days = [event.on + timedelta(d) for d in range(0, 14, part.period_days)]
        for moment in days:
            for i, name in enumerate(fallback_names(event.botnet or "", part, moment.date())):
                until = min(moment + timedelta(part.period_days), world.scenario.ends)
                yield _answer(name, "A", str(new[i % len(new)].address), moment, until)


def _answer(
    name: str, rrtype: str, rdata: str, first: datetime, last: datetime, count: int = 3
) -> dict[str, object]:
    return {
        "rrname": name,
        "rrtype": rrtype,
        "rdata": rdata,
        "time_first": int(first.timestamp()),
        "time_last": max(int(last.timestamp()), int(first.timestamp())),
        "count": count,
    }


def _text(rows: Iterator[str] | list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


WRITERS: Mapping[str, tuple[str, Callable[[World, FeedPart], bytes]]] = {
    "feodo-csv": ("ipblocklist.csv", _feodo),
    "drop-json": ("drop_v4.json", _drop_json),
    "drop-text": ("drop.txt", _drop_text),
    "asndrop-text": ("asndrop.txt", _asndrop_text),
    "stopforumspam": ("listed_ip_30_all.txt", _stopforumspam),
    "passive-dns": ("passive-dns.jsonl", _passive_dns),
}

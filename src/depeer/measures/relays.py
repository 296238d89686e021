"""Relays of our own side: given by a person, or learned from all hops, and always shown with the reason.

A line is trustworthy only below lines that are, so learning goes down from the top: first the machines
that handed to our receiving server, then those behind machines already trusted, until nothing is added.
A sender can write any line it likes and send it as often as it likes. So a machine is *learned* only where
our own side looked up its name and did not doubt it, the name lies in the registered domain of the server
that looked, it does not spell its own address (customers do, relays do not), and the lines it writes call it
by one name of that domain, over enough deliveries from enough sources. All else that behaves like a relay
(forwarders, providers' exchangers) is *proposed*: not trusted until a person says so.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from depeer import tables
from depeer.measures.trust import Trust
from depeer.model import show_address
from depeer.sources.names import registered_domain

FEWEST_DELIVERIES = 10  # EVIDENCE_SQL says the same
FEWEST_SOURCES = 5
"""Distinct addresses that handed to it, or to the one machine that handed to it."""
ONE_NAME_SHARE = 0.8
"""Share of a relay's deliveries whose next line must be written under one and the same name."""
NAMED_SHARE = 0.5
"""Share of a relay's deliveries for which our side must have looked up its name without doubt."""
MOST_PROPOSED = 200

EVIDENCE_SQL = """
WITH outward AS (
    SELECT mails.sensor, hops.by_host, hops.from_ip, hops.from_rdns,
           row_number() OVER chain AS level,
           first_value(hops.by_host) OVER chain AS own_by,
           lag(hops.from_ip, 1) OVER chain AS above,
           lag(hops.from_ip, 2) OVER chain AS above_that,
           lead(hops.by_host) OVER chain AS next_by,
           lead(hops.from_ip) OVER chain AS next_ip,
           lead(hops.from_ip, 2) OVER chain AS far_ip
    FROM hops JOIN mails ON hops.batch = mails.batch AND hops.delivery = mails.delivery
    WHERE hops.from_ip IS NOT NULL
      AND NOT list_contains(hops.flags, 'private-address')
      AND coalesce(hops.protocol, '') NOT IN ('IMAP', 'POP3', 'POP')
    WINDOW chain AS (PARTITION BY hops.batch, hops.delivery ORDER BY hops.position)
), machines AS (
    SELECT sensor, level, above, above_that, from_ip, count(*) AS total
    FROM outward WHERE level <= 3
    GROUP BY sensor, level, above, above_that, from_ip
    HAVING count(*) >= 10 OR max(CASE WHEN from_rdns = own_by THEN 1 ELSE 0 END) = 1
)
SELECT outward.sensor, outward.level, outward.above, outward.above_that, outward.own_by, outward.from_ip,
       outward.from_rdns, outward.next_by, count(*) AS deliveries, count(DISTINCT outward.next_ip) AS sources,
       count(DISTINCT outward.far_ip) AS far_sources, max(machines.total) AS total
FROM outward JOIN machines ON outward.sensor = machines.sensor AND outward.level = machines.level
    AND outward.above IS NOT DISTINCT FROM machines.above
    AND outward.above_that IS NOT DISTINCT FROM machines.above_that AND outward.from_ip = machines.from_ip
GROUP BY outward.sensor, outward.level, outward.above, outward.above_that, outward.own_by, outward.from_ip,
         outward.from_rdns, outward.next_by
HAVING count(*) >= 3 OR outward.from_rdns = outward.own_by
"""
"""Over ``hops`` and ``mails``: one row for each machine that handed over often, and each name the line below
gives itself. ``level`` counts lines with a public address from the top; ``above`` are the addresses in the
lines over it. ``total`` counts all deliveries of the machine, those of names too rare to be listed too."""


@dataclass(slots=True)
class _Machine:
    """What all evidence says about one address, summed over where it stands in trusted chains."""

    total: int = 0
    named: int = 0
    itself: int = 0
    names: Counter[str] = field(default_factory=Counter)
    next_names: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    far_sources: Counter[str] = field(default_factory=Counter)

    @property
    def is_receiver(self) -> bool:
        """Whether it bears the very name of the server that looked it up."""
        return self.total >= FEWEST_DELIVERIES and self.itself > NAMED_SHARE * self.total


Row = dict[str, Any]


def learn(evidence: pa.Table, given: Mapping[str, Sequence[str]]) -> pa.Table:
    """Rows of `depeer.tables.RELAYS` from the answer to `EVIDENCE_SQL` and the CIDRs given by sensor.

    Raises BadUsage where a given CIDR is none.
    """
    by_sensor: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.to_pylist():
        by_sensor[row["sensor"]].append(row)
    rows: list[Row] = []
    for sensor in sorted({*by_sensor, *given}):
        rows += _of_sensor(sensor, by_sensor[sensor], given.get(sensor, ()))
    return pa.Table.from_pylist(rows, schema=tables.RELAYS.schema)


def _of_sensor(sensor: str, rows: list[Row], prefixes: Sequence[str]) -> list[Row]:
    given = Trust.of(prefixes)
    stands = _inside(given, rows)
    learned: set[bytes] = set()
    while True:
        machines = _machines([row for row in rows if _reachable(row, stands | learned)])
        added = {ip for ip, machine in machines.items() if not _doubts(ip, machine)} - learned - stands
        if not added:
            break
        learned |= added
    rest = {ip: machine for ip, machine in machines.items() if ip not in stands | learned}
    return [
        *(_given_row(sensor, prefix, machines) for prefix in dict.fromkeys(prefixes)),
        *(_row(sensor, ip, machines[ip], "learned") for ip in sorted(learned)),
        *_proposed(sensor, rest),
    ]


def _inside(trust: Trust, rows: Iterable[Row]) -> set[bytes]:
    addresses = sorted({ip for row in rows for ip in (row["from_ip"], row["above"], row["above_that"]) if ip})
    packed = np.frombuffer(b"".join(addresses), np.uint8).reshape(-1, 16)
    return {ip for ip, inside in zip(addresses, trust.contains(packed), strict=True) if inside}


def _reachable(row: Row, trusted: set[bytes]) -> bool:
    """Whether all lines above were written by our own side."""
    above = [row["above"], row["above_that"]][: row["level"] - 1]
    return all(ip in trusted for ip in above)


def _machines(rows: Iterable[Row]) -> dict[bytes, _Machine]:
    machines: dict[bytes, _Machine] = defaultdict(_Machine)
    totals: dict[tuple[Any, ...], int] = {}
    for row in rows:
        machine = machines[row["from_ip"]]
        totals[row["from_ip"], row["level"], row["above"], row["above_that"]] = row["total"]
        name, next_by, deliveries = row["from_rdns"], row["next_by"], row["deliveries"]
        if name:
            machine.names[name] += deliveries
            if registered_domain(name) == registered_domain(row["own_by"] or "") is not None:
                machine.named += deliveries
            if name == row["own_by"]:
                machine.itself += deliveries
        if next_by:
            machine.next_names[next_by] += deliveries
            machine.sources[next_by] = max(machine.sources[next_by], row["sources"])
            machine.far_sources[next_by] = max(machine.far_sources[next_by], row["far_sources"])
    for key, total in totals.items():
        machines[key[0]].total += total
    return dict(machines)


def _doubts(ip: bytes, machine: _Machine) -> str:
    """Why a machine is not ours, or not surely; empty where nothing speaks against it.

    The receiving server itself, handing to another of ours, need not have carried much.
    """
    if machine.is_receiver:
        return ""
    relay = _no_relay(machine)
    if relay:
        return relay
    name, next_name = machine.names.most_common(1), machine.next_names.most_common(1)[0][0]
    if not name:
        return "our side looked up no name for it"
    if machine.named < NAMED_SHARE * machine.total:
        return "its name is not in the receiving server's domain"
    if spells_address(name[0][0], ip):
        return "its name spells its address, as those of customers do"
    if registered_domain(next_name) != registered_domain(name[0][0]):
        return f"its own lines say {next_name}, which is in another domain"
    return ""


def _no_relay(machine: _Machine) -> str:
    """Why it does not even behave like a relay."""
    if machine.total < FEWEST_DELIVERIES:
        return "too few deliveries"
    if not machine.next_names:
        return "it adds no line of its own"
    name, count = machine.next_names.most_common(1)[0]
    if count < ONE_NAME_SHARE * machine.total:
        return "the lines below it carry ever other names"
    several = max(machine.sources[name], machine.far_sources[name]) >= FEWEST_SOURCES
    return "" if several else "too few sources behind it"


def _proposed(sensor: str, machines: Mapping[bytes, _Machine]) -> list[Row]:
    likely = [(machine.total, ip) for ip, machine in machines.items() if not _no_relay(machine)]
    return [
        _row(sensor, ip, machines[ip], "proposed") for _, ip in sorted(likely, reverse=True)[:MOST_PROPOSED]
    ]


def spells_address(name: str, ip: bytes) -> bool:
    """Whether a name holds the last two octets of its IPv4 address next to each other, in decimal or hex."""
    third, last = ip[14], ip[15]
    numbers = [int(number) for number in re.findall(r"[0-9]{1,3}", name)]
    adjacent = set(itertools.pairwise(numbers))
    return bool({(third, last), (last, third)} & adjacent) or f"{third:02x}{last:02x}" in name.lower()


def _given_row(sensor: str, prefix: str, machines: Mapping[bytes, _Machine]) -> Row:
    network = Trust.of([prefix])
    packed = np.frombuffer(b"".join(machines), np.uint8).reshape(-1, 16)
    inside = [m for m, ours in zip(machines.values(), network.contains(packed), strict=True) if ours]
    names = sum((m.names for m in inside), Counter[str]())
    carried = sum(m.total for m in inside)
    seen = f"seen: {', '.join(name for name, _ in names.most_common(5))}" if names else "no name seen for it"
    return {
        "sensor": sensor,
        "relay": str(ipaddress.ip_network(prefix.strip(), strict=False)),
        "name": names.most_common(1)[0][0] if names else None,
        "basis": "given",
        "deliveries": carried,
        "sources": sum(max(m.sources.values(), default=0) for m in inside),
        "why": f"given by a person; {carried} deliveries passed it through {len(inside)} machines; {seen}",
    }


def _row(sensor: str, ip: bytes, machine: _Machine, basis: str) -> Row:
    name = machine.names.most_common(1)[0][0] if machine.names else None
    next_name, times = machine.next_names.most_common(1)[0] if machine.next_names else (None, 0)
    sources = machine.sources[next_name] if next_name else 0
    told = f"the line below says it is {next_name} in {times} of {machine.total} deliveries, from {sources} sources"
    if next_name and sources < FEWEST_SOURCES:
        told += f" and {machine.far_sources[next_name]} behind them"
    if machine.is_receiver:
        told = f"that is our receiving server itself, in {machine.total} deliveries"
    looked_up = f"our side looked it up as {name}" if name else "our side looked up no name"
    doubt = _doubts(ip, machine)
    return {
        "sensor": sensor,
        "relay": show_address(ip),
        "name": name,
        "basis": basis,
        "deliveries": machine.total,
        "sources": sources,
        "why": f"{looked_up}; {told}" + (f"; not trusted: {doubt}" if doubt else ""),
    }

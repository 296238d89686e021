# ruff: noqa: E501 - header lines are kept as long as their servers write them
"""Relays given and learned, and the walk down to the boundary, against liars of several kinds."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer import tables
from depeer.errors import BadUsage
from depeer.measures.arrivals import arrivals, fits
from depeer.measures.relays import EVIDENCE_SQL, learn, spells_address
from depeer.measures.trust import Trust, private, trusts
from depeer.model import pack_address, show_address
from depeer.sources.mail.received import is_private, read_hop

MAILS = pa.schema(
    [("batch", pa.int64()), ("delivery", pa.binary()), ("sensor", pa.string()), ("enveloped", tables.TIME)]
)
DAY = 86_400 * 1_000_000
NOON = "; Tue, 05 Jun 2007 12:00:00 +0000"
MX = "by mx.example.net (8.12.8/8.12.5) with ESMTP id a" + NOON
RELAY = "from relay.example.net (relay.example.net [192.0.2.7]) " + MX


def _tables(
    chains: Sequence[Sequence[str]], enveloped: Mapping[int, int] | None = None, sensor: str = "s"
) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Mails and hops of deliveries, each given by its Received lines, newest first."""
    mails: list[dict[str, Any]] = []
    hops: list[dict[str, Any]] = []
    for number, chain in enumerate(chains):
        delivery = number.to_bytes(16, "big")
        when = (enveloped or {}).get(number)
        mails.append({"batch": 1, "delivery": delivery, "sensor": sensor, "enveloped": when})
        for position, line in enumerate(chain):
            hop = read_hop(line.encode())._asdict()
            hops.append(
                {**hop, "batch": 1, "delivery": delivery, "position": position, "flags": list(hop["flags"])}
            )
    return (
        pa.RecordBatch.from_pylist(mails, schema=MAILS),
        pa.RecordBatch.from_pylist(hops, schema=tables.HOPS.schema),
    )


def _learned(chains: Sequence[Sequence[str]], prefixes: Sequence[str] = ()) -> pa.Table:
    mails, hops = _tables(chains)
    with duckdb.connect() as engine:
        engine.register("mails", pa.table(mails))
        engine.register("hops", pa.table(hops))
        evidence = engine.sql(EVIDENCE_SQL).to_arrow_table()
    return learn(evidence, {"s": prefixes} if prefixes else {})


def _basis(relays: pa.Table) -> dict[str, str]:
    return dict(zip(relays["relay"].to_pylist(), relays["basis"].to_pylist(), strict=True))


def _boundary(chain: Sequence[str], prefixes: Sequence[str] = ()) -> tuple[str | None, int | None]:
    rows = arrivals(*_tables([chain]), {"s": Trust.of(prefixes)}).to_pylist()
    ip = rows[0]["boundary_ip"]
    return (show_address(ip) if ip else None), rows[0]["boundary_hop"]


def _outside(number: int, by: str = "relay.example.net") -> str:
    return (
        f"from h{number} ([198.51.{number // 200}.{number % 200 + 1}]) by {by} (8.1/8.1) with SMTP id b{NOON}"
    )


# ------------------------------------------------------------------------------------------ boundary

CHAINS = {
    "the first line names a stranger": ([_outside(1, "mx.example.net")], [], ("198.51.0.2", 0)),
    "a relay given by CIDR": ([RELAY, _outside(1)], ["192.0.2.0/28"], ("198.51.0.2", 1)),
    "a relay not trusted is the boundary": ([RELAY, _outside(1)], [], ("192.0.2.7", 0)),
    "forged lines below do not win": (
        [_outside(1, "mx.example.net"), "from a ([203.0.113.9]) " + MX, RELAY, _outside(2)],
        ["192.0.2.7"],
        ("198.51.0.2", 0),
    ),
    "a forged line naming a trusted relay does not win": (
        [_outside(1, "mx.example.net"), RELAY, _outside(3)],
        ["192.0.2.7"],
        ("198.51.0.2", 0),
    ),
    "a filter on the same machine": (
        ["from localhost (localhost [127.0.0.1]) " + MX, _outside(1, "mx.example.net")],
        [],
        ("198.51.0.2", 1),
    ),
    "qmail hands over": (
        ["(qmail 1 invoked by uid 7)" + NOON, "(qmail 2 invoked from network)" + NOON, _outside(1, "mx.example.net")],
        [],
        ("198.51.0.2", 2),
    ),
    "fetched from a mailbox": (
        [
            "from localhost (h [127.0.0.1]) by home.example.org (Postfix) with ESMTP id 1" + NOON,
            "from pop.example.net [192.0.2.5] by localhost with POP3 (fetchmail-5.9.0) for u@localhost" + NOON,
            _outside(1, "mx.provider.example"),
        ],
        [],
        ("198.51.0.2", 2),
    ),
    "a private relay": (
        ["from in.example.net (in.example.net [10.1.2.3]) " + MX, _outside(1, "in.example.net")],
        [],
        ("198.51.0.2", 1),
    ),
    "a machine of ours that sends, and forges a stranger's line": (
        [RELAY, "from a ([203.0.113.9]) by mail.forged.example with SMTP" + NOON],
        ["192.0.2.0/24"],
        (None, None),
    ),
    "a private machine that forges a stranger's line": (
        ["from pc ([10.9.9.9]) " + MX, "from a ([203.0.113.9]) by mail.forged.example with SMTP" + NOON],
        [],
        (None, None),
    ),
    "our own report": (["from localhost (localhost) by mx.example.net (8.12.8/8.12.5) id l5N" + NOON], [], (None, None)),
    "a line without an address ends the walk": (
        ["from a.example by mx.example.net with SMTP" + NOON, _outside(1, "mx.example.net")],
        [],
        (None, None),
    ),
    "no line at all": ([], [], (None, None)),
    "TEST-NET is kept as it is": ([RELAY.replace("192.0.2.7", "203.0.113.1")], [], ("203.0.113.1", 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_boundary(name: str) -> None:
    chain, prefixes, expected = CHAINS[name]
    assert _boundary(chain, prefixes) == expected


FORGED = st.lists(
    st.sampled_from(
        [
            RELAY, _outside(9), _outside(9, "mx.example.net"), "from x ([10.0.0.1]) " + MX, "(qmail 1 invoked by uid 0)",
            "from pop.example.net [192.0.2.5] by localhost with IMAP (fetchmail-5)" + NOON, "garbage", "",
        ]
    ),
    max_size=5,
)  # fmt: skip


@given(FORGED, st.booleans())
def test_whatever_stands_below_the_boundary_changes_nothing(forged: list[str], behind_relay: bool) -> None:
    honest = [RELAY, _outside(1)] if behind_relay else [_outside(1, "mx.example.net")]
    assert _boundary(honest + forged, ["192.0.2.7"]) == ("198.51.0.2", len(honest) - 1)


def test_hops_in_any_order_and_mails_without_hops() -> None:
    chains = [[RELAY, _outside(n)] if n % 3 else [] for n in range(50)]
    mails, hops = _tables(chains)
    shuffled = hops.take(pa.array(np.random.default_rng(1).permutation(len(hops))))
    rules = {"s": Trust.of(["192.0.2.7"])}
    rows = arrivals(mails, hops, rules)
    assert rows.equals(arrivals(mails, shuffled, rules))
    assert rows.schema == tables.ARRIVALS.schema
    assert rows["delivery"].equals(mails["delivery"])
    expected = [pack_address(f"198.51.0.{n + 1}") if n % 3 else None for n in range(50)]
    assert rows["boundary_ip"].to_pylist() == expected


def test_one_delivery_in_two_batches() -> None:
    mails, hops = _tables([[_outside(1, "mx.example.net")]])
    again = mails.set_column(0, "batch", pa.array([2], pa.int64()))
    hops_again = _tables([[_outside(2, "mx.example.net")]])[1].set_column(
        0, "batch", pa.array([2], pa.int64())
    )
    both = pa.concat_batches([mails, again])
    rows = arrivals(both, pa.concat_batches([hops_again, hops]), {})
    assert [show_address(ip) for ip in rows["boundary_ip"].to_pylist()] == ["198.51.0.2", "198.51.0.3"]


def test_no_mail_at_all() -> None:
    mails, hops = _tables([])
    assert arrivals(mails, hops, {}).num_rows == 0


def test_each_sensor_has_its_own_trust() -> None:
    mails, hops = _tables([[RELAY, _outside(1)], [RELAY, _outside(2)]])
    mails = mails.set_column(2, "sensor", pa.array(["s", "other"]))
    rows = arrivals(mails, hops, {"s": Trust.of(["192.0.2.7"])})
    assert [show_address(ip) for ip in rows["boundary_ip"].to_pylist()] == ["198.51.0.2", "192.0.2.7"]


# ---------------------------------------------------------------------------------------------- time


def _line(ip: str, when: str) -> str:
    return f"from a ([{ip}]) by mx.example.net (Postfix) with ESMTP id 1; {when}"


FETCHED_LATE = (
    "from p [192.0.2.5] by localhost with IMAP (fetchmail-5.9.0) for u@localhost; 25 Dec 2007 08:00:00 Z"
)


@pytest.mark.parametrize(
    ("chain", "enveloped", "expected", "basis"),
    [
        ([_line("10.0.0.1", "5 Jun 2007 12:00:00 Z"), _line("203.0.113.1", "5 Jun 2007 11:59:00 Z")], None, "11:59", "boundary"),
        ([_line("10.0.0.1", "5 Jun 2007 12:00:00 Z"), _line("203.0.113.1", "5 Jun 2002 11:59:00 Z")], None, "12:00", "hop"),
        ([_line("10.0.0.1", "5 Jun 2007 12:00:00 Z"), _line("203.0.113.1", "later")], None, "12:00", "hop"),
        ([_line("10.0.0.1", "never"), _line("203.0.113.1", "5 Jun 2007 11:59:00 Z")], None, "11:59", "boundary"),
        ([_line("203.0.113.1", "never"), _line("203.0.113.2", "5 Jun 2007 11:00:00 Z")], 720, "12:00", "envelope"),
        ([_line("203.0.113.1", "never")], None, None, None),
        ([], 720, "12:00", "envelope"),
        ([], None, None, None),
        ([_line("10.0.0.1", "5 Jun 2007 12:00:00 Z")], 1, "12:00", "hop"),
        ([FETCHED_LATE, _line("203.0.113.1", "5 Jun 2007 11:59:00 Z")], None, "11:59", "boundary"),
        ([FETCHED_LATE, _line("10.0.0.1", "5 Jun 2007 12:00:00 Z"), _line("203.0.113.1", "5 Jun 2007 11:00:00 Z")], None, "11:00", "boundary"),
        ([FETCHED_LATE, _line("203.0.113.1", "5 Jun 2017 11:59:00 Z")], None, "08:00", "hop"),
    ],
)  # fmt: skip
def test_received_time(
    chain: list[str], enveloped: int | None, expected: str | None, basis: str | None
) -> None:
    midnight = 13_669 * DAY  # 5 June 2007
    given_at = {} if enveloped is None else {0: midnight + enveloped * 60_000_000}
    row = arrivals(*_tables([chain], given_at), {}).to_pylist()[0]
    assert row["received_basis"] == basis
    assert (f"{row['received']:%H:%M}" if row["received"] else None) == expected


# ---------------------------------------------------------------------------------------------- trust


@given(
    st.lists(st.ip_addresses(), max_size=30),
    st.lists(st.tuples(st.ip_addresses(), st.integers(0, 128)), max_size=8),
)
def test_membership_is_what_ipaddress_says(addresses: list[Any], prefixes: list[tuple[Any, int]]) -> None:
    networks = [
        ipaddress.ip_network(f"{ip}/{length % (ip.max_prefixlen + 1)}", strict=False)
        for ip, length in prefixes
    ]
    addresses = addresses + [n.network_address for n in networks] + [n.broadcast_address for n in networks]
    addresses = [ip for ip in addresses if ip.version == 4 or ip.ipv4_mapped is None]
    networks = [
        n for n in networks if n.version == 4 or n.prefixlen > 96
    ]  # a wide v6 range may hold ::ffff:0:0/96
    packed = np.frombuffer(b"".join(pack_address(str(ip)) for ip in addresses), np.uint8).reshape(-1, 16)
    found = Trust.of(map(str, networks)).contains(packed)
    assert found.tolist() == [any(ip in network for network in networks) for ip in addresses]


@given(st.lists(st.ip_addresses(), min_size=1, max_size=50))
def test_private_is_the_same_one_by_one(addresses: list[Any]) -> None:
    packed = [pack_address(str(ip)) for ip in addresses]
    array = np.frombuffer(b"".join(packed), np.uint8).reshape(-1, 16)
    assert private(array).tolist() == [is_private(ip) for ip in packed]


@pytest.mark.parametrize("wrong", ["", "192.0.2.0/33", "relay.example.net", "192.0.2.1-192.0.2.9"])
def test_what_is_no_prefix_is_refused(wrong: str) -> None:
    with pytest.raises(BadUsage, match="no address or CIDR"):
        Trust.of([wrong])


@pytest.mark.parametrize(
    ("names", "next_by", "ours"),
    [
        (("mx.example.net", "mx.example.net", "r.example.net", "x", "ESMTP"), "r.example.net", True),
        (("mx.example.net", "mx.example.net", "r.example.net", "x", "ESMTP"), "in.example.net", True),
        (("mx.example.net", "mx.example.net", "r.other.example", "x", "ESMTP"), "a.r.other.example", True),
        (("mx.example.net", "mx.example.net", None, "out.example.com", "ESMTP"), "out.example.com", True),
        (
            ("mx.example.net", "mx.example.net", "r.example.net", "out.example.com", "ESMTP"),
            "out.example.com",
            False,
        ),
        (("mx.example.co.uk", None, None, None, None), "other.co.uk", False),
        (("mx.example.net", "mx.example.net", None, "pc", "ESMTP"), "boss", True),
        (("mx.example.net", "mx.example.net", None, "pc", "ESMTP"), None, True),
        (("localhost", "localhost", None, None, None), "mail.example.org", True),
        (("mx.example.net", "localhost", "pop.example.org", None, "IMAP"), "mail.other.example", True),
    ],
)
def test_who_can_have_written_a_line(names: tuple[str | None, ...], next_by: str | None, ours: bool) -> None:
    assert fits(*names, next_by) is ours


# ------------------------------------------------------------------------------------------- learning


def test_a_relay_is_learned_and_the_reason_told() -> None:
    relays = _learned([[RELAY, _outside(n)] for n in range(30)])
    row = relays.to_pylist()[0]
    assert relays.schema == tables.RELAYS.schema
    assert (row["relay"], row["name"], row["basis"]) == ("192.0.2.7", "relay.example.net", "learned")
    assert (row["deliveries"], row["sources"]) == (30, 30)
    assert "relay.example.net in 30 of 30" in row["why"]
    assert (
        trusts(relays)["s"].contains(np.frombuffer(pack_address("192.0.2.7"), np.uint8).reshape(1, 16)).all()
    )


def test_a_relay_behind_a_relay_is_learned() -> None:
    inner = (
        "from in.example.net (in.example.net [192.0.2.8]) by relay.example.net (8.1/8.1) with ESMTP id c"
        + NOON
    )
    relays = _learned([[RELAY, inner, _outside(n, "in.example.net")] for n in range(30)])
    assert _basis(relays) == {"192.0.2.7": "learned", "192.0.2.8": "learned"}


def test_the_receiver_itself_is_ours_even_where_it_writes_no_further_line() -> None:
    loop = (
        "from mx.example.net (mx.example.net [192.0.2.9]) by relay.example.net (8.1/8.1) with ESMTP id c"
        + NOON
    )
    own = [[RELAY, loop]] * 12
    assert _basis(_learned([*([RELAY, _outside(n)] for n in range(200)), *own]))["192.0.2.9"] == "learned"


def _attack(first: str, below: str = "relay.example.net") -> list[list[str]]:
    return [[first, _outside(n, below)] for n in range(200)]


STRANGER = "from relay.example.net (relay.example.net [203.0.113.66]{doubt}) " + MX
ATTACKS = {
    "HELO says our name, nobody looked it up": _attack(STRANGER.replace("(relay.example.net ", "(").format(doubt="")),
    "the name was doubted": _attack(STRANGER.format(doubt=" (may be forged)")),
    "the name was unknown": _attack(STRANGER.replace("(relay.example.net ", "(unknown ").format(doubt="")),
    "a stranger's own name, our names below": _attack(
        "from relay.example.net (bot.evil.example [203.0.113.66]) " + MX
    ),
    "a customer of our own domain": _attack(
        "from relay.example.net (dsl-203-0-113-66.example.net [203.0.113.66]) " + MX
    ),
    "other lines each time": [
        ["from x (host.example.net [203.0.113.66]) " + MX, _outside(n, f"r{n % 40}.example.net")] for n in range(200)
    ],
    "ours by name, but alien lines": _attack("from x (host.example.net [203.0.113.66]) " + MX, "mail.evil.example"),
    "few sources": [["from x (host.example.net [203.0.113.66]) " + MX, _outside(n % 3, "host.example.net")] for n in range(99)],
    "few deliveries": _attack("from x (host.example.net [203.0.113.66]) " + MX, "host.example.net")[:9],
    "no further line": [["from x (host.example.net [203.0.113.66]) " + MX]] * 50,
    "forged below an untrusted machine": [
        [_outside(n, "mx.example.net"), STRANGER.format(doubt=""), _outside(n + 1)] for n in range(200)
    ],
    "forged below one machine again and again": [
        [_outside(7, "mx.example.net"), STRANGER.format(doubt=""), _outside(n)] for n in range(200)
    ],
    "forged as our receiver, below a stranger": [
        [_outside(7, "mx.example.net"), "from mx.example.net (mx.example.net [203.0.113.66]) " + MX, _outside(n)]
        for n in range(200)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_liars_are_not_learned(name: str) -> None:
    honest = [[RELAY, _outside(n)] for n in range(30)]
    bases = _basis(_learned(honest + ATTACKS[name]))
    assert bases.pop("192.0.2.7") == "learned"
    assert "learned" not in bases.values()


def test_forwarders_are_proposed_with_the_reason() -> None:
    forwarder = "from fwd.example.com (fwd.example.com [203.0.113.5]) " + MX
    relays = _learned([[forwarder, _outside(n, "fwd.example.com")] for n in range(40)])
    row = relays.to_pylist()[0]
    assert (row["relay"], row["basis"]) == ("203.0.113.5", "proposed")
    assert "not in the receiving server's domain" in row["why"]
    assert trusts(relays) == {}


def test_given_relays_are_listed_with_what_passed_them() -> None:
    relays = _learned([[RELAY, _outside(n)] for n in range(30)], ["192.0.2.0/24", "2001:db8::/32"])
    assert _basis(relays) == {"192.0.2.0/24": "given", "2001:db8::/32": "given"}
    assert relays["deliveries"].to_pylist() == [30, 0]
    assert set(_basis(learn(_no_evidence(), {"t": ["192.0.2.1"]}))) == {"192.0.2.1/32"}


def _no_evidence() -> pa.Table:
    mails, hops = _tables([])
    with duckdb.connect() as engine:
        engine.register("mails", pa.table(mails))
        engine.register("hops", pa.table(hops))
        return engine.sql(EVIDENCE_SQL).to_arrow_table()


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("dsl-203-0-113-66.example.net", True),
        ("66.113.0.203.example.net", True),
        ("h7142.example.net", True),
        ("mx66.example.net", False),
        ("relay.example.net", False),
    ],
)
def test_names_that_spell_their_address(name: str, spelt: bool) -> None:
    assert spells_address(name, pack_address("203.0.113.66")) is spelt

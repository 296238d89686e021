"""What a watch tells of sequences whose truth is known: written out by hand, and from a simulated Internet."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from depeer.errors import BadInput
from depeer.judgement.watch import (
    HOLD,
    Event,
    Kind,
    Watch,
    as_intelmq,
    as_json,
    parse_prefix,
    recall,
    remember,
)
from depeer.judgement.watch import watch as machine
from depeer.judgement.watch.events import show_prefix
from depeer.model import pack_address
from depeer.sources import mrt
from depeer.sources.rislive import elements_of
from depeer.world.heard import listen, vantage_points
from depeer.world.internet import Internet, make_internet
from depeer.world.internet_spec import Action, InternetSpec, Pinned
from depeer.world.internet_spec import Event as Happening
from depeer.world.mrt_rib import rib_file
from depeer.world.mrt_updates import updates_file
from depeer.world.nouns import Kind as NetworkKind
from depeer.world.updates import Cause, Element, updates

SECOND = 1_000_000
START = 1_226_000_000 * SECOND
A, U1, U2, U3, OTHER = 64500, 64510, 64511, 64512, 64666
P, Q, MORE = "198.51.100.0/24", "203.0.113.0/24", "198.51.100.128/25"
PEERS = [64601, 64602, 64603, 64604]


def rows(*told: tuple[Any, ...]) -> pa.RecordBatch:
    """(second, type, peer, prefix, path); STATE with the new state for a prefix."""
    return elements_of([row(i, *one) for i, one in enumerate(told)])


def row(place: int, second: float, kind: str, peer: int, prefix: Any, *path: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "position": place,
        "record": place,
        "time": START + int(second * SECOND),
        "type": kind,
        "format": "BGP4MP",
        "peer": pack_address(f"192.0.2.{peer - 64600}"),
        "peer_asn": peer,
    }
    if kind == "STATE":
        return {**found, "old_state": 6, "new_state": prefix}
    first, length = parse_prefix(prefix)
    found |= {"first": first, "length": length, "safi": 1}
    if path:
        asns = [peer, *path]
        found |= {"asns": asns, "path": " ".join(map(str, asns)), "has_set": False, "origin_asn": asns[-1]}
    return found


def table(*prefixes: str, uplinks: tuple[int, ...] = (U1, U1, U2, U2), origin: int = A) -> pa.RecordBatch:
    pairs = [(p, peer, up) for p in prefixes for peer, up in zip(PEERS, uplinks, strict=True)]
    return rows(*[(0, "B", peer, p, up, origin) for p, peer, up in pairs])


def told(watch: Watch, *batches: pa.RecordBatch) -> list[Event]:
    return [event for batch in batches for event in watch.take(batch)]


def brief(events: Iterable[Event]) -> list[tuple[Any, ...]]:
    """(second, kind, uplink or origin or prefix)"""
    return [
        (
            (e.time - START) / SECOND,
            str(e.event),
            e.uplink or e.origin or (e.prefix and show_prefix(e.prefix)),
        )
        for e in events
    ]


LATER = (1000, "A", PEERS[0], "192.88.99.0/24", 1, 2)


def test_a_table_alone_tells_nothing_and_gives_visibility() -> None:
    watch = Watch((A,))
    assert told(watch, table(P)) == []
    assert told(watch, rows(LATER)) == []
    assert watch.visibility(A) == (1.0, 4)


def test_offline_with_the_last_withdrawal_and_back_with_the_first_route() -> None:
    watch = Watch((A,))
    gone = [(10 + i, "W", peer, P) for i, peer in enumerate(PEERS)]
    events = told(watch, table(P), rows(*gone, (900, "A", PEERS[2], P, U3, A)))
    assert brief(events) == [
        (13.0, "uplink_lost", U1),
        (13.0, "uplink_lost", U2),
        (13.0, "offline", U2),
        (900.0, "back", U3),
        (900.0, "uplink_gained", U3),
    ]
    assert [(e.visibility, e.peers) for e in events[2:4]] == [(0.0, 4), (0.25, 4)]
    assert events[2].detail.startswith("not seen by any of 4 peers")


def test_an_uplink_is_lost_once_no_route_has_led_through_it_for_a_while() -> None:
    events = told(
        Watch((A,)),
        table(P),
        rows((5, "A", PEERS[0], P, U2, A), (20, "A", PEERS[1], P, U2, A), (150, "A", PEERS[1], P, U1, A)),
        rows((160, "A", PEERS[1], P, U2, A), (339, "A", PEERS[0], "192.88.99.0/24", 1), (341, *LATER[1:])),
    )
    assert brief(events) == [(340.0, "uplink_lost", U1)]
    assert events[0].since == START + 160 * SECOND


def test_a_new_uplink_at_once_and_a_known_one_when_it_has_lasted() -> None:
    events = told(
        Watch((A,)),
        table(P),
        rows(
            (5, "A", PEERS[0], P, U3, A),
            (10, "A", PEERS[0], P, U1, A),
            (400, "A", PEERS[0], P, U3, A),
            (405, "A", PEERS[0], P, U1, A),
            (500, "A", PEERS[0], P, U3, A),
            LATER,
        ),
    )
    assert brief(events) == [
        (5.0, "uplink_gained", U3),
        (190.0, "uplink_lost", U3),
        (680.0, "uplink_gained", U3),
    ]
    assert events[2].since == START + 500 * SECOND


def test_flapping_is_told_twice_and_then_has_to_last() -> None:
    changes = [
        (10 * i + j / 10, "W" if i % 2 else "A", peer, P, *(() if i % 2 else (U1, A)))
        for i in range(1, 30)
        for j, peer in enumerate(PEERS)
    ]
    kinds = [e.event for e in told(Watch((A,)), table(P), rows(*changes, LATER))]
    assert kinds.count(Kind.OFFLINE) == 3
    assert kinds.count(Kind.BACK) == 2
    assert kinds[-1] is Kind.OFFLINE


def test_absent_from_the_table_then_there() -> None:
    events = told(
        Watch((A,)), table("192.88.99.0/24", origin=OTHER), rows((7, "A", PEERS[1], P, U1, A), LATER)
    )
    assert brief(events) == [(7.0, "offline", None), (7.0, "back", U1), (7.0, "uplink_gained", U1)]


def test_without_a_table_only_those_count_who_spoke() -> None:
    watch = Watch((A,))
    events = told(watch, rows((1, "A", PEERS[0], P, U1, A), (2, "W", PEERS[0], P), (3, "W", PEERS[1], P)))
    assert [e[1] for e in brief(events)] == ["first_seen", "uplink_gained", "uplink_lost", "offline"]
    assert events[-1].peers == 1
    assert watch.visibility(A) == (0.0, 2)


def test_a_withdrawal_of_a_watched_prefix_never_seen_is_no_outage() -> None:
    watch = Watch((A,), (parse_prefix(P),))
    assert told(watch, rows(*[(i, "W", peer, P) for i, peer in enumerate(PEERS)])) == []


def test_broken_sessions_are_no_absence() -> None:
    watch = Watch((A,))
    down = [(10, "STATE", peer, 1) for peer in PEERS]
    assert told(watch, table(P), rows(*down), rows((100_000, *LATER[1:]))) == []
    assert watch.visibility(A) == (None, 0)
    assert told(watch, rows((100_100, "A", PEERS[0], P, U1, A))) == []
    assert watch.visibility(A) == (1.0, 1)
    events = told(watch, rows((100_200, "W", PEERS[0], P)))
    assert [e.event for e in events][-1] is Kind.OFFLINE


def test_most_peers_lose_it_and_find_it_again() -> None:
    lose = [(10, "W", peer, P) for peer in PEERS[:3]]
    find = [(500, "A", peer, P, U1, A) for peer in PEERS[:3]]
    events = told(Watch((A,)), table(P), rows(*lose, *find, LATER))
    levels = [e for e in events if "visibility" in e.event]
    assert brief(levels) == [(190.0, "visibility_dropped", None), (680.0, "visibility_restored", None)]
    assert [e.visibility for e in levels] == [0.25, 1.0]


def test_one_prefix_goes_and_comes_back() -> None:
    lose = [(10, "W", peer, Q) for peer in PEERS]
    events = told(Watch((A,)), table(P, Q), rows(*lose, (500, "A", PEERS[0], Q, U1, A), LATER))
    assert [(e[0], e[1]) for e in brief(events)] == [(190.0, "prefix_gone"), (500.0, "prefix_back")]
    assert [e.prefix and show_prefix(e.prefix) for e in events] == [Q, Q]
    assert [e.visibility for e in events] == [0.0, 0.25]


def test_a_new_prefix_and_one_through_a_new_uplink() -> None:
    events = told(Watch((A,)), table(P), rows((5, "A", PEERS[0], Q, U3, A), (6, "A", PEERS[1], Q, U1, A)))
    assert [(e.event, e.uplink, e.prefix == parse_prefix(Q)) for e in events] == [
        (Kind.UPLINK_GAINED, U3, True),
        (Kind.PREFIX_NEW, U3, True),
    ]


def test_another_origin_beside_and_then_instead() -> None:
    moved = [(10 + i, "A", peer, P, U1, OTHER) for i, peer in enumerate(PEERS)]
    events = told(Watch((A,)), table(P, Q), rows(*moved, LATER))
    assert [(e.time, e.event, e.origin) for e in events if e.origin] == [
        (START + 10 * SECOND, Kind.MULTIPLE_ORIGINS, OTHER),
        (START + 193 * SECOND, Kind.ORIGIN_CHANGED, OTHER),
    ]
    assert Kind.PREFIX_GONE not in [e.event for e in events]


def test_another_origin_at_the_only_peer() -> None:
    events = told(Watch((A,)), rows((1, "A", PEERS[0], P, U1, A), (2, "A", PEERS[0], P, U2, OTHER)))
    assert [e.event for e in events][-2:] == [Kind.OFFLINE, Kind.ORIGIN_CHANGED]


def test_space_taken_by_another_origin_and_left_again() -> None:
    events = told(
        Watch((A,)),
        table(P),
        rows((5, "A", PEERS[0], MORE, 1, OTHER), (6, "A", PEERS[1], MORE, 1, OTHER)),
        rows((50, "W", PEERS[0], MORE), (60, "W", PEERS[1], MORE), LATER),
    )
    assert brief(events) == [(5.0, "hijack_suspected", OTHER), (240.0, "other_origin_gone", OTHER)]
    assert events[0].visibility == 0.25


@pytest.mark.parametrize(
    "prefix, path",
    [
        (MORE, (U1, A, OTHER)),  # a customer, announced through the network itself
        (MORE, (U1, A)),  # its own
        ("198.51.0.0/16", (1, OTHER)),  # less specific
        ("198.51.101.0/24", (1, OTHER)),  # a neighbour
        ("2001:db8::/48", (1, OTHER)),
    ],
)
def test_what_is_no_hijack(prefix: str, path: tuple[int, ...]) -> None:
    events = told(Watch((A,)), table(P), rows((5, "A", PEERS[0], prefix, *path), LATER))
    assert not [e for e in events if e.origin]


def test_what_the_table_had_is_usual() -> None:
    watch = Watch((A,))
    told(watch, table(P), rows((0, "B", PEERS[0], MORE, 1, OTHER), (0, "B", PEERS[1], P, 1, OTHER)))
    assert told(watch, rows((5, "A", PEERS[1], MORE, 1, OTHER), (6, "A", PEERS[2], P, 1, OTHER))) == []


def test_a_watched_prefix_that_nobody_was_seen_to_announce() -> None:
    watch = Watch((A,), (parse_prefix(P),))
    events = told(watch, rows((5, "A", PEERS[0], P, 1, OTHER), (6, "A", PEERS[0], MORE, 1, OTHER + 1)))
    assert [(e.event, e.origin) for e in events] == [
        (Kind.ORIGIN_CHANGED, OTHER),
        (Kind.HIJACK_SUSPECTED, OTHER + 1),
    ]


def test_a_vantage_point_within_the_network_is_no_witness() -> None:
    watch = Watch((PEERS[0],))
    told(watch, table(P, origin=PEERS[0]), rows(LATER))
    assert watch.visibility(PEERS[0]) == (1.0, 3)


def test_an_older_element_does_not_undo_a_newer() -> None:
    watch = Watch((A,))
    told(watch, rows((50, "A", PEERS[0], P, U1, A), (40, "A", PEERS[0], P, U3, A)))
    assert watch.late == 1
    assert watch.standings[A].uplinks.counts == {U1: 1}


def test_there_is_a_bound_to_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROUTES", 100)
    watch = Watch((A,))
    crossing = [(1, "A", PEERS[0], f"10.{i}.0.0/16", U1, A, OTHER) for i in range(200)]
    own = [(2, "A", PEERS[0], f"11.{i}.0.0/16", U1, A) for i in range(200)]
    told(watch, rows(*crossing, *own))
    assert watch.held == sum(map(len, watch.routes.values())) == 100
    assert len(watch.interest.followed) == 50
    assert watch.over == 300


def test_neither_prefixes_nor_neighbours_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PREFIXES", 50)
    monkeypatch.setattr(machine, "UPLINKS", 30)
    watch = Watch((A,))
    prefixes = [(i, kind, PEERS[0], f"11.{i}.0.0/16", U1, A) for i in range(200) for kind in "AW"]
    neighbours = [(300 + i, "A", PEERS[0], P, 1000 + i, A) for i in range(200)]
    told(watch, rows(*[one[:4] if one[1] == "W" else one for one in prefixes], *neighbours))
    standing = watch.standings[A]
    assert len(standing.prefixes) == len(watch.claims.owned) == len(watch.interest.space) == 50
    assert len(standing.known_uplinks) == 30
    assert len(watch.due) < 200
    assert watch.over == 150 + 200


@pytest.mark.parametrize("prefix", ["0.0.0.0/0", "::/0", "64.0.0.0/3"])
def test_a_leaked_default_route_makes_nothing_its_space(prefix: str) -> None:
    events = told(
        Watch((A,)), rows((1, "A", PEERS[0], prefix, U1, A), (2, "A", PEERS[0], "65.0.0.0/16", OTHER))
    )
    assert [e.event for e in events] == [Kind.UPLINK_GAINED]


def test_a_later_table_ends_what_it_no_longer_has() -> None:
    watch = Watch((A,))
    told(watch, table(P, Q), rows(LATER))
    events = told(watch, rows(*[(5000, "B", peer, "192.88.99.0/24", U1, OTHER) for peer in PEERS]))
    events += watch.end_of_table(START + 5001 * SECOND)
    assert brief(events) == [
        (5001.0, "uplink_lost", U1),
        (5001.0, "uplink_lost", U2),
        (5001.0, "offline", U2),
    ]
    assert watch.visibility(A) == (0.0, 4)


def test_of_two_tables_before_the_updates_the_later_counts() -> None:
    watch = Watch((A,))
    told(watch, table(P))
    list(watch.end_of_table(START))
    later = [(5000, "B", peer, P, U3, A) for peer in PEERS[:2]] + [(5000, "B", p, Q, 1, 2) for p in PEERS[2:]]
    told(watch, rows(*later))
    assert list(watch.end_of_table(START + 5000 * SECOND)) == []
    assert told(watch, rows((9000, *LATER[1:]))) == []
    assert watch.visibility(A) == (0.5, 4)
    assert watch.standings[A].told_uplinks == {U3}


def test_every_kind_is_told_of_in_the_page() -> None:
    from pathlib import Path

    page = (Path(__file__).parent.parent / "docs" / "watch.md").read_text()
    assert [kind for kind in Kind if f"| `{kind}` |" not in page] == []


# ------------------------------------------------------------------------------------------------- restart, any order

_elements = st.lists(
    st.tuples(
        st.sampled_from(["A", "W", "STATE", "B"]),
        st.sampled_from(PEERS),
        st.sampled_from([P, Q, MORE, "2001:db8::/32"]),
        st.sampled_from([(U1, A), (U2, A), (U1, OTHER), (U3, A, OTHER), (A,), (OTHER,)]),
        st.integers(0, 150),
    ),
    max_size=40,
)


def _sequence(chosen: list[Any]) -> list[dict[str, Any]]:
    found, second = [], 0
    for place, (kind, peer, prefix, path, pause) in enumerate(chosen):
        second += pause
        if kind == "STATE":
            found.append(row(place, second, kind, peer, 1 + pause % 6))
        else:
            found.append(row(place, second, kind, peer, prefix, *(() if kind == "W" else path)))
    return found


def _batch(some: list[dict[str, Any]]) -> pa.RecordBatch:
    return elements_of(some)


@example(
    [("A", 64601, "203.0.113.0/24", (64510, 64666), 0), ("B", 64601, "198.51.100.0/24", (64510, 64666), 0)], 0
)
@given(_elements, st.integers(0, 40))
def test_a_restart_and_the_size_of_batches_change_nothing(chosen: list[Any], at: int) -> None:
    some = _sequence(chosen)
    whole = told(Watch((A,)), table(P), _batch(some))
    first = Watch((A,))
    before = told(first, table(P), _batch(some[:at]))
    second = recall(json.loads(json.dumps(remember(first))))
    after = [event for one in some[at:] for event in second.take(_batch([one]))]
    assert before + after == whole
    assert remember(second)["standings"] == remember(second)["standings"]


@given(_elements)
def test_counts_are_those_of_the_routes_held(chosen: list[Any]) -> None:
    watch = Watch((A,), (parse_prefix(Q),))
    events = told(watch, _batch(_sequence(chosen)))
    standing = watch.standings[A]
    held = [(peer, route) for peer, own in watch.routes.items() for route in own.values()]
    assert watch.held == len(held)
    assert set(standing.peers.counts) == {peer for peer, route in held if A in route.owners}
    assert set(standing.uplinks.counts) == {u for _, route in held for _, u in route.crossed if u is not None}
    turns = [e.event for e in events if e.event in (Kind.OFFLINE, Kind.BACK, Kind.FIRST_SEEN)]
    assert all((one is Kind.OFFLINE) != (two is Kind.OFFLINE) for one, two in pairwise(turns))
    assert [e.time for e in events] == sorted(e.time for e in events)


@pytest.mark.parametrize(
    "memory", [None, [], {}, {"version": 2}, {**remember(Watch((A,))), "routes": [[1, 2]]},
               {**remember(Watch((A,))), "standings": [{"asn": 5}]}],
)  # fmt: skip
def test_a_broken_memory_is_refused(memory: object) -> None:
    with pytest.raises(BadInput, match="start with a new file"):
        recall(memory)


def test_written_forms() -> None:
    watch = Watch((A,))
    events = told(watch, table(P), rows(*[(10, "W", peer, P) for peer in PEERS]))
    line = json.loads(as_json(events[-1]))
    assert line == {
        "time": "2008-11-06T19:33:30+00:00", "asn": A, "event": "offline", "prefix": P, "uplink": U2,
        "origin": None, "visibility": 0.0, "peers": 4, "since": "2008-11-06T19:33:30+00:00",
        "detail": f"not seen by any of 4 peers; the last route seen led through AS{U2}",
    }  # fmt: skip
    intelmq = json.loads(as_intelmq(events[-1], "EXAMPLE-AS", "files", datetime(2026, 1, 1, tzinfo=UTC)))
    assert intelmq["classification.type"] == "outage"
    assert intelmq["source.asn"] == A
    assert intelmq["source.as_name"] == "EXAMPLE-AS"
    assert intelmq["time.source"] == line["time"]


# ----------------------------------------------------------------------------------------------- a simulated Internet

EPOCH = datetime(2008, 11, 10, tzinfo=UTC)
CUT1, CUT2 = EPOCH + timedelta(hours=21, minutes=30), EPOCH + timedelta(hours=21, minutes=50)
BACK, GONE = EPOCH + timedelta(days=3), EPOCH + timedelta(days=3, hours=8)
ROGUE = 26780


@cache
def world(seed: int) -> Internet:
    rogue = Pinned(
        ROGUE, "ROGUE simulated hosting", NetworkKind.HOSTING, (ip_network("208.66.192.0/22"),), (3549, 6939)
    )
    spec = InternetSpec(
        networks=200,
        epoch=EPOCH,
        dormant=0.0,
        churn=0.0,
        pinned=(Pinned(1299, "A simulated backbone", NetworkKind.TIER1), rogue),
        events=(
            Happening(CUT1, Action.CUT, (ROGUE, 3549)),
            Happening(CUT2, Action.CUT, (ROGUE, 6939)),
            Happening(BACK, Action.ADD, (1299, ROGUE)),
            Happening(GONE, Action.CUT, (ROGUE, 1299)),
        ),
    )
    return make_internet(spec, seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_outage_and_return_within_one_update_of_the_truth(seed: int) -> None:
    """Through real MRT bytes: the truth is when the last vantage point withdrew, or the first had a route again."""
    internet = world(seed)
    eyes = tuple(v for v in vantage_points(internet, 12) if v.asn != ROGUE)
    spoken = updates(internet, EPOCH + timedelta(hours=1), GONE + timedelta(hours=1), eyes)
    files = [
        rib_file(listen(internet, internet.at(EPOCH + timedelta(hours=1)), eyes)),
        updates_file(spoken, eyes),
    ]
    watch = Watch((ROGUE,))
    batches = (batch for file in files for batch in mrt.read(io.BytesIO(gzip.decompress(file))))
    events = told(watch, *batches)
    turns = [(e.time, e.event, e.uplink) for e in events if e.event in (Kind.OFFLINE, Kind.BACK)]
    expected = truth(spoken, len(eyes))
    assert [turn[:2] for turn in turns] == expected
    assert [event for _, event in expected] == [Kind.OFFLINE, Kind.BACK, Kind.OFFLINE]
    assert turns[1][2] == 1299
    assert CUT2 < as_time(turns[0][0]) < CUT2 + timedelta(minutes=10)
    lost = {e.uplink: as_time(e.since) for e in events if e.event is Kind.UPLINK_LOST}
    assert CUT1 < lost[3549] <= CUT2 + timedelta(minutes=5)
    assert not [e for e in events if e.origin]


def truth(spoken: list[Element], eyes: int) -> list[tuple[int, Kind]]:
    block = (False, int(ip_network("208.66.192.0/22").network_address), 22)
    having, found = set(range(eyes)), []
    for element in spoken:
        if block in element.blocks and element.cause is not Cause.FLAP:
            before = bool(having)
            (having.add if element.route else having.discard)(element.place)
            if bool(having) != before:
                found.append((element.time, Kind.BACK if having else Kind.OFFLINE))
    return found


def as_time(micro: int) -> datetime:
    return datetime.fromtimestamp(micro / 1e6, UTC)


def test_hold_is_three_minutes() -> None:
    assert HOLD == 180 * SECOND

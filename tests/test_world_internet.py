"""The simulated Internet: held against brute force, against the readers of real files, bgpdump, and real graphs."""

from __future__ import annotations

import bz2
import gzip
import io
import ipaddress
import itertools
import json
import lzma
import shutil
import struct
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.errors import BadInput
from depeer.model import show_address
from depeer.routing.bogons import why
from depeer.sources.origins import detect
from depeer.world import degree_laws, size_laws
from depeer.world.allocation import Prefix, special
from depeer.world.announcements import ALLOCATED, PART, REASSIGNED
from depeer.world.graph import Graph
from depeer.world.heard import Heard, Route, Vantage, listen, prefix_in, vantage_point, vantage_points
from depeer.world.internet import Internet, make_internet
from depeer.world.internet_spec import Action, Event, InternetSpec, Pinned
from depeer.world.internet_truth import internet_truth, rates, uplinks
from depeer.world.links import seconds
from depeer.world.mrt_attributes import AS_TRANS, aggregator_address, origin_code
from depeer.world.mrt_rib import rib_file
from depeer.world.mrt_updates import updates_file
from depeer.world.nouns import Kind, Link
from depeer.world.origin_files import as_names, pfx2as, pyasn_dat
from depeer.world.propagation import CUSTOMER, PROVIDER, Routes
from depeer.world.relationship_files import as_rel
from depeer.world.updates import Cause, Element, updates

EPOCH = datetime(2008, 11, 10, tzinfo=UTC)
CUT1, CUT2 = EPOCH + timedelta(days=1, hours=21, minutes=30), EPOCH + timedelta(days=1, hours=21, minutes=50)
BACK, GONE = EPOCH + timedelta(days=5), EPOCH + timedelta(days=5, hours=8)
ROGUE = tuple(
    ipaddress.ip_network(p) for p in ("208.66.192.0/22", "208.72.168.0/21", "208.72.173.0/24", "2a0f:7::/48")
)
SPEC = InternetSpec(
    networks=250,
    epoch=EPOCH,
    ipv6=0.4,
    as_sets=0.02,
    multi_origin=0.03,
    reassigned=0.5,
    churn=0.015,
    pinned=(
        Pinned(1299, "A large simulated backbone", Kind.TIER1),
        Pinned(3549, "Another simulated backbone", Kind.TIER1),
        Pinned(26780, "ROGUE simulated hosting", Kind.HOSTING, ROGUE, (1299, 3549, 6939), (7575,)),
    ),
    events=(
        Event(EPOCH - timedelta(days=30), Action.CUT, (1299, 26780)),
        Event(CUT1, Action.CUT, (26780, 6939)),
        Event(CUT2, Action.CUT, (3549, 26780)),
        Event(BACK, Action.RESTORE, (1299, 26780)),
        Event(GONE, Action.WITHDRAW, (26780,)),
    ),
)


@pytest.fixture(scope="module")
def world() -> Internet:
    return make_internet(SPEC, 11)


@pytest.fixture(scope="module")
def vantages(world: Internet) -> tuple[Vantage, ...]:
    return (*vantage_points(world, 7), vantage_point(world, 7575))


# ---------------------------------------------------------------------------------- reach and routes, by brute force


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Providers have the lower rank in a random order, so that nobody provides to itself in a circle."""
    count = draw(st.integers(1, 9))
    rank = draw(st.permutations(range(count)))
    pairs = list(itertools.combinations(range(count), 2))
    kinds = draw(st.lists(st.sampled_from("  up"), min_size=len(pairs), max_size=len(pairs)))
    chosen = [
        (rank[a], rank[b], kind == "p") for (a, b), kind in zip(pairs, kinds, strict=True) if kind != " "
    ]
    columns = np.array([(a, b) for a, b, _ in chosen], dtype=np.int32).reshape(-1, 2)
    return Graph.of(count, columns[:, 0], columns[:, 1], np.array([p for *_, p in chosen], dtype=bool))


def valley_free(graph: Graph, start: int) -> set[int]:
    """Up, across at most once, down: a walk over (network, may still go up)."""
    seen, waiting = set(), [(start, True)]
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        row, up = state
        if up:
            waiting += [(p, True) for p in graph.providers.row(row).tolist()]
            waiting += [(p, False) for p in graph.peers.row(row).tolist()]
        waiting += [(c, False) for c in graph.customers.row(row).tolist()]
    return {row for row, _ in seen}


def settled(graph: Graph, origins: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    """What a path-vector protocol settles on: everybody offers and chooses until nothing changes."""
    choice: dict[int, tuple[int, ...]] = {o: (o,) for o in origins}
    kind = dict.fromkeys(origins, 3)
    while True:
        new: dict[int, tuple[int, ...]] = {o: (o,) for o in origins}
        new_kind = dict.fromkeys(origins, 3)
        for row in set(range(graph.count)) - set(origins):
            offers = []
            for rank, near in ((2, graph.customers), (1, graph.peers), (0, graph.providers)):
                for other in near.row(row).tolist():
                    given_on = other in choice and (rank == 0 or kind[other] >= 2)
                    if given_on and row not in choice[other]:
                        offers.append((-rank, len(choice[other]), other, choice[other]))
            if offers:
                best = min(offers)
                new[row], new_kind[row] = (row, *best[3]), -best[0]
        if new == choice:
            return choice
        choice, kind = new, new_kind


@given(graphs())
def test_reach_is_what_a_walk_finds(graph: Graph) -> None:
    for row in range(graph.count):
        assert set(np.flatnonzero(graph.reach(row)).tolist()) == valley_free(graph, row)


@given(graphs())
@settings(max_examples=100)
def test_routes_are_what_a_protocol_settles_on(graph: Graph) -> None:
    routes = Routes(graph)
    for origin in range(graph.count):
        expected = settled(graph, (origin,))
        for vantage in range(graph.count):
            assert routes.path(vantage, origin) == expected.get(vantage, ())
            hops = routes.hops(vantage)[origin]
            assert tuple(hops[hops >= 0].tolist()) == expected.get(vantage, ())


@given(graphs(), st.data())
def test_several_origins_are_chosen_among_by_everybody_on_the_way(graph: Graph, data: st.DataObject) -> None:
    origins = tuple(data.draw(st.sets(st.integers(0, graph.count - 1), min_size=1, max_size=3)))
    expected, routes = settled(graph, origins), Routes(graph)
    for vantage in range(graph.count):
        assert routes.best(vantage, origins) == expected.get(vantage, ())


@given(graphs())
def test_alternatives_are_loop_free_offers_of_other_providers(graph: Graph) -> None:
    routes = Routes(graph)
    for vantage, origin in itertools.permutations(range(graph.count), 2):
        for path in routes.alternatives(vantage, origin):
            assert path != routes.path(vantage, origin)
            assert len(set(path)) == len(path)
            assert path[1] in graph.providers.row(vantage)
            assert path[1:] == routes.path(path[1], origin)


def test_a_hand_drawn_world() -> None:
    """0 and 1 are peers; 0 provides to 2, 1 to 3 and 4; 2 and 3 are peers; 2 and 3 provide to 5."""
    upper, lower = [0, 0, 1, 1, 2, 2, 3], [1, 2, 3, 4, 3, 5, 5]
    peer = [True, False, False, False, True, False, False]
    graph = Graph.of(6, np.array(upper, dtype=np.int32), np.array(lower, dtype=np.int32), np.array(peer))
    routes = Routes(graph)
    assert routes.path(0, 5) == (0, 2, 5)
    assert routes.path(4, 5) == (4, 1, 3, 5)
    assert routes.path(2, 3) == (2, 3)
    assert routes.path(2, 4) == (2, 0, 1, 4)  # its peer 3 does not give on what it has from its provider
    assert routes.tree(4).learned[5] == PROVIDER
    assert routes.tree(0).learned[5] == CUSTOMER


# --------------------------------------------------------------------------------------------------------- topology


@pytest.mark.parametrize("law", sorted(degree_laws.LAWS))
def test_links_make_an_internet(law: str) -> None:
    world = make_internet(InternetSpec(networks=900, degrees=law), 3)
    graph, clique = world.at(world.spec.epoch).graph, np.flatnonzero(world.kind == 0)
    assert (graph.providers.degree() == 0).sum() == len(clique)
    for one in clique:
        assert set(clique.tolist()) - {one} <= set(graph.peers.row(one).tolist())
    assert all(graph.reach(row).all() for row in range(0, 900, 30))
    assert not (world.links.pairs(900)[:, None] == world.links.pairs(900)[None, :]).sum() > len(world.links)
    assert 0.80 < (graph.customers.degree() == 0).mean() < 0.87


@pytest.mark.parametrize("law", sorted(size_laws.LAWS))
def test_sizes_are_drawn_from_the_law(law: str) -> None:
    bits = size_laws.LAWS[law](np.random.default_rng(1), 20_000)
    assert bits.min() == 0
    assert 8 <= bits.max() <= size_laws.LARGEST
    assert make_internet(InternetSpec(networks=60, sizes=law), 1).announcements.length.min() >= 8


def test_laws_differ() -> None:
    """So that an estimator can be tried on what it does not assume."""
    tails = {
        name: np.sort(law(np.random.default_rng(2), 5000))[-25] for name, law in degree_laws.LAWS.items()
    }
    assert tails["lognormal"] < 0.5 * tails["pareto"]
    assert len({round(float(t)) for t in tails.values()}) == len(tails)


def test_rates_are_those_asked_for() -> None:
    spec = InternetSpec(networks=6000, hidden_uplinks=0.08, hidden_peers=0.4, dormant=0.1, mislabelled=0.05)
    found = rates(make_internet(spec, 5))
    assert found["hidden_uplinks"] == pytest.approx(0.08, abs=0.012)
    assert found["hidden_peers"] == pytest.approx(0.4, abs=0.03)
    assert found["mislabelled"] == pytest.approx(0.05, abs=0.01)
    assert found["dormant_shown"] == pytest.approx(0.3, abs=0.08)
    assert 0.06 < found["dormant_uplinks_per_network"] < 0.11


def caida(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """AS numbers, then the ends as rows and whether they are peers."""
    opened = lzma.open if path.suffix == ".xz" else bz2.open
    with opened(path, "rt") as lines:
        rows = np.array([[int(f) for f in line.split("|")[:3]] for line in lines if line[0] != "#"])
    asn = np.unique(rows[:, :2])
    ends = np.searchsorted(asn, rows[:, :2]).astype(np.int32)
    return asn, ends[:, 0], ends[:, 1], rows[:, 2] == 0


def shape(count: int, upper: np.ndarray, lower: np.ndarray, peer: np.ndarray) -> dict[str, float]:
    customers = np.bincount(upper[~peer], minlength=count)
    providers = np.bincount(lower[~peer], minlength=count)
    peers = np.bincount(np.concatenate([upper[peer], lower[peer]]), minlength=count)
    many = customers[customers >= 10]
    return {
        "stubs": float((customers == 0).mean()),
        "providers": len(upper[~peer]) / count,
        "single": float((providers == 1).mean()),
        "peers": len(upper[peer]) / count,
        "tail": float(1 + len(many) / np.log(many / 9.5).sum()),
        "largest": float(customers.max() / count),
        "with peers": float((peers > 0).mean()),
    }


@pytest.mark.data
@pytest.mark.parametrize(
    "file, peering",
    [
        ("20080101.as-rel.txt.xz", 1.2),
        pytest.param("20230101.as-rel.txt.bz2", 4.4, marks=pytest.mark.slow),
    ],
)
def test_the_shape_is_that_of_the_real_internet(data_dir: Path, file: str, peering: float) -> None:
    """At full size for 2008, at a third for 2023 (shares do not depend on it)."""
    asn, *real_links = caida(data_dir / "routing" / "as-rel" / file)
    real = shape(len(asn), *real_links)
    world = make_internet(InternetSpec(networks=27_320, peers=peering), 1)
    links = world.links
    shown = links.exist(seconds(world.spec.epoch)) & ~links.hidden & ~links.dormant
    made = shape(len(world), links.upper[shown], links.lower[shown], links.peer[shown])
    assert made["stubs"] == pytest.approx(real["stubs"], abs=0.01)
    assert made["providers"] == pytest.approx(real["providers"], abs=0.12)
    assert made["single"] == pytest.approx(real["single"], abs=0.07)
    assert made["peers"] == pytest.approx(real["peers"], rel=0.1)
    assert made["tail"] == pytest.approx(real["tail"], abs=0.15)
    assert real["largest"] / 2.5 < made["largest"] < 2.5 * real["largest"]
    assert made["with peers"] == pytest.approx(real["with peers"], abs=0.12)
    assert 13 <= (world.kind == 0).sum() <= 19


@pytest.mark.data
def test_reach_of_mccolo_in_the_graph_of_2008(data_dir: Path) -> None:
    asn, upper, lower, peer = caida(data_dir / "routing" / "as-rel" / "20080101.as-rel.txt.xz")
    row = {number: int(np.searchsorted(asn, number)) for number in (26780, 1299, 3549, 6939, 7575)}
    expected = {(): 27_176, (6939, 3549): 27_171, (6939, 3549, 1299): 190, (6939, 3549, 1299, 7575): 1}
    for cut, heard in expected.items():
        gone = np.zeros(len(upper), dtype=bool)
        for other in cut:
            ends = {row[26780], row[other]}
            gone |= np.isin(upper, list(ends)) & np.isin(lower, list(ends))
        graph = Graph.of(len(asn), upper[~gone], lower[~gone], peer[~gone])
        assert graph.reach(row[26780]).sum() == heard


# -------------------------------------------------------------------------------------------------------- addresses


def test_nobody_holds_special_or_anothers_space(world: Internet) -> None:
    table = world.announcements
    owned = [(table.prefix(i), int(table.origin[i])) for i in np.flatnonzero(table.why == ALLOCATED)]
    made_up = [p for p, row in owned if world.asn[row] != 26780]
    for version in (4, 6):
        spans = sorted((int(p[0]), int(p[-1])) for p in made_up if p.version == version)
        assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    assert not any(p.overlaps(r) for p in made_up for r in ROGUE if p.version == r.version)
    assert not any(why(str(address)) for p, _ in owned for address in (p[0], p[-1]))
    assert min(p.prefixlen for p in made_up if p.version == 4) >= 8
    assert max(p.prefixlen for p in made_up if p.version == 4) <= 24


def test_special_space_is_that_of_the_registries() -> None:
    inside = {"10.1.2.3", "192.0.2.9", "203.0.113.1", "127.0.0.1", "224.0.0.1"}
    for text in (*inside, "11.0.0.1", "8.8.8.8", "192.0.3.1"):
        number = int(ipaddress.ip_address(text))
        assert any(first <= number < stop for first, stop in special(False)) == (text in inside)
    documentation = int(ipaddress.ip_address("2001:db8::")) >> 64
    assert any(first <= documentation < stop for first, stop in special(True))


def test_parts_and_reassigned_blocks_lie_inside_somebodys_allocation(world: Internet) -> None:
    table = world.announcements
    of: dict[int, list[Prefix]] = defaultdict(list)
    for i in np.flatnonzero(table.why == ALLOCATED).tolist():
        of[int(table.origin[i])].append(table.prefix(i))
    parts = np.flatnonzero(table.why == PART).tolist()
    assert len(parts) > 100
    for i in parts:
        part = table.prefix(i)
        assert any(part != p and inside(part, p) for p in of[int(table.origin[i])])
    given = np.flatnonzero(table.why == REASSIGNED).tolist()
    announced = {(str(table.prefix(i)), int(world.asn[table.origin[i]])) for i in given}
    assert len(announced) > 1
    for block in world.reassigned:
        assert any(inside(block.block, p) for p in of[world.row(block.provider)])
        if block.customer is not None:
            assert (str(block.block), block.customer) in announced
            assert world.row(block.customer) in world.at(EPOCH).graph.customers.row(world.row(block.provider))
    assert {block.customer is None for block in world.reassigned} == {True, False}


def inside(part: Prefix, whole: Prefix) -> bool:
    return part.version == whole.version and part.subnet_of(whole)  # type: ignore[arg-type]


def test_networks_are_nouns(world: Internet) -> None:
    networks = world.networks
    assert len(networks) == 250
    assert list(networks)[17] == networks[17] == networks[17 - 250]
    rogue = networks[world.row(26780)]
    assert (rogue.asn, rogue.name, rogue.kind, rogue.prefixes) == (
        26780,
        "ROGUE simulated hosting",
        Kind.HOSTING,
        ROGUE,
    )
    assert all("simulated" in n.name and n.prefixes and len(n.country) == 2 for n in networks)
    assert max(n.asn for n in networks) > 131_071
    with pytest.raises(KeyError):
        world.row(26781)


# -------------------------------------------------------------------------------------------------- time and events


def test_links_are_lost_and_come_back(world: Internet) -> None:
    def providers(at: datetime) -> list[int]:
        return world.asn[world.at(at).graph.providers.row(world.row(26780))].tolist()

    assert providers(EPOCH - timedelta(days=31)) == [1299, 3549, 6939]
    assert providers(CUT1 - timedelta(seconds=1)) == [3549, 6939]
    assert providers(CUT1) == [3549]
    assert providers(CUT2) == []
    assert providers(BACK) == [1299]
    assert (world.at(GONE).announced.origin != world.row(26780)).all()


def test_truth_knows_uplinks_and_reach(world: Internet) -> None:
    truth = json.loads(json.dumps(internet_truth(world)))
    mine = {(u["asn"], u["relation"], u["since"], u["until"]) for u in truth["uplinks"]["26780"]}
    assert mine == {
        (1299, "provider", None, (EPOCH - timedelta(days=30)).isoformat()),
        (1299, "provider", BACK.isoformat(), None),
        (3549, "provider", None, CUT2.isoformat()),
        (6939, "provider", None, CUT1.isoformat()),
        (7575, "peer", None, None),
    }
    last = truth["timeline"][2]
    reached = last["reach"]["26780"]
    by_peering = valley_free(world.at(CUT2).graph, world.row(26780))
    assert (reached["before"], reached["after"]) == (250, len(by_peering))
    assert 1 < len(by_peering) < 250
    assert reached["uplinks_after"] == {"providers": [], "peers": [7575]}
    assert {"asn": 26780, "before": 250, "after": len(by_peering)} in last["lost_reach"]
    assert truth["timeline"][4]["reach"]["26780"]["announced_after"] == 0
    assert len(truth["links"]) == len(world.links)
    assert len(truth["announcements"]) == len(world.announcements)
    assert sum(len(group) for group in truth["siblings"]) > 10


def test_a_dormant_uplink_wakes_when_an_uplink_is_cut_and_sleeps_again() -> None:
    spec = InternetSpec(
        networks=100,
        pinned=(Pinned(50, "simulated", Kind.HOSTING, (), (51, 52)),),
        links=(Link(53, 50, dormant=True, hidden=True),),
        events=(
            Event(EPOCH, Action.CUT, (51, 50)),
            Event(EPOCH + timedelta(days=1), Action.RESTORE, (50, 51)),
            Event(EPOCH + timedelta(days=2), Action.PEER, (50, 54)),
            Event(EPOCH + timedelta(days=3), Action.CUT, (50,)),
        ),
    )
    world = make_internet(spec, 1)
    used = [
        [
            int(world.asn[row])
            for row in world.at(EPOCH + timedelta(days=d)).graph.providers.row(world.row(50))
        ]
        for d in (-1, 0, 1)
    ]
    assert used == [[51, 52], [52, 53], [51, 52]]
    awake = next(u for u in uplinks(world, 50) if u["asn"] == 53)
    assert (awake["hidden"], awake["dormant"]) == (True, True)
    assert (awake["since"], awake["until"]) == (EPOCH.isoformat(), (EPOCH + timedelta(days=1)).isoformat())
    assert world.at(EPOCH + timedelta(days=2)).graph.peers.row(world.row(50)).tolist() == [world.row(54)]
    assert world.at(EPOCH + timedelta(days=3)).graph.reach(world.row(50)).sum() == 1
    assert b"53|50|" not in as_rel(world, EPOCH)


def test_announcements_move_between_networks() -> None:
    block = ipaddress.ip_network("80.10.0.0/16")
    spec = InternetSpec(
        networks=60,
        pinned=(Pinned(7, "simulated", Kind.HOSTING, (block,)), Pinned(8, "simulated", Kind.HOSTING)),
        events=(
            Event(EPOCH, Action.ANNOUNCE, (8,), (block,)),
            Event(EPOCH + timedelta(1), Action.WITHDRAW, (7,), (block,)),
            Event(EPOCH + timedelta(2), Action.ANNOUNCE, (7,)),
        ),
    )
    world = make_internet(spec, 1)
    found = []
    for day in (-1, 0, 1, 2):
        table = world.at(EPOCH + timedelta(day)).announced
        found.append(sorted(int(world.asn[row]) for row in table.origin[table.is_prefix(block)]))
    assert found == [[7], [7, 8], [8], [7, 8]]


SHARES = (
    *(
        "churn",
        "hidden_uplinks",
        "hidden_peers",
        "dormant",
        "dormant_shown",
        "mislabelled",
        "ipv6",
        "four_byte",
    ),
    *("more_specifics", "reassigned", "multi_origin", "as_sets", "siblings", "prepending"),
)
BAD = {
    "law": ({"sizes": "gauss"}, "no law 'gauss'"),
    "few": ({"networks": 10}, "30 to 200000"),
    "room": ({"pinned": tuple(Pinned(i, "", Kind.TIER1) for i in range(1, 61)), "networks": 100}, "clique of 60"),
    "share": ({"hidden_peers": 1.5}, "hidden_peers"),
    "twice": ({"pinned": (Pinned(5, "a", Kind.CAMPUS), Pinned(5, "b", Kind.CAMPUS))}, "twice"),
    "zone": ({"epoch": datetime(2008, 1, 1)}, "time zone"),
    "number": ({"pinned": (Pinned(64500, "a", Kind.CAMPUS),)}, "documentation"),
    "space": ({"pinned": (Pinned(5, "a", Kind.CAMPUS, (ipaddress.ip_network("10.2.0.0/16"),)),)}, "special"),
    "long": ({"pinned": (Pinned(5, "a", Kind.CAMPUS, (ipaddress.ip_network("2a00::/65"),)),)}, "length"),
    "circle": ({"pinned": (Pinned(5, "", Kind.TRANSIT, (), (6,)), Pinned(6, "", Kind.TRANSIT, (), (5,)))}, "circle"),
    "clique": ({"links": (Link(6, 5),), "pinned": (Pinned(5, "", Kind.TIER1),)}, "clique"),
    "no link": ({"pinned": (Pinned(5, "", Kind.HOSTING, (), (6,)), Pinned(7, "", Kind.HOSTING, (), (6,))),
                     "events": (Event(EPOCH, Action.CUT, (5, 7)),)}, "no such link"),
    "itself": ({"pinned": (Pinned(5, "", Kind.HOSTING, (), (), (5,)),)}, "linked to itself"),
    "not cut": ({"events": (Event(EPOCH, Action.RESTORE, (5, 6)),)}, "nothing of it is cut"),
    "not announced": ({"events": (Event(EPOCH, Action.WITHDRAW, (5,), ROGUE[:1]),)}, "208.66.192.0/22"),
}  # fmt: skip


shares = st.sampled_from([0.0, 0.03, 0.5, 1.0])


@given(
    st.integers(30, 120),
    st.fixed_dictionaries(dict.fromkeys(SHARES, shares)),
    st.sampled_from([0.0, 1.2, 20.0]),
    st.sampled_from(sorted(degree_laws.LAWS)),
    st.integers(0, 99),
)
@settings(max_examples=25)
def test_any_rates_make_a_world_that_holds_together(
    networks: int, rates_: dict[str, float], peers: float, law: str, seed: int
) -> None:
    world = make_internet(
        InternetSpec(networks=networks, peers=peers, degrees=law, epoch=EPOCH, **rates_), seed
    )  # type: ignore[arg-type]
    graph = world.at(EPOCH).graph
    assert (graph.providers.degree()[world.kind != 0] > 0).all()
    assert graph.reach(0).all()
    assert len(set(world.asn.tolist())) == networks
    eyes = vantage_points(world, 2)
    assert all((hops[:, 0] >= 0).all() for hops in listen(world, world.at(EPOCH), eyes).hops)
    json.dumps(internet_truth(world))


@pytest.mark.parametrize("wrong, message", BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused_with_a_reason(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make_internet(InternetSpec(**wrong), 1)  # type: ignore[arg-type]


def test_an_event_must_name_what_it_takes() -> None:
    with pytest.raises(BadInput, match="names 1 networks"):
        Event(EPOCH, Action.ADD, (1,))
    with pytest.raises(BadInput, match="no zone"):
        Event(datetime(2008, 1, 1), Action.CUT, (1,))


# ------------------------------------------------------------------------------------------------------------- files


def test_relationship_files_show_their_day_but_nothing_hidden(world: Internet) -> None:
    links, asn = world.links, world.asn
    for day in (EPOCH - timedelta(days=300), EPOCH, EPOCH + timedelta(days=60)):
        lines = [line.split("|") for line in as_rel(world, day).decode().splitlines() if line[0] != "#"]
        pairs = {frozenset((int(a), int(b))) for a, b, _ in lines}
        shown = links.exist(seconds(day)) & ~links.hidden
        assert pairs == {
            frozenset(p) for p in zip(asn[links.upper[shown]], asn[links.lower[shown]], strict=True)
        }
        right = sum(line[2] == "0" for line in lines) - links.peer[shown].sum()
        assert abs(right) <= links.mislabelled[shown].sum() > 0
    old, new = (as_rel(world, EPOCH - timedelta(days=d)) for d in (300, 0))
    assert b"1299|26780|-1\n" in old
    assert b"1299|26780|-1\n" not in new
    assert old.startswith(b"# simulated")
    assert b"3549|26780|-1|bgp\n" in as_rel(world, EPOCH, serial=2)


def read(data: bytes, name: str) -> Iterator[tuple[str, dict[str, object]]]:
    known = detect(data[:4096], name)
    assert known is not None
    reading = known.read(io.BytesIO(data))
    for kind, batch in reading:
        for row in batch.to_pylist():
            yield kind, row
    assert reading.skips.count == 0


@pytest.mark.parametrize("write, name", [(pyasn_dat, "simulated.dat"), (pfx2as, "simulated-20081110.pfx2as")])
@pytest.mark.parametrize("six", [False, True])
def test_origin_files_are_read_back(
    world: Internet, vantages: tuple[Vantage, ...], write, name: str, six: bool
) -> None:  # type: ignore[no-untyped-def]
    moment = world.at(EPOCH)
    data = write(world, moment, vantages, six=six)
    found = {}
    for _, row in read(data, name):
        first, length = ipaddress.ip_address(show_address(row["first"])), row["length"]  # type: ignore[arg-type]
        found[ipaddress.ip_network((first, length))] = row["asns"]  # type: ignore[arg-type]
    told: dict[object, list[int]] = defaultdict(list)
    sets = 0
    table = moment.announced
    for i in table.by_prefix().tolist():
        line = int(table.origin[i]), int(table.first[i]), int(table.length[i]), bool(table.six[i])
        members = world.sets.get(line) if write is pfx2as else None
        sets += members is not None and line[3] == six
        if line[3] == six:
            told[table.prefix(i)] += members or [int(world.asn[line[0]])]
    assert sets > 0 or write is pyasn_dat or six
    assert set(found) == set(told)
    for prefix, origins in told.items():
        assert found[prefix] == (origins[:1] if write is pyasn_dat else list(dict.fromkeys(origins)))


def test_what_nobody_hears_is_in_no_table() -> None:
    spec = InternetSpec(networks=60, pinned=(Pinned(5, "a", Kind.HOSTING, ROGUE[:2], (6,)),),
                        events=(Event(EPOCH, Action.CUT, (5,)),))  # fmt: skip
    world = make_internet(spec, 2)
    eyes = tuple(v for v in vantage_points(world, 6) if v.asn != 5)
    before, after = (pyasn_dat(world, world.at(EPOCH + timedelta(days=d)), eyes) for d in (-1, 1))
    assert b"208.66.192.0/22\t5\n" in before
    assert b"208.66.192.0/22" not in after
    assert len(before) - len(after) == len("208.66.192.0/22\t5\n208.72.168.0/21\t5\n")


def test_names_are_read_back(world: Internet) -> None:
    names = {row["asn"]: row["name"] for _, row in read(as_names(world), "simulated-asns.csv")}
    assert names == dict(zip(world.asn.tolist(), world.name, strict=True))


def files(world: Internet) -> list[bytes]:
    eyes = vantage_points(world, 4)
    heard = listen(world, world.at(CUT1), eyes)
    told = updates(world, CUT1 - timedelta(hours=1), CUT2 + timedelta(hours=1), eyes)
    return [
        as_rel(world, EPOCH),
        pyasn_dat(world, heard.moment, eyes),
        pfx2as(world, heard.moment, eyes),
        as_names(world),
        rib_file(heard),
        updates_file(told, eyes),
        json.dumps(internet_truth(world)).encode(),
    ]


def test_the_same_seed_gives_the_same_bytes(world: Internet) -> None:
    again, other = make_internet(SPEC, 11), make_internet(SPEC, 12)
    assert files(world) == files(again)
    assert all(one != two for one, two in zip(files(world), files(other), strict=True))
    assert all(b"simulated" in (gzip.decompress(f) if f[:2] == b"\x1f\x8b" else f) for f in files(world)[:2])


# --------------------------------------------------------------------------------------------------------------- MRT

Told = tuple[object, ...]


def test_updates_lead_from_one_table_to_the_next(world: Internet, vantages: tuple[Vantage, ...]) -> None:
    """Applied in order of time to what was heard before, they give what is heard afterwards."""
    start, end = EPOCH + timedelta(days=1), GONE + timedelta(hours=1)
    told = updates(world, start, end, vantages)
    assert [e.time for e in told] == sorted(e.time for e in told)
    assert {e.cause for e in told} == set(Cause)
    tables = table_of(listen(world, world.at(start), vantages))
    for element in told:
        for block in element.blocks:
            tables[element.place].pop(block, None)
            if element.route is not None:
                tables[element.place][block] = element.route
    assert tables == table_of(listen(world, world.at(end), vantages))
    delays = [
        e.time / 1e6 - CUT2.timestamp() for e in told if e.cause is Cause.CHANGE and ROGUE_BLOCK in e.blocks
    ]
    assert all(any(0 < d - shift < 600 for shift in SHIFTS) for d in delays)
    assert len(delays) >= 4


ROGUE_BLOCK = (False, int(ROGUE[0][0]), 22)
SHIFTS = tuple((t - CUT2).total_seconds() for t in (CUT1, CUT2, BACK, GONE))


def table_of(heard: Heard) -> list[dict[object, Route]]:
    tables: list[dict[object, Route]] = [{} for _ in heard.vantages]
    for block, origins in heard.blocks():
        for place, vantage in enumerate(heard.vantages):
            route = heard.route(place, block, origins)
            if route and (not block[0] or vantage.address6):
                tables[place][block] = route
    return tables


def expected_route(route: Route, hop: object) -> Told:
    """As bgpdump -m writes it: path, origin, next hop, communities, atomic aggregate, aggregator."""
    path = " ".join(map(str, route.path)) + (
        f" {{{','.join(map(str, route.members))}}}" if route.members else ""
    )
    tags = " ".join(f"{a}:{b}" for a, b in route.communities)
    maker = f"{route.path[-1]} {aggregator_address(route.path[-1])}" if route.members else ""
    origin = "INCOMPLETE" if origin_code(route.path[-1]) else "IGP"
    return path, origin, str(hop), tags, "AG" if route.members else "NAG", maker


def dumped(data: bytes, folder: Path) -> Iterator[list[str]]:
    if shutil.which("bgpdump") is None:
        pytest.skip("bgpdump is not installed (Debian package bgpdump)")
    file = folder / "dump.gz"
    file.write_bytes(data)
    done = subprocess.run(["bgpdump", "-m", str(file)], capture_output=True, text=True, check=True)
    assert "error" not in done.stderr.lower()
    assert "warn" not in done.stderr.lower()
    for line in done.stdout.splitlines():
        yield line.split("|")


def told_by(line: list[str]) -> Told:
    return line[6], line[7], line[8], line[11], line[12], line[13]


@pytest.mark.parametrize("at", [EPOCH, CUT2])
def test_bgpdump_reads_the_table_that_was_meant(
    world: Internet, vantages: tuple[Vantage, ...], at: datetime, tmp_path: Path
) -> None:
    heard = listen(world, world.at(at), vantages)
    found = [
        (line[1], line[3], line[4], line[5], told_by(line)) for line in dumped(rib_file(heard), tmp_path)
    ]
    meant = []
    for place, table in enumerate(table_of(heard)):
        vantage = vantages[place]
        for block, route in table.items():
            hop = vantage.address6 if block[0] else vantage.address  # type: ignore[index]
            text = str(prefix_in(block))  # type: ignore[arg-type]
            told = expected_route(route, hop)  # type: ignore[index]
            meant.append((str(int(at.timestamp())), str(hop), str(vantage.asn), text, told))
    assert sorted(found) == sorted(meant)
    assert any("{" in told[0] for *_, told in meant)
    assert any(":" in prefix for *_, prefix, _ in meant)
    assert any(int(number) > 65_535 for *_, told in meant for number in str(told[0]).split("{")[0].split())


@pytest.mark.parametrize("extended, wide", [(True, True), (False, False), (True, False)])
def test_bgpdump_reads_the_updates_that_were_meant(
    world: Internet, vantages: tuple[Vantage, ...], extended: bool, wide: bool, tmp_path: Path
) -> None:
    told = updates(
        world, CUT1 - timedelta(minutes=30), GONE + timedelta(hours=1), vantages, flaps_an_hour=0.3
    )
    found = [
        (line[1], line[2], line[3], line[4], line[5], told_by(line) if line[2] == "A" else ())
        for line in dumped(updates_file(told, vantages, extended=extended, wide=wide), tmp_path)
    ]
    assert sorted(found) == sorted(meant_by(told, vantages, extended, wide))
    assert {line[1] for line in found} == {"A", "W"}


def meant_by(
    told: list[Element], vantages: tuple[Vantage, ...], extended: bool, wide: bool
) -> Iterator[tuple[str, str, str, str, str, Told]]:
    for element in told:
        vantage = vantages[element.place]
        second, micro = divmod(element.time, 1_000_000)
        when = f"{second}.{micro:06d}" if extended else str(second)
        number = vantage.asn if wide or vantage.asn <= 65_535 else AS_TRANS
        for block in element.blocks:
            hop = vantage.address6 if block[0] else vantage.address
            route = expected_route(element.route, hop) if element.route else ()
            yield when, "A" if element.route else "W", str(hop), str(number), str(prefix_in(block)), route


def test_records_add_up_to_the_file(world: Internet, vantages: tuple[Vantage, ...]) -> None:
    """Framing alone, for where bgpdump is not installed."""
    heard = listen(world, world.at(EPOCH), vantages)
    told = updates(world, CUT1 - timedelta(minutes=1), CUT1 + timedelta(minutes=1), vantages)
    for data, kinds in (
        (rib_file(heard), {(13, 1), (13, 2), (13, 4)}),
        (updates_file(told, vantages), {(17, 4)}),
    ):
        raw, place, seen = gzip.decompress(data), 0, set()
        while place < len(raw):
            _, kind, subtype, length = struct.unpack_from(">IHHI", raw, place)
            seen.add((kind, subtype))
            place += 12 + length
        assert place == len(raw)
        assert seen == kinds


# -------------------------------------------------------------------------------------------------------------- size


def test_a_small_world_is_made_at_once() -> None:
    start = time.process_time()
    make_internet(InternetSpec(), 1)
    assert time.process_time() - start < 1


@cache
def large() -> tuple[Internet, float]:
    start = time.process_time()
    return make_internet(InternetSpec(networks=75_000, peers=4.4), 1), time.process_time() - start


@pytest.mark.slow
def test_a_large_world_and_its_files_take_less_than_a_minute() -> None:
    world, spent = large()
    start = time.process_time()
    eyes = vantage_points(world, 10)
    moment = world.at(world.spec.epoch)
    for data in (
        as_rel(world, world.spec.epoch),
        pyasn_dat(world, moment, eyes),
        pfx2as(world, moment, eyes),
    ):
        assert data.count(b"\n") > 100_000
    assert as_names(world).count(b"\n") == 75_001
    assert spent + time.process_time() - start < 60


@pytest.mark.slow
def test_paths_from_ten_vantage_points_of_a_large_world_take_less_than_twenty_seconds() -> None:
    world, _ = large()
    moment, eyes = world.at(world.spec.epoch), vantage_points(world, 10)
    start = time.process_time()
    heard = listen(world, moment, eyes)
    assert time.process_time() - start < 20
    assert all((hops[:, 0] >= 0).all() for hops in heard.hops)

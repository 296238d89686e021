"""The relationship graph and reach, against a slow and obvious reference and against published figures."""

from __future__ import annotations

import io
import lzma
import random
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.errors import NotFound
from depeer.routing.collateral import at_top, fallen, fallen_without
from depeer.routing.cones import customers_of, observed_cone
from depeer.routing.graph import Graph
from depeer.routing.paths import path
from depeer.routing.reach import cone, heard_by, through
from depeer.sources.origins.as_rel import AS_REL, RELATIONSHIPS

Link = tuple[int, int, str]


def graph_of(*links: Link, clique: tuple[int, ...] = ()) -> Graph:
    """From (upper, lower, kind)."""
    rows = [{"upper": a, "lower": b, "kind": kind, "source": None} for a, b, kind in links]
    rows += [{"upper": a, "lower": None, "kind": "clique", "source": None} for a in clique]
    return Graph.compile(pa.Table.from_pylist(rows, schema=RELATIONSHIPS))


@cache
def real(data: Path, year: int) -> Graph:
    file = data / "routing" / "as-rel" / f"{year}0101.as-rel.txt.xz"
    batches = [batch for _, batch in AS_REL.read(io.BytesIO(lzma.decompress(file.read_bytes())))]
    return Graph.compile(pa.Table.from_batches(batches))


def settled(links: list[Link]) -> dict[frozenset[int], Link]:
    """Contradictions settled as the graph says it does."""
    found: dict[frozenset[int], Link] = {}
    order = {"peer": 1, "provider": 2, "sibling": 3}
    for link in links:
        key = frozenset(link[:2])
        old = found.get(key)
        if old and old[2] == link[2] == "provider" and old[0] != link[0]:
            found[key] = (*link[:2], "sibling")
        elif old is None or order[link[2]] > order[old[2]]:
            found[key] = link
    return found


def slow_reach(links: list[Link], origin: int, refused: frozenset[int] = frozenset()) -> set[int]:
    """Every (network, phase) that the origin's routes get to; phase 0 climbs, phase 1 descends."""
    moves: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for a, b, kind in settled(links).values():
        for one, other in ((a, b), (b, a)):
            steps = moves.setdefault((one, 0), set()), moves.setdefault((one, 1), set())
            if kind == "sibling":
                steps[0].add((other, 0))
                steps[1].add((other, 1))
            elif kind == "peer":
                steps[0].add((other, 1))
            elif one == a:
                steps[0].add((other, 1))
                steps[1].add((other, 1))
            else:
                steps[0].add((other, 0))
    seen, queue = {(origin, 0)}, [(origin, 0)]
    for state in queue:
        for near in moves.get(state, ()):
            if near not in seen and near[0] not in refused:
                seen.add(near)
                queue.append(near)
    return {node for node, _ in seen}


def random_links(dice: random.Random, size: int, count: int) -> list[Link]:
    pairs = [dice.sample(range(1, size + 1), 2) for _ in range(count)]
    return [(a, b, dice.choice(["provider", "provider", "peer", "sibling"])) for a, b in pairs]


@given(st.integers(0, 2**32), st.integers(2, 12), st.integers(1, 30))
def test_reach_equals_the_slow_reference(seed: int, size: int, count: int) -> None:
    dice = random.Random(seed)
    links = random_links(dice, size, count)
    graph, origin = graph_of(*links), links[0][0]
    refused = frozenset(dice.sample(range(1, size + 1), dice.randint(0, size // 2))) - {origin}
    heard = heard_by(graph, origin, without_ases=refused)
    assert set(graph.asns(heard)) == slow_reach(links, origin, refused)
    gone = [link[:2] for link in links if dice.random() < 0.3]
    left = [link for link in links if frozenset(link[:2]) not in map(frozenset, gone)]
    heard = heard_by(
        graph, origin, without_links=[tuple(reversed(pair)) for pair in gone], without_ases=refused
    )
    assert set(graph.asns(heard)) == slow_reach(left, origin, refused)


@given(st.integers(0, 2**32), st.integers(2, 12), st.integers(1, 30))
def test_reach_by_uplink_adds_up(seed: int, size: int, count: int) -> None:
    dice = random.Random(seed)
    links = random_links(dice, size, count)
    graph, origin = graph_of(*links), links[0][1]
    via = through(graph, origin)
    kept = np.array([dice.random() < 0.5 for _ in via.uplinks], dtype=bool)
    cut = [(origin, int(graph.asn[node])) for node in via.uplinks[~kept]]
    assert (via.heard(kept) == heard_by(graph, origin, without_links=cut)).all()


@given(st.integers(0, 2**32), st.integers(2, 10), st.integers(1, 25))
def test_a_path_exists_where_a_network_hears_and_is_permitted(seed: int, size: int, count: int) -> None:
    dice = random.Random(seed)
    links = random_links(dice, size, count)
    graph, origin = graph_of(*links), links[0][0]
    refused = set(dice.sample(range(1, size + 1), dice.randint(0, 2))) - {origin}
    heard = set(graph.asns(heard_by(graph, origin, without_ases=refused)))
    for listener in graph.asn.tolist():
        found = path(graph, origin, listener, without_ases=refused)
        assert (found is not None) == (listener in heard)
        if found:
            assert found[0] == origin
            assert found[-1] == listener
            assert not refused.intersection(found)
            chain = [link for link in links if any({a, b} == set(link[:2]) for a, b in pairwise(found))]
            assert listener in slow_reach(chain, origin)


def test_more_uplinks_than_a_word_has_bits() -> None:
    links = [(1000 + i, 1, "provider") for i in range(150)] + [
        (1000 + i, 5000 + i, "provider") for i in range(150)
    ]
    graph = graph_of(*links, (1, 7, "peer"))
    via = through(graph, 1)
    assert via.counts().tolist() == [2] * 150 + [1]
    assert via.sole().tolist() == [2] * 150 + [1]
    assert via.heard(np.arange(151) % 2 == 0).sum() == 1 + 75 * 2 + 1


def test_statements_that_contradict_each_other() -> None:
    graph = graph_of(
        (1, 2, "peer"), (1, 2, "provider"), (3, 4, "provider"), (4, 3, "provider"), (5, 6, "peer")
    )
    assert graph.providers_of(2) == (1,)
    assert graph.peers_of(2) == ()
    assert graph.siblings_of(3) == (4,)
    assert graph.peers_of(5) == (6,)
    assert graph.customers_of(1) == (2,)


def test_links_in_a_ring_and_long_chains_end() -> None:
    ring = graph_of((1, 2, "provider"), (2, 3, "provider"), (3, 1, "provider"), (3, 9, "provider"))
    assert heard_by(ring, 9).all()
    chain = graph_of(*((i, i + 1, "provider") for i in range(1, 3000)))
    assert heard_by(chain, 3000).all()
    assert cone(chain, 1).all()


def test_the_top_is_found_where_the_file_does_not_name_it() -> None:
    links = [(1, 2, "peer"), (1, 3, "peer"), (2, 3, "peer"), (9, 8, "provider")]
    links += [(top, 10 * top + i, "provider") for top in (1, 2, 3) for i in range(3)]
    graph = graph_of(*links)
    assert graph.asns(graph.clique) == (1, 2, 3)
    assert not graph.clique_given
    assert graph_of(*links, clique=(1, 2, 777)).asns(graph_of(*links, clique=(1, 2, 777)).clique) == (1, 2)


def test_a_graph_survives_its_arrays() -> None:
    graph = graph_of((1, 2, "provider"), (2, 3, "provider"), (1, 4, "peer"), clique=(1,))
    again = Graph.from_arrays(graph.arrays())
    assert again.carriers == graph.carriers
    assert again.clique_given is True
    assert (heard_by(again, 3) == heard_by(graph, 3)).all()


def test_an_empty_file_is_an_empty_graph() -> None:
    graph = graph_of()
    assert len(graph) == 0
    assert 1 not in graph
    assert -1 not in graph
    assert 2**70 not in graph
    with pytest.raises(NotFound, match="AS1 has no link"):
        heard_by(graph, 1)


def test_who_falls_with_a_network() -> None:
    graph = graph_of(
        (1, 2, "peer"), (1, 10, "provider"), (10, 11, "provider"), (11, 12, "provider"), (10, 13, "provider"),
        (2, 13, "provider"), (10, 14, "provider"), (14, 2, "peer"), clique=(1, 2),
    )  # fmt: skip
    assert at_top(graph).all()
    assert graph.asns(fallen(graph, 10)) == (11, 12)
    assert graph.asns(fallen_without(graph, links=[(1, 10)])) == (10, 11, 12)
    assert graph.asns(fallen_without(graph, gone=[10])) == (11, 12)


@pytest.mark.data
@pytest.mark.parametrize(
    ("cut", "reach"),
    [((), 27176), ((6939, 3549), 27171), ((6939, 3549, 1299), 190), ((6939, 3549, 1299, 7575), 1)],
)
def test_mccolo_in_2008(data_dir: Path, cut: tuple[int, ...], reach: int) -> None:
    graph = real(data_dir, 2008)
    assert len(graph) == 27320
    assert graph.providers_of(26780) == (1299, 3549, 6939)
    assert graph.peers_of(26780) == (7575,)
    assert heard_by(graph, 26780, without_links=[(26780, asn) for asn in cut]).sum() == reach


@pytest.mark.data
@pytest.mark.parametrize(
    ("cut", "reach"), [((4436,), 27180), ((19151,), 27180), ((27524,), 27174), ((4436, 19151, 27524), 1)]
)
def test_atrivo_in_2008(data_dir: Path, cut: tuple[int, ...], reach: int) -> None:
    graph = real(data_dir, 2008)
    assert heard_by(graph, 27595, without_links=[(27595, asn) for asn in cut]).sum() == reach


@pytest.mark.data
def test_both_are_gone_in_2009(data_dir: Path) -> None:
    graph = real(data_dir, 2009)
    assert 26780 not in graph
    assert 27595 not in graph
    assert graph.clique_given


def test_recursive_and_observed_cones() -> None:
    graph = graph_of(
        (1, 10, "provider"), (2, 10, "peer"), (10, 11, "provider"), (10, 12, "provider"), (11, 13, "provider"),
        (3, 12, "provider"),
    )  # fmt: skip
    assert customers_of(graph, [10]) == {11, 12, 13}
    assert customers_of(graph, [11, 3]) == {12, 13}
    paths = [(1, 10, 10, 11, 11, 13), (2, 10, 11), (11, 10, 12), (3, 12), (1, 10, 99), ()]
    assert observed_cone(graph, 10, paths) == {10, 11, 13}

"""Isolating sets against brute force: every subset of networks tried, on small random graphs."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest

from depeer.routing.isolate import from_everyone, from_share, from_top, own
from depeer.routing.reach import heard_by, through
from test_graph import Link, graph_of, random_links, real, settled

Neighbours = dict[int, int]


class Brute:
    """The same questions by trying all; networks are bits, and nothing is shared with the code under test."""

    def __init__(self, links: list[Link], target: int, clique: tuple[int, ...]) -> None:
        self.target, self.clique = target, sum(1 << asn for asn in clique)
        self.up, self.peer, self.down, self.mate = ({} for _ in range(4))  # type: tuple[Neighbours, ...]
        self.nodes = 0
        for a, b, kind in settled(links).values():
            self.nodes |= 1 << a | 1 << b
            for near, one, other in {
                "provider": [(self.up, b, a), (self.down, a, b)],
                "peer": [(self.peer, a, b), (self.peer, b, a)],
                "sibling": [
                    (side, *ends) for side in (self.up, self.down, self.mate) for ends in ((a, b), (b, a))
                ],
            }[kind]:
                near[one] = near.get(one, 0) | 1 << other
        group = grow(self.mate, 1 << target, 0)
        self.own = grow(self.down, group, 0)

    def heard(self, refused: int) -> tuple[int, int]:
        """Who hears, and who hears going up or across."""
        risen = grow(self.up, 1 << self.target, refused)
        first = risen | (leads(self.peer, risen) & ~refused)
        return grow(self.down, first, refused), first

    def everyone(self, refused: int) -> bool:
        return not self.heard(refused)[0] & ~self.own

    def top(self, refused: int) -> bool:
        return not self.heard(refused)[1] & self.clique

    def minimal(self, isolates: str) -> set[tuple[int, ...]]:
        free = [asn for asn in range(self.nodes.bit_length()) if (self.nodes & ~self.own) >> asn & 1]
        found: list[int] = []
        for size in range(len(free) + 1):
            for some in combinations(free, size):
                refused = sum(1 << asn for asn in some)
                if not any(old & refused == old for old in found) and getattr(self, isolates)(refused):
                    found.append(refused)
        return {tuple(asn for asn in free if refused >> asn & 1) for refused in found}


def leads(near: Neighbours, nodes: int) -> int:
    found = 0
    for asn, others in near.items():
        if nodes >> asn & 1:
            found |= others
    return found


def grow(near: Neighbours, nodes: int, refused: int) -> int:
    while (more := nodes | (leads(near, nodes) & ~refused)) != nodes:
        nodes = more
    return nodes


def compare(seed: int) -> None:
    dice = random.Random(seed)
    size = dice.randint(2, 8)
    links = random_links(dice, size, dice.randint(1, 2 * size))
    if dice.random() < 0.5:
        links = [(min(a, b), max(a, b), kind) for a, b, kind in links]
    if dice.random() < 0.7:
        links = [(a, b, "peer" if kind == "sibling" else kind) for a, b, kind in links]
    target = links[0][1]
    seen = sorted({asn for link in links for asn in link[:2]})
    clique = tuple(dice.sample(seen, min(len(seen), dice.randint(1, 3))))
    graph, brute = graph_of(*links, clique=clique), Brute(links, target, clique)
    mine = own(graph, target)
    everyone, top = from_everyone(graph, mine), from_top(graph, mine, most=10_000, slack=None, flows=100_000)
    assert set(everyone.sets) == brute.minimal("everyone"), seed
    assert set(top.sets) == brute.minimal("top"), seed
    assert len(set(top.sets)) == len(top.sets), seed
    assert list(map(len, top.sets)) == sorted(map(len, top.sets)), seed
    assert top.complete == top.possible == bool(top.sets), seed


def test_minimal_sets_equal_brute_force() -> None:
    for seed in range(2_000):
        compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2, 102))
def test_minimal_sets_equal_brute_force_on_a_hundred_thousand_graphs(block: int) -> None:
    for seed in range(1000 * block, 1000 * (block + 1)):
        compare(seed)


def share_by_trying(links: list[Link], target: int, share: float) -> set[tuple[int, ...]]:
    graph = graph_of(*links)
    via = through(graph, target)
    uplinks, beyond = graph.asn[via.uplinks].tolist(), ~via.own
    found: list[set[int]] = []
    for size in range(len(uplinks) + 1):
        for cut in combinations(sorted(uplinks), size):
            heard = heard_by(graph, target, without_links=[(target, asn) for asn in cut])
            if (heard & beyond).sum() <= int(share * beyond.sum()) and not any(
                old <= set(cut) for old in found
            ):
                found.append(set(cut))
    return {tuple(sorted(cut)) for cut in found}


@pytest.mark.parametrize("seed", range(60))
def test_sets_of_a_share_equal_trying_all(seed: int) -> None:
    dice = random.Random(seed)
    links = random_links(dice, 12, 24)
    target, share = links[0][1], dice.choice([0.0, 0.2, 0.4, 0.6])
    graph = graph_of(*links)
    found = from_share(graph, through(graph, target), share, most=1000)
    assert set(found.sets) == share_by_trying(links, target, share)
    assert found.complete


def test_a_network_further_up_can_stand_in_for_many() -> None:
    links = [(1, 2, "peer"), (1, 5, "provider"), *((5, 10 + i, "provider") for i in range(4))]
    links += [(10 + i, 99, "provider") for i in range(4)]
    graph = graph_of(*links, clique=(1, 2))
    mine = own(graph, 99)
    assert from_top(graph, mine, slack=None).sets == ((1,), (5,), (10, 11, 12, 13))
    assert from_everyone(graph, mine).sets == ((10, 11, 12, 13),)


def test_a_peer_of_the_top_must_be_asked_too() -> None:
    graph = graph_of((1, 2, "peer"), (1, 9, "provider"), (9, 2, "peer"), clique=(1, 2))
    assert from_top(graph, own(graph, 9)).sets == ((1, 2),)


def test_nothing_isolates_the_top_itself() -> None:
    graph = graph_of((1, 2, "peer"), (1, 9, "provider"), clique=(1, 2))
    found = from_top(graph, own(graph, 1))
    assert (found.sets, found.possible, found.complete) == ((), False, False)


def test_a_sibling_is_no_refuser() -> None:
    graph = graph_of((1, 2, "peer"), (1, 8, "provider"), (8, 9, "sibling"), clique=(1, 2))
    mine = own(graph, 9)
    assert set(graph.asns(mine.all)) == {8, 9}
    assert from_everyone(graph, mine).sets == from_top(graph, mine).sets == ((1,),)


@pytest.mark.data
def test_mccolo_and_atrivo(data_dir: Path) -> None:
    graph = real(data_dir, 2008)
    mccolo, atrivo = own(graph, 26780), own(graph, 27595)
    assert from_everyone(graph, mccolo).sets == ((1299, 3549, 6939, 7575),)
    assert from_top(graph, mccolo).sets == ((1299, 3549, 6939),)
    assert from_everyone(graph, atrivo).sets == ((4436, 19151, 27524),)
    assert from_top(graph, atrivo).sets[0] == (4436, 19151, 27524)
    assert from_share(graph, through(graph, 26780), 0.01).sets == ((1299, 3549, 6939),)
    for cut in from_top(graph, mccolo, slack=None).sets:
        heard = heard_by(graph, 26780, without_ases=cut)
        assert not heard[graph.clique].any()

"""P(offline): uplinks that no file lists, found again from tables and failures; and worlds that come true as said."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import numpy as np
import pytest

from depeer.measures.offline import MEASURED, Left, p_offline, p_there
from depeer.measures.unlisted import Share, Unlisted, fit_dormant, fit_unlisted, fit_unshown, listed
from depeer.routing.graph import Graph
from depeer.sources.origins.mrt_routes import MRT
from depeer.world import returning
from depeer.world.heard import listen, vantage_points
from depeer.world.internet import make_internet
from depeer.world.internet_spec import InternetSpec
from depeer.world.mrt_rib import rib_file
from test_graph import graph_of


def stock(seed: int, networks: int = 3000) -> tuple[Graph, list[int]]:
    """A file that lists one to three uplinks of each network, and the uplinks in use: of those with one listed every
    fifth has another, of those with two every fourth. The number of the network tells which."""
    dice = np.random.default_rng(seed)
    links = [(1, 2, "peer"), *((1, 10 + k, "provider") for k in range(40))]
    used = []
    for asn in range(1000, 1000 + networks):
        uplinks = dice.permutation(40)[:3] + 10
        count = 1 + asn % 3
        links += [(int(uplink), asn, "provider") for uplink in uplinks[:count]]
        more = asn % (5, 4, 3)[asn % 3] == 0
        used += [asn << 32 | int(uplink) for uplink in uplinks[: count + more]]
    return graph_of(*links, clique=(1, 2)), used


def test_unlisted_uplinks_are_counted_though_tables_miss_some() -> None:
    graph, used = stock(1)
    dice = np.random.default_rng(2)
    keys = dice.permutation(used)
    shown = dice.random(len(keys)) < 0.6
    shown[np.unique(keys >> 32, return_index=True)[1]] = True
    found = fit_unlisted(graph, keys[shown])
    assert found.shown[0].mean < 1, "a table may show the unlisted one alone"
    assert found.shown[1].mean == pytest.approx(0.8, abs=0.04)
    assert found.hidden[0].mean == pytest.approx(1 / 5, abs=0.05)
    assert found.hidden[1].mean == pytest.approx(1 / 4, abs=0.05)


def test_what_no_table_shows_is_judged_by_what_became_of_the_like() -> None:
    """A thousand links of an older file that a table does not show; a fifth of all had gone by then, by the rates."""
    older = [(2, asn, "provider") for asn in range(1000, 2000)]
    newer = [(2 if asn % 10 < 3 else 3, asn, "provider") for asn in range(1000, 2000)]
    graphs = [graph_of((1, 2, "provider"), (1, 3, "provider"), *links) for links in (older, newer)]
    table = np.array([asn << 32 | 3 for asn in range(1000, 2000)])
    found = fit_unshown([(200.0, graphs[0])], graphs[1], table, lambda days: 0.8)
    assert found is not None
    there = 0.8 * found.mean / (0.8 * found.mean + 0.2)
    assert there == pytest.approx(0.3, abs=0.01)
    assert fit_unshown([(200.0, graphs[1])], graphs[1], table[:0], lambda days: 0.8) is None


def test_a_table_that_shows_the_target_leaves_less_to_hide() -> None:
    unlisted = Unlisted((Share(20, 80),) * 4, (Share(90, 10),) * 4, Share(1, 99), Share(1, 99))
    assert unlisted.hides(2, seen=False).mean == pytest.approx(0.2)
    assert unlisted.hides(2, seen=True).mean == pytest.approx(0.02 / (0.02 + 0.8))
    blind = p_offline([], 2, MEASURED, unlisted=unlisted).now.value
    assert blind < p_offline([], 2, MEASURED, unlisted=unlisted, seen=True).now.value
    assert blind == pytest.approx(0.8 * 0.99, abs=0.01)
    assert p_offline([], 2, MEASURED, unlisted=unlisted, since=300).now.value < blind


def test_a_peer_that_no_table_shows_may_well_be_there() -> None:
    unlisted = Unlisted((Share(1, 99),) * 4, (Share(95, 5),) * 4, Share(5, 95), Share(1, 99))
    peer, provider = (
        p_there(Left(kind, 100, seen=False), 2, MEASURED, unlisted) for kind in ("peer", "provider")
    )
    assert peer > 0.8 > 0.6 > provider


def test_failures_show_backups() -> None:
    """Of a thousand networks three in twenty have a backup; a tenth of all lose an uplink in the middle table."""
    dice = np.random.default_rng(3)
    quiet = [asn << 32 | uplink for asn in range(1000, 2000) for uplink in (7, 8)]
    failing = set(dice.permutation(np.arange(1000, 2000))[:100].tolist())
    middle = [key for key in quiet if not (key >> 32 in failing and key & 0xFF == 7)]
    middle += [asn << 32 | 99 for asn in failing if asn % 20 < 3]
    true = sum(asn % 20 < 3 for asn in failing) / len(failing)
    tables = [np.array(quiet), np.array(middle), np.array(quiet)]
    found = fit_dormant(tables, np.array(quiet))
    assert found.mean == pytest.approx(true, abs=0.01)
    known = np.array([*quiet, *(asn << 32 | 99 for asn in failing)])
    assert fit_dormant(tables, known).mean < 0.01, "known ones are not new"
    assert fit_dormant([], np.array(quiet)).a + fit_dormant([], np.array(quiet)).b == pytest.approx(1), (
        "nobody looked"
    )


def test_what_a_file_lists() -> None:
    graph = graph_of((1, 2, "peer"), (1, 3, "provider"), (3, 4, "sibling"))
    assert {(int(k) >> 32, int(k) & 0xFFFFFFFF) for k in listed(graph)} == {
        (1, 2),
        (2, 1),
        (3, 1),
        (3, 4),
        (4, 3),
    }


# ------------------------------------------------------------------------------------------- simulated worlds


@pytest.fixture(scope="module")
def internet():  # type: ignore[no-untyped-def]  # a module's fixture, used below only
    return make_internet(InternetSpec(networks=200), 11)


def test_tables_taken_from_paths_are_those_of_the_dump(internet) -> None:  # type: ignore[no-untyped-def]
    from bench.offline import table

    moment = internet.at(datetime(2008, 11, 3, tzinfo=UTC))
    points = vantage_points(internet, 6)
    dump = gzip.decompress(rib_file(listen(internet, moment, points)))
    rows = [b for kind, b in MRT.read(io.BytesIO(dump)) if kind == "uplinks"]
    read = {(a, u) for b in rows for a, u in zip(b["asn"].to_pylist(), b["uplink"].to_pylist(), strict=True)}
    short = {(int(k) >> 32, int(k) & 0xFFFFFFFF) for k in table(internet, moment.second, points)}
    ends_in_a_set = {asn for asn, _ in short} - {asn for asn, _ in read}
    assert {pair for pair in short if pair[0] not in ends_in_a_set} >= read
    assert len(ends_in_a_set) <= 2
    assert len(short - read) <= 0.03 * len(short)


@pytest.mark.parametrize("law", returning.WHO)
def test_who_returns_is_carried_by_somebody_who_can(law: str, internet) -> None:  # type: ignore[no-untyped-def]
    graph = internet.at(datetime(2008, 11, 3, tzinfo=UTC)).graph
    for row in range(0, 200, 17):
        chance = returning.chances(internet, graph, row, law)
        assert chance.sum() == pytest.approx(1)
        assert not chance[graph.cone(row)].any()


@pytest.mark.parametrize("law", returning.WHEN)
def test_when_is_later_than_the_cut(law: str) -> None:
    days = returning.WHEN[law](np.random.default_rng(1), 500)
    assert (days > 0).all()
    assert np.isfinite(days).any()


@pytest.mark.slow
def test_what_is_said_comes_true_in_worlds_unseen() -> None:
    """A sample of ``python -m bench.offline``: better than the base rate, and on the whole neither bold nor shy."""
    from bench.offline import figures, world

    rows = [row for seed in range(7000, 7005) for row in world(seed, 30) if row["tables"]]
    found = figures(rows)
    for when, said, true in (("now", "now", "off"), ("later", "later", "still")):
        assert found[when]["skill"] > 0.1
        assert np.mean([row[said] - row[true] for row in rows]) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("scenario", ["mccolo-2008", "atrivo-2008", "whack-a-mole"])
def test_alarms_and_uplinks_of_a_story_come_when_they_are_true(scenario: str) -> None:
    """A sample of ``python -m bench.watch_world``."""
    from bench.watch_world import Told, one

    from depeer.world.shelf import read

    told = Told()
    one(read(scenario)[0], 77, told)
    for what in ("offline", "back"):
        assert told.count[f"{what}, told within one update"] == told.count[f"{what}, true"] > 0
    assert told.count["back, through the right uplink"] == told.count["back, true"]
    assert told.count["alarms too many"] == 0
    assert told.count["uplinks in use, found"] == told.count["uplinks in use, true"] > 1

"""What a cut takes and leaves, how likely it holds, and who carries the target next."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from depeer.errors import NotFound
from depeer.judgement.cut import cut
from depeer.judgement.steps import Held, steps
from depeer.measures.next_uplink import Market, features, fit, hindcast, next_uplinks
from depeer.measures.offline import (
    MEASURED,
    Gains,
    Lasting,
    Left,
    Returns,
    fit_gains,
    fit_lasting,
    fit_missed,
    fit_rates,
    p_offline,
    withheld,
)
from depeer.routing.collateral import Sizes, collateral, fallen
from depeer.routing.reach import heard_by
from test_graph import graph_of, random_links, real

SMALL = graph_of(
    (1, 2, "peer"), (1, 3, "peer"), (2, 3, "peer"),
    (1, 10, "provider"), (2, 11, "provider"), (3, 12, "provider"),
    (10, 99, "provider"), (11, 99, "provider"), (12, 99, "peer"), (12, 13, "provider"),
    (99, 50, "provider"), (50, 51, "provider"), (99, 60, "provider"), (12, 60, "provider"),
    clique=(1, 2, 3),
)  # fmt: skip


def test_a_small_case_told_in_full() -> None:
    found = cut(SMALL, 99, without=(10,), at=date(2008, 11, 11))
    assert (found.networks, found.reach_before, found.reach_after, found.top_after) == (11, 11, 11, 3)
    assert found.remaining == (11, 12)
    assert [(up.asn, up.kind, up.hears, up.sole, up.severed) for up in found.uplinks] == [
        (10, "provider", 7, 0, True),
        (11, "provider", 7, 0, False),
        (12, "peer", 2, 0, False),
    ]
    assert [(one.asns, one.grade, one.reach_after, one.path) for one in found.isolating_sets] == [
        ((10, 11), "top", 6, (99, 12)),
        ((1, 11), "top", 7, (99, 12)),
        ((2, 10), "top", 7, (99, 12)),
        ((1, 2), "top", 8, (99, 12)),
        ((10, 11, 12), "everyone", 4, None),
    ]
    assert not found.falls
    assert [loss.asn for loss in found.collateral.fallen] == [50, 51]
    assert found.residual == ((99, 11, 2, 3, 12), (99, 12))


@pytest.mark.parametrize("seed", range(60))
def test_every_figure_agrees_with_reach(seed: int) -> None:
    dice = random.Random(seed)
    links = random_links(dice, 14, 28)
    clique = tuple(sorted({asn for link in links for asn in link[:2]}))[:2]
    graph, target = graph_of(*links, clique=clique), links[0][1]
    near = set(graph.providers_of(target) + graph.peers_of(target) + graph.siblings_of(target))
    without = [asn for asn in range(1, 15) if asn != target and dice.random() < 0.2]
    found = cut(graph, target, without)
    severed = [(target, asn) for asn in near.intersection(without)]
    refusing = set(without) - near
    assert found.reach_before == heard_by(graph, target).sum()
    assert found.reach_after == heard_by(graph, target, severed, refusing).sum()
    for one in found.isolating_sets:
        heard = heard_by(graph, target, without_ases=one.asns)
        assert one.reach_after == heard.sum()
        assert one.top_after == heard[graph.clique].sum()
        assert one.path is None or (one.path[0] == target and not set(one.asns).intersection(one.path))
    for up in found.uplinks:
        alone = heard_by(graph, target, without_links=[(target, up.asn)])
        assert up.sole == found.reach_before - alone.sum()
    sizes = [len(one.asns) for one in found.isolating_sets]
    assert sizes == sorted(sizes)


def test_an_unknown_network_is_not_found() -> None:
    with pytest.raises(NotFound):
        cut(SMALL, 64496)


def test_collateral_counts_what_the_fallen_announce() -> None:
    networks = pa.table({"asn": [50, 51, 777], "announced4": [256, 512, 9], "announced6": [1, 0, 9]})
    hurt = collateral(SMALL, fallen(SMALL, 99), Sizes.of(SMALL, networks))
    assert (hurt.networks, hurt.announced4, hurt.announced6) == (2, 768, 1)
    assert [(loss.asn, loss.announced4, loss.cone) for loss in hurt.fallen] == [(51, 512, 1), (50, 256, 2)]


@pytest.mark.data
def test_who_remains_when_mccolos_two_uplinks_cut_it(data_dir: Path) -> None:
    graph = real(data_dir, 2008)
    found = cut(graph, 26780, without=(6939, 3549))
    assert (found.networks, found.reach_before, found.reach_after) == (27320, 27176, 27171)
    assert found.remaining == (1299, 7575), "TeliaSonera and AARNet"
    assert [(one.asns, one.reach_after) for one in found.isolating_sets] == [
        ((1299, 3549, 6939), 190),
        ((1299, 3549, 6939, 7575), 1),
    ]
    assert found.complete
    left = [Left("provider", 315), Left("peer", 315)]
    held = p_offline(left, 3, MEASURED)
    assert 0.01 < held.later.value < held.now.value < 0.3, "the file alone says that Telia is likely there"
    unseen = p_offline([Left("provider", 315, seen=False)], 3, MEASURED)
    assert unseen.now.value > 2 * held.now.value, "unless observers saw that it carried nothing"
    assert unseen.later.high > 0.3


# ------------------------------------------------------------------------------------------ P(offline)


def test_lasting_is_found_again() -> None:
    truth = Lasting(0.8, 900.0)
    pairs = [(days, 10**6, round(10**6 * truth.share(days))) for days in (365.0, 731.0, 2000.0, 5000.0)]
    found = fit_lasting(pairs)
    assert found.shape == pytest.approx(0.8, rel=0.01)
    assert found.scale == pytest.approx(900, rel=0.02)


def test_missed_shares_are_found_again() -> None:
    dice = np.random.default_rng(5)
    counts = dice.integers(1, 8, 20_000)
    misses = dice.binomial(counts, dice.beta(1.5, 12, 20_000))
    found = fit_missed(counts, misses)
    assert found.mean == pytest.approx(1.5 / 13.5, rel=0.05)
    assert found.a + found.b == pytest.approx(13.5, rel=0.3)


def test_gains_are_found_again() -> None:
    dice = np.random.default_rng(6)
    weeks = np.full(40_000, 52.0)
    count = dice.poisson(dice.gamma(2.0, 0.02 / 2.0, 40_000) * weeks)
    found = fit_gains(count, weeks)
    assert found.mean == pytest.approx(0.02, rel=0.05)
    assert found.size == pytest.approx(2.0, rel=0.2)
    assert Gains(0.02, 2.0).none_in(0) == 1
    assert 0 < fit_gains(np.zeros(0, dtype=np.int64), np.zeros(0)).mean < 1e-3


def test_what_withheld_vantage_points_show() -> None:
    link = np.array([1 << 32 | 7, 1 << 32 | 7, 1 << 32 | 8, 2 << 32 | 7])
    counts, misses = withheld(np.array([10, 11, 11, 10]), link)
    assert counts.tolist() == [2, 1]
    assert misses.tolist() == [1, 0]


def test_what_makes_offline_likelier() -> None:
    def now(*left: Left, known: int = 2) -> float:
        return p_offline(left, known, MEASURED).now.value

    assert (
        now()
        > now(Left("peer", 30))
        > now(Left("provider", 30))
        > now(Left("provider", 30), Left("peer", 30))
    )
    assert now(Left("provider", 300)) > now(Left("provider", 30))
    assert now(Left("provider", 30, seen=False)) > now(Left("provider", 30))
    assert now(Left("provider", 0, seen=True)) == 0
    assert now(known=1) > now(known=9), "the more uplinks it has, the likelier one is missed"
    quick, slow = Returns(back=9, stayed=0), Returns(back=0, stayed=9)
    assert p_offline([], 2, MEASURED, quick).later.value < p_offline([], 2, MEASURED, slow).later.value
    same = p_offline([], 2, MEASURED, days=0)
    assert same.later.value == same.now.value
    assert p_offline([], 2, MEASURED, days=30).later.value < p_offline([], 2, MEASURED, days=7).later.value


def test_rates_need_three_dates() -> None:
    with pytest.raises(ValueError, match="three dates"):
        fit_rates([(date(2008, 1, 1), SMALL), (date(2009, 1, 1), SMALL)])


@pytest.mark.data
def test_rates_of_three_real_files_foretell_a_fourth(data_dir: Path) -> None:
    files = [(date(year, 1, 1), real(data_dir, year)) for year in (2007, 2008, 2009)]
    rates = fit_rates(files)
    assert rates.provider.share(366) == pytest.approx(0.80, abs=0.02)
    assert 0.01 < rates.missed.mean < 0.06
    later = fit_rates([*files, (date(2013, 1, 1), real(data_dir, 2013))])
    assert rates.provider.share(1461) == pytest.approx(later.provider.share(1461), abs=0.06)


# ---------------------------------------------------------------------------------------- next uplinks


def test_the_provider_of_its_like_is_named_first() -> None:
    links = [(1, 10, "provider"), *((10, 100 + i, "provider") for i in range(9))]
    links += [(11, 100 + i, "provider") for i in range(8)] + [(12, 200 + i, "provider") for i in range(9)]
    graph = graph_of(*links, (1, 11, "provider"), (1, 12, "provider"))
    named = next_uplinks(Market.of(graph), 108)
    assert named[0].asn == 11
    assert "8 networks buy from it and from a provider of the target" in named[0].why
    assert sum(one.chance for one in next_uplinks(Market.of(graph), 108, count=99)) == pytest.approx(1)
    assert next_uplinks(Market.of(graph), 108, without=(11,))[0].asn != 11
    assert 10 not in {one.asn for one in next_uplinks(Market.of(graph), 108, count=99)}


def test_weights_are_found_again() -> None:
    dice = np.random.default_rng(7)
    truth = np.array([1.0, 0.5, -1.0, 0.0, 2.0, 0.0, 0.5, 1.5])
    cases = []
    for _ in range(1500):
        values = dice.normal(size=(20, 8))
        cases.append((values, int(np.argmax(values @ truth + dice.gumbel(size=20)))))
    assert np.asarray(fit(cases)) == pytest.approx(truth, abs=0.15)


@pytest.mark.data
def test_hindcast_beats_naming_the_largest(data_dir: Path) -> None:
    """New providers of five years on files that the weights have not seen."""
    old, new = real(data_dir, 2013), real(data_dir, 2018)
    market = Market.of(old, real(data_dir, 2009))
    hits = largest = 0
    drawn = hindcast(old, new, None, 150, 7)
    for target, gained in drawn:
        former = set(real(data_dir, 2009).providers_of(target)) if target in real(data_dir, 2009) else set()
        hits += gained in {
            one.asn for one in next_uplinks(market, target, former - set(old.providers_of(target)))
        }
        candidates, values = features(market, target)
        top = old.asn[candidates[np.argsort(-values[:, 0], kind="stable")[:5]]]
        largest += gained in set(top.tolist())
    assert hits > 1.3 * largest
    assert hits > 0.28 * len(drawn)


# ------------------------------------------------------------------------------------------ lesser steps

HELD = (
    Held("192.0.2.0/24", 99, 256, (("192.0.2.1", 90), ("192.0.2.2", 4))),
    Held("198.51.100.0/24", 99, 256, (("198.51.100.9", 1),), innocent=7),
    Held("203.0.113.0/24", 50, 256, (("203.0.113.5", 5),)),
)


def test_steps_go_from_the_least_to_the_most() -> None:
    least, prefix, customer, *refuse = steps(HELD, cut(SMALL, 99))
    assert (least.kind, least.what, least.stops, least.suffices, least.hurts) == (
        "null-route", ("192.0.2.1",), 0.9, True, 0,
    )  # fmt: skip
    assert (prefix.kind, prefix.what, prefix.stops, prefix.hurts) == ("filter", ("192.0.2.0/24",), 0.94, 254)
    assert (customer.kind, customer.who, customer.what) == ("customer", (99,), ("AS50",))
    assert (customer.stops, customer.suffices) == (0.05, False)
    assert prefix.who == (10, 11, 12), "every uplink has to filter, peers too"
    assert {step.kind for step in refuse} == {"refuse"}
    assert refuse[0].who == (10, 11)
    assert (refuse[0].stops, refuse[0].hurts, refuse[0].innocent, refuse[0].networks) == (1.0, 764, 7, 2)
    assert steps((), cut(SMALL, 99)) == ()


def test_who_must_filter_does_not_depend_on_whom_the_question_takes_away() -> None:
    whole, without = (steps(HELD, cut(SMALL, 99, left)) for left in ((), (10, 11)))
    assert [step.who for step in whole] == [step.who for step in without]


def test_prefixes_of_a_customer_are_not_filtered_above_the_network() -> None:
    """It may have other uplinks: the network itself lets go of it."""
    kinds = [step.kind for step in steps(HELD[2:], cut(SMALL, 99))]
    assert kinds[:2] == ["null-route", "customer"]
    assert "filter" not in kinds

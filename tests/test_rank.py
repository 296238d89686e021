"""The order of networks: who must be on top and who must not, ties, edges, and the words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.judgement import rank as ranking
from depeer.judgement.rank import Ranking, rank


def counts(rows: dict[Any, int], key: str = "asn") -> pa.Table:
    return pa.table({key: list(rows), "addresses": pa.array(list(rows.values()), pa.int64())})


def sizes(rows: dict[Any, float], key: str = "asn") -> pa.Table:
    return pa.table({key: list(rows), "announced": list(rows.values())})


def sparse(extra: dict[int, tuple[int, float]], networks: int = 5000, hits: int = 300) -> Ranking:
    """A world of sizes from 256 to 8 million with ``hits`` in proportion to size, and some networks beside."""
    random = np.random.default_rng(7)
    announced = 256.0 * 2 ** np.floor(np.minimum(random.exponential(2.2, networks), 15))
    y = random.multinomial(hits, announced / announced.sum())
    seen = {100_000 + i: int(v) for i, v in enumerate(y) if v}
    size = {100_000 + i: float(v) for i, v in enumerate(announced)}
    seen |= {asn: v[0] for asn, v in extra.items() if v[0]}
    size |= {asn: v[1] for asn, v in extra.items()}
    return rank(counts(seen), sizes(size))


def place(result: Ranking, asn: int) -> int:
    return int(result.table["asn"].to_pylist().index(asn))


def row(result: Ranking, asn: int) -> dict[str, Any]:
    return dict(result.table.slice(place(result, asn), 1).to_pylist()[0])


def test_a_small_network_with_ten_hits_is_on_top() -> None:
    """3,072 addresses with ten bad ones: a hosting company of ill repute, invented but for its size."""
    result = sparse({64500: (10, 3072.0)})
    assert place(result, 64500) == 0
    top = row(result, 64500)
    assert top["p_worst"] > 0.99
    assert top["low"] < 10 / 3072 * ranking.PER < top["high"]


def test_a_tiny_network_with_one_hit_is_not() -> None:
    result = sparse({64500: (10, 3072.0), 64501: (1, 256.0), 64502: (25, 8192.0)})
    assert place(result, 64501) > max(place(result, 64500), place(result, 64502))
    assert row(result, 64501)["p_worst"] < 0.5


def test_a_giant_with_its_share_is_not() -> None:
    result = sparse({64500: (10, 3072.0), 64503: (130, 2.0**25)})
    assert row(result, 64503)["p_worst"] < 0.01
    assert place(result, 64503) > 20


def test_a_giant_with_far_more_than_its_share_is() -> None:
    result = sparse({64503: (4000, 2.0**20)})
    assert row(result, 64503)["p_worst"] > 0.95


def test_order_is_by_p_worst_then_low() -> None:
    table = sparse({64500: (10, 3072.0), 64504: (200, 3072.0), 64505: (300, 3072.0)}).table
    pairs = list(zip(table["p_worst"].to_pylist(), table["low"].to_pylist(), strict=True))
    assert pairs == sorted(pairs, reverse=True)


@pytest.mark.parametrize("top", [0, 1, 5, 40, 10_000])
def test_top_is_the_head_of_the_whole(top: int) -> None:
    random = np.random.default_rng(3)
    size = {i: float(v) for i, v in enumerate(random.choice([256, 1024, 65536], 400))}
    seen = {i: int(v) for i, v in enumerate(random.poisson(0.5, 400)) if v}
    whole, head = rank(counts(seen), sizes(size)), rank(counts(seen), sizes(size), top=top)
    assert head.table.equals(whole.table.slice(0, top))
    assert (head.seen, head.hits, head.networks) == (whole.seen, whole.hits, whole.networks)


def test_unannounced_counts_are_returned_apart() -> None:
    seen = pa.table({"asn": [1, 2, 3, None], "addresses": [5, 6, 7, 8], "messages": [1, 1, 1, 1]})
    result = rank(seen, sizes({1: 1024.0, 3: 0.0, 4: 512.0}))
    assert result.table["asn"].to_pylist() == [1]
    assert result.unannounced["asn"].to_pylist() == [2, 3, None]
    assert (result.hits, result.unannounced_hits, result.networks) == (5, 21, 2)
    assert any("does not announce" in words for words in result.warnings)


def test_prefixes_and_all_columns_go_through() -> None:
    moment = datetime(2008, 11, 11, 21, 30, tzinfo=UTC)
    seen = pa.table(
        {
            "prefix": ["192.0.2.0/24"],
            "addresses": [3],
            "messages": [9],
            "days": [2],
            "first": pa.array([moment], pa.timestamp("us", tz="UTC")),
            "last": pa.array([moment], pa.timestamp("us", tz="UTC")),
        }
    )
    result = rank(seen, sizes({"192.0.2.0/24": 256, "198.51.100.0/24": 256}, "prefix"))
    (got,) = result.table.to_pylist()
    assert result.key == "prefix"
    assert (got["prefix"], got["messages"], got["days"], got["first"]) == ("192.0.2.0/24", 9, 2, moment)
    assert got["announced"] == 256


def test_nothing_seen_is_an_empty_ranking_that_says_so() -> None:
    result = rank(
        counts({}).cast(pa.schema([("asn", pa.int64()), ("addresses", pa.int64())])), sizes({1: 256.0})
    )
    assert len(result.table) == 0
    assert any("nothing to rank" in words for words in result.warnings)


def test_no_network_announced_is_an_empty_ranking_that_says_so() -> None:
    empty = pa.table({"asn": pa.array([], pa.int64()), "announced": pa.array([], pa.float64())})
    result = rank(counts({5: 2}), empty)
    assert (len(result.table), result.unannounced_hits, result.networks) == (0, 2, 0)
    assert result.warnings


@pytest.mark.parametrize(
    "seen, size, words",
    [
        ({1: 2}, {1: 256.0, 2: 256.0}, "Only 2 bad addresses"),
        ({1: 2}, {1: 256.0, 2: 256.0}, "Only 2 networks"),
        ({1: 300}, {1: 256.0}, "more bad addresses than they announce"),
    ],
)
def test_warnings(seen: dict[int, int], size: dict[int, float], words: str) -> None:
    assert any(words in warning for warning in rank(counts(seen), sizes(size)).warnings)


def test_enough_data_give_no_warning() -> None:
    assert sparse({64500: (10, 3072.0)}).warnings == ()


def test_no_rate_exceeds_all_addresses() -> None:
    result = rank(counts({1: 256, 2: 250}), sizes({1: 256.0, 2: 256.0, 3: 256.0}))
    assert max(result.table["high"].to_pylist()) <= ranking.PER


@pytest.mark.parametrize(
    "seen, size",
    [
        (pa.table({"asn": [1, 1], "addresses": [1, 2]}), sizes({1: 256.0})),
        (counts({1: 1}), pa.table({"asn": [1, 1], "announced": [256.0, 256.0]})),
        (counts({"192.0.2.0/24": 1}, "prefix"), sizes({1: 256.0})),
    ],
)
def test_tables_that_do_not_fit_are_refused(seen: pa.Table, size: pa.Table) -> None:
    with pytest.raises(ValueError):
        rank(seen, size)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_that_are_none_are_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        rank(counts({1: 1}), sizes({1: 256.0}), level=level)


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.integers(1, 10**6), st.tuples(st.integers(0, 500), st.integers(0, 10**6)), min_size=1, max_size=60
    )
)
def test_any_tables_rank(rows: dict[int, tuple[int, int]]) -> None:
    result = rank(
        counts({k: v[0] for k, v in rows.items()}), sizes({k: float(v[1]) for k, v in rows.items()})
    )
    assert result.hits + result.unannounced_hits == sum(v[0] for v in rows.values())
    for got in result.table.to_pylist():
        assert 0 <= got["low"] <= got["rate"] <= got["high"]
        assert 0 <= got["p_worst"] <= 1


@settings(max_examples=15)
@given(st.integers(0, 30), st.integers(1, 30))
def test_more_hits_never_rank_lower(few: int, more: int) -> None:
    size = {1: 3072.0, 2: 3072.0} | {10 + i: 4096.0 for i in range(200)}
    result = rank(counts({1: few, 2: few + more} | {10: 1, 11: 2}), sizes(size))
    order = result.table["asn"].to_pylist()
    assert order.index(2) < (order.index(1) if 1 in order else len(order))

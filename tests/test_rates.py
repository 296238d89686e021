"""The posterior of rates: closed forms, exact sums, edges, and the statements that count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincinv

from depeer.measures import rates, volume
from depeer.model import pack_address
from depeer.tables import ARRIVALS, LINKS, MAILS, SIGHTINGS


def one_gamma(mean: float) -> rates.Prior:
    return rates.Prior(np.array([mean]), np.array([[1.0]]), 8.0, mean)


def counted(hits: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(hits, dtype=np.int64)


# ------------------------------------------------------------------------------------- the posterior


def test_one_component_is_the_conjugate_gamma() -> None:
    hits, sizes = counted([0, 1, 10, 4000]), np.array([256.0, 256.0, 3072.0, 1e7])
    prior = one_gamma(1e-3)
    got = rates.posterior(prior, hits, sizes)
    shape, inverse = prior.shape + hits, prior.shape / 1e-3 + sizes
    assert got.mean() == pytest.approx(shape / inverse)
    for level in (0.025, 0.5, 0.975):
        assert got.quantile(level) == pytest.approx(gammaincinv(shape, level) / inverse, rel=1e-5)
    assert got.above(2e-3) == pytest.approx(1 - gammainc(shape, inverse * 2e-3), abs=1e-12)


def test_two_components_are_weighed_by_their_likelihood() -> None:
    """Against direct integration of prior × Poisson on a fine grid."""
    prior = rates.Prior(np.array([1e-5, 1e-2]), np.array([[0.99, 0.01]]), 8.0, 1e-4)
    hits, sizes = counted([3]), np.array([1024.0])
    theta = np.exp(np.linspace(np.log(1e-8), np.log(1.0), 200_001))
    density = np.zeros_like(theta)
    for mean, weight in zip(prior.means, prior.weights[0], strict=True):
        b = prior.shape / mean
        density += weight * b**prior.shape * theta ** (prior.shape - 1) * np.exp(-b * theta)
    mass = density * theta ** hits[0] * np.exp(-sizes[0] * theta) * theta
    got = rates.posterior(prior, hits, sizes)
    assert got.mean()[0] == pytest.approx((mass * theta).sum() / mass.sum(), rel=1e-5)
    assert got.above(4e-3)[0] == pytest.approx(mass[theta > 4e-3].sum() / mass.sum(), abs=1e-3)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.floats(1e-2, 1e9), st.floats(1e-9, 1.0)), min_size=1, max_size=8
    ),
    st.floats(0.001, 0.999),
)
def test_quantiles_invert_the_distribution(rows: list[tuple[int, float, float]], level: float) -> None:
    means = np.unique([row[2] for row in rows])
    prior = rates.Prior(means, np.full((1, len(means)), 1 / len(means)), 8.0, float(means.mean()))
    got = rates.posterior(prior, counted([row[0] for row in rows]), np.array([row[1] for row in rows]))
    assert got.below(got.quantile(level)) == pytest.approx(level, abs=1e-5)


def test_picked_rows_are_the_rows() -> None:
    prior = rates.Prior(np.array([1e-4, 1e-2]), np.array([[0.5, 0.5]]), 8.0, 1e-3)
    all_rows = rates.posterior(prior, counted([0, 1, 2, 3]), np.array([10.0, 100.0, 1000.0, 1e4]))
    picked = all_rows.pick(np.array([3, 1]))
    assert picked.mean() == pytest.approx(all_rows.mean()[[3, 1]])
    assert picked.quantile(0.9) == pytest.approx(all_rows.quantile(0.9)[[3, 1]])


# --------------------------------------------------------------------------------------- the fit


def world(seed: int, sizes: int = 3000) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(seed)
    announced = 256.0 * 2 ** np.floor(random.exponential(2.0, sizes))
    hits = random.poisson(announced * 1e-4 * np.exp(1.5 * random.standard_normal(sizes)))
    return hits, announced


def test_the_threshold_leaves_the_worst_hundredth_above() -> None:
    hits, announced = world(1)
    prior = rates.fit_prior(hits, announced)
    threshold = rates.worst_threshold(prior, hits, announced)
    above = rates.posterior(prior, hits, announced).above(threshold)
    assert above.mean() == pytest.approx(rates.WORST, abs=2e-4)


def test_the_fit_is_deterministic_and_does_not_know_the_order() -> None:
    hits, announced = world(2)
    shuffle = np.random.default_rng(0).permutation(len(hits))
    one, two = rates.fit_prior(hits, announced), rates.fit_prior(hits, announced)
    other = rates.fit_prior(hits[shuffle], announced[shuffle])
    assert np.array_equal(one.weights, two.weights)
    assert other.weights.mean(axis=0) == pytest.approx(one.weights.mean(axis=0), abs=1e-6)


def test_the_prior_finds_the_density_it_was_drawn_from() -> None:
    """Shares above four rates, of a lognormal, from 60,000 hits: within a tenth of the truth and 0.002."""
    hits, announced = world(3, 20_000)
    prior = rates.fit_prior(hits, announced)
    random = np.random.default_rng(4)
    truth = 1e-4 * np.exp(1.5 * random.standard_normal(1_000_000))
    for rate in (1e-4, 3e-4, 1e-3, 3e-3):
        assert prior.share_above(rate) == pytest.approx(float((truth > rate).mean()), rel=0.1, abs=2e-3)


@pytest.mark.parametrize(
    "hits, sizes",
    [
        pytest.param([0] * 50, [256.0] * 50, id="nothing seen"),
        pytest.param([0] * 49 + [1], [256.0] * 50, id="one hit"),
        pytest.param([5] * 50, [256.0] * 50, id="all alike"),
        pytest.param([0], [256.0], id="one network, nothing seen"),
        pytest.param([7], [256.0], id="one network"),
        pytest.param([1], [1.0], id="one address"),
        pytest.param([300], [256.0], id="more than announced"),
        pytest.param([0, 1, 10**6], [1.0, 2.0**48, 2.0**24], id="sizes from one to all of IPv6"),
        pytest.param([256] * 30, [256.0] * 30, id="every address of every network"),
        pytest.param([2, 0], [0.001, 1e-4], id="sizes below one"),
    ],
)
def test_edges_give_finite_ordered_intervals(hits: list[int], sizes: list[float]) -> None:
    y, e = counted(hits), np.array(sizes)
    prior = rates.fit_prior(y, e)
    got = rates.posterior(prior, y, e)
    low, high, mean = got.quantile(0.025), got.quantile(0.975), got.mean()
    threshold = rates.worst_threshold(prior, y, e)
    assert np.isfinite([low, high, mean]).all()
    assert np.isfinite(threshold)
    assert (low > 0).all()
    assert (low < high).all()
    assert ((got.above(threshold) >= 0) & (got.above(threshold) <= 1 + 1e-12)).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(1e-3, 1e14)), min_size=1, max_size=40))
def test_any_counts_can_be_fitted(rows: list[tuple[int, float]]) -> None:
    hits, sizes = counted([row[0] for row in rows]), np.array([row[1] for row in rows])
    prior = rates.fit_prior(hits, sizes)
    assert prior.weights.sum(axis=1) == pytest.approx(1.0)
    got = rates.posterior(prior, hits, sizes)
    assert np.isfinite(got.quantile(0.975)).all()


@pytest.mark.parametrize(
    "hits, sizes",
    [([], []), ([1], [0.0]), ([-1], [2.0]), ([1], [float("nan")]), ([1], [float("inf")]), ([1, 2], [3.0])],
)
def test_what_is_no_count_is_refused(hits: list[int], sizes: list[float]) -> None:
    with pytest.raises(ValueError, match="counts"):
        rates.fit_prior(counted(hits), np.array(sizes))


# ------------------------------------------------------------------------------------ the statements

DAY = datetime(2008, 11, 1, 12, tzinfo=UTC)


def seen(address: str, day: float, until: float | None = None, **other: Any) -> dict[str, Any]:
    first = DAY + timedelta(days=day)
    row = dict.fromkeys(SIGHTINGS.schema.names) | {
        "batch": 1,
        "delivery": other.pop("mail", "m1").encode(),
        "role": "sender",
        "source": "trap",
        "label": "spam",
        "address": pack_address(address),
        "first": first,
        "last": first if until is None else DAY + timedelta(days=until),
        "counts": True,
        "asn": 64500,
        "prefix": "192.0.2.0/24",
    }
    return row | other


def ask(statement: str, rows: list[dict[str, Any]], **parameters: Any) -> list[dict[str, Any]]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("sightings", pa.Table.from_pylist(rows, SIGHTINGS.schema))
    for table in (MAILS, ARRIVALS, LINKS):
        extra = parameters.pop(table.name, [])
        connection.register(table.name, pa.Table.from_pylist(extra, table.schema))
    taken = volume.parameters(**{"role": "sender"} | parameters)
    taken = {name: value for name, value in taken.items() if f"${name}" in statement}
    return list(connection.sql(statement, params=taken).to_arrow_table().to_pylist())


def test_addresses_messages_and_sources_are_distinct() -> None:
    rows = [
        seen("192.0.2.1", 0, mail="a"),
        seen("192.0.2.1", 0, mail="b", source="other"),
        seen("192.0.2.2", 0, mail="b"),
        seen("198.51.100.1", 0, mail="c", asn=64501),
    ]
    first, second = ask(volume.NETWORK_COUNTS, rows)
    assert (first["asn"], first["addresses"], first["messages"], first["sources"]) == (64500, 2, 2, 2)
    assert (second["asn"], second["addresses"], second["messages"]) == (64501, 1, 1)
    assert first["first"] == first["last"] == DAY


def test_what_is_left_out() -> None:
    rows = [
        seen("192.0.2.1", 0),
        seen("192.0.2.2", 0, role="controller"),
        seen("192.0.2.3", 0, counts=False, why_not="delivery-report"),
        seen("192.0.2.4", 0, label="ham"),
        seen("192.0.2.5", 0, asn=None, prefix=None, mail="u"),
        seen("2001:db8::1", 0),
        seen("192.0.2.6", 0, label=None),
    ]
    assert [row["addresses"] for row in ask(volume.NETWORK_COUNTS, rows)] == [2]
    assert [row["addresses"] for row in ask(volume.PREFIX_COUNTS, rows)] == [2]
    assert ask(volume.NOT_COUNTED, rows) == [
        {"why_not": "delivery-report", "sightings": 1, "addresses": 1, "messages": 1}
    ]
    assert ask(volume.UNANNOUNCED, rows) == [{"addresses": 1, "messages": 1}]
    assert ask(volume.FAMILIES, rows) == [{"messages": 2, "ipv4": 3, "ipv6": 1, "ipv6_messages": 1}]


def test_ipv6_is_counted_by_the_64() -> None:
    rows = [
        seen("2001:db8::1", 0),
        seen("2001:db8::ffff:2", 0),
        seen("2001:db8:0:1::1", 0),
        seen("192.0.2.1", 0),
    ]
    assert [row["addresses"] for row in ask(volume.NETWORK_COUNTS, rows, family=6)] == [2]


@pytest.mark.parametrize(
    "spans, since, until, days",
    [
        pytest.param([(0, 0)], None, None, 1, id="a moment"),
        pytest.param([(0, 4)], None, None, 5, id="both ends"),
        pytest.param([(0, 4), (2, 6)], None, None, 7, id="overlap once"),
        pytest.param([(0, 9), (2, 3), (5, 5)], None, None, 10, id="inside another"),
        pytest.param([(0, 1), (5, 6)], None, None, 4, id="gap not counted"),
        pytest.param([(0, 1), (2, 3)], None, None, 4, id="side by side"),
        pytest.param([(0, 9)], 3, 5, 3, id="cut to the period: noon to noon touches three days"),
        pytest.param([(0, 9)], 3.5, 5.5, 2, id="cut at midnight: the end is not in"),
        pytest.param([(-1, 1), (-1, 1)], None, None, 3, id="the same twice"),
    ],
)
def test_days_are_those_covered(
    spans: list[tuple[float, float]], since: float | None, until: float | None, days: int
) -> None:
    rows = [seen("192.0.2.1", a, b, mail=f"m{i}") for i, (a, b) in enumerate(spans)]
    period = {
        "since": None if since is None else DAY + timedelta(days=since),
        "until": None if until is None else DAY + timedelta(days=until),
    }
    (row,) = ask(volume.NETWORK_COUNTS, rows, **period)
    assert row["days"] == days


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 15)), min_size=1, max_size=12))
def test_days_agree_with_a_set_of_days(spans: list[tuple[int, int]]) -> None:
    rows = [seen("192.0.2.1", a, a + b) for a, b in spans]
    (row,) = ask(volume.NETWORK_COUNTS, rows)
    assert row["days"] == len({day for a, b in spans for day in range(a, a + b + 1)})


@pytest.mark.parametrize(
    "first, last, inside",
    [
        (-3, -1, False),
        (-3, 0, True),
        (-3, 9, True),
        (1, 1, True),
        (2, 2, False),
        (2, 5, False),
        (1.9, 5, True),
    ],
)
def test_a_sighting_is_in_the_period_if_it_overlaps(first: float, last: float, inside: bool) -> None:
    rows = [seen("192.0.2.1", first, last)]
    got = ask(volume.NETWORK_COUNTS, rows, since=DAY, until=DAY + timedelta(days=2))
    assert bool(got) == inside
    for row in got:
        assert DAY <= row["first"] <= row["last"] < DAY + timedelta(days=2)


def test_a_sighting_without_time_counts_only_where_no_period_is_asked() -> None:
    rows = [seen("192.0.2.1", 0, first=None, last=None)]
    (row,) = ask(volume.NETWORK_COUNTS, rows)
    assert (row["addresses"], row["days"], row["first"]) == (1, 0, None)
    assert ask(volume.NETWORK_COUNTS, rows, since=DAY) == []


def test_links_without_a_dated_resolution_are_unknown() -> None:
    def link(mail: str, hostname: str, address: str | None = None) -> dict[str, Any]:
        packed = None if address is None else pack_address(address)
        return {"delivery": mail.encode(), "hostname": hostname, "address": packed}

    rows = [seen("192.0.2.1", 0, role="link", mail="a", via="known.example")]
    got = ask(
        volume.LINKS_RESOLVED,
        rows,
        mails=[{"delivery": b"a", "label": "spam"}, {"delivery": b"h", "label": "ham"}],
        arrivals=[{"delivery": b"a", "received": DAY}],
        links=[
            link("a", "known.example"),
            link("a", "unknown.example"),
            link("a", "192.0.2.9", "192.0.2.9"),
            link("h", "ham.example"),
        ],
    )
    assert got == [{"links": 3, "unknown": 1, "hostnames": 3, "hostnames_unknown": 1}]


@pytest.mark.parametrize("wrong", [{"family": 5}, {"since": datetime(2008, 11, 1)}])
def test_parameters_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        volume.parameters("sender", **wrong)

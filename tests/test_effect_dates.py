"""Dates found unprompted: how many are false, and how many true ones are found."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.measures import dates
from depeer.measures.effect import robust
from depeer.measures.effect.series import Series, Step
from effect_worlds import changed, sensors


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_nosedives_of_forty_percent_are_found_within_three_days(phi: float) -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(12):
        at = int(rng.integers(60, 240))
        one = changed(sensors(rng, phi=phi, effect=0.0, before=300, after=1)[0], at, 0.6)
        found = dates.find([one])
        hits += any(abs(j.cell - at) <= 3 and j.direction == "nosedive" for j in found)
    assert hits >= 11


@pytest.mark.parametrize(("phi", "tails"), [(0.0, 0.0), (0.5, 3.0), (0.8, 0.0)])
def test_false_dates_are_rare(phi: float, tails: float) -> None:
    """Twelve series-years: 1.2 false dates are allowed on average; four would be an accident of 3 %."""
    rng = np.random.default_rng(2)
    slices = [
        sensors(rng, phi=phi, effect=0.0, before=364, after=1, tails=tails, gaps=0.05)[0] for _ in range(12)
    ]
    assert len(dates.find(slices)) <= 3


def test_a_level_that_wanders_has_few_dates() -> None:
    """Twelve series-years that step by 2 % a day at random, beside their noise."""
    rng = np.random.default_rng(7)
    slices = []
    for _ in range(12):
        one = sensors(rng, phi=0.5, effect=0.0, before=364, after=1)[0]
        walk = np.exp(np.cumsum(0.02 * rng.standard_normal(365)))
        slices.append(Series(one.start, one.step, rng.poisson(one.counts * walk).astype(float)))
    assert len(dates.find(slices)) <= 3


@given(st.lists(st.lists(st.floats(-9, 9) | st.just(np.nan), min_size=4, max_size=4), min_size=1))
def test_medians_of_what_is_known(rows: list[list[float]]) -> None:
    table = np.array(rows)
    some = ~np.isnan(table).all(axis=1)
    assert robust.medians(table)[some] == pytest.approx(np.nanmedian(table[some], axis=1))
    assert np.isnan(robust.medians(table)[~some]).all()


def test_a_date_has_size_interval_and_confidence() -> None:
    one = changed(sensors(np.random.default_rng(3), effect=0.0, before=200, after=1)[0], 120, 2.0)
    (found,) = dates.find([one])
    assert (found.direction, found.cell) == ("surge", 120)
    assert found.when == one.time(120)
    assert found.size.low < 1.0 < found.size.high
    assert found.confidence > 0.9


def test_down_and_up_again_are_two_dates() -> None:
    one = sensors(np.random.default_rng(4), effect=0.0, before=300, after=1)[0]
    one = changed(changed(one, 100, 0.4), 160, 2.5)
    assert [(j.direction, j.cell) for j in dates.find([one])] == [("nosedive", 100), ("surge", 160)]


def test_a_long_series_is_searched_in_pieces() -> None:
    one = changed(sensors(np.random.default_rng(5), effect=0.0, before=2000, after=1)[0], 1400, 0.5)
    assert [j.cell for j in dates.find([one])] == [1400]


def test_a_spike_of_a_day_is_no_date() -> None:
    one = sensors(np.random.default_rng(6), effect=0.0, before=200, after=1)[0]
    counts = one.counts.copy()
    counts[90] *= 20
    assert dates.find([Series(one.start, one.step, counts)]) == []


@pytest.mark.parametrize(
    "counts", [[5.0], [0.0] * 200, [float("nan")] * 200, [7.0] * 200, [0.0] * 150 + [1.0] * 3]
)
def test_too_little_has_no_dates(counts: list[float]) -> None:
    assert dates.find([Series(datetime(2020, 1, 6, tzinfo=UTC), Step.DAY, np.array(counts))]) == []


@pytest.mark.parametrize("rate", [0.0, -1.0, 1000.0])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(ValueError, match="not between"):
        dates.find([], rate)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan]])
def test_one_change_needs_two_values(values: list[float]) -> None:
    with pytest.raises(ValueError, match="two finite"):
        dates.one_change(np.array(values))

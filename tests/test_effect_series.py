"""The noun under every effect: what is taken, what is refused, and where an event falls."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.errors import BadInput
from depeer.measures.effect import linear
from depeer.measures.effect.series import Series, Step, from_rows

D = [date(2008, 11, d) for d in range(1, 11)]


@pytest.mark.parametrize(
    ("times", "counts", "words"),
    [
        ([], [], "0 times"),
        (D[:2], [1], "2 times and 1 counts"),
        ([D[1], D[0]], [1, 2], "out of order"),
        ([D[0], D[0]], [1, 2], "twice"),
        (D[:2], [1, "many"], "'many' is no number"),
        (D[:2], [1, -4], "at least 0"),
        (D[:2], [1, float("inf")], "finite"),
        (D[:2], [1, 10**400], "is no number"),
        ([datetime(2008, 11, 1, 0), datetime(2008, 11, 1, 0, 7)], [1, 2], "on no grid"),
        ([date(1, 1, 1), date(9999, 1, 1), date(9999, 1, 2)], [1, 2, 3], "spans"),
    ],
)
def test_refused(times: list[date], counts: list[object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        from_rows(times, counts, "trap")


def test_a_missing_date_is_a_gap_and_no_zero() -> None:
    found = from_rows([D[0], D[1], D[3]], [4, "", 0])
    assert found.step is Step.DAY
    assert np.isnan(found.counts[1:3]).all()
    assert found.counts[3] == 0


@pytest.mark.parametrize(
    ("gap", "step"),
    [(timedelta(hours=1), Step.HOUR), (timedelta(days=1), Step.DAY), (timedelta(days=7), Step.WEEK)],
)
def test_steps(gap: timedelta, step: Step) -> None:
    start = datetime(2008, 1, 7, tzinfo=UTC)
    assert from_rows([start + i * gap for i in range(9)], range(9)).step is step


def test_the_day_of_an_event_within_it_is_in_neither_part() -> None:
    found = from_rows(D, range(10))
    assert found.first_after(D[5]) == 5
    assert found.first_after(datetime(2008, 11, 6, 21, 30, tzinfo=UTC)) == 6


@given(st.lists(st.floats(0, 1e9) | st.none(), min_size=2, max_size=60))
def test_every_list_of_counts_becomes_a_series_twice_reversed(counts: list[float | None]) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    found = from_rows([start + timedelta(hours=i) for i in range(len(counts))], counts)
    again = found.backward().backward()
    assert np.array_equal(found.counts, again.counts, equal_nan=True)
    assert again.start.hour == found.start.hour


@pytest.mark.parametrize("mean", [0.5, 3.0, 40.0, 5000.0])
def test_the_working_response_is_unbiased_where_logs_are_not(mean: float) -> None:
    y = np.random.default_rng(1).poisson(mean, 4000).astype(float)
    z, variance = linear.respond(y, np.ones((len(y), 1)))
    assert float((z / variance).sum() / (1 / variance).sum()) == pytest.approx(np.log(mean), abs=0.06)


def test_a_series_refuses_what_is_no_count() -> None:
    with pytest.raises(BadInput, match="negative"):
        Series(datetime(2020, 1, 1, tzinfo=UTC), Step.DAY, np.array([1.0, -1.0]))

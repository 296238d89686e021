"""Where the event falls among the cells, and how far ahead is looked: hours, weeks and days off midnight."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from depeer.errors import BadInput
from depeer.judgement.effect import assess
from depeer.judgement.effect.grid import beside, together
from depeer.judgement.effect.verdict import Verdict
from depeer.measures.effect.series import Series, Step
from effect_worlds import START


def _counts(rng: np.random.Generator, cells: int, at: int, left: float, per_cell: float = 1000.0) -> Series:
    rate = np.full(cells, per_cell)
    rate[at:] *= left
    return Series(START, Step.WEEK, rng.poisson(rate).astype(float))


def test_the_cell_of_an_event_within_it_is_unknown() -> None:
    weeks = _counts(np.random.default_rng(1), 60, 40, 0.4)
    event = weeks.time(39) + timedelta(days=2)
    assert np.flatnonzero(np.isnan(beside(weeks, event).counts)).tolist() == [39]
    assert not np.isnan(beside(weeks, weeks.time(40)).counts).any()


def test_an_event_within_a_week_does_not_spoil_what_was_before() -> None:
    """The week of the event is far lower than those before: fitted as one of them, it would be the level."""
    rng = np.random.default_rng(2)
    weeks = _counts(rng, 60, 40, 0.4)
    counts = weeks.counts.copy()
    counts[39] = 500
    spoilt = Series(weeks.start, weeks.step, counts)
    card = assess([spoilt], weeks.time(39) + timedelta(days=2))
    plain = assess([weeks.without(slice(39, 40))], weeks.time(40))
    drop, without = card.drop(30).drop, plain.drop(30).drop
    assert drop is not None
    assert without is not None
    assert drop.value == pytest.approx(without.value, abs=1e-9)


def test_hours_far_beyond_the_event() -> None:
    """Thirty days are 720 hours; a series that goes on after them has to be judged, not to fail."""
    hours = 24 * 31 + 24 * 35
    rate = np.full(hours, 60.0)
    rate[24 * 31 :] *= 0.5
    counts = np.random.default_rng(3).poisson(rate).astype(float)
    card = assess([Series(START, Step.HOUR, counts)], START + timedelta(days=31))
    assert [one.drop and one.drop.value for one in card.drops] == pytest.approx([0.5] * 3, abs=0.05)
    assert card.averted_over_days == 35


def test_another_intervention_of_the_same_day_is_joint() -> None:
    weeks = _counts(np.random.default_rng(4), 60, 40, 0.4)
    event = weeks.time(40)
    assert together(event, [event]) == (event,)
    assert assess([weeks], event, others=[event]).verdict is Verdict.CANNOT_SEPARATE


def test_an_event_at_the_very_beginning_has_nothing_before_it() -> None:
    weeks = _counts(np.random.default_rng(5), 60, 40, 0.4)
    with pytest.raises(BadInput, match="nothing is counted before"):
        assess([weeks], weeks.time(0))
    with pytest.raises(BadInput, match="outside the series"):
        assess([weeks], weeks.time(0) - timedelta(days=3))


def test_a_return_after_months_of_silence_is_seen() -> None:
    """Fifteen weeks of next to nothing, then all of it again."""
    rng = np.random.default_rng(6)
    rate = 150 * np.exp(0.2 * rng.standard_normal(80))
    rate[40:55] = 0.2
    card = assess([Series(START, Step.WEEK, rng.poisson(rate).astype(float))], START + timedelta(weeks=40))
    assert card.recovery is not None
    assert card.recovery.half_life is not None
    assert card.recovery.half_life.low <= 15 * 7 <= card.recovery.half_life.high
    assert card.recovery.half_life.high < 15 * 7 + 30

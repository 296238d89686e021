"""A list that is empty at once, and which window a verdict rests on."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from depeer.judgement.effect import assess
from depeer.judgement.effect.verdict import FusedWindow, Verdict, main_window
from depeer.measures.effect.listing import emptied
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate
from effect_worlds import START

DAYS, AT = 120, 84


def listed(seed: int = 1) -> np.ndarray:
    """Some five hundred entries, of which one or two come or go in a week."""
    rng = np.random.default_rng(seed)
    return 500.0 + np.cumsum(rng.choice([-1, 0, 1], DAYS, p=[0.1, 0.8, 0.1]))


def series(counts: np.ndarray, sensor: str = "") -> Series:
    return Series(START, Step.DAY, counts, sensor)


def test_a_list_that_is_empty_at_once_cannot_be_told_from_one_no_longer_kept() -> None:
    counts = listed()
    counts[AT:] = 0
    card = assess([series(counts)], START + timedelta(AT))
    assert card.verdict is Verdict.CANNOT_SEPARATE
    assert "no longer kept" in card.reason


def test_the_card_of_a_list_says_that_its_intervals_are_too_narrow() -> None:
    card = assess([series(listed(), "feed")], START + timedelta(AT), placebos=False, checks=False)
    assert any(w.startswith("feed moves less than arrivals do") for w in card.warnings)
    mail = np.random.default_rng(2).poisson(500, DAYS).astype(float)
    card = assess([series(mail, "trap")], START + timedelta(AT), placebos=False, checks=False)
    assert not any("less than arrivals" in w for w in card.warnings)


@pytest.mark.parametrize("rest", [1.0, 9.0, 250.0])
def test_a_list_that_keeps_a_rest_was_not_dropped(rest: float) -> None:
    counts = listed()
    counts[AT:] = rest
    assert not emptied(series(counts), AT)


@pytest.mark.parametrize("mean", [6, 40, 900])
def test_counts_that_come_by_chance_are_no_list(mean: int) -> None:
    """A flow that ceases is an effect, or a sensor that is down; that is said elsewhere."""
    rng = np.random.default_rng(mean)
    said = 0
    for _ in range(200):
        counts = rng.poisson(mean, DAYS).astype(float)
        counts[AT:] = 0
        said += emptied(series(counts), AT)
    assert said <= 1


def test_two_lists_that_empty_together_bear_each_other_out() -> None:
    pair = [series(listed(seed), f"list-{seed}") for seed in (1, 2)]
    for one in pair:
        one.counts[AT:] = 0
    assert assess(pair, START + timedelta(AT)).verdict is not Verdict.CANNOT_SEPARATE


def test_gaps_are_not_empty() -> None:
    counts = listed()
    counts[AT:] = np.nan
    counts[AT + 8 :] = 0
    assert not emptied(series(counts), AT)


def test_of_weeks_the_verdict_rests_on_thirty_days() -> None:
    drop = Estimate(0.5, 0.4, 0.6, 0.95, "")
    drops = [FusedWindow(days, drop, None, 1, 0.0, "") for days in (1, 7, 30)]
    assert [main_window(drops, step).days for step in (Step.HOUR, Step.DAY, Step.WEEK)] == [7, 7, 30]  # type: ignore[union-attr]
    assert main_window(drops[:2], Step.WEEK) is drops[1]
    assert main_window([], Step.DAY) is None


def test_a_flow_that_ceases_for_months_may_be_a_sensor_that_is_down() -> None:
    """Also where it comes back later."""
    counts = np.random.default_rng(8).poisson(40, DAYS + 60).astype(float)
    counts[AT : AT + 45] = 0
    card = assess([series(counts)], START + timedelta(AT))
    assert any("a sensor that is down looks the same" in w for w in card.warnings)
    counts[AT + 20] = 3
    card = assess([series(counts)], START + timedelta(AT))
    assert not any("a sensor that is down looks the same" in w for w in card.warnings)


def test_a_series_that_had_long_ended_cannot_drop() -> None:
    """An ordinary day of nothing is no unit either: billions of days would be averted."""
    counts = np.concatenate([np.full(120, 50.0), np.zeros(180)])
    counts[:120] += np.arange(120) % 7
    card = assess([series(counts, "ended")], START + timedelta(days=258))
    assert card.verdict is Verdict.TOO_LITTLE
    assert "84 days before" in card.reason
    assert card.spam_days_averted is None

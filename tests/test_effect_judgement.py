"""The scorecard: verdicts on worlds with known truth, refusals, and the real events in the data."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from depeer.errors import BadInput
from depeer.judgement import effect
from depeer.judgement.effect.verdict import Verdict
from depeer.measures.effect.series import Series, Step, from_rows
from effect_worlds import BEFORE, EVENT, START, changed, sensors

DROP = 1 - np.exp(-0.9)


def test_a_plain_effect() -> None:
    card = effect.assess(sensors(np.random.default_rng(3), 4, after=60), EVENT)
    assert card.verdict is Verdict.EFFECT
    for one in card.drops:
        assert one.drop is not None
        assert one.drop.low < DROP < one.drop.high
        assert one.prediction is not None
        assert one.prediction[0] <= one.drop.low
    assert card.spam_days_averted is not None
    assert card.spam_days_averted.low < 60 * DROP < card.spam_days_averted.high
    assert card.recovery is not None
    assert card.recovery.half_life is None
    assert (card.trial.n, card.trial.p) == (6, pytest.approx(1 / 7))
    assert any("below 0.14 is not supported" in w for w in card.warnings)
    assert any("pause" in w for w in card.warnings)


def test_the_same_seed_gives_the_same_card() -> None:
    group = sensors(np.random.default_rng(3), 2)
    assert effect.assess(group, EVENT, seed=4) == effect.assess(group, EVENT, seed=4)


def test_nothing_happened() -> None:
    rng = np.random.default_rng(5)
    cards = [effect.assess(sensors(rng, 3, effect=0.0), EVENT) for _ in range(12)]
    verdicts = [c.verdict for c in cards]
    assert verdicts.count(Verdict.NO_EFFECT) >= 10
    assert "not ruled out" in next(c for c in cards if c.verdict is Verdict.NO_EFFECT).reason


def test_a_drop_of_a_day_is_no_lasting_one() -> None:
    change = np.concatenate([np.full(1, -1.0), np.zeros(30)])
    card = effect.assess(sensors(np.random.default_rng(6), 4, effect=change), EVENT)
    assert card.drop(1).drop is not None
    assert card.drop(1).drop.low > 0.4  # type: ignore[union-attr]
    assert card.drop(30).drop.high < 0.2  # type: ignore[union-attr]


def test_what_fell_long_after_is_not_put_down_to_the_event() -> None:
    counts = np.random.default_rng(5).poisson(500, 284).astype(float)
    counts[150:] *= 0.2
    alone = [Series(START, Step.DAY, counts, "s", "messages")]
    card = effect.assess(alone, EVENT, placebos=False, checks=False)
    assert card.verdict is Verdict.NO_EFFECT
    assert card.spam_days_averted is not None
    assert card.spam_days_averted.low > 0
    assert any("nothing says that it averted" in w for w in card.warnings)


@pytest.mark.parametrize("days", [3, 7, 14])
def test_a_drop_that_began_before(days: int) -> None:
    group = [changed(s, BEFORE - days, 0.5) for s in sensors(np.random.default_rng(7), 3, effect=0.0)]
    card = effect.assess(group, EVENT)
    assert card.verdict is Verdict.BEGAN_BEFORE
    assert card.began is not None
    assert card.began.cell == pytest.approx(-days, abs=1)


def test_events_that_fall_together() -> None:
    card = effect.assess(sensors(np.random.default_rng(3), 3), EVENT, others=[EVENT - timedelta(days=20)])
    assert card.verdict is Verdict.CANNOT_SEPARATE
    assert "joint" in card.reason
    assert card.drop(7).drop is not None


def test_a_declared_change_at_the_event() -> None:
    card = effect.assess(sensors(np.random.default_rng(3)), EVENT, changes=[("s0", EVENT)])
    assert card.verdict is Verdict.CANNOT_SEPARATE
    with pytest.raises(BadInput, match="no series has that sensor"):
        effect.assess(sensors(np.random.default_rng(3)), EVENT, changes=[("s9", EVENT)])


def test_a_declared_change_before_the_event_is_no_effect_and_does_not_bend_one() -> None:
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(12):
        one = sensors(rng)[0]
        counts = one.counts.copy()
        counts[50:] = np.round(counts[50:] * 0.4)
        card = effect.assess(
            [replace(one, counts=counts)], EVENT, changes=[("s0", START + timedelta(days=50))]
        )
        drop = card.drop(7).drop
        assert drop is not None
        held += drop.low < DROP < drop.high
    assert held >= 10


def test_a_feed_that_froze_is_no_effect() -> None:
    one = sensors(np.random.default_rng(2), effect=0.0)[0]
    counts = one.counts.copy()
    counts[BEFORE - 1 :] = 400.0
    card = effect.assess([replace(one, counts=counts)], EVENT)
    assert card.verdict is Verdict.INSTRUMENT
    assert "same count" in card.reason


def test_the_filter_of_one_sensor_does_not_pass_for_an_effect() -> None:
    group = sensors(np.random.default_rng(4), 5)
    group[1] = changed(group[1], 60, 0.5)
    card = effect.assess(group, EVENT)
    assert [s.sensor for s in card.signs] == ["s1"]
    assert card.verdict is Verdict.EFFECT
    drop = card.drop(7).drop
    assert drop is not None
    assert drop.low < DROP < drop.high


def test_too_little_is_a_verdict() -> None:
    one = sensors(np.random.default_rng(1))[0]
    card = effect.assess([replace(one, counts=one.counts[:20])], START + timedelta(days=10))
    assert card.verdict is Verdict.TOO_LITTLE
    assert "at least 14" in card.reason
    assert all(d.drop is None and d.reason for d in card.drops)
    assert card.spam_days_averted is None


def test_a_window_that_the_series_does_not_hold_is_refused() -> None:
    one = sensors(np.random.default_rng(1), after=15, before=21)[0]
    card = effect.assess([one], START + timedelta(days=21))
    assert card.drop(7).drop is not None
    assert card.drop(30).drop is None
    assert "ends 15 days after" in card.drop(30).reason


@pytest.mark.parametrize(
    ("series", "event", "words"),
    [
        ([], EVENT, "no series"),
        ([Series(START, Step.DAY, np.zeros(120), "a")], EVENT, "nothing but zeros"),
        ([Series(START, Step.DAY, np.ones(1), "a")], EVENT, "outside the series"),
        ([Series(START, Step.DAY, np.ones(120), "a")], date(2030, 1, 1), "outside the series"),
        ([Series(START, Step.DAY, np.ones(120), "a")], date(1990, 1, 1), "outside the series"),
        ([Series(START, Step.DAY, np.ones(120), "a")] * 2, EVENT, "same name"),
        (
            [Series(START, Step.DAY, np.ones(120), "a"), Series(START, Step.WEEK, np.ones(120), "b")],
            EVENT,
            "different steps",
        ),
        (
            [
                Series(START, Step.DAY, np.ones(120), "a"),
                Series(START + timedelta(hours=7), Step.DAY, np.ones(120), "b"),
            ],
            EVENT,
            "different times",
        ),
    ],
)
def test_refused(series: list[Series], event: date, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        effect.assess(series, event)


def _hourly(seed: int) -> Series:
    hours = np.arange(24 * 40)
    rate = 200 * np.exp(0.4 * np.sin(2 * np.pi * hours / 24) - 0.7 * (hours >= 24 * 30))
    return Series(START, Step.HOUR, np.random.default_rng(seed).poisson(rate).astype(float), "h")


@pytest.mark.slow
def test_hours() -> None:
    held = 0
    for seed in range(10):
        card = effect.assess([_hourly(seed)], START + timedelta(days=30), until=START + timedelta(days=32))
        drop = card.drop(1).drop
        assert drop is not None
        assert drop.high - drop.low < 0.1
        held += drop.low < 1 - np.exp(-0.7) < drop.high
    assert held >= 8


def test_weeks() -> None:
    weeks = np.arange(60)
    counts = np.random.default_rng(2).poisson(900 * np.exp(-0.7 * (weeks >= 40))).astype(float)
    card = effect.assess([Series(START, Step.WEEK, counts, "w")], START + timedelta(weeks=40))
    assert card.drop(1).drop is None
    assert "cannot tell 1 day" in card.drop(1).reason
    assert card.verdict is Verdict.EFFECT


def test_controls_are_a_check_and_no_sensor() -> None:
    rng = np.random.default_rng(3)
    ham = [replace(s, sensor=f"ham{i}") for i, s in enumerate(sensors(rng, 4, effect=0.0, common=0.8))]
    card = effect.assess(sensors(rng, 1), EVENT, controls=ham)
    check = next(c for c in card.sensors[0].checks if c.method.startswith("synthetic"))
    assert check.drop is not None
    assert check.drop.low < DROP < check.drop.high


@pytest.mark.parametrize("seed", range(6))
def test_hostile_series_give_a_card_or_a_refusal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.choice([0.0, 0.0, 1.0, 1e12, 3.0, np.nan], 130)
    counts[rng.integers(130)] = 1e300 if seed == 5 else 2.0
    try:
        card = effect.assess([Series(START, Step.DAY, counts, "x")], EVENT)
    except BadInput:
        return
    for one in card.drops:
        assert one.drop is None or one.drop.low <= one.drop.value <= one.drop.high


def _listed(data_dir: Path, family: str) -> Series:
    path = data_dir / "abuse" / "feodo_active_by_family_daily.csv"
    if not path.exists():
        pytest.skip("no listing of controllers in the data")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = [date.fromisoformat(r["observed_date"]) for r in rows]
    return from_rows(days, [r[family] for r in rows], family, "controllers listed")


@pytest.mark.data
def test_qakbot_fell_and_stayed_down(data_dir: Path) -> None:
    card = effect.assess([_listed(data_dir, "qakbot")], date(2023, 8, 26))
    assert card.verdict is Verdict.EFFECT
    drop = card.drop(30).drop
    assert drop is not None
    assert drop.low > 0.8
    assert card.recovery is not None
    assert card.recovery.half_life is None
    assert card.recovery.at_least > 180


@pytest.mark.data
def test_nothing_befell_qakbot_in_may(data_dir: Path) -> None:
    card = effect.assess([_listed(data_dir, "qakbot")], date(2023, 5, 1), until=date(2023, 8, 1))
    assert card.verdict is Verdict.NO_EFFECT

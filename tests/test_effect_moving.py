"""A level that is on its way when the event comes, and sensors that say little of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from depeer.judgement.effect import assess
from depeer.judgement.effect.card import _fuse
from depeer.judgement.effect.verdict import Verdict
from depeer.measures.effect import instrument, kalman, statespace, windows
from depeer.measures.effect.series import Series, Step
from effect_worlds import BEFORE, EVENT, START, changed, noise, sensors

Floats = NDArray[np.float64]


def rising(rng: np.random.Generator, still: int, days: int, daily: float, after: int = 10) -> Series:
    """``still`` days at one level, then ``days`` before the event and all after it by ``daily`` more each."""
    grown = np.clip(np.arange(still + days + after) - still, 0, None)
    log = np.log(400.0) + daily * grown + noise(rng, len(grown), 0.3, sd=0.1)
    return Series(START, Step.DAY, rng.poisson(np.exp(log)).astype(float), "s", "messages")


def week(series: Series, event: int) -> windows.LogRatio:
    paths = statespace.forecast(series, statespace.fit(series, event), event, 7)
    found = windows.log_ratio(series.counts[event : event + 7], paths)
    assert found is not None
    return found


def moving(fit: statespace.Fit, weight: Floats) -> float:
    """The weight of the models in which the level moves."""
    return float(weight[len(fit.filtered.phi) // 2 :].sum())


def test_several_priors_are_filtered_as_each_alone() -> None:
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(30), rng.standard_normal(30)])
    z, phi, share = rng.standard_normal(30), np.array([0.0, 0.6]), np.array([1.0, 0.5])
    priors = np.array([[0.0, 4.0], [0.0, 0.25]])
    both = kalman.run(z, x, np.zeros(30), phi, share, priors)
    for k, prior in enumerate(priors):
        one, part = kalman.run(z, x, np.zeros(30), phi, share, prior[None]), slice(2 * k, 2 * k + 2)
        for name in ("phi", "share", "loglik", "beta", "root", "rss", "state", "state_var", "innovation"):
            assert getattr(both, name)[part] == pytest.approx(getattr(one, name)), name
        assert one.df == both.df == 29


def test_a_normal_prior_of_a_coefficient_is_counted_as_one() -> None:
    """The likelihood that is left is that of the dense covariance with the prior's variance in it."""
    rng = np.random.default_rng(4)
    n, precision = 25, 0.7
    x = np.column_stack([np.ones(n), rng.standard_normal(n)])
    z = rng.standard_normal(n)

    def dense(precision: float) -> float:
        v = np.eye(n) + np.outer(x[:, 1], x[:, 1]) / precision
        inverse, one = np.linalg.inv(v), x[:, :1]
        xx = one.T @ inverse @ one
        rest = z - one @ np.linalg.solve(xx, one.T @ inverse @ z)
        return float(
            -0.5
            * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(xx)[1] + (n - 1) * np.log(rest @ inverse @ rest))
        )

    white = np.array([0.0]), np.array([1.0])
    found = kalman.run(z, x, np.zeros(n), *white, np.array([[0.0, precision], [0.0, 5.0]]))
    assert found.loglik[0] - found.loglik[1] == pytest.approx(dense(precision) - dense(5.0))


def test_a_level_seen_for_two_weeks_may_move_and_one_seen_for_long_hardly() -> None:
    chance = [moving(f, f.prior) for f in (statespace.fit(_flat(days), days) for days in (14, 84, 400))]
    assert chance == pytest.approx([0.5, 1 / (1 + 6**1.5), statespace.LEAST_MOVING])


def _flat(days: int) -> Series:
    return Series(START, Step.DAY, np.full(days + 7, 100.0) + np.arange(days + 7) % 3, "s", "messages")


def test_a_rise_that_is_under_way_is_no_negative_drop() -> None:
    """Doubled within ten days with no event, as the TREC mail did: without it in the model hardly any would hold."""
    held = 0
    for seed in range(20):
        one = rising(np.random.default_rng(seed), 12, 6, 0.08)
        drop = week(one, 18).drop()
        held += drop.low <= 0 <= drop.high
    assert held >= 18


def test_that_costs_little_where_the_level_has_stood() -> None:
    one = sensors(np.random.default_rng(2), phi=0.3, effect=0.0)[0]
    fit = statespace.fit(one, BEFORE)
    still = replace(fit, weight=np.where(np.arange(len(fit.weight)) < len(fit.weight) // 2, fit.weight, 0.0))
    still = replace(still, weight=still.weight / still.weight.sum())
    width = [float(np.ptp(np.quantile(_logs(one, f), [0.025, 0.975]))) for f in (fit, still)]
    assert width[0] < 1.15 * width[1]


def _logs(one: Series, fit: statespace.Fit) -> Floats:
    paths = statespace.forecast(one, fit, BEFORE, 30)
    return np.log(np.exp(paths).sum(axis=1))


def test_one_sensor_that_moves_does_not_move_the_others() -> None:
    group = sensors(np.random.default_rng(6), 4, phi=0.3, effect=0.0)
    surge = group[0].counts.copy()
    surge[BEFORE - 6 : BEFORE] *= np.exp(0.15 * np.arange(1, 7))
    short = group[3].without(slice(0, BEFORE - 30))
    all_four = (replace(group[0], counts=np.round(surge)), *group[1:3], short)
    fits = [statespace.fit(s, BEFORE) for s in all_four]
    assert moving(fits[3], fits[3].prior) > 3 * moving(fits[1], fits[1].prior)
    pooled = statespace.pooled(fits)
    assert moving(pooled[0], pooled[0].weight) > 0.5
    for before, after in zip(fits[1:], pooled[1:], strict=True):
        assert moving(after, after.weight) < 1.5 * moving(before, before.weight) + 0.01


@pytest.mark.parametrize("shared", [0.0, 0.5])
@pytest.mark.parametrize("se", [1.0, 30.0])
def test_a_sensor_that_is_hardly_known_does_not_blur_the_others(shared: float, se: float) -> None:
    """Four that are known to 8 %, and one that is known to a factor of e or to nothing at all."""
    logs, ses = np.array([-0.31, -0.38, -0.27, -0.34, -0.32]), np.array([0.08] * 4 + [se])
    four, five = (_fuse(logs[:k], ses[:k], (shared, 70.0), [0.9] * k) for k in (4, 5))
    assert five.high - five.low < 1.8 * (four.high - four.low)
    assert five.mean == pytest.approx(four.mean, abs=0.01)


def test_where_nothing_came_at_all_the_sensors_are_put_together_by_what_they_rest_on() -> None:
    """Two sensors by the week that fall to nothing: how two chance ratios scatter says nothing."""
    rng = np.random.default_rng(11)
    series = []
    for name, mean in (("domains", 60.0), ("controllers", 15.0)):
        counts = rng.poisson(mean * np.exp(0.4 * rng.standard_normal(80))).astype(float)
        counts[60:] = 0
        series.append(Series(START, Step.WEEK, counts, name, "added"))
    drop = assess(series, series[0].time(60), placebos=False, checks=False).drop(30).drop
    assert drop is not None
    assert drop.method == "state space, mean"
    assert drop.low > 0.8


def test_small_sensors_that_fell_silent_do_not_outvote_a_large_one() -> None:
    rng = np.random.default_rng(12)
    series = []
    for name, before, after in (("a", 15.0, 0.0), ("b", 12.0, 0.0), ("large", 1000.0, 1000.0)):
        counts = rng.poisson(np.where(np.arange(110) < BEFORE, before, after)).astype(float)
        series.append(Series(START, Step.DAY, counts, name, "messages"))
    card = assess(series, EVENT, placebos=False, checks=False)
    assert card.verdict is Verdict.TOO_LITTLE


def test_counts_that_vary_tenfold_keep_their_answer() -> None:
    """A move of two standard deviations would be one of a hundredfold there."""
    rng = np.random.default_rng(13)
    counts = rng.poisson(20 * np.exp(1.5 * rng.standard_normal(67))).astype(float)
    one = Series(START, Step.WEEK, counts, "indicators", "added")
    fit = statespace.fit(one, 60)
    half = len(fit.weight) // 2
    width = []
    for weight in (np.r_[fit.weight[:half], np.zeros(half)], np.r_[np.zeros(half), fit.weight[half:]]):
        paths = statespace.forecast(one, replace(fit, weight=weight / weight.sum()), 60, 4)
        width.append(float(np.ptp(np.quantile(np.log(np.exp(paths).sum(axis=1)), [0.025, 0.975]))))
    assert width[1] < 1.5 * width[0]


def test_a_late_filter_is_found_behind_overdispersed_counts() -> None:
    named = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        group = []
        for one in sensors(rng, 5, phi=0.3, rate=150.0):
            extra = rng.gamma(20.0, 1 / 20.0, len(one))
            group.append(replace(one, counts=np.round(one.counts * extra)))
        group[2] = changed(group[2], BEFORE + 10, 0.55)
        named += {s.sensor for s in instrument.jumps(group, BEFORE)} == {"s2"}
    assert named >= 12

"""Each method by itself, against arithmetic and against worlds with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depeer.measures.effect import (
    conformal,
    fusion,
    instrument,
    kalman,
    negbin_its,
    onset,
    placebo,
    recovery,
    sdid,
    simplex,
    statespace,
    steps,
    synthetic_control,
    windows,
)
from effect_worlds import BEFORE, SEASON, changed, noise, sensors

Floats = NDArray[np.float64]


@pytest.mark.parametrize(("phi", "share"), [(0.0, 1.0), (0.6, 1.0), (0.9, 0.4)])
def test_the_filter_is_generalised_least_squares(phi: float, share: float) -> None:
    """Likelihood, coefficients and one-step forecast as from the dense covariance, with gaps."""
    rng = np.random.default_rng(2)
    n = 40
    x = np.column_stack([np.ones(n), rng.standard_normal((n, 2))])
    z, extra = rng.standard_normal(n), rng.uniform(0, 0.5, n)
    z[[3, 4, 20]] = np.nan
    run = kalman.run(z, x, extra, np.array([phi]), np.array([share]))
    keep = np.flatnonzero(~np.isnan(z))
    cov = share * phi ** np.abs(np.subtract.outer(np.arange(n + 1), np.arange(n + 1))) + (1 - share) * np.eye(
        n + 1
    )
    v = cov[np.ix_(keep, keep)] + np.diag(extra[keep])
    inverse = np.linalg.inv(v)
    xx = x[keep].T @ inverse @ x[keep]
    beta = np.linalg.solve(xx, x[keep].T @ inverse @ z[keep])
    rest = z[keep] - x[keep] @ beta
    rss = float(rest @ inverse @ rest)
    df = len(keep) - 3
    loglik = -0.5 * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(xx)[1] + df * np.log(rss))
    assert run.beta[0] == pytest.approx(beta)
    assert run.rss[0] == pytest.approx(rss)
    assert run.loglik[0] == pytest.approx(loglik)
    ahead = share * phi ** (n - keep) @ inverse @ rest
    assert run.state[0, 0] - run.state[0, 1:] @ beta == pytest.approx(ahead)
    assert run.root[0] @ run.root[0].T == pytest.approx(np.linalg.inv(xx))


def test_steps_are_those_of_generalised_least_squares() -> None:
    """Inner products of every step at once, against the dense covariance, with gaps."""
    rng = np.random.default_rng(4)
    n, phi, share = 30, 0.7, 0.6
    x = np.column_stack([np.ones(n), rng.standard_normal((n, 2))])
    z, extra = rng.standard_normal(n), rng.uniform(0.05, 0.5, n)
    z[[5, 6, 19]] = np.nan
    white = kalman.whiten(z, x, extra[:, None], np.array([phi]), np.array([share]))
    keep = np.flatnonzero(~np.isnan(z))
    cov = share * phi ** np.abs(np.subtract.outer(keep, keep)) + np.diag(1 - share + extra[keep])
    inverse = np.linalg.inv(cov)
    both = np.column_stack([z, x])[keep]
    assert white.moments[0] == pytest.approx(both.T @ inverse @ both)
    assert white.logdet[0] == pytest.approx(-np.linalg.slogdet(cov)[1])
    for cell in keep:
        step = (keep >= cell).astype(float)
        assert white.steps.cross[0, :, cell] == pytest.approx(both.T @ inverse @ step)
        assert white.steps.curve[0, cell] == pytest.approx(step @ inverse @ step)


@pytest.mark.parametrize("phi", [0.0, 0.55, 0.95])
def test_evidence_of_a_step_is_bounded_where_there_is_none(phi: float) -> None:
    """As a ratio of likelihoods its mean is 1 over the worlds of the prior: 10 comes in less than one in ten."""
    rng = np.random.default_rng(int(100 * phi))
    x, variance = np.ones((90, 1)), np.full(90, 1e-3)
    high = 0
    for _ in range(150):
        tried = steps.attempt(noise(rng, 90, phi), variance, x, np.array([30, 60]))
        assert tried is not None
        high += bool((tried.scan(steps.models()[2]).evidence > np.log(10)).any())
    assert high / 150 < 0.2


def test_a_step_is_found_where_it_is_with_its_size() -> None:
    z = noise(np.random.default_rng(5), 100, 0.5)
    z[40:] -= 0.6
    tried = steps.attempt(z, np.full(100, 1e-4), np.ones((100, 1)), np.arange(100))
    assert tried is not None
    scan = tried.scan(steps.models()[2])
    best = int(np.argmax(scan.evidence))
    assert scan.cell[best] == pytest.approx(40, abs=1)
    assert abs(scan.size[best] + 0.6) < 3 * scan.se[best]


def test_too_little_has_no_step() -> None:
    assert steps.attempt(np.full(8, np.nan), np.ones(8), np.ones((8, 1)), np.arange(8)) is None


@pytest.mark.parametrize("rate", [30.0, 3000.0])
def test_what_sensors_share_is_found_though_counting_hides_it(rate: float) -> None:
    rng = np.random.default_rng(3)
    found = {common: [] for common in (0.0, 0.5)}
    for common, each in found.items():
        for _ in range(12):
            group = sensors(rng, 5, phi=0.7, rate=rate, common=common)
            each.append(statespace.shared([statespace.fit(s, BEFORE) for s in group])[0])
    assert np.mean(found[0.0]) < 0.15
    assert np.mean(found[0.5]) == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_single_sensor_intervals_hold(phi: float) -> None:
    """A sample of the table in docs/effect.md: of 120 worlds fewer than 88 % held would be a rare accident."""
    rng = np.random.default_rng(int(10 * phi))
    held = {7: 0, 30: 0}
    for r in range(120):
        one = sensors(rng, phi=phi)[0]
        paths = statespace.forecast(one, statespace.fit(one, BEFORE), BEFORE, 30, r, 800)
        for days in held:
            found = windows.log_ratio(one.counts[BEFORE : BEFORE + days], paths[:, :days], r)
            assert found is not None
            drop = found.drop()
            held[days] += drop.low <= 1 - np.exp(-0.9) <= drop.high
    assert min(held.values()) >= 0.88 * 120


def test_the_same_seed_gives_the_same_paths() -> None:
    one = sensors(np.random.default_rng(1), gaps=0.1)[0]
    a, b = (statespace.forecast(one, statespace.fit(one, BEFORE), BEFORE, 9, 5) for _ in range(2))
    assert np.array_equal(a, b)


def test_outliers_are_set_aside_but_not_forgotten() -> None:
    one = sensors(np.random.default_rng(4), phi=0.3)[0]
    counts = one.counts.copy()
    counts[[20, 50]] *= 30
    spoilt = statespace.fit(replace(one, counts=counts), BEFORE)
    assert len(spoilt.outliers) == 2
    assert spoilt.sigma < 1.3 * statespace.fit(one, BEFORE).sigma


def test_waves_that_all_sensors_have_are_seen() -> None:
    rng = np.random.default_rng(5)
    fits = [[statespace.fit(s, BEFORE) for s in sensors(rng, 4, common=c)] for c in (0.0, 0.6)]
    alone, together = (statespace.shared(f)[0] for f in fits)
    assert alone < 0.15
    assert together == pytest.approx(0.6, abs=0.2)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 4)), min_size=2, max_size=12))
def test_fusing_in_any_unit_and_order(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*pairs, strict=True))
    one = fusion.fuse(y, v)
    assert one.low <= one.mean <= one.high
    assert one.predict_low <= one.low + 1e-9
    other = fusion.fuse(3 * y[::-1] + 1, 9 * v[::-1])
    assert other.mean == pytest.approx(3 * one.mean + 1, abs=1e-5)
    assert other.high - other.low == pytest.approx(3 * (one.high - one.low), rel=1e-4, abs=1e-6)


def test_shared_errors_widen_what_scatter_hides() -> None:
    y, v = np.array([0.1, 0.11, 0.09, 0.1]), np.full(4, 0.04)
    assert fusion.fuse(y, v).se_hk < 0.01
    assert fusion.fuse(y, v, shared=0.5, shared_df=80).se_hk == pytest.approx(np.sqrt(0.02), rel=0.01)


@pytest.mark.parametrize("bad", [([], []), ([1.0], [0.0]), ([1.0, np.nan], [1.0, 1.0])])
def test_fusing_refuses(bad: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="variance above 0"):
        fusion.fuse(np.array(bad[0]), np.array(bad[1]))


@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 40), st.sampled_from([0.0, 1.0]))
def test_simplex_weights_are_optimal(seed: int, rows: int, donors: int, ridge: float) -> None:
    """The conditions of Karush, Kuhn and Tucker: no donor's slope lies below that of those in use."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((rows, donors)) * 1e4, rng.standard_normal(rows) * 1e4
    w = simplex.optimum(a, b, ridge)
    slope = (a @ w - b) @ a + ridge * w
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1)
    assert slope.min() >= float(w @ slope) - 1e-6 * max(1.0, float(np.abs(a).max()) ** 2)


def test_controls_recover_an_effect_that_they_do_not_share() -> None:
    rng = np.random.default_rng(8)
    wave = np.cumsum(rng.standard_normal(80)) * 0.3
    donors = np.array([wave * f + rng.standard_normal(80) * 0.1 for f in (0.5, 0.8, 1.1, 1.4)])
    treated = wave + rng.standard_normal(80) * 0.1 - 2.0 * (np.arange(80) >= 60)
    assert synthetic_control.fit(treated, donors, 60).mean_gap == pytest.approx(-2, abs=0.2)
    assert sdid.fit(treated, donors, 60).effect == pytest.approx(-2, abs=0.2)
    assert synthetic_control.rank_p(treated, donors, 60) == (0.2, 5)


def test_other_readings_agree_on_plain_data() -> None:
    one = sensors(np.random.default_rng(3), phi=0.3)[0]
    truth = 1 - np.exp(-0.9)
    step, found = negbin_its.fit(one, BEFORE, 14).drop(), conformal.fit(one, BEFORE, 14)
    assert step.low < truth < step.high
    assert found.drop is not None
    assert found.drop.low < truth < found.drop.high
    assert found.p == pytest.approx(1 / found.cells)


def test_conformal_p_is_even_without_an_effect() -> None:
    rng = np.random.default_rng(6)
    p = [conformal.fit(sensors(rng, phi=0.3, effect=0.0)[0], BEFORE, 7).p for _ in range(150)]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.08)
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)


def _path(half: float | None, plateau: float, seed: int = 1) -> recovery.Recovery | None:
    t = np.arange(90.0)
    effect = -0.9 * (np.ones(90) if half is None else 0.5 ** (np.maximum(t - plateau, 0) / half))
    one = sensors(np.random.default_rng(seed), effect=effect, after=90)[0]
    paths = statespace.forecast(one, statespace.fit(one, BEFORE), BEFORE, 90)
    found = recovery.path(one.counts[BEFORE:], paths, 1.0)
    assert found is not None
    return recovery.fit(found)


def test_half_life_of_what_came_back() -> None:
    # half the volume is back when exp(-0.9 x) = (1 + exp(-0.9))/2, x = 0.391: plateau + 1.355 half-times
    found = _path(12.0, 10.0)
    assert found is not None
    assert found.half_life is not None
    assert found.half_life.low < 26.3 < found.half_life.high
    assert found.half_life.high - found.half_life.low < 25
    assert found.recovered.value > 0.8


def test_a_return_in_a_straight_line_is_one_too() -> None:
    t = np.arange(60.0)
    loss = (1 - np.exp(-0.9)) * (1 - 0.9 * np.clip((t + 0.5 - 9) / 12, 0, 1))
    group = sensors(np.random.default_rng(4), 5, effect=np.log1p(-loss), after=60)
    paths = [statespace.forecast(s, statespace.fit(s, BEFORE), BEFORE, 60) for s in group]
    each = [recovery.path(s.counts[BEFORE:], p, 1.0) for s, p in zip(group, paths, strict=True)]
    mean = recovery.mean_path([p for p in each if p is not None], 0.0)
    assert mean is not None
    found = recovery.fit(mean)
    assert found is not None
    assert found.half_life is not None
    assert found.half_life.low < 9 + 12 / 1.8 < found.half_life.high
    assert found.plateau.low <= 9 < found.plateau.high


def test_gaps_of_one_sensor_do_not_end_the_mean_path() -> None:
    rng = np.random.default_rng(2)
    cov = np.diag(rng.uniform(0.5, 1.5, 40))
    full = recovery.Path(np.arange(40.0), rng.standard_normal(40), cov)
    less = recovery.Path(np.arange(30.0), rng.standard_normal(30), cov[:30, :30])
    mean = recovery.mean_path([full, less], 0.0)
    assert mean is not None
    assert len(mean.time) == 40
    assert mean.ratio[35] == full.ratio[35]
    assert mean.ratio[3] == pytest.approx((full.ratio[3] + less.ratio[3]) / 2)
    assert np.diag(mean.cov)[[3, 35]] == pytest.approx([np.diag(cov)[3] / 2, np.diag(cov)[35]])
    wide = recovery.mean_path([full, less], 0.5)
    assert wide is not None
    assert np.diag(wide.cov)[[3, 35]] == pytest.approx([np.diag(cov)[3] * 0.75, np.diag(cov)[35]])


def test_what_did_not_come_back_is_censored() -> None:
    found = _path(None, 0.0)
    assert found is not None
    assert found.half_life is None
    assert found.at_least > 60
    assert found.recovered.high < 0.5


def test_nothing_lost_has_no_recovery() -> None:
    one = sensors(np.random.default_rng(2), effect=0.0)[0]
    paths = statespace.forecast(one, statespace.fit(one, BEFORE), BEFORE, 31)
    found = recovery.path(one.counts[BEFORE:], paths, 1.0)
    assert found is not None
    assert recovery.fit(found) is None


@pytest.mark.parametrize(("first", "before"), [(BEFORE, False), (BEFORE - 4, True), (BEFORE - 12, True)])
def test_when_a_drop_began(first: int, before: bool) -> None:
    one = changed(sensors(np.random.default_rng(9), effect=0.0)[0], first, 0.5)
    found = onset.fit(one, BEFORE)
    assert found is not None
    assert (found.before > 0.95) is before
    assert found.before > 0.95 or found.before < 0.05
    assert abs(found.cell - (first - BEFORE)) <= 1
    assert found.size == pytest.approx(np.log(0.5), abs=0.15)


def test_84_days_hold_six_placebo_windows_of_14() -> None:
    one = sensors(np.random.default_rng(3))[0]
    found = placebo.run(one, BEFORE, 14)
    assert found.n == 6
    assert found.p(-0.9) == pytest.approx(1 / 7)
    assert found.p(9.0) == 1.0
    assert placebo.run(one, 10, 14).p(-0.9) is None


def test_a_frozen_feed_is_seen_and_a_slow_stock_is_none() -> None:
    rng = np.random.default_rng(1)
    one = sensors(rng)[0]
    counts = one.counts.copy()
    counts[60:75] = counts[60]
    assert [(s.first, s.last) for s in instrument.frozen(replace(one, counts=counts))] == [(60, 75)]
    stock = np.repeat(rng.integers(20, 60, 40), rng.integers(1, 7, 40)).astype(float)
    assert instrument.frozen(replace(one, counts=stock)) == []


def test_a_jump_of_one_sensor_is_named_and_only_that() -> None:
    rng = np.random.default_rng(12)
    right = wrong = 0
    for _ in range(15):
        group = sensors(rng, 5)
        group[1] = changed(group[1], int(rng.integers(25, 75)), 0.55)
        names = {s.sensor for s in instrument.jumps(group, BEFORE)}
        right += "s1" in names
        wrong += len(names - {"s1"})
    assert right >= 13
    assert wrong <= 2


def test_a_drop_of_one_sensor_at_the_event_is_no_change_of_instrument() -> None:
    rng = np.random.default_rng(13)
    called = 0
    for _ in range(15):
        group = sensors(rng, 4, effect=0.0)
        group[1] = changed(group[1], BEFORE, 0.5)
        called += any(s.sensor == "s1" for s in instrument.jumps(group, BEFORE))
    assert called <= 1


def test_counts_that_become_round_are_seen() -> None:
    one = sensors(np.random.default_rng(2), after=40)[0]
    counts = one.counts.copy()
    counts[BEFORE:] = np.round(counts[BEFORE:], -2)
    assert [s.kind for s in instrument.grain(replace(one, counts=counts), BEFORE)] == ["grain"]
    assert instrument.grain(one, BEFORE) == []


def test_the_worlds_are_what_they_say() -> None:
    u = noise(np.random.default_rng(0), 20_000, 0.8)
    assert float(u.std()) == pytest.approx(0.12, rel=0.05)
    assert float(np.corrcoef(u[1:], u[:-1])[0, 1]) == pytest.approx(0.8, abs=0.02)
    assert abs(float(SEASON.sum())) < 1e-9

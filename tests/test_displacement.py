"""Who gained: against known truth, with gaps, with no event at all; and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.charts.gainers import gainers_spec
from depeer.charts.picture import to_png, to_svg
from depeer.measures import displacement
from depeer.measures.displacement import Displacement, Panel, compare, panel
from depeer.measures.displacement.gainers import discoveries

DAYS, AT, WIDTH = 140, 112, 28


def ar1(rng: np.random.Generator, phi: float, sd: float) -> np.ndarray:
    steps = rng.normal(size=DAYS) * sd * np.sqrt(1 - phi**2)
    path = np.empty(DAYS)
    path[0] = rng.normal() * sd
    for day in range(1, DAYS):
        path[day] = phi * path[day - 1] + steps[day]
    return path


def world(
    seed: int,
    change: dict[int, float] | None = None,
    networks: int = 60,
    phi: float = 0.6,
    own: float = 0.2,
    gaps: float = 0.05,
) -> tuple[Panel, np.ndarray, np.ndarray]:
    """A panel of three sensors, whose noise moves all networks alike, and the true means a day before and after."""
    rng = np.random.default_rng(seed)
    before = np.exp(rng.normal(np.log(2), 1.2, networks))
    before[0] = 8
    after = before.copy()
    for key, factor in (change or {}).items():
        after[key] *= factor
    mean = np.repeat(before[:, None], DAYS, axis=1)
    mean[:, AT:] = after[:, None]
    mean *= np.exp([ar1(rng, 0.5, own) for _ in range(networks)])
    week = 1 + 0.15 * np.cos(2 * np.pi * np.arange(DAYS) / 7)
    rows, known = [], {}
    for number in range(3):
        known[f"trap-{number}"] = up = rng.random(DAYS) > gaps
        seen = rng.poisson(mean / 3 * week * np.exp(ar1(rng, phi, 0.12)))
        rows += [
            (int(key), f"trap-{number}", int(day), int(seen[key, day]))
            for key, day in zip(*np.nonzero(seen), strict=True)
            if up[day]
        ]
    return panel(rows, known, AT), before, after


def named(found: Displacement, basis: str = "volume") -> set[int]:
    return {int(str(gain.key)) for gain in found.gainers if gain.basis == basis}


def test_gainers_are_named_with_intervals_that_hold_the_truth() -> None:
    wanted = {3: 2.5, 7: 2.5, 11: 2.5, 20: 3.0}
    found = hits = held = tested = 0
    for seed in range(12):
        counts, before, after = world(seed, wanted)
        answer = compare(counts, AT, WIDTH)
        found += len(named(answer))
        hits += len(named(answer) & wanted.keys())
        for gain in answer.gainers:
            if gain.basis == "volume":
                key = int(str(gain.key))
                held += gain.gain.low <= after[key] - before[key] <= gain.gain.high
                tested += 1
    assert hits >= 0.6 * 12 * len(wanted)
    assert found - hits <= 0.15 * found + 1
    assert held >= 0.85 * tested


@pytest.mark.slow
def test_where_nothing_happened_hardly_anybody_is_named() -> None:
    alarms = sum(bool(named(compare(world(seed)[0], AT, WIDTH))) for seed in range(40))
    # a false discovery rate of 10 %: with nothing to find, one of ten may name somebody; P(more than 9 of 40) < 1 %
    assert alarms <= 9


def test_an_outage_is_no_loss_and_its_end_no_gain() -> None:
    """A sensor that sees one network only is down before the event: nothing rose when it is back."""
    rng = np.random.default_rng(3)
    up = np.ones(DAYS, bool)
    up[AT - WIDTH : AT - 5] = False
    rows = [("seen by b", "b", d, int(rng.poisson(20))) for d in range(DAYS) if up[d]]
    rows += [(f"n{k}", "a", d, int(rng.poisson(5))) for d in range(DAYS) for k in range(8)]
    known = {"a": [True] * DAYS, "b": up.tolist()}
    answer = compare(panel(rows, known, AT), AT, WIDTH)
    assert not [g for g in answer.gainers if g.key == "seen by b"]
    as_zero = compare(panel(rows, {"a": [True] * DAYS, "b": [True] * DAYS}, AT), AT, WIDTH)
    assert [g.key for g in as_zero.gainers if g.basis == "volume"] == ["seen by b"]


def test_a_count_on_an_unknown_day_is_left_out_and_unknown_sensors_are_refused() -> None:
    made = panel([("x", "a", 0, 5), ("x", "a", 1, 3)], {"a": [False, True]}, 1)
    assert made.counts.tolist() == [[0.0, 3.0]]
    with pytest.raises(ValueError, match="nobody says when b was up"):
        panel([("x", "b", 0, 5)], {"a": [True]}, 1)


def steady(rates: dict[str, tuple[float, float]], seed: int = 0) -> Panel:
    rng = np.random.default_rng(seed)
    rows = [
        (key, "a", day, int(rng.poisson(old if day < AT else new)))
        for key, (old, new) in rates.items()
        for day in range(DAYS)
    ]
    return panel(rows, {"a": [True] * DAYS}, AT)


@pytest.mark.parametrize(
    ("rest", "control", "quotient"),
    [
        ((400, 490), (1000, 1000), -1.0),
        ((400, 400), (1000, 1000), 0.0),
        ((400, 355), (1000, 1000), 0.5),
        ((400, 245), (1000, 500), -1.0),
    ],
)
def test_the_quotient_of_bowers_and_johnson(
    rest: tuple[float, float], control: tuple[float, float], quotient: float
) -> None:
    """(B₁/C₁ − B₀/C₀) / (A₁/C₁ − A₀/C₀), with everything halved in the last row, the control too."""
    halved = control[1] / control[0]
    counts = steady({"target": (100, 10 * halved), "rest": rest})
    beside = [control[0] if day < AT else control[1] for day in range(DAYS)]
    found = compare(counts, AT, WIDTH, {"target"}, beside).quotient
    assert found is not None
    assert found.value == pytest.approx(quotient, abs=0.15)
    assert found.low < quotient < found.high


def test_a_loss_that_may_be_none_gives_no_quotient() -> None:
    same = compare(steady({"target": (5, 5), "rest": (400, 400)}), AT, WIDTH, {"target"})
    assert same.quotient is None
    assert "may be none" in same.reason
    never = compare(steady({"target": (0, 4), "rest": (400, 400)}), AT, WIDTH, {"target"})
    assert never.quotient is None
    assert "nothing was counted in the target" in never.reason


@pytest.mark.slow
def test_quotients_hold_the_truth() -> None:
    held = given_up = 0
    for seed in range(40):
        counts, before, after = world(seed, {0: 0.1} | dict.fromkeys(range(1, 60), 1.03))
        found = compare(counts, AT, WIDTH, {0}).quotient
        true = (after[1:] - before[1:]).sum() / (after[0] - before[0])
        given_up += found is None
        held += found is not None and found.low <= true <= found.high
    assert given_up == 0
    assert held >= 34


def test_refusals_have_reasons() -> None:
    counts = steady({"a": (50, 50)})
    short = compare(counts, 20, 28)
    assert (short.gainers, short.quotient) == ((), None)
    assert "no date to compare chance by" in short.reason
    dark = Panel(("a",), counts.counts, np.where(np.arange(DAYS) < AT, counts.exposure, 0.0))
    assert "is known" in compare(dark, AT, WIDTH).reason
    empty = panel([], {"a": [True] * DAYS}, AT)
    assert compare(empty, AT, WIDTH).gainers == ()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_discoveries_are_those_of_benjamini_and_hochberg(p: Sequence[float]) -> None:
    order, n = sorted(p), len(p)
    cut = max((q for i, q in enumerate(order, 1) if q <= displacement.FDR * i / n), default=-1.0)
    assert discoveries(np.array(p)).tolist() == [one <= cut for one in p]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 69), st.integers(0, 10**9)), max_size=80))
def test_any_counts_give_finite_answers(rows: list[tuple[int, int, int]]) -> None:
    made = panel([(key, "a", day, n) for key, day, n in rows], {"a": [True] * 70}, 56)
    answer = compare(made, 56, 14, {0})
    for gain in answer.gainers:
        assert np.isfinite([gain.gain.low, gain.gain.high, gain.p_volume]).all()


def test_the_picture_of_gainers(tmp_path: object) -> None:
    from datetime import date

    answer = compare(world(3, {3: 2.5, 7: 3.0})[0], AT, WIDTH)
    names = {3: "</script><b>EVIL\u202e\x00"}
    for width in (1080, 344):
        spec = gainers_spec(answer, names, "mails", date(2008, 11, 11), width, True, "two sensors")
        assert spec is not None
        drawn = to_svg(spec)
        assert "Simulated: Who gained" in drawn
        assert "<b>" not in drawn
        assert to_png(spec).startswith(b"\x89PNG")
    nobody = Displacement(28, (), 0, 0, 0, 0, None, None, "")
    assert gainers_spec(nobody, {}, "mails", date(2008, 11, 11)) is None

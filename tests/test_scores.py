"""Scores of answers whose truth is known, worked out by hand or against other definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.measures import scores
from depeer.model import Estimate

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("truth", "found", "precision", "recall"),
    [
        ("aabb", "aabb", 1.0, 1.0),
        ("aabb", "xxxx", 0.5, 1.0),
        ("aabb", "wxyz", 1.0, 0.5),
        # Three of a and one of b in a cluster: (3·3/4 + 1·1/4)/5 + 1/5; of a all together, of b one of two.
        ("aaabb", "xxxxy", (9 / 4 + 1 / 4 + 1) / 5, (3 + 1 / 2 + 1 / 2) / 5),
        # The example of Amigó et al. 2009, figure 1, in spirit: one class split in two.
        ("aaaa", "xxyy", 1.0, 0.5),
    ],
)
def test_b_cubed(truth: str, found: str, precision: float, recall: float) -> None:
    got = scores.b_cubed(truth, found)
    assert got.precision == pytest.approx(precision)
    assert got.recall == pytest.approx(recall)
    assert got.f == pytest.approx(2 * precision * recall / (precision + recall))


@given(LABELS)
def test_b_cubed_is_the_mean_over_items(pairs: list[tuple[int, int]]) -> None:
    """The definition, item by item."""
    truth, found = [t for t, _ in pairs], [c for _, c in pairs]
    per_item = []
    for t, c in pairs:
        together = sum(a == t and b == c for a, b in pairs)
        per_item.append((together / found.count(c), together / truth.count(t)))
    got = scores.b_cubed(truth, found)
    assert got.precision == pytest.approx(np.mean([p for p, _ in per_item]))
    assert got.recall == pytest.approx(np.mean([r for _, r in per_item]))


def test_b_cubed_of_nothing_and_of_unequal_lengths() -> None:
    assert math.isnan(scores.b_cubed([], []).f)
    with pytest.raises(ValueError, match="2 true labels, but 1"):
        scores.b_cubed("ab", "a")


def test_share_is_wilson() -> None:
    """Newcombe (1998), table 1: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611."""
    got = scores.share(81, 263)
    assert (round(got.low, 4), round(got.high, 4)) == (0.2553, 0.3662)
    none = scores.share(0, 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)
    assert math.isnan(scores.share(0, 0).value)
    with pytest.raises(ValueError, match="is no share"):
        scores.share(3, 2)


def test_coverage_counts_both_ends() -> None:
    got = scores.coverage([1, 2, 3, 4], [1, 0, 3.5, 0], [2, 2, 4, 3.9])
    assert got.value == 0.5


def test_interval_score() -> None:
    """Width, plus 2/α times the distance outside."""
    got = scores.interval_score([5, 0, 12], [1, 1, 1], [10, 10, 10], 0.9)
    assert got == pytest.approx([9, 9 + 20 * 1, 9 + 20 * 2])
    with pytest.raises(ValueError, match="not between"):
        scores.interval_score([1], [0], [2], 1.0)


def test_interval_score_is_best_at_the_true_quantiles() -> None:
    truth = np.random.default_rng(1).standard_normal(20_000)
    mean = {
        width: scores.interval_score(truth, np.full(20_000, -width), np.full(20_000, width), 0.9).mean()
        for width in (1.0, 1.3, 1.645, 2.0, 2.6)
    }
    assert min(mean, key=lambda width: mean[width]) == 1.645


def test_calibration() -> None:
    got = scores.calibration([0.02, 0.08, 0.55, 1.0, 1.0], [0, 1, 1, 1, 0])
    assert [(b.low, b.count, round(b.said, 3), b.happened) for b in got] == [
        (0.0, 2, 0.05, 0.5),
        (0.5, 1, 0.55, 1.0),
        (0.9, 2, 1.0, 0.5),
    ]
    assert got[0].gap == pytest.approx(0.45)
    with pytest.raises(ValueError, match="between 0 and 1"):
        scores.calibration([1.1], [1])
    with pytest.raises(ValueError, match="2 probabilities"):
        scores.calibration([0.1, 0.2], [1])


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_calibration_loses_nobody(pairs: list[tuple[float, bool]]) -> None:
    bins = scores.calibration([p for p, _ in pairs], [h for _, h in pairs])
    assert sum(b.count for b in bins) == len(pairs)
    assert sum(b.count * b.happened for b in bins) == pytest.approx(sum(h for _, h in pairs))
    assert all(b.low - 1e-9 <= b.said <= b.high + 1e-9 for b in bins)


def test_brier_ranks_and_precision() -> None:
    assert scores.brier([1, 0, 0.5], [1, 0, 1]) == pytest.approx(0.25 / 3)
    assert scores.precision_at("abcd", {"a", "c", "z"}, 2) == 0.5
    assert scores.precision_at("abc", {"a", "c"}, 10) == pytest.approx(2 / 3)
    assert math.isnan(scores.precision_at("", {"a"}, 3))
    assert scores.rank_of("abc", "c") == 3
    assert scores.rank_of("abc", "z") is None
    with pytest.raises(ValueError, match="at least 1"):
        scores.precision_at("abc", {"a"}, 0)


def test_findings_count_what_was_named_and_what_was_due() -> None:
    found = scores.finding(named={1, 2, 3, 4}, true={1, 2, 3, 9}, wanted={3, 9})
    assert (found.named, found.precision.value, found.wanted, found.recall.value) == (4, 0.75, 2, 0.5)
    nothing = scores.finding((), (), ())
    assert (nothing.precision.low, nothing.precision.high) == (0.0, 1.0)


def test_refused_intervals_neither_hold_nor_miss() -> None:
    span = Estimate(0.5, 0.4, 0.6, 0.95, "")
    assert scores.covers([(0.45, span), (0.7, span), (0.1, None)]).value == 0.5

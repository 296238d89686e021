"""What stands beside the counts that are judged: controls, declared changes, sums, sensors that are at nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from depeer.cli import depeer
from depeer.errors import BadInput
from depeer.judgement.effect import Scorecard, assess
from depeer.judgement.effect.verdict import Verdict
from depeer.judgement.effect.words import rise, span
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate
from effect_worlds import BEFORE, EVENT, START, sensors


def card(series: list[Series], **more: Any) -> Scorecard:
    return assess(series, EVENT, placebos=False, checks=False, **more)


def group(seed: int, effect: float, k: int = 3) -> list[Series]:
    return sensors(np.random.default_rng(seed), k, phi=0.3, effect=effect)


def test_a_control_that_fell_as_well_takes_the_effect_away() -> None:
    told = card(group(1, -0.9), controls=group(2, -0.9))
    assert told.verdict is Verdict.CANNOT_SEPARATE
    assert "what the event cannot have touched fell as well" in told.reason


def test_a_control_that_stood_still_is_told_and_leaves_the_effect() -> None:
    told = card(group(1, -0.9), controls=group(2, 0.0))
    assert told.verdict is Verdict.EFFECT
    assert any("the control, which the event cannot have touched: a drop of" in w for w in told.warnings)


def test_a_control_that_says_nothing_is_told_too() -> None:
    short = [
        replace(s, start=START + timedelta(BEFORE - 5), counts=s.counts[BEFORE - 5 :])
        for s in group(2, 0.0, 1)
    ]
    told = card(group(1, -0.9), controls=short)
    assert told.verdict is Verdict.EFFECT
    assert any(w.startswith("the control says nothing") for w in told.warnings)


def test_a_sensor_declared_to_have_changed_at_the_event_is_left_out() -> None:
    """The others judge; if it was all of the drop, the drop is the instrument's."""
    still = group(3, 0.0)
    fell = replace(group(4, -1.5, 1)[0], sensor="rebuilt")
    told = card([*still, fell], changes=[("rebuilt", EVENT)])
    assert [c.reason for c in told.sensors if c.sensor == "rebuilt"] == [
        "its instrument is declared to have changed at the event"
    ]
    assert told.drop(7).sensors == 3
    assert told.verdict in (Verdict.NO_EFFECT, Verdict.INSTRUMENT)
    alone = card([fell], changes=[("rebuilt", EVENT)])
    assert alone.verdict is Verdict.CANNOT_SEPARATE


def test_a_change_of_a_sensor_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadInput, match="there is 's0', 's1'"):
        card(group(3, 0.0, 2), changes=[("trap", EVENT)])


@pytest.mark.parametrize("weeks", [False, True])
def test_what_is_at_nothing_before_the_event_cannot_drop(weeks: bool) -> None:
    step = Step.WEEK if weeks else Step.DAY
    counts = np.random.default_rng(6).poisson(40.0, 120).astype(float)
    counts[60:] = 0
    at = 63 if weeks else 84
    one = Series(START, step, counts, "gone", "messages")
    told = assess([one], one.time(at), placebos=False, checks=False)
    assert told.verdict is Verdict.TOO_LITTLE
    assert "what is at nothing cannot drop" in told.reason


def test_families_that_ended_before_do_not_hide_the_one_that_fell() -> None:
    rng = np.random.default_rng(7)
    fell = rng.poisson(np.where(np.arange(140) < BEFORE, 80.0, 8.0)).astype(float)
    series = [Series(START, Step.DAY, fell, "qakbot", "listed")]
    for name, end in (("emotet", 50), ("dridex", 60), ("trickbot", 10)):
        counts = np.where(np.arange(140) < end, 9.0, 0.0)
        series.append(Series(START, Step.DAY, counts, name, "listed"))
    told = card(series)
    assert told.verdict is Verdict.EFFECT
    assert told.drop(7).sensors == 1


def test_a_column_of_totals_is_told() -> None:
    parts = group(8, -0.5)
    total = replace(parts[0], sensor="total", counts=np.sum([s.counts for s in parts], axis=0))
    assert any(w.startswith("total is the sum of the others") for w in card([*parts, total]).warnings)
    assert not any("sum of the others" in w for w in card(parts).warnings)


def test_where_a_drop_of_any_size_fits_too_little_is_known() -> None:
    """Two sensors that say opposite things leave one degree of freedom."""
    told = card([*group(9, -4.0, 1), replace(group(10, 0.0, 1)[0], sensor="other")])
    assert told.verdict is Verdict.TOO_LITTLE
    assert "any size" in told.reason


def test_until_takes_its_own_day_in() -> None:
    (one,) = group(11, -0.5, 1)
    last = (EVENT + timedelta(6)).date()
    assert len(card([one], until=last).traces.series[0]) == BEFORE + 7
    assert card([one], until=last).drop(7).drop is not None


@pytest.mark.parametrize(
    ("low", "high", "spanned", "risen"),
    [
        (-2.24, -1.89, "−224 % to −189 %", "189 % to 224 %"),
        (0.995, 0.999, "> 99 %", ""),
        (-40.0, -12.0, "< −1000 %", "> 1000 %"),
    ],
)
def test_intervals_in_words(low: float, high: float, spanned: str, risen: str) -> None:
    one = Estimate(0.5 * (low + high), low, high, 0.95, "x")
    assert span(one) == spanned
    if high < 0:
        assert rise(one) == risen


def test_a_chart_of_another_ending_is_refused_before_any_work(tmp_path: Path) -> None:
    series = tmp_path / "counts.csv"
    days = [date(2008, 9, 1) + timedelta(n) for n in range(90)]
    series.write_text("date,count\n" + "".join(f"{day},{100 + n % 7}\n" for n, day in enumerate(days)))
    asked = ["effect", "--series", str(series), "--date", "2008-11-11", "--chart", str(tmp_path / "out.pdf")]
    result = CliRunner().invoke(depeer, asked)
    assert result.exit_code != 0
    assert not (tmp_path / "out.pdf").exists()
    asked[-2:] = ["--target", "64500"]
    assert CliRunner().invoke(depeer, [*asked, "--lake", str(tmp_path / "none")]).exit_code != 0

"""Pictures of an effect: counts beside what would have come, the forest, how long it held."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import altair as alt
import numpy as np
import pytest

from depeer.charts.effect.forest import forest_spec
from depeer.charts.effect.paths import PANELS, paths_spec
from depeer.charts.effect.pictures import DRAWN, effect_spec, effect_specs
from depeer.charts.effect.survival import survival_spec
from depeer.charts.effect.text import Event, half_life
from depeer.charts.picture import to_svg
from depeer.charts.theme import NARROW, WIDE
from depeer.errors import BadUsage
from depeer.judgement.effect import Scorecard, assess
from depeer.judgement.effect.traces import GROUPS, survival, traces
from depeer.judgement.effect.words import share
from depeer.lake.effect_pictures import draw_effect
from depeer.lake.pictures import draw
from depeer.measures.effect.recovery import Recovery
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate

START = datetime(2008, 8, 1, tzinfo=UTC)
DAY = date(2008, 11, 1)
AT = 92
EVIL = "</text><script>alert(1)</script>\x00\u202e"


def series(name: str, seed: int = 0, drop: float = 0.6, back: float = np.inf, cells: int = 172) -> Series:
    """1,000 a day with 5 % noise, less ``drop`` from the event on, with half of it back after ``back`` days."""
    dice = np.random.default_rng(seed)
    after = np.arange(cells) - AT
    lost = np.where(after >= 0, drop * 0.5 ** (np.maximum(after, 0) / back), 0.0)
    rate = 1000 * (1 - lost) * np.exp(0.05 * dice.standard_normal(cells))
    return Series(START, Step.DAY, dice.poisson(rate).astype(float), name, "connections")


@pytest.fixture(scope="module")
def card() -> Scorecard:
    gap = series("with a gap", 2).without(slice(100, 110))
    short = Series(START, Step.DAY, series("short", 3).counts[AT - 5 :], "short")
    short = Series(START + timedelta(AT - 5), Step.DAY, short.counts, "short")
    return assess([series(EVIL, 1), gap, short, series("fourth", 4)], DAY)


EVENT = Event(DAY, "counts.csv", False, "0.1")


def words(svg: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", svg).split())


@pytest.mark.parametrize(("width", "simulated"), [(WIDE, True), (NARROW, False)])
@pytest.mark.parametrize("name", [*DRAWN])
def test_every_picture_says_event_verdict_and_source(
    card: Scorecard, name: str, width: int, simulated: bool
) -> None:
    spec = DRAWN[name](card, Event(DAY, "counts.csv", simulated, "0.1"), width)
    assert spec is not None
    alt.Chart.from_dict(spec)
    told = words(to_svg(spec))
    assert f"Event of {DAY}. Verdict: {card.verdict}." in told
    assert "counts.csv" in told
    assert told.count("Simulated") == simulated
    assert "<script" not in to_svg(spec)


def test_the_band_holds_what_would_have_come_and_the_counts_after_a_drop_lie_below(card: Scorecard) -> None:
    first = next(trace for trace in traces(card.traces) if trace.sensor == "fourth")
    after = ~np.isnan(first.middle)
    assert int(after.sum()) == 172 - AT
    assert ((first.low[after] < 1000) & (first.high[after] > 1000)).mean() > 0.9
    assert (first.counted[after] < first.low[after]).all()
    assert np.isnan(first.middle[~after]).all()


def test_a_gap_stays_a_gap_in_the_data_and_in_the_drawing(card: Scorecard) -> None:
    gap = next(trace for trace in traces(card.traces) if trace.sensor == "with a gap")
    assert int(np.isnan(gap.counted).sum()) == 10
    spec = paths_spec(card, EVENT)
    assert spec is not None
    panel = next(p for p in spec["concat"] if p["title"]["text"].startswith("with a gap"))
    runs = {row["run"] for row in panel["layer"][2]["data"]["values"]}
    assert len(runs) == 2
    assert all(row["counted"] is not None for row in panel["layer"][2]["data"]["values"])


def test_a_sensor_that_could_not_be_fitted_is_drawn_without_a_band_and_has_its_reason(
    card: Scorecard,
) -> None:
    assert "short (too little to say what would have come)" in words(to_svg(paths_spec(card, EVENT) or {}))
    assert "unknown: only 5 days before the event" in words(to_svg(forest_spec(card, EVENT) or {}))


def test_the_forest_has_each_sensor_and_all_together(card: Scorecard) -> None:
    spec = forest_spec(card, EVENT)
    assert spec is not None
    assert [p["title"]["text"].partition(":")[0] for p in spec["hconcat"]] == [
        "over 1 day",
        "over 7 days",
        "over 30 days",
    ]
    fused = card.drop(7).drop
    assert fused is not None
    assert f"{share(fused.value)} ({share(fused.low)} to {share(fused.high)})" in words(to_svg(spec))
    assert "all together" in words(to_svg(spec))
    one = assess([series("alone", 1)], DAY)
    assert "all together" not in words(to_svg(forest_spec(one, EVENT) or {}))


def test_a_flood_is_drawn_at_the_edge() -> None:
    flood = assess([series("a", 1, drop=-9.0), series("b", 2, drop=-9.0)], DAY)
    spec = forest_spec(flood, EVENT)
    assert spec is not None
    alt.Chart.from_dict(spec)
    rows = spec["hconcat"][0]["layer"][1]["data"]["values"]
    assert all(row["low"] == -1.0 and row["over"] for row in rows)


def test_survival_knows_a_half_life_of_thirty_days() -> None:
    found = survival(assess([series(str(seed), seed, 0.6, 30.0, 242) for seed in range(4)], DAY).traces)
    assert found is not None
    true = 0.5 ** (found.days / 30.0) / np.mean(0.5 ** (np.arange(7) / 30.0))
    assert ((found.low <= true) & (true <= found.high)).mean() > 0.75
    assert abs(found.middle - true).mean() < 0.08


def test_without_a_drop_there_is_no_survival() -> None:
    quiet = assess([series(str(seed), seed, 0.0) for seed in range(3)], DAY)
    assert survival_spec(quiet, EVENT) is None
    assert set(effect_specs(quiet, EVENT)) == {"counts", "forest"}


def test_hours_are_put_together_by_days_and_never_across_the_event() -> None:
    dice = np.random.default_rng(1)
    counts = dice.poisson(100, 24 * 60).astype(float)
    hourly = assess([Series(START, Step.HOUR, counts, "hourly")], datetime(2008, 9, 10, 7, tzinfo=UTC))
    (trace,) = traces(hourly.traces)
    assert len(trace.time) <= GROUPS
    assert trace.cells == 24
    at = START + timedelta(hours=hourly.traces.at)
    half = timedelta(hours=12)
    assert all(when + half <= at or when - half >= at for when in trace.time[1:-1])
    assert abs(np.nanmean(trace.counted) - 100) < 2


def test_many_sensors_are_counted() -> None:
    many = assess([series(f"s{n}", n) for n in range(PANELS + 2)], DAY)
    spec = paths_spec(many, EVENT)
    assert spec is not None
    assert len(spec["concat"]) == PANELS
    assert f"The first {PANELS} of {PANELS + 2} sensors." in words(to_svg(spec))


def test_one_file_or_a_folder(card: Scorecard, tmp_path: Path) -> None:
    assert draw_effect(card, EVENT, tmp_path / "all.svg") == [tmp_path / "all.svg"]
    told = words((tmp_path / "all.svg").read_text())
    assert "What came" in told
    assert "Drop by sensor" in told
    assert "How long it held" in told
    drawn = draw_effect(card, EVENT, tmp_path / "folder")
    assert [path.name for path in drawn] == [f"effect-{name}.svg" for name in DRAWN]
    whole = effect_spec(card, EVENT)
    assert whole is not None
    with pytest.raises(BadUsage):
        draw(whole, tmp_path / "all.gif")


@pytest.mark.slow
def test_the_picture_of_all_is_as_the_schema_has_it(card: Scorecard) -> None:
    whole = effect_spec(card, EVENT)
    assert whole is not None
    alt.Chart.from_dict(whole)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0.999, "> 99 %"), (1.0, "100 %"), (-0.001, "0 %"), (-0.4, "−40 %"), (0.432, "43 %")],
)
def test_shares_as_a_person_reads_them(number: float, shown: str) -> None:
    assert share(number) == shown


def test_a_half_life_without_an_upper_end_is_not_called_infinite(card: Scorecard) -> None:
    back = Recovery(
        Estimate(161.0, 0.0, math.inf, 0.95, "x"), 2.0, 60.0, Estimate(0.7, 0.0, 1.0, 0.95, "x"),
        Estimate(28.0, 0.0, 60.0, 0.95, "x"),
    )  # fmt: skip
    open_ended = replace(card, recovery=back)
    assert half_life(open_ended) == "half of the loss may have been back after 161 days (95 %: 0 to no end)"
    spec = DRAWN["survival"](open_ended, EVENT, 1080)
    assert spec is not None
    assert "from day 0 on" in json.dumps(spec, allow_nan=False)


def test_a_band_that_is_uncertain_a_thousandfold_leaves_the_counts_to_be_seen() -> None:
    counts = np.random.default_rng(8).negative_binomial(0.3, 0.003, 60).astype(float)
    wild = assess([Series(START, Step.WEEK, counts, "wild")], START + timedelta(weeks=40), placebos=False)
    spec = paths_spec(wild, EVENT)
    assert spec is not None
    rows = [row for part in spec["concat"][0]["layer"] for row in part["data"]["values"] if "high" in row]
    tops = [row["high"] for row in rows if row["high"] is not None]
    assert max(tops) <= 2.01 * max(
        counts.max(), *(row["middle"] for row in rows if row["middle"] is not None)
    )
    assert "goes on beyond it" in words(to_svg(spec))

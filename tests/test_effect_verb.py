"""``depeer effect`` and ``depeer dates`` on CSV files: the JSON that others rely on, and clear refusals."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from depeer.cli import depeer
from depeer.errors import BadInput, DepeerError
from depeer.judgement.effect.words import drop
from depeer.model import Estimate

EVENT = date(2008, 11, 11)


def run(*words: object) -> dict[str, Any]:
    done = CliRunner().invoke(depeer, [*map(str, words), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def write(path: Path, drop: float, sensors: int = 3) -> Path:
    rng = np.random.default_rng(7)
    lines = ["date,sensor,count"]
    for sensor in range(sensors):
        for day in range(140):
            when = EVENT + timedelta(day - 100)
            level = 1000 * (1 - drop * (day >= 100)) * (1.2 if when.weekday() < 5 else 0.8)
            lines.append(f"{when},trap-{sensor},{rng.poisson(level * np.exp(rng.normal(0, 0.1)))}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_scorecard_of_a_plain_drop(tmp_path: Path) -> None:
    card = run("effect", "--series", write(tmp_path / "a.csv", 0.6), "--date", EVENT)
    assert card["verdict"] == "effect"
    for name in ("drop_1d", "drop_7d", "drop_30d"):
        assert card[name]["low"] <= 0.6 <= card[name]["high"]
    assert card["half_life_days"] == "not recovered"
    assert card["spam_days_averted"]["low"] > 0
    assert {"placebo_p", "placebo_n", "warnings", "sensors"} <= card.keys()


def test_nothing_happened(tmp_path: Path) -> None:
    assert (
        run("effect", "--series", write(tmp_path / "a.csv", 0.0), "--date", EVENT)["verdict"] == "no effect"
    )


def test_the_date_is_found_without_being_told(tmp_path: Path) -> None:
    found = run("dates", "--series", write(tmp_path / "a.csv", 0.6))["dates"]
    assert {one["sensor"] for one in found if abs((date.fromisoformat(one["date"]) - EVENT).days) <= 3} == {
        "trap-0", "trap-1", "trap-2",
    }  # fmt: skip
    assert all(one["direction"] == "nosedive" for one in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("date,count\n", "no rows"),
        ("when,count\n2008-01-01,1\n", "no column 'date'"),
        ("date,count\n2008-01-01,many\n", "no number"),
        ("date,count\n2008-01-01,-4\n", "at least 0"),
        ("date,count\n2008-13-01,4\n", "not a date"),
        ("date,count\n2008-01-01,4,5\n", "3 cells"),
        ("date,count\n2008-01-02,4\n2008-01-01,5\n", "out of order"),
        ("date,count\n2008-01-01,4\n2008-01-01,5\n", "twice"),
        ("date,count\n" + "".join(f"2008-11-{d:02},0\n" for d in range(1, 29)), "zero"),
        ("date,count\n2008-11-11,5\n", "one time only"),
        ("date,count\n" + "".join(f"2007-01-{d:02},9\n" for d in range(1, 29)), "outside"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises((BadInput, DepeerError), match=words):
        run("effect", "--series", path, "--date", EVENT)


def test_a_few_points_are_too_little(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,count\n2008-11-09,6\n2008-11-10,5\n2008-11-11,5\n2008-11-12,4\n")
    card = run("effect", "--series", path, "--date", EVENT)
    assert card["verdict"] == "too little data"
    assert card["drop_7d"] is None
    assert card["reasons"]["drop_7d"]


def test_where_nothing_dropped_nothing_can_come_back(tmp_path: Path) -> None:
    card = run("effect", "--series", write(tmp_path / "a.csv", 0.0), "--date", EVENT)
    assert card["half_life_days"] is None
    assert card["recovery"] is None
    assert "no drop stands out" in card["reasons"]["half_life_days"]
    said = CliRunner().invoke(
        depeer, ["effect", "--series", str(tmp_path / "a.csv"), "--date", str(EVENT)], catch_exceptions=False
    )
    assert "recovered" not in said.stdout
    assert "was back" not in said.stdout


def test_bounds_that_say_nothing_are_not_shown_as_numbers() -> None:
    wide = Estimate(0.5, -123456.0, 0.998, 0.95, "test")
    assert drop(wide) == "50 % (< −1000 % to > 99 %)"


def weekly(path: Path, first: date, weeks: int) -> Path:
    rows = [f"{first + timedelta(7 * week)},{500 + week}" for week in range(weeks)]
    path.write_text("date,count\n" + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (EVENT - timedelta(100), "counts by the week, what it is to be compared with by the day"),
        (EVENT + timedelta(7), "counts by the week"),
    ],
)
def test_a_control_of_another_step_is_refused(tmp_path: Path, first: date, words: str) -> None:
    series, control = write(tmp_path / "a.csv", 0.6), weekly(tmp_path / "control.csv", first, 20)
    said = CliRunner().invoke(
        depeer, ["effect", "--series", str(series), "--date", str(EVENT), "--control", str(control)]
    )
    assert isinstance(said.exception, BadInput)
    assert words in str(said.exception)


def test_a_control_that_does_not_span_the_event_is_refused(tmp_path: Path) -> None:
    series, control = write(tmp_path / "a.csv", 0.6), tmp_path / "control.csv"
    rows = [f"{EVENT + timedelta(day)},{500 + day}" for day in range(30)]
    control.write_text("date,count\n" + "\n".join(rows) + "\n")
    said = CliRunner().invoke(
        depeer, ["effect", "--series", str(series), "--date", str(EVENT), "--control", str(control)]
    )
    assert isinstance(said.exception, BadInput)
    assert "both sides" in str(said.exception)


def refusal(*words: object) -> str:
    said = CliRunner().invoke(depeer, [*map(str, words)])
    assert isinstance(said.exception, DepeerError), said.output
    return str(said.exception)


def test_one_sensor_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 0.6)
    card = run("effect", "--series", path, "--date", EVENT, "--sensor", "trap-1")
    assert [one["sensor"] for one in card["sensors"]] == ["trap-1"]
    assert {one["sensor"] for one in run("dates", "--series", path, "--sensor", "trap-1")["dates"]} == {
        "trap-1"
    }
    words = refusal("effect", "--series", path, "--date", EVENT, "--sensor", "nobody")
    assert "it has trap-0, trap-1, trap-2" in words


def test_a_file_of_counts_cannot_be_asked_for_networks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 0.6)
    assert "knows sensors only" in refusal("effect", "--series", path, "--date", EVENT, "--role", "sender")
    assert "knows sensors only" in refusal("dates", "--series", path, "--label", "spam")


def test_prefixes_and_targets_that_are_none(tmp_path: Path) -> None:
    of = ("effect", "--date", EVENT, "--lake", tmp_path)
    assert "is no prefix" in refusal(*of, "--role", "sender", "--prefix", "1.2.3")
    assert "neither an AS number" in refusal(*of, "--target", "shop.example")


def test_a_series_too_short_to_search_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("date,count\n" + "".join(f"2020-01-{day:02d},{day + 10}\n" for day in range(1, 11)))
    assert run("dates", "--series", path)["too_little"] == [""]
    said = CliRunner().invoke(depeer, ["dates", "--series", str(path)], catch_exceptions=False).stdout
    assert "too short" in said
    assert "no date stands out" not in said


def test_dates_of_sensors_with_different_steps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 0.6, 1)
    weeks = [f"{EVENT + timedelta(7 * week)},weekly,{500 + week % 7}" for week in range(-60, 20)]
    path.write_text(path.read_text() + "\n".join(weeks) + "\n")
    found = run("dates", "--series", path)
    assert {one["sensor"] for one in found["dates"]} == {"trap-0"}
    assert found["slices"] == 2
    assert found["too_little"] == []

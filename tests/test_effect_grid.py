"""The bench of the effect's intervals: its truth is what its page says, and a run can be resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.effect_grid import cells, noise, oracle, runner, score, table, worlds

GRID = cells.read()


def test_the_grid_has_sixteen_cells_and_half_of_the_noise_is_assumed_by_none() -> None:
    assert len({c.name for c in GRID}) == len(GRID) == 16
    assert sum(c.assumed for c in GRID) == 8
    assert all(c.noise in noise.KINDS for c in GRID)
    assert {c.sensors for c in GRID} == {3, 5, 10}


@pytest.mark.parametrize("kind", sorted(noise.KINDS))
def test_noise_has_the_size_it_says(kind: str) -> None:
    paths = noise.KINDS[kind](np.random.default_rng(1), 400, 91, 0.5)
    first = float(paths[:, :7].std())
    wider = {"regime": np.hypot(noise.SD, noise.REGIME)}.get(kind, noise.SD)
    assert first == pytest.approx(wider, rel=0.25)


def test_the_truth_of_a_lasting_drop_is_the_same_for_every_window() -> None:
    world = worlds.make(GRID[0], 3)
    drop = float(-np.expm1(world.change[0]))
    assert worlds.truth(world, 1) == pytest.approx(drop)
    assert worlds.truth(world, 30) == pytest.approx(drop)
    assert worlds.spam_days(world) == pytest.approx(drop * worlds.AFTER, rel=0.1)
    assert np.isinf(worlds.half_life(world))


def test_the_truth_of_sensors_that_differ_is_the_mean_of_their_law() -> None:
    world = worlds.make(replace(GRID[0], spread=0.3), 3)
    both = worlds.truth(world, 7), worlds.truth(world, 7, in_hand=True)
    shift = np.log1p(-both[1]) - np.log1p(-both[0])
    assert shift == pytest.approx(float(world.own.mean()))


@pytest.mark.parametrize("run", range(6))
def test_half_life_and_plateau_are_those_of_the_curve(run: int) -> None:
    world = worlds.make(replace(GRID[2], returns=True), run)
    loss = -np.expm1(world.change)
    assert loss[: int(world.plateau)] == pytest.approx(loss[0])
    half = worlds.half_life(world)
    if np.isfinite(half):
        at = np.interp(half, np.arange(len(loss)) + 0.5, loss)
        assert at == pytest.approx(loss[0] / 2, rel=1e-6)


@pytest.mark.parametrize("kind", ["down", "up", "late", "frozen"])
def test_a_filter_changes_one_sensor_and_no_truth(kind: str) -> None:
    plain, filtered = (worlds.make(replace(GRID[0], filter=f), 4) for f in ("none", kind))
    changed = [
        a.sensor
        for a, b in zip(plain.series, filtered.series, strict=True)
        if not np.array_equal(a.counts, b.counts, equal_nan=True)
    ]
    assert changed == [filtered.filtered]
    assert worlds.truth(plain, 1) == worlds.truth(filtered, 1)


def test_the_oracle_holds_as_often_as_it_says() -> None:
    cell = GRID[3]
    held = []
    for run in range(100):
        world = worlds.make(cell, run, stream=7)
        found = oracle.answer(cell, world, 7)
        assert found is not None
        held.append(found.low <= worlds.truth(world, 7) <= found.high)
    assert np.mean(held) > 0.88


def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    runner.go("dates", GRID[:2], out, 1, 1, 0, 0)
    whole = out.read_text()
    out.write_text(whole[: len(whole) - 9])
    runner.go("dates", GRID[:2], out, 1, 1, 0, 0)
    assert out.read_text() == whole


def test_the_table_counts_what_was_held_and_what_was_refused(tmp_path: Path) -> None:
    row = score.run(GRID[0], 0, placebos=True, others=True)
    wrong = row | {"run": 1, "7d": [0.0, 0.1, 0.5, 0.5, 0.3, 0.6], "30d": [None, None, 0.5, 0.5, 0.3, 0.6]}
    out = tmp_path / "runs.jsonl"
    out.write_text("".join(json.dumps(r) + "\n" for r in (row, wrong)))
    lines = table.text(GRID, out, None, None, None).splitlines()
    cover = next(line for line in lines if line.startswith("| a1 |")).split(" | ")
    assert cover[4] == "2"
    assert cover[6] == "50.0"
    assert cover[9] == "16.7"

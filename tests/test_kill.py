"""A killed ingest loses nothing, tells nothing twice, and leaves nobody working."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from depeer.verbs.routes import add
from depeer.verbs.verify import verify
from depeer.world import small
from lakes import children, content, make_pile, run_ingest, wait_until_gone

POINTS = {
    "mid-file": 3,
    "before-raw": 1,
    "raw-without-derived": 1,
    "after-mails": 2,
    "after-hops": 1,
    "after-links": 1,
    "after-listings": 1,
    "after-resolutions": 1,
    "before-settle": 1,
}
SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["depeer.verbs.ingest"])


class Scene:
    """A pile, a lake with a routing table only, and what an undisturbed ingest makes of the two."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pile = make_pile(folder / "pile")
        (folder / "routes.dat").write_bytes(small.routing_table())
        self.empty = folder / "empty"
        add(self.empty, str(folder / "routes.dat"))
        whole = self.lake("whole")
        self.seconds = self.run(whole)
        assert verify(whole).ok
        self.expected = content(whole)

    def lake(self, name: str) -> Path:
        return Path(shutil.copytree(self.empty, self.folder / name))

    def start(
        self, lake: Path, die_at: str | None = None, occurrence: int = 1
    ) -> multiprocessing.process.BaseProcess:
        workers = str(self.folder / f"{lake.name}.workers")
        child = SPAWN.Process(
            target=run_ingest, args=(str(lake), [str(self.pile)], die_at, occurrence, workers)
        )
        child.start()
        return child

    def run(self, lake: Path) -> float:
        """An ingest to its end; returns its seconds."""
        started = time.monotonic()
        child = self.start(lake)
        child.join()
        assert child.exitcode == 0
        return time.monotonic() - started

    def kill_at(self, lake: Path, point: str, occurrence: int) -> None:
        child = self.start(lake, point, occurrence)
        child.join()
        assert child.exitcode == -9, f"{point} was not passed {occurrence} times"
        workers = [int(pid) for pid in (self.folder / f"{lake.name}.workers").read_text().split()]
        assert len(workers) == 2
        assert wait_until_gone(workers) == []

    def kill_after(self, lake: Path, seconds: float) -> bool:
        """Kill an ingest from outside; False where it had ended already."""
        child = self.start(lake)
        child.join(seconds)
        workers = children(child.pid or 0)
        child.kill()
        child.join()
        assert wait_until_gone(workers) == []
        return child.exitcode == -9

    def check(self, lake: Path) -> None:
        """What one more ingest makes of the lake is what an undisturbed one would have made."""
        self.run(lake)
        failures = [check.failure for check in verify(lake).checks if check.failure]
        assert failures == []
        for name, rows in content(lake).items():
            assert rows == self.expected[name], f"{name} differs: {_difference(rows, self.expected[name])}"
        shutil.rmtree(lake)


def _difference(one: Counter[str], other: Counter[str]) -> str:
    return f"{list((one - other).items())[:2]} instead of {list((other - one).items())[:2]}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("kill"))


def test_the_pile_fills_every_table(scene: Scene) -> None:
    """Otherwise equal content would say little."""
    empty = [name for name, rows in scene.expected.items() if not rows]
    assert empty == ["as_names"]


def test_killed_at_each_named_point_in_turn(scene: Scene) -> None:
    """Each run meets what the kill before it left behind."""
    lake = scene.lake("in-turn")
    for point, occurrence in POINTS.items():
        scene.kill_at(lake, point, occurrence)
    scene.check(lake)


def test_killed_at_random_moments(scene: Scene) -> None:
    lake, rng = scene.lake("random"), random.Random(7)
    killed = [scene.kill_after(lake, rng.uniform(0.05, 0.9) * scene.seconds) for _ in range(5)]
    assert sum(killed) >= 2
    scene.check(lake)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("occurrence", [1, 2])
def test_killed_at_one_named_point(scene: Scene, point: str, occurrence: int) -> None:
    if point in ("before-settle", "after-listings", "after-resolutions") and occurrence > 1:
        occurrence = 1
    lake = scene.lake(f"{point}-{occurrence}-{random.random()}")
    scene.kill_at(lake, point, occurrence)
    scene.check(lake)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_killed_at_a_random_moment(scene: Scene, seed: int) -> None:
    lake = scene.lake(f"random-{seed}")
    scene.kill_after(lake, random.Random(seed).uniform(0.02, 1.0) * scene.seconds)
    scene.check(lake)

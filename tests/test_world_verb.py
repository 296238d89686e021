"""``depeer world``: built, ingested and scored from the command line; and the demo, which does all of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from depeer.cli import depeer
from depeer.errors import BadInput, BadUsage, NotFound
from depeer.lake import Lake
from depeer.verbs.world import build_world, score


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    depeer.main(list(words), prog_name="depeer", standalone_mode=False)
    return capsys.readouterr().out


def test_list_names_the_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    known = json.loads(run(capsys, "world", "list", "--json"))["scenarios"]
    assert {"mccolo-2008", "hidden-host", "tiny"} <= {one["name"] for one in known}
    assert "hidden-host" in run(capsys, "world", "list")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A tiny world, and a lake that took in all of it."""
    folder = tmp_path_factory.mktemp("world")
    world, lake = folder / "world", folder / "lake"
    build_world("tiny", world, jobs=1)
    shutil.copyfile(world / "depeer.toml", Lake.create(lake).root / "depeer.toml")
    tables = sorted(world.glob("routing/simulated-ipasn_*.dat"))
    words = [["routes", "add", str(tables[0])]]
    for label, kind in (("spam", "mail"), ("ham", "ham")):
        words += [
            ["ingest", str(one), "--sensor", one.name, "--label", label, "--jobs", "1"]
            for one in sorted(world.glob(f"{kind}/*"))
        ]
    for one in [*words, ["ingest", str(world / "feeds"), "--jobs", "1"]]:
        depeer.main([*one, "--lake", str(lake)], prog_name="depeer", standalone_mode=False)
    return world, lake


def test_score_holds_every_message_against_the_truth(
    filled: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    world, lake = filled
    got: dict[str, Any] = json.loads(run(capsys, "world", "score", str(world), "--lake", str(lake), "--json"))
    mail = got["messages"]
    assert mail["written"] == mail["found"] > 300
    assert mail["invented"] == 0
    assert mail["boundary"]["value"] > 0.99
    assert mail["nature"]["value"] > 0.97
    sender, controller, link, nameserver = got["rankings"]
    assert [one["role"] for one in (link, nameserver)] == ["link", "nameserver"]
    assert link["covered"] is nameserver["covered"] is None
    assert sender["networks"] == controller["networks"] > 50
    assert controller["rogue"]["395003"] == 1
    assert 0 <= controller["precision"]["5"] <= 1
    assert got["unanswered"] == ["campaigns", "botnets", "population"]
    (cut,) = got["moves"]
    assert (cut["name"], cut["target"], cut["successors"]["wanted"]) == ("cut", 395003, 0)
    # ten days are too few for a drop: each sensor is refused, and none covered by chance
    assert set(got["effects"]["covered"]) == {"1", "7", "30"}
    assert got["uplinks"] is None
    shown = run(capsys, "world", "score", str(world), "--lake", str(lake))
    assert "not yet answered by depeer: campaigns" in shown


def test_score_notices_wrong_answers(filled: tuple[Path, Path], tmp_path: Path) -> None:
    """The same lake against a truth in which senders, networks and one message differ."""
    world, lake = filled
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copyfile(world / "truth.json", copy / "truth.json")
    rows = (world / "messages.csv").read_text().splitlines()
    head = rows[0].split(",")
    changed = []
    for number, row in enumerate(rows[1:]):
        cells = row.split(",")
        if number < 20:
            cells[head.index("sender")] = "192.0.2.1"
        if number < 10:
            cells[head.index("nature")] = (
                "challenge" if cells[head.index("nature")] != "challenge" else "spam"
            )
        if number == 50:
            cells[head.index("sha256")] = "0" * 32
        changed.append(",".join(cells))
    (copy / "messages.csv").write_text("\n".join([rows[0], *changed]) + "\n")
    right, wrong = score(world, lake).messages, score(copy, lake).messages
    assert wrong.written - wrong.found == wrong.invented == 1
    found = wrong.found
    assert round(wrong.boundary.value * found) == pytest.approx(
        right.boundary.value * right.found - 21, abs=1
    )
    assert round(wrong.nature.value * found) == pytest.approx(right.nature.value * right.found - 11, abs=1)
    assert any("challenge → " in pair for pair in wrong.confused)


def test_what_is_no_world(filled: tuple[Path, Path], tmp_path: Path) -> None:
    _, lake = filled
    with pytest.raises(NotFound, match=r"holds no truth\.json"):
        score(tmp_path, lake)
    (tmp_path / "truth.json").write_text("{")
    with pytest.raises(BadInput, match="not the truth of a world"):
        score(tmp_path, lake)
    (tmp_path / "truth.json").write_text('{"simulated": true, "format": 1}')
    with pytest.raises(BadInput, match="another version"):
        score(tmp_path, lake)
    (tmp_path / "truth.json").write_text("[]")
    with pytest.raises(BadInput, match="not the truth of a simulated world"):
        score(tmp_path, lake)


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(BadUsage, match="not empty"):
        build_world("tiny", tmp_path)
    with pytest.raises(BadUsage, match="not above 0"):
        build_world("tiny", tmp_path / "x", scale=0)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_two_workers_write_what_one_does(filled: tuple[Path, Path], tmp_path: Path) -> None:
    world, _ = filled
    build_world("tiny", tmp_path / "again", jobs=2)
    mine = {p.relative_to(world): p.read_bytes() for p in world.rglob("*") if p.is_file()}
    again = {p.relative_to(tmp_path / "again"): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert mine == again


@pytest.mark.slow
def test_the_demo_tells_its_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "demo", "--out", str(tmp_path / "demo"), "--scale", "0.01")
    assert "Everything below is simulated" in shown
    assert "AS26780    MCCOLO McColo Corporation" in shown
    assert "the lake is sound" in shown
    assert "simulated" in (tmp_path / "demo" / "report.html").read_text("utf-8")

"""Where it went: ways of single things, chance that is measured, times to return, and the answer out of a lake."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.charts.picture import to_png, to_svg
from depeer.charts.successors import evidence_words, successors_spec
from depeer.cli import depeer
from depeer.errors import BadUsage
from depeer.judgement.recurrence import MODERATE, STRONG, WEAK, Evidence, Recurrence, recur, strength
from depeer.lake import Lake
from depeer.lake.moves import Around, Targets, displacements, recurrences
from depeer.measures import recurrence
from depeer.measures.recurrence import TARGET, Stays, Waits
from depeer.model import pack_address
from depeer.verbs.world import build_world

AT = 1000.0
Row = tuple[str, int, float, float]


def stays(rows: Sequence[Row], kind: str = "family") -> Stays:
    """Rows (identity, place, first and last day from the event)."""
    labels = sorted({name for name, *_ in rows})
    return Stays(
        kind,
        np.array([labels.index(r[0]) for r in rows], dtype=np.int64),
        np.array([r[1] for r in rows], dtype=np.int64),
        np.array([AT + r[2] for r in rows]),
        np.array([AT + r[3] for r in rows]),
        labels,
    )


def quiet(count: int = 12) -> list[Row]:
    """Families that stand where they stand."""
    return [(f"other-{n}", 500 + n, -200.0, 100.0) for n in range(count)]


def chain(found: Recurrence) -> list[tuple[int, int, int]]:
    return [(one.step, one.origin, one.successor) for one in found.successions]


# ------------------------------------------------------------------------------------------------ the chain


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # one move, and one after it
        ([("f", -1, -50, 0), ("f", 10, 4, 30), ("f", 20, 31, 100)], [(1, -1, 10), (2, 10, 20)]),
        # side by side: both follow the target
        ([("f", -1, -50, 0), ("f", 10, 4, 100), ("f", 20, 31, 100)], [(1, -1, 10), (1, -1, 20)]),
        # it had stood there before: nothing new
        ([("f", -1, -50, 0), ("f", 10, -30, -20), ("f", 10, 5, 50)], []),
        # it was gone long before the event
        ([("f", -1, -300, -100), ("f", 10, 4, 30)], []),
        # it stays
        ([("f", -1, -50, 90)], []),
        # another address in the same place is no further step
        ([("f", -1, -50, 0), ("f", 10, 4, 30), ("f", 10, 31, 60)], [(1, -1, 10)]),
        # after a year nobody follows
        ([("f", -1, -50, 0), ("f", 10, 400, 430)], []),
        # six places one after the other: it is followed for four steps
        (
            [("f", -1, -50, 0), *[("f", 10 * n, 10.0 * n, 10.0 * n + 5) for n in range(1, 7)]],
            [(1, -1, 10), (2, 10, 20), (3, 20, 30), (4, 30, 40)],
        ),
    ],
)
def test_ways(rows: list[Row], expected: list[tuple[int, int, int]]) -> None:
    assert chain(recur([stays(rows + quiet())], AT)) == expected


def test_two_things_that_cross_make_no_circle() -> None:
    rows = [
        ("a", -1, -50, 0), ("a", 10, 4, 20), ("a", 20, 21, 40),
        ("b", -1, -50, 0), ("b", 20, 4, 20), ("b", 10, 21, 40),
    ]  # fmt: skip
    found = chain(recur([stays(rows + quiet())], AT))
    assert {(-1, 10), (-1, 20)} <= {(o, s) for _, o, s in found}
    assert not {(10, 20), (20, 10)} <= {(o, s) for _, o, s in found}


def test_a_family_that_turns_up_everywhere_is_weak_evidence() -> None:
    """Chance is measured: the same move is moderate where families stay, weak where they roam."""
    moved: list[Row] = [("f", -1, -50, 0), ("f", 10, 4, 30)]
    calm = recur([stays(moved + quiet(20))], AT).successions[0]
    assert (calm.strength, calm.evidence[0].chance) == (MODERATE, pytest.approx(1 / 21, abs=0.05))
    roaming: list[Row] = [
        (f"r{n}", 1000 + 40 * n + step, 7.0 * step - 200, 100) for n in range(8) for step in range(40)
    ]
    wild = recur([stays(moved + roaming)], AT).successions[0]
    assert wild.strength == WEAK
    assert wild.evidence[0].chance > 0.5


def test_many_names_are_strong_evidence_and_counted() -> None:
    rows: list[Row] = [(f"n{i}", -1, -20, -1) for i in range(10)] + [(f"n{i}", 10, 3, 9) for i in range(6)]
    rows += [(f"o{i}", 100 + i % 40, -90, 60) for i in range(400)]
    link = recur([stays(rows, "name")], AT).successions[0]
    assert (link.strength, link.evidence[0].count, link.evidence[0].of) == (STRONG, 6, 10)
    assert link.evidence[0].chance < 0.01
    assert link.evidence[0].examples == ("n0", "n1", "n2")


def evidence(kind: str, chance: float, count: int = 3) -> Evidence:
    return Evidence(kind, count, 5, chance, 100, 2.0)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([evidence("name", 0.005)], STRONG),
        ([evidence("name", 0.005, 1)], MODERATE),
        ([evidence("family", 0.001)], MODERATE),
        ([evidence("family", 0.04), evidence("prefix", 0.05)], STRONG),
        ([evidence("family", 0.04), evidence("prefix", 0.06)], MODERATE),
        ([evidence("sender", 0.11)], WEAK),
    ],
)
def test_the_rule_of_strength(parts: list[Evidence], expected: str) -> None:
    assert strength(parts) == expected


row = st.tuples(
    st.sampled_from("abcdef"),
    st.sampled_from([-1, 1, 2, 3]),
    st.integers(-60, 60),
    st.integers(0, 80),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(row, max_size=40))
def test_whatever_stood_where_the_chain_is_a_tree_of_arrivals(
    drawn: list[tuple[str, int, int, int]],
) -> None:
    rows = [(name, place, float(first), float(first + length)) for name, place, first, length in drawn]
    found = recur([stays(rows)], AT)
    above: dict[int, set[int]] = {TARGET: set()}
    for one in found.successions:
        assert one.origin in above
        assert one.successor not in above[one.origin] | {one.origin, TARGET}
        above.setdefault(one.successor, set()).update(above[one.origin] | {one.origin})
        assert one.first >= 0
        assert all(0 < part.chance <= 1 and part.count <= part.of for part in one.evidence)
    for back in found.returns:
        assert back.median is not None
        assert back.median.back <= back.median.count


# ---------------------------------------------------------------------------------------- time to return


def waits(*ends: tuple[float, float]) -> Waits:
    low, high = (np.array(column, dtype=float) for column in zip(*ends, strict=True))
    return Waits(low, high, np.arange(len(ends)))


INF = float("inf")


def test_turnbull_is_kaplan_meier_where_times_are_known() -> None:
    """Exact times 1, 2, 3 (as narrow intervals) and one censored at 1.5: S steps to 3/4, 3/8, 0 (by hand)."""
    low, _, mass = recurrence.turnbull(waits((0.999, 1), (1.999, 2), (2.999, 3), (1.5, INF)))
    assert low.round().tolist() == [1, 2, 3]
    assert mass == pytest.approx([0.25, 0.375, 0.375], abs=1e-6)


def test_turnbull_of_overlapping_intervals() -> None:
    """(0, 2], (1, 3], (4, 5]: the first two share (1, 2], which takes two thirds."""
    low, high, mass = recurrence.turnbull(waits((0, 2), (1, 3), (4, 5)))
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [(1, 2), (4, 5)]
    assert mass == pytest.approx([2 / 3, 1 / 3], abs=1e-6)


def test_not_yet_is_never_a_number() -> None:
    found = recurrence.median(waits((30, INF), (30, INF), (2, 5)))
    assert found is not None
    assert (found.between, found.turnbull, found.high) == ((30.0, None), None, None)
    assert (found.back, found.count) == (1, 3)
    assert recurrence.median(Waits(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))) is None


def test_intervals_of_the_median_hold_it() -> None:
    """Exponential times, seen every three days and for 30 days only: nominal 95 %."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        times = rng.exponential(12, size=25)
        low = np.floor(times / 3) * 3
        late = times > 30
        found = recurrence.median(Waits(np.where(late, 30, low), np.where(late, INF, low + 3), np.arange(25)))
        assert found is not None
        held += found.low <= 12 * np.log(2) <= (found.high if found.high is not None else INF)
    assert held >= 0.94 * 300


def test_waits_know_lag_and_late_entries_of_the_target() -> None:
    rows: list[Row] = [
        ("moved", -1, -50, 0), ("moved", 10, 5, 60),
        ("late entry", -1, -50, 0), ("late entry", -1, 2, 3),
        ("back in place", -1, -50, 0), ("back in place", -1, 9, 30),
    ]  # fmt: skip
    made = stays(rows)
    found = recurrence.waits(made, AT, 28, 3)
    by_name = {
        made.labels[i]: (low, high)
        for i, low, high in zip(found.identity, found.low, found.high, strict=True)
    }
    assert by_name == {"moved": (2, 5), "late entry": (60, INF), "back in place": (6, 9)}


# --------------------------------------------------------------------------------------------- out of a lake


@pytest.mark.parametrize(
    ("text", "asns", "prefixes"),
    [
        ("26780", {26780}, 0),
        ("AS26780, as27595", {26780, 27595}, 0),
        ("208.66.192.0/22,2001:db8::/32", set(), 2),
        ("192.0.2.1", set(), 1),
    ],
)
def test_targets(text: str, asns: set[int], prefixes: int) -> None:
    found = Targets.parse(text)
    assert (found.asns, len(found.prefixes)) == (frozenset(asns), prefixes)


@pytest.mark.parametrize("text", ["", " , ", "McColo", "10.0.0.0/40", "AS99999999999", "1.2.3"])
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(BadUsage):
        Targets.parse(text)


@pytest.fixture(scope="module")
def moles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A world in which controllers move twice; a lake with its feeds, routing and one mailbox."""
    folder = tmp_path_factory.mktemp("moles")
    world, lake = folder / "world", folder / "lake"
    build_world("whack-a-mole", world, seed=7, scale=0.03, jobs=1)
    shutil.copyfile(world / "depeer.toml", Lake.create(lake).root / "depeer.toml")
    words = [["routes", "add", str(path)] for path in sorted(world.glob("routing/simulated-ipasn_*.dat"))]
    words += [["ingest", str(world / "feeds"), "--jobs", "1"]]
    words += [
        ["ingest", str(world / "mail" / name), "--sensor", name, "--label", "spam", "--jobs", "1"]
        for name in ("trap-a", "mailbox-d")
    ]
    for one in words:
        depeer.main([*one, "--lake", str(lake)], prog_name="depeer", standalone_mode=False)
    return world, lake


def test_controllers_are_followed_from_network_to_network(moles: tuple[Path, Path]) -> None:
    _, root = moles
    found = recurrences(Lake.open(root), Around(date(2026, 2, 17), 28, Targets.parse("396210")))
    told = {(one.origin, one.successor): one for one in found.successions if one.strength != WEAK}
    assert {(TARGET, 396211), (396211, 396212)} <= told.keys()
    assert told[TARGET, 396211].evidence[0].examples == ("sim-alpha",)
    family = next(one for one in found.returns if one.kind == "family")
    (name, low, high), *rest = family.each
    # ordered on 21 February at 3 h
    assert (name, rest) == ("sim-alpha", [])
    assert low <= 4.125 <= (high or 0)


def test_a_prefix_is_a_target_too(moles: tuple[Path, Path]) -> None:
    world, root = moles
    truth = json.loads((world / "truth.json").read_text())
    address = next(c["address"] for c in truth["controllers"] if c["asn"] == 396210)
    whole = recurrences(Lake.open(root), Around(date(2026, 2, 17), 28, Targets.parse("63.20.8.0/21")))
    assert pack_address("63.20.8.0") <= pack_address(address) <= pack_address("63.20.15.255")
    assert whole.stood["family"] == 1
    assert 396211 in {one.successor for one in whole.successions}
    none = recurrences(Lake.open(root), Around(date(2026, 2, 17), 28, Targets.parse("192.0.2.0/24")))
    assert (none.stood.get("family"), none.successions) == (0, ())


def test_volume_is_told_by_role(moles: tuple[Path, Path]) -> None:
    _, root = moles
    found = displacements(Lake.open(root), Around(date(2026, 3, 1), 14, Targets.parse("396210")))
    assert {"sender", "link", "controller", "family"} >= found.keys() >= {"sender"}
    until = displacements(
        Lake.open(root), Around(date(2026, 3, 1), 14, Targets.parse("396210"), until=date(2026, 2, 20))
    )
    assert all("is known" in one.reason for one in until.values())


@pytest.mark.slow
def test_the_command_tells_all_of_it(moles: tuple[Path, Path]) -> None:
    world, lake = moles
    words = ["effect", "--series", str(world / "counts.csv"), "--date", "2026-02-18", "--target", "AS396210"]
    done = CliRunner().invoke(
        depeer, [*words, "--lake", str(lake), "--json"], prog_name="depeer", catch_exceptions=False
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["simulated"] is True
    assert answer["drop_7d"] is not None
    assert {"from": "target", "to": 396211, "step": 1}.items() <= next(
        one for one in answer["successors"] if one["to"] == 396211
    ).items()
    assert answer["re_emergence"]["family"]["median_days"]["high"] > 2
    assert answer["displacement"]["sender"]["false_discovery_rate"] == 0.1
    assert answer["delivered"]["sensors"] == ["mailbox-d"]
    assert answer["inbound"]["sensors"] == ["trap-a", "trap-b", "trap-c"]
    shown = CliRunner().invoke(
        depeer, [*words, "--lake", str(lake)], prog_name="depeer", catch_exceptions=False
    )
    assert "Where it went" in shown.stdout
    assert "reached people" in shown.stdout
    assert "sim-alpha" in shown.stdout


def test_without_a_target_the_keys_are_null(moles: tuple[Path, Path], tmp_path: Path) -> None:
    world, _ = moles
    words = ["effect", "--series", str(world / "counts.csv"), "--date", "2026-02-18"]
    done = CliRunner().invoke(
        depeer,
        [*words, "--lake", str(tmp_path / "none"), "--json"],
        prog_name="depeer",
        catch_exceptions=False,
    )
    answer = json.loads(done.stdout)
    for key in ("displacement", "re_emergence", "successors", "delivered", "inbound"):
        assert answer[key] is None


# ------------------------------------------------------------------------------------------------ pictures


def test_the_picture_of_the_chain(moles: tuple[Path, Path]) -> None:
    _, root = moles
    found = recurrences(Lake.open(root), Around(date(2026, 2, 17), 28, Targets.parse("396210")))
    names = {396211: "</text><script>\u202e\x07"}
    for width in (1080, 344):
        spec = successors_spec(found.successions, names, date(2026, 2, 17), "AS396210", width, True, "a list")
        assert spec is not None
        drawn = to_svg(spec)
        assert "Simulated: Where it went" in drawn
        assert "<script" not in drawn
        assert to_png(spec).startswith(b"\x89PNG")
    assert successors_spec((), {}, date(2026, 2, 17), "AS396210") is None


def test_names_are_defanged_in_words() -> None:
    part = Evidence("name", 2, 5, 0.004, 300, 1.5, ("pills.example", "shop.example"))
    assert evidence_words(part) == "2 of 5 names (pills[.]example, shop[.]example), by chance < 1 %"

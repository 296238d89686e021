"""A network's way up: the links that count, the order in which they are drawn, and the picture."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import permutations, product
from pathlib import Path

import altair as alt
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.charts.picture import to_svg
from depeer.charts.theme import NARROW, WIDE
from depeer.charts.uplinks import layered
from depeer.charts.uplinks.climb import MIDDLE, TOP_LAYER, UPLINKS, Question, Seen, climb
from depeer.charts.uplinks.picture import uplinks_spec
from depeer.cli import depeer
from depeer.routing.graph import Graph
from depeer.routing.uphill import uphill

DAY = date(2008, 1, 1)
EVIL = "</text><script>alert(1)</script>\x00\u202e"


def graph(*links: tuple[int, int, str]) -> Graph:
    rows = [{"upper": upper, "lower": lower, "kind": kind} for upper, lower, kind in links]
    fields = [("upper", pa.int64()), ("lower", pa.int64()), ("kind", pa.string())]
    return Graph.compile(pa.Table.from_pylist(rows, schema=pa.schema(fields)))


SMALL = graph(
    (10, None, "clique"),  # type: ignore[arg-type]
    (20, None, "clique"),  # type: ignore[arg-type]
    (10, 20, "peer"),
    (10, 30, "provider"),
    (20, 40, "provider"),
    (30, 50, "provider"),
    (40, 50, "provider"),
    (30, 40, "provider"),
    (50, 60, "provider"),
    (50, 70, "peer"),
    (99, 70, "provider"),
    (98, 97, "provider"),
)
"""50 buys from 30 and 40, who buy from the clique {10, 20}; 70 is a peer of 50, and 99 above it leads nowhere."""


def test_only_links_that_lead_up_count() -> None:
    way = uphill(SMALL, 50)
    assert way.layer == {50: 0, 30: 1, 40: 1, 70: 1, 10: 2, 20: 2}
    assert way.top == {10, 20}
    assert set(way.links) == {
        (50, 30, "provider"),
        (50, 40, "provider"),
        (50, 70, "peer"),
        (40, 30, "provider"),
        (30, 10, "provider"),
        (40, 20, "provider"),
    }


def test_a_peer_hands_nothing_upward_but_a_peer_at_the_top_takes() -> None:
    links = graph((1, None, "clique"), (1, 2, "provider"), (3, 4, "provider"), (3, 1, "peer"), (4, 5, "peer"))  # type: ignore[arg-type]
    assert uphill(links, 4).links == ((3, 1, "peer"), (4, 3, "provider"), (4, 5, "peer"))
    assert uphill(links, 5).links == ((5, 4, "peer"),)


def test_what_was_seen_counts_though_no_file_has_it() -> None:
    way = uphill(SMALL, 50, {20, 4242})
    assert way.layer[20] == way.layer[4242] == 1
    assert {(50, 20, "observed"), (50, 4242, "observed")} <= set(way.links)
    assert uphill(None, 7, [9, 8]).links == ((7, 8, "observed"), (7, 9, "observed"))
    assert uphill(SMALL, 7, [9]).layer == {7: 0, 9: 1}


def test_siblings_in_a_circle_end() -> None:
    way = uphill(graph((1, 2, "sibling"), (2, 3, "sibling"), (3, 1, "sibling"), (9, 3, "provider")), 1)
    assert way.layer == {1: 0, 2: 1, 3: 1, 9: 2}


LAYERS = [[0], [1, 2, 3, 4], [5, 6, 7, 8]]


@given(st.sets(st.sampled_from([*product([0], [1, 2, 3, 4]), *product([1, 2, 3, 4], [5, 6, 7, 8])])))
def test_crossings_are_counted_as_by_hand(links: set[tuple[int, int]]) -> None:
    by_hand = sum(
        (a - c) * (b - d) < 0 for a, b in links for c, d in links if (a, b) < (c, d) and (a == 0) == (c == 0)
    )
    assert layered.crossings(LAYERS, links) == by_hand


@given(st.sets(st.sampled_from([*product([0], [1, 2, 3, 4]), *product([1, 2, 3, 4], [5, 6, 7, 8])])))
@settings(max_examples=60)
def test_an_order_crosses_no_more_than_was_given_and_keeps_everyone(links: set[tuple[int, int]]) -> None:
    found = layered.ordered(LAYERS, sorted(links))
    assert [sorted(layer) for layer in found] == LAYERS
    assert layered.crossings(found, links) <= layered.crossings(LAYERS, links)
    assert found == layered.ordered(LAYERS, sorted(links))


def test_a_tree_is_drawn_without_a_crossing_from_any_order() -> None:
    links = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)]
    for last in permutations([3, 4, 5, 6]):
        assert layered.crossings(layered.ordered([[0], [1, 2], [*last]], links), links) == 0


def test_links_that_pass_a_layer_get_one_place_in_it() -> None:
    wide, short = layered.stretched([[0], [1], [2, 3]], [(0, 2), (0, 3), (0, 1), (2, 0), (2, 3)])
    passing = layered.Passing(0, 1)
    assert wide == [[0], [1, passing], [2, 3]]
    assert set(short) == {(0, passing), (passing, 2), (passing, 3), (0, 1)}


def crowded() -> Graph:
    """A network with 90 providers, each under one of 30 others, all under a clique of two."""
    links: list[tuple[int, int | None, str]] = [(1, None, "clique"), (2, None, "clique"), (1, 2, "peer")]
    for number in range(90):
        links += [(1000 + number, 9, "provider"), (100 + number % 30, 1000 + number, "provider")]
    links += [(1 + number % 2, 100 + number, "provider") for number in range(30)]
    return graph(*links)  # type: ignore[arg-type]


def test_large_layers_are_counted_but_what_the_answer_names_is_named() -> None:
    found = climb(uphill(crowded(), 9), Question(isolating={1089, 129}))
    assert {1089, 129, 1, 2, 9} <= set(found.named)
    by_layer = {
        layer: sum(m.count for m in found.members if m.layer == layer) for layer in (0, 1, 2, TOP_LAYER)
    }
    assert by_layer == {0: 1, 1: 90, 2: 30, TOP_LAYER: 2}
    assert sum(1 for m in found.members if m.layer == 1) == UPLINKS + 1
    assert sum(1 for m in found.members if m.layer == 2) == MIDDLE + 1


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("simulated", [True, False])
def test_the_picture_says_what_it_shows_and_where_it_is_from(width: int, simulated: bool) -> None:
    asked = Question(
        snapshot="relationships-2008-01-01-x",
        day=DAY,
        at=DAY,
        seen={30: Seen(3, 9, DAY, DAY)},
        isolating={30, 40},
        severed={40},
        simulated=simulated,
        version="0.1",
    )
    found = climb(uphill(SMALL, 50, {30, 4242}), asked)
    spec = uplinks_spec(found, {30: "THIRTY", 50: EVIL}, width)
    assert spec is not None
    alt.Chart.from_dict(spec)
    words = " ".join(re.sub(r"<[^>]+>", " ", to_svg(spec)).split())
    for part in ("AS50", "AS30", "AS4242", "relationships-2008-01-01-x", "2008-01-01", "Heavy boxes"):
        assert part in words
    for part in ("buys from it; seen in routes", "buys from it; inferred", "peer; inferred", "not inferred"):
        assert part in words
    assert ("Simulated" in words) == simulated
    assert ("THIRTY" in words and "3 of 9" in words and "severed" in words) or width == NARROW
    assert "<script" not in to_svg(spec)
    assert to_svg(spec) == to_svg(spec)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_sixty_uplinks_stay_apart(width: int) -> None:
    spec = uplinks_spec(climb(uphill(crowded(), 9), Question()), {}, width)
    assert spec is not None
    boxes = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect")["data"]["values"]
    for one, two in product(boxes, boxes):
        apart = (
            one["x2"] <= two["x"] or two["x2"] <= one["x"] or one["y2"] <= two["y"] or two["y2"] <= one["y"]
        )
        assert one is two or apart
    assert max(box["x2"] for box in boxes) <= width
    assert all(box["y"] > 0 and box["y2"] < spec["height"] + 1 for box in boxes)


def test_who_has_nobody_is_not_drawn() -> None:
    assert uplinks_spec(climb(uphill(None, 7), Question()), {}) is None


def test_every_kind_of_line_differs_without_colour() -> None:
    from depeer.charts.uplinks.picture import _STYLES

    forms = [(tuple(dash), width) for dash, width in _STYLES.values()]
    assert len(set(forms)) == len(forms)


AS_REL = "# input clique: 10 20\n10|20|0\n10|30|-1\n20|40|-1\n30|50|-1\n40|50|-1\n"


def test_cut_and_network_draw(tmp_path: Path) -> None:
    def run(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(depeer, [*map(str, words), "--lake", str(tmp_path / "lake")])
        return done.exit_code, done.output

    (tmp_path / "20080101.as-rel.txt").write_text(AS_REL)
    assert run("routes", "add", tmp_path / "20080101.as-rel.txt")[0] == 0
    assert run("cut", "AS50", "--without", "30", "--chart", tmp_path / "cut.svg")[0] == 0
    drawn = (tmp_path / "cut.svg").read_text()
    assert "AS30" in drawn
    assert "severed" in drawn
    assert run("network", "AS50", "--at", "2008-01-01", "--chart", tmp_path / "net.png")[0] == 0
    assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")
    code, told = run("network", "AS4242", "--chart", tmp_path / "none.svg")
    assert code == 0
    assert "nothing to draw" in told
    assert not (tmp_path / "none.svg").exists()
    assert run("cut", "AS50", "--chart", tmp_path / "cut.txt")[0] != 0
    assert run("cut", "AS50", "--chart", tmp_path / "missing" / "cut.svg")[0] != 0
    (tmp_path / "lake" / "depeer.toml").write_text("simulated = true\n")
    assert run("cut", "AS50", "--chart", tmp_path / "cut.svg")[0] == 0
    assert "Simulated" in (tmp_path / "cut.svg").read_text()


def test_a_question_can_be_asked_anew() -> None:
    found = climb(uphill(SMALL, 50), Question())
    assert replace(found, question=Question(named_in=2026)).question.named_in == 2026

"""Charts: what is zero and what is unknown, what a stranger's name may do to a drawing, what titles carry."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.charts import numbers, theme
from depeer.charts.clean import LONGEST, MARKS, clean
from depeer.charts.content import (
    VOLUME_SCHEMA,
    Accounting,
    Coverage,
    Ranked,
    Ranking,
    Report,
    Sensor,
    Unknown,
)
from depeer.charts.html import foreign
from depeer.charts.picture import to_png, to_svg
from depeer.charts.ranking import ranking_spec
from depeer.charts.theme import NARROW, WIDE
from depeer.charts.volume import EVERYTHING, bins
from depeer.charts.volume_chart import volume_spec
from depeer.model import Estimate, Role

DAY = date(2007, 6, 1)
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "a\x00b\x01c\x1b[2J",
    "\ud800 lone surrogate \ufffe",
    "\u202eexe.gnp\u202c",
    "datum.likely; url(http://x.example/)",
    "{{7*7}} ${x} &lt; ]]>",
    "Z" + "\u0334" * 400,
    "א" * 300,
)


def volume(*rows: tuple[date | None, str, str, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(VOLUME_SCHEMA.names, row, strict=True)) for row in rows], schema=VOLUME_SCHEMA
    )


def report(**changes: object) -> Report:
    whole = Report("title", DAY, "0.0.1", 3, False, Accounting(1, 1, 0))
    return replace(whole, **changes)  # type: ignore[arg-type]


def sensor(name: str, *coverage: Coverage) -> Sensor:
    return Sensor(name, "pristine", "everything", coverage)


def ranked(value: float = 2.0, low: float = 1.0, high: float = 4.0, name: str | None = "EXAMPLE") -> Ranked:
    rate = Estimate(value, low, high, 0.95, "test")
    return Ranked(64500, name, None, 3, 5, 2, 1024.0, rate, 0.4, DAY, DAY, "origins-1", 0)


def ranking(*rows: Ranked, level: str = "networks", role: Role = Role.SENDER) -> Ranking:
    return Ranking(role, level, rows, (Unknown("of links", 1, 2),))


def words(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")]


def test_a_silent_day_is_zero_inside_coverage_and_unknown_outside() -> None:
    days = [DAY + timedelta(n) for n in range(5)]
    table = volume((days[0], "a", "spam", 4), (days[4], "a", "spam", 9))
    up = sensor("a", Coverage(days[0], days[1]), Coverage(days[4]))
    made = bins(report(volume=table, sensors=(up,))).bins
    assert [(b.total, b.unknown) for b in made] == [(4, False), (0, False), (0, True), (0, True), (9, False)]


def test_without_coverage_every_silent_day_is_unknown() -> None:
    table = volume((DAY, "a", "spam", 4), (DAY + timedelta(2), "a", "ham", 1))
    assert [b.unknown for b in bins(report(volume=table)).bins] == [False, True, False]


def test_what_no_bin_holds_is_counted() -> None:
    table = volume((None, "a", "spam", 3), (DAY, "a", "spam", 5), (date(1970, 1, 1), "a", "spam", 2))
    made = bins(report(volume=table, since=DAY, until=DAY + timedelta(3)))
    assert (made.undated, made.outside, sum(b.total for b in made.bins)) == (3, 2, 5)


def test_overlapping_coverage_counts_once() -> None:
    stretches = Coverage(DAY, DAY + timedelta(2)), Coverage(DAY + timedelta(1), DAY + timedelta(3))
    made = bins(report(sensors=(sensor("a", *stretches),)))
    assert [b.covered for b in made.bins] == [1, 1, 1, 1]


def test_many_sensors_share_a_panel_and_say_how_much_was_covered() -> None:
    sensors = [sensor(f"s{n}", *([Coverage(DAY, DAY)] if n % 2 else [])) for n in range(8)]
    made = bins(report(sensors=tuple(sensors), volume=volume((DAY, "s0", "spam", 7))))
    assert made.sensors == (EVERYTHING,)
    assert [(b.covered, b.possible, b.total) for b in made.bins] == [(4, 8, 7)]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.dates()),
            st.sampled_from("abcdefgh"),
            st.sampled_from(["spam", "ham", "unknown", "weird"]),
            st.integers(0, 10**9),
        ),
        max_size=30,
    ),
    st.lists(st.tuples(st.dates(), st.one_of(st.none(), st.dates())), max_size=6),
)
def test_no_delivery_is_lost_whatever_the_dates(
    rows: list[tuple[date | None, str, str, int]], stretches: list[tuple[date, date | None]]
) -> None:
    coverage = [Coverage(since, until) for since, until in stretches]
    made = bins(report(volume=volume(*rows), sensors=(sensor("a", *coverage),)))
    assert made.undated + made.outside + sum(b.total for b in made.bins) == sum(row[3] for row in rows)
    assert len(made.bins) <= 401 * max(1, len(made.sensors))
    assert all(0 <= b.covered <= b.possible for b in made.bins)


def test_volume_draws_the_gap_grey_the_zero_as_a_mark_and_nothing_where_there_is_no_day() -> None:
    days = [DAY + timedelta(n) for n in range(4)]
    up = sensor("a", Coverage(days[0], days[1]), Coverage(days[3], None, "collector replaced"))
    whole = report(volume=volume((days[0], "a", "spam", 4), (days[3], "a", "spam", 2)), sensors=(up,))
    svg = to_svg(volume_spec(whole, bins(whole)) or {})
    assert svg.count(f'fill="{theme.GAP}"') == 1
    assert svg.count(f'fill="{theme.LABELS["spam"]}"') >= 2
    assert 'stroke-dasharray="3,3"' in svg
    assert volume_spec(report(), bins(report())) is None


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("simulated", [False, True])
def test_every_chart_carries_title_dates_units_and_source(width: int, simulated: bool) -> None:
    whole = report(
        simulated=simulated,
        since=DAY,
        until=DAY + timedelta(9),
        volume=volume((DAY, "a", "spam", 4)),
        rankings=(ranking(ranked()),),
    )
    for spec in (volume_spec(whole, bins(whole), width), ranking_spec(whole, whole.rankings[0], width)):
        shown = " ".join(words(to_svg(spec or {})))
        assert shown.count("Simulated: ") == simulated
        assert "2007-06-01 to 2007-06-10" in shown
        assert "Source: " in shown
        assert "batch 3" in shown
    assert "95 % interval" in shown
    assert "per 10,000" in shown


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_hostile_names_are_only_words_in_a_drawing(name: str, width: int) -> None:
    whole = report(volume=volume((DAY, name.encode(errors="replace").decode(), "spam", 1)))
    for spec in (
        ranking_spec(whole, ranking(ranked(name=name), ranked(name="B")), width),
        volume_spec(whole, bins(whole), width),
    ):
        svg = to_svg(spec or {})
        tags = {e.tag.split("}")[-1] for e in ElementTree.fromstring(svg).iter()}
        assert tags <= {"svg", "g", "path", "text", "line", "rect", "tspan"}
        assert " href" not in svg.lower()
        assert "style=" not in svg
        assert 'id="' not in svg


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(2, 0, 4), (1e-12, 0, 1e9), (3, 3, 3), (5, 1, float("inf")), (1e200, 1e199, 1e201), (1e-200, 0, 1e-199)],
)
def test_odd_intervals_are_drawn_or_left_out_but_never_raise(value: float, low: float, high: float) -> None:
    spec = ranking_spec(report(), ranking(ranked(value, low, high), ranked()))
    scale = json.dumps(spec)
    assert "Infinity" not in scale
    assert "NaN" not in scale
    assert "NaN" not in to_svg(spec or {})


def test_nothing_to_draw_is_none() -> None:
    assert ranking_spec(report(), ranking()) is None
    assert ranking_spec(report(), ranking(ranked(0, 0, 1))) is None
    nan = float("nan")
    assert ranking_spec(report(), ranking(ranked(nan, nan, nan))) is None


def test_filled_means_more_likely_than_not() -> None:
    sure, unsure = replace(ranked(), p_worst=0.9), ranked()
    svg = to_svg(ranking_spec(report(), ranking(sure, unsure, unsure)) or {})
    assert svg.count(f'fill="{theme.ACCENT}"') == 1
    assert svg.count(f'fill="{theme.PAPER}"') == 2


def test_svg_and_png_are_the_same_each_time() -> None:
    spec = ranking_spec(report(), ranking(ranked())) or {}
    assert to_svg(spec) == to_svg(spec)
    assert to_png(spec, 1) == to_png(spec, 1)
    assert to_png(spec, 1).startswith(b"\x89PNG")


def test_a_spec_may_not_ask_for_outside_data() -> None:
    asks = {"data": {"url": "http://127.0.0.1:9/x.csv"}, "mark": "bar", "encoding": {}}
    with pytest.raises(ValueError, match="not allowed"):
        to_svg(asks)


@given(st.text(st.characters(), max_size=400))
@settings(max_examples=300)
def test_clean_gives_one_short_line_that_xml_can_carry(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= LONGEST
    assert clean(shown) == shown
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;")
    root = ElementTree.fromstring(f"<t>{escaped}</t>".encode())
    assert (root.text or "") == shown


def test_clean_takes_out_what_escaping_cannot_mend() -> None:
    assert clean("a\r\n\tb\u2028c") == "a b c"
    assert clean("a\x1bb\u202ec\ud800") == "a\ufffdb\ufffdc\ufffd"
    assert clean("e" + "\u0301" * 9) == "e" + "\u0301" * MARKS
    assert clean("é שלום 日本 ok") == "é שלום 日本 ok"
    assert clean("x" * 10**7).endswith("x…")
    assert foreign("see http://a.example/b") == "<bdi>see hxxp://a[.]example/b</bdi>"


@given(st.text(max_size=80), st.integers(24, 400))
def test_fit_keeps_a_beginning(text: str, pixels: int) -> None:
    fitted = theme.fit(text, pixels)
    assert fitted == text or text.startswith(fitted.removesuffix("…"))
    assert theme.fit(fitted, pixels) == fitted


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (numbers.count(17193), "17,193"),
        (numbers.count(None), "unknown"),
        (numbers.rate(1234.4), "1,234"),
        (numbers.rate(12.34), "12.3"),
        (numbers.rate(0.0456), "0.046"),
        (numbers.rate(1e-7), "1.0e-07"),
        (numbers.rate(0.0), "0.000"),
        (numbers.rate(float("nan")), "unknown"),
        (numbers.probability(1.0), "> 0.99"),
        (numbers.probability(0.0), "< 0.01"),
        (numbers.probability(0.987), "0.99"),
        (numbers.share(1, 10_000), "< 0.1 %"),
        (numbers.share(9_999, 10_000), "> 99.9 %"),
        (numbers.share(0, 5), "0.0 %"),
        (numbers.share(5, 5), "100.0 %"),
        (numbers.share(0, 0), "unknown"),
        (numbers.period(DAY, DAY), "2007-06-01"),
        (numbers.period(None, DAY), "the beginning to 2007-06-01"),
        (numbers.period(None, None), "no date known"),
        (numbers.distance(-1), "1 day newer"),
        (numbers.distance(320), "320 days older"),
        (numbers.distance(0), "same day"),
        (numbers.distance(None), "unknown"),
    ],
)
def test_figures_as_a_person_reads_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_ranking_of_links_without_its_unknowns_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Ranking(Role.LINK, "networks", ())
    with pytest.raises(ValueError, match="level"):
        Ranking(Role.SENDER, "hosts", ())


def test_the_nouns_of_a_report_load_nothing_heavy() -> None:
    rooms = "depeer.charts.content, depeer.charts.picture"
    code = f"import sys, {rooms}; print('altair' in sys.modules, 'vl_convert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]

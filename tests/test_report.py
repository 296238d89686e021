"""The report page: self-contained, escaped, honest about what is missing, and the same each time."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.charts.content import (
    VOLUME_SCHEMA,
    Accounting,
    Census,
    CensusRow,
    Coverage,
    Figures,
    Nature,
    Part,
    Picture,
    Quarantined,
    Ranked,
    Ranking,
    Relay,
    Report,
    Sensor,
    SnapshotUse,
    Takedown,
    Unknown,
)
from depeer.charts.html import drawing, element, escape
from depeer.charts.report import policy, render
from depeer.charts.stylesheet import STYLE
from depeer.charts.visibility import Curve
from depeer.cli import depeer
from depeer.judgement.effect import assess
from depeer.judgement.watch import Sample
from depeer.lake import Lake
from depeer.lake.watched import pack
from depeer.measures.effect.series import Series, Step
from depeer.model import Estimate, Role
from depeer.verbs.report import Asked, Intervention, report

DAY = date(2007, 6, 1)
EVIL = "</script><script>alert(1)</script><img src=http://evil.example/ onerror=alert(2)>\"'\x00\u202e"
LINKS = Unknown("of links have no dated resolution", 9, 10, "no passive DNS")
VOID = {"meta", "br", "hr"}


class Page(HTMLParser):
    """What a browser would see: tags with attributes, text by innermost tag, and whether tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((self.open[-1] if self.open else "", data))

    def words(self) -> str:
        return " ".join(data for tag, data in self.text if tag != "style")


def ranked(name: str, n: int = 0, prefix: str | None = None) -> Ranked:
    rate = Estimate(9.0 - n, 8.0 - n, 10.0 - n, 0.95, "gamma-poisson")
    return Ranked(
        64500 + n, name, prefix, 1234, 45678, 12, 65536.0, rate, 0.97, DAY, DAY, "origins-2008-05-01", -320
    )


def made(word: str = "Example", simulated: bool = False) -> Report:
    """A report with every part filled, ``word`` wherever a stranger's words can stand."""
    rows = [
        {"day": DAY + timedelta(n), "sensor": word, "label": "spam", "messages": 400 + n} for n in range(9)
    ]
    return Report(
        title=word,
        generated=DAY,
        version="0.0.1",
        batch=7,
        simulated=simulated,
        accounting=Accounting(17193, 17000, 190, (Quarantined(word, 3, (word, word)),)),
        since=DAY,
        until=DAY + timedelta(9),
        sensors=(Sensor(word, word, word, (Coverage(DAY), Coverage(DAY + timedelta(3), None, word)), 3),),
        volume=VOLUME_SCHEMA.empty_table().from_pylist(rows, schema=VOLUME_SCHEMA),
        unknowns=(LINKS, Unknown(word, 1, 3, word)),
        rankings=(
            Ranking(
                Role.SENDER, "networks", (ranked(word), ranked("B", 1)), (Unknown(word, 1, 8, word),), 2, 9
            ),
            Ranking(Role.SENDER, "prefixes", (ranked(word, 0, word),), notes=(word,)),
            Ranking(Role.LINK, "networks", (ranked(word),), (LINKS,)),
            Ranking(Role.CONTROLLER, "networks", (), nothing=word),
        ),
        census=(Census(Role.SENDER, (CensusRow(64500, word, 2, 3), CensusRow(None, None, 1, 1)), 3, 4),),
        natures=(Nature(word, 5, False, word),),
        relays=(Relay(word, word, word, "proposed", 2, 1, word),),
        snapshots=(SnapshotUse(word, "origins", DAY, word, 5, -300, -330),),
        notes=(word,),
        answer_to=word,
        commands=(word,),
    )


BARE = Report("Bare", DAY, "0.0.1", None, False, Accounting(0, 0, 0))


@cache
def pages() -> dict[str, str]:
    return {
        "full": render(made()),
        "hostile": render(made(EVIL)),
        "simulated": render(made(simulated=True)),
        "bare": render(BARE),
    }


@pytest.mark.parametrize("kind", ["full", "hostile", "simulated", "bare"])
def test_page_is_whole_and_loads_nothing(kind: str) -> None:
    page = Page(pages()[kind])
    assert page.open == []
    tags = Counter(tag for tag, _ in page.tags)
    assert not tags.keys() & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "image",
        "use",
    }
    assert (tags["html"], tags["main"], tags["h1"], tags["style"]) == (1, 1, 1, 1)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        assert not {"src", "style", "xlink:href", "srcset", "action"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        if "href" in attributes:
            assert attributes["href"].startswith("#")
            assert attributes["href"][1:] in ids


def test_policy_forbids_everything_but_the_one_style_sheet() -> None:
    page = Page(pages()["full"])
    metas = [
        a["content"]
        for tag, a in page.tags
        if tag == "meta" and a.get("http-equiv", "").startswith("Content-S")
    ]
    assert metas == [policy()]
    sheet = next(data for tag, data in page.text if tag == "style")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in metas[0]
    assert metas[0].startswith("default-src 'none'")
    assert "unsafe" not in metas[0]
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_policy_stands_before_anything_it_must_hold() -> None:
    page = Page(pages()["full"])
    order = [tag for tag, _ in page.tags]
    assert order[:4] == ["html", "head", "meta", "meta"]


def test_hostile_words_stand_only_escaped() -> None:
    text = pages()["hostile"]
    assert "<script" not in text.lower()
    assert "<img" not in text.lower()
    assert "\x00" not in text
    assert "\u202e" not in text
    assert text.count("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;") > 20
    full, hostile = Page(pages()["full"]), Page(text)
    assert [tag for tag, _ in full.tags if tag not in ("text", "tspan", "g", "path")] == [
        tag for tag, _ in hostile.tags if tag not in ("text", "tspan", "g", "path")
    ]


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))  # Arrow holds no lone surrogate
def test_whatever_a_word_is_the_page_keeps_its_shape(word: str) -> None:
    whole = replace(
        made(word),
        rankings=(Ranking(Role.CONTROLLER, "networks", (), nothing=word),),
        volume=VOLUME_SCHEMA.empty_table(),
        sensors=(),
    )
    page = Page(render(whole))
    assert page.open == []
    assert Counter(tag for tag, _ in page.tags)["h2"] == 11


def test_links_in_words_are_not_live() -> None:
    full = render(replace(BARE, sensors=(Sensor("http://evil.example/x", "k", "c"),)))
    assert "http://evil" not in full
    assert "hxxp://evil[.]example/x" in full


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render(made()) == pages()["full"]


def test_simulated_stands_on_top_and_in_every_chart_title() -> None:
    page = Page(pages()["simulated"])
    svgs = [a["aria-label"] for tag, a in page.tags if tag == "svg" and a.get("role") == "img"]
    assert len(svgs) == 8
    assert all(label.startswith("Simulated: ") for label in svgs)
    titles = [data for tag, data in page.text if tag in ("text", "tspan") and data.startswith("Simulated: ")]
    assert len(titles) == 8
    assert page.words().index("Simulated data") < page.words().index("Networks")
    assert next(data for tag, data in page.text if tag == "title").startswith("Simulated: ")
    assert "imulated" not in pages()["full"].replace(STYLE, "")


def test_bare_page_says_what_is_missing_in_sentences() -> None:
    roles = [Ranking(role, level, (), (LINKS,)) for role in Role for level in ("networks", "prefixes")]
    shown = Page(render(replace(BARE, rankings=tuple(roles)))).words()
    for sentence in (
        "No routing table was used",
        "there is no day to draw",
        "the lake is empty",
        "No sensor is described",
        "No relay was given or learned",
        "No message was read for its nature",
        "do not read that as none",
        "90.0 % of links have no dated resolution",
    ):
        assert sentence in shown
    assert "Nothing was ranked" in Page(pages()["bare"]).words()


def test_no_controllers_with_a_table_asks_for_a_feed() -> None:
    use = SnapshotUse("origins-1", "origins", DAY, "x.dat")
    whole = replace(BARE, snapshots=(use,), rankings=(Ranking(Role.CONTROLLER, "networks", ()),))
    assert "Ingest a controller feed" in Page(render(whole)).words()


def test_unknown_heads_every_table_of_links() -> None:
    text = pages()["full"]
    section = text[text.index('<section id="link">') : text.index('<section id="controller">')]
    assert section.index("unknown: 90.0 % of links") < section.index("<tbody>")


def test_accounts_that_do_not_add_up_are_said_so() -> None:
    text = render(replace(BARE, accounting=Accounting(10, 7, 1)))
    assert "+2 unaccounted for" in text
    assert "do not add up" in text
    assert "do not add up" not in pages()["full"]


def test_figures_have_separators_intervals_dates_and_their_distance() -> None:
    shown = Page(pages()["full"]).words()
    for figure in ("17,193 read = 17,000 stored + 190 duplicates + 3 quarantined", "45,678", "65,536"):
        assert figure in shown
    for figure in ("8.00 – 10.0", "0.97", "2007-06-01", "320 days newer", "batch 7", "depeer 0.0.1"):
        assert figure in shown
    assert Role.SENDER.phrase in shown


def test_every_table_has_a_caption_and_headings() -> None:
    text = pages()["full"]
    tables = re.findall(r"<table>.*?</table>", text, re.S)
    assert len(tables) >= 9
    for table in tables:
        assert re.match(r'<table><caption><span class="held">[^<]', table)
        assert 'scope="col"' in table
        assert 'scope="row"' in table


def test_a_day_outside_coverage_reads_unknown_in_the_table() -> None:
    rows = [{"day": DAY, "sensor": "a", "label": "spam", "messages": 4}]
    table = VOLUME_SCHEMA.empty_table().from_pylist(rows, schema=VOLUME_SCHEMA)
    up = Sensor("a", "pristine", "all", (Coverage(DAY, DAY + timedelta(1)),))
    text = render(replace(BARE, volume=table, sensors=(up,), since=DAY, until=DAY + timedelta(2)))
    cells = dict(re.findall(r'<tr><th scope="row" class="t">([\d-]+)</th>.*?<td class="n">(\w+)</td>', text))
    assert cells == {"2007-06-01": "4", "2007-06-02": "0", "2007-06-03": "unknown"}


def test_escaping_is_structural() -> None:
    assert element("p", "<b>", element("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert element("p", "x", title='"onload="') == '<p title="&quot;onload=&quot;">x</p>'
    assert escape("a'b") == "a&#39;b"
    with pytest.raises(ValueError, match="svg"):
        drawing("<script>", "label")


# ------------------------------------------------------------------------------------------------ takedowns


def taken(word: str = "Example") -> Takedown:
    spec = {
        "data": {"values": [{"a": word}]},
        "mark": "text",
        "encoding": {"text": {"field": "a", "type": "nominal"}},
    }
    figures = Figures(word, ((word, False), (word, True)), ((word, word), (word, "")))
    part = Part(word, word, (word, word), (figures,), (Picture(word, spec, spec),), (word,))
    return Takedown(DAY, word, (part, Part(word)))


def test_takedowns_come_first_are_linked_and_say_how_to_answer() -> None:
    whole = replace(made(), takedowns=(taken(), taken()), watched=(Part("AS64500 on the wire"),))
    text = render(whole)
    page = Page(text)
    assert page.open == []
    ids = [a["id"] for tag, a in page.tags if tag == "section"]
    assert ids[:3] == ["takedown-1", "takedown-2", "wire"]
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert {"#takedown-1", "#takedown-2", "#wire"} <= set(links)
    assert "how to answer stands below" in page.words()
    assert text.index("Takedown of 2007-06-01") < text.index('<section id="sender">')


def test_hostile_words_in_a_takedown_stand_only_escaped() -> None:
    text = render(replace(made(), takedowns=(taken(EVIL),), watched=(Part(EVIL, EVIL),), simulated=True))
    assert "<script" not in text.lower()
    assert "<img" not in text.lower()
    assert "\x00" not in text
    section = text[text.index('<section id="takedown-1">') : text.index('<section id="sender">')]
    assert "http://evil" not in re.sub(r"<svg.*?</svg>", "", section, flags=re.DOTALL)
    assert Page(text).open == []
    assert text.count("Simulated: Takedown of") == 1


def interventions(lake: Path) -> tuple[Intervention, ...]:
    """One whose counts say something, one of whom the lake knows nothing."""
    dice = np.random.default_rng(3)
    counts = [
        Series(
            datetime(2008, 8, 1, tzinfo=UTC),
            Step.DAY,
            dice.poisson(np.where(np.arange(150) < 92, 1000.0, 500.0)).astype(float),
            name,
        )
        for name in ("one", "two")
    ]
    card = assess(counts, date(2008, 11, 1))
    return (
        Intervention(date(2008, 11, 1), (64500,), "counts.csv", card, (card, card), cuts={64500: "no file"}),
        Intervention(date(2009, 1, 1), (), "x", lacking="nothing was counted"),
    )


def test_a_report_with_takedowns_says_what_is_known_and_what_is_not(tmp_path: Path) -> None:
    Lake.create(tmp_path / "lake")
    said: list[str] = []
    asked = Asked(interventions=interventions(tmp_path / "lake"))
    made = report(tmp_path / "lake", tmp_path / "out.html", asked, lambda _done, _of, what: said.append(what))
    assert not made.simulated
    text = (tmp_path / "out.html").read_text()
    shown = " ".join(Page(text).words().split())
    for sentence in (
        "Takedown of 2008-11-01: AS64500",
        "Verdict: effect. Less was counted",
        "The same by what reached people and by what was on its way (2 and 2 sensors)",
        "Nothing can be said: no file",
        "No watch that was given to this page saw it",
        "Nothing in the lake was seen in the target before that day, so nothing can be followed.",
        "The lake holds no sightings around that day",
        "Nothing can be said: nothing was counted",
        "--takedown 2008-11-01=AS64500 --takedown 2009-01-01",
    ):
        assert sentence in shown
    assert len(said) > 5
    assert said[-1] == "drawing"


def test_the_command_judges_takedowns_and_shows_what_a_watch_saw(tmp_path: Path) -> None:
    Lake.create(tmp_path / "lake")
    rows = [f"{date(2008, 8, 1) + timedelta(n)},{1000 if n < 92 else 400}" for n in range(150)]
    (tmp_path / "counts.csv").write_text("date,count\n" + "\n".join(rows) + "\n")
    curve = Curve()
    curve.add([Sample(0, 64500, 1.0), Sample(10**9, 64500, 0.0), Sample(0, 64501, 1.0)], [])
    pack({"curve": curve.plain(), "simulated": True}, tmp_path / "state")

    def run(*words: str) -> Result:
        lake = ["--lake", str(tmp_path / "lake")]
        return CliRunner().invoke(depeer, ["report", str(tmp_path / "out.html"), *words, *lake])

    counts = str(tmp_path / "counts.csv")
    done = run("--takedown", "2008-11-01=AS64500", "--series", counts, "--watched", str(tmp_path / "state"))
    assert done.exit_code == 0, done.output
    shown = " ".join(Page((tmp_path / "out.html").read_text()).words().split())
    for sentence in (
        "Takedown of 2008-11-01: AS64500",
        "Nothing can be said: the lake holds no relationships",
        "AS64500 on the wire",
        "Simulated: Visibility over time",
        "Seen on the wire",
        "AS64501",
        "counts.csv",
    ):
        assert sentence in shown
    assert run("--takedown", "1 Nov").exit_code != 0
    assert run("--takedown", "2008-11-01=what").exit_code != 0
    assert run("--series", counts).exit_code != 0
    assert run("--watched", counts).exit_code != 0
    early = run("--takedown", "2001-01-01", "--series", counts)
    assert early.exit_code == 0
    assert "lies outside the series" in (tmp_path / "out.html").read_text()

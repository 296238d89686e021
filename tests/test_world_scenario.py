"""A scenario that does not fit gets one sentence with file, line and key; those that ship fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.errors import BadInput, NotFound
from depeer.world.shelf import read, resolve, shipped

TINY = shipped()["tiny"]
NAMES = [
    "atrivo-2008", "hidden-host", "instrument-change", "mccolo-2008", "pause", "quiet", "tiny", "whack-a-mole",
]  # fmt: skip


def line_of(text: str, words: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if words in line)


WRONG = [
    ("mails = 300", "mials = 300", "mials", "did you mean 'mails'?"),
    ("mails = 300", "mails = -3", "mails", "must be at least 0"),
    ("mails = 300", 'mails = "many"', "mails", "must be a whole number"),
    ("mails = 300", "mails = true", "mails", "must be a whole number"),
    ("to = 2026-09-10", "to = 2026-08-10", "to", "before the world begins"),
    ("to = 2026-09-10", 'to = "2026-09-10"', "to", "must be a date"),
    ("to = 2026-09-10", "to = 2066-09-10", "to", "at most 1,500"),
    ("networks = 60", "networks = 60\ncolour = 3", "internet.colour", "unknown key"),
    ("at = [395003]", "at = [395009]", "botnets[1].at", "no such network"),
    ('addresses = ["63.20.8.10"]', 'addresses = ["64.20.8.10"]', "botnets[1].addresses", "in none of its networks"),
    ('addresses = ["63.20.8.10"]', 'addresses = ["63.20.8"]', "botnets[1].addresses[1]", "must be an address"),
    ('churn = "fixed"', 'churn = "weekly"', "botnets[2].churn", "one of static, fixed"),
    ('programmes = ["river-pills"]', 'programmes = ["rivers"]', "botnets[1].programmes", "no such programme"),
    ('category = "replica"', 'category = "watches"', "programmes[2].category", "must be one of"),
    ("exposure = { gnat = 1.5 }", "exposure = { gnats = 1.5 }", "sensors[1].exposure.gnats", "no such botnet"),
    ("exposure = { gnat = 1.5 }", "exposure = { gnat = -1 }", "sensors[1].exposure", "at least 0"),
    ('noise = "negative-binomial"', 'noise = "pink"', "sensors[2].noise", "one of ar1-lognormal"),
    ("to = 2026-09-04 }", "to = 2026-09-03 }", "sensors[2].outages[1].to", "before it begins"),
    ("on = 2026-09-09", "on = 2026-10-09", "sensors[2].changes[1].on", "outside of the world"),
    ("on = 2026-09-07T00:00:00Z", "on = 2027-09-07T00:00:00Z", "events[3].on", "outside of the world"),
    ('kind = "domains-seized"', 'kind = "pause"', "events[3]", "lacks the key 'botnet'"),
    ("uplink = 395002", "uplink = 395003", "events[2].uplink", "no uplink of AS395003 then"),
    ("uplink = 395002", "uplink = 395001", "events[2].uplink", "no uplink of AS395003 then"),
    ("providers = [395001]", "providers = [395007]", "networks[3].providers", "no such network"),
    ('prefixes = ["63.20.8.0/21"]', 'prefixes = ["63.20.8.1/21"]', "networks[3].prefixes[1]", "must be a prefix"),
    ('name = "midge"', 'name = "gnat"', "botnets[2].name", "botnets[1] is already"),
    ('kind = "passive-dns"', 'kind = "rumours"', "feeds[6].kind", "must be one of"),
    ('botnet = "gnat"\ndaily', 'botnet = "wasp"\ndaily', "comments.botnet", "no such botnet"),
    ('name = "trap-1"', "", "sensors[1]", "lacks the key 'name'"),
    ("[hosting]", "[hosting", "line", "not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "key", "why"), WRONG)
def test_one_sentence_with_file_line_and_key(was: str, now: str, key: str, why: str) -> None:
    assert was in TINY
    text = TINY.replace(was, now, 1)
    with pytest.raises(BadInput) as caught:
        resolve(text, "mine.toml")
    sentence = str(caught.value)
    assert key in sentence
    assert why in sentence
    found = re.match(r"mine\.toml, line (\d+): ", sentence)
    assert found is not None
    changed = text[: TINY.index(was) + len(now)].count("\n") + 1
    assert 0 <= changed - int(found[1]) <= 12, "at the key itself, or at the head of the table that lacks it"


def test_the_line_is_that_of_the_key_itself() -> None:
    text = TINY.replace("uplink = 395002", "uplnk = 395002")
    with pytest.raises(
        BadInput, match=rf"line {line_of(text, 'uplnk')}: events\[2\]\.uplnk is an unknown key"
    ):
        resolve(text, "mine.toml")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_fit_and_say_that_they_are_simulated(name: str) -> None:
    scenario, text = read(name)
    assert scenario.name == name
    assert "simulated" in text.split("\n[", 1)[0]
    assert scenario.snapshots[0] >= scenario.start
    assert set(NAMES) == set(shipped())


def test_a_file_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(TINY.replace('name = "tiny"', 'name = "own"'))
    assert read(str(path))[0].name == "own"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not text in UTF-8"):
        read(str(path))
    with pytest.raises(NotFound, match=r"no scenario 'nowhere'.*mccolo-2008"):
        read("nowhere")


@given(st.integers(0, len(TINY)), st.integers(0, 60), st.text("[]{}=\"'#.,\n 0a", max_size=6))
def test_hostile_text_is_refused_or_fits(at: int, gone: int, put: str) -> None:
    """Whatever is cut out or put in, the answer is a scenario or a BadInput, never another error."""
    try:
        resolve(TINY[:at] + put + TINY[at + gone :], "hostile.toml")
    except BadInput as error:
        assert "hostile.toml, line " in str(error)  # noqa: PT017

"""``depeer.toml``: read strictly, with messages that name the key; edited without losing a comment."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from depeer.errors import BadInput
from depeer.lake import description

GOOD = """
# my own words
[sensors."trap 1"]
kind = "pristine"
trusted = ["192.0.2.1/24", "2001:db8::1"]
traps = ["trap@example.org"]
retention_days = 30
[[sensors."trap 1".coverage]]
from = 2026-01-01
to = 2026-02-01
change = "new collector"
[feeds.mine]
format = "csv"
"""


def test_everything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "depeer.toml"
    path.write_text(GOOD)
    told = description.read(path)
    sensor = told.sensor("trap 1")
    assert (sensor.kind, sensor.trusted) == ("pristine", ("192.0.2.0/24", "2001:db8::1/128"))
    assert sensor.coverage[0] == description.Coverage(date(2026, 1, 1), date(2026, 2, 1), "new collector")
    assert told.traps == ("trap@example.org",)
    assert told.sensor("unheard of").kind == "unknown"
    assert told.feeds["mine"]["format"] == "csv"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sensors = 3", "sensors must be sections"),
        ("[senors.a]", "unknown section"),
        ("[sensors.a]\nkind = 'x'", "not one of pristine"),
        ("[sensors.a]\nkin = 'pristine'", "unknown key 'kin'"),
        ("[sensors.a]\ntrusted = ['1.2.3']", "neither an address nor a CIDR"),
        ("[sensors.a]\ntrusted = '1.2.3.4'", "must be a list"),
        ("[sensors.a]\nretention_days = 'long'", "number of days"),
        ("[[sensors.a.coverage]]\nfrom = '2026-01-01'", "not a date"),
        ("[[sensors.a.coverage]]\nfrom = 2026-01-02\nto = 2026-01-01", "before it begins"),
        ("[[sensors.a.coverage]]\nto = 2026-01-01", "needs 'from'"),
        ("[sensors.a\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "depeer.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words) as caught:
        description.read(path)
    assert str(path) in str(caught.value)


def test_trusted_relays_are_written_and_nothing_else_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "depeer.toml"
    path.write_text(GOOD)
    assert description.set_trusted(path, "new", ("198.51.100.0/24",))
    assert description.read(path).sensor("new").trusted == ("198.51.100.0/24",)
    assert not description.set_trusted(path, "new", ("198.51.100.0/24",))
    assert "# my own words" in path.read_text()
    assert description.read(path).sensor("trap 1").kind == "pristine"


def test_the_first_description_is_empty_and_explains_itself(tmp_path: Path) -> None:
    path = tmp_path / "depeer.toml"
    description.write_head(path)
    assert description.read(path) == description.Description()
    assert "retention_days" in path.read_text()
    path.write_text("simulated = true\n" + path.read_text())
    assert description.read(path).simulated


def test_what_reached_people_is_said_by_the_kind_or_by_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "depeer.toml"
    kinds = {"a": "mailbox", "b": "user-reports", "c": "pristine", "d": "typo", "e": "unknown"}
    text = "".join(f'[sensors.{name}]\nkind = "{kind}"\n' for name, kind in kinds.items())
    path.write_text(text + '[sensors.f]\nkind = "mailbox"\ndelivered = false\n')
    told = description.read(path).sensors
    assert [told[name].delivered for name in "abcdef"] == [True, True, False, False, None, False]
    path.write_text('[sensors.a]\ndelivered = "yes"\n')
    with pytest.raises(BadInput, match="delivered must be true or false"):
        description.read(path)

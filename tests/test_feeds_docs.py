"""docs/feeds.md names every format, and every column of a mapping."""

from __future__ import annotations

import tomllib
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from depeer.sources.feeds import FEEDS, Told, by_format
from depeer.sources.feeds.csv_header import COLUMNS

PAGE = (Path(__file__).parent.parent / "docs" / "feeds.md").read_text()


@pytest.mark.parametrize("format", [feed.format for feed in FEEDS])
def test_every_format_is_in_the_table(format: str) -> None:
    assert f"`{format}`" in PAGE.partition("## A CSV")[0]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_is_described(column: str) -> None:
    assert f"`{column}`" in PAGE.partition("## A CSV")[2]


def test_the_mapping_shown_works() -> None:
    mapping = tomllib.loads(PAGE.partition("```toml\n")[2].partition("```")[0])["feeds"]["partner"]
    assert mapping["day"] == date(2024, 3, 5)
    feed = by_format(mapping["format"])
    (piece,) = feed.split(
        BytesIO(b"IP;Seen;Gone;Botnet\n192.0.2.1;2024-01-01;;Xbot\n"), Told(mapping=mapping)
    )
    assert piece.trouble is None
    assert piece.context is not None
    assert '"day": "2024-03-05"' in piece.context

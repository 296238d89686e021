"""URLhaus as text: one URL a line, listed on the day of 'Last updated'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.model import Role
from depeer.sources.feeds import lines, one_a_line
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "urlhaus-text"
title = "URLhaus (text)"


def sniff(head: bytes, name: str) -> bool:
    said = " ".join([name, *lines.preview(head).comments[:10]]).lower()
    return "urlhaus" in said and one_a_line.all_are(head, "url")


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    return one_a_line.split(stream, told, Role.LINK.value)


def read(data: bytes, context: Context) -> list[Fact]:
    return one_a_line.read(data, context)

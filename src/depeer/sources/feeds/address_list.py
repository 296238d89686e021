"""Any other list of one address, prefix or URL a line, in the role that its name or a mapping gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from depeer.sources.feeds import one_a_line
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.feeds.roles import role_of_name
from depeer.sources.piece import Piece

format = "address-list"
title = "list of addresses, prefixes or URLs"


def sniff(head: bytes, _name: str) -> bool:
    return one_a_line.all_are(head, "address", "prefix", "url")


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    return one_a_line.split(stream, told, role_of_name(told.name))


def read(data: bytes, context: Context) -> list[Fact]:
    return one_a_line.read(data, context)

"""Names of networks as text: the number, then the name: RIPE NCC's ``1 LVLT-1, US``, ``AS1   LVLT-1``."""

from __future__ import annotations

import re
from typing import BinaryIO

from depeer.sources.origins.format import Format, day_in_name, most_lines_match
from depeer.sources.origins.naming import named, read_names
from depeer.sources.origins.origin_list import parse_asn
from depeer.sources.origins.reading import Reading

_LINE = re.compile(rb"(?:AS)?\d{1,10}[ \t]+[^\s\d]", re.IGNORECASE)


def _sniff(head: bytes, _name: str) -> bool:
    return most_lines_match(head, _LINE)


def _parse(text: str) -> tuple[int, str]:
    number, _, name = text.replace("\t", " ").partition(" ")
    return named(parse_asn(number), name)


def _read(stream: BinaryIO) -> Reading:
    return read_names(stream, _parse, lambda _text: False)


ASNTXT = Format("asntxt", ("names",), _sniff, day_in_name, _read)

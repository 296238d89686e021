"""Names of networks as CSV: ``asn,name`` and whatever columns follow, with or without a heading and quotes."""

from __future__ import annotations

import csv
import re
from typing import BinaryIO

from depeer.errors import SkipRecord
from depeer.sources.origins.format import Format, day_in_name, most_lines_match
from depeer.sources.origins.naming import named, read_names
from depeer.sources.origins.origin_list import parse_asn
from depeer.sources.origins.reading import Reading

_LINE = re.compile(rb'(?:"?asn?"?,|"?(?:AS)?\d{1,10}"?,"?[^,\s\d.])', re.IGNORECASE)
_HEADING = re.compile(r'"?(?:asn?|aut-num|as_?number)"?,', re.IGNORECASE)


def _sniff(head: bytes, _name: str) -> bool:
    return most_lines_match(head, _LINE)


def _parse(text: str) -> tuple[int, str]:
    try:
        fields = next(csv.reader([text]))
    except csv.Error as error:
        raise SkipRecord("not a line of CSV") from error
    return named(parse_asn(fields[0].strip()), fields[1] if len(fields) > 1 else "")


def _heading(text: str) -> bool:
    return _HEADING.match(text) is not None


def _read(stream: BinaryIO) -> Reading:
    return read_names(stream, _parse, _heading)


ASNAMES = Format("asnames", ("names",), _sniff, day_in_name, _read)

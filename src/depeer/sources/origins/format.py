"""What a routing file's format is: its names, how it is recognised, which day it describes, how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from depeer.sources.origins.reading import Reading

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?!\d)")
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Format:
    """``kinds`` says what it gives: ``origins``, ``names`` or both. Bytes are those of the unpacked file.

    ``sniff(head, name)``: whether the first bytes of a file look like it. ``day(head, name)``: the day
    the file describes, None where neither its header nor its name says. ``read(stream)``: never raises
    for what the bytes hold.
    """

    format: str
    kinds: tuple[str, ...]
    sniff: Callable[[bytes, str], bool]
    day: Callable[[bytes, str], date | None]
    read: Callable[[BinaryIO], Reading]

    @property
    def kind(self) -> str:
        """What it is mainly for."""
        return self.kinds[0]


def most_lines_match(head: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether more than half of the first whole lines, comments apart, match ``pattern`` at their start."""
    whole = head[: head.rfind(b"\n") + 1] or head
    lines = [line for line in whole.splitlines() if line and line[:1] not in b"#;"][:_LOOKED_AT]
    return 2 * sum(pattern.match(line) is not None for line in lines) > len(lines)


def date_in(text: str) -> date | None:
    """The first date written as YYYYMMDD or YYYY-MM-DD (also with ``_`` or ``.``) in a text."""
    for found in _DATE.finditer(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return None


def day_in_name(_head: bytes, name: str) -> date | None:
    return date_in(name.replace("\\", "/").rsplit("/", 1)[-1])

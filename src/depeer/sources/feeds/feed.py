"""What every feed module offers, and what a caller can tell it about a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Protocol, TypeAlias

from depeer.errors import BadUsage
from depeer.model import Role
from depeer.sources.feeds.facts import Fact
from depeer.sources.piece import Piece

Context: TypeAlias = dict[str, Any]
"""What a record needs beside itself to be read again, as JSON can hold it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a file from outside it: the day it was taken, its base name, and the table
    ``[feeds.NAME]`` of ``depeer.toml`` (keys: see docs/feeds.md)."""

    day: date | None = None
    name: str = ""
    mapping: Mapping[str, Any] | None = None

    @property
    def role(self) -> str | None:
        """The role that a person says the feed has. Raises BadUsage for a word that is no role."""
        given = (self.mapping or {}).get("role")
        if given is None:
            return None
        if given not in list(Role):
            raise BadUsage(f"role {given!r} in the feed's mapping is none of {', '.join(Role)}; correct it.")
        return str(given)


class Feed(Protocol):
    """One format, one module. A module is the object: adding a format is adding a file to ``FEEDS``."""

    @property
    def format(self) -> str: ...

    @property
    def title(self) -> str: ...

    def sniff(self, head: bytes, name: str, /) -> bool:
        """Whether a file that begins like this (first 64 KiB) is one; strict, never raises."""

    def split(self, stream: BinaryIO, told: Told, /) -> Iterator[Piece]:
        """One piece a record, streaming. Raises BadUsage or BadInput for a mapping that does not fit."""

    def read(self, data: bytes, context: Context, /) -> list[Fact]:
        """What one record says. Raises SkipRecord, with the reason, for a malformed one."""

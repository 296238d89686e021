"""The public routing data that ``depeer routes fetch`` knows, and where it lies.

Terms: iptoasn.com is in the public domain (PDDL); CAIDA's RouteViews prefix-to-AS files come under
CAIDA's acceptable use agreement for publicly accessible data, which asks to be cited; RIPE NCC's list
of AS names is free to use. Any base can be replaced (a mirror, a test).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shelf(StrEnum):
    """How a source keeps its past."""

    TODAY = "today"
    """One file, replaced again and again: only the present can be had."""
    DATED = "dated"
    """CAIDA's archive: a folder a month, one file a day, and a log of the last thirty."""


@dataclass(frozen=True, slots=True)
class Source:
    """``path`` is below ``base``; for a dated shelf the folder in which the log and the years lie.

    ``saved_as`` is the name on disk of a file that carries no date in its own; ``{day}`` is YYYYMMDD.
    """

    name: str
    base: str
    path: str
    shelf: Shelf
    saved_as: str = "{day}"
    most_bytes: int = 256 << 20

    def at(self, base: str | None) -> str:
        """The address of ``path``, below another base where one is given."""
        return f"{(base or self.base).rstrip('/')}/{self.path}"


IPTOASN = Source(
    "iptoasn",
    "https://iptoasn.com",
    "data/ip2asn-combined.tsv.gz",
    Shelf.TODAY,
    "ip2asn-combined-{day}.tsv.gz",
)
ROUTEVIEWS4 = Source(
    "routeviews4", "https://publicdata.caida.org/datasets/routing", "routeviews-prefix2as/", Shelf.DATED
)
ROUTEVIEWS6 = Source(
    "routeviews6", "https://publicdata.caida.org/datasets/routing", "routeviews6-prefix2as/", Shelf.DATED
)
ASNAMES = Source("asnames", "https://ftp.ripe.net/ripe", "asnames/asn.txt", Shelf.TODAY, "asnames-{day}.txt")

SOURCES: tuple[Source, ...] = (ROUTEVIEWS4, ROUTEVIEWS6, IPTOASN, ASNAMES)
"""In the order in which they are fetched."""

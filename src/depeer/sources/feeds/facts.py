"""The two things a feed can say: that something is listed, and that a name answered.

Columns are those of ``tables.LISTINGS`` and ``tables.RESOLUTIONS`` without batch, delivery and feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(slots=True, unsafe_hash=True)
class Listing:
    """``subject`` is address, prefix, asn, domain or url; times are aware and in UTC.

    Never changed once made; not ``frozen`` because that would double the cost of reading a record.
    """

    subject: str
    entry: str
    address: bytes | None
    length: int | None
    asn: int | None
    role: str | None
    family: str | None
    port: int | None
    first: datetime | None
    last: datetime | None
    basis: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """``rrtype`` is A, AAAA, NS or CNAME; ``address`` is for the first two, ``target`` for the others."""

    name: str
    rrtype: str
    address: bytes | None
    target: str | None
    first: datetime
    last: datetime


Fact: TypeAlias = Listing | Resolution

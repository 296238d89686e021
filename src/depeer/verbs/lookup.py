"""``depeer lookup``: which network announced an address at a date, by which snapshot, how far in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from depeer.errors import BadUsage, NotFound
from depeer.lake import Lake
from depeer.routing.answer import Answer, answer


def lookup(root: Path, addresses: Sequence[str], at: date | None = None) -> tuple[list[Answer], list[str]]:
    """One answer for each address, as of ``at`` (today where None), and what was no address.

    Raises BadUsage where none is an address, NotFound where the lake holds no routing table.
    """
    lake = Lake.open(root)
    snapshots = lake.snapshots()
    if not any(snapshot.kind == "origins" for snapshot in snapshots):
        raise NotFound(
            "the lake holds no routing table; add one with: depeer routes add FILE, or: depeer routes fetch"
        )
    day = at or datetime.now(UTC).date()
    answers, refused = [], []
    for address in addresses:
        try:
            answers.append(answer(address, day, snapshots, lake.origin_table, lake.name_table))
        except ValueError:
            refused.append(address)
    if not answers:
        raise BadUsage(f"{refused[0]!r} is not an IPv4 or IPv6 address")
    return answers, refused

"""Networks by their names as of a day, for whatever shows them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from depeer.lake.lake import Lake
from depeer.routing.names import Named, name_at

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Owner:
    """A network and what it was called; ``dated`` adds the year where the name is of another time."""

    asn: int | None
    named: Named | None

    @property
    def name(self) -> str | None:
        return self.named.name if self.named else None

    @property
    def dated(self) -> str | None:
        return self.named.dated if self.named else None


def owners(lake: Lake, networks: Mapping[Key, int | None], day: date) -> dict[Key, Owner]:
    """Networks with their names as of a day, by the best name list that knows each."""
    snapshots = lake.snapshots()
    return {
        key: Owner(asn, None if asn is None else name_at(asn, day, snapshots, lake.name_table))
        for key, asn in networks.items()
    }

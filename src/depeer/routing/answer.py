"""One address, one day, one answer: what ``depeer lookup`` shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from depeer.model import IPV4_MAPPED, Snapshot, pack_address, show_address
from depeer.routing import bogons
from depeer.routing.asof import preference
from depeer.routing.names import Named, NameTable, name_at
from depeer.routing.origin_table import OriginTable
from depeer.routing.whole import is_part


@dataclass(frozen=True, slots=True)
class Answer:
    """``origins`` are AS numbers as listed, ``asn`` the first of them; empty and None where unannounced.

    ``snapshot`` says so, ``days`` is the day asked about minus its day (negative: it is later); both are
    None where no snapshot covers the address's family, and then nothing is known. ``special`` says why
    an address, and ``doubt`` why an AS number, is nobody's on the Internet.
    """

    address: str
    day: date
    prefix: str | None
    asn: int | None
    origins: tuple[int, ...]
    named: Named | None
    snapshot: Snapshot | None
    days: int | None
    special: str | None
    doubt: str | None

    @property
    def name(self) -> str | None:
        return self.named.name if self.named else None

    @property
    def unannounced(self) -> bool:
        """A snapshot covers the family, and no prefix in it the address."""
        return self.snapshot is not None and self.prefix is None


def answer(
    address: str,
    day: date,
    snapshots: Sequence[Snapshot],
    origins: Callable[[str], OriginTable],
    names: Callable[[str], NameTable],
) -> Answer:
    """Look one address up as of a day. Raises ValueError for text that is no address."""
    packed = pack_address(address)
    snapshot = _covering(day, snapshots, 4 if packed.startswith(IPV4_MAPPED) else 6, origins)
    prefix, asns = _match(packed, origins(snapshot.id)) if snapshot else (None, ())
    asn = asns[0] if asns else None
    return Answer(
        address=show_address(packed),
        day=day,
        prefix=prefix,
        asn=asn,
        origins=asns,
        named=None if asn is None else name_at(asn, day, snapshots, names),
        snapshot=snapshot,
        days=(day - snapshot.day).days if snapshot else None,
        special=bogons.why(packed),
        doubt=None if asn is None else bogons.why_asn(asn),
    )


def _covering(
    day: date, snapshots: Sequence[Snapshot], family: int, origins: Callable[[str], OriginTable]
) -> Snapshot | None:
    tables = [snapshot for snapshot in snapshots if snapshot.kind == "origins"]
    best = (tables[index] for index in preference(day, [snapshot.day for snapshot in tables]))
    covering = (snapshot for snapshot in best if origins(snapshot.id).covers(family))
    return next((one for one in covering if not is_part(one, tables, family, origins)), None)


def _match(packed: bytes, table: OriginTable) -> tuple[str | None, tuple[int, ...]]:
    pair = np.frombuffer(packed, dtype=">u8").astype(np.uint64)
    index = int(table.lookup_pairs(pair[:1], pair[1:], np.array([True]))[0])
    return (table.prefix(index), table.asns(index)) if index >= 0 else (None, ())

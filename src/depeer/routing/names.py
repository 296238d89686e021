"""Names of networks, compiled to arrays that can be saved and memory-mapped; and the name as of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.model import Snapshot
from depeer.routing.asof import preference

_COLUMNS = ("asns", "offsets", "text")


@dataclass(frozen=True, slots=True, eq=False)
class NameTable:
    """AS numbers in order; the name of the i-th is ``text[offsets[i]:offsets[i+1]]`` in UTF-8."""

    asns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    text: NDArray[np.uint8]

    @classmethod
    def compile(cls, names: pa.Table | pa.RecordBatch) -> NameTable:
        """From rows of ``tables.AS_NAMES`` of one snapshot; of several names of a network the first stays."""
        asns, places = np.unique(np.asarray(names.column("asn")), return_index=True)
        texts = pc.take(names.column("name"), pa.array(places)).to_pylist()
        encoded = [(text or "").encode() for text in texts]
        offsets = np.concatenate([[0], np.cumsum([len(text) for text in encoded])]).astype(np.int64)
        return cls(asns.astype(np.int64), offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"name_{column}": getattr(self, column) for column in _COLUMNS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> NameTable:
        return cls(*(arrays[f"name_{column}"] for column in _COLUMNS))

    def name(self, asn: int) -> str | None:
        """None where the list does not know the network."""
        place = int(np.searchsorted(self.asns, asn))
        if place == len(self.asns) or self.asns[place] != asn:
            return None
        return self.text[self.offsets[place] : self.offsets[place + 1]].tobytes().decode() or None


FAR = 366
"""Days beyond which a name is shown with its year: AS numbers are handed on, and a new holder must not
read as the old one."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name, the snapshot that gives it, and the day asked about minus the snapshot's."""

    name: str
    snapshot: Snapshot
    days: int

    @property
    def dated(self) -> str:
        """The name; where it is from another time, after its year (which must survive a cut at the end)."""
        return self.name if abs(self.days) <= FAR else f"in {self.snapshot.day.year}: {self.name}"


def name_at(
    asn: int, day: date, snapshots: Sequence[Snapshot], tables: Callable[[str], NameTable]
) -> Named | None:
    """A network's name as of a day: by the best list that knows it (lists after the day come last)."""
    lists = [snapshot for snapshot in snapshots if snapshot.kind == "names"]
    for index in preference(day, [snapshot.day for snapshot in lists]):
        name = tables(lists[index].id).name(asn)
        if name is not None:
            return Named(name, lists[index], (day - lists[index].day).days)
    return None

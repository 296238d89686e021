"""What became of the records of a file: read, passed over on purpose, faulty; the faulty ones kept, up to a cap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_EXAMPLES = 10
_KEPT_RECORDS = 1_000
_KEPT_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One faulty record: its number and byte offset in the unpacked file, why, and its bytes, header included."""

    record: int
    offset: int
    reason: str
    data: bytes


@dataclass(slots=True)
class Account:
    """Complete once the iteration has ended.

    ``faults`` counts records by what was wrong with them; what of a faulty record could be read was read.
    ``passed_over`` counts sound records and messages that carry no element (keep-alives, other protocols).
    ``attribute_faults`` counts elements by the attributes that were left out. ``quarantined`` holds the first
    faulty records, at most 1,000 and 16 MiB; pass ``on_fault`` to `read` for all of them.
    """

    records: int = 0
    elements: int = 0
    bytes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    attribute_faults: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    _kept: int = 0

    @property
    def skipped(self) -> int:
        """Records with something in them that could not be used."""
        return self.faults.total()

    def add(self, fault: Quarantined) -> None:
        self.faults[fault.reason] += 1
        if len(self.examples) < _EXAMPLES:
            shown = fault.data[:24].hex(" ")
            self.examples.append(f"record {fault.record} at byte {fault.offset}: {fault.reason}: {shown}")
        if len(self.quarantined) < _KEPT_RECORDS and self._kept + len(fault.data) <= _KEPT_BYTES:
            self.quarantined.append(fault)
            self._kept += len(fault.data)

"""What reading a routing file gives: Arrow batches as they come, and an account of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from depeer import tables

ORIGINS = pa.schema([f for f in tables.ORIGINS.schema if f.name != "snapshot"])
"""first, last, length, asns."""
NAMES = pa.schema([f for f in tables.AS_NAMES.schema if f.name != "snapshot"])
"""asn, name."""

_EXAMPLES = 5
_SHOWN = 80


@dataclass(slots=True)
class Skips:
    """Records that could not be used: how many for which reason, and the first few in words.

    ``unrouted`` counts rows that say on purpose that nobody announces a range: no fault, and not skipped.
    """

    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    unrouted: int = 0

    @property
    def count(self) -> int:
        return self.reasons.total()

    def add(self, line: int, reason: str, text: str = "") -> None:
        self.reasons[reason] += 1
        if len(self.examples) < _EXAMPLES:
            shown = f": {text[:_SHOWN]!r}" if text else ""
            self.examples.append(f"line {line}: {reason}{shown}")


@dataclass(frozen=True, slots=True)
class Reading:
    """Iterate for pairs ``(kind, batch)``, kind being ``origins`` (schema ``ORIGINS``) or ``names`` (``NAMES``).

    ``skips`` is complete once the iteration has ended.
    """

    batches: Iterator[tuple[str, pa.RecordBatch]]
    skips: Skips

    def __iter__(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        return self.batches

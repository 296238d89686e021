"""Watching networks on the wire: elements in, events out, all state in memory and bounded.

A pure state machine over batches with the columns of ``depeer.sources.mrt.ELEMENTS``: it opens nothing and asks
no clock but that of the data. Its memory can be written down as plain values and taken up again.
"""

from __future__ import annotations

from depeer.judgement.watch.events import Event, Kind, as_intelmq, as_json, parse_prefix, show_prefix
from depeer.judgement.watch.memory import recall, remember
from depeer.judgement.watch.scene import Sample
from depeer.judgement.watch.timers import HOLD
from depeer.judgement.watch.told import only_table
from depeer.judgement.watch.watch import Watch

__all__ = [
    "HOLD",
    "Event",
    "Kind",
    "Sample",
    "Watch",
    "as_intelmq",
    "as_json",
    "only_table",
    "parse_prefix",
    "recall",
    "remember",
    "show_prefix",
]

"""MRT: routing tables and updates as route collectors and routers write them, from 1999 on.

Bytes of an unpacked file go in, Arrow batches of *elements* come out: a prefix announced, withdrawn or held in
a RIB by one peer, or a change of a session's state. ``read(stream)`` never raises for what the bytes hold; its
``account`` says what could not be read. ``bgpdump_lines`` writes a batch as ``bgpdump -m`` does.

RFC 6396 (format), 6397, 8050 (add-path); RFC 4271, 4760, 6793 (messages and attributes); RFC 7606 (leniency).
"""

from __future__ import annotations

from depeer.sources.mrt.account import Account, Quarantined
from depeer.sources.mrt.bgpdump import bgpdump_lines
from depeer.sources.mrt.reading import Reading, read
from depeer.sources.mrt.schema import ELEMENTS

__all__ = ["ELEMENTS", "Account", "Quarantined", "Reading", "bgpdump_lines", "read"]

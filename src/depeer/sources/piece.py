"""What a splitter hands on: one message or one feed record, as bytes, with its place in the source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing read. ``place`` ends the locator (``"message 3"``, ``"line 14"``; empty for a whole file).

    ``envelope`` is the mbox ``From `` line without its line end. ``context`` is what a feed record
    needs beside itself to be read again. ``trouble`` says why it cannot be used: it is quarantined.
    """

    position: int
    place: str
    data: bytes
    envelope: bytes | None = None
    context: str | None = None
    trouble: str | None = None

"""What the archive readers hand on: one file of an archive."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.piles.stream import Stream


@dataclass(frozen=True, slots=True)
class Entry:
    """``name`` as the archive has it (only a label); ``problem`` says why it cannot be read, or what it is
    if it is no file (``skip``). Ask for the next entry only when done with the stream."""

    name: str
    stream: Stream
    size: int | None = None
    problem: str | None = None
    skip: str | None = None

"""A stream of lines over HTTP that never ends: followed, and taken up again when it breaks.

Each piece is what the server has sent so far, so that nothing waits for a block to fill. After a break the
server is asked again with growing waits; whoever follows is told, since what came meanwhile is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from depeer.errors import TryAgain
from depeer.fetch.exchange import get
from depeer.fetch.patience import Busy, Patience

BLOCK = 2**17
LONGEST = 2**20
"""Bytes of a line that are kept; of a longer one the rest is dropped, and it is handed on cut off."""

STREAM = Patience(attempts=20, silence=90.0)
"""Ninety seconds without a byte are a broken connection: the live streams send many messages a second."""


@dataclass(slots=True)
class Lines:
    """Whole lines from blocks of bytes; memory stays below ``LONGEST`` and a block."""

    rest: bytes = b""

    def feed(self, block: bytes) -> list[bytes]:
        head, *others = block.split(b"\n")
        found: list[bytes] = []
        self._extend(head)
        for part in others:
            found.append(self.rest)
            self.rest = b""
            self._extend(part)
        return found

    def _extend(self, part: bytes) -> None:
        room = LONGEST + 1 - len(self.rest)
        self.rest += part[:room]


@dataclass(slots=True)
class Following:
    """``breaks`` counts the times that the connection was lost."""

    url: str
    patience: Patience = field(default_factory=lambda: STREAM)
    breaks: int = 0
    on_break: Callable[[str], None] = field(default=lambda _: None)

    def pieces(self) -> Iterator[list[bytes]]:
        """Lines in the order of arrival, without end.

        Raises Stop or NotFound if the server refuses, TryAgain after ``patience.attempts`` failures in a row.
        """
        failures = 0
        while True:
            asked: float | None = None
            try:
                for lines in self._once():
                    failures = 0
                    yield lines
                reason = f"{self.url} ended the stream"
            except TryAgain as error:
                reason = str(error)
                asked = self.patience.asked(error.retry_after) if isinstance(error, Busy) else None
            failures += 1
            self.breaks += 1
            if failures >= self.patience.attempts:
                raise TryAgain(f"{reason} (after {failures} attempts in a row)")
            self.on_break(reason)
            self.patience.wait(failures, None if asked is None else min(asked, self.patience.longest_asked))

    def _once(self) -> Iterator[list[bytes]]:
        lines = Lines()
        with get(self.url, {"Accept": "application/json"}, self.patience.silence) as answer:
            while block := answer.read1(BLOCK):
                if found := lines.feed(block):
                    yield found

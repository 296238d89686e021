"""How long to wait before asking again: exponential backoff with full jitter, and what the server asks for.

Waits are drawn from 0 to min(most, first × 2^n) (Brooker, "Exponential Backoff And Jitter", 2015), so
that many who failed at once do not come back at once. Retry-After (RFC 9110, 10.2.3) is obeyed up to
``longest_asked``; a server that asks for more is told goodbye.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from depeer.errors import TryAgain

T = TypeVar("T")


class Busy(TryAgain):
    """The server answered that it cannot now; ``retry_after`` is its header of that name."""

    def __init__(self, message: str, retry_after: str | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds throughout. ``sleep``, ``draw`` (0 to 1) and ``now`` can be replaced in a test."""

    attempts: int = 6
    first: float = 1.0
    most: float = 60.0
    longest_asked: float = 300.0
    silence: float = 30.0
    """The longest that one connect, or one read, may take."""
    slowest: float = 1024.0
    """Bytes a second below which, over a whole ``silence``, a download counts as stuck."""
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = field(default=random.random)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic

    def insist(self, attempt: Callable[[], T]) -> T:
        """What ``attempt`` returns, tried again after TryAgain until patience ends."""
        failures = 0
        while True:
            try:
                return attempt()
            except TryAgain as error:
                failures += 1
                asked = self.asked(error.retry_after) if isinstance(error, Busy) else None
                if failures >= self.attempts or (asked or 0.0) > self.longest_asked:
                    raise
                self.wait(failures, asked)

    def wait(self, failures: int, asked: float | None) -> None:
        """Wait after the n-th failure (from 1), at least as long as the server asked."""
        drawn = self.draw() * min(self.most, self.first * 2.0 ** min(failures - 1, 60))
        self.sleep(max(drawn, asked or 0.0))

    def asked(self, header: str | None) -> float | None:
        """Seconds that a Retry-After header asks for (a number or a date); None where it says nothing."""
        text = (header or "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (aware - self.now()).total_seconds())

"""What a record's reader raises after it has kept what could be used."""

from __future__ import annotations

from depeer.errors import SkipRecord


class Fault(SkipRecord):
    """Something in a record does not fit; the message is the reason that is counted."""

"""What each category of spam says, as templates: subjects, offers, reasons, calls. Invented throughout."""

from __future__ import annotations

from typing import NamedTuple


class Phrases(NamedTuple):
    """The building blocks of one category in one language."""

    subjects: tuple[str, ...]
    offers: tuple[str, ...]
    reasons: tuple[str, ...]
    calls: tuple[str, ...]

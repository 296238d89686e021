"""Ways to make a campaign's texts, exchangeable by name. Adding one is adding a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from depeer.world.mail.copytext import Copy
from depeer.world.mail.grammars.fixed import fixed
from depeer.world.mail.grammars.picture import picture_of_text
from depeer.world.mail.grammars.salad import salad
from depeer.world.mail.grammars.spinning import spinning
from depeer.world.mail.phrases import Phrases

__all__ = ["GRAMMARS", "HABITS", "Grammar"]

Grammar = Callable[[Random, Phrases, str], Copy]
"""The campaign's own dice, what its category says, and the codec of its language → the campaign's texts."""

GRAMMARS: dict[str, Grammar] = {
    "spinning": spinning,
    "fixed": fixed,
    "picture": picture_of_text,
    "salad": salad,
}
HABITS = {"spinning": 40.0, "fixed": 38, "picture": 13, "salad": 9}
"""How often a campaign uses which, where nobody says."""

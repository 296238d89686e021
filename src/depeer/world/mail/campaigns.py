"""From a campaign's name to its texts: drawn once, then kept."""

from __future__ import annotations

from functools import lru_cache

from depeer.world.mail.choosing import known
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import dice_of, weighted
from depeer.world.mail.grammars import GRAMMARS, HABITS
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.phrases.abroad import LANGUAGES
from depeer.world.mail.phrases.categories import CATEGORIES
from depeer.world.mail.words import company

_LETTERS = bytes(65 + i % 26 for i in range(256))
_SPOKEN = {"en": 94.0, "ru": 2, "ja": 1, "zh": 1, "de": 1, "es": 1}
"""Languages of campaigns, where nobody says."""


@lru_cache(maxsize=1024)
def campaign(seed: int, name: str, category: str, grammar: str | None, language: str | None) -> Copy:
    """The texts of a campaign: the same name in the same world, the same texts. BadUsage on unknown names."""
    dice = dice_of("campaign", seed, name, category)
    spoken = weighted(dice, _SPOKEN)
    drawn = weighted(dice, HABITS)
    phrases, codec = _phrases(category, language or spoken)
    copy = known(GRAMMARS, grammar or drawn, "grammar")(dice, phrases, codec)
    own = {"company": company(dice), "symbol": dice.randbytes(4).translate(_LETTERS).decode("ascii")}
    return copy._replace(
        subject=copy.subject.settled(dice, own),
        plain=copy.plain.settled(dice, own),
        html=copy.html.settled(dice, own),
    )


def _phrases(category: str, language: str) -> tuple[Phrases, str]:
    own = known(CATEGORIES, category, "category of spam")
    if language == "en":
        return own, "ascii"
    return known(LANGUAGES, language, "language")

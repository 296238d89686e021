"""What all grammars begin with: a campaign's choice of what its category can say."""

from __future__ import annotations

from random import Random

from depeer.world.mail.dice import weighted
from depeer.world.mail.phrases import Phrases

SHAPES = {"alternative": 43.0, "plain": 34, "html": 22, "mixed": 1}


def shape(dice: Random) -> str:
    """How the message is built."""
    return weighted(dice, SHAPES)


def chosen(dice: Random, options: tuple[str, ...], least: int, most: int) -> list[str]:
    """Some of the options, in an order of the campaign's own."""
    return dice.sample(options, min(dice.randint(least, most), len(options)))


def paragraphs(dice: Random, phrases: Phrases) -> list[str]:
    """Offers, the place of the link, reasons."""
    offers = chosen(dice, phrases.offers, 1, 4)
    reasons = chosen(dice, phrases.reasons, 1, 6)
    return [*offers, "{linked}", *reasons]


def any_of(options: list[str]) -> str:
    """The source of a choice."""
    return "{" + "|".join(options) + "}" if len(options) > 1 else options[0]

"""What all grammars begin with: a campaign's choice of what its category can say."""

from __future__ import annotations

from random import Random

from depeer.world.mail.dice import weighted
from depeer.world.mail.phrases import Phrases

SHAPES = {"alternative": 46.0, "plain": 28, "html": 25, "mixed": 1}
_FILLER = (
    "{To stop|If you do not want} {these|our} {letters|messages}, {answer|write} {STOP|remove} {in the subject|}.",
    "{This|The} {message|offer} was sent to {user} {because|as} {you asked for it|of your interest}.",
    "{words8}, {words5}{ and {words4}|}.",
    "{words12}. {words9}.",
    "{Copyright|(c)} {company}, {all rights reserved|{words3}}.",
    "{He|She|They} {said|wrote|thought} {that |}{words9}{, {but|and} {words6}|}.",
)


def shape(dice: Random) -> str:
    """How the message is built."""
    return weighted(dice, SHAPES)


def chosen(dice: Random, options: tuple[str, ...], least: int, most: int) -> list[str]:
    """Some of the options, in an order of the campaign's own."""
    return dice.sample(options, min(dice.randint(least, most), len(options)))


def paragraphs(dice: Random, phrases: Phrases) -> list[str]:
    """Offers, the place of the link, reasons; in four campaigns of five also small print and prose from nowhere."""
    offers = chosen(dice, phrases.offers, 1, 4)
    reasons = chosen(dice, phrases.reasons, 1, 6)
    lines = int(dice.lognormvariate(1.6, 1.1)) if dice.random() < 0.8 else 0
    if dice.random() < 0.22:
        reasons[0] = f"\u201c{reasons[0]}\u201d \u2013 \u00a9"
    return [*offers, "{linked}", *reasons, *(dice.choice(_FILLER) for _ in range(min(lines, 60)))]


def codec_of(texts: list[str], codec: str) -> str:
    """US-ASCII where it is enough, else the western codec that word processors write."""
    return "cp1252" if codec == "ascii" and not all(map(str.isascii, texts)) else codec


def any_of(options: list[str]) -> str:
    """The source of a choice."""
    return "{" + "|".join(options) + "}" if len(options) > 1 else options[0]

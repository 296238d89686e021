"""A static text: one wording for all copies, with at most a number at its end."""

from __future__ import annotations

from random import Random

from depeer.world.mail import dress, layout
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import pick
from depeer.world.mail.grammars.paragraphs import codec_of, paragraphs, shape
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.template import Template, template
from depeer.world.mail.words import company, person


def fixed(dice: Random, phrases: Phrases, codec: str) -> Copy:
    """Nothing is left to choose or to fill in but the link; a tail token in every second campaign."""
    texts = paragraphs(dice, phrases)
    codec = codec_of(texts, codec)
    if dice.random() < 0.5:
        texts.append("{tail}")
    html = pick(dice, layout.LAYOUTS)(dice, texts)
    sources = (pick(dice, phrases.subjects), layout.plain(texts), html, pick(dice, phrases.calls))
    seed, facts = dice.getrandbits(64), _facts(dice)
    subject, plain, rich, call = (_once(text, seed, facts) for text in sources)
    return Copy(shape(dice), codec, subject, plain, rich, call, dress.habit(dice))


def _once(text: str, seed: int, facts: dict[str, str]) -> Template:
    """One wording; the same seed for each text, so that both bodies say the same."""
    dice = Random(seed)  # noqa: S311 - a story, not a secret
    return template(text).thinned(dice, 1).settled(dice, facts, tokens=True)


def _facts(dice: Random) -> dict[str, str]:
    first, last = person(dice)
    return {
        "first": first, "last": last, "name": f"{first} {last}", "company": company(dice),
        "price": str(dice.randrange(2, 400)), "pct": str(dice.randrange(10, 95, 5)),
    }  # fmt: skip

"""A static text: one wording for all copies, with at most a number at its end."""

from __future__ import annotations

from random import Random

from depeer.world.mail import dress, layout
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import pick
from depeer.world.mail.grammars.paragraphs import paragraphs, shape
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.template import template


def fixed(dice: Random, phrases: Phrases, codec: str) -> Copy:
    """Nothing is left to choose; a tail token in every second campaign."""
    texts = paragraphs(dice, phrases)
    if dice.random() < 0.5:
        texts.append("{dig8}")
    codec = "cp1252" if codec == "ascii" and dice.random() < 0.25 else codec
    if codec == "cp1252":
        texts[-2] = f"\u201c{texts[-2]}\u201d \u2013 \u00a9"
    once = [
        template(text).thinned(dice, 1) for text in (pick(dice, phrases.subjects), pick(dice, phrases.calls))
    ]
    html = pick(dice, layout.LAYOUTS)(dice, texts)
    seed = dice.getrandbits(64)  # the same choices in both bodies
    bodies = [template(text).thinned(Random(seed), 1) for text in (layout.plain(texts), html)]  # noqa: S311
    return Copy(shape(dice), codec, once[0], bodies[0], bodies[1], once[1], dress.habit(dice))

"""A short offer in a long salad of words that readers do not see, or scroll past."""

from __future__ import annotations

from random import Random

from depeer.world.mail import dress, layout, tricks
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import pick
from depeer.world.mail.grammars.paragraphs import any_of, chosen, shape
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.template import template


def salad(dice: Random, phrases: Phrases, codec: str) -> Copy:
    """One offer and its link first, then lines of words; in HTML also hidden ones."""
    offer = any_of(chosen(dice, phrases.offers, 1, 2))
    lines = [f"{{words{dice.randrange(6, 16)}}}." for _ in range(dice.randrange(6, 30))]
    paragraph = ["\n".join(lines[at : at + 4]) for at in range(0, len(lines), 4)]
    html = pick(dice, layout.LAYOUTS)(dice, [offer, "{linked}", tricks.hidden(dice), *paragraph])
    sources = (
        any_of(chosen(dice, phrases.subjects, 1, 3)),
        layout.plain([offer, "{linked}", *paragraph]),
        html,
    )
    call = template(any_of(chosen(dice, phrases.calls, 1, 3)))
    subject, plain, rich = (template(text).thinned(dice, 3) for text in sources)
    return Copy(shape(dice), codec, subject, plain, rich, call, dress.habit(dice))

"""The text is a picture; what stands beside it is for filters, not for people."""

from __future__ import annotations

from random import Random

from depeer.world.mail import dress
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import pick
from depeer.world.mail.grammars.paragraphs import any_of, chosen
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.pictures import picture
from depeer.world.mail.template import template

_PICTURES = 3
"""Pictures drawn for one campaign; each copy adds a comment of its own."""


def picture_of_text(dice: Random, phrases: Phrases, codec: str) -> Copy:
    """A related message: a picture, a link around it or beside it, and words in no order."""
    subtype = pick(dice, ("gif", "gif", "png"))
    words = f"{{words{dice.randrange(10, 90)}}}"
    lines = "\n".join(f"{{words{dice.randrange(8, 16)}}}." for _ in range(dice.randrange(1, 10)))
    image = '<img src="cid:{cid}" border="0" alt="{low6}">'
    html = f"<html><body bgcolor=#ffffff>\n{image}<br>\n{{linked}}\n"
    html += f"<p><font size=1 color=#f0f0f0>{words}</font></p>\n"
    html += "".join(f"<p>{line}</p>\n" for line in lines.split("\n")) + "</body></html>\n"
    return Copy(
        "related",
        codec,
        template(any_of(chosen(dice, phrases.subjects, 1, 4))).thinned(dice, 3),
        template(f"{{linked}}\n{lines}\n"),
        template(html),
        template(any_of(chosen(dice, phrases.calls, 1, 3))),
        dress.habit(dice),
        tuple(picture(dice, subtype) for _ in range(_PICTURES)),
    )

"""Heavy spinning: every sentence in many wordings, words disguised, noise between."""

from __future__ import annotations

from random import Random

from depeer.world.mail import dress, layout, tricks
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dice import pick
from depeer.world.mail.grammars.paragraphs import any_of, chosen, codec_of, paragraphs, shape
from depeer.world.mail.phrases import Phrases
from depeer.world.mail.template import template

_KEEP = 4


def spinning(dice: Random, phrases: Phrases, codec: str) -> Copy:
    """Each campaign keeps some wordings and one or two tricks of its own."""
    name = pick(dice, tuple(tricks.PLAIN_TRICKS)) if dice.random() < 0.5 else ""
    disguise = tricks.PLAIN_TRICKS.get(name)
    texts = paragraphs(dice, phrases)
    codec = "utf_8" if name == "twins" and codec == "ascii" else codec_of(texts, codec)
    if disguise is not None:
        texts = [disguise(text, dice) for text in texts]
    title = any_of(chosen(dice, phrases.subjects, 2, 5))
    if disguise is not None and name != "twins":
        title = disguise(title, dice)
    calls = any_of(chosen(dice, phrases.calls, 2, 3))
    page = layout.plain([*texts, *([tricks.buster(dice)] if dice.random() < 0.4 else [])])
    subject, plain, html, call = (
        template(text).thinned(dice, _KEEP) for text in (title, page, _html(dice, texts), calls)
    )
    return Copy(shape(dice), codec, subject, plain, html, call, dress.habit(dice))


def _html(dice: Random, texts: list[str]) -> str:
    if dice.random() < 0.4:
        trick = pick(dice, tuple(tricks.HTML_TRICKS.values()))
        texts = [trick(text, dice) for text in texts]
    texts = [text + tricks.noise(dice) if dice.random() < 0.3 else text for text in texts]
    if dice.random() < 0.3:
        texts.append(tricks.hidden(dice))
    return pick(dice, layout.LAYOUTS)(dice, texts)

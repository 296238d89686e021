"""Ham: people, shops and machines write for themselves; newsletters come through a list."""

from __future__ import annotations

from functools import lru_cache

from depeer.world.mail.choosing import known
from depeer.world.mail.dialects import DIALECTS, Dialect
from depeer.world.mail.dice import Random, dice_of, pick
from depeer.world.mail.facts import facts_of, header
from depeer.world.mail.mime import Part, file_part, multipart, text_part
from depeer.world.mail.natures.mailing_list import list_fields, list_footer, list_lines
from depeer.world.mail.natures.sending_side import sending_lines
from depeer.world.mail.natures.topics import TOPICS
from depeer.world.mail.party import Party, sender_of
from depeer.world.mail.template import Template, template
from depeer.world.mail.trace import trace
from depeer.world.nouns import Envelope

_WIDE = frozenset({"thunderbird", "apple-mail", "outlook"})
"""Programs whose people write HTML beside plain text now and then, and sign what they write."""


def ham(envelope: Envelope, seed: int) -> bytes:
    """A message that somebody wanted."""
    dice = dice_of("ham", seed, envelope.category, envelope.serial, envelope.recipient)
    dialect = known(DIALECTS, envelope.dialect, "dialect")
    party = sender_of(envelope)
    top = trace(envelope, party, dice)
    if envelope.category == "newsletter":
        top += list_lines(envelope, dice)
    else:
        top += sending_lines(envelope, dice)
    return top.encode("utf-8") + ham_as_sent(envelope, dialect, party, dice)


def ham_as_sent(envelope: Envelope, dialect: Dialect, party: Party, dice: Random) -> bytes:
    """What the author's program and, for newsletters, the list wrote."""
    topic = known(_compiled(), envelope.category, "topic of ham")
    facts = facts_of(envelope, dialect, party, dice)
    if dice.random() < 0.5:
        facts["answering"] = f"In-Reply-To: <{dice.getrandbits(60):x}@{party.domain}>\n"
    subject = pick(dice, topic[0]).write(dice, facts)
    text = _text(topic, dice, facts, envelope.links)
    listed = envelope.category == "newsletter"
    part = _part(dialect, dice, facts, text + list_footer(envelope) if listed else text)
    return (
        (list_fields(envelope) if listed else b"")
        + header(dialect, dice, facts, subject, _codec(text), part)
        + part.body
    )


_Compiled = tuple[tuple[Template, ...], ...]


@lru_cache(maxsize=1)
def _compiled() -> dict[str, _Compiled]:
    return {name: tuple(tuple(map(template, group)) for group in topic) for name, topic in TOPICS.items()}


def _text(topic: _Compiled, dice: Random, facts: dict[str, str], links: tuple[str, ...]) -> str:
    """Few or many sentences: lognormal with a median of eight."""
    _, opening, sentences, closing = topic
    count = min(1 + int(dice.lognormvariate(2.1, 1.15)), 600)
    lines = [pick(dice, opening).write(dice, facts), ""]
    lines += [pick(dice, sentences).write(dice, facts) for _ in range(count)]
    at = 2
    for link in links:
        at = min(at + 1 + int(dice.random() * 3), len(lines))
        lines.insert(at, link)
    lines += ["", pick(dice, closing).write(dice, facts), ""]
    text = "\n".join(lines)
    return text.replace(" is ", " isn\u2019t ", 1) if dice.random() < 0.09 else text


def _codec(text: str) -> str:
    return "ascii" if text.isascii() else "cp1252"


def _part(dialect: Dialect, dice: Random, facts: dict[str, str], text: str) -> Part:
    plain = text_part(dialect, facts, "plain", text, _codec(text))
    kind = dice.random()
    if dialect.name not in _WIDE or kind > 0.18:
        return plain
    if kind < 0.06:
        signature = file_part("application/pgp-signature", "signature.asc", dice.randbytes(140))
        return multipart(dialect, dice, facts, "signed", [plain, signature])
    html = "<html><body>" + text.replace("\n", "<br>\n") + "</body></html>\n"
    rich = text_part(dialect, facts, "html", html, _codec(text))
    return rich if kind > 0.12 else multipart(dialect, dice, facts, "alternative", [plain, rich])

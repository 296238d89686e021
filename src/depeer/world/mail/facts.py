"""What the gaps of a header's template are filled with, and the header itself."""

from __future__ import annotations

from depeer.world.mail.dialects.dialect import HONEST, Dialect
from depeer.world.mail.dice import Random, pick
from depeer.world.mail.encode import encoded_words
from depeer.world.mail.mime import Part
from depeer.world.mail.party import Party
from depeer.world.mail.words import company
from depeer.world.nouns import Envelope

MARK = "X-Depeer-Simulated: yes\n"
"""In every message, that nobody may take it for a real one."""


def facts_of(envelope: Envelope, dialect: Dialect, party: Party, dice: Random) -> dict[str, str]:
    """All that does not depend on the body."""
    zone = pick(dice, dialect.zones)
    skew = int((dice.random() * 2 - 1) * dialect.skew)
    sent = int(envelope.sent.timestamp()) + skew
    helo = envelope.helo.strip("[]")
    facts = {
        "first": party.first, "last": party.last, "name": f"{party.first} {party.last}",
        "address": party.address, "domain": party.domain,
        "recipient": envelope.recipient, "user": envelope.recipient.partition("@")[0],
        "helo": helo, "netbios": helo.partition(".")[0].upper()[:15] or "PC",
        "stamp": f"{sent:d}", "date": dialect.date(sent, zone), "mailer": pick(dice, dialect.mailers),
        "label": (pick(dice, dialect.labels) if dialect.labels else None) or "",
        "company": company(dice), "price": str(int(dice.random() * 380) + 1),
        "pct": str(int(dice.random() * 18) * 5 + 10), "tail": f"{dice.getrandbits(27):08d}",
        "answering": "", "cid": "",
    }  # fmt: skip
    facts["id"] = dialect.message_id.write(dice, facts)
    return facts


def header(
    dialect: Dialect, dice: Random, facts: dict[str, str], subject: str, codec: str, part: Part, to: str = ""
) -> bytes:
    """The header as the dialect writes it, with the empty line behind it."""
    facts["subject"] = subject_text(dialect, subject, codec)
    facts["type"], facts["transfer"] = part.type, part.lines
    facts["from"] = dialect.sender.write(dice, facts)
    facts["to"] = to or dialect.to.write(dice, facts)
    return (MARK + dialect.header.write(dice, facts) + "\n").encode("latin-1", "replace")


def subject_text(dialect: Dialect, subject: str, codec: str) -> str:
    """The subject in a header: letters beyond ASCII in encoded words, or raw in the bytes of the text's codec."""
    if dialect.subject != "B-always" and subject.isascii():
        return subject
    if dialect.subject == "raw":
        return subject.encode(codec, "replace").decode("latin-1")
    label = HONEST[codec]
    return encoded_words(subject, label, codec, dialect.subject[0])

"""What a machine says in HELO, by habit of its mailing program. For whoever makes envelopes."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random

from depeer.world.mail.choosing import known
from depeer.world.mail.dialects import DIALECTS
from depeer.world.mail.dice import pick
from depeer.world.mail.words import domain


def helo(dialect: str, dice: Random, sender: IPv4Address, rdns: str | None, recipient: str) -> str:
    """A name in one of the dialect's habits; BadUsage on an unknown dialect."""
    habit = pick(dice, known(DIALECTS, dialect, "dialect").helo)
    if habit.startswith("address"):
        return str(sender) if habit == "address" else f"[{sender}]"
    if habit == "rdns":
        return rdns or f"host-{str(sender).replace('.', '-')}.example"
    return _invented(habit, dice, recipient)


def _invented(habit: str, dice: Random, recipient: str) -> str:
    if habit == "recipient-domain":
        return recipient.rpartition("@")[2]
    if habit == "localhost":
        return "localhost"
    word = dice.randbytes(4).hex()
    if habit == "netbios":
        return f"PC{word.upper()}"
    if habit == "dotless":
        return word
    return domain(dice) if habit == "domain" else f"{word}.{domain(dice)}"

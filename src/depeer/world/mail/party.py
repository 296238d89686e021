"""Who a message says it is from; a function of the envelope alone, so that the mbox line can repeat it."""

from __future__ import annotations

from typing import NamedTuple

from depeer.sources.names import registered_domain
from depeer.world.mail.dice import dice_of
from depeer.world.mail.words import domain, person
from depeer.world.nouns import Envelope

NULL_SENDER = frozenset({"delivery-report", "auto-reply", "challenge"})
"""Natures that answer to nobody (RFC 5321, 4.5.5)."""


class Party(NamedTuple):
    """An invented sender; ``path`` is what the envelope of SMTP said, empty for the null sender."""

    first: str
    last: str
    address: str
    domain: str
    path: str


def sender_of(envelope: Envelope) -> Party:
    """The author of a message, and who gets its bounces."""
    dice = dice_of("party", envelope.campaign, envelope.serial, envelope.recipient)
    first, last = person(dice)
    home = domain(dice) if envelope.nature == "spam" else site(envelope) or domain(dice)
    form = int(dice.random() * 4)
    local = (f"{first}.{last}", f"{first[0]}{last}", f"{first}{dice.randrange(1900, 2009)}", last)[
        form
    ].lower()
    if envelope.nature in {"forwarded", "list-confirmation"} or envelope.category in {"newsletter", "list"}:
        home_of_author = domain(dice)
    else:
        home_of_author = home
    return Party(
        first,
        last,
        f"{local}@{home_of_author}",
        home_of_author,
        _path(envelope, f"{local}@{home_of_author}", home),
    )


def site(envelope: Envelope) -> str | None:
    """The domain of the machine that hands over, as its names tell."""
    return registered_domain((envelope.rdns or envelope.helo).lower())


def _path(envelope: Envelope, address: str, home: str) -> str:
    if envelope.nature in NULL_SENDER:
        return ""
    if envelope.nature == "forwarded":
        local, _, host = address.partition("@")
        return f"SRS0={local[:4]}=X{envelope.serial % 10}={host}={local}@{home}"
    if envelope.nature == "list-confirmation":
        return f"talk-bounces@lists.{home}"
    if envelope.nature == "ham" and envelope.category in {"newsletter", "list"}:
        return f"talk-admin@lists.{home}"
    return address

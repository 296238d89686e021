"""A mixture of envelopes for tests and for holding generated mail against real corpora.

The shares below were set so that generated spam comes near the spam of TREC 2007, and generated ham near
SpamAssassin's ham (docs/world-mail.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from depeer.world.mail.dialects import BOT_DIALECTS
from depeer.world.mail.dice import Random, dice_of, pick, weighted
from depeer.world.mail.helo import helo
from depeer.world.mail.places import any_address
from depeer.world.mail.words import domain
from depeer.world.nouns import Envelope

START = datetime(2008, 10, 27, tzinfo=UTC)
DAYS = 28
MIXTURE = {
    "spam": 80.0, "ham": 12, "delivery-report": 3, "auto-reply": 1, "challenge": 1, "list-confirmation": 1,
    "forwarded": 2,
}  # fmt: skip
_CATEGORIES = {
    "pharma": 34.0, "replica": 15, "stock": 14, "dating": 4, "casino": 7, "phishing": 6, "malware": 4,
    "advance-fee": 4, "software": 8, "job": 4,
}  # fmt: skip
_TOPICS = {"newsletter": 68.0, "personal": 20, "transaction": 7, "report": 5}
_LINKLESS = {"stock": 0.75, "advance-fee": 0.85, "job": 0.4, "malware": 0.2}
"""Shares of campaigns of these categories that advertise no link."""
_DIALECTS = {
    "alder": 26.0, "birch": 4, "cedar": 20, "elm": 7, "fir": 3, "hazel": 7, "larch": 8, "maple": 3, "oak": 2,
    "pine": 2, "rowan": 9, "sorrel": 2, "yew": 7,
}  # fmt: skip
_RELAYS = ("mx1.trap.example", "filter.trap.example", "store.trap.example", "pop.trap.example")
_CAMPAIGNS = 300
_PEOPLE = ("thunderbird", "mutt", "outlook", "apple-mail", "webmail")
_MAILERS = {"newsletter": _PEOPLE, "personal": _PEOPLE, "transaction": ("java-shop",), "report": ("cron",)}


def default_mixture(count: int, seed: int, natures: dict[str, float] | None = None) -> Iterator[Envelope]:
    """``count`` envelopes with serials from 0; ``natures`` are weights, by default `MIXTURE`."""
    for serial in range(count):
        dice = dice_of("mixture", seed, serial)
        nature = weighted(dice, natures or MIXTURE)
        yield _ham(dice, serial) if nature == "ham" else _other(dice, serial, seed, nature)


def _times(dice: Random) -> tuple[datetime, datetime]:
    received = START + timedelta(seconds=int(dice.random() * DAYS * 86_400))
    return received - timedelta(seconds=int(dice.expovariate(1 / 120))), received


def _chain(dice: Random, lengths: dict[int, float]) -> tuple[tuple[str, IPv4Address], ...]:
    names = _RELAYS[: weighted(dice, lengths)]
    return tuple((name, IPv4Address(f"203.0.113.{10 + at}")) for at, name in enumerate(names))


def _ham(dice: Random, serial: int) -> Envelope:
    topic = weighted(dice, _TOPICS)
    sent, received = _times(dice)
    server = f"mail.{domain(dice)}"
    return Envelope(
        serial=serial, nature="ham", sent=sent, received=received, sender=IPv4Address(any_address(dice)), helo=server,
        rdns=server, recipient=f"trap{dice.getrandbits(5)}@trap.example", category=topic,
        dialect=pick(dice, _MAILERS[topic]), campaign="", chain=_chain(dice, {1: 1, 2: 2, 3: 4, 4: 4}),
        links=_ham_links(dice, topic),
    )  # fmt: skip


def _ham_links(dice: Random, topic: str) -> tuple[str, ...]:
    most = weighted(dice, {0: 40.0, 1: 32, 2: 13, 4: 8, 20: 2} if topic != "report" else {0: 1})
    return tuple(f"http://www.{domain(dice)}/{dice.getrandbits(20):x}" for _ in range(most))


def _other(dice: Random, serial: int, seed: int, nature: str) -> Envelope:
    number = int(_CAMPAIGNS * dice.random() ** 2)  # few campaigns send much
    own = dice_of("mixture campaign", seed, number)
    category, dialect = weighted(own, _CATEGORIES), weighted(own, _DIALECTS)
    links = _spam_links(own, category)
    sent, received = _times(dice)
    sender = IPv4Address(any_address(dice))
    recipient = f"trap{dice.getrandbits(5)}@trap.example"
    rdns = _rdns(dice, sender)
    name = helo(dialect, dice, sender, rdns, recipient)
    if nature != "spam":
        rdns = name = f"mail.{domain(dice)}"
    forging = BOT_DIALECTS[dialect].forging != "none"
    forged = weighted(dice, {0: 4.0, 1: 4, 2: 1} if forging else {0: 9.0, 1: 1}) if nature == "spam" else 0
    return Envelope(
        serial, nature, sent, received, sender, name, rdns, recipient, category, dialect, f"campaign-{number}",
        _chain(dice, {1: 6, 2: 3, 3: 1}), forged, links,
    )  # fmt: skip


def _rdns(dice: Random, sender: IPv4Address) -> str | None:
    if dice.random() < 0.4:
        return None
    return f"{str(sender).replace('.', '-')}.dyn.{domain(dice)}"


def _spam_links(own: Random, category: str) -> tuple[str, ...]:
    if own.random() < _LINKLESS.get(category, 0.06):
        return ()
    count = weighted(own, {1: 74.0, 2: 11, 3: 8, 5: 4, 12: 3})
    site = f"{own.choice(('www.', '', ''))}{domain(own)}"
    return tuple(f"http://{site}/{'' if at == 0 else f'p{at}'}" for at in range(count))


__all__ = ["DAYS", "MIXTURE", "START", "default_mixture"]

"""Mail to an address elsewhere that is forwarded to the trap, with the sender rewritten (SRS)."""

from __future__ import annotations

from depeer.world.mail.choosing import known
from depeer.world.mail.dialects import DIALECTS
from depeer.world.mail.dice import dice_of
from depeer.world.mail.natures.ham import ham_as_sent
from depeer.world.mail.natures.sending_side import handing_server
from depeer.world.mail.party import sender_of, site
from depeer.world.mail.phrases.categories import CATEGORIES
from depeer.world.mail.places import any_address
from depeer.world.mail.received import Transit, queue_number, received
from depeer.world.mail.spam import spam_as_sent
from depeer.world.mail.trace import trace
from depeer.world.nouns import Envelope


def forwarded(envelope: Envelope, seed: int) -> bytes:
    """Spam or ham, by its category; the forwarder's own line tells where it had it from (``extra["origin"]``)."""
    dice = dice_of("forwarded", seed, envelope.campaign, envelope.serial, envelope.recipient)
    dialect = known(DIALECTS, envelope.dialect, "dialect")
    party, host = sender_of(envelope), handing_server(envelope)
    origin = envelope.extra.get("origin") or any_address(dice)
    box = f"box{envelope.serial % 100}@{site(envelope) or 'lost.invalid'}"
    line = received(
        Transit(
            f"host.{party.domain}",
            None,
            origin,
            host,
            int(envelope.sent.timestamp()),
            box,
            party.address,
            queue_number(dice),
        )
    )
    top = (trace(envelope, party, dice) + line).encode("utf-8")
    if envelope.category in CATEGORIES:
        return top + spam_as_sent(envelope, seed, dialect, party, dice)
    return top + ham_as_sent(envelope, dialect, party, dice)

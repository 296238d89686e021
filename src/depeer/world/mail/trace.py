"""What our own side writes on top of a message: who bounces go to, and how it came in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

from depeer.errors import BadUsage
from depeer.world.mail.dice import Random, dice_of, pick
from depeer.world.mail.forging import forged
from depeer.world.mail.party import Party
from depeer.world.mail.received import Transit, queue_number, received
from depeer.world.nouns import Envelope


def trace(envelope: Envelope, party: Party, dice: Random) -> str:
    """Return-Path, what filters add, and a Received field for each relay of our side, newest first.

    The lowest is the boundary: the sender's address as the outermost relay saw it.
    """
    lines = list(_transits(envelope, party, dice))
    styles = envelope.extra.get("styles", "").split(",")
    fields = [received(it, style or None) for it, style in zip_longest(lines, styles[: len(lines)])]
    top = f"Return-Path: <{party.path}>\n" + filters(lines[-1].by)
    return top + "".join(reversed(fields))


def _transits(envelope: Envelope, party: Party, dice: Random) -> Iterator[Transit]:
    if not envelope.chain:
        raise BadUsage(f"message {envelope.serial} needs at least one relay of the receiving side.")
    when = int(envelope.received.timestamp()) + int(envelope.extra.get("clock", "0"))
    helo, rdns, address = envelope.helo, envelope.rdns, str(envelope.sender)
    for name, own in envelope.chain:
        yield Transit(helo, rdns, address, name, when, envelope.recipient, party.path, queue_number(dice))
        when += 1 + int(dice.random() * 8)
        helo, rdns, address = name, name, str(own)


def forged_lines(envelope: Envelope, habit: str, dice: Random) -> str:
    """The sender's lies, below the boundary."""
    if not envelope.forged:
        return ""
    when = int(envelope.sent.timestamp())
    return forged(habit, dice, envelope.forged, when, envelope.chain[0][0], envelope.recipient)


@lru_cache(maxsize=4096)
def filters(server: str) -> str:
    """What the filters of the receiving server add, if it has any; the same for all of its mail."""
    site = server.partition(".")[2] or server
    lines = (
        "",
        "",
        f"X-Virus-Scanned: amavisd-new at {site}\nX-Spam-Status: No, hits=0.0 required=5.0\n",
        f"X-Virus-Scanned: by amavis at {site}\nX-Virus-Status: Clean\nX-Miltered: at {site}\nX-UUID: simulated\n",
    )
    return pick(dice_of("filters", server), lines)

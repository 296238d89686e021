"""True lines below the boundary: how a message went inside the network that it came from."""

from __future__ import annotations

from depeer.world.mail.dice import Random
from depeer.world.mail.party import site
from depeer.world.mail.received import Transit, queue_number, received
from depeer.world.nouns import Envelope


def handing_server(envelope: Envelope) -> str:
    """The name of the machine that hands over to our side."""
    return envelope.rdns or envelope.helo


def sending_lines(envelope: Envelope, dice: Random) -> str:
    """Up to three lines: a client, a submission server, a gateway, all in the sender's domain."""
    home = site(envelope)
    if home is None:
        return ""
    count = int(dice.random() * 4)
    when = int(envelope.sent.timestamp())
    by = handing_server(envelope)
    fields = []
    for at in range(count):
        inner = f"10.{dice.getrandbits(8)}.{dice.getrandbits(8)}.{1 + dice.getrandbits(7)}"
        name = f"node{dice.getrandbits(6)}.{home}"
        it = Transit(
            name,
            name,
            inner,
            by,
            when + 3 * (count - at),
            envelope.recipient,
            f"user@{home}",
            queue_number(dice),
        )
        fields.append(received(it))
        by = name
    return "".join(fields)

"""Envelope → bytes of a message, by nature."""

from __future__ import annotations

from collections.abc import Callable

from depeer.world.mail.choosing import known
from depeer.world.mail.natures.answers import auto_reply, challenge
from depeer.world.mail.natures.forward import forwarded
from depeer.world.mail.natures.ham import ham
from depeer.world.mail.natures.mailing_list import list_confirmation
from depeer.world.mail.natures.report import delivery_report
from depeer.world.mail.spam import spam
from depeer.world.nouns import Envelope

NATURES: dict[str, Callable[[Envelope, int], bytes]] = {
    "spam": spam,
    "ham": ham,
    "delivery-report": delivery_report,
    "auto-reply": auto_reply,
    "challenge": challenge,
    "list-confirmation": list_confirmation,
    "forwarded": forwarded,
}
"""All but ``comment``, which is no mail (see `depeer.world.mail.natures.comment`)."""


def write_message(envelope: Envelope, seed: int) -> bytes:
    """The message as it lies at the receiving server, without an mbox line, ending in a line end.

    A function of its arguments alone. Raises BadUsage on an unknown nature, dialect, category or grammar.
    ``envelope.extra`` may hold: ``grammar``, ``language`` (en, ru, de, es, ja, zh), ``styles`` (of the chain's
    Received lines, with commas), ``clock`` (seconds that the outermost relay's clock is ahead), ``subdomains`` =
    ``random``, and ``origin`` (the address behind a forwarder or a report).
    """
    message = known(NATURES, envelope.nature, "nature of a message")(envelope, seed)
    if message.endswith(b"\r\n"):  # the last line ends like the first in what depeer calls canonical
        return message[:-2] + b"\n"
    return message if message.endswith(b"\n") else message + b"\n"

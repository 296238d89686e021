"""Messages → an mbox file as mboxrd has it (RFC 4155; qmail's mbox(5))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from depeer.world.mail.clock import asctime
from depeer.world.mail.party import sender_of
from depeer.world.nouns import Envelope

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)


def envelope_line(envelope: Envelope) -> bytes:
    """``From sender date``, without its line end; the sender is the one of Return-Path."""
    sender = sender_of(envelope).path or "MAILER-DAEMON"
    return f"From {sender} {asctime(int(envelope.received.timestamp()))}".encode("ascii")


def write_mbox(messages: Iterable[tuple[Envelope, bytes]]) -> Iterator[bytes]:
    """A chunk for each message: its line, itself with lines of ``From `` quoted, a blank line."""
    for envelope, message in messages:
        quoted = _FROM.sub(rb">\1", message) if b"From " in message else message
        yield envelope_line(envelope) + b"\n" + quoted + b"\n"

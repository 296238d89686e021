"""Delivery reports on spam that forged the trap as its sender: RFC 3464 and older forms, the original attached."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from depeer.world.mail.dialects import BOT_DIALECTS
from depeer.world.mail.dice import Random, dice_of, pick, weighted
from depeer.world.mail.facts import MARK, facts_of
from depeer.world.mail.natures.sending_side import handing_server
from depeer.world.mail.party import Party, sender_of, site
from depeer.world.mail.phrases.categories import CATEGORIES
from depeer.world.mail.places import any_address
from depeer.world.mail.received import Transit, queue_number, received
from depeer.world.mail.spam import spam_as_sent
from depeer.world.mail.trace import trace
from depeer.world.mail.words import FIRST
from depeer.world.nouns import Envelope

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


class _Failure(NamedTuple):
    """``host`` could not deliver ``original`` to ``victim``."""

    host: str
    victim: str
    to: str
    date: str
    token: str
    original: bytes


def delivery_report(envelope: Envelope, seed: int) -> bytes:
    """In the manner of the server that failed; a server always reports in the same manner."""
    dice = dice_of("delivery-report", seed, envelope.campaign, envelope.serial, envelope.recipient)
    host = handing_server(envelope)
    party = sender_of(envelope)
    victim = f"{pick(dice, FIRST).lower()}{int(dice.random() * 100)}@{site(envelope) or 'lost.invalid'}"
    facts = facts_of(envelope, BOT_DIALECTS["maple"], party, dice)
    original = _original(envelope, seed, dice, host, victim)
    failure = _Failure(host, victim, envelope.recipient, facts["date"], dice.randbytes(6).hex(), original)
    top = trace(envelope, party, dice) + MARK
    return top.encode("utf-8") + _manner(host)(failure)


def _original(envelope: Envelope, seed: int, dice: Random, host: str, victim: str) -> bytes:
    """The spam as the failing server got it, from a machine that is not the one that reports."""
    dialect = BOT_DIALECTS.get(envelope.dialect) or pick(dice, tuple(BOT_DIALECTS.values()))
    category = envelope.category if envelope.category in CATEGORIES else pick(dice, tuple(CATEGORIES))
    sent = replace(envelope, nature="spam", rdns=None, category=category, dialect=dialect.name, forged=0)
    home = envelope.recipient.rpartition("@")[2]
    forged = Party("Simulated", "Trap", envelope.recipient, home, envelope.recipient)
    origin = envelope.extra.get("origin") or any_address(dice)
    line = received(
        Transit(
            "user",
            None,
            origin,
            host,
            int(envelope.sent.timestamp()),
            victim,
            envelope.recipient,
            queue_number(dice),
        )
    )
    return line.encode("ascii") + spam_as_sent(sent, seed, dialect, forged, dice, victim)


def _standard(failure: _Failure, words: str, status: str, headers_only: bool) -> bytes:
    """RFC 3464: words for people, a status for machines, the original."""
    f = failure
    boundary = f"{f.token}.{len(f.original)}/{f.host}"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    original = _EMPTY_LINE.split(f.original, maxsplit=1)[0] + b"\n" if headers_only else f.original
    head = f"""From: MAILER-DAEMON@{f.host} (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {f.to}
Date: {f.date}
Message-Id: <{f.token}@{f.host}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="{boundary}"

This is a MIME-encapsulated message.

--{boundary}
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

{words}
--{boundary}
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; {f.host}
Arrival-Date: {f.date}

Final-Recipient: rfc822; {f.victim}
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{f.victim}>: unknown

--{boundary}
Content-Type: {kind}

"""
    return head.encode("ascii") + original + f"\n--{boundary}--\n".encode("ascii")


def _postfix(failure: _Failure) -> bytes:
    words = f"This is the mail system at host {failure.host}.\n\n<{failure.victim}>: unknown user\n"
    return _standard(failure, words, "5.1.1", headers_only=False)


def _sendmail(failure: _Failure) -> bytes:
    words = f"   ----- The following addresses had permanent fatal errors -----\n<{failure.victim}>\n"
    return _standard(failure, words, "5.1.1", headers_only=True)


def _exim(failure: _Failure) -> bytes:
    f = failure
    head = f"""X-Failed-Recipients: {f.victim}
Auto-Submitted: auto-generated
From: Mail Delivery System <Mailer-Daemon@{f.host}>
To: {f.to}
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1H-{f.token}@{f.host}>
Date: {f.date}

This message was created automatically by mail delivery software.

  {f.victim}
    unknown user

------ This is a copy of the message, including all the headers. ------

"""
    return head.encode("ascii") + f.original


def _qmail(failure: _Failure) -> bytes:
    f = failure
    head = f"""Date: {f.date}
From: MAILER-DAEMON@{f.host}
To: {f.to}
Subject: failure notice

Hi. This is the qmail-send program at {f.host}.
I'm afraid I wasn't able to deliver your message.

<{f.victim}>:
no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
    return head.encode("ascii") + f.original


_MANNERS: dict[Callable[[_Failure], bytes], float] = {_postfix: 4, _sendmail: 3, _exim: 2, _qmail: 2}


@lru_cache(maxsize=4096)
def _manner(host: str) -> Callable[[_Failure], bytes]:
    return weighted(dice_of("manner", host), _MANNERS)

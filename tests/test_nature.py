"""What kind of message it is: honest machines, and spammers who imitate them. All names are invented."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.sources.mail.nature import NATURES, nature

DATE = "; Tue, 05 Jun 2007 12:00:00 +0000"
OUTSIDE = (
    f"from pc ([198.51.100.9]) by mail.example.com (Postfix) with SMTP id 1 for <talk@example.com>{DATE}"
)
HANDED = (
    f"from mail.example.com (mail.example.com [192.0.2.3]) by mx.example.net (Postfix) with ESMTP id 2{DATE}"
)
BOT = f"from mail.example.com (dsl-9.example.org [198.51.100.9]) by mx.example.net (Postfix) with ESMTP id 2{DATE}"
LOCAL = f"from www ([10.1.1.118]) by mail.example.com (Exim) with esmtp id 1{DATE}"
LIST = {
    "Return-Path": "<talk-bounces@example.com>",
    "List-Id": "Talk <talk.example.com>",
    "Precedence": "list",
    "X-BeenThere": "talk@example.com",
}


@dataclass
class FakeMail:
    headers: list[tuple[bytes, bytes]]
    subject: str | None = "Hello"
    from_address: str | None = "someone@example.org"
    kinds: list[str] = field(default_factory=lambda: ["text/plain"])
    received: list[bytes] = field(default_factory=list)


def _mail(
    headers: dict[str, str] | None = None,
    subject: str | None = "Hello",
    sender: str | None = "someone@example.org",
    kinds: str = "text/plain",
    lines: tuple[str, ...] = (BOT,),
) -> FakeMail:
    fields = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    return FakeMail(fields, subject, sender, kinds.split(), [line.encode() for line in lines])


NULL = {"Return-Path": "<>"}
DAEMON = "MAILER-DAEMON@example.com"
REPORT = "multipart/report text/plain message/delivery-status message/rfc822"
HONEST = {
    "direct": [
        _mail(),
        _mail({"Return-Path": "<someone@example.org>", "List-Unsubscribe": "<mailto:x@example.org>"}),
        _mail({"Precedence": "bulk"}),
        _mail(subject=None, sender=None),
    ],
    "delivery-report": [
        _mail(NULL, "Delivery Status Notification (Failure)", "postmaster@example.com", REPORT),
        _mail(NULL, "Warning: could not send message for past 4 hours", DAEMON, REPORT),
        _mail(NULL, "failure notice", DAEMON),
        _mail(
            NULL,
            "Undeliverable: Hello",
            "postmaster@example.com",
            "multipart/mixed text/plain message/rfc822",
        ),
        _mail(
            {**NULL, "X-Failed-Recipients": "a@example.com"},
            "Mail delivery failed: returning message",
            DAEMON,
        ),
        _mail({"Return-Path": "<MAILER-DAEMON@mx.example.net>"}, "Returned mail: see transcript", DAEMON),
    ],
    "auto-reply": [
        _mail({**NULL, "Auto-Submitted": "auto-replied"}, "Re: Hello"),
        _mail({"Auto-Submitted": "auto-replied (vacation)", "In-Reply-To": "<1@example.net>"}, "away"),
        _mail({"X-Autoreply": "yes", "References": "<1@example.net>"}, "Thank you"),
        _mail(NULL, "Out of Office AutoReply: Hello"),
        _mail({"Precedence": "auto_reply", **NULL}, "On holiday"),
    ],
    "challenge": [
        _mail(NULL, "Please confirm your message"),
        _mail({"Auto-Submitted": "auto-replied", "X-TMDA-Confirm": "Done"}, "Please confirm your message"),
        _mail({"Auto-Submitted": "auto-replied"}, "Verification required for message to a person"),
        _mail({**NULL, "X-Delivery-Agent": "TMDA/0.57"}, "Hello"),
    ],
    "list-confirmation": [
        _mail(
            {"Precedence": "bulk", "X-BeenThere": "talk@example.com", "X-List-Administrivia": "yes"},
            "confirm 0123456789abcdef0123456789abcdef01234567",
            "talk-request@example.com",
        ),
        _mail(
            {"Mailing-List": "contact talk-help@example.com; run by ezmlm"},
            "confirm subscribe to talk@example.com",
            "talk-help@example.com",
        ),
    ],
    "list": [
        _mail(LIST, lines=(HANDED, OUTSIDE)),
        _mail({**LIST, "Return-Path": "<owner-talk@lists.example.com>"}, lines=(HANDED, OUTSIDE)),
        _mail(
            {
                "Return-Path": "<talk-admin@talk.example>",
                "List-Id": "<talk.talk.example>",
                "Precedence": "bulk",
            },
            lines=(HANDED, OUTSIDE.replace("talk@example.com", "talk@talk.example")),
        ),
    ],
    "forwarded": [
        _mail({"Return-Path": "<SRS0=HHH=TT=example.org=someone@example.com>"}, lines=(HANDED, OUTSIDE)),
        _mail(
            {"Return-Path": "<SRS1=HHH=a.example==HHH=TT=example.org=x@example.com>"}, lines=(HANDED, OUTSIDE)
        ),
        _mail(
            {"Return-Path": "<me+caf_=you=example.net@example.com>", "X-Forwarded-To": "you@example.net"},
            lines=(HANDED, OUTSIDE),
        ),
        _mail(
            {"Resent-From": "Me <me@example.com>", "Resent-To": "you@example.net"}, lines=(HANDED, OUTSIDE)
        ),
    ],
}


@pytest.mark.parametrize(("kind", "mail"), [(kind, mail) for kind, mails in HONEST.items() for mail in mails])
def test_honest_machines(kind: str, mail: FakeMail) -> None:
    assert nature(mail, None) == kind


def test_every_nature_is_shown() -> None:
    assert set(HONEST) == set(NATURES)


FORGED = {
    "one header of an answer": _mail({"Auto-Submitted": "auto-replied"}, "Cheap watches"),
    "the subject of an answer": _mail({}, "Out of Office AutoReply: cheap watches"),
    "the subject of a report": _mail({}, "Delivery Status Notification (Failure)", DAEMON),
    "the structure of a report, sent by somebody": _mail(
        {"Return-Path": "<a@example.org>"}, "failure notice", DAEMON, REPORT
    ),
    "a report without its machine-readable part": _mail(
        NULL, "Cheap watches", "a@example.org", "multipart/report text/plain"
    ),
    "the null sender alone": _mail(NULL, "Cheap watches"),
    "a daemon that sells": _mail(NULL, "Cheap watches", DAEMON),
    "the words of a challenge": _mail({}, "Please confirm your shipment of free samples"),
    "the words of a challenge, to the letter": _mail({}, "Please confirm your message"),
    "a confirmation from nobody's list": _mail({}, "confirm 0123456789abcdef0123456789abcdef01234567"),
    "list fields only": _mail(LIST),
    "list fields of a bulk mailer in its own domain": _mail(LIST, lines=(HANDED, LOCAL)),
    "list fields and a forged line below": _mail(LIST, lines=(BOT, OUTSIDE)),
    "list fields, other sender": _mail({**LIST, "Return-Path": "<a@example.org>"}, lines=(HANDED, OUTSIDE)),
    "list fields, sender is no bounce box": _mail(
        {**LIST, "Return-Path": "<sale@example.com>"}, lines=(HANDED, OUTSIDE)
    ),
    "a precedence": _mail(
        {"Precedence": "list", "Return-Path": "<owner-a@example.com>"}, lines=(HANDED, OUTSIDE)
    ),
    "a rewritten sender from a bot": _mail(
        {"Return-Path": "<SRS0=HHH=TT=example.org=a@example.com>"}, lines=(BOT,)
    ),
    "a rewritten sender and a forged line": _mail(
        {"Return-Path": "<SRS0=HHH=TT=example.org=a@example.com>"}, lines=(BOT, OUTSIDE)
    ),
    "a web page of the forwarder's own customer": _mail(
        {"Return-Path": "<SRS0=HHH=TT=bank.example=a@example.com>"}, lines=(HANDED, LOCAL)
    ),
    "resent by itself": _mail({"Resent-From": "a@example.org (Apache)"}, lines=(HANDED, OUTSIDE)),
    "resent fields from a bot": _mail({"Resent-From": "a@example.com", "Resent-To": "b@example.net"}),
}


@pytest.mark.parametrize("name", FORGED)
def test_imitations_stay_direct(name: str) -> None:
    assert nature(FORGED[name], None) == "direct"


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        (b"From MAILER-DAEMON Tue Jun  5 12:00:00 2007", "delivery-report"),
        (b"From MAILER_DAEMON@mx.example.net Tue Jun  5 12:00:00 2007", "delivery-report"),
        (b"From <> Tue Jun  5 12:00:00 2007", "delivery-report"),
        (b"From a@example.org Tue Jun  5 12:00:00 2007", "direct"),
        (b"From", "direct"),
        (b"", "direct"),
        (None, "direct"),
    ],
)
def test_the_envelope_tells_the_sender_where_no_return_path_does(envelope: bytes | None, kind: str) -> None:
    assert nature(_mail({}, "failure notice", DAEMON), envelope) == kind
    honest = _mail({"Return-Path": "<a@example.org>"}, "failure notice", DAEMON)
    assert nature(honest, envelope) == "direct"


NAMES = st.sampled_from(
    [
        b"return-path", b"auto-submitted", b"precedence", b"list-id", b"mailing-list", b"x-beenthere", b"resent-from",
        b"resent-to", b"x-forwarded-to", b"x-tmda-confirm", b"subject",
    ]
)  # fmt: skip
VALUES = st.binary(max_size=40) | st.sampled_from(
    [b"<>", b"auto-replied", b"list", b"<a.example.com>", b"SRS0=a=b=c=d@e.com"]
)


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=12),
    st.text(max_size=40) | st.none(),
    st.text(max_size=30) | st.none(),
    st.lists(st.sampled_from(REPORT.split()), max_size=3),
    st.lists(st.binary(max_size=80) | st.sampled_from([HANDED.encode(), OUTSIDE.encode()]), max_size=4),
    st.binary(max_size=40) | st.none(),
)
def test_anything_has_a_nature(
    headers: list[tuple[bytes, bytes]],
    subject: str | None,
    sender: str | None,
    kinds: list[str],
    lines: list[bytes],
    envelope: bytes | None,
) -> None:
    assert nature(FakeMail(headers, subject, sender, kinds, lines), envelope) in NATURES


@pytest.mark.parametrize(
    "unit", ["re: ", "a-", "=", "srs0=a=", "+caf_=", "a.", "<", "confirm ", "0", "warning: message "]
)
def test_hostile_values_stay_linear(unit: str) -> None:
    long = unit * (200_000 // len(unit))
    headers = {
        "Return-Path": "srs0=a=" + long,
        "List-Id": long,
        "Precedence": "list",
        "Resent-From": long,
        "Resent-To": "a",
    }
    for path in (
        headers,
        headers | {"Return-Path": "<>"},
        headers | {"Return-Path": long + "-bounces@example.com"},
    ):
        mail = _mail(path, long, long, REPORT, (HANDED, OUTSIDE) * 10)
        begun = time.perf_counter()
        nature(mail, None)
        assert time.perf_counter() - begun < 0.5

"""What kind of message this is: direct, or a machine's answer or a third party's relay of somebody else's.

What is not ``direct`` does not count against the network it came from, so a spammer gains by looking like it.
Hence no single header decides. The sender that our own server recorded (Return-Path, mbox ``From `` line),
the structure of the message and the lines of those who are said to have passed it on must agree; where
they do not, the message is ``direct``. docs/boundary.md tells what each kind asks for, and what it costs to fake.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Protocol

from depeer.sources.mail.received import Hop, read_hop
from depeer.sources.names import registered_domain

NATURES = ("direct", "delivery-report", "auto-reply", "challenge", "list-confirmation", "list", "forwarded")
MAX_LINES = 12
"""Received lines read to see who passed a message on."""


class Message(Protocol):
    """What of a `depeer.sources.mail.parse.Mail` is looked at."""

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def from_address(self) -> str | None: ...
    @property
    def kinds(self) -> Sequence[str]: ...
    @property
    def received(self) -> Sequence[bytes]: ...


Headers = dict[bytes, bytes]

_TELLING = frozenset(
    (
        b"auto-submitted x-autoreply x-autorespond x-failed-recipients precedence list-id mailing-list x-mailing-list"
        b" x-beenthere list-post x-list-administrivia resent-from x-forwarded-to x-tmda-confirm x-delivery-agent"
        b" x-boxbe-cr-domain"
    ).split()
)
"""Fields without one of which, and without an odd sender, a message is direct."""
_NOTED = _TELLING | {b"return-path"}


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(alternatives) + ")", re.IGNORECASE)


_ODD_SENDER = re.compile(rb"[<\s]*(?:mailer[-_]daemon\b|srs[01][=+-]|[^@]*\+caf_=|>|$)", re.IGNORECASE)
_DAEMON = _words(r"mail(?:er)?[-_]?daemon\b", r"postmaster\b", r"mdaemon\b", "mail delivery")
_BOUNCED = _words(
    *(
        "undeliver",
        "mail delivery",
        "returned mail",
        "failure notice",
        "mail system error",
        "mail status report",
    ),
    *(
        "delivery (?:status|failure|report|notification|has failed)",
        "non.?remis",
        "message status",
        "unzustellbar",
    ),
    *(
        "mail could not be delivered",
        "warning: (?:could not send|message .{0,60} delayed)",
        "error sending",
        "not delivered",
    ),
    *(
        "nondeliverable",
        "mensaje no entregado",
        "unable to deliver",
        "user unknown",
        "deferred mail",
        "rejected (?:mail|posting)",
    ),
)
_AWAY = _words(
    r"(?:re: ?)?auto(?:matic(?:ally)?)?[- :]*(?:re(?:ply|sponse|sponder)|generated|antwort|svar)",
    *("(?:re: ?)?out[- ]of[- ](?:the[- ])?office", "(?:re: ?)?(?:i am|i'm) (?:away|on vacation|on holiday)"),
    *("vacation (?:reply|message|response)", "on vacation", "abwesenheit", "afwezig", "absence", "away from"),
    *("r[ée]ponse automatique", "respuesta autom", "risposta automatica"),
)
_CHALLENGED = _words(
    r"please (?:confirm|verify|validate) (?:your |that )?(?:message|e-?mail|mail|you|delivery)",
    r"(?:re: .{0,200})?[\[(]?(?:verification|confirmation) (?:required|needed|requested)",
    r"(?:message|mail|e-?mail) (?:verification|authorization|confirmation) (?:request|required|needed)",
    "your (?:e-?mail|message|mail) (?:to .{1,80} )?(?:requires|needs|is (?:being )?held|has been (?:held|quaran))",
    *("antispam uol", "action required to deliver", "confirm your (?:message|e-?mail) to"),
    "one-time (?:verification|confirmation)",
)
_CONFIRMS_LIST = _words(
    *("confirm [0-9a-f]{6,64}$", "confirm (?:un)?subscri", "auth [0-9a-f]{6,} ", "majordomo results"),
    "(?:re: )?your confirmation is required to (?:join|leave)",
    "(?:please )?confirm(?:ation)?(?: for| of)? (?:your )?(?:un)?(?:subscri|request to join|membership)",
    *("(?:subscription|command) (?:confirmation|probe)", "welcome to the .{1,80}mailing list"),
)
_LIST_ROBOT = _words(
    r"[^@]*-(?:request|confirm|help|subscribe|bounces|owner|admin|sc\.[0-9]|return)\b",
    *("listserv", "majordomo", "mailman", "ezmlm", "sympa", "listmaster", "ecartis", "owner-"),
)
_BOUNCE_BOX = _words(
    r"[^@]*-(?:bounces?|admin|owner|return|errors?|request|outgoing)\b",
    "owner-",
    "bounce",
    "sentto-",
    "listserv",
)
_SRS = re.compile(r"srs[01][=+-][^=@]{1,16}=[^@]*=[^=@]+@([^@]+)$", re.IGNORECASE)
_GMAIL = re.compile(r"[^@]+\+caf_=[^=@]+=[^@]+@([^@]+)$", re.IGNORECASE)
_DOMAIN = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")


def nature(mail: Message, envelope: bytes | None) -> str:
    """One of `NATURES`. ``envelope`` is the mbox ``From `` line, without its line end."""
    path, plain = None, mail.kinds[:1] != ["multipart/report"]
    for name, value in mail.headers:
        if name in _NOTED:
            if name != b"return-path":
                plain = False
            elif path is None:
                path = value
    if path is None and envelope:
        path = next(iter(envelope.split(None, 2)[1:2]), None)
    if plain and (path is None or not _ODD_SENDER.match(path)):
        return "direct"
    sender = None if path is None else path.decode("latin-1").strip("<> \t").lower()
    return _odd_nature(mail, dict(reversed(mail.headers)), sender)


def _odd_nature(mail: Message, headers: Headers, sender: str | None) -> str:
    subject = (mail.subject or "").strip()[:300]
    null = sender == "" or (sender is not None and sender.startswith(("mailer-daemon", "mailer_daemon")))
    auto = headers.get(b"auto-submitted", b"").lower().startswith(b"auto-")
    if _reports(mail, headers, subject, null):
        return "delivery-report"
    if _challenges(headers, subject, null or auto):
        return "challenge"
    if _confirms(mail, headers, subject):
        return "list-confirmation"
    if _answers(headers, subject, null, auto):
        return "auto-reply"
    if _listed(mail, headers, sender or ""):
        return "list"
    return "forwarded" if _forwarded(mail, headers, sender or "") else "direct"


def _reports(mail: Message, headers: Headers, subject: str, null: bool) -> bool:
    """RFC 3464 with its machine-readable part, or an older report; always to answer nobody (RFC 5321, 4.5.5)."""
    if not null:
        return False
    daemon = _DAEMON.match(mail.from_address or "") is not None
    if mail.kinds[:1] == ["multipart/report"] and "message/delivery-status" in mail.kinds:
        return True
    return b"x-failed-recipients" in headers or (daemon and _BOUNCED.search(subject) is not None)


def _answers(headers: Headers, subject: str, null: bool, auto: bool) -> bool:
    """RFC 3834: a mark, and a second sign that a program answered a message that it got."""
    away = _AWAY.match(subject) is not None
    replied = headers.get(b"auto-submitted", b"").lower().startswith(b"auto-replied")
    marked = replied or b"x-autoreply" in headers or b"x-autorespond" in headers
    marked = marked or headers.get(b"precedence", b"").lower().startswith(b"auto_reply")
    answers = b"in-reply-to" in headers or b"references" in headers
    return (marked and (null or answers or away)) or (away and (null or (auto and answers)))


def _challenges(headers: Headers, subject: str, automatic: bool) -> bool:
    """The words of a challenge, and a program that says it is one and answers a message or nobody."""
    marked = b"x-tmda-confirm" in headers or b"x-boxbe-cr-domain" in headers
    marked = marked or headers.get(b"x-delivery-agent", b"").lower().startswith(b"tmda")
    words = _CHALLENGED.match(subject) is not None
    return (words and automatic) or (marked and (words or automatic))


def _confirms(mail: Message, headers: Headers, subject: str) -> bool:
    """The words of a list's robot, from a list's robot, with the marks of list software."""
    software = (
        b"list-id",
        b"mailing-list",
        b"x-beenthere",
        b"x-list-administrivia",
        b"x-mailman-version",
        b"x-listserver",
    )
    marked = any(name in headers for name in software)
    automatic = marked or headers.get(b"precedence", b"").lower().startswith((b"bulk", b"list", b"junk"))
    robot = _LIST_ROBOT.match(mail.from_address or "") is not None
    return automatic and robot and _CONFIRMS_LIST.match(subject) is not None


def _listed(mail: Message, headers: Headers, sender: str) -> bool:
    """A list that others post to: its marks, its bounce box as sender, and its server passing the message on."""
    local, _, host = sender.rpartition("@")
    domain = registered_domain(host)
    if domain is None or not _BOUNCE_BOX.match(local):
        return False
    names = (b"list-id", b"list-post", b"mailing-list", b"x-mailing-list", b"x-beenthere")
    fields = [headers[name][:500] for name in names if name in headers]
    bulk = headers.get(b"precedence", b"").lower().startswith((b"bulk", b"list"))
    return (
        len(fields) + bulk >= 2
        and any(domain in _domains(field) for field in fields)
        and _passed_on(mail, domain)
    )


def _domains(field: bytes) -> set[str | None]:
    return {registered_domain(name.decode("ascii").lower()) for name in _DOMAIN.findall(field)}


def _forwarded(mail: Message, headers: Headers, sender: str) -> bool:
    """A rewritten sender (SRS, Gmail), or the fields of a resent message, and the forwarder's own lines."""
    match = _SRS.match(sender) or (_GMAIL.match(sender) if b"x-forwarded-to" in headers else None)
    if match:
        domains = {registered_domain(match[1])}
    elif b"resent-from" in headers and {b"resent-to", b"resent-date", b"resent-message-id"} & headers.keys():
        domains = _domains(headers[b"resent-from"][:500])
    else:
        return False
    return any(_passed_on(mail, domain) for domain in domains if domain)


def _passed_on(mail: Message, domain: str) -> bool:
    """Whether that domain's server handed the message over, and had it from elsewhere.

    Asked for are a line that names the server as the one handing over; right below it, the server's own
    line; there or further down, a line of it in that domain or for an address of that domain; and an
    address of somebody else. Lines without a ``by`` (qmail's ``invoked from network``) stand between the two.
    """
    hops = [hop for hop in map(read_hop, mail.received[:MAX_LINES]) if hop.by_host]
    for at, (upper, lower) in enumerate(itertools.pairwise(hops), start=1):
        server = _domain_of(upper)
        if server is None or registered_domain(lower.by_host or "") != server:
            continue
        its_lines = [hop for hop in hops[at:] if registered_domain(hop.by_host or "") == server]
        ours = server == domain or any(registered_domain(hop.for_domain or "") == domain for hop in its_lines)
        if ours and any(_from_elsewhere(hop, {server, domain}) for hop in hops[at:]):
            return True
    return False


def _domain_of(hop: Hop) -> str | None:
    return registered_domain(hop.from_rdns or (hop.from_helo or "").lower())


def _from_elsewhere(hop: Hop, domains: set[str | None]) -> bool:
    return hop.from_ip is not None and "private-address" not in hop.flags and _domain_of(hop) not in domains

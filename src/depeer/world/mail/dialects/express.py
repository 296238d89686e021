"""Bots that pass for Microsoft's programs: alike at first sight, each wrong in a way of its own."""

from __future__ import annotations

from depeer.world.mail import clock
from depeer.world.mail.dialects.dialect import dialect

_NEXT_PART = "----=_NextPart_000_{HEX4}_{HEX8}.{HEX8}"
_EXPRESS = (
    "Microsoft Outlook Express 6.00.2900.2180",
    "Microsoft Outlook Express 6.00.2800.1106",
    "Microsoft Outlook Express 6.00.2900.3028",
)

ALDER = dialect(
    "alder",
    header="""Message-ID: {id}
From: {from}
To: {to}
Subject: {subject}
Date: {date}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Priority: 3
X-MSMail-Priority: Normal
X-Mailer: {mailer}
X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.2180
""",
    message_id="<{hex12}${hex8}${hex8}@{helo}>",
    boundary=_NEXT_PART,
    mailers=_EXPRESS,
    labels=("iso-8859-1", "windows-1250", "iso-8859-2", "koi8-r", "us-ascii", "windows-1252"),
    zones=(-300, -240, 60, 120, 180, 480),
    html_transfer="quoted-printable",
    skew=3600,
    helo=("rdns", "netbios"),
    forging="plausible",
)
"""Nothing but its clock and the random labels gives it away."""

BIRCH = dialect(
    "birch",
    header="""From: {from}
To: {to}
Subject: {subject}
Date: {date}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Priority: 3
X-MSMail-Priority: Normal
X-Mailer: {mailer}
X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2800.{dig4}
Message-ID: {id}
""",
    message_id="<{HEX12}.{up6}@{domain}>",
    boundary="--{dig20}",
    mailers=("Microsoft Outlook Express 5.50.4522.1200", "Microsoft Outlook Express 5.00.2615.200"),
    date=clock.short_zone,
    zones=(-300, -420, 180, 240, 480),
    labels=("us-ascii", "iso-8859-1"),
    html_transfer="7bit",
    subject="raw",
    fold="\n        ",
    helo=("dotless", "recipient-domain"),
    forging="ours",
)
"""A boundary that Outlook Express never had; zones with a digit too few; our own name in its forged lines."""

CEDAR = dialect(
    "cedar",
    header="""From: {from}
To: {to}
Subject: {subject}
Date: {date}
Message-ID: {id}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Mailer: {mailer}
Thread-Index: Aca6{mix12}{mix11}==
X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.2963
""",
    message_id="<{dig6}{low1}{hex8}${hex8}$0100007f@{netbios}>",
    boundary=_NEXT_PART,
    mailers=("Microsoft Office Outlook, Build 11.0.5510", "Microsoft Office Outlook, Build 11.0.6353"),
    to="{recipient}",
    sender="{first} {last} <{address}>",
    zones=(-480, -300, 60, 120, 420),
    labels=("us-ascii", "windows-1252"),
    subject="Q",
    helo=("netbios", "rdns"),
    forging="none",
)
"""A Thread-Index that decodes to nothing, and loopback's address at the end of the Message-ID."""

HAZEL = dialect(
    "hazel",
    header="""Message-ID: {id}
Reply-To: {from}
From: {from}
To: {to}
Subject: {subject}
Date: {date}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Priority: 3
X-MSMail-Priority: Normal
X-Mailer: {mailer}
X-MimeOLE: Produced By Microsoft MimeOLE %MIMEOLE_VERSION
""",
    message_id="<{hex12}${hex8}${hex8}@{user}>",
    boundary=_NEXT_PART,
    mailers=("Microsoft Outlook Express %OUTLOOK_VERSION", *_EXPRESS),
    date=clock.wrong_zone,
    zones=(-240, -300, 330, 540),
    labels=("iso-8859-2", "windows-1250", None, "iso-8859-3"),
    html_transfer="quoted-printable",
    plain_transfer="quoted-printable",
    helo=("address", "rdns"),
    forging="plausible",
    flaw="unclosed",
)
"""Macros that were not filled in, multiparts that are not closed, Greenwich's hours under a local zone."""

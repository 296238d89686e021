"""Bots that pass for other people's programs."""

from __future__ import annotations

from depeer.world.mail import clock
from depeer.world.mail.dialects.dialect import dialect

ELM = dialect(
    "elm",
    header="""Date: {date}
From: {from}
X-Mailer: {mailer}
Reply-To: {from}
X-Priority: 3 (Normal)
Message-ID: {id}
To: {to}
Subject: {subject}
MIME-Version: 1.0
Content-Type: {type}
{transfer}""",
    message_id="<{dig10}.{stamp}@{domain}>",
    boundary="----------{HEX16}",
    mailers=("The Bat! (v2.00.2) Personal", "The Bat! (v3.0.1.33) Professional", "The Bat! (v2.12.00)"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    labels=("iso-8859-1", "windows-1251", "us-ascii"),
    fold="\n  ",
    date=clock.short_day,
    zones=(120, 180, 240),
    helo=("domain", "rdns"),
    forging="plausible",
)
"""A stamp in Message-ID that is the Date's own."""

LARCH = dialect(
    "larch",
    header="""Message-ID: {id}
Date: {date}
From: {from}
User-Agent: {mailer}
MIME-Version: 1.0
To: {to}
Subject: {subject}
Content-Type: {type}
{transfer}""",
    message_id="<{HEX8}.{dig7}@{domain}>",
    boundary="------------{dig24}",
    mailers=("Thunderbird 1.5.0.12 (Windows/20070509)", "Thunderbird 1.5.0.9 (Windows/20061207)"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    labels=("ISO-8859-1", "UTF-8", "windows-1252"),
    fold=" ",
    quote="",
    subject="Q",
    zones=(-240, 60, 120, 330),
    helo=("address-literal", "rdns"),
)
"""A good copy: the parameters' quotes are missing where Thunderbird has them."""

MAPLE = dialect(
    "maple",
    header="""X-Mailer: {mailer}
Date: {date}
To: {to}
From: {from}
Subject: {subject}
Mime-Version: 1.0
Content-Type: {type}
{transfer}Message-Id: {id}
""",
    message_id="<{dig1}.{dig1}.{dig2}.{dig14}.{hex8}@{domain}>",
    boundary="====================_{dig8}==.ALT",
    mailers=("QUALCOMM Windows Eudora Version 7.1.0.9", "QUALCOMM Windows Eudora Version 5.1"),
    date=clock.no_zone,
    labels=("us-ascii", "iso-8859-1"),
    fold=" ",
    zones=(-420, -300),
    skew=7200,
    subject="raw",
    helo=("rdns", "dotless"),
    forging="stale",
)
"""Dates without a zone, and forged lines that are days older than the mail."""

YEW = dialect(
    "yew",
    header="""Mime-Version: 1.0 (Apple Message framework v752.2)
To: {to}
Message-Id: {id}
Content-Type: {type}
{transfer}From: {from}
Subject: {subject}
Date: {date}
X-Mailer: {mailer}
""",
    message_id="<{HEX8}-{HEX4}-{HEX4}-{HEX4}-{HEX12}@{domain}>",
    boundary="Apple-Mail-{dig1}-{dig9}",
    mailers=("Apple Mail (2.752.2)", "Apple Mail (2.752.3)"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    plain_transfer="quoted-printable",
    html_transfer="quoted-printable",
    labels=("ISO-8859-1", "US-ASCII"),
    fold="\n\t",
    quote="",
    subject="Q",
    date=clock.short_day,
    zones=(-240, 0, 60),
    helo=("address-literal",),
)
"""Boundaries without the quotes that Apple's have."""

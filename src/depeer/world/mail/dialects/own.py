"""Bots that pass for nobody: spam software with a hand of its own."""

from __future__ import annotations

from depeer.world.mail import clock
from depeer.world.mail.dialects.dialect import dialect

FIR = dialect(
    "fir",
    header="""from: {from}
to: {to}
subject: {subject}
date: {date}
{transfer}""",
    message_id="",
    boundary="{low12}",
    sender="{address}",
    to="{recipient}",
    labels=(None,),
    fold=" ",
    quote="",
    subject="raw",
    date=clock.no_weekday,
    zones=(0, 480),
    flaw="undeclared",
    helo=("random", "recipient-domain"),
)
"""The least that arrives: small letters, no Message-ID, no MIME; HTML that nothing announces."""

OAK = dialect(
    "oak",
    header="""MESSAGE-ID: {id}
DATE: {date}
FROM: {from}
TO: {to}
TO: {to}
SUBJECT: {subject}
MIME-VERSION: 1.0
CONTENT-TYPE: {type}
{transfer}X-PRIORITY: 1
""",
    message_id="<{dig13}.{dig5}.qmail@{helo}>",
    boundary="--={up10}{dig6}",
    to='"{user}" <{recipient}>',
    labels=("iso-8859-1", "x-user-defined", "us-ascii"),
    fold=" ",
    date=clock.named_zone,
    subject="raw",
    plain_transfer="8bit",
    html_transfer="8bit",
    flaw="bare-cr",
    helo=("localhost", "random"),
    forging="impossible",
)
"""Capitals, a recipient named twice, line ends that are lone carriage returns."""

PINE = dialect(
    "pine",
    header="""Received: (from {user}@localhost) by {helo} (8.9.3/8.9.3) id {up3}{dig5}; {date}
Date: {date}
From: {from}
Subject: {subject}
To: {to}
Message-Id: {id}
Reply-To: {address}
X-Mailer: {mailer}
MIME-Version: 1.0
Content-Type: {type}
{transfer}""",
    message_id="<{dig14}.{hex4}{dig4}@{helo}>",
    boundary="----=_{mix20}",
    mailers=("FINE Mailer 1.0", "FINE Mailer 1.2"),
    labels=("koi8-r", "windows-1251", "gb2312", "utf-8"),
    plain_transfer="base64",
    html_transfer="base64",
    subject="B-always",
    date=clock.short_year,
    zones=(180, 480),
    fold="\n ",
    helo=("localhost", "rdns"),
    forging="none",
)
"""All in base64, years of two digits, a line of Received that it writes for itself."""

ROWAN = dialect(
    "rowan",
    header="""Date: {date}
To: {to}
From: {from}
Reply-to: {from}
Subject: {subject}
Message-ID: {id}
X-Priority: 3
X-Mailer: {mailer}
MIME-Version: 1.0
{transfer}Content-Type: {type}
""",
    message_id="<{hex32}@{domain}>",
    boundary="b1_{hex32}",
    mailers=("PHPMailer [version 1.73]", "PHPMailer [version 1.72]"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    labels=("iso-8859-1", "utf-8"),
    plain_transfer="8bit",
    html_transfer="8bit",
    fold="\n\t",
    date=clock.short_day,
    zones=(-300, 60, 180),
    helo=("domain", "rdns"),
    forging="none",
)
"""A script on somebody's web server; all that it says of itself is true."""

SORREL = dialect(
    "sorrel",
    header="""Return-Path: <{address}>
Message-ID: {id}
Date: {date}
Reply-To: "{first}" <{address}>
From: {from}
User-Agent: {mailer}
X-Accept-Language: en-us
MIME-Version: 1.0
To: {to}
Subject: {subject}
Content-Type: {type}
{transfer}X-Sender-IP: {dig2}.{dig2}.1{dig2}.{dig2}
Importance: Normal
X-Campaign: {hex10}
""",
    message_id="<{dig10}.{dig12}@{domain}>",
    boundary="=_{hex28}",
    mailers=("MIME-tools 5.503 (Entity 5.501)", "AOL 7.0 for Windows US sub 118", "eGroups Message Poster"),
    labels=("us-ascii", None, "iso-8859-5", "windows-1257"),
    plain_transfer="quoted-printable",
    html_transfer="base64",
    date=clock.local_words,
    subject="Q",
    skew=5 * 86_400,
    newline="\r\n",
    helo=("random", "recipient-domain", "address"),
    forging="ours",
)
"""Everybody's fields at once, dates as its own country writes them, a clock that is days wrong, line ends as
on the wire."""

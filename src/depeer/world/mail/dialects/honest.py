"""Programs of people and offices, for ham and for what answers spam."""

from __future__ import annotations

from depeer.world.mail import clock
from depeer.world.mail.dialects.dialect import dialect

THUNDERBIRD = dialect(
    "thunderbird",
    header="""Message-ID: {id}
Date: {date}
From: {from}
User-Agent: {mailer}
MIME-Version: 1.0
To: {to}
{answering}Subject: {subject}
X-Enigmail-Version: 0.94.1.0
Content-Type: {type}
{transfer}""",
    message_id="<{HEX8}.{dig7}@{domain}>",
    boundary="------------{dig24}",
    mailers=(
        "Thunderbird 1.5.0.12 (X11/20070530)",
        "Mozilla/5.0 (X11; U; Linux i686; en-US; rv:1.0.0) Gecko/20020529",
    ),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    fold="\n ",
    zones=(-240, -420, 60, 120),
    subject="Q",
    plain_transfer="7bit",
)

MUTT = dialect(
    "mutt",
    header="""Date: {date}
From: {from}
To: {to}
Subject: {subject}
Message-ID: {id}
{answering}MIME-Version: 1.0
Content-Type: {type}
Content-Disposition: inline
{transfer}User-Agent: {mailer}
""",
    message_id="<{stamp}.{up2}{dig5}@{helo}>",
    boundary="{mix16}",
    mailers=("Mutt/1.4i", "Mutt/1.2.5.1i", "Mutt/1.5.13 (2006-08-11)"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    fold=" ",
    quote="",
    zones=(-420, 0, 60, 600),
    subject="Q",
)

OUTLOOK = dialect(
    "outlook",
    header="""From: {from}
To: {to}
{answering}Subject: {subject}
Date: {date}
Message-ID: {id}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Priority: 3 (Normal)
X-MSMail-Priority: Normal
X-Mailer: {mailer}
Importance: Normal
X-MimeOLE: Produced By Microsoft MimeOLE V5.50.4910.0300
""",
    message_id="<{up8}{mix12}.{address}>",
    boundary="----=_NextPart_000_{HEX4}_{HEX8}.{HEX8}",
    mailers=("Microsoft Outlook IMO, Build 9.0.2416 (9.0.2910.0)", "Microsoft Outlook, Build 10.0.2627"),
    zones=(-300, -420, 60),
    subject="Q",
)

APPLE_MAIL = dialect(
    "apple-mail",
    header="""Date: {date}
Subject: {subject}
Content-Type: {type}
Mime-Version: 1.0 (Apple Message framework v482)
{answering}From: {from}
To: {to}
{transfer}Message-Id: {id}
X-Mailer: {mailer}
""",
    message_id="<{HEX8}-{HEX4}-11D6-{HEX4}-{HEX12}@{domain}>",
    boundary="Apple-Mail-{dig1}-{dig9}",
    mailers=("Apple Mail (2.482)", "Apple Mail (2.543)"),
    sender="{first} {last} <{address}>",
    to="{recipient}",
    date=clock.short_day,
    fold=" ",
    quote="",
    zones=(-420, -240, 120),
    subject="Q",
)

WEBMAIL = dialect(
    "webmail",
    header="""Message-ID: {id}
{answering}Date: {date}
Subject: {subject}
From: {from}
To: {to}
User-Agent: {mailer}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Priority: 3 (Normal)
Importance: Normal
""",
    message_id="<{dig5}.{dig2}.{dig3}.{dig2}.{dig3}.{dig10}.squirrel@{domain}>",
    boundary="----=_{stamp}_{dig5}",
    mailers=("SquirrelMail/1.4.9a", "SquirrelMail/1.4.3a"),
    to="{recipient}",
    date=clock.with_name,
    fold="",
    quote="",
    zones=(-240, 0, 120),
    plain_transfer="8bit",
    html_transfer="8bit",
    subject="Q",
)

JAVA_SHOP = dialect(
    "java-shop",
    header="""Date: {date}
From: {from}
To: {to}
Message-ID: {id}
Subject: {subject}
MIME-Version: 1.0
Content-Type: {type}
{transfer}X-Order: {dig8}
""",
    message_id="<{dig8}.{dig13}.JavaMail.{low6}@{helo}>",
    boundary="----=_Part_{dig5}_{dig8}.{dig13}",
    sender='"{company}" <orders@{domain}>',
    to="{recipient}",
    date=clock.with_name,
    fold=" ",
    quote="",
    zones=(-420, 0),
    plain_transfer="7bit",
    html_transfer="quoted-printable",
    subject="Q",
)

CRON = dialect(
    "cron",
    header="""Message-Id: {id}
From: root@{helo} (Cron Daemon)
To: {to}
Subject: {subject}
X-Cron-Env: <SHELL=/bin/sh>
X-Cron-Env: <HOME=/root>
X-Cron-Env: <LOGNAME=root>
Date: {date}
""",
    message_id="<{stamp}.{HEX10}@{helo}>",
    boundary="",
    to="{recipient}",
    date=clock.with_name,
    zones=(-240, 0, 120),
    subject="Q",
)

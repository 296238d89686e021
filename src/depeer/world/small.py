"""Two weeks of invented spam, small enough for a first minute: mail, a routing table, names, feeds.

AS numbers are those reserved for documentation (RFC 5398) and ones that IANA keeps unassigned; the address
blocks are lent to them for the story only, and every name says that it is simulated.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv4Network

START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 14
LAST = START + timedelta(DAYS - 1)
MX_DOMAIN = "trap.example"


@dataclass(frozen=True, slots=True)
class Network:
    """An invented network: what it announces, how many of its machines send, and how much."""

    asn: int
    name: str
    prefix: IPv4Network
    bots: int = 0
    daily: float = 0.0


NETWORKS = (
    Network(64496, "BIGCABLE simulated eyeball network", IPv4Network("60.0.0.0/12"), 220, 60),
    Network(64497, "FARDSL simulated eyeball network", IPv4Network("61.64.0.0/14"), 160, 45),
    Network(64498, "QUIETUNI simulated campus", IPv4Network("62.10.0.0/16"), 2, 1),
    Network(64499, "ROGUEHOST simulated hosting", IPv4Network("63.20.8.0/21"), 25, 12),
    Network(64500, "CLEANHOST simulated hosting", IPv4Network("64.40.0.0/15"), 4, 2),
    Network(64501, "TINYSHOP simulated single prefix", IPv4Network("66.1.2.0/24"), 1, 0.2),
    Network(64502, "HIDDENHOST simulated hosting, no mail of its own", IPv4Network("67.8.16.0/22")),
)
BACKGROUND = tuple(
    Network(65536 + i % 16, "BACKGROUND simulated", IPv4Network((0x44000000 + i * 4096, 20)))
    for i in range(400)
)
_SHOPS = tuple(f"pills-{word}.example" for word in ("river", "stone", "cloud", "amber", "north", "velvet"))
_SUBJECTS = (
    "Cheap m3ds for {n}",
    "Re: your order {n}",
    "RX discount {n}% today",
    "Hello {n}",
    "Watches -{n}%",
)


def mails(seed: int = 1) -> Iterator[bytes]:
    """Messages in order of arrival, as an mboxrd file: concatenate and write."""
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    bots = {n.asn: _addresses(rng, n.prefix, n.bots) for n in NETWORKS}
    for day in range(DAYS):
        weekly = 1.2 if (START + timedelta(day)).weekday() < 5 else 0.8
        for network in NETWORKS:
            for _ in range(_poisson(rng, network.daily * weekly)):
                yield _mail(rng, day, rng.choice(bots[network.asn]))


def _mail(rng: random.Random, day: int, address: IPv4Address) -> bytes:
    moment = START + timedelta(day, rng.uniform(0, 86_399))
    number, shop = rng.randint(10, 99_999), rng.choice(_SHOPS)
    sender = f"offer{number}@{rng.choice(_SHOPS)}"
    helo = rng.choice(
        (f"host-{address}".replace(".", "-") + ".example", "localhost", "[" + str(address) + "]")
    )
    when = format_datetime(moment)
    bounce = rng.random() < 0.03
    head = [
        f"Return-Path: <{'' if bounce else sender}>",
        f"Received: from mx1.{MX_DOMAIN} (mx1.{MX_DOMAIN} [203.0.113.25])",
        f"\tby store.{MX_DOMAIN} (Postfix) with ESMTP id S{number}; {when}",
        f"Received: from {helo} (unknown [{address}])",
        f"\tby mx1.{MX_DOMAIN} (Postfix) with SMTP id M{number}",
        f"\tfor <spamtrap@{MX_DOMAIN}>; {when}",
        "X-Depeer-Simulated: yes",
        f"Date: {format_datetime(moment - timedelta(minutes=rng.randint(0, 90)))}",
        f"Message-ID: <{number}.{day}@{shop}>",
        f"To: spamtrap@{MX_DOMAIN}",
    ]
    body = _bounce(number) if bounce else _offer(rng, sender, number, shop)
    text = "\n".join(head) + "\n" + body
    quoted = "\n".join(
        ">" + line if line.lstrip(">").startswith("From ") else line for line in text.split("\n")
    )
    return f"From {sender} {moment:%a %b %e %H:%M:%S %Y}\n{quoted}\n\n".encode()


def _offer(rng: random.Random, sender: str, number: int, shop: str) -> str:
    url = f"http://{shop}/buy?id={number}"
    html = f'<html><body><p>Best prices, <a href="{url}">click here</a></p></body></html>\n'
    subject = rng.choice(_SUBJECTS).format(n=number)
    head = f"From: Simulated Offers <{sender}>\nSubject: {subject}\nMIME-Version: 1.0\n"
    if rng.random() < 0.5:
        encoded = base64.encodebytes(html.encode()).decode()
        return f"{head}Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{encoded}"
    return f"{head}Content-Type: text/plain; charset=us-ascii\n\nBest prices at {url} (simulated)\n"


def _bounce(number: int) -> str:
    return (
        f"From: MAILER-DAEMON@{MX_DOMAIN}\nSubject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; "
        f'boundary="b{number}"\n'
        f"\n--b{number}\nContent-Type: text/plain\n\nSimulated: no such user.\n\n--b{number}\n"
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; nobody@mx.example\nAction: failed\nStatus: 5.1.1\n\n--b{number}--\n"
    )


def routing_table() -> bytes:
    """The networks as a pyasn table of the first day."""
    head = f"; IP-ASN32-DAT file\n; simulated\n; Original file : simulated.{START:%Y%m%d}.0000\n"
    return (head + "".join(f"{n.prefix}\t{n.asn}\n" for n in NETWORKS + BACKGROUND)).encode()


def names() -> bytes:
    rows = {n.asn: n.name for n in NETWORKS + BACKGROUND}
    return ('"asn","name","source"\n' + "".join(f'{a},"{n}","simulated"\n' for a, n in rows.items())).encode()


def controllers(seed: int = 1) -> bytes:
    """Ten controllers in the hidden network and two elsewhere, as Feodo Tracker's CSV."""
    rng = random.Random(seed)  # noqa: S311
    hosts = [(64502, a) for a in _addresses(rng, NETWORKS[6].prefix, 10)]
    hosts += [(64500, a) for a in _addresses(rng, NETWORKS[4].prefix, 2)]
    lines = [
        f"# simulated\n# Last updated: {LAST:%Y-%m-%d %H:%M:%S} UTC",
        '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
    ]
    for _, address in hosts:
        first = START + timedelta(rng.uniform(0, 5))
        lines.append(f'"{first:%Y-%m-%d %H:%M:%S}","{address}","443","online","{LAST:%Y-%m-%d}","SimBot"')
    return ("\n".join(lines) + "\n").encode()


def passive_dns(seed: int = 1) -> bytes:
    """Where four of the six shops lived, in the Common Output Format; the other two stay unknown."""
    rng = random.Random(seed)  # noqa: S311
    rows = []
    for shop in _SHOPS[:4]:
        for address in _addresses(rng, NETWORKS[3].prefix, 3):
            first, last = START.timestamp(), (START + timedelta(DAYS)).timestamp()
            rows.append(
                {
                    "rrname": shop,
                    "rrtype": "A",
                    "rdata": str(address),
                    "time_first": int(first),
                    "time_last": int(last),
                }
            )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _addresses(rng: random.Random, prefix: IPv4Network, count: int) -> list[IPv4Address]:
    return [prefix[i] for i in sorted(rng.sample(range(1, prefix.num_addresses - 1), count))] or [prefix[1]]


def _poisson(rng: random.Random, mean: float) -> int:
    """Number of arrivals in unit time (Knuth's product method; means here are below 100)."""
    limit, count, product = 2.718281828459045**-mean, 0, rng.random()
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count

"""The kernel that writes a day's letters at one sensor as an mbox, with a line of truth for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address
from random import Random

import numpy as np

from depeer.world import sensors
from depeer.world.letters import Batch, Letter
from depeer.world.mail import helo, write_mbox, write_message
from depeer.world.mail.dice import dice_of
from depeer.world.nouns import Envelope, stream

COLUMNS = (
    "serial", "sensor", "day", "sha256", "nature", "category", "sender", "asn", "botnet", "machine", "campaign",
    "programme", "operator", "controller",
)  # fmt: skip
"""Of the truth about messages; ``sha256`` is the first half of that of the message's bytes, in hex."""
HASH_DIGITS = 32
UNNAMED = 0.35
"""Share of machines in homes for which no reverse name is looked up."""


@dataclass(frozen=True, slots=True)
class Written:
    """What the kernel made of a batch: an mbox, and a line of truth (CSV, COLUMNS) for each message."""

    sensor: str
    day: datetime
    label: str
    mbox: bytes
    truth: bytes
    messages: int
    duplicates: int


def write_batch(batch: Batch) -> Written:
    """The mbox of a batch, duplicates included, and the truth about each message."""
    random = stream(batch.seed, "envelopes", batch.sensor.name, batch.label, batch.day.date())
    parts: list[tuple[Envelope, bytes]] = []
    lines: list[str] = []
    for letter in batch.letters:
        envelope = _envelope(batch, letter, random)
        data = write_message(envelope, batch.seed)
        parts += [(envelope, data)] * (2 if random.random() < batch.sensor.duplicates else 1)
        lines.append(_truth(batch, letter, data))
    return Written(
        batch.sensor.name,
        batch.day,
        batch.label,
        b"".join(write_mbox(parts)),
        "".join(lines).encode(),
        len(lines),
        len(parts) - len(lines),
    )


def _envelope(batch: Batch, letter: Letter, random: np.random.Generator) -> Envelope:
    address = IPv4Address(letter.sender)
    received = batch.day + timedelta(seconds=int(letter.seconds))
    spam = letter.nature == "spam"
    recipient = batch.recipients[int(random.integers(len(batch.recipients)))]
    dice = dice_of("envelope", batch.seed, letter.serial)
    rdns = _reverse(letter, address, dice)
    forged = int(random.integers(1, 4)) if spam and random.random() < batch.sensor.forged else 0
    return Envelope(
        serial=letter.serial,
        nature=letter.nature,
        sent=received - timedelta(seconds=int(random.integers(1, 5400 if spam else 90))),
        received=received,
        sender=address,
        helo=helo(letter.dialect, dice, address, rdns, recipient) if spam else rdns or letter.domain,
        rdns=rdns,
        recipient=recipient,
        category=letter.category,
        dialect=letter.dialect,
        campaign=letter.campaign,
        chain=_chain(batch),
        forged=forged,
        links=tuple(f"http://{shop}/{dice.getrandbits(24):06x}" for shop in letter.shops),
    )


def _reverse(letter: Letter, address: IPv4Address, dice: Random) -> str | None:
    if letter.nature != "spam":
        return f"mail{int(address) % 7 + 1}.{letter.domain}"
    if not letter.homes or dice.random() < UNNAMED:
        return None
    return f"{str(address).replace('.', '-')}.dyn.{letter.domain}"


def _chain(batch: Batch) -> tuple[tuple[str, IPv4Address], ...]:
    """The sensor's own machines, the outermost first, in a block reserved for documentation (RFC 5737)."""
    return tuple(
        (f"{name}.{sensors.domain_of(batch.sensor)}", address)
        for name, address in zip(_MACHINES, own_addresses(batch.place, batch.sensor.relays + 1), strict=False)
    )


_MACHINES = ("mx1", "relay", "filter", "store")


def own_addresses(place: int, count: int) -> tuple[IPv4Address, ...]:
    """Of the machines of the sensor with that number."""
    return tuple(IPv4Address("203.0.113.0") + (place * len(_MACHINES) + i) % 250 + 1 for i in range(count))


def _truth(batch: Batch, letter: Letter, data: bytes) -> str:
    cells = (
        letter.serial, batch.sensor.name, batch.day.date(), sha256(data).hexdigest()[:HASH_DIGITS], letter.nature,
        letter.category, IPv4Address(letter.sender), letter.asn, letter.botnet,
        letter.machine if letter.machine >= 0 else "", letter.campaign, letter.programme, letter.operator,
        IPv4Address(letter.controller) if letter.controller else "",
    )  # fmt: skip
    return ",".join(map(str, cells)) + "\n"

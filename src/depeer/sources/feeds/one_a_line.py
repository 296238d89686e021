"""What all plain lists share: one address, prefix, range, name or URL a line, in one role, on one day."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import BinaryIO

from depeer.errors import SkipRecord
from depeer.sources.feeds import days, lines, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece


def split(
    stream: BinaryIO, told: Told, role: str | None = None, family: str | None = None
) -> Iterator[Piece]:
    """``role`` is what the list claims; one in the mapping goes before it."""
    comments, rest = lines.opening(lines.lines(stream))
    context = days.snapshot(told, comments) | {"role": told.role or role, "family": family}
    return lines.pieces(rest, read, {key: value for key, value in context.items() if value is not None})


def read(data: bytes, context: Context) -> list[Fact]:
    span = values.span(None, None, context)
    role, family = context.get("role"), context.get("family")
    return [target.listing(span, role, family) for target in _targets(entry_text(data))]


def entry_text(data: bytes) -> str:
    """The entry without a remark after it. Raises SkipRecord for a line of more than 4,096 bytes."""
    if len(data) > values.LONGEST:
        raise SkipRecord(f"the line is longer than {values.LONGEST} bytes.")
    text = data.decode("utf-8", "replace").strip()
    for sign in (" #", "\t#", " ;", "\t;"):
        text = text.partition(sign)[0]
    return text.strip()


def _targets(text: str) -> list[targets.Target]:
    first, dash, last = text.partition("-")
    if dash and targets.packed(first.strip()):
        return _range(first.strip(), last.strip())
    return [targets.entry(text)]


def _range(first: str, last: str) -> list[targets.Target]:
    """A range as the fewest prefixes: at most 62 for IPv4, 254 for IPv6."""
    try:
        ends = ipaddress.ip_address(first[:64]), ipaddress.ip_address(last[:64])
        nets = list(ipaddress.summarize_address_range(*ends))
    except (ValueError, TypeError) as why:
        raise SkipRecord(f"{first[:60]}-{last[:60]} is no range of addresses.") from why
    return [targets.prefix(str(net)) for net in nets]


def all_are(head: bytes, *subjects: str) -> bool:
    """Whether every line of a file that begins like this is of one of these subjects."""
    data = lines.preview(head).data
    return bool(data) and all(_subject(line) in subjects for line in data)


def _subject(line: bytes) -> str | None:
    try:
        text = entry_text(line)
        if "://" not in text and any(sign in text for sign in " \t,|"):
            return None
        return _targets(text)[0].subject
    except SkipRecord:
        return None

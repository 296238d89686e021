"""blocklist.de's lists: one address a line, seen attacking a service within the last 48 hours.

Only the list ``mail`` speaks of machines that hand over mail; ssh, apache, bots and the rest are listed in
no role. The list's name is known from the file's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from depeer.model import Role
from depeer.sources.feeds import one_a_line
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "blocklist-de"
title = "blocklist.de"
_LISTS = {
    "all", "ssh", "mail", "apache", "imap", "courierimap", "courierpop3", "email", "ftp", "sip", "bots",
    "strongips", "ircbot", "bruteforcelogin",
}  # fmt: skip
_STEM = re.compile(r"[a-z0-9]+")


def sniff(head: bytes, name: str) -> bool:
    named = "blocklistde" in re.sub(r"[^a-z]", "", name[:255].lower())
    return (named or _list(name, plain=True) is not None) and one_a_line.all_are(head, "address")


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    found = _list(told.name)
    return one_a_line.split(stream, told, Role.SENDER.value if found == "mail" else None, found)


def read(data: bytes, context: Context) -> list[Fact]:
    return one_a_line.read(data, context)


def _list(name: str, *, plain: bool = False) -> str | None:
    """Which of the lists a file is by its name; with ``plain`` only where the name says nothing else."""
    found = _STEM.findall(name[:255].lower())
    if plain and [word for word in found if not word.isdigit()][1:] not in ([], ["txt"], ["lst"]):
        return None
    return next((word for word in found if word in _LISTS), None)

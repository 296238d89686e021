"""Spamhaus DROP, EDROP and ASN-DROP as text: ``CIDR ; SBL123`` or ``AS123 ; CC | name``, snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from depeer.sources.feeds import days, lines, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "spamhaus-text"
title = "Spamhaus DROP, EDROP and ASN-DROP (text)"
_PREFIX = re.compile(rb"[0-9A-Fa-f.:]{2,45}/\d{1,3}[ \t]*;[ \t]*SBL\d+[ \t]*", re.ASCII)
_NETWORK = re.compile(rb"AS\d{1,10}[ \t]*;.{0,500}", re.ASCII)


def sniff(head: bytes, _name: str) -> bool:
    data = lines.preview(head).data
    return bool(data) and any(all(map(form.fullmatch, data)) for form in (_PREFIX, _NETWORK))


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    comments, rest = lines.opening(lines.lines(stream))
    extended = "edrop" in " ".join([told.name, *comments[:3]]).lower()
    context = days.snapshot(told, comments) | {"list": "edrop" if extended else "drop"}
    return lines.pieces(rest, read, context)


def read(data: bytes, context: Context) -> list[Fact]:
    entry = data.decode("utf-8", "replace").partition(";")[0].strip()
    span = values.span(None, None, context)
    if entry[:2].upper() == "AS":
        return [targets.network(entry).listing(span, family="asn-drop")]
    return [targets.prefix(entry).listing(span, family=context["list"])]

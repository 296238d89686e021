"""StopForumSpam's downloads (stopforumspam.com): addresses, prefixes and domains of comment spammers.

They are listed in no role: what was seen is spam posted to forums, mostly through proxies, and counting it
as *sender* would mix it with machines that hand over mail. A mapping with ``role = "sender"`` does so on
purpose. Rows ``"ip","count","lastseen"`` carry their own day; plain lists are snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from depeer.sources.feeds import days, lines, one_a_line, rows, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "stopforumspam"
title = "StopForumSpam"
_NAMES = re.compile(r"listed_ip|toxic_(?:ip|domains_whole)|stop_?forum_?spam", re.IGNORECASE)


def sniff(head: bytes, name: str) -> bool:
    if not _NAMES.search(name[:255]):
        return False
    data = lines.preview(head).data
    return one_a_line.all_are(head, "address", "prefix", "domain") or _all_rows(data)


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    comments, rest = lines.opening(lines.lines(stream))
    first = next(rest, None)
    context: Context = {"family": "comment spam"}
    if first is None or b"," not in first.data:
        context |= days.snapshot(told, comments)
    if told.role:
        context["role"] = told.role
    return lines.pieces(lines.before(first, rest), read, context)


def read(data: bytes, context: Context) -> list[Fact]:
    if b"," not in data:
        return one_a_line.read(data, context)
    row = rows.cells(data)
    seen = values.moment(row[2]) if len(row) > 2 else None
    target = targets.entry(targets.wanted(row[0], "ip"))
    return [target.listing(values.span(None, seen, context), context.get("role"), context["family"])]


def _all_rows(data: list[bytes]) -> bool:
    form = re.compile(rb'"?[0-9A-Fa-f.:]{2,45}"?,"?\d{1,9}"?,"?\d{4}-\d\d-\d\d[^,]{0,20}', re.ASCII)
    return bool(data) and all(form.fullmatch(line) for line in data)

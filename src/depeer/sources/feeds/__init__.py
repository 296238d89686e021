"""Feeds of others: what is listed where, and what names answered. Bytes come in, facts go out.

Every format is one module with ``format``, ``title``, ``sniff``, ``split`` and ``read`` (see ``feed.Feed``),
found here in the order in which they are asked whether a file is theirs: the most exact first.
"""

from __future__ import annotations

from depeer.errors import BadUsage
from depeer.sources.feeds import (
    address_list,
    blocklist_de,
    cof,
    csv_table,
    feodo_csv,
    feodo_json,
    feodo_text,
    intelmq,
    spamhaus_json,
    spamhaus_text,
    stopforumspam,
    threatfox_csv,
    threatfox_json,
    urlhaus_csv,
    urlhaus_json,
    urlhaus_text,
)
from depeer.sources.feeds.facts import Fact, Listing, Resolution
from depeer.sources.feeds.feed import Context, Feed, Told

__all__ = ["FEEDS", "Context", "Fact", "Feed", "Listing", "Resolution", "Told", "by_format", "detect"]

FEEDS: tuple[Feed, ...] = (
    cof,
    intelmq,
    spamhaus_json, spamhaus_text,
    feodo_csv, feodo_json, feodo_text,
    threatfox_csv, threatfox_json,
    urlhaus_csv, urlhaus_json, urlhaus_text,
    stopforumspam,
    blocklist_de,
    csv_table,
    address_list,
)  # fmt: skip
_BY_FORMAT = {feed.format: feed for feed in FEEDS}


def detect(head: bytes, name: str) -> Feed | None:
    """Which feed a file is that begins with ``head`` (first 64 KiB, decompressed) and has this base name."""
    return next((feed for feed in FEEDS if feed.sniff(head, name)), None)


def by_format(format: str) -> Feed:
    """The feed of a format's name. Raises BadUsage for one that there is not."""
    if format not in _BY_FORMAT:
        raise BadUsage(f"feed format {format!r} is none of {', '.join(_BY_FORMAT)}.")
    return _BY_FORMAT[format]

"""Links of a decoded text part. Never raises; time and memory are linear in the part.

What is a link is told in `links_text` (running text), `links_html` (markup) and `links_url` (one URL).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from depeer.sources.links_charset import ascii_compatible
from depeer.sources.links_html import html_links
from depeer.sources.links_marks import without_marks
from depeer.sources.links_text import text_links
from depeer.sources.links_url import Link
from depeer.sources.names import suffix_list_version

__all__ = ["MOST_LINKS", "SUFFIX_LIST", "Link", "links_in_html", "links_in_text"]

MOST_LINKS = 10_000
"""Links read from one part; a body of nothing but links must not become a table of its own."""


SUFFIX_LIST = suffix_list_version()
"""Version of the public-suffix list that ``domain`` is by."""


def links_in_text(data: bytes, charset: str | None = None) -> list[Link]:
    """Links of a plain text, in order, distinct by URL. ``data`` is after the transfer encoding."""
    data, charset = ascii_compatible(data, charset)
    return _distinct(link for _, link in text_links(without_marks(data), charset))


def links_in_html(data: bytes, charset: str | None = None) -> list[Link]:
    """Links of an HTML text: attributes, style sheets, then visible text; distinct by URL."""
    data, charset = ascii_compatible(data, charset)
    return _distinct(html_links(without_marks(data), charset))


def _distinct(found: Iterator[Link]) -> list[Link]:
    """The first of each URL."""
    links: dict[str, Link] = {}
    for link in islice(found, MOST_LINKS):
        links.setdefault(link.url, link)
    return list(links.values())

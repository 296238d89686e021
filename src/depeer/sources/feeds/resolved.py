"""Records that carry a name or URL and its address together: a listing, and what the name answered."""

from __future__ import annotations

from depeer.model import IPV4_MAPPED
from depeer.sources.feeds.facts import Fact, Listing, Resolution
from depeer.sources.feeds.targets import packed
from depeer.sources.feeds.values import words


def with_address(listing: Listing, address: object, name: str | None) -> list[Fact]:
    """The listing, and a resolution where ``address`` is one, ``name`` a name and the listing is dated.

    An address that cannot be read is left out: it is no more than an addition to the record.
    """
    if name is None or listing.first is None or listing.last is None:
        return [listing]
    found = packed(words(address) or "")
    if found is None:
        return [listing]
    rrtype = "A" if found[0].startswith(IPV4_MAPPED) else "AAAA"
    return [listing, Resolution(name, rrtype, found[0], None, listing.first, listing.last)]

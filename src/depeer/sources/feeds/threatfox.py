"""What ThreatFox's CSV and JSON have in common (threatfox.abuse.ch): kinds of indicators and of threats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from depeer.errors import SkipRecord
from depeer.model import Role
from depeer.sources.feeds import targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context

_KINDS: dict[str, Callable[[str], targets.Target]] = {
    "ip:port": targets.address_and_port,
    "ip": targets.address_and_port,
    "domain": targets.domain,
    "url": targets.url,
}
_ROLES = {"botnet_cc": Role.CONTROLLER.value, "payload_delivery": Role.LINK.value}


def facts(row: Mapping[str, Any], context: Context) -> list[Fact]:
    """A listing; nothing for hashes and mail addresses, which are no places."""
    kind = values.words(row.get("ioc_type"))
    if kind is None:
        raise SkipRecord("ioc_type is missing.")
    if kind not in _KINDS:
        return []
    target = _KINDS[kind](targets.wanted(row.get("ioc"), "ioc_value"))
    span = values.span(values.moment(row.get("first")), values.moment(row.get("last")), context)
    return [target.listing(span, _ROLES.get(str(row.get("threat_type"))), values.words(row.get("family")))]

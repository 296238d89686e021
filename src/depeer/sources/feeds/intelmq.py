"""Events as IntelMQ writes them: JSON lines, dotted or nested keys (IntelMQ Data Harmonization).

Roles by ``classification.type``. ``infected-system`` is a listing in no role: it says that a machine is
infected, not that it handed over mail. ``source.*`` is the abuser; ``source.reverse_dns`` is no resolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from depeer.errors import SkipRecord
from depeer.model import Role
from depeer.sources.feeds import lines, resolved, targets, values
from depeer.sources.feeds.documents import first_line, record
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.feeds.roles import fitting
from depeer.sources.piece import Piece

format = "intelmq"
title = "IntelMQ events (JSON lines)"
_ROLES = {
    "c2-server": Role.CONTROLLER,
    "c2server": Role.CONTROLLER,
    "c&c": Role.CONTROLLER,
    "spam": Role.SENDER,
    "phishing": Role.LINK,
    "malware-distribution": Role.LINK,
}
_SUBJECTS = {
    "source.url": targets.url,
    "source.ip": targets.address,
    "source.fqdn": targets.domain,
    "source.network": targets.prefix,
    "source.asn": targets.network,
}


def sniff(head: bytes, _name: str) -> bool:
    found = first_line(head)
    said = _value(found, "classification.type") or _value(found, "feed.name")
    return isinstance(said, str) and any(_value(found, key) for key in _SUBJECTS)


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    return lines.pieces(lines.lines(stream), read, {})


def read(data: bytes, context: Context) -> list[Fact]:
    found = record(data)
    target = _target(found)
    seen = values.moment(_value(found, "time.source") or _value(found, "time.observation"))
    kind = values.words(_value(found, "classification.type"))
    family = values.words(_value(found, "malware.name")) or kind
    listing = target.listing(
        values.span(seen, None, context),
        fitting(_ROLES.get(kind or ""), target.subject),
        family,
        values.port(_value(found, "source.port")),
        values.as_number(_value(found, "source.asn")),
    )
    return resolved.with_address(listing, _value(found, "source.ip"), _name(found, target))


def _target(found: dict[str, Any]) -> targets.Target:
    """By the most exact of what is there."""
    for key, recognised in _SUBJECTS.items():
        text = values.words(_value(found, key))
        if text is not None:
            return recognised(text)
    raise SkipRecord("it has no source.url, source.ip, source.fqdn, source.network or source.asn.")


def _name(found: dict[str, Any], target: targets.Target) -> str | None:
    if target.subject == "url" and (name := targets.url_name(target.entry)):
        return name
    text = values.words(_value(found, "source.fqdn"))
    try:
        named = targets.domain(text) if text else None
    except SkipRecord:  # an addition to the record; what is listed is known without it
        return None
    return named.entry if named and named.subject == "domain" else None


def _value(found: dict[str, Any], key: str) -> Any:
    """``{"source.ip": …}`` or ``{"source": {"ip": …}}``."""
    if key in found:
        return found[key]
    outer, _, inner = key.partition(".")
    nested = found.get(outer)
    return nested.get(inner) if isinstance(nested, dict) else None

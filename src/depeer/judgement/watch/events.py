"""What a watch says: one event, its kinds, and its two written forms.

Nothing here claims more than was seen: a network is *not seen by any of N peers*, never simply off.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from depeer.model import IPV4_MAPPED

Prefix = tuple[bytes, int]
"""First address in 16 bytes, and the length in the prefix's own family."""


class Kind(StrEnum):
    """``peers`` are vantage points that tell whether they have a route; see ``Watch`` for which are counted."""

    FIRST_SEEN = "first_seen"
    """The first route to the network in this watch; whether it was there before is not known."""
    OFFLINE = "offline"
    """No counted peer has a route to any prefix that it originates: the last uplink seen is gone."""
    BACK = "back"
    """A peer has a route again after ``offline``; ``uplink`` is the network that carries it."""
    UPLINK_GAINED = "uplink_gained"
    """A route leads through a neighbour of which none did: at once for one never seen, else once it has lasted."""
    UPLINK_LOST = "uplink_lost"
    """No route seen leads through this neighbour any more (the link may be there, unused)."""
    VISIBILITY_DROPPED = "visibility_dropped"
    """Less than half of the share of peers that had a route have one, and it has lasted."""
    VISIBILITY_RESTORED = "visibility_restored"
    """After a drop: at least four fifths of that share have one again."""
    PREFIX_NEW = "prefix_new"
    """It originates a prefix that it was not seen to originate before in this watch."""
    PREFIX_GONE = "prefix_gone"
    """No counted peer has a route to this prefix from it, while others of its prefixes are seen."""
    PREFIX_BACK = "prefix_back"
    """A prefix that was gone, or had another origin only, is seen from it again."""
    ORIGIN_CHANGED = "origin_changed"
    """Its prefix is announced by another origin, and by the network itself no longer."""
    MULTIPLE_ORIGINS = "multiple_origins"
    """Its prefix is announced by another origin as well (MOAS, RFC 1930 section 7)."""
    HIJACK_SUSPECTED = "hijack_suspected"
    """A more specific of its prefix is announced by another origin, and not through the network itself."""
    OTHER_ORIGIN_GONE = "other_origin_gone"
    """What one of the three kinds before told of another origin is no longer seen."""


OUTAGES = frozenset({Kind.OFFLINE, Kind.VISIBILITY_DROPPED, Kind.PREFIX_GONE})


@dataclass(frozen=True, slots=True)
class Event:
    """``time``: when it was told, µs since 1970, by the clock of the data; ``since``: when it began.

    ``visibility`` is the share of ``peers`` that have a route: to the network; in prefix events to that prefix
    from it; in events of another origin, that other's route. None where no peer is counted.
    """

    time: int
    since: int
    asn: int
    event: Kind
    prefix: Prefix | None
    uplink: int | None
    origin: int | None
    visibility: float | None
    peers: int
    detail: str


def as_json(event: Event) -> str:
    """One line, without its end."""
    return json.dumps(plain(event), ensure_ascii=False)


def plain(event: Event) -> dict[str, Any]:
    return {
        "time": moment(event.time),
        "asn": event.asn,
        "event": str(event.event),
        "prefix": show_prefix(event.prefix) if event.prefix else None,
        "uplink": event.uplink,
        "origin": event.origin,
        "visibility": None if event.visibility is None else round(event.visibility, 4),
        "peers": event.peers,
        "since": moment(event.since),
        "detail": event.detail,
    }


def as_intelmq(event: Event, name: str | None, feed: str, observed: datetime) -> str:
    """One line of IntelMQ's data harmonisation; ``observed`` is the time at which it was written."""
    outage = event.event in OUTAGES
    line = {
        "feed.name": "depeer watch",
        "feed.provider": feed,
        "classification.taxonomy": "availability" if outage else "other",
        "classification.type": "outage" if outage else "other",
        "classification.identifier": str(event.event),
        "source.asn": event.asn,
        "source.as_name": name,
        "source.network": show_prefix(event.prefix) if event.prefix else None,
        "time.source": moment(event.time),
        "time.observation": observed.isoformat(),
        "event_description.text": event.detail,
        "extra.uplink": event.uplink,
        "extra.origin": event.origin,
        "extra.visibility": None if event.visibility is None else round(event.visibility, 4),
        "extra.peers": event.peers,
        "raw": base64.b64encode(as_json(event).encode()).decode(),
    }
    return json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)


def moment(time: int) -> str:
    second, micro = divmod(time, 1_000_000)
    return datetime.fromtimestamp(second, UTC).replace(microsecond=micro).isoformat()


def is_six(prefix: Prefix) -> bool:
    return prefix[0][:12] != IPV4_MAPPED


def show_prefix(prefix: Prefix) -> str:
    if is_six(prefix):
        return f"{ipaddress.IPv6Address(prefix[0])}/{prefix[1]}"
    return f"{ipaddress.IPv4Address(prefix[0][12:])}/{prefix[1]}"


def parse_prefix(text: str) -> Prefix:
    """Raises ValueError for what is no prefix, or has bits set behind its length."""
    network = ipaddress.ip_network(text.strip())
    packed = network.network_address.packed
    return (IPV4_MAPPED + packed if network.version == 4 else packed), network.prefixlen


def depth(prefix: Prefix) -> int:
    """Length within 128 bits."""
    return prefix[1] if is_six(prefix) else prefix[1] + 96

"""RIS Live: JSON messages of a route collector, one a line, as the same elements that MRT files give.

Lines in, a batch with the columns ``depeer.sources.mrt.ELEMENTS`` out. A line is an object with ``type`` and
``data``, as the stream endpoint sends, or the ``data`` alone; the prefix ``data:`` of server-sent events, their
other lines, blank lines and pings are passed over. Never raises for what the lines hold.

Source: the RIS Live manual of RIPE NCC (ris-live.ripe.net), section "RIS messages".
"""

from __future__ import annotations

import ipaddress
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from depeer.errors import SkipRecord
from depeer.model import pack_address
from depeer.sources.mrt.schema import ELEMENTS

LONGEST = 2**20
"""Bytes of one line that are read; a BGP message has at most 65,535 (RFC 8654), its JSON some times that."""
_PREFIXES = 20_000
_HOPS = 4_096
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100: seconds between which a time stamp is believed."""
_STATES = {"connected": 6, "up": 6, "down": 1}
_QUIET = frozenset({"OPEN", "NOTIFICATION", "KEEPALIVE", "ROUTE_REFRESH"})
_ENVELOPES = frozenset({"pong", "ping", "ris_rrc_list", "ris_subscribe_ok", "ris_error"})
_FRAMING = (b"event:", b"id:", b"retry:", b":")

Row = dict[str, Any]


@dataclass(slots=True)
class Messages:
    """Reads lines as they come; what could not be read is counted in ``faults``, by reason."""

    lines: int = 0
    elements: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)

    @property
    def skipped(self) -> int:
        return self.faults.total()

    def read(self, lines: Iterable[bytes]) -> pa.RecordBatch:
        """The elements of some lines, in order; an empty batch where there are none."""
        rows: list[Row] = []
        for line in lines:
            try:
                rows += self._rows(line)
            except SkipRecord as fault:
                self.faults[str(fault)] += 1
            self.lines += 1
        for place, row in enumerate(rows, self.elements):
            row["position"] = place
        self.elements += len(rows)
        return elements_of(rows)

    def _rows(self, line: bytes) -> list[Row]:
        text = line.strip()
        if text.startswith(b"data:"):
            text = text[5:].strip()
        if not text or text.startswith(_FRAMING):
            self.passed_over["framing"] += 1
            return []
        message = _message(text)
        kind = message.get("type")
        if not isinstance(kind, str):
            raise SkipRecord("no type")
        if kind in _ENVELOPES or kind in _QUIET:
            self.passed_over[kind] += 1
            return []
        return [{**row, "record": self.lines} for row in _elements(kind, message)]


def elements_of(rows: list[Row]) -> pa.RecordBatch:
    """Rows as one batch; each names the columns of ``ELEMENTS`` that are not null. ``asns`` is its own list each."""
    arrays = [_column(name, [row.get(name) for row in rows]) for name in ELEMENTS.names]
    return pa.RecordBatch.from_arrays(arrays, schema=ELEMENTS)


def _column(name: str, values: list[Any]) -> pa.Array:
    kind = ELEMENTS.field(name).type
    if not pa.types.is_dictionary(kind):
        return pa.array(values, kind)
    if name != "asns":
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    places = pa.array([None if value is None else i for i, value in enumerate(values)], pa.int32())
    return pa.DictionaryArray.from_arrays(places, pa.array([v or () for v in values], kind.value_type))


def _message(text: bytes) -> Row:
    if len(text) > LONGEST:
        raise SkipRecord("line too long")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise SkipRecord("not JSON") from None
    if isinstance(found, dict) and found.get("type") == "ris_message":
        found = found.get("data")
    if not isinstance(found, dict):
        raise SkipRecord("no message")
    return found


def _elements(kind: str, message: Row) -> Iterator[Row]:
    head = _head(message)
    if kind in ("RIS_PEER_STATE", "STATE"):
        state = message.get("state")
        if not isinstance(state, str) or state.lower() not in _STATES:
            raise SkipRecord("unknown state")
        new = _STATES[state.lower()]
        return iter([{**head, "type": "STATE", "old_state": 7 - new, "new_state": new}])
    if kind != "UPDATE":
        raise SkipRecord("unknown type")
    gone = [{**head, "type": "W", **_prefix(p)} for p in _listed(message, "withdrawals", _PREFIXES)]
    return iter(gone + _announced(head, message))


def _announced(head: Row, message: Row) -> list[Row]:
    hops = _listed(message, "announcements", _PREFIXES)
    if not hops:
        return []
    path = _path(_listed(message, "path", _HOPS))
    said = _said(message)
    found: list[Row] = []
    for one in hops:
        if not isinstance(one, dict):
            raise SkipRecord("announcement")
        hop = _hop(one.get("next_hop"))
        whole = {**head, "type": "A", **path, **said, "next_hop": hop}
        found += [{**whole, **_prefix(prefix)} for prefix in _listed(one, "prefixes", _PREFIXES)]
    return found


def _head(message: Row) -> Row:
    time = message.get("timestamp")
    if not isinstance(time, int | float) or not (math.isfinite(time) and _EARLIEST <= time < _LATEST):
        raise SkipRecord("timestamp")
    peer = message.get("peer")
    try:
        address = pack_address(peer if isinstance(peer, str) else "")
    except ValueError:
        raise SkipRecord("peer") from None
    asn = _asn(message.get("peer_asn"))
    return {"time": round(time * 1_000_000), "format": "RIS_LIVE", "peer": address, "peer_asn": asn}


def _listed(message: Row, name: str, most: int) -> list[Any]:
    """Null and absent are the empty list, as the stream writes them."""
    value = message.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        raise SkipRecord(name)
    return value


def _prefix(text: object) -> Row:
    """Bits behind the length are cut off, as receivers do (RFC 4271, section 4.3)."""
    try:
        if not isinstance(text, str) or len(text) > 64 or "/" not in text:
            raise ValueError
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise SkipRecord("prefix") from None
    return {"first": pack_address(str(network.network_address)), "length": network.prefixlen, "safi": 1}


def _path(hops: list[Any]) -> Row:
    """Numbers, and lists of numbers for AS sets."""
    asns: list[int] = []
    words: list[str] = []
    has_set = False
    for hop in hops:
        if isinstance(hop, list):
            members = [_asn(member) for member in hop[:_HOPS]]
            has_set = True
            asns += members
            words.append("{" + ",".join(map(str, members)) + "}")
        else:
            asns.append(_asn(hop))
            words.append(str(asns[-1]))
    ends_in_one = bool(hops) and (not isinstance(hops[-1], list) or len(hops[-1]) == 1)
    return {
        "path": " ".join(words),
        "asns": asns,
        "has_set": has_set,
        "origin_asn": asns[-1] if ends_in_one and asns else None,
    }


def _asn(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**32:
        raise SkipRecord("AS number")
    return value


def _hop(value: object) -> bytes | None:
    """The first of ``global,link-local``; None where it is no address."""
    try:
        return pack_address(value.partition(",")[0] if isinstance(value, str) else "")
    except ValueError:
        return None


def _said(message: Row) -> Row:
    origin, med = message.get("origin"), message.get("med")
    usable = type(med) is int and 0 <= med < 2**32  # true is an int to Python
    pairs = [
        pair for pair in _listed(message, "community", 20_000) if isinstance(pair, list) and len(pair) == 2
    ]
    return {
        "origin": origin.upper() if isinstance(origin, str) and len(origin) <= 16 else None,
        "med": med if usable else None,
        "communities": " ".join(f"{_asn(one)}:{_asn(two)}" for one, two in pairs) or None,
    }

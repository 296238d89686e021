"""Passive DNS in the Common Output Format: JSON lines (draft-dulaunoy-dnsop-passive-dns-cof).

Also as Farsight's API wraps it (``{"obj": {…}}`` between ``{"cond": …}`` lines).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from depeer.errors import SkipRecord
from depeer.model import IPV4_MAPPED
from depeer.sources.feeds import lines, targets, values
from depeer.sources.feeds.documents import first_line, record
from depeer.sources.feeds.facts import Fact, Resolution
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.piece import Piece

format = "cof"
title = "passive DNS (Common Output Format)"
_TYPES = {"1": "A", "28": "AAAA", "2": "NS", "5": "CNAME"}
_ADDRESSES = {"A": 32, "AAAA": 128}
_TARGETS = ("NS", "CNAME")


def sniff(head: bytes, _name: str) -> bool:
    found = first_line(head)
    if found.get("cond") == "begin":
        found = first_line(head.partition(b"\n")[2])
    found = _inner(found)
    return all(key in found for key in ("rrname", "rrtype", "rdata"))


def split(stream: BinaryIO, _told: Told) -> Iterator[Piece]:
    return lines.pieces(lines.lines(stream), read, {})


def read(data: bytes, _context: Context) -> list[Fact]:
    found = record(data)
    if "cond" in found and "obj" not in found:
        return []
    found = _inner(found)
    rrtype = str(found.get("rrtype", "")).upper()[:10]
    rrtype = _TYPES.get(rrtype, rrtype)
    if not rrtype or "rdata" not in found:
        raise SkipRecord("rrtype or rdata is missing.")
    host = targets.host_of(targets.wanted(found.get("rrname"), "rrname"))
    if host is None or host.address is not None:
        raise SkipRecord("rrname is no host name.")
    first, last = _seen(found)
    answers = found["rdata"] if isinstance(found["rdata"], list) else [found["rdata"]]
    if rrtype in _ADDRESSES:
        return [Resolution(host.name, rrtype, _address(a, rrtype), None, first, last) for a in answers]
    if rrtype in _TARGETS:
        return [Resolution(host.name, rrtype, None, _target(a), first, last) for a in answers]
    return []


def _inner(found: dict[str, Any]) -> dict[str, Any]:
    inner = found.get("obj")
    return inner if isinstance(inner, dict) else found


def _seen(found: dict[str, Any]) -> tuple[datetime, datetime]:
    """By sensors where given, else by zone files; one date alone stands for both."""
    for before in ("", "zone_"):
        first = values.moment(found.get(f"{before}time_first"))
        last = values.moment(found.get(f"{before}time_last"))
        if begin := first or last:
            end = last or begin
            if end < begin:
                raise SkipRecord("time_last is before time_first.")
            return begin, end
    raise SkipRecord("it has neither time_first nor zone_time_first.")


def _address(answer: Any, rrtype: str) -> bytes:
    found = targets.packed(answer) if isinstance(answer, str) else None
    if found is None or (rrtype == "A") != found[0].startswith(IPV4_MAPPED):
        raise SkipRecord(f"{json.dumps(answer)[:60]} is no answer of type {rrtype}.")
    return found[0]


def _target(answer: Any) -> str:
    found = targets.host_of(answer) if isinstance(answer, str) else None
    if found is None:
        raise SkipRecord(f"{json.dumps(answer)[:60]} is no host name.")
    return found.name

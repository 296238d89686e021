"""A batch of raw mail → rows of ``mails``, ``hops`` and ``links``: the function that a process pool maps.

It keeps nothing between batches and reads nothing but its argument, so any engine that hands over
record batches can run it. One bad message costs its own rows only: nothing below raises.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from depeer.sources.mail.clock import envelope_time
from depeer.sources.mail.links import SUFFIX_LIST, Link, links_in_html, links_in_text
from depeer.sources.mail.nature import nature
from depeer.sources.mail.parse import Text, parse
from depeer.sources.mail.received import Hop, read_hop
from depeer.tables import TABLES

MAX_LINKS = 2_000
"""Distinct links kept of one mail; what exceeds them is flagged ``links-cut``."""

_MAILS, _HOPS, _LINKS = (TABLES[name].schema for name in ("mails", "hops", "links"))
_CARRIED = ("batch", "delivery", "sha256", "locator", "sensor", "label", "size")
_MAIL_FIELDS = ("subject", "from_address", "from_domain", "message_id", "mailer", "claimed", "parts", "depth",
                "text_bytes", "charsets")  # fmt: skip
_facts = attrgetter(*_MAIL_FIELDS)
_HOP_FIELDS = ("from_ip", "from_helo", "from_rdns", "by_host", "protocol", "for_domain", "time", "flags")
_LINK_FIELDS = ("url", "hostname", "domain", "address", "flags")


class MailTables(NamedTuple):
    """Rows of three derived tables, each with exactly its schema."""

    mails: pa.RecordBatch
    hops: pa.RecordBatch
    links: pa.RecordBatch


class _Read(NamedTuple):
    """What one delivery's bytes say; ``links`` are distinct by URL, each with the place it stood first.

    The parsed mail itself is not kept: a batch of them would be many times the batch.
    """

    facts: tuple[Any, ...]
    nature: str
    enveloped: int | None
    hops: list[Hop]
    links: list[tuple[Link, str]]
    recipients: list[str]
    flags: list[str]


def read_mails(raw: pa.RecordBatch) -> MailTables:
    """Rows for every mail of a batch of ``raw`` whose ``bytes`` are not null, in its order."""
    envelopes = raw.column("envelope").to_pylist()
    reads = [_read(data, line) for data, line in zip(raw.column("bytes").to_pylist(), envelopes, strict=True)]
    return MailTables(_mails(raw, reads), _hops(raw, reads), _links(raw, reads))


def _read(data: bytes, envelope: bytes | None) -> _Read:
    mail = parse(data)
    hops = [read_hop(value) for value in mail.received]
    links, cut = _distinct(mail.texts)
    return _Read(
        _facts(mail),
        nature(mail, envelope),
        envelope_time(envelope),
        hops,
        links,
        _with_for_clauses(mail.recipients, hops),
        sorted({*mail.flags, "links-cut"}) if cut else mail.flags,
    )


def _distinct(texts: list[Text]) -> tuple[list[tuple[Link, str]], bool]:
    """Links of all text parts, distinct by URL, in order, and whether some were cut."""
    seen: dict[str, tuple[Link, str]] = {}
    for text in texts:
        find = links_in_html if text.place == "html" else links_in_text
        for link in find(text.lines, text.charset):
            if link.url not in seen:
                seen[link.url] = (link, text.place)
        if len(seen) > MAX_LINKS:
            return list(seen.values())[:MAX_LINKS], True
    return list(seen.values()), False


def _with_for_clauses(recipients: list[str], hops: list[Hop]) -> list[str]:
    named = [hop.for_address.lower() for hop in hops if hop.for_address]
    return list(dict.fromkeys(recipients + named)) if named else recipients


def _mails(raw: pa.RecordBatch, reads: list[_Read]) -> pa.RecordBatch:
    columns: dict[str, Any] = {name: raw.column(name) for name in _CARRIED}
    columns |= {name: [read.facts[at] for read in reads] for at, name in enumerate(_MAIL_FIELDS)}
    columns["nature"] = [read.nature for read in reads]
    columns["enveloped"] = [read.enveloped for read in reads]
    columns["recipients"] = [read.recipients for read in reads]
    columns["hops"] = [len(read.hops) for read in reads]
    columns["links"] = [len(read.links) for read in reads]
    columns["flags"] = [read.flags for read in reads]
    return _batch(columns, _MAILS)


def _hops(raw: pa.RecordBatch, reads: list[_Read]) -> pa.RecordBatch:
    hops = [hop for read in reads for hop in read.hops]
    columns = _placed(raw, [len(read.hops) for read in reads])
    columns |= {name: [getattr(hop, name) for hop in hops] for name in _HOP_FIELDS}
    return _batch(columns, _HOPS)


def _links(raw: pa.RecordBatch, reads: list[_Read]) -> pa.RecordBatch:
    links = [link for read in reads for link, _ in read.links]
    columns = _placed(raw, [len(read.links) for read in reads])
    columns |= {name: [getattr(link, name) for link in links] for name in _LINK_FIELDS}
    columns["place"] = [place for read in reads for _, place in read.links]
    columns["suffix_list"] = [SUFFIX_LIST] * len(links)
    return _batch(columns, _LINKS)


def _placed(raw: pa.RecordBatch, counts: list[int]) -> dict[str, Any]:
    """Batch and delivery of the mail that each row is from, and the row's position in it."""
    rows = pa.array([row for row, count in enumerate(counts) for _ in range(count)], pa.int64())
    return {
        "batch": raw.column("batch").take(rows),
        "delivery": raw.column("delivery").take(rows),
        "position": [position for count in counts for position in range(count)],
    }


def _batch(columns: dict[str, Any], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([_array(columns[f.name], f.type) for f in schema], schema=schema)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, list):
        return pa.array(values, kind)
    return values if values.type == kind else values.cast(kind)

"""A batch of raw mail → rows of ``mails``, ``hops`` and ``links``: the function that a process pool maps.

It keeps nothing between batches and reads nothing but its argument, so any engine that hands over
record batches can run it. One bad message costs its own rows only: nothing below raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    carried = {name: raw.column(name).to_pylist() for name in _CARRIED}
    return read_lists(carried, raw.column("bytes").to_pylist(), raw.column("envelope").to_pylist())


def read_lists(
    carried: Mapping[str, Sequence[Any]], data: Sequence[bytes], envelopes: Sequence[bytes | None]
) -> MailTables:
    """The same for mails that are still lists; ``carried`` holds the columns that rows take over from ``raw``.

    A fresh ingest comes in here: to put the bytes into Arrow and take them out again costs a tenth of reading.
    """
    reads = [_read(one, line) for one, line in zip(data, envelopes, strict=True)]
    return MailTables(_mails(carried, reads), _hops(carried, reads), _links(carried, reads))


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


def _mails(carried: Mapping[str, Sequence[Any]], reads: list[_Read]) -> pa.RecordBatch:
    columns: dict[str, Sequence[Any]] = {name: carried[name] for name in _CARRIED}
    columns |= _transposed([read.facts for read in reads], _MAIL_FIELDS)
    columns["nature"] = [read.nature for read in reads]
    columns["enveloped"] = [read.enveloped for read in reads]
    columns["recipients"] = [read.recipients for read in reads]
    columns["hops"] = [len(read.hops) for read in reads]
    columns["links"] = [len(read.links) for read in reads]
    columns["flags"] = [read.flags for read in reads]
    return _batch(columns, _MAILS)


def _hops(carried: Mapping[str, Sequence[Any]], reads: list[_Read]) -> pa.RecordBatch:
    columns = _placed(carried, [len(read.hops) for read in reads])
    columns |= _transposed([hop for read in reads for hop in read.hops], Hop._fields)
    return _batch(columns, _HOPS)


def _links(carried: Mapping[str, Sequence[Any]], reads: list[_Read]) -> pa.RecordBatch:
    columns = _placed(carried, [len(read.links) for read in reads])
    columns |= _transposed([link for read in reads for link, _ in read.links], Link._fields)
    columns["place"] = [place for read in reads for _, place in read.links]
    columns["suffix_list"] = [SUFFIX_LIST] * len(columns["place"])
    return _batch(columns, _LINKS)


def _transposed(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Columns by name of rows whose values stand in the order of the names."""
    return dict(zip(names, zip(*rows, strict=True) if rows else [()] * len(names), strict=True))


def _placed(carried: Mapping[str, Sequence[Any]], counts: list[int]) -> dict[str, Sequence[Any]]:
    """Batch and delivery of the mail that each row is from, and the row's position in it."""
    columns: dict[str, Sequence[Any]] = {
        name: [value for value, count in zip(carried[name], counts, strict=True) for _ in range(count)]
        for name in ("batch", "delivery")
    }
    columns["position"] = [position for count in counts for position in range(count)]
    return columns


def _batch(columns: Mapping[str, Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(columns[f.name], f.type) for f in schema], schema=schema)

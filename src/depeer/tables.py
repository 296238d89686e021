"""The Arrow schema of every lake table: a line of meaning and a sensitivity for each column.

Tables are *kept* (evidence and decisions: migrated, never rebuilt) or *derived* (everything that can
be computed again from the kept ones; ``version`` is raised whenever the deriving code would give
another answer). Addresses are 16 bytes (IPv4-mapped, RFC 4291), AS numbers int64, times µs UTC.

Sensitivity says what the disclosure gate does with a column before it leaves:

``open``     leaves as it is
``time``     rounded to the hour
``link``     a URL or path-bearing text: path, query and user part are cut
``text``     words by strangers: recipients and traps are redacted
``private``  leaves only with ``--private``
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

LAKE_FORMAT = 1
"""Number of the lake's layout; a lake with a higher number is refused, a lower one is migrated."""

ADDRESS = pa.binary()
"""16 bytes. Delta knows no fixed-size binary, hence the plain one."""
TIME = pa.timestamp("us", tz="UTC")


class Sensitivity(StrEnum):
    OPEN = "open"
    TIME = "time"
    LINK = "link"
    TEXT = "text"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: pa.DataType
    meaning: str
    sensitivity: Sensitivity = Sensitivity.OPEN


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    meaning: str
    columns: tuple[Column, ...]
    version: int | None = None
    """Deriver version; None for a kept table."""

    @property
    def kept(self) -> bool:
        return self.version is None

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.type) for c in self.columns])


_O, _T, _L, _X, _P = (
    Sensitivity.OPEN,
    Sensitivity.TIME,
    Sensitivity.LINK,
    Sensitivity.TEXT,
    Sensitivity.PRIVATE,
)
_string, _int, _small, _bool = pa.string(), pa.int64(), pa.int32(), pa.bool_()
_hash, _strings = pa.binary(), pa.list_(pa.string())

# ---------------------------------------------------------------------------------------------- kept

RAW = Table(
    "raw",
    "One row for each thing read, whatever became of it; the evidence itself, stored once.",
    (
        Column("batch", _int, "number of the commit that brought it"),
        Column("sensor", _string, "the sensor or feed it was read for"),
        Column("kind", _string, "'mail', or the format of the feed that it is a record of"),
        Column("label", _string, "spam, ham or unknown, as the person said who ingested it"),
        Column("locator", _string, "which file or archive member, which message or line in it", _X),
        Column(
            "context",
            _string,
            "what a feed record needs beside itself to be read again (JSON): header, day of the snapshot",
        ),
        Column("envelope", pa.binary(), "the mbox 'From ' line, without its line end", _P),
        Column("sha256", _hash, "of the canonical bytes: the content's identity"),
        Column(
            "delivery",
            _hash,
            "first 16 bytes of SHA-256 over sensor, content and, without an arrival, position",
        ),
        Column("size", _int, "canonical bytes"),
        Column("disposition", _string, "stored, duplicate or quarantined"),
        Column("reason", _string, "why it was quarantined; null otherwise"),
        Column("bytes", pa.binary(), "the canonical bytes; null where an earlier row holds them", _P),
    ),
)

FORGOTTEN = Table(
    "forgotten",
    "What was forgotten on purpose: enough to refuse it again and to keep the accounts straight, no more.",
    (
        Column("keyed_hash", _hash, "HMAC-SHA-256 of the content's SHA-256 under the lake's own key"),
        Column("batch", _int, "the batch that had brought it"),
        Column("disposition", _string, "what it had been: stored, duplicate or quarantined"),
        Column("reason", _string, "why it was forgotten"),
        Column("day", pa.date32(), "when it was forgotten"),
    ),
)

SNAPSHOTS = Table(
    "snapshots",
    "One row for each routing table, name list or relationship file added: what answers may name.",
    (
        Column("snapshot", _string, "kind, day and the first digits of the file's SHA-256"),
        Column("kind", _string, "origins, names or relationships"),
        Column("format", _string, "pyasn, pfx2as, iptoasn, asnames …"),
        Column("day", pa.date32(), "the day it describes (UTC)"),
        Column("day_basis", _string, "where the day is from: given, file, name or clock"),
        Column("source", _string, "base name of the file it was read from", _X),
        Column("sha256", _hash, "of the file as it came"),
        Column("entries", _int, "records kept"),
        Column("prefixes", _int, "distinct prefixes or ranges (origins only)"),
        Column("skipped", _int, "records that could not be used"),
        Column("added", TIME, "when it was added", _T),
    ),
)

ORIGINS = Table(
    "origins",
    "Announced prefixes or ranges and who originates them, by snapshot.",
    (
        Column("snapshot", _string, "see snapshots"),
        Column("first", ADDRESS, "first address"),
        Column("last", ADDRESS, "last address"),
        Column("length", _small, "prefix length in its own family; -1 for a range that is no prefix"),
        Column("asns", pa.list_(_int), "origins as listed; several for a multi-origin prefix or an AS set"),
    ),
)

AS_NAMES = Table(
    "as_names",
    "Names of networks, by snapshot.",
    (
        Column("snapshot", _string, "see snapshots"),
        Column("asn", _int, "AS number"),
        Column("name", _string, "as listed"),
    ),
)

RELATIONSHIPS = Table(
    "relationships",
    "Who carries whose routes, by snapshot: links, and the networks that the file's comments name.",
    (
        Column("snapshot", _string, "see snapshots"),
        Column(
            "upper", _int, "the provider; of peers and siblings the one named first; for facts the network"
        ),
        Column("lower", _int, "the customer, or the other peer or sibling; null for facts"),
        Column(
            "kind",
            _string,
            "provider, peer or sibling; facts: clique (at the top by the file) or ixp (an exchange point's own)",
        ),
        Column("source", _string, "what showed the link (serial-2); null where the file does not say"),
    ),
)

UPLINKS = Table(
    "uplinks",
    "The neighbour next to the origin in the paths that route collectors saw, by snapshot.",
    (
        Column("snapshot", _string, "see snapshots"),
        Column("asn", _int, "the origin"),
        Column("uplink", _int, "its neighbour in the path"),
        Column("vantages", _small, "vantage points that saw it"),
        Column("of", _small, "vantage points in the file"),
        Column("first", TIME, "first seen in the file"),
        Column("last", TIME, "last seen in the file"),
    ),
)

# ------------------------------------------------------------------------------------------- derived

MAILS = Table(
    "mails",
    "One row for each mail delivery: what its bytes say, read leniently.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "see raw"),
        Column("sha256", _hash, "see raw"),
        Column("locator", _string, "see raw", _X),
        Column("sensor", _string, "see raw"),
        Column("label", _string, "see raw"),
        Column("size", _int, "canonical bytes"),
        Column("subject", _string, "decoded Subject", _X),
        Column("from_address", _string, "address in From, a claim", _X),
        Column("from_domain", _string, "its domain, lower case"),
        Column("message_id", _string, "Message-ID, a claim", _X),
        Column("mailer", _string, "X-Mailer or User-Agent, a claim", _X),
        Column(
            "recipients", _strings, "addresses in To, Cc, Delivered-To, X-Original-To and 'for' clauses", _P
        ),
        Column("claimed", TIME, "the Date header, a claim", _T),
        Column("enveloped", TIME, "time in the mbox From line, zone unknown, read as UTC", _T),
        Column(
            "nature",
            _string,
            "direct, or why it does not count: delivery-report, auto-reply, challenge, "
            "list-confirmation, forwarded, list",
        ),
        Column("parts", _small, "MIME parts, containers included"),
        Column("depth", _small, "deepest nesting, 0 for a message that is one part"),
        Column("text_bytes", _int, "decoded bytes of text parts"),
        Column("charsets", _strings, "declared charsets of text parts, lower case, distinct"),
        Column("hops", _small, "Received lines"),
        Column("links", _small, "links found"),
        Column("flags", _strings, "what was wrong or odd, sorted"),
    ),
    version=1,
)

HOPS = Table(
    "hops",
    "Every Received line of every delivery, newest first (RFC 5321, 4.4). Below the boundary all is a claim.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "see raw"),
        Column("position", _small, "0 for the newest"),
        Column("from_ip", ADDRESS, "address the receiving side recorded; null where it gave none"),
        Column("from_helo", _string, "name the sending side gave", _X),
        Column(
            "from_rdns", _string, "name the receiving side looked up; null where it gave none or doubted it"
        ),
        Column("by_host", _string, "who recorded it, lower case"),
        Column("protocol", _string, "the 'with' clause, upper case"),
        Column("for_domain", _string, "domain of the 'for' clause, lower case"),
        Column("time", TIME, "when, in UTC; null where it cannot be read", _T),
        Column("flags", _strings, "what was wrong or odd, sorted"),
    ),
    version=1,
)

LINKS = Table(
    "links",
    "Every link of every delivery, in order, distinct within the delivery.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "see raw"),
        Column("position", _small, "0 for the first"),
        Column("url", _string, "as decoded; never to be fetched", _L),
        Column("hostname", _string, "lower case, IDNA A-label; IP literals in canonical form"),
        Column(
            "domain", _string, "registered domain by the bundled public-suffix list; null for IP literals"
        ),
        Column("suffix_list", _string, "version of that list"),
        Column("address", ADDRESS, "of an IP literal; null otherwise"),
        Column("place", _string, "text or html"),
        Column("flags", _strings, "how the host was hidden, sorted"),
    ),
    version=1,
)

RELAYS = Table(
    "relays",
    "Relays of our own side, by sensor: given by a person or learned from all hops, with the evidence.",
    (
        Column("sensor", _string, "see raw"),
        Column("relay", _string, "address or CIDR"),
        Column("name", _string, "name that our side recorded for it"),
        Column(
            "basis", _string, "given, learned, or proposed (seen, but not trusted until a person says so)"
        ),
        Column("deliveries", _int, "deliveries that passed it"),
        Column("sources", _int, "distinct addresses that it recorded as handing over to it"),
        Column("why", _string, "the evidence in words"),
    ),
    version=1,
)

ARRIVALS = Table(
    "arrivals",
    "One row for each mail delivery: where it crossed from the outside to our own side.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "see raw"),
        Column(
            "received",
            TIME,
            "when the boundary hop took it; else the newest readable hop, else the envelope",
            _T,
        ),
        Column("received_basis", _string, "boundary, hop, envelope, or null where nothing says"),
        Column("boundary_ip", ADDRESS, "first address that our own side saw; null where no hop tells"),
        Column("boundary_hop", _small, "its position in hops"),
        Column("helo", _string, "name it gave", _X),
        Column("rdns", _string, "name our side looked up"),
    ),
    version=1,
)

RESOLUTIONS = Table(
    "resolutions",
    "What a name answered, with dates: passive DNS and feeds that carry both name and address.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "the feed record it is from"),
        Column("feed", _string, "see raw.sensor"),
        Column("name", _string, "lower case, without the last dot"),
        Column("rrtype", _string, "A, AAAA, NS, CNAME"),
        Column("address", ADDRESS, "for A and AAAA"),
        Column("target", _string, "for NS and CNAME"),
        Column("first", TIME, "first seen"),
        Column("last", TIME, "last seen"),
    ),
    version=1,
)

LISTINGS = Table(
    "listings",
    "What lists said of addresses, prefixes, networks, names and URLs, one row a record read.",
    (
        Column("batch", _int, "see raw"),
        Column("delivery", _hash, "the feed record it is from"),
        Column("feed", _string, "see raw.sensor"),
        Column("subject", _string, "address, prefix, asn, domain or url"),
        Column("entry", _string, "what was listed", _L),
        Column("address", ADDRESS, "the address, or the first of the prefix"),
        Column("length", _small, "prefix length in its own family; full length for an address"),
        Column("asn", _int, "for networks; else the network that the feed itself names, a claim"),
        Column("role", _string, "sender, link, nameserver, controller; null where the list names none"),
        Column("family", _string, "malware or list category as the feed names it"),
        Column("port", _small, "where the feed gives one"),
        Column("first", TIME, "first listed, or the snapshot's day"),
        Column("last", TIME, "last known listed, or the snapshot's day"),
        Column("basis", _string, "interval (the feed gives both ends) or snapshot (listed on that day)"),
    ),
    version=1,
)

SIGHTINGS = Table(
    "sightings",
    "An address, seen in a role, at a time, by a sensor or feed, and the network it belonged to then.",
    (
        Column("batch", _int, "batch of the record it comes from"),
        Column("delivery", _hash, "the mail or feed record it comes from"),
        Column("role", _string, "sender, link, nameserver or controller"),
        Column("source", _string, "sensor or feed"),
        Column("label", _string, "label of the mail; null for feeds"),
        Column("address", ADDRESS, "the address"),
        Column("first", TIME, "when; for a listing its first day", _T),
        Column("last", TIME, "when; for a listing its last day", _T),
        Column("via", _string, "the name that led to it; null where the address itself was seen"),
        Column("counts", _bool, "whether it may be held against the network"),
        Column("why_not", _string, "why it does not count; null where it does"),
        Column("asn", _int, "origin by that snapshot; null where none announces it"),
        Column("origins", _small, "how many origins announce it; more than 1 is doubt"),
        Column("prefix", _string, "longest matching prefix or range"),
        Column("snapshot", _string, "the routing snapshot that says so"),
        Column("snapshot_days", _small, "sighting's day minus the snapshot's; negative for a later snapshot"),
    ),
    version=1,
)

KEPT = (RAW, FORGOTTEN, SNAPSHOTS, ORIGINS, AS_NAMES, RELATIONSHIPS, UPLINKS)
DERIVED = (MAILS, HOPS, LINKS, RELAYS, ARRIVALS, RESOLUTIONS, LISTINGS, SIGHTINGS)
TABLES = {table.name: table for table in KEPT + DERIVED}

VIEWS = {
    "messages": """
        SELECT m.delivery, m.sha256, m.locator, m.sensor, m.label, m.nature, a.received, a.received_basis,
               a.boundary_ip, s.asn AS boundary_asn, s.prefix AS boundary_prefix, s.snapshot, s.snapshot_days,
               a.helo, a.rdns, m.subject, m.from_address, m.from_domain, m.message_id, m.mailer, m.recipients,
               m.claimed, m.size, m.parts, m.charsets, m.hops, m.links, m.flags, m.batch
        FROM mails m
        LEFT JOIN arrivals a ON a.delivery = m.delivery
        LEFT JOIN sightings s ON s.delivery = m.delivery AND s.role = 'sender'
    """,
}
"""Joins that people ask for by name; they are exported like tables and never stored."""

_VIEW_COLUMNS = {"messages": (*MAILS.columns, *ARRIVALS.columns, *SIGHTINGS.columns)}


def sensitivities(name: str) -> dict[str, Sensitivity]:
    """The sensitivity of each column of a table or view; a view's columns keep that of their table."""
    if name in TABLES:
        return {column.name: column.sensitivity for column in TABLES[name].columns}
    known = {column.name: column.sensitivity for column in _VIEW_COLUMNS.get(name, ())}
    return {**known, "boundary_asn": Sensitivity.OPEN, "boundary_prefix": Sensitivity.OPEN} if known else {}


ADDRESS_COLUMNS = frozenset({"first", "last", "address", "from_ip", "boundary_ip"})
"""Binary columns that hold packed addresses (``first`` and ``last`` are binary in origins only)."""

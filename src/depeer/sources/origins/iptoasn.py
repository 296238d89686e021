"""iptoasn.com's TSV: ``first<TAB>last<TAB>AS number<TAB>country<TAB>name``; IPv4, IPv6 or both.

Ranges are disjoint and need not be prefixes: neighbours with the same origin are joined. Rows of AS 0
("Not routed") say that nobody announces the range: they are counted, but they are no faults. The name
of a network stands in each of its rows; the first is taken. The file carries no date but in its name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.sources.origins.format import Format, day_in_name, most_lines_match
from depeer.sources.origins.lines import Column, blocks, decode, split
from depeer.sources.origins.numerals import addresses, numbers
from depeer.sources.origins.origin_list import LARGEST, origin_array, parse_asn
from depeer.sources.origins.packed import MAPPED, U64, Mask, is_ipv4
from depeer.sources.origins.prefixes import MAPPED_IPV6, NO_ORIGIN, origins_batch
from depeer.sources.origins.reading import NAMES, Reading, Skips

_LINE = re.compile(rb"[0-9A-Fa-f.:]{2,45}\t[0-9A-Fa-f.:]{2,45}\t\d{1,10}\t")
_NOT_A_RANGE = "not a range of addresses"
_NAMELESS = frozenset({"", "-", "None", "Not routed"})
_ONES = np.uint64(2**64 - 1)


def _sniff(head: bytes, _name: str) -> bool:
    return most_lines_match(head, _LINE)


def _read(stream: BinaryIO) -> Reading:
    skips = Skips()
    return Reading(_batches(stream, skips), skips)


def _batches(stream: BinaryIO, skips: Skips) -> Iterator[tuple[str, pa.RecordBatch]]:
    names: dict[int, str] = {}
    for block in blocks(stream):
        rows = split(block, b"\t", 5, skips, rest=True)
        for line, data in rows.odd:
            skips.add(line, "fewer than five fields", decode(data))
        yield "origins", _batch(rows.columns, rows.regular, skips, names)
    named = sorted((asn, name) for asn, name in names.items() if name not in _NAMELESS)
    yield "names", pa.RecordBatch.from_pylist([{"asn": a, "name": n} for a, n in named], schema=NAMES)


def _batch(
    columns: tuple[Column, ...], lines: NDArray[np.int64], skips: Skips, names: dict[int, str]
) -> pa.RecordBatch:
    asn, known = _asns(columns[2])
    first, first_known = _ends(columns[0])
    last, last_known = _ends(columns[1])
    four, four_last = is_ipv4(*first), is_ipv4(*last)
    ordered = (first[0] < last[0]) | ((first[0] == last[0]) & (first[1] <= last[1]))
    ranged = first_known & last_known & (four == four_last) & ordered
    mapped = four & (columns[0].end - columns[0].start > 15)
    _account(ranged, known, mapped, columns, lines, skips)
    routed = asn > 0
    skips.unrouted += int((ranged & known & ~mapped & ~routed).sum())
    kept = np.flatnonzero(ranged & known & ~mapped & routed)
    _remember(names, columns[4].take(kept), asn[kept])
    ends = first[0][kept], first[1][kept], last[0][kept], last[1][kept]
    return origins_batch(*ends, _length(*ends), origin_array(asn[kept]))


def _asns(column: Column) -> tuple[NDArray[np.int64], Mask]:
    asn, known = numbers(column)
    known &= asn <= LARGEST
    for row in np.flatnonzero(~known).tolist():
        other = parse_asn(column.text(row))
        asn[row], known[row] = other or 0, other is not None
    return asn, known


def _ends(column: Column) -> tuple[tuple[U64, U64], Mask]:
    high, low, _, good = addresses(column)
    for row in np.flatnonzero(~good).tolist():
        try:
            address = ipaddress.ip_address(column.text(row))
        except ValueError:
            continue
        if getattr(address, "scope_id", None):
            continue
        value = int(address) | (int(MAPPED) if address.version == 4 else 0)
        high[row], low[row], good[row] = value >> 64, value & int(_ONES), True
    return (high, low), good


def _account(
    ranged: Mask,
    known: Mask,
    mapped: Mask,
    columns: tuple[Column, ...],
    lines: NDArray[np.int64],
    skips: Skips,
) -> None:
    for row in np.flatnonzero(~(ranged & known & ~mapped)).tolist():
        if not ranged[row]:
            skips.add(int(lines[row]), _NOT_A_RANGE, f"{columns[0].text(row)}–{columns[1].text(row)}")
        elif mapped[row]:
            skips.add(int(lines[row]), MAPPED_IPV6, columns[0].text(row))
        else:
            skips.add(int(lines[row]), NO_ORIGIN, columns[2].text(row))


def _length(first_high: U64, first_low: U64, last_high: U64, last_low: U64) -> NDArray[np.int64]:
    """Prefix length in its own family where the range is one prefix, else -1."""
    high, low = first_high ^ last_high, first_low ^ last_low
    one = np.uint64(1)
    # A prefix differs in all of its lowest bits and has none of them set in its first address.
    solid = np.where(high == 0, low & (low + one), (low ^ _ONES) | (high & (high + one))) == 0
    aligned = (first_high & high == 0) & (first_low & low == 0)
    bits = np.bitwise_count(high).astype(np.int64) + np.bitwise_count(low)
    width = np.where(is_ipv4(first_high, first_low), 32, 128)
    return cast(NDArray[np.int64], np.where(solid & aligned, width - bits, -1))


def _remember(names: dict[int, str], column: Column, asn: NDArray[np.int64]) -> None:
    for number, row in zip(*(a.tolist() for a in np.unique(asn, return_index=True)), strict=True):
        if number not in names:
            names[number] = " ".join(column.text(row).split())


IPTOASN = Format("iptoasn", ("origins", "names"), _sniff, day_in_name, _read)

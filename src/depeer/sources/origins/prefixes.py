"""From fields to the rows of the origins table: whole columns first, one line at a time for what is odd."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.errors import SkipRecord
from depeer.sources.origins.lines import Column, decode
from depeer.sources.origins.numerals import addresses, numbers
from depeer.sources.origins.origin_list import origin_array, origin_column, parse_origins
from depeer.sources.origins.packed import U64, is_ipv4, span, to_arrow
from depeer.sources.origins.reading import ORIGINS, Skips

NOT_A_PREFIX = "not a prefix"
NO_ORIGIN = "no AS number"
MAPPED_IPV6 = "IPv4-mapped IPv6, which is not routed"
_PREFIX = re.compile(r"[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}")
_MAPPED_NETWORK = ipaddress.IPv6Network("::ffff:0:0/96")


@dataclass(frozen=True, slots=True)
class Odd:
    """A line that needs the slow reader, by its fields in the order address, length, origins."""

    line: int
    fields: tuple[str, str, str]


def prefix_batch(
    columns: tuple[Column, Column, Column], lines: NDArray[np.int64], odd: list[Odd], skips: Skips
) -> pa.RecordBatch:
    """Rows of ``ORIGINS`` from columns address, prefix length, origins; ``lines`` are their numbers.

    Order is kept but for the odd lines, which come last.
    """
    high, low, four, good = addresses(columns[0])
    length, has_length = numbers(columns[1])
    origins = origin_column(columns[2])
    # A mapped address in IPv6 clothes would pass for IPv4: the slow reader names it.
    good &= has_length & (length <= np.where(four, 32, 128)) & (four | ~is_ipv4(high, low))
    if isinstance(origins, list):
        good &= np.fromiter((bool(asns) for asns in origins), dtype=bool, count=len(origins))
    for row in np.flatnonzero(~good).tolist():
        fields = cast(tuple[str, str, str], tuple(column.text(row) for column in columns))
        odd.append(Odd(int(lines[row]), fields))
    if not good.all():
        kept = np.flatnonzero(good)
        high, low, four, length = high[kept], low[kept], four[kept], length[kept]
        origins = (
            origins[kept] if isinstance(origins, np.ndarray) else [origins[row] for row in kept.tolist()]
        )
    first_high, first_low, last_high, last_low = span(high, low, length + np.where(four, 96, 0))
    fast = origins_batch(first_high, first_low, last_high, last_low, length, origin_array(origins))
    slow = _slow_batch(sorted(odd, key=lambda o: o.line), skips)
    return fast if slow is None else pa.Table.from_batches([fast, slow]).combine_chunks().to_batches()[0]


def origins_batch(
    first_high: U64,
    first_low: U64,
    last_high: U64,
    last_low: U64,
    length: NDArray[np.int64],
    asns: pa.ListArray,
) -> pa.RecordBatch:
    columns = [
        to_arrow(first_high, first_low),
        to_arrow(last_high, last_low),
        pa.array(length.astype(np.int32)),
        asns,
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ORIGINS)


def whitespace_fields(line: bytes) -> list[str]:
    """For lines whose fields are not separated as the format says."""
    return decode(line).split()


def _slow_batch(odd: list[Odd], skips: Skips) -> pa.RecordBatch | None:
    rows = []
    for line in odd:
        try:
            rows.append(_slow_row(*line.fields))
        except SkipRecord as reason:
            skips.add(line.line, str(reason), " ".join(line.fields))
    if not rows:
        return None
    first, last, length, asns = zip(*rows, strict=True)
    columns = [
        pa.array(values, type=field.type)
        for values, field in zip((first, last, length, asns), ORIGINS, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=ORIGINS)


def _slow_row(address: str, length: str, origins: str) -> tuple[bytes, bytes, int, tuple[int, ...]]:
    # Also keeps out what the standard library takes but no routing table holds: netmasks and zones.
    if not _PREFIX.fullmatch(f"{address}/{length}"):
        raise SkipRecord(NOT_A_PREFIX)
    try:
        network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    except ValueError as error:
        raise SkipRecord(NOT_A_PREFIX) from error
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED_NETWORK):
        raise SkipRecord(MAPPED_IPV6)
    asns = parse_origins(origins)
    if not asns:
        raise SkipRecord(NO_ORIGIN)
    pad = b"" if network.version == 6 else b"\0" * 10 + b"\xff\xff"
    return pad + network[0].packed, pad + network[-1].packed, network.prefixlen, asns

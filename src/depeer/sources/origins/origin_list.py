"""Who originates a prefix, as files write it: ``701``, ``AS701``, ``1.10`` (asdot), ``1_2``, ``1,2``, ``{1,2}``.

``_`` stands between several origins of one prefix, ``,`` between the members of an AS set, as CAIDA's
pfx2as files have it; a set of origins is what is known in both cases, so they are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from depeer.sources.origins.lines import Column
from depeer.sources.origins.numerals import numbers

LARGEST = 2**32 - 1
"""RFC 6793."""
_MOST = 1000
_LIST = re.compile(r"[0-9asAS.{}_,\s]+")
_ITEM = re.compile(r"(?:[aA][sS])?(\d{1,10})(?:\.(\d{1,5}))?")


def parse_origins(text: str) -> tuple[int, ...]:
    """AS numbers in the order listed, each once; empty where the text is not a list of AS numbers."""
    if not _LIST.fullmatch(text):
        return ()
    items = re.split(r"[{}_,\s]+", text.strip("{}_, \t"))[:_MOST]
    asns = [parse_asn(item) for item in items]
    return () if None in asns else tuple(dict.fromkeys(asn for asn in asns if asn is not None))


def parse_asn(text: str) -> int | None:
    """One AS number, asplain or asdot (RFC 5396); None where the text is none."""
    found = _ITEM.fullmatch(text)
    if found is None:
        return None
    if found[2] is None:
        asn = int(found[1])
        return asn if asn <= LARGEST else None
    high, low = int(found[1]), int(found[2])
    return (high << 16) | low if high < 65536 and low < 65536 else None


def origin_column(column: Column) -> list[tuple[int, ...]] | np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The origins of every row: a plain array where each has exactly one, else tuples (empty: unreadable)."""
    value, good = numbers(column)
    good &= value <= LARGEST
    if good.all():
        return value
    origins: list[tuple[int, ...]] = [(asn,) for asn in value.tolist()]
    known: dict[str, tuple[int, ...]] = {}
    for row in np.flatnonzero(~good).tolist():
        text = column.text(row)
        if text not in known:
            known[text] = parse_origins(text)
        origins[row] = known[text]
    return origins


def origin_array(
    origins: Sequence[tuple[int, ...]] | np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pa.ListArray:
    """``list<int64>``, one list a row."""
    if isinstance(origins, np.ndarray):
        return pa.ListArray.from_arrays(np.arange(len(origins) + 1, dtype=np.int32), pa.array(origins))
    return pa.array(origins, type=pa.list_(pa.int64()))

"""What the two formats of network names share: lines in, batches of (AS number, name) out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import pyarrow as pa

from depeer.errors import SkipRecord
from depeer.sources.origins.lines import LONGEST, Block, blocks, decode
from depeer.sources.origins.reading import NAMES, Reading, Skips

Line = Callable[[str], tuple[int, str]]
"""AS number and name of a line; raises SkipRecord where it holds none."""


def read_names(stream: BinaryIO, parse: Line, heading: Callable[[str], bool]) -> Reading:
    """Each network once, with the first name given; ``heading`` says whether a line is no record at all."""
    skips = Skips()
    return Reading((("names", batch) for batch in _batches(stream, parse, heading, skips)), skips)


def _batches(
    stream: BinaryIO, parse: Line, heading: Callable[[str], bool], skips: Skips
) -> Iterator[pa.RecordBatch]:
    seen: set[int] = set()
    for block in blocks(stream):
        rows: dict[int, str] = {}
        for asn, name in _rows(block, parse, heading, skips):
            rows.setdefault(asn, name)
        fresh = {asn: name for asn, name in rows.items() if asn not in seen}
        seen.update(fresh)
        columns = [pa.array(list(fresh), pa.int64()), pa.array(list(fresh.values()), pa.string())]
        yield pa.RecordBatch.from_arrays(columns, schema=NAMES)


def _rows(
    block: Block, parse: Line, heading: Callable[[str], bool], skips: Skips
) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(block.data.split(b"\n"), block.line):
        text = decode(line[: LONGEST + 1]).strip()
        if not text or text[0] in "#;" or heading(text):
            continue
        try:
            yield _row(line, text, parse)
        except SkipRecord as reason:
            skips.add(number, str(reason), text)


def _row(line: bytes, text: str, parse: Line) -> tuple[int, str]:
    if len(line) > LONGEST:
        raise SkipRecord("line too long")
    return parse(text)


def named(asn: int | None, name: str) -> tuple[int, str]:
    """A record, its white space made plain; SkipRecord where number or name is missing."""
    plain = " ".join(name.split())
    if asn is None or not plain:
        raise SkipRecord("no AS number with a name")
    return asn, plain

"""Rows of a CSV feed: which column is which, and the cells of one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from depeer.errors import SkipRecord
from depeer.sources.feeds.feed import Context
from depeer.sources.feeds.lines import Line, is_comment, preview

Words: TypeAlias = Mapping[str, Sequence[str]]
"""For each of our columns the header names it goes by, lower case, best first."""
LAST_COLUMN = 999


def cells(data: bytes, delimiter: str = ",") -> list[str]:
    """Raises SkipRecord where quotes do not close (RFC 4180, 2)."""
    text = data.decode("utf-8", "replace")
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    try:
        row = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except csv.Error as why:
        raise SkipRecord("its quotes do not close.") from why
    return [cell.strip() for cell in row]


def named(data: bytes, context: Context) -> dict[str, str]:
    """The cells of one line by our column names. Raises SkipRecord for a row that is too short."""
    row = cells(data, context.get("delimiter", ","))
    try:
        return {column: row[index] for column, index in context["fields"].items()}
    except IndexError as why:
        raise SkipRecord(f"the row has {len(row)} cells, too few for its header.") from why


def layout(header: Sequence[str], columns: Words) -> dict[str, int]:
    """Where each of our columns stands in a header; absent ones are left out."""
    places: dict[str, int] = {}
    for index, name in enumerate(header[:LAST_COLUMN]):
        places.setdefault(name.strip(" \t\"'#").lower(), index)
    found = {}
    for column, names in columns.items():
        if place := next((name for name in names if name in places), None):
            found[column] = places[place]
    return found


def announces(head: bytes, columns: Words, needed: Sequence[str]) -> bool:
    """Whether a comment or the first line of a file that begins like this is the header looked for."""
    comments, data = preview(head)
    for line in (*comments, *(line.decode("utf-8", "replace") for line in data[:1])):
        fields = layout(line.split(","), columns)
        if all(column in fields for column in needed):
            return True
    return False


def header_of(
    comments: Sequence[str], all_lines: Iterator[Line], columns: Words, needed: Sequence[str], default: str
) -> tuple[dict[str, int], Iterator[Line]]:
    """The layout by the last comment that is a header (as abuse.ch writes it) or by the first line, which
    is then used up; else by ``default``. All of ``needed`` must be there."""
    for comment in reversed(comments):
        fields = layout(_split(comment.encode()), columns)
        if all(column in fields for column in needed):
            return fields, all_lines
    first = next((line for line in all_lines if not is_comment(line.data)), None)
    if first is not None:
        fields = layout(_split(first.data), columns)
        if all(column in fields for column in needed):
            return fields, all_lines
        all_lines = chain([first], all_lines)
    return layout(default.split(","), columns), all_lines


def _split(data: bytes, delimiter: str = ",") -> list[str]:
    try:
        return cells(data, delimiter)
    except SkipRecord:
        return []

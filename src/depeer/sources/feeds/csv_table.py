"""Any CSV: its columns by a mapping from ``depeer.toml``, else by the names in its header.

The role is what the mapping, a column or the file's name says; where none does, a row is a listing in no
role. Both ends given make an interval; one date alone says that it was listed on that day; where rows
carry no date at all, the file is a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from depeer.errors import BadInput, BadUsage, SkipRecord
from depeer.sources.feeds import csv_header, days, lines, resolved, rows, targets, values
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context, Told
from depeer.sources.feeds.roles import fitting, role_of_name, role_of_word
from depeer.sources.piece import Piece

format = "csv"
title = "CSV by its header or a mapping"
_DATES = {"first", "last", "date"}


def sniff(head: bytes, _name: str) -> bool:
    comments, data = lines.preview(head)
    if data and (header := csv_header.header_in(data[0].decode("utf-8", "replace"))):
        return csv_header.holds(header, data[1:])
    for comment in reversed(comments):
        if header := csv_header.header_in(comment):
            return csv_header.holds(header, data)
    return False


def split(stream: BinaryIO, told: Told) -> Iterator[Piece]:
    """Raises BadUsage for a mapping that makes no sense, BadInput for a header without its columns."""
    comments, rest = lines.opening(lines.lines(stream))
    mapping = told.mapping or {}
    columns = mapping.get("columns")
    header, rest = (
        _recognised(comments, rest, told) if columns is None else _mapped(columns, comments, rest, told)
    )
    context: Context = {"fields": header.fields, "delimiter": header.delimiter}
    if role := told.role or role_of_name(told.name):
        context["role"] = role
    if _basis(mapping) == "snapshot" or not header.fields.keys() & _DATES:
        context |= days.snapshot(told, comments)
    return lines.pieces(rest, read, context)


def read(data: bytes, context: Context) -> list[Fact]:
    row = rows.named(data, context)
    target = csv_header.target_in(row)
    if target is None:
        raise SkipRecord("the row names nothing to list.")
    first = values.moment(row.get("first") or row.get("date"))
    category = row.get("category")
    role = role_of_word(category) or context.get("role")
    listing = target.listing(
        values.span(first, values.moment(row.get("last")), context),
        fitting(role, target.subject),
        values.words(row.get("family")) or values.words(category),
        values.port(row.get("port")),
        values.as_number(row.get("asn")),
    )
    return resolved.with_address(listing, row.get("address"), _name(row, target))


def _name(row: Mapping[str, str], target: targets.Target) -> str | None:
    """A name beside an address. A column 'hostname' is not taken for one: it may be a reverse name."""
    if target.subject == "url":
        return targets.url_name(target.entry)
    text = values.words(row.get("domain"))
    if text is None or not row.get("address"):
        return None
    try:
        named = targets.domain(text)
    except SkipRecord:  # an addition to the row; what is listed is known without it
        return None
    return named.entry if named.subject == "domain" else None


def _recognised(
    comments: list[str], rest: Iterator[lines.Line], told: Told
) -> tuple[csv_header.Header, Iterator[lines.Line]]:
    first = next(rest, None)
    if first and (header := csv_header.header_in(first.data.decode("utf-8", "replace"))):
        return header, rest
    for comment in reversed(comments):
        if header := csv_header.header_in(comment):
            return header, lines.before(first, rest)
    raise BadInput(
        f"{told.name or 'the CSV'} has no header that can be read; name its columns in depeer.toml."
    )


def _mapped(
    columns: Any, comments: list[str], rest: Iterator[lines.Line], told: Told
) -> tuple[csv_header.Header, Iterator[lines.Line]]:
    """Columns by header name, or by number from 1 where the file has no header."""
    delimiter = (told.mapping or {}).get("delimiter", ",")
    _check(columns, delimiter)
    if all(isinstance(place, int) for place in columns.values()):
        return csv_header.Header({column: place - 1 for column, place in columns.items()}, delimiter), rest
    wanted = {column: (name.strip().lower(),) for column, name in columns.items()}
    first = next(rest, None)
    header = first.data.decode("utf-8", "replace").split(delimiter) if first else []
    fields = rows.layout(header, wanted)
    for comment in reversed(comments):
        if len(fields) == len(wanted):
            break
        fields = rows.layout(comment.split(delimiter), wanted)
        if len(fields) == len(wanted):
            rest = lines.before(first, rest)
    if missing := [name for column, (name,) in wanted.items() if column not in fields]:
        raise BadInput(
            f"{told.name or 'the CSV'} has no column {missing[0]!r}; correct its mapping in depeer.toml."
        )
    return csv_header.Header(fields, delimiter), rest


def _basis(mapping: Mapping[str, Any]) -> Any:
    basis = mapping.get("basis")
    if basis not in (None, "interval", "snapshot"):
        raise BadUsage(f"basis {basis!r} in the feed's mapping is none of interval or snapshot; correct it.")
    return basis


def _check(columns: Any, delimiter: Any) -> None:
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise BadUsage(f"delimiter {delimiter!r} in the feed's mapping is not one character; correct it.")
    if not isinstance(columns, Mapping) or not columns.keys() & csv_header.SUBJECTS.keys():
        raise BadUsage(f"columns in the feed's mapping must name one of {', '.join(csv_header.SUBJECTS)}.")
    if unknown := sorted(columns.keys() - csv_header.COLUMNS.keys()):
        raise BadUsage(
            f"column {unknown[0]!r} in the feed's mapping is none of {', '.join(csv_header.COLUMNS)}."
        )
    numbers = [place for place in columns.values() if not isinstance(place, str)]
    if numbers and not all(
        type(place) is int and 0 < place <= rows.LAST_COLUMN for place in columns.values()
    ):
        raise BadUsage("columns in the feed's mapping must be all names or all numbers from 1.")

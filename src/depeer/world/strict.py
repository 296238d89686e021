"""TOML read strictly into frozen dataclasses: whatever does not fit is one sentence with file, key and line.

A dataclass is the schema: its field names are the keys (``field(metadata={"key": "from"})`` where a key is no
Python name), its types the types, its defaults what may be left out. Metadata ``least``, ``most`` and ``among``
bound a value. Bytes in, dataclasses out: nothing is read from disk here.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from ipaddress import IPv4Address, IPv4Network
from typing import Any, TypeVar

from depeer.errors import BadInput

Path = tuple[str | int, ...]
Shape = TypeVar("Shape")

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-\".]+)\s*=")


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed document, its name for messages, and where each key stands."""

    name: str
    document: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Of the key at ``path``, else of the nearest thing around it; 1 where nothing is known."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, path: Path, why: str) -> BadInput:
        """The error for the key at ``path``: ``why`` completes the sentence."""
        return BadInput(f"{self.name}, line {self.line(path)}: {show(path)} {why}")


def show(path: Path) -> str:
    """A path as one would write it: ``events[2].on``, entries counted from 1."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the document"


def parse(text: str, name: str) -> Source:
    """A TOML text. Raises BadInput, with the line, where it is none."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else len(text.splitlines())
        raise BadInput(f"{name}, line {line}: this is not valid TOML ({error})") from error
    return Source(name, document, _lines(text))


def _lines(text: str) -> dict[Path, int]:
    """Where each table and key begins (1-based), by path; keys of inline tables belong to their line's key."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    at: Path = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            at = _entered(counts, header[2].replace('"', "").split("."), header[1] == "[[")
            found.setdefault(at, number)
        elif key := _KEY.match(line):
            path = (*at, *(part.strip('"') for part in key[1].split(".")))
            for end in range(len(at) + 1, len(path) + 1):
                found.setdefault(path[:end], number)
    return found


def _entered(counts: dict[Path, int], names: Sequence[str], entry: bool) -> Path:
    """The path of a table header: arrays on the way mean their newest entry."""
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name.strip())
        if entry and place == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def build(shape: type[Shape], source: Source, path: Path = (), values: Any = None) -> Shape:
    """The dataclass ``shape`` from the table at ``path``. Raises BadInput for anything that does not fit."""
    table = source.document if values is None else values
    if not isinstance(table, dict):
        raise source.wrong(path, "must be a table of keys")
    known = {_key(f): f for f in fields(shape)}  # type: ignore[arg-type]  # a dataclass, by its callers
    _refuse_unknown(source, path, table, known)
    hints = typing.get_type_hints(shape)
    made = {}
    for key, entry in known.items():
        if key in table:
            made[entry.name] = _value(hints[entry.name], table[key], source, (*path, key))
            _check_bounds(entry, made[entry.name], source, (*path, key))
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise source.wrong(path, f"lacks the key {key!r}")
    return shape(**made)


def _key(entry: Field[Any]) -> str:
    return str(entry.metadata.get("key", entry.name))


def _refuse_unknown(source: Source, path: Path, table: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it knows {', '.join(sorted(known))}"
            raise source.wrong((*path, key), f"is an unknown key; {hint}")


def _check_bounds(entry: Field[Any], value: Any, source: Source, path: Path) -> None:
    for one in value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,):
        least, most, among = (entry.metadata.get(name) for name in ("least", "most", "among"))
        if least is not None and one is not None and one < least:
            raise source.wrong(path, f"is {one}, but must be at least {least}")
        if most is not None and one is not None and one > most:
            raise source.wrong(path, f"is {one}, but must be at most {most}")
        if among is not None and one is not None and one not in among:
            raise source.wrong(path, f"is {one!r}, but must be one of {', '.join(among)}")


def _value(hint: Any, value: Any, source: Source, path: Path) -> Any:
    """``value`` as the type ``hint`` asks for."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _value(next(one for one in inside if one is not type(None)), value, source, path)
    if origin is tuple:
        if not isinstance(value, list):
            raise source.wrong(path, "must be a list")
        return tuple(_value(inside[0], one, source, (*path, i)) for i, one in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise source.wrong(path, "must be a table such as { name = 1.0 }")
        return {key: _value(inside[1], one, source, (*path, key)) for key, one in value.items()}
    if is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), source, path, value)
    return _plain(hint, value, source, path)


def _plain(hint: Any, value: Any, source: Source, path: Path) -> Any:
    words, convert = _PLAIN[hint]
    try:
        return convert(value)
    except (ValueError, TypeError):
        raise source.wrong(path, f"is {str(value)[:60]!r}, but must be {words}") from None


def _exactly(*kinds: type) -> Any:
    def convert(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError
        return kinds[0](value)

    return convert


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    """Aware, in UTC; a date is its midnight, a time without a zone is UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.combine(_day(value), time(), UTC)


_PLAIN: Mapping[Any, tuple[str, Any]] = {
    str: ("text in quotes", _exactly(str)),
    int: ("a whole number", _exactly(int)),
    float: ("a number", lambda value: _exactly(float, int)(value)),
    bool: ("true or false", _exactly(bool)),
    date: ("a date such as 2008-11-11, without quotes", _day),
    datetime: ("a time such as 2008-11-11T21:30:00Z, without quotes", _moment),
    IPv4Address: ('an address such as "192.0.2.1"', lambda value: IPv4Address(_exactly(str)(value))),
    IPv4Network: ('a prefix such as "192.0.2.0/24"', lambda value: IPv4Network(_exactly(str)(value))),
}

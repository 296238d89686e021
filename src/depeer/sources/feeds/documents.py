"""Items of one JSON document, streaming: of an array, or of the lists in an object.

``[{…}, …]``, ``{"12": [{…}], …}`` and ``{"query_status": "ok", "data": [{…}, …]}`` are all read as their
innermost listed objects; scalars beside them are no records. Memory stays below a few MiB, whatever comes.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

from depeer.errors import SkipRecord
from depeer.sources.feeds.facts import Fact
from depeer.sources.feeds.feed import Context
from depeer.sources.feeds.lines import CAP, trouble_with
from depeer.sources.piece import Piece

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_CHUNK = 1 << 16


class _Window:
    """The part of a document that is being looked at; grows only while one value is not complete."""

    def __init__(self, stream: BinaryIO) -> None:
        self._read = stream.read
        self._decode = codecs.getincrementaldecoder("utf-8-sig")(errors="replace").decode
        self.text = ""
        self.at = 0
        self.ended = False

    def more(self) -> None:
        chunk = self._read(max(_CHUNK, len(self.text) - self.at))
        self.ended = not chunk
        self.text = self.text[self.at :] + self._decode(chunk, self.ended)
        self.at = 0

    def peek(self) -> str:
        """The next character that is no space, not yet consumed; empty at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if self.ended:
                return ""
            self.more()

    def take(self, sign: str) -> bool:
        """Consume the next character if it is this one."""
        if self.peek() != sign:
            return False
        self.at += 1
        return True

    def value(self) -> Any:
        """The next value, consumed. Raises SkipRecord for none, for a broken one and for one over 1 MiB."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError as why:
                raise SkipRecord("the JSON is nested too deeply.") from why
            except ValueError as why:
                if self.ended or len(self.text) - self.at > CAP:
                    raise SkipRecord("the JSON is broken here; the rest of the file was not read.") from why
                self.more()
                continue
            if end < len(self.text) or self.ended:
                self.at = end
                return value
            self.more()

    def rest(self) -> Iterator[bytes]:
        """All that is left, in parts of at most 1 MiB, at least one."""
        while True:
            part, self.at = self.text[self.at : self.at + CAP // 4], self.at + CAP // 4
            yield part.encode("utf-8", "replace")
            if self.at >= len(self.text):
                self.at = len(self.text)
                if self.ended:
                    return
                self.more()
                if not self.text:
                    return


def items(stream: BinaryIO) -> Iterator[Any]:
    """Every item. Raises SkipRecord where the document breaks off."""
    yield from _items(_Window(stream))


def _items(window: _Window) -> Iterator[Any]:
    if window.take("["):
        yield from _array(window)
    elif window.take("{"):
        yield from _object(window)
    else:
        raise SkipRecord("the file is neither a JSON array nor an object.")
    if window.peek():
        raise SkipRecord("something follows the end of the JSON document.")


def _array(window: _Window) -> Iterator[Any]:
    if window.take("]"):
        return
    while True:
        yield window.value()
        if window.take("]"):
            return
        if not window.take(","):
            raise SkipRecord("the JSON breaks off here; the rest of the file was not read.")


def _object(window: _Window) -> Iterator[Any]:
    if window.take("}"):
        return
    while True:
        if not isinstance(window.value(), str) or not window.take(":"):
            raise SkipRecord("the JSON is broken here; the rest of the file was not read.")
        if window.take("["):
            yield from _array(window)
        else:
            value = window.value()
            if isinstance(value, dict):
                yield value
        if window.take("}"):
            return
        if not window.take(","):
            raise SkipRecord("the JSON breaks off here; the rest of the file was not read.")


def pieces(
    stream: BinaryIO, read: Callable[[bytes, Context], list[Fact]], context: Context
) -> Iterator[Piece]:
    """One piece an item, its bytes in canonical form (sorted keys); where the document breaks, what is
    left comes as quarantined pieces of at most 1 MiB, so that nothing is lost."""
    packed = json.dumps(context, sort_keys=True)
    window = _Window(stream)
    position = 0
    trouble = None
    try:
        for item in _items(window):
            data = json.dumps(item, sort_keys=True).encode()
            found = trouble_with(data, read, context)
            yield Piece(position, f"record {position + 1}", data, context=packed, trouble=found)
            position += 1
    except (SkipRecord, RecursionError) as why:
        trouble = str(why) if isinstance(why, SkipRecord) else "the JSON is nested too deeply."
    if trouble is not None:
        for number, part in enumerate(window.rest(), position):
            yield Piece(number, f"record {number + 1}", part, context=packed, trouble=trouble)


def record(data: bytes) -> dict[str, Any]:
    """One JSON object. Raises SkipRecord for anything else."""
    try:
        found = json.loads(data.decode("utf-8", "replace"))
    except RecursionError as why:
        raise SkipRecord("the JSON is nested too deeply.") from why
    except ValueError as why:
        raise SkipRecord("it is not valid JSON.") from why
    if not isinstance(found, dict):
        raise SkipRecord("it is JSON, but no object.")
    return found


def first_item(head: bytes) -> dict[str, Any]:
    """The first object of a document that begins like this; empty where there is none."""
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] not in (b"[", b"{"):
        return {}
    try:
        found = next(items(BytesIO(head)), None)
    except (SkipRecord, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def first_line(head: bytes) -> dict[str, Any]:
    """The first line of a JSON-lines file as an object; empty where it is none."""
    line = head.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")[0]
    if line[:1] != b"{":
        return {}
    try:
        return record(line)
    except SkipRecord:
        return {}

"""mbox (RFC 4155; mboxo, mboxrd, mboxcl, mboxcl2 as in qmail's mbox(5)) and single messages, as bytes.

**What separates messages.** A line beginning ``From `` is a separator when

1. it carries an asctime date with a year (``From sender Thu May 31 20:03:55 2007``, a zone before or
   after the year, anything or nothing as sender) and a blank line, or the start of the stream, comes before it; or
2. it carries such a date and a header field comes right after it: files that were joined
   without a blank line between; or
3. it carries another full date (RFC 5322 or ISO 8601), with a blank line before it *and* a header
   field after it.

So prose ("From 10:00 on", "From what I know") never separates. A ``Content-Length`` field counts only to
keep a separator *inside* a message from splitting it (mboxcl2), and only where it points at the end of
the stream or at another separator: spammers forge it.

**What the canonical bytes are.** The ``From `` line is kept apart. Quoting is undone as mboxrd has it: one
``>`` is taken from every line of ``>`` and ``From `` but the first. An mboxo file cannot be told from an mboxrd
one and cannot be undone exactly by anybody (it leaves ``>From `` of the original as it is), so one rule
serves both; a message whose verified length holds an unquoted ``From `` line is mboxcl2 and is left as it is.
The one blank line that ends a message in an mbox is removed. Line ends are kept, but the last line always
has one, of the kind of the first line: an mbox cannot say that it was missing, so without this the same
message from a Maildir would differ. Blank lines and a byte order mark before the first line of an mbox go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from depeer.sources.piece import Piece

MAX_MESSAGE = 64 * 2**20
"""A longer message is cut to ``KEPT`` bytes and marked with its trouble."""
KEPT = 2**20
BLOCK = 2**20
MAX_FROM_LINE = 1024
_LOOKAHEAD = MAX_FROM_LINE + 256
_MAX_HEADER = 256 * 1024

_TOO_LONG = "the message is longer than {} MiB; only its first {} bytes were kept"
_EMPTY = "there is no message after the From line"

_DAY = rb"(?:sun|mon|tue|wed|thu|fri|sat)"
_MONTH = rb"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_TIME = rb"\d{1,2}:\d\d(?::\d\d)?"
_ASCTIME = re.compile(
    rb"[ \t]" + _DAY + rb",?[ \t]{1,4}" + _MONTH + rb"[ \t]{1,4}\d{1,2}[ \t]{1,4}" + _TIME
    + rb"(?:[ \t]{1,4}[a-z0-9+:()-]{1,9}){0,2}?[ \t]{1,4}(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)  # fmt: skip
_OTHER_DATE = re.compile(
    rb"[ \t]\d{1,2}[ \t-]{1,4}" + _MONTH + rb"[ \t-]{1,4}(?:19|20)\d\d[ \t]{1,4}" + _TIME
    + rb"|[ \t](?:19|20)\d\d-\d\d-\d\d[T \t]{1,2}\d\d:\d\d",
    re.IGNORECASE,
)  # fmt: skip
_FIELD = re.compile(rb"[!-9;-~]{1,128}[ \t]*:|>From ")
_FIELD_OR_NOTHING = re.compile(_FIELD.pattern + rb"|\r?\n|\Z")
_BLANK_LINES = re.compile(rb"(?:[ \t]{0,1024}\r?\n)*")
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?" + _BLANK_LINES.pattern)
_QUOTED = re.compile(rb"\n>(>*From )")
_AFTER_LENGTH = re.compile(rb"(?:\r?\n){0,2}(?=(From )|\Z)")
_KNOWN_FIELD = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|received|return-path|message-id|mime-version|reply-to|sender|delivered-to|"
    rb"envelope-to|errors-to|precedence|organi[sz]ation|references|in-reply-to|user-agent|status|importance|"
    rb"authentication-results|comments|keywords|apparently-to|original-recipient|"
    rb"(?:x|list|content|resent|arc|dkim|domainkey|received|disposition|thread|auto|delivered|delivery|return)-[!-9;-~]{1,80}"
    rb")[ \t]*:",
    re.IGNORECASE,
)
_NOT_TEXT = re.compile(rb"[\0-\x06\x0e-\x1a\x1c-\x1f]")


class Readable(Protocol):
    """Anything that hands out bytes in order; fewer than asked for are allowed, none mean the end."""

    def read(self, size: int, /) -> bytes: ...


def is_mbox(head: bytes) -> bool:
    """Whether the first bytes of a file are a ``From `` line that separates messages."""
    start = _lead(head)
    return _separates(head, start, blank_before=True)


def single_message(head: bytes) -> bool:
    """Whether the first bytes look like one mail message.

    Within the first 16 KiB, after blank lines, a byte order mark, ``From `` lines and up to eight lines of anything
    that is text (a broken first field, an SMTP transcript), there must be a header field that mail uses.
    """
    rest = 8
    for line in _lines(head[_lead(head) : 16384]):
        if _KNOWN_FIELD.match(line):
            return True
        if line[:1] in (b" ", b"\t") or _FIELD.match(line) or line.startswith(b"From "):
            continue
        rest -= 1
        if rest < 0 or not line.strip() or _NOT_TEXT.search(line):
            return False
    return False


def split(stream: Readable, *, single: bool = False, max_message: int = MAX_MESSAGE) -> Iterator[Piece]:
    """Each message of an mbox, in order; with ``single`` the whole stream as one message.

    Positions count from 0, places from 1 (``"message 1"``; empty where there is only one message). Holds
    one message and a block at a time. Raises only what ``stream.read`` raises.
    """
    if single:
        yield _whole(stream, max_message)
        return
    yield from _Splitter(stream, max_message).pieces()


@dataclass(slots=True)
class _Splitter:
    """A window on the stream: ``data`` from ``start`` on is the message being read, searched up to ``scan``."""

    stream: Readable
    limit: int
    data: bytes = b""
    start: int = 0
    scan: int = 0
    ended: bool = False
    kept: bytes | None = None  # the head of a message that is too long to hold
    exact: bool = False  # the message's stated length led past a separator in it: mboxcl2

    def pieces(self) -> Iterator[Piece]:
        self._skip_lead()
        position = 0
        while not self._at_end():
            piece = self._next(position)
            sole = position == 0 and self._at_end()
            yield replace(piece, place="") if sole else piece
            position += 1

    def _at_end(self) -> bool:
        if self.start >= len(self.data):
            self._grow()
        return self.ended and self.start >= len(self.data)

    def _next(self, position: int) -> Piece:
        while len(self.data) - self.start < _LOOKAHEAD and not self.ended:
            self._grow()
        envelope, body = _envelope(self.data, self.start)
        # The newline that ends the From line belongs to the search: an empty message has no other.
        self.scan = max(body - 1, self.start)
        head = body - self.start
        end = self._end(head)
        body = self.start + head
        place = f"message {position + 1}"
        if self.kept is not None or end - self.start > self.limit:
            held = self.data[self.start : end] if self.kept is None else self.kept
            self.kept, self.start = None, end
            envelope, body = _envelope(held, 0)
            trouble = _TOO_LONG.format(self.limit // 2**20, KEPT)
            return Piece(position, place, held[body : body + KEPT], envelope, trouble=trouble)
        raw = self.data[body:end]
        self.start = end
        data = canonical(raw, in_mbox=envelope is not None, unquote=not self.exact)
        return Piece(position, place, data, envelope, trouble=None if data else _EMPTY)

    def _end(self, head: int) -> int:
        """Where the message that begins at ``start`` with ``head`` bytes of envelope ends: at the next
        separator, or where its stated length leads past that one and proves true."""
        found = self._separator()
        self.exact = False
        if found is None or self.kept is not None:
            return len(self.data) if found is None else found
        body = self.start + head
        length = _content_length(self.data, body, found)
        if length is None or not found < length <= body + self.limit:
            return found
        return self._verified(length - self.start, found - self.start)

    def _separator(self) -> int | None:
        """The next separator's place from ``scan`` on; None at the end of the stream."""
        while True:
            at = self.data.find(b"\nFrom ", self.scan)
            undecided = at < 0 or len(self.data) - at < _LOOKAHEAD
            if undecided and not self.ended:
                self.scan = at if at >= 0 else max(self.scan, len(self.data) - 6)
                self._make_room()
                self._grow()
            elif at < 0:
                return None
            elif _separates(self.data, at + 1, blank_before=_blank_before(self.data, at)):
                return at + 1
            else:
                self.scan = at + 1

    def _verified(self, length: int, found: int) -> int:
        """``length`` bytes from ``start`` on, if the stream ends or a separator stands there; else ``found``."""
        while len(self.data) - self.start < length + _LOOKAHEAD and not self.ended:
            self._grow()
        found, end = self.start + found, self.start + length
        gap = _AFTER_LENGTH.match(self.data, end) if end <= len(self.data) else None
        if gap is None or (gap.end() == end and self.data[end - 1 : end] != b"\n"):
            return found
        self.exact = gap[1] is None or _separates(self.data, gap.end(), blank_before=True)
        return gap.end() if self.exact else found

    def _make_room(self) -> None:
        """Lets go of a message that has grown over the limit, but for its head and what the search needs."""
        if self.scan - self.start <= self.limit and self.kept is None:
            return
        if self.kept is None:
            self.kept = self.data[self.start : self.start + KEPT + MAX_FROM_LINE]
        self.start = max(self.start, self.scan - 3)

    def _grow(self) -> None:
        """Reads on. Blocks grow with what is held, so that a long message is not copied once a block."""
        held = self.data[self.start :]
        chunk = self.stream.read(min(max(BLOCK, len(held)), 8 * BLOCK))
        self.ended = not chunk
        self.data = held + chunk
        self.scan -= self.start
        self.start = 0

    def _skip_lead(self) -> None:
        skipped = _lead
        while len(self.data) - self.start < _LOOKAHEAD and not self.ended:
            self._grow()
            self.start = skipped(self.data)
            if self.start:
                skipped = _blank_lines  # a byte order mark stands before all else


def canonical(raw: bytes, *, in_mbox: bool, unquote: bool = True) -> bytes:
    """The bytes that identify a message, from the bytes between two separators (or of a whole file)."""
    if in_mbox:
        if raw.endswith(b"\n\r\n") or raw == b"\r\n":
            raw = raw[:-2]
        elif raw.endswith(b"\n\n") or raw == b"\n":
            raw = raw[:-1]
        if unquote and b">From " in raw:
            raw = _QUOTED.sub(rb"\n\1", raw)
    return _closed(raw)


def _closed(raw: bytes) -> bytes:
    """The same with a line end of the first line's kind at the end of the last line."""
    if not raw:
        return raw
    first = raw.find(b"\n")
    kind = b"\r\n" if first > 0 and raw[first - 1 : first] == b"\r" else b"\n"
    if raw.endswith(kind) and (kind == b"\r\n" or not raw.endswith(b"\r\n")):
        return raw
    return raw.removesuffix(b"\n").removesuffix(b"\r") + kind


def _whole(stream: Readable, limit: int) -> Piece:
    chunks: list[bytes] = []
    size = 0
    while size <= limit and (chunk := stream.read(BLOCK)):
        chunks.append(chunk)
        size += len(chunk)
    raw = b"".join(chunks)
    envelope, body = _envelope(raw, 0)
    if size > limit:
        trouble = _TOO_LONG.format(limit // 2**20, KEPT)
        return Piece(0, "", raw[body : body + KEPT], envelope, trouble=trouble)
    data = canonical(raw[body:], in_mbox=envelope is not None)
    return Piece(0, "", data, envelope, trouble=None if data else "there is no message in it")


def _envelope(data: bytes, start: int) -> tuple[bytes | None, int]:
    """The ``From `` line at ``start`` without its line end, and where the message after it begins."""
    if not data.startswith(b"From ", start):
        return None, start
    end = data.find(b"\n", start, start + MAX_FROM_LINE)
    if end < 0:
        return (data[start:], len(data)) if len(data) - start < MAX_FROM_LINE else (None, start)
    return data[start:end].removesuffix(b"\r"), end + 1


def _separates(data: bytes, at: int, *, blank_before: bool) -> bool:
    """The rule at the head of this file, for the line that begins at ``at``."""
    if not data.startswith(b"From ", at):
        return False
    end = data.find(b"\n", at, at + MAX_FROM_LINE)
    if end < 0:
        end = len(data)
        if end - at >= MAX_FROM_LINE:
            return False
    if _ASCTIME.search(data, at + 4, end):
        return blank_before or _FIELD.match(data, end + 1) is not None
    return (
        blank_before
        and _OTHER_DATE.search(data, at + 4, end) is not None
        and _FIELD_OR_NOTHING.match(data, end + 1) is not None
    )


def _blank_before(data: bytes, newline: int) -> bool:
    """Whether the line that ends at ``newline`` is empty."""
    before = data[max(newline - 2, 0) : newline]
    return before.endswith(b"\n") or before == b"\n\r"


def _content_length(data: bytes, body: int, end: int) -> int | None:
    """Where the message at ``body`` ends by its own Content-Length field, whatever that is worth."""
    header = data[body : min(end, body + _MAX_HEADER)]
    blank = header.find(b"\n\n")
    crlf = header.find(b"\r\n\r\n", 0, blank if blank >= 0 else len(header))
    after = crlf + 4 if crlf >= 0 else blank + 2
    if after < 2:
        return None
    header = header[:after].lower()
    at = header.find(b"\ncontent-length:")
    if at < 0:
        return None
    value = header[at + 16 : header.find(b"\n", at + 1)].strip()
    return body + after + int(value) if value.isdigit() and len(value) < 12 else None


def _lead(head: bytes) -> int:
    """How many bytes of byte order mark and blank lines come first."""
    match = _LEAD.match(head)
    return match.end() if match else 0


def _blank_lines(head: bytes) -> int:
    match = _BLANK_LINES.match(head)
    return match.end() if match else 0


def _lines(text: bytes) -> Iterator[bytes]:
    """Lines with LF, CRLF or lone CR as their end."""
    yield from text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")

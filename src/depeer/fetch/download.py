"""One file from one address to one place: whole, checked, or not there at all.

Retries with patience, goes on where a broken download stopped, refuses what is larger than it may be,
and gives the file its name only when size, gzip structure and (where known) SHA-256 are right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from pathlib import Path

from depeer.errors import NoRoom, Stop, TryAgain
from depeer.fetch.exchange import Unsatisfiable, get
from depeer.fetch.integrity import check_gzip, sha256_of
from depeer.fetch.partial import Partial
from depeer.fetch.patience import Patience

_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(?:(\d{1,18})|\*)")
_MOST_TEXT = 16 << 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came whole. ``modified`` is what the server said of its age, None where it said nothing."""

    path: Path
    url: str
    size: int
    sha256: bytes
    modified: datetime | None


def download(
    url: str, target: Path, *, most_bytes: int, patience: Patience, sha256: bytes | None = None
) -> Fetched:
    """Fetch ``url`` into ``target``. Raises Stop (or NotFound, NoRoom) or, when patience ends, TryAgain.

    After TryAgain the bytes so far stay in ``target.part`` and the next call goes on from them.
    """
    partial = Partial(target, url)

    def attempt() -> Fetched:
        modified = _transfer(partial, most_bytes, patience)
        return _settle(partial, modified, sha256)

    return patience.insist(attempt)


def text_of(url: str, patience: Patience) -> str:
    """A small text (a log, a folder's index). Raises as ``download`` does."""

    def attempt() -> str:
        with get(url, {}, patience.silence) as answer:
            body = b"".join(_chunks(answer, patience, _MOST_TEXT, url))
            _check_length(url, _number(answer.headers.get("Content-Length")), len(body))
            return body.decode("utf-8", "replace")

    return patience.insist(attempt)


def _transfer(partial: Partial, most_bytes: int, patience: Patience) -> datetime | None:
    """Bring the rest of the bytes to disk; what the server says of their age."""
    try:
        with writing(partial.target):
            headers = partial.headers()
        with get(partial.url, headers, patience.silence) as answer:
            total = _start(answer, partial)
            if total is not None and total > most_bytes:
                raise Stop(_too_large(partial.url, most_bytes))
            room = most_bytes - partial.have()
            for chunk in _chunks(answer, patience, room, partial.url):
                _append(partial, chunk)
            _check_length(partial.url, total, partial.have())
            return _date(answer.headers.get("Last-Modified"))
    except NoRoom:
        raise
    except (Unsatisfiable, Stop):
        partial.drop()
        raise


def _start(answer: HTTPResponse, partial: Partial) -> int | None:
    """Make ready to append the answer's body; the size that the whole file will have, where told."""
    if answer.status == 206:
        place = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if place is None or int(place[1]) != partial.have():
            raise Unsatisfiable(f"{partial.url} answered with another part than asked for; try again.")
        return int(place[3]) if place[3] else None
    with writing(partial.target):
        partial.begin(answer.headers)
    return _number(answer.headers.get("Content-Length"))


def _chunks(answer: HTTPResponse, patience: Patience, most_bytes: int, url: str) -> Iterator[bytes]:
    """The body as it comes. Stop when it is larger than allowed, TryAgain when it only drips."""
    total = since = 0
    begun = patience.clock()
    # read1 returns after one receipt: read would wait for a full chunk, however slowly it drips in.
    while chunk := answer.read1(_CHUNK):
        total += len(chunk)
        since += len(chunk)
        if total > most_bytes:
            raise Stop(_too_large(url, most_bytes))
        yield chunk
        elapsed = patience.clock() - begun
        if elapsed >= patience.silence:
            if since < patience.slowest * elapsed:
                raise TryAgain(f"{url} sends {since / elapsed:.0f} bytes a second; try again later.")
            since, begun = 0, patience.clock()


def _append(partial: Partial, chunk: bytes) -> None:
    with writing(partial.target), partial.data.open("ab") as stream:
        stream.write(chunk)


def _settle(partial: Partial, modified: datetime | None, sha256: bytes | None) -> Fetched:
    """Check what came, and only then let it have its name."""
    try:
        if partial.target.suffix == ".gz":
            check_gzip(partial.data)
        found = sha256_of(partial.data)
        if sha256 is not None and found != sha256:
            raise TryAgain(f"{partial.url} has another SHA-256 than expected; fetch it again.")
    except TryAgain:
        partial.drop()
        raise
    with writing(partial.target):
        _sync(partial.data)
        size = partial.have()
        partial.data.replace(partial.target)
        partial.drop()
    return Fetched(partial.target, partial.url, size, found, modified)


def _check_length(url: str, total: int | None, have: int) -> None:
    if total is not None and have != total:
        raise TryAgain(f"{url} broke off after {have} of {total} bytes; try again.")


def _number(header: str | None) -> int | None:
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 19 else None


def _date(header: str | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(header) if header else None
    except (ValueError, OverflowError):
        return None
    return when.replace(tzinfo=UTC) if when and not when.tzinfo else when


def _too_large(url: str, most_bytes: int) -> str:
    return f"{url} is larger than the {most_bytes} bytes allowed; it was not kept."


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """What the disk refuses is not the server's fault."""
    try:
        yield
    except OSError as error:
        raise NoRoom(
            f"{target.parent} cannot be written ({error.strerror}); make room or choose another place."
        ) from error

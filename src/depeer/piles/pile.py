"""From the paths a person gave to members, through every layer of folder, archive and compression."""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from depeer.errors import NotFound
from depeer.piles import compressed, detect, tar, zip
from depeer.piles.caps import Budget, Caps
from depeer.piles.entry import Entry
from depeer.piles.folder import Found, files_below, passed_over, printable
from depeer.piles.progress import Meter, Progress
from depeer.piles.stream import Damaged, Stream

DEFAULT_CAPS = Caps()
HEAD = 64 * 1024
REFUSED_BYTES = 2**20
EMPTY = "it is empty"
"""The reason that is no damage: there was nothing to lose."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file to be read, valid until the next is asked for.

    ``locator`` is a label relative to what was given (``spam.tar.xz!inmail.12``); ``head`` the first 64 KiB,
    which ``stream`` still gives; ``size`` the bytes it takes where it lies, None where that is unknown;
    ``modified`` the UTC day of the time stamp of the file given, None for standard input.
    """

    locator: str
    stream: Stream
    head: bytes
    size: int | None
    modified: date | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not be read, why in a sentence, and at most the first MiB of what was there."""

    locator: str
    reason: str
    data: bytes = b""


def open_pile(
    paths: Sequence[str | Path],
    caps: Caps = DEFAULT_CAPS,
    progress: Meter | None = None,
    skipped: Counter[str] | None = None,
) -> Generator[Member | Refusal, None, None]:
    """Every member of every path, in order; ``-`` is standard input.

    Meanwhile ``progress.done`` grows to `total_bytes`, and ``skipped`` counts what is passed over, by kind.
    Raises NotFound, before anything is read, if a path does not exist. A file that breaks off or exceeds a
    cap gives the members before that and then one Refusal, which carries no bytes where they were handed out.
    """
    for path in paths:
        if str(path) != "-" and not os.path.lexists(path):
            raise NotFound(f"there is no file or folder {path}; check the path")
        if str(path) != "-" and Path(path).is_symlink() and not os.path.exists(path):  # noqa: PTH110
            raise NotFound(f"{path} is a link to something that does not exist")
    meter = progress if progress is not None else Progress()
    return _pile(paths, caps, meter, skipped if skipped is not None else Counter())


def _pile(
    paths: Sequence[str | Path], caps: Caps, meter: Meter, skipped: Counter[str]
) -> Generator[Member | Refusal, None, None]:
    for path in paths:
        if str(path) == "-":
            opener = _Opener(Budget(caps, meter, meter.done), skipped)
            yield from opener.expand(_File(_stdin_reader(), meter), "-", None, 0)
            continue
        for found in files_below(Path(path), skipped):
            yield from _file(found, _Opener(Budget(caps, meter, meter.done), skipped))


def _file(found: Found, opener: _Opener) -> Iterator[Member | Refusal]:
    if found.problem:
        yield Refusal(found.label, found.problem)
        return
    meter = opener.budget.meter
    before = meter.done
    try:
        file = open(found.path, "rb", buffering=0)  # noqa: SIM115, PTH123 - closed below
    except OSError as error:
        yield Refusal(found.label, f"it cannot be opened: {error.strerror or error}")
    else:
        with file:
            stamp = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC).date()
            opener = replace(opener, modified=stamp)
            yield from opener.expand(_File(file.read, meter), found.label, found.size, 0)
    meter.done = max(meter.done, before + found.size)


def _stdin_reader() -> Callable[[int], bytes | None]:
    """What hands out what there is, instead of waiting for a full block."""
    buffer = sys.stdin.buffer
    return buffer.read1 if isinstance(buffer, io.BufferedReader | io.BytesIO) else buffer.read


class _File(Stream):
    """An open file or standard input; counts into the meter."""

    def __init__(self, read_some: Callable[[int], bytes | None], meter: Meter) -> None:
        super().__init__()
        self._read_some, self._meter = read_some, meter

    def _more(self, size: int) -> bytes:
        try:
            data = self._read_some(size) or b""
        except OSError as error:
            raise Damaged(f"reading stopped: {error.strerror or error}") from error
        self._meter.done += len(data)
        return data


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens one file given, layer by layer."""

    budget: Budget
    skipped: Counter[str]
    modified: date | None = None

    def expand(self, stream: Stream, label: str, size: int | None, depth: int) -> Iterator[Member | Refusal]:
        """The members of one layer, then its trouble, if it has any."""
        packed_before = stream.packed_count()
        head = stream.peek(HEAD)
        kind = detect.container(head)
        if reason := self._refused(stream, head, kind, depth):
            yield Refusal(label, reason, stream.read(REFUSED_BYTES))
        elif kind is None:
            stream.watch(self.budget.caps.check_growth, packed_before)
            if head:
                yield Member(label, stream, head, size, self.modified)
        elif kind in compressed.KINDS:
            yield from self.expand(compressed.unpack(kind, stream, self.budget), label, size, depth + 1)
        else:
            yield from self._archive(kind, stream, label, depth)
        if stream.trouble:
            yield Refusal(label, stream.trouble)

    def _refused(self, stream: Stream, head: bytes, kind: str | None, depth: int) -> str | None:
        if not head and not stream.cut:
            return EMPTY
        if kind and depth >= self.budget.caps.depth:
            return f"it is packed more than {self.budget.caps.depth} times over; unpack it first"
        if name := detect.foreign(head):
            return f"it is a {name} archive, which depeer does not read; unpack it first"
        return None

    def _archive(self, kind: str, stream: Stream, label: str, depth: int) -> Iterator[Member | Refusal]:
        entries = tar.entries(stream) if kind == "tar" else zip.entries(stream, self.budget)
        try:
            for entry in entries:
                if not self.budget.one_more():
                    limit = self.budget.caps.members
                    yield Refusal(label, f"it holds more than {limit} files; the rest was not read")
                    return
                yield from self._entry(entry, f"{label}!{_inner_label(entry.name)}", depth)
        except Damaged as damage:
            if not stream.cut:
                yield Refusal(label, str(damage))

    def _entry(self, entry: Entry, label: str, depth: int) -> Iterator[Member | Refusal]:
        skip = entry.skip or passed_over(_parts(entry.name))
        if skip:
            self.skipped[skip] += 1
        elif entry.problem:
            yield Refusal(label, entry.problem, entry.stream.read(REFUSED_BYTES))
        else:
            yield from self.expand(entry.stream, label, entry.size, depth + 1)


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _inner_label(name: str) -> str:
    return printable("/".join(_parts(name)))

"""The files of a folder in natural order, with Maildirs, hidden entries and symbolic links minded."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_DIGITS = re.compile(r"([0-9]+)")
_UNPRINTABLE = re.compile(r"[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_MAILDIR_FOLDERS = ("cur", "new", "tmp")
_MAILDIR_FILE = re.compile(r"[0-9]+\.[^/]+\.[^/]+")
_MAILDIR_INDEX = re.compile(r"dovecot|courierimap|maildirfolder$|maildirsize$|subscriptions$|\.")

MAX_FOLDERS = 200
"""Folders in one another; deeper ones are not read (nor can a path be that long on most systems)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file: where it is, the label it goes by, its size, and why it cannot be read, if so."""

    path: str
    label: str
    size: int = 0
    problem: str | None = None


def files_below(path: Path, skipped: Counter[str]) -> Iterator[Found]:
    """The file itself, or every file of the folder; what is passed over is counted in ``skipped``."""
    label = printable(Path(os.path.abspath(path)).name or "root")  # noqa: PTH100 - a link keeps its own name
    yield from _visit(str(path), label, skipped, set(), 0)


def natural(name: str) -> tuple[list[str | int], str]:
    """Sort key: digits count as numbers; the name itself settles what is then equal."""
    parts: list[str | int] = [*_DIGITS.split(name)]
    parts[1::2] = map(int, parts[1::2])
    return parts, name


def printable(name: str) -> str:
    """A name as a label: valid Unicode on one line, nothing that turns a terminal's text around."""
    return _UNPRINTABLE.sub(lambda char: f"\\x{ord(char[0]):02x}", name)[:1024]


def passed_over(parts: Sequence[str]) -> str | None:
    """Why a member of an archive, by the parts of its name, is not evidence; None if it may be.

    An archive does not show a folder's neighbours, so a Maildir's ``tmp`` is told by the file's name.
    """
    if len(parts) > 1 and parts[-2] in _MAILDIR_FOLDERS:
        if parts[-2] == "tmp" and _MAILDIR_FILE.match(parts[-1]):
            return "in a Maildir's tmp"
        parts = [*(part for part in parts[:-2] if not part.startswith(".")), parts[-1]]
    return "hidden" if any(part.startswith(".") and part not in (".", "..") for part in parts) else None


def _visit(
    path: str, label: str, skipped: Counter[str], seen: set[tuple[int, int]], depth: int
) -> Iterator[Found]:
    try:
        state = os.stat(path)  # noqa: PTH116 - Path objects for millions of names
    except OSError as error:
        yield Found(path, label, problem=_why(error))
        return
    if stat.S_ISREG(state.st_mode):
        yield Found(path, label, state.st_size)
    elif not stat.S_ISDIR(state.st_mode):
        yield Found(path, label, problem="it is a device, pipe or socket; pipe it into `-` to read it")
    elif (state.st_dev, state.st_ino) in seen or depth > MAX_FOLDERS:
        skipped["folder already read"] += 1
    else:
        seen.add((state.st_dev, state.st_ino))
        yield from _inside(path, label, skipped, seen, depth)


def _inside(
    path: str, label: str, skipped: Counter[str], seen: set[tuple[int, int]], depth: int
) -> Iterator[Found]:
    try:
        names = sorted(os.listdir(path), key=natural)  # noqa: PTH208 - Path objects for millions of names
    except OSError as error:
        yield Found(path, label, problem=_why(error))
        return
    maildir = "cur" in names and "new" in names
    for name in names:
        inner = f"{path}/{name}"
        reason = _skip_reason(inner, name, maildir=maildir)
        if reason:
            skipped[reason] += 1
        else:
            yield from _visit(inner, f"{label}/{printable(name)}", skipped, seen, depth + 1)


def _skip_reason(path: str, name: str, *, maildir: bool) -> str | None:
    if maildir and name == "tmp":
        return "in a Maildir's tmp"
    if maildir and _MAILDIR_INDEX.match(name) and not Path(path).is_dir():
        return "a Maildir's index"
    if name.startswith(".") and not Path(path, "cur").is_dir():
        return "hidden"
    return None


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "it may not be read; check its permissions"
    return f"it cannot be read: {error.strerror or type(error).__name__}"

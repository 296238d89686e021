"""How far a pile has been read, counted in bytes of the files given, however they are packed."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from depeer.piles.folder import files_below


class Meter(Protocol):
    """Anything with a count of the bytes done, of `total_bytes`."""

    done: int


@dataclass(slots=True)
class Progress:
    """The plainest `Meter`."""

    done: int = 0


def total_bytes(paths: Sequence[str | Path]) -> int | None:
    """Bytes that reading these paths will consume; None where that cannot be known (a pipe on ``-``)."""
    total = 0
    for path in paths:
        size = _size(path)
        if size is None:
            return None
        total += size
    return total


def _size(path: str | Path) -> int | None:
    if str(path) == "-":
        return _stdin_size()
    return sum(found.size for found in files_below(Path(path), Counter()) if found.problem is None)


def _stdin_size() -> int | None:
    try:
        state = os.fstat(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        return None
    return state.st_size if stat.S_ISREG(state.st_mode) else None

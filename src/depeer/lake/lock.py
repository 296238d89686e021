"""One writer at a time, held by the kernel, so that a killed writer leaves nothing locked."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from depeer.errors import TryAgain
from depeer.lake.store import disk_errors


@contextmanager
def exclusive(path: Path, patience: float = 600.0) -> Iterator[None]:
    """Hold the lock file at ``path`` (flock); waits up to ``patience`` seconds, then raises TryAgain.

    Raises NoRoom where the folder may not be written.
    """
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _wait(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TryAgain(
                    f"another depeer has been writing to {path.parent} for {patience:.0f} s; "
                    "try again when it is done"
                ) from None
            time.sleep(0.02)
        else:
            return

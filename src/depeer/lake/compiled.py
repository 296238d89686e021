"""Routing tables and name lists compiled to plain arrays on disk, so that one look-up need not read half a
million rows.

A cache: it can be deleted at any time and is made again from the kept tables.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa

from depeer.lake.store import disk_errors


class Compiled(Protocol):
    """What a table must offer to be kept here."""

    def arrays(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Compiled)


def load_or_build(
    folder: Path,
    rows: Callable[[], pa.Table],
    compile_rows: Callable[[pa.Table], T],
    from_arrays: Callable[[Mapping[str, Any]], T],
) -> T:
    """The arrays at ``folder``, memory-mapped; made from ``rows()`` where they are not there yet."""
    if not folder.is_dir():
        _save(folder, compile_rows(rows()))
    return from_arrays({path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")})


def _save(folder: Path, table: Compiled) -> None:
    """The folder appears whole or not at all."""
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}")
    with disk_errors(folder):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        for name, array in table.arrays().items():
            np.save(scratch / f"{name}.npy", array)
        try:
            scratch.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            shutil.rmtree(scratch)  # another process was quicker; its arrays are the same

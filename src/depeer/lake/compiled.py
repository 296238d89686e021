"""Routing tables compiled to plain arrays on disk, so that one look-up need not read half a million rows.

A cache: it can be deleted at any time and is made again from the kept table ``origins``.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa

from depeer.routing.table import OriginTable


def load(folder: Path) -> OriginTable | None:
    """The table at ``folder``, memory-mapped; None where it was not compiled yet."""
    if not folder.is_dir():
        return None
    arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    return OriginTable.from_arrays(arrays)


def build(folder: Path, origins: pa.Table) -> OriginTable:
    """Compile ``origins`` and save the arrays; the folder appears whole or not at all."""
    table = OriginTable.compile(origins)
    scratch = folder.with_name(f"{folder.name}.{os.getpid()}")
    scratch.mkdir(parents=True)
    for name, array in table.arrays().items():
        np.save(scratch / f"{name}.npy", array)
    try:
        scratch.rename(folder)
    except OSError:  # another process was quicker; its arrays are the same
        shutil.rmtree(scratch)
    return load(folder) or table

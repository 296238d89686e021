"""Small files that appear whole or not at all, whoever is killed while writing them."""

from __future__ import annotations

import os
from pathlib import Path


def write_once(path: Path, data: bytes, mode: int) -> None:
    """Create the file; one that is there already stays as it is."""
    scratch = _scratch(path, data, mode)
    try:
        os.link(scratch, path)
    except FileExistsError:
        pass
    finally:
        scratch.unlink()


def replace(path: Path, data: bytes) -> None:
    """Put new content in the place of the old, with the old file's permissions."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    _scratch(path, data, mode).replace(path)


def _scratch(path: Path, data: bytes, mode: int) -> Path:
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.write_bytes(data)
    scratch.chmod(mode)
    return scratch

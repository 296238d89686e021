"""The file in which a watch keeps its state: gzip around JSON. The watch takes up all of it, a report its curve."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from depeer.charts.visibility import Curve
from depeer.errors import BadInput, NotFound
from depeer.lake import whole
from depeer.lake.store import disk_errors

MEMORY = 2**30
"""Bytes that a state may unpack to."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen of the networks that a watch was told to watch."""

    curve: Curve
    simulated: bool


def pack(held: dict[str, Any], path: Path) -> None:
    """Write a state, whole or not at all. Raises NoRoom."""
    text = json.dumps(held, separators=(",", ":"))
    with disk_errors(path):
        whole.replace(path, gzip.compress(text.encode(), 6, mtime=0))


def unpack(path: Path) -> dict[str, Any]:
    """Raises ValueError, OSError or zlib.error for what was not written by ``pack``."""
    held = json.loads(zlib.decompressobj(31).decompress(path.read_bytes(), MEMORY))
    if not isinstance(held, dict):
        raise ValueError("it holds no state")
    return held


def watched(path: Path) -> Watched:
    """The curve of a state; one that an older version wrote has none. Raises NotFound, BadInput."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}; depeer watch --state {path} makes it")
    try:
        held = unpack(path)
        curve = Curve.of_plain(held["curve"]) if "curve" in held else Curve()
    except (OSError, ValueError, zlib.error, BadInput) as error:
        raise BadInput(f"{path} is no state of depeer watch ({error})") from error
    return Watched(curve, held.get("simulated") is True)

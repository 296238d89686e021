"""Pictures as files: drawn by what the name ends in, and there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from depeer.charts.picture import Spec, to_png, to_svg
from depeer.errors import BadUsage, NotFound
from depeer.lake import whole
from depeer.lake.store import disk_errors

ENDINGS = (".svg", ".png")


def drawable(path: Path) -> Path:
    """The path itself. Raises BadUsage for an ending that says no format, NotFound where its folder is missing."""
    if path.suffix.lower() not in ENDINGS:
        raise BadUsage(f"cannot tell a format by {path.name!r}; end it in .svg or .png")
    if not path.absolute().parent.is_dir():
        raise NotFound(f"there is no folder {path.parent}; make it first")
    return path


def draw(spec: Spec, path: Path) -> Path:
    """Draw the spec into the file. Raises as ``drawable`` does, and NoRoom."""
    drawable(path)
    data = to_svg(spec).encode() if path.suffix.lower() == ".svg" else to_png(spec)
    with disk_errors(path):
        whole.replace(path, data)
    return path

"""``depeer dates``: nosedives and surges found without being told, in a file or over all slices of a lake."""

from __future__ import annotations

from pathlib import Path

from depeer.lake import Lake
from depeer.lake.series import Slice, from_file, from_lake
from depeer.measures.dates import Jump, find


def dates(root: Path, series: Path | None, wanted: Slice, rate: float) -> tuple[list[Jump], int]:
    """The jumps found, at ``rate`` false ones in ten series-years over all slices, and how many those are."""
    slices = from_file(series) if series is not None else from_lake(Lake.open(root), wanted)
    return find(slices, rate), len(slices)

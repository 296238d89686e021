"""``depeer dates``: nosedives and surges found without being told, in a file or over all slices of a lake."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depeer.lake import Lake
from depeer.lake.series import Slice, from_file, from_lake
from depeer.measures.dates import LEAST_CELLS, LEAST_COUNT, Jump, find
from depeer.measures.effect.series import Series


def dates(root: Path, series: Path | None, wanted: Slice, rate: float) -> tuple[list[Jump], int, list[str]]:
    """The jumps found, at ``rate`` false ones in ten series-years over all slices, how many those are, and which
    of them hold too little to be searched. Each is searched by its own step."""
    slices = from_file(series, wanted.sensor) if series else from_lake(Lake.open(root), wanted)
    return find(slices, rate), len(slices), [one.sensor for one in slices if _too_little(one)]


def _too_little(series: Series) -> bool:
    known = int((~np.isnan(series.counts)).sum())
    return known < LEAST_CELLS[series.step] or float(np.nansum(series.counts)) < LEAST_COUNT

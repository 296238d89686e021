"""Medians that single cells cannot move: what stands far off its neighbours for a day or a few is no level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALF = 7
"""Cells to either side of a running median: what lasts for as many is a level of its own."""
CLIP = 4.0
TO_SD = 1.4826
"""Median absolute deviation of normal noise to its standard deviation."""


def medians(rows: Floats) -> Floats:
    """The median of the known values of each row; NaN where there are none."""
    ordered = np.sort(rows, axis=1)
    known = (~np.isnan(rows)).sum(axis=1)
    at, last = np.arange(len(rows)), rows.shape[1] - 1
    middle = 0.5 * (ordered[at, np.maximum(known - 1, 0) // 2] + ordered[at, np.minimum(known // 2, last)])
    return np.asarray(np.where(known > 0, middle, np.nan))


def off_middle(z: Floats) -> tuple[Floats, float]:
    """How far each cell stands from the running median, and the size of that in most of them."""
    padded = np.concatenate([np.full(HALF, np.nan), z, np.full(HALF, np.nan)])
    off = z - medians(np.lib.stride_tricks.sliding_window_view(padded, 2 * HALF + 1))
    known = np.abs(off[~np.isnan(off)])
    return off, TO_SD * float(np.median(known)) + 1e-9 if len(known) else 1.0


def drawn_in(z: Floats) -> Floats:
    """Single cells far from the running median are drawn in to it: a spike of a day is no change of level."""
    off, scale = off_middle(z)
    return np.asarray(z - off + np.clip(off, -CLIP * scale, CLIP * scale))

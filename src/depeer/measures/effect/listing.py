"""Counts of what stands on a list, not of what arrives; and a list that is empty from one cell to the next.

Separate things that come by chance make counts whose differences vary by twice their mean (Poisson). A list of what
is held for active moves less than that: most of it is the same as the day before. Its changes are rare and large,
which no noise of many cells foretells (docs/effect.md has how seldom intervals hold there). When such a list is at
once empty to the last entry (taken down, or no longer renewed?), its keeper may have dropped it, changed its expiry
rule or stopped publishing; counts alone cannot tell. What is taken down leaves a list entry by entry, or leaves a
rest (Qakbot's controllers: 81, then 2).
"""

from __future__ import annotations

import numpy as np

from depeer.measures.effect.series import Series

AHEAD, BEHIND = 28, 7
LEAST_COUNT = 5.0
LEAST_DIFFERENCES = 10
STILL = 0.5
"""Variance of the differences over the mean: 2 for Poisson counts; less than ½ in 3 of 10,000 such samples."""


def is_list(series: Series, event: int) -> bool:
    """Whether the ``AHEAD`` cells before ``event`` hold whole counts that moved less than chance moves a count."""
    before = series.counts[max(0, event - AHEAD) : event]
    steps = np.diff(before)
    steps = steps[~np.isnan(steps)]
    if len(steps) < LEAST_DIFFERENCES:
        return False
    known = before[~np.isnan(before)]
    mean = float(known.mean())
    return (
        bool((known == np.round(known)).all())
        and mean >= LEAST_COUNT
        and float(np.mean(steps**2)) < STILL * mean
    )


def emptied(series: Series, event: int) -> bool:
    """Whether a list holds nothing in all of the ``BEHIND`` cells from ``event`` on that are known (at least
    three)."""
    after = series.counts[event : event + BEHIND]
    after = after[~np.isnan(after)]
    return len(after) >= 3 and not after.any() and is_list(series, event)

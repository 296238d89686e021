"""Who gained after an event: volume by network or family before and after it, with what chance alone does.

*Panel.* Counts by key (an AS number, a family), day and sensor. A sensor's day is known or not; an unknown
day is no zero: it takes away the exposure that the sensor would have given, weighted by how much of the key
that sensor saw.

*Gain.* Mean count a day over ``width`` days after, minus that over as many before. Its variance has three parts:
counting (Poisson), what is the key's own (σ², by the Paule–Mandel rule from placebo windows: the same
comparison at dates before the event, all keys pooled), and what all keys share, since a sensor's noise moves
all of them together (AR(1) of the daily total, φ corrected for its bias, Kendall 1954). Tails are Student's,
of a degree that fits the placebo windows best. A key *rose in volume* when its gain is beyond that; it *rose
in share* when it rose against all others, which it also does when others fall. Both lists are held to a false
discovery rate of ``FDR`` (Benjamini & Hochberg 1995; valid here as noise common to all makes the tests depend
positively). Those named were picked for their luck too, so their intervals are wider, in order that 95 % of
all that are told hold (Benjamini & Yekutieli 2005).

*Quotient.* Bowers & Johnson (2003): (B₁/C₁ − B₀/C₀) / (A₁/C₁ − A₀/C₀), A the target, B all others, C counts
that the event cannot have touched (1 where there are none): −1 says that all that the target lost came from
others, 0 that nothing moved, above 0 that others fell with it. Its interval is Fieller's (1954), so that a
loss which may be none gives no number.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from depeer.measures.displacement.chance import noise_of
from depeer.measures.displacement.counts import BY_NETWORK, DAYS_UP, IN_PREFIX, NEWLY_LISTED, Panel, panel
from depeer.measures.displacement.gainers import FDR, Gain, gainers
from depeer.measures.displacement.quotient import level_of, quotient
from depeer.measures.displacement.windows import pair_of, placebo_dates, rates
from depeer.model import Estimate

__all__ = [
    "BY_NETWORK", "DAYS_UP", "FDR", "IN_PREFIX", "NEWLY_LISTED", "Displacement", "Gain", "Panel", "compare", "panel",
]  # fmt: skip

MOST = 2_000
"""Keys tested at most: those with the highest counts."""


@dataclass(frozen=True, slots=True)
class Displacement:
    """Who gained in the ``width`` days from the event on, against as many before."""

    width: int
    gainers: tuple[Gain, ...]
    """Those that rose in volume, largest gain first; then those that rose in share only."""
    tested: int
    placebo_dates: int
    target_before: float
    target_after: float
    rest: Estimate | None
    """Gain of all others together, a day."""
    quotient: Estimate | None
    reason: str
    """Why there is no quotient, or nobody was tested; empty otherwise."""


def compare(
    found: Panel,
    at: int,
    width: int,
    targets: Collection[Hashable] = (),
    control: Sequence[float] | None = None,
) -> Displacement:
    """What was where before day ``at`` of the panel, and from it on. ``control``: counts of days of something
    that the event cannot have touched, not a number where unknown; one for each day of the panel.

    A refusal has a reason and no gainers: no day known on one of both sides, or no placebo date.
    """
    aim = found.rows(targets)
    pair = pair_of(found, at, width)
    starts = placebo_dates(found, at, width)
    before, after = rates(pair, aim)
    if not pair.usable.any() or not starts:
        why = (
            "no day on one of both sides is known"
            if not pair.usable.any()
            else f"fewer than {2 * width} days before the event are known: no date to compare chance by"
        )
        return Displacement(width, (), 0, len(starts), before, after, None, None, why)
    noise = noise_of(found, at, width, starts, aim, control)
    rest, moved, reason = quotient(pair, aim, noise, level_of(control, at, width))
    tested = np.flatnonzero(pair.tested & ~aim)
    order = tested[np.argsort(-(pair.y0 + pair.y1)[tested], kind="stable")][:MOST]
    rose = gainers(found.keys, pair, order, aim, noise)
    return Displacement(width, rose, len(order), len(starts), before, after, rest, moved, reason)

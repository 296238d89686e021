"""Synthetic control (Abadie & Gardeazabal 2003; Abadie, Diamond & Hainmueller 2010), outcomes only.

The treated series before the event is matched by a weighted mean of donors; the same weights after it are the
counterfactual. A donor must be something that the event cannot have touched: ham, other abuse, another botnet. Other
spam sensors are no donors, since all of them are treated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.measures.effect import simplex

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """``weights`` (donors,), ``gap`` (cells,) treated less synthetic, ``event`` the first cell after."""

    weights: Floats
    gap: Floats
    event: int

    @property
    def mean_gap(self) -> float:
        return float(self.gap[self.event :].mean())

    @property
    def mspe_before(self) -> float:
        return float((self.gap[: self.event] ** 2).mean())

    @property
    def rmspe_before(self) -> float:
        return float(np.sqrt(self.mspe_before))

    @property
    def ratio(self) -> float:
        """Mean squared gap after over before: the statistic of the placebo test over donors."""
        return float((self.gap[self.event :] ** 2).mean()) / max(self.mspe_before, 1e-300)


def fit(treated: Floats, donors: Floats, event: int, matched: tuple[Floats, Floats] | None = None) -> Control:
    """``treated`` (T,), ``donors`` (n, T), no gaps; at least two cells before the event and one after. ``matched``:
    predictors to match instead of the series before the event, (p,) of the treated and (n, p) of the donors, already
    scaled by the root of their importance (the V of Abadie & Gardeazabal, for which there is no unique choice)."""
    _check(treated, donors, event)
    own, others = (treated[:event], donors[:, :event]) if matched is None else matched
    weights = simplex.optimum(others.T, own)
    return Control(weights, treated - weights @ donors, event)


def rank_p(treated: Floats, donors: Floats, event: int) -> tuple[float, int]:
    """Share of units, the treated one among them, whose ratio is as large when each donor in turn is taken for the
    treated one; and the number of units, below whose inverse no p is supported."""
    own = fit(treated, donors, event).ratio
    others = [fit(donors[i], np.delete(donors, i, axis=0), event).ratio for i in range(len(donors))]
    return (1 + sum(ratio >= own for ratio in others)) / (1 + len(others)), 1 + len(others)


def _check(treated: Floats, donors: Floats, event: int) -> None:
    if donors.ndim != 2 or not len(donors) or donors.shape[1] != len(treated):
        raise ValueError(f"donors {donors.shape} do not fit a treated series of {len(treated)} cells")
    if not 2 <= event < len(treated):
        raise ValueError(f"event at cell {event} leaves no two cells before and one after, of {len(treated)}")
    if not (np.isfinite(treated).all() and np.isfinite(donors).all()):
        raise ValueError("synthetic control needs series without gaps")

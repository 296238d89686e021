"""The weighted displacement quotient (Bowers & Johnson 2003) with Fieller's interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from depeer.measures.displacement.chance import Noise
from depeer.measures.displacement.gainers import LEVEL
from depeer.measures.displacement.windows import Pair, rates
from depeer.model import Estimate

Mask = NDArray[np.bool_]


def level_of(control: Sequence[float] | None, at: int, width: int) -> tuple[float, float]:
    """C before and after: means of the control's known days; 1 and 1 without one."""
    if control is None:
        return 1.0, 1.0
    days = np.asarray(control, dtype=float)
    with np.errstate(invalid="ignore"):
        parts = [days[max(at - width, 0) : at], days[at : at + width]]
    means = [float(p[np.isfinite(p)].mean()) if np.isfinite(p).any() else float("nan") for p in parts]
    return means[0], means[1]


def quotient(
    pair: Pair, aim: Mask, noise: Noise, level: tuple[float, float]
) -> tuple[Estimate | None, Estimate | None, str]:
    """Gain of the rest, the quotient, and why there is none."""
    from scipy.stats import t

    (a0, a1), (b0, b1) = rates(pair, aim), rates(pair, ~aim)
    c0, c1 = level
    if not (c0 > 0 and c1 > 0):
        return None, None, "the control is unknown or zero before or after"
    # in units of counts a day before the event
    change = c0 / c1
    rise, loss = b1 * change - b0, a1 * change - a0
    critical = float(t.ppf((1 + LEVEL) / 2, noise.shared_degrees))
    v_rise = (b0**2 + (b1 * change) ** 2) / 2 * noise.shared
    half = critical * float(np.sqrt(v_rise))
    rest = Estimate(rise, rise - half, rise + half, LEVEL, "AR(1) of the daily total, Student")
    if not aim.any() or a0 == 0:
        return rest, None, "nothing was counted in the target before the event"
    counting = float(pair.y0[aim].sum() + pair.y1[aim].sum() + 0.5) / max(float(pair.e0[aim].max()), 1.0) ** 2
    v_loss = noise.scale**2 * counting + (a0**2 + (a1 * change) ** 2) / 2 * (noise.shared + noise.own)
    together = (a0 * b0 + a1 * b1 * change**2) / 2 * noise.shared
    interval = _fieller(rise, loss, v_rise, v_loss, together, critical)
    if interval is None:
        return rest, None, "the target's own change may be none: no quotient"
    return rest, Estimate(rise / loss, *interval, LEVEL, "Bowers & Johnson, Fieller"), ""


def _fieller(
    top: float, bottom: float, v_top: float, v_bottom: float, both: float, critical: float
) -> tuple[float, float] | None:
    """All q for which top − q·bottom may be none; None where they have no end (Fieller 1954)."""
    k = critical**2
    a, b, c = bottom**2 - k * v_bottom, top * bottom - k * both, top**2 - k * v_top
    inside = b * b - a * c
    if a <= 0 or inside < 0:
        return None
    root = float(np.sqrt(inside))
    return (b - root) / a, (b + root) / a

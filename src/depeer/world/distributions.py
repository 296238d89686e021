"""The laws that a world is drawn from, by name: rates, noise with memory, leases of addresses. Each can be
exchanged in a scenario, so that an estimate is tried on a world that it does not assume. Adding one is adding a
function and a line in its table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]

# ---------------------------------------------------------------------- rates of bad addresses, mean one


def _gamma(random: np.random.Generator, count: int, spread: float) -> Floats:
    """Gamma with coefficient of variation ``spread``."""
    return np.asarray(random.gamma(spread**-2, spread**2, count))


def _lognormal(random: np.random.Generator, count: int, spread: float) -> Floats:
    """Lognormal; ``spread`` is the sd of the log."""
    return np.asarray(np.exp(spread * random.standard_normal(count) - spread**2 / 2))


def _contaminated(random: np.random.Generator, count: int, spread: float) -> Floats:
    """Mild Gamma rates (cv ``spread``), but one network in a hundred has fifty times as much."""
    bad = random.random(count) < 0.01
    return np.asarray(np.where(bad, 50.0, 1.0) * _gamma(random, count, spread) / 1.49)


def _zero_inflated(random: np.random.Generator, count: int, spread: float) -> Floats:
    """Nothing at all in nine networks of ten, lognormal in the tenth."""
    some = random.random(count) < 0.1
    return np.asarray(np.where(some, 10.0, 0.0) * _lognormal(random, count, spread))


RateLaw = Callable[[np.random.Generator, int, float], Floats]
RATES: Mapping[str, RateLaw] = {
    "gamma": _gamma,
    "lognormal": _lognormal,
    "contaminated": _contaminated,
    "zero-inflated": _zero_inflated,
}
"""(random, count, spread) → rates relative to the mean of one."""

# ------------------------------------------------------------------------ noise of counts, mean one a day


def ar1(random: np.random.Generator, days: int, phi: float) -> Floats:
    """A stationary Gaussian AR(1) of unit variance: correlation ``phi`` from one day to the next."""
    shocks = random.standard_normal(days) * np.sqrt(1 - phi**2)
    path = np.empty(days)
    state = random.standard_normal()
    for day, shock in enumerate(shocks):
        state = phi * state + shock
        path[day] = state
    return path


def _ar1_lognormal(random: np.random.Generator, days: int, sd: float, phi: float) -> Floats:
    return np.asarray(np.exp(sd * ar1(random, days, phi) - sd**2 / 2))


def _negative_binomial(random: np.random.Generator, days: int, sd: float, phi: float) -> Floats:
    """Gamma factors (so that Poisson counts about them are negative binomial), joined by a Gaussian copula."""
    shape = max(sd, 1e-3) ** -2
    return np.asarray(special.gammaincinv(shape, special.ndtr(ar1(random, days, phi))) / shape)


def _heavy_tailed(random: np.random.Generator, days: int, sd: float, phi: float) -> Floats:
    """The log follows Student's t with 3 degrees of freedom (cut at 6 of its sd), joined by a Gaussian copula."""
    grid = _cut_t((np.arange(20_000) + 0.5) / 20_000)
    path = _cut_t(special.ndtr(ar1(random, days, phi)))
    return np.asarray(np.exp(sd * path) / np.exp(sd * grid).mean())


def _cut_t(levels: Floats) -> Floats:
    return np.asarray(np.clip(stats.t.ppf(levels, 3) / np.sqrt(3), -6, 6))


def _independent(random: np.random.Generator, days: int, sd: float, phi: float) -> Floats:  # noqa: ARG001
    """Lognormal without memory, whatever ``phi`` says."""
    return _ar1_lognormal(random, days, sd, 0.0)


NoiseLaw = Callable[[np.random.Generator, int, float, float], Floats]
NOISE: Mapping[str, NoiseLaw] = {
    "ar1-lognormal": _ar1_lognormal,
    "negative-binomial": _negative_binomial,
    "heavy-tailed": _heavy_tailed,
    "independent": _independent,
}
"""(random, days, sd, phi) → factors by which a sensor's days are off, of mean one."""

# ------------------------------------------------------------- how long a machine keeps an address, in days


def _static(random: np.random.Generator, count: int, mean: float) -> Floats:  # noqa: ARG001
    return np.full(count, np.inf)


def _fixed(random: np.random.Generator, count: int, mean: float) -> Floats:  # noqa: ARG001
    """Everybody's line is cut after the same time, as some providers do each day."""
    return np.full(count, mean)


def _exponential(random: np.random.Generator, count: int, mean: float) -> Floats:
    return np.asarray(np.maximum(random.exponential(mean, count), 0.25))


def _pareto(random: np.random.Generator, count: int, mean: float) -> Floats:
    """Most change often, some hardly ever: Pareto with exponent 1.5 of mean ``mean``."""
    return np.asarray(mean / 3 * (1 + random.pareto(1.5, count)))


ChurnLaw = Callable[[np.random.Generator, int, float], Floats]
CHURN: Mapping[str, ChurnLaw] = {
    "static": _static,
    "fixed": _fixed,
    "exponential": _exponential,
    "pareto": _pareto,
}
"""(random, machines, mean) → each machine's lease in days."""

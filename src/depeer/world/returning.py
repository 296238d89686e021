"""What a network does that was cut off: when somebody carries it again, and who. Exchangeable laws, by name.

Nobody has published more than a handful of such cases (McColo back on day 4 through a provider that it had had
all along, Atrivo on day 3 through a new one, for two days), so no law is fitted: they span what these
leave open, and an estimate has to hold under each. *When*: days until the return, infinite for those that give up.
*Who*: a former uplink, or one chosen as networks of this world choose theirs, or the way its neighbours go.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from depeer.world.graph import Graph, Mask, Rows
from depeer.world.internet import Internet

Floats = NDArray[np.float64]
When = Callable[[np.random.Generator, int], Floats]
Who = Callable[[Internet, Graph, int], Floats]
_AT_HOME = 0.62
"""Share of providers sought at home first, as in ``topology``."""


def published(rng: np.random.Generator, count: int) -> Floats:
    """Back within the week: the share that two of three cases leave open, the same for all networks of a world. The
    others give up, or take one to six months."""
    share = rng.beta(2.5, 1.5)
    soon = np.minimum(rng.lognormal(np.log(3.0), 0.5, count), 7.0)
    late = np.where(rng.random(count) < 0.5, rng.uniform(30, 180, count), np.inf)
    return np.where(rng.random(count) < share, soon, late)


def steady(rng: np.random.Generator, count: int) -> Floats:
    """The same chance each day, which differs from world to world: one in two to one in fifty, about."""
    return rng.exponential(np.exp(rng.normal(np.log(8.0), 1.0)), count)


def split(rng: np.random.Generator, count: int) -> Floats:
    """Two kinds of network: one gives up, the other keeps trying; the world says how many of each."""
    tries = rng.random(count) < rng.random()
    return np.where(tries, 5.0 * rng.weibull(0.8, count), np.inf)


WHEN: dict[str, When] = {"published": published, "steady": steady, "split": split}


def attached(internet: Internet, graph: Graph, row: int) -> Floats:
    """By number of customers, at home or anywhere: as networks of this world chose their providers."""
    return attachment(graph.customers.degree(), internet.region == internet.region[row])


def attachment(customers: NDArray[np.int64], home: Mask) -> Floats:
    """Chance of each network (n) to be chosen."""
    weight = customers.astype(np.float64)
    near = np.where(home, weight, 0.0)
    if not near.any():
        return np.asarray(weight / max(weight.sum(), 1.0))
    return np.asarray(_AT_HOME * near / near.sum() + (1 - _AT_HOME) * weight / weight.sum())


def local(internet: Internet, graph: Graph, row: int) -> Floats:
    """At home only, and small carriers as likely as large ones: whoever is in the same building."""
    able = (graph.customers.degree() > 0) & (internet.region == internet.region[row])
    return _even(able) if able.any() else attached(internet, graph, row)


def returning(internet: Internet, graph: Graph, row: int) -> Floats:
    """Somebody who carried it before and no longer does; where there is none, as ``attached``."""
    links = internet.links
    mine = (links.lower == row) & ~links.peer & ~links.dormant
    before = np.zeros(len(internet), dtype=bool)
    before[links.upper[mine]] = True
    before[graph.providers.row(row)] = False
    return _even(before) if before.any() else attached(internet, graph, row)


def alike(internet: Internet, graph: Graph, row: int) -> Floats:
    """A provider of somebody who buys where it bought."""
    sellers = graph.providers.row(row)
    fellows = np.unique(graph.customers.step(sellers)[0]) if len(sellers) else sellers
    chosen: Rows = graph.providers.step(fellows[fellows != row].astype(np.int32))[0]
    weight = np.bincount(chosen, minlength=len(internet)).astype(np.float64)
    return weight / weight.sum() if weight.any() else attached(internet, graph, row)


WHO: dict[str, Who] = {"attached": attached, "local": local, "returning": returning, "alike": alike}
MIXED = {"attached": 0.4, "local": 0.2, "returning": 0.2, "alike": 0.2}
"""One in five goes back to somebody it knew: of three published returns one did."""


def chances(internet: Internet, graph: Graph, row: int, law: str = "mixed") -> Floats:
    """Chance of each network (n) to carry network ``row`` next. ``graph``: what carries routes before the cut.

    Never itself, nor who buys from it, directly or through others.
    """
    names = MIXED if law == "mixed" else {law: 1.0}
    weight = sum(
        (share * WHO[name](internet, graph, row) for name, share in names.items()),
        np.zeros(len(internet)),
    )
    weight = np.where(graph.cone(row), 0.0, weight)
    return np.asarray(weight / max(float(weight.sum()), 1e-300))


def _even(able: Mask) -> Floats:
    return np.asarray(able / able.sum())

"""How likely a network is off after a cut, now and some days later, when relationship files are old and miss links.

Three errors of such files are estimated by comparing files of several dates (or the tables of several
vantage points):

*Stale* links: in the file, but gone since. A link is lost at a rate of its own, drawn from a gamma density,
so that the share still there after a days is (1 + a/β)^-α (Lomax); α and β by maximum likelihood over all
pairs of files. *Missed* links: there, but not in the file. A link in the file before and in the one after
was most likely there in between: the share of these that the middle file misses, network by network, is
beta-binomial. Withheld vantage points give the same from tables: what the others see and the rest would
have missed. *New* links: gained since. Counts a network and week are negative binomial, by number of
providers.

A network that was just cut does not wait for the background rate: how often networks came back within the
horizon is a Beta over outages that were watched to their end. Published ones are few (``PUBLISHED``), so
that alone is wide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import gamma

from depeer.measures.next_uplink import uplink_keys
from depeer.measures.unlisted import Share, Unlisted
from depeer.model import Estimate
from depeer.routing.graph import Graph, Ints, Mask

Floats = NDArray[np.float64]
_File = tuple[date, Ints, Graph]
"""Its day, its links as network << 32 | neighbour, ascending, and the graph."""

DRAWS = 4000
LEVEL = 0.95
SEED = 20081111
CLASSES = (1, 2, 3, 5)
"""Least numbers of providers of the classes by which gains are counted."""
_WEEK = 7.0
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Lasting:
    """Lomax: the share of links still there after ``days`` is (1 + days/scale)^-shape."""

    shape: float
    scale: float

    def share(self, days: float) -> float:
        return float((1 + max(days, 0.0) / self.scale) ** -self.shape)


@dataclass(frozen=True, slots=True)
class Missed:
    """Beta density, over networks, of the share of their links that a file misses."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)


@dataclass(frozen=True, slots=True)
class Gains:
    """Negative binomial: new providers a network and week, ``mean`` and ``size`` (var = mean + mean²/size)."""

    mean: float
    size: float

    def none_in(self, weeks: float) -> float:
        return float((1 + self.mean * weeks / self.size) ** -self.size)


@dataclass(frozen=True, slots=True)
class Rates:
    """``sole``: of networks with one provider in the file, ``provider``: with several (these let go of one sooner).
    ``gains``: one for each of ``CLASSES``. ``files``: how many files they were estimated from."""

    sole: Lasting
    provider: Lasting
    peer: Lasting
    missed: Missed
    gains: tuple[Gains, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Returns:
    """Outages watched to their end: how many networks were back within ``days``, how many were not."""

    back: int
    stayed: int
    days: float = _WEEK


PUBLISHED = Returns(back=2, stayed=1)
"""McColo cut on 2008-11-11, back on the 15th; Atrivo cut on 2008-09-20, back on the 23rd, and cut on the 25th for
good. Contemporary reports; three cases, so they hardly narrow anything."""
NEVER_LISTED = Share(1.0, 19.0)
"""Networks with an uplink that no file lists, where no table was held against the files: RouteViews' table of
2008-05-01 (its first part) shows one for 2.4 % of networks that neither CAIDA's file before nor that after has."""
ASLEEP = Share(1.0, 9.0)
"""Networks with a backup that nobody has seen: a guess, for where no failures were watched."""


@dataclass(frozen=True, slots=True)
class Left:
    """An uplink that a cut leaves: provider, sibling or peer; the file's ``age`` in days when the cut happens.

    ``seen``: whether observed routes use it (True: it was there, with ``age`` counted from then; False:
    observers of that day do not see it used; None: nobody looked).
    """

    kind: str
    age: float
    seen: bool | None = None


@dataclass(frozen=True, slots=True)
class Offline:
    """Probability that no uplink carries the network's routes: right after the cut, and ``days`` later."""

    now: Estimate
    later: Estimate
    days: float


MEASURED = Rates(
    sole=Lasting(1.618, 4550.6),
    provider=Lasting(0.984, 1581.9),
    peer=Lasting(0.680, 527.2),
    missed=Missed(1.352, 44.24),
    gains=(Gains(0.00381, 3.73), Gains(0.00398, 3.08), Gains(0.00586, 2.83), Gains(0.01222, 0.527)),
    files=6,
)
"""By ``fit_rates`` on CAIDA's serial-1 files of January 2007, 2008, 2009, 2013, 2018 and 2023; for where fewer than
three dates are at hand."""


def p_offline(
    left: Sequence[Left],
    known: int,
    rates: Rates,
    returns: Returns = PUBLISHED,
    days: float = _WEEK,
    unlisted: Unlisted | None = None,
    seen: bool = False,
    since: float = 0.0,
) -> Offline:
    """Whether a cut holds. ``left``: uplinks in the file that it leaves; ``known``: all providers in the file, those
    cut too, from which the number of missed ones follows; with ``unlisted`` it follows from what tables and failures
    show instead. ``seen``: a table of the day shows the network, so what that shows is among those known. ``since``:
    days since somebody last looked at its uplinks: it may have gained others.

    The intervals hold the probabilities of networks that look like this one: rates differ from network to
    network.
    """
    dice = np.random.default_rng(SEED)
    quantile = dice.uniform(size=DRAWS)
    missed = dice.beta(rates.missed.a, rates.missed.b, DRAWS)
    if unlisted is None:
        off = (1 - missed) ** max(known, 0) * (1 - NEVER_LISTED.draws(dice, DRAWS))
        asleep = ASLEEP
    else:
        off = 1 - unlisted.hides(known, seen=seen).draws(dice, DRAWS)
        asleep = unlisted.dormant
    gains = _gains(rates, known)
    off = off * (1 - asleep.draws(dice, DRAWS)) * gains.none_in(since / _WEEK)
    for uplink in left:
        unshown = missed if unlisted is None else 1 - unlisted.shows(uplink.kind, known).draws(dice, DRAWS)
        off = off * (1 - _usable(uplink, known, rates, quantile, unshown))
    back = dice.beta(returns.back + 0.5, returns.stayed + 0.5, DRAWS)
    stays = (1 - back) ** (days / returns.days) * gains.none_in(days / _WEEK)
    return Offline(_estimate(off, "now"), _estimate(off * stays, f"after {days:g} days"), days)


def _usable(uplink: Left, known: int, rates: Rates, quantile: Floats, unshown: Floats) -> Floats:
    """P(the link is there), for each draw; by Bayes' rule where observers did not see it used."""
    lasting = rates.peer if uplink.kind == "peer" else rates.provider if known > 1 else rates.sole
    rate = gamma.ppf(quantile, lasting.shape, scale=1 / lasting.scale)
    there = np.exp(-rate * max(uplink.age, 0.0))
    if uplink.seen is False:
        there = there * unshown / np.maximum(there * unshown + 1 - there, 1e-300)
    return np.asarray(there)


def p_there(uplink: Left, known: int, rates: Rates, unlisted: Unlisted | None = None) -> float:
    """How likely an uplink that a cut leaves is there to carry; ``known`` as in `p_offline`."""
    unshown = rates.missed.mean if unlisted is None else 1 - unlisted.shows(uplink.kind, known).mean
    middle = (np.arange(DRAWS) + 0.5) / DRAWS
    return float(_usable(uplink, known, rates, middle, np.full(DRAWS, unshown)).mean())


def _gains(rates: Rates, known: int) -> Gains:
    return rates.gains[int(_classes(np.array([max(known, 1)]))[0])]


def _estimate(values: Floats, when: str) -> Estimate:
    """The mean, and the interval that holds ``LEVEL`` of the draws, widened where the mean lies outside it."""
    mean, (low, high) = float(values.mean()), np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    method = f"probability of being off {when}; stale, missed and new links by comparison of dates"
    return Estimate(mean, min(float(low), mean), max(float(high), mean), LEVEL, method)


def fit_rates(files: Sequence[tuple[date, Graph]]) -> Rates:
    """From relationship files of at least three dates, any order; ValueError for fewer."""
    dated = sorted(files, key=lambda file: file[0])
    if len({day for day, _ in dated}) < 3:
        raise ValueError("rates of stale and missed links need relationship files of at least three dates")
    providers = [(day, uplink_keys(graph), graph) for day, graph in dated]
    peers = [(day, _peer_keys(graph), graph) for day, graph in dated]
    missed = [
        _misses(*(file[1] for file in three))
        for three in zip(providers, providers[1:], providers[2:], strict=False)
    ]
    counts, misses = (np.concatenate(part) for part in zip(*missed, strict=True))
    return Rates(
        sole=fit_lasting(_pairs(providers, lambda count: count == 1)),
        provider=fit_lasting(_pairs(providers, lambda count: count > 1)),
        peer=fit_lasting(_pairs(peers)),
        missed=fit_missed(counts, misses),
        gains=_fit_gains(providers),
        files=len(dated),
    )


def _peer_keys(graph: Graph) -> Ints:
    node = np.repeat(np.arange(len(graph)), graph.peers.counts())
    return np.sort(graph.asn[node] << 32 | graph.asn[graph.peers.targets])


def _all(count: Ints) -> Mask:
    return np.ones(len(count), dtype=bool)


def _pairs(files: Sequence[_File], of: Callable[[Ints], Mask] = _all) -> list[tuple[float, int, int]]:
    """For every two dates: days between, links of networks that both have, and how many of them both have; of
    networks whose number of links in the older file is asked for."""
    found = []
    for (day, old, _), (later, new, graph) in combinations(files, 2):
        _, place, count = np.unique(old >> 32, return_inverse=True, return_counts=True)
        alive = np.isin(old >> 32, graph.asn) & of(count[place])
        found.append((float((later - day).days), int(alive.sum()), int(np.isin(old[alive], new).sum())))
    return [(days, links, kept) for days, links, kept in found if days > 0 and links]


def fit_lasting(pairs: Sequence[tuple[float, int, int]]) -> Lasting:
    """From (days, links, links still there). A weak prior (log shape ~ N(0, 1)) keeps one pair from leaving the shape
    open. ValueError where there is no pair."""
    if not pairs:
        raise ValueError("no links to follow from one date to another")
    days, links, kept = np.array(pairs, dtype=np.float64).T

    def loss(point: Floats) -> float:
        share = np.clip((1 + days / np.exp(point[1])) ** -np.exp(point[0]), 1e-12, 1 - 1e-12)
        return float(-(kept * np.log(share) + (links - kept) * np.log1p(-share)).sum() + point[0] ** 2 / 2)

    found = minimize(loss, np.array([0.0, np.log(3 * _YEAR)]), method="Nelder-Mead", options={"xatol": 1e-6})
    return Lasting(float(np.exp(found.x[0])), float(np.exp(found.x[1])))


def _misses(before: Ints, middle: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Per network: links that the files before and after have, and those of them that the middle one misses."""
    sure = np.intersect1d(before, after, assume_unique=True)
    _, index, count = np.unique(sure >> 32, return_inverse=True, return_counts=True)
    return count, np.bincount(index, ~np.isin(sure, middle), len(count)).astype(np.int64)


def withheld(vantage: Ints, link: Ints) -> tuple[Ints, Ints]:
    """Per network: uplinks seen by some vantage point, and those that one half of these would have missed.

    ``vantage`` and ``link`` (network << 32 | uplink): one entry for each link that a vantage point's table
    shows. The vantage points are halved by turns in the order of their numbers.
    """
    points = np.unique(vantage)
    kept = np.isin(vantage, points[::2])
    seen = np.unique(link)
    _, index, count = np.unique(seen >> 32, return_inverse=True, return_counts=True)
    return count, np.bincount(index, ~np.isin(seen, link[kept]), len(count)).astype(np.int64)


def fit_missed(counts: Ints, misses: Ints) -> Missed:
    """Beta-binomial by maximum likelihood, with a weak prior: half a link missed and half a link seen."""
    pairs, weight = np.unique(np.stack([counts, misses]), axis=1, return_counts=True)
    n, k = pairs.astype(np.float64)

    def loss(point: Floats) -> float:
        a, b = np.exp(np.clip(point, -12, 12))
        mean = a / (a + b)
        prior = 0.5 * np.log(mean) + 0.5 * np.log1p(-mean) - 0.05 * np.log(a + b) ** 2
        return float(-(weight * (betaln(a + k, b + n - k) - betaln(a, b))).sum() - prior)

    found = minimize(
        loss, np.array([-1.0, 2.0]), method="Nelder-Mead", options={"xatol": 1e-6, "maxiter": 2000}
    )
    a, b = np.exp(np.clip(found.x, -12, 12))
    return Missed(float(a), float(b))


def _fit_gains(files: Sequence[_File]) -> tuple[Gains, ...]:
    """By class, from dates next to each other, of networks that both files have."""
    rows = [_gained(old, new, (later - day).days / 7) for (day, old, _), (later, new, _) in pairwise(files)]
    kind, count, weeks = (np.concatenate(part) for part in zip(*rows, strict=True))
    return tuple(fit_gains(count[kind == number], weeks[kind == number]) for number in range(len(CLASSES)))


def _gained(old: Ints, new: Ints, weeks: float) -> tuple[Ints, Ints, Floats]:
    """Per network of both: its class in the old file, new providers, weeks."""
    networks, had = np.unique(old >> 32, return_counts=True)
    fresh = np.setdiff1d(new, old, assume_unique=True) >> 32
    fresh = fresh[np.isin(fresh, networks)]
    count = np.bincount(np.searchsorted(networks, fresh), minlength=len(networks))
    alive = np.isin(networks, new >> 32)
    return _classes(had)[alive], count[alive], np.full(int(alive.sum()), weeks)


def _classes(providers: Ints) -> Ints:
    return np.maximum(np.searchsorted(np.array(CLASSES), providers, side="right") - 1, 0)


def fit_gains(count: Ints, weeks: Floats) -> Gains:
    """By moments, with half a gain in a hundred years where nothing was seen. Spans may differ: the variance is
    taken of counts against what the mean rate lets expect."""
    if not len(count):
        return Gains(0.5 / (100 * 52), 1.0)
    mean = (float(count.sum()) + 0.5) / (float(weeks.sum()) + 100 * 52)
    expected = mean * weeks
    excess = float(((count - expected) ** 2 - expected).sum())
    return Gains(mean, float(np.clip((expected**2).sum() / max(excess, 1e-9), 1e-3, 1e3)))

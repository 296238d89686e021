"""Uplinks that no relationship file lists: how many networks have one, from tables beside a file and from failures.

*Hidden* uplinks carry routes, and no file lists them. A table of a route collector shows those that its vantage
points use, so the share of networks with one beyond the file is counted, by number of uplinks listed, and corrected
for what the table misses: of the listed links it shows a share ``shown`` only (two catches of the same stock, as in
Lincoln and Petersen's estimate of a population).

*Dormant* uplinks carry routes only once another has failed, so neither shows them in quiet times. Failures do: of the
networks that a table between two others shows without an uplink which both have, some have a neighbour in it that
nothing else shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.routing.graph import Adjacency, Graph, Ints, Mask

Floats = NDArray[np.float64]
CLASSES = (1, 2, 3, 5)
"""Least numbers of listed uplinks of the classes."""
_PRIOR = 2.0
"""Weight, in networks, with which a class is drawn to all."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share as a Beta density."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)

    def draws(self, dice: np.random.Generator, count: int) -> Floats:
        return np.asarray(dice.beta(self.a, self.b, count))


@dataclass(frozen=True, slots=True)
class Unlisted:
    """``hidden``: networks with an uplink in use that the file does not list; ``shown``: of listed providers, those
    that a table shows; both by ``CLASSES``. ``peers_shown``: of listed peers (few, unless vantage points stand below
    them); ``dormant``: networks that lose an uplink and have one that nobody knew; ``unshown``: how much of what an
    older file lists, and a table does not show, is there all the same (`fit_unshown`; None: by ``shown``)."""

    hidden: tuple[Share, ...]
    shown: tuple[Share, ...]
    peers_shown: Share
    dormant: Share
    unshown: Share | None = None

    def hides(self, known: int, *, seen: bool) -> Share:
        """For a network with ``known`` uplinks; ``seen``: a table of that time shows it, and what that shows is
        known already."""
        found = self.hidden[_class(known)]
        if not seen:
            return found
        missed = found.mean * (1 - self.shown[_class(known + 1)].mean)
        mean = missed / (missed + 1 - found.mean)
        return Share(mean * (found.a + found.b), (1 - mean) * (found.a + found.b))

    def shows(self, kind: str, known: int) -> Share:
        """How likely a table shows an uplink that is there, of a network with so many."""
        if kind == "peer" or self.unshown is None:
            return self.peers_shown if kind == "peer" else self.shown[_class(known)]
        return Share(self.unshown.b, self.unshown.a)


def classes(known: Ints) -> Ints:
    return np.maximum(np.searchsorted(np.array(CLASSES), known, side="right") - 1, 0)


def _class(known: int) -> int:
    return int(classes(np.array([known]))[0])


def listed(graph: Graph) -> Ints:
    """Every uplink that a file lists as network << 32 | neighbour (AS numbers), ascending: providers, siblings, and
    peers from both ends."""
    ends = []
    for links in (graph.up, graph.peers):
        source = np.repeat(np.arange(len(graph)), links.counts())
        ends.append(graph.asn[source] << 32 | graph.asn[links.targets])
    return np.unique(np.concatenate(ends))


def fit_unlisted(
    graph: Graph,
    table: Ints,
    tables: Sequence[Ints] = (),
    older: Sequence[tuple[float, Graph]] = (),
    lasts: Callable[[float], float] | None = None,
) -> Unlisted:
    """``table``: uplinks that a table of about the file's time shows, as network << 32 | neighbour; ``tables``: of
    several times in order, for failures. ``older``: files before it, with how many days, and ``lasts``: the share of
    links still there after so many."""
    every, table = listed(graph), np.unique(table)
    kind = classes(graph.up.counts())
    everybody = np.ones(len(graph), dtype=bool)
    guess = _shown(graph, graph.providers, table, everybody).mean
    shown = [_shown(graph, graph.providers, table, kind == number, guess) for number in range(len(CLASSES))]
    peers = _shown(graph, graph.peers, table, everybody)
    hidden = _hidden(graph, every, table, [share.mean for share in shown])
    unshown = fit_unshown(older, graph, table, lasts) if older and lasts else None
    return Unlisted(hidden, tuple(shown), peers, fit_dormant(tables, every), unshown)


def fit_unshown(
    older: Sequence[tuple[float, Graph]], graph: Graph, table: Ints, lasts: Callable[[float], float]
) -> Share | None:
    """Of providers that are there, the share that a table does not show, so that Bayes' rule gives what came true: of
    those that an older file lists and the table of a newer file's day does not show, as many as the newer file lists.

    A link that is gone is often one that another has replaced, so this is less than ``1 - shown``. None where there
    are none.
    """
    now = _providers(graph)
    cases = []
    for days, before in older:
        keys = _providers(before)
        keys = keys[np.isin(keys >> 32, table >> 32) & ~np.isin(keys, table)]
        cases.append((lasts(days), len(keys), int(np.isin(keys, now).sum())))
    there, count, kept = np.array(cases, dtype=np.float64).T
    if not count.sum():
        return None

    def too_many(unshown: float) -> float:
        return float((count * there * unshown / (there * unshown + 1 - there)).sum() - kept.sum())

    low, high = 1e-4, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if too_many(middle) > 0 else (middle, high)
    return _share(low * count.max(), float(count.max()), low)


def _providers(graph: Graph) -> Ints:
    source = np.repeat(np.arange(len(graph)), graph.providers.counts())
    return np.unique(graph.asn[source] << 32 | graph.asn[graph.providers.targets])


def _shown(graph: Graph, links: Adjacency, table: Ints, some: Mask, guess: float = 0.5) -> Share:
    """Of the listed links of ``some`` networks that the table has, those that it shows.

    A network that a table has shows one uplink at least, so those with few show a larger share of theirs.
    """
    source = np.repeat(np.arange(len(graph)), links.counts())
    keys = (graph.asn[source] << 32 | graph.asn[links.targets])[some[source]]
    keys = keys[np.isin(keys >> 32, table >> 32)]
    return _share(int(np.isin(keys, table).sum()), len(keys), guess)


def _hidden(graph: Graph, every: Ints, table: Ints, shown: Sequence[float]) -> tuple[Share, ...]:
    """Networks that both have, by how many uplinks the file lists, and those with one more in the table. With it they
    have one more than listed, and show as much as those that have so many."""
    networks = np.intersect1d(table >> 32, graph.asn)
    count = graph.up.counts()[graph.indices(networks.tolist())]
    more = np.isin(networks, table[~np.isin(table, every)] >> 32)
    kind = classes(count)
    overall = (more.sum() + 0.5) / (len(more) + 1.0)
    found = []
    for number, least in enumerate(CLASSES):
        mine = more[(kind == number) & (count > 0)]
        mean = (mine.sum() + _PRIOR * overall) / (len(mine) + _PRIOR)
        mean = min(mean / max(shown[_class(least + 1)], 0.05), 0.98)
        found.append(_share(mean * len(mine), len(mine), overall))
    return tuple(found)


def fit_dormant(tables: Sequence[Ints], known: Ints) -> Share:
    """One in ten, and no more than a guess, where no failure was seen."""
    networks = unknown = 0
    every = [np.unique(table) for table in tables]
    for place in range(1, len(every) - 1):
        before, now, after = every[place - 1 : place + 2]
        lost = np.setdiff1d(np.intersect1d(before, after), now) >> 32
        lost = np.intersect1d(lost, now >> 32)
        quiet = np.union1d(np.union1d(before, after), known)
        fresh = np.setdiff1d(now, quiet) >> 32
        networks += len(lost)
        unknown += int(np.isin(lost, fresh).sum())
    return _share(unknown, networks, 0.1)


def _share(hits: float, of: float, guess: float) -> Share:
    """With one case of doubt, divided as guessed."""
    guess = float(np.clip(guess, 1e-3, 1 - 1e-3))
    return Share(hits + guess, of - hits + 1 - guess)

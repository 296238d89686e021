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

from collections.abc import Sequence
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
    them); ``dormant``: networks that lose an uplink and have one that nobody knew."""

    hidden: tuple[Share, ...]
    shown: tuple[Share, ...]
    peers_shown: Share
    dormant: Share

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
        return self.peers_shown if kind == "peer" else self.shown[_class(known)]


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


def fit_unlisted(graph: Graph, table: Ints, tables: Sequence[Ints] = ()) -> Unlisted:
    """``table``: uplinks that a table of about the file's time shows, as network << 32 | neighbour; ``tables``: of
    several times in order, for failures."""
    every, table = listed(graph), np.unique(table)
    kind = classes(graph.up.counts())
    everybody = np.ones(len(graph), dtype=bool)
    guess = _shown(graph, graph.providers, table, everybody).mean
    shown = [_shown(graph, graph.providers, table, kind == number, guess) for number in range(len(CLASSES))]
    peers = _shown(graph, graph.peers, table, everybody)
    hidden = _hidden(graph, every, table, [share.mean for share in shown])
    return Unlisted(hidden, tuple(shown), peers, fit_dormant(tables, every))


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


def _share(hits: float, of: int, guess: float) -> Share:
    """With one case of doubt, divided as guessed."""
    guess = float(np.clip(guess, 1e-3, 1 - 1e-3))
    return Share(hits + guess, of - hits + 1 - guess)

"""Who carries whose routes, as of one relationship file: arrays only, saved and memory-mapped like an OriginTable.

Networks are numbered within the graph. Those that carry others' routes (they have customers or siblings)
come first, by AS number; then the *stubs*, those with most providers first. So the step that takes most of the
work, telling the stubs, is a few passes over plain slices: the k-th column of ``stub_providers`` holds the k-th
provider of all stubs that have one.

A link stated twice is one link. Where statements contradict each other the one that lets more through holds:
siblings, then provider and customer, then peers; two networks each stated to be the other's provider are siblings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from depeer.errors import NotFound

Nodes = NDArray[np.int32]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BY_STRENGTH = pa.array(["peer", "provider", "sibling"])
_PEER, _PROVIDER, _SIBLING = 1, 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Adjacency:
    """``targets[offsets[i]:offsets[i+1]]`` are the neighbours of network i, in the graph's numbering."""

    offsets: Ints
    targets: Nodes

    @classmethod
    def of_links(cls, source: Ints, target: Ints, size: int) -> Adjacency:
        order = np.lexsort((target, source))
        counts = np.bincount(source, minlength=size)
        return cls(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), target[order].astype(np.int32))

    def of(self, node: int) -> Nodes:
        return self.targets[self.offsets[node] : self.offsets[node + 1]]

    def counts(self) -> Ints:
        return np.diff(self.offsets)

    def gather(self, nodes: Nodes | Ints) -> Nodes:
        """The neighbours of all ``nodes``, one list after the other."""
        return self.targets[self._places(nodes)[0]]

    def pairs(self, nodes: Nodes | Ints) -> tuple[Nodes, Nodes]:
        """Sources and targets of all links that leave ``nodes``."""
        places, count = self._places(nodes)
        return np.repeat(np.asarray(nodes, dtype=np.int32), count), self.targets[places]

    def without(self, gone: Ints) -> Adjacency:
        """Less some links, given as source << 32 | target."""
        source = np.repeat(np.arange(len(self.offsets) - 1), self.counts())
        kept = ~np.isin(source << 32 | self.targets, gone)
        return Adjacency.of_links(source[kept], self.targets[kept].astype(np.int64), len(self.offsets) - 1)

    def _places(self, nodes: Nodes | Ints) -> tuple[Ints, Ints]:
        start = self.offsets[nodes]
        count = self.offsets[np.asarray(nodes) + 1] - start
        total = np.cumsum(count)
        places = np.repeat(start - total + count, count)
        places += np.arange(len(places))
        return places, count


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """N networks; ``asn[i]`` is the number of network i, ``by_asn`` lists the i in the order of AS numbers.

    ``up`` are providers and siblings, ``down`` customers and siblings; ``below`` is ``down`` without the stubs.
    """

    asn: Ints
    by_asn: Nodes
    carriers: int
    """Networks 0 to ``carriers`` - 1 have customers or siblings; the rest are stubs."""
    providers: Adjacency
    customers: Adjacency
    peers: Adjacency
    siblings: Adjacency
    up: Adjacency
    down: Adjacency
    below: Adjacency
    stub_columns: Ints
    """Where each column of ``stub_providers`` begins, and the end."""
    stub_providers: Nodes
    clique: Nodes
    """The networks at the top: as the file says, else the largest that have no provider and peer with each other."""
    clique_given: bool

    @classmethod
    def compile(cls, rows: pa.Table | pa.RecordBatch) -> Graph:
        """From rows of ``tables.RELATIONSHIPS`` (``snapshot`` and ``source`` may be missing) of one snapshot."""
        upper, lower, strength = _links(rows)
        asn = _numbered(upper, lower, strength)
        by_asn = np.argsort(asn).astype(np.int32)
        upper, lower = (_places(asn, by_asn, ends) for ends in (upper, lower))
        kinds = _adjacencies(upper, lower, strength, len(asn))
        carriers = int(np.count_nonzero(kinds["down"].counts()))
        stub_columns, stub_providers = _stub_columns(kinds["providers"], carriers)
        given = _named(rows, "clique", asn, by_asn)
        clique = given if len(given) else top(kinds["providers"], kinds["peers"], kinds["customers"])
        below = _below(kinds["down"], carriers)
        return cls(
            asn, by_asn, carriers, **kinds, below=below, stub_columns=stub_columns,
            stub_providers=stub_providers, clique=clique, clique_given=bool(len(given)),
        )  # fmt: skip

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, by name: what ``from_arrays`` takes. None needs pickling."""
        found: dict[str, NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Adjacency):
                found |= {f"{field.name}_offsets": value.offsets, f"{field.name}_targets": value.targets}
            else:
                found[field.name] = np.asarray(value)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Graph:
        """Also for arrays opened with ``np.load(mmap_mode="r")``."""
        values: dict[str, Any] = {
            field.name: arrays[field.name]
            if field.name in arrays
            else Adjacency(arrays[f"{field.name}_offsets"], arrays[f"{field.name}_targets"])
            for field in fields(cls)
        }
        return cls(**values | {name: kind(values[name]) for name, kind in _PLAIN.items()})

    def __len__(self) -> int:
        return len(self.asn)

    def __contains__(self, asn: int) -> bool:
        return self._find(asn) is not None

    def index(self, asn: int) -> int:
        """The number of a network within the graph; NotFound where the file has no link of it."""
        found = self._find(asn)
        if found is None:
            raise NotFound(f"AS{asn} has no link in this relationship file; try another date")
        return found

    def indices(self, asns: Iterable[int]) -> Nodes:
        """Of those that the graph has, in the order given."""
        found = (self._find(asn) for asn in asns)
        return np.array([index for index in found if index is not None], dtype=np.int32)

    def asns(self, nodes: Nodes | Ints | Mask) -> tuple[int, ...]:
        """AS numbers, ascending."""
        return tuple(np.sort(self.asn[nodes]).tolist())

    def providers_of(self, asn: int) -> tuple[int, ...]:
        return self.asns(self.providers.of(self.index(asn)))

    def customers_of(self, asn: int) -> tuple[int, ...]:
        """Direct ones; ``reach.cone`` has those of its customers too."""
        return self.asns(self.customers.of(self.index(asn)))

    def peers_of(self, asn: int) -> tuple[int, ...]:
        return self.asns(self.peers.of(self.index(asn)))

    def siblings_of(self, asn: int) -> tuple[int, ...]:
        return self.asns(self.siblings.of(self.index(asn)))

    def without(self, links: Iterable[tuple[int, int]]) -> Graph:
        """The graph with some links gone (pairs of AS numbers, either way round); networks keep their places."""
        pairs = [self.indices(pair) for pair in links]
        ends = np.array([pair for pair in pairs if len(pair) == 2], dtype=np.int64).reshape(-1, 2)
        gone = np.concatenate([ends[:, 0] << 32 | ends[:, 1], ends[:, 1] << 32 | ends[:, 0]])
        kept: dict[str, Any] = {
            field.name: getattr(self, field.name).without(gone)
            for field in fields(self)
            if _is_links(field.name)
        }
        return replace(self, **kept, stub_providers=self._stub_providers_without(gone))

    def _stub_providers_without(self, gone: Ints) -> Nodes:
        """A provider gone makes way for the stub itself, from which it learns nothing."""
        heights = np.diff(self.stub_columns)
        stub = (
            np.arange(len(self.stub_providers)) - np.repeat(self.stub_columns[:-1], heights) + self.carriers
        )
        lost = np.isin(stub << 32 | self.stub_providers, gone)
        return np.where(lost, stub, self.stub_providers).astype(np.int32)

    def _find(self, asn: int) -> int | None:
        if not 0 <= asn < 1 << 32:
            return None
        place = int(np.searchsorted(self.asn, asn, sorter=self.by_asn))
        found = int(self.by_asn[place]) if place < len(self.by_asn) else -1
        return found if found >= 0 and int(self.asn[found]) == asn else None


_PLAIN = {"carriers": int, "clique_given": bool}


def _is_links(field: str) -> bool:
    return field in ("providers", "customers", "peers", "siblings", "up", "down", "below")


def top(providers: Adjacency, peers: Adjacency, customers: Adjacency) -> Nodes:
    """A clique of networks without providers: from the one with most customers down, each that peers with all before.

    Luckie et al., "AS Relationships, Customer Cones, and Validation" (IMC 2013), 4.2, in the form that a finished
    relationship file allows. Empty where every network has a provider.
    """
    size = customers.counts()
    free = np.flatnonzero((providers.counts() == 0) & (size > 0))
    ranked = free[np.lexsort((free, -size[free]))]
    members: list[int] = []
    common = np.ones(len(size), dtype=bool)
    for node in ranked.tolist():
        if common[node]:
            members.append(node)
            known = np.zeros(len(size), dtype=bool)
            known[peers.of(node)] = True
            common &= known
    return np.array(members, dtype=np.int32)


def _links(rows: pa.Table | pa.RecordBatch) -> tuple[Ints, Ints, Ints]:
    """Each link once: upper, lower, strength; contradictions settled."""
    kinds = np.asarray(pc.fill_null(pc.index_in(rows.column("kind"), _BY_STRENGTH), -1)).astype(np.int64) + 1
    linked = kinds > 0
    upper = np.asarray(rows.column("upper"))[linked].astype(np.int64)
    lower = np.asarray(rows.column("lower").fill_null(-1))[linked].astype(np.int64)
    kinds = kinds[linked]
    small, large = np.minimum(upper, lower), np.maximum(upper, lower)
    order = np.lexsort((upper, kinds, large, small))
    small, large, upper, kinds = small[order], large[order], upper[order], kinds[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (small[1:] != small[:-1]) | (large[1:] != large[:-1])
    final = np.flatnonzero(last)
    both = (kinds[final] == _PROVIDER) & _turned(last, final, upper, kinds)
    strength = np.where(both, _SIBLING, kinds[final])
    top_end = upper[final]
    return top_end, np.where(top_end == small[final], large[final], small[final]), strength


def _turned(last: Mask, final: Ints, upper: Ints, kinds: Ints) -> Mask:
    """For each link, whether one statement of a provider names the other end than the last of them does."""
    link: Ints = np.cumsum(last) - last
    stated = kinds == _PROVIDER
    least = np.full(len(final), np.iinfo(np.int64).max)
    np.minimum.at(least, link[stated], upper[stated])
    return np.asarray(least < upper[final])


def _numbered(upper: Ints, lower: Ints, strength: Ints) -> Ints:
    """AS numbers in the order of the graph's own numbers."""
    asns, index = np.unique(np.concatenate([upper, lower]), return_inverse=True)
    above, below = index[: len(upper)], index[len(upper) :]
    sibling, transit = strength == _SIBLING, strength == _PROVIDER
    carries = np.zeros(len(asns), dtype=bool)
    carries[above[transit | sibling]] = True
    carries[below[sibling]] = True
    providers = np.bincount(below[transit], minlength=len(asns))
    return asns[np.lexsort((asns, np.where(carries, 0, -providers), ~carries))].astype(np.int64)


def _places(asn: Ints, by_asn: Nodes, wanted: Ints) -> Ints:
    return by_asn[np.searchsorted(asn, wanted, sorter=by_asn)].astype(np.int64)


def _adjacencies(upper: Ints, lower: Ints, strength: Ints, size: int) -> dict[str, Adjacency]:
    transit, peer, sibling = (strength == value for value in (_PROVIDER, _PEER, _SIBLING))
    above, below = upper[transit], lower[transit]
    mates = np.concatenate([upper[sibling], lower[sibling]]), np.concatenate([lower[sibling], upper[sibling]])
    fellows = np.concatenate([upper[peer], lower[peer]]), np.concatenate([lower[peer], upper[peer]])
    ends = {
        "providers": (below, above),
        "customers": (above, below),
        "peers": fellows,
        "siblings": mates,
        "up": (np.concatenate([below, mates[0]]), np.concatenate([above, mates[1]])),
        "down": (np.concatenate([above, mates[0]]), np.concatenate([below, mates[1]])),
    }
    return {name: Adjacency.of_links(source, target, size) for name, (source, target) in ends.items()}


def _below(down: Adjacency, carriers: int) -> Adjacency:
    source = np.repeat(np.arange(len(down.offsets) - 1), down.counts())
    kept = down.targets < carriers
    return Adjacency.of_links(source[kept], down.targets[kept].astype(np.int64), len(down.offsets) - 1)


def _stub_columns(providers: Adjacency, carriers: int) -> tuple[Ints, Nodes]:
    """The k-th providers of the stubs, column after column; stubs have falling numbers of providers."""
    count = providers.counts()[carriers:]
    start = providers.offsets[carriers:-1]
    heights = [int(np.searchsorted(-count, -column)) for column in range(int(count.max(initial=0)))]
    columns = [providers.targets[start[:height] + column] for column, height in enumerate(heights)]
    edges = np.concatenate([[0], np.cumsum(heights)]).astype(np.int64)
    return edges, np.concatenate([np.zeros(0, dtype=np.int32), *columns]).astype(np.int32)


def _named(rows: pa.Table | pa.RecordBatch, kind: str, asn: Ints, by_asn: Nodes) -> Nodes:
    """Networks of the graph that rows of facts of this ``kind`` name."""
    wanted = np.unique(np.asarray(rows.column("upper").filter(pc.equal(rows.column("kind"), kind))))
    place = np.minimum(np.searchsorted(asn, wanted, sorter=by_asn), max(len(asn) - 1, 0))
    return by_asn[place[asn[by_asn[place]] == wanted]] if len(asn) else by_asn

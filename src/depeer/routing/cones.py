"""Customer cones: what stands behind a network, by two definitions that differ widely; say which one is meant.

*Recursive* (``reach.cone``): its customers, their customers, and so on. It overstates, since a customer of
two providers may send nothing through one of them. *Observed* (here): networks seen behind it in the paths
that its providers and peers hand on, so those that it shows to carry; it misses what vantage points do not
see. CAIDA calls the latter the provider/peer observed cone (Luckie et al., IMC 2013, 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from depeer.routing.graph import Graph
from depeer.routing.reach import cone


def customers_of(graph: Graph, asns: Collection[int]) -> frozenset[int]:
    """All networks in the recursive cones of ``asns``, themselves left out. Raises NotFound for an unknown one."""
    behind: set[int] = set()
    for asn in asns:
        behind.update(graph.asn[np.flatnonzero(cone(graph, asn))].tolist())
    return frozenset(behind.difference(asns))


def observed_cone(graph: Graph, asn: int, paths: Iterable[Sequence[int]]) -> frozenset[int]:
    """Networks seen behind ``asn`` (itself counted) in ``paths``: AS numbers from the vantage point to the origin,
    prepending allowed. What follows counts as far as each link goes down to a customer or a sibling."""
    node = graph.index(asn)
    above = set(graph.providers_of(asn)) | set(graph.peers_of(asn))
    found = {asn}
    for path in paths:
        plain = [hop for place, hop in enumerate(path) if not place or hop != path[place - 1]]
        for place in range(1, len(plain)):
            if plain[place] == asn and plain[place - 1] in above:
                found.update(_descent(graph, node, plain[place + 1 :]))
    return frozenset(found)


def _descent(graph: Graph, node: int, hops: Sequence[int]) -> list[int]:
    taken = []
    for hop in hops:
        near = graph.indices([hop])
        if not len(near) or near[0] not in graph.down.of(node):
            break
        taken.append(hop)
        node = int(near[0])
    return taken

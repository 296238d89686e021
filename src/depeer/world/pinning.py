"""Seats for the networks that a scenario names: which rank each takes, so that providers rank above customers."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from depeer.errors import BadInput
from depeer.routing.bogons import why_asn
from depeer.world.graph import Rows
from depeer.world.internet_spec import Action, InternetSpec, Pinned
from depeer.world.links import Links, seconds
from depeer.world.nouns import Kind, Link
from depeer.world.topology import KINDS, Layout

_FIRST_LONG, _FIRST_RESERVED = 131_072, 64_496


def named_networks(spec: InternetSpec) -> dict[int, Pinned]:
    """Everybody a scenario names, by AS number; who is only mentioned is a transit network."""
    named = {pinned.asn: pinned for pinned in spec.pinned}
    mentioned = [asn for p in spec.pinned for asn in (*p.providers, *p.peers)]
    mentioned += [asn for link in spec.links for asn in (link.upper, link.lower)]
    mentioned += [asn for event in spec.events for asn in event.networks]
    for asn in mentioned:
        named.setdefault(asn, Pinned(asn, "", Kind.TRANSIT))
    for asn in named:
        if reason := why_asn(asn):
            raise BadInput(f"AS{asn} cannot be in a world: {reason}")
    return named


def seats(spec: InternetSpec, layout: Layout, rng: np.random.Generator) -> dict[int, int]:
    """AS number → rank of all networks named."""
    named = named_networks(spec)
    uplinks = _uplinks(spec)
    uppers = {upper for upper, _ in uplinks}
    ordered = _in_order(named, uplinks)
    clique = [asn for asn in ordered if named[asn].kind is Kind.TIER1]
    transit = [a for a in ordered if a not in clique and (a in uppers or named[a].kind is Kind.TRANSIT)]
    stubs = [asn for asn in ordered if asn not in clique and asn not in transit]
    taken = dict(zip(clique, range(len(clique)), strict=True))
    for asns, first, stop in (
        (transit, layout.clique, layout.transit),
        (stubs, layout.transit, layout.count),
    ):
        if len(asns) > stop - first:
            raise BadInput(f"{len(asns)} networks are named where the world has room for {stop - first}")
        high = max(first + len(asns), first + (stop - first) // (4 if asns is transit else 1))
        places = np.sort(rng.choice(np.arange(first, high), len(asns), replace=False))
        taken |= dict(zip(asns, places.tolist(), strict=True))
    return taken


def _uplinks(spec: InternetSpec) -> set[tuple[int, int]]:
    """(provider, customer) of all that the scenario tells, at whatever time."""
    told = {(provider, p.asn) for p in spec.pinned for provider in p.providers}
    told |= {(link.upper, link.lower) for link in spec.links if not link.peer}
    return told | {(e.networks[0], e.networks[1]) for e in spec.events if e.action is Action.ADD}


def _in_order(named: dict[int, Pinned], uplinks: set[tuple[int, int]]) -> list[int]:
    for upper, lower in sorted(uplinks):
        if named[lower].kind is Kind.TIER1:
            raise BadInput(f"AS{lower} is of the clique and cannot have the provider AS{upper}")
    sorter: TopologicalSorter[int] = TopologicalSorter({asn: set() for asn in named})
    for upper, lower in sorted(uplinks):
        sorter.add(lower, upper)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        around = " → ".join(f"AS{asn}" for asn in error.args[1])
        raise BadInput(f"networks provide to each other in a circle: {around}") from error


def seat_kinds(layout: Layout, named: dict[int, Pinned], seated: dict[int, int]) -> None:
    for asn, rank in seated.items():
        layout.kind[rank] = KINDS.index(named[asn].kind)


def told_links(spec: InternetSpec, links: Links, seated: dict[int, int], count: int) -> Links:
    """The links with those of the scenario in place of what was made up for the same networks or pairs."""
    told = _told(spec, seated)
    settled = [seated[p.asn] for p in spec.pinned if p.providers or p.peers]
    clique = np.isin(links.upper, np.flatnonzero(_ranks_of_clique(links, count)))
    mine = np.isin(links.lower, settled) | (links.peer & np.isin(links.upper, settled))
    within = links.peer & clique & np.isin(links.lower, np.flatnonzero(_ranks_of_clique(links, count)))
    kept = ~(mine & ~within) & ~np.isin(links.pairs(count), told.pairs(count))
    return Links.join([links.take(kept), told])


def _ranks_of_clique(links: Links, count: int) -> NDArray[np.bool_]:
    """Networks that no link names as a customer."""
    top = np.ones(count, dtype=bool)
    top[links.lower[~links.peer]] = False
    return top


def _told(spec: InternetSpec, seated: dict[int, int]) -> Links:
    every = [Link(provider, p.asn) for p in spec.pinned for provider in p.providers]
    every += [Link(p.asn, peer, peer=True) for p in spec.pinned for peer in p.peers]
    every += spec.links
    for link in every:
        if link.upper == link.lower:
            raise BadInput(f"AS{link.upper} is linked to itself")
    columns = np.array([(seated[e.upper], seated[e.lower]) for e in every], dtype=np.int32).reshape(-1, 2)
    told = Links.of(columns[:, 0], columns[:, 1])
    for i, link in enumerate(every):
        told.peer[i], told.hidden[i], told.dormant[i] = link.peer, link.hidden, link.dormant
        if link.since is not None:
            told.since[i] = seconds(link.since)
        if link.until is not None:
            told.until[i] = seconds(link.until)
    told.fixed[:] = True
    return told


def numbers(spec: InternetSpec, seated: dict[int, int], rng: np.random.Generator) -> NDArray[np.int64]:
    """AS number of each rank: those named keep theirs; the better connected tend to be older, hence lower."""
    count = spec.networks
    wide = round(count * spec.four_byte)
    pool = np.arange(1, min(_FIRST_RESERVED, max(64, round((count - wide) / 0.62))), dtype=np.int64)
    wide = max(wide, count - len(pool) + len(seated) + 1)
    reserved = np.array([*seated, 23_456], dtype=np.int64)
    pool = np.setdiff1d(pool, reserved)
    long = np.setdiff1d(np.arange(_FIRST_LONG, _FIRST_LONG + 2 * wide + len(seated)), reserved)
    free = count - len(seated)
    wide = min(wide, free)
    short = np.sort(rng.choice(pool, free - wide, replace=False))
    drawn = np.concatenate([short, np.sort(rng.choice(long, wide, replace=False))])
    others = np.setdiff1d(np.arange(count), np.array(list(seated.values()), dtype=np.int64))
    age = 0.5 * others / count + rng.random(len(others))
    asn = np.empty(count, dtype=np.int64)
    asn[others[np.argsort(age)]] = drawn
    for number, rank in seated.items():
        asn[rank] = number
    return asn


def rows_of(asn: NDArray[np.int64]) -> Rows:
    """Place of each rank when networks stand in order of their numbers."""
    place = np.empty(len(asn), dtype=np.int32)
    place[np.argsort(asn)] = np.arange(len(asn), dtype=np.int32)
    return place

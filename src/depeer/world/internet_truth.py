"""What is true of a simulated Internet, as plain values for JSON: what answers are held against.

Times are ISO 8601 in UTC, None for without beginning or end. Reach is exact: every network that some
valley-free path leads from, the network itself counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from depeer.world.allocation import prefix_of
from depeer.world.graph import Graph
from depeer.world.internet import Internet
from depeer.world.internet_spec import Action, Event
from depeer.world.links import ALWAYS, NEVER, moment, seconds
from depeer.world.topology import KINDS

Truth = dict[str, Any]


def internet_truth(internet: Internet, *, announcements: bool = True, links: bool = True) -> Truth:
    """``networks``, ``siblings``, ``rates``, ``reassigned``, ``timeline``, and ``uplinks`` of those that events name.

    With ``announcements`` and ``links`` also every line of both (large worlds: hundreds of thousands).
    """
    truth: Truth = {
        "simulated": True,
        "seed": internet.seed,
        "epoch": internet.spec.epoch.isoformat(),
        "networks": _networks(internet),
        "siblings": siblings(internet),
        "rates": rates(internet),
        "reassigned": [
            {"block": str(r.block), "holder": r.holder, "provider": r.provider, "customer": r.customer}
            for r in internet.reassigned
        ],
        "uplinks": {str(asn): uplinks(internet, asn) for asn in _named(internet)},
        "timeline": [_happened(internet, e) for e in sorted(internet.spec.events, key=lambda e: e.time)],
    }
    if announcements:
        truth["announcements"] = _announcements(internet, np.arange(len(internet.announcements)))
    if links:
        truth["links"] = _links(internet)
    return truth


def uplinks(internet: Internet, asn: int) -> list[Truth]:
    """Providers and peers of a network over time: from when to when each carried routes, before the story, too.

    Dormant ones appear with the times in which they were awake.
    """
    row, links = internet.row(asn), internet.links
    mine = np.flatnonzero((links.lower == row) | (links.peer & (links.upper == row)))
    turns = _turns(internet, mine)
    times = [min([seconds(internet.spec.epoch), *turns]) - 1, *turns]
    found = []
    carried = [internet.carrying(t)[mine] for t in times]
    for i, link in enumerate(mine.tolist()):
        up = [bool(c[i]) for c in carried]
        for start, stop in _runs(up):
            since = times[start] if start else int(links.since[link])
            end = times[stop] if stop < len(times) else None
            found.append(_uplink(internet, link, row, since, end))
    return sorted(found, key=lambda u: (u["since"] or "", u["asn"]))


def reach(internet: Internet, graph: Graph, asn: int) -> int:
    return int(graph.reach(internet.row(asn)).sum())


def rates(internet: Internet) -> Truth:
    """What an estimator of hidden and dormant links should find on the first day of the story."""
    links = internet.links
    there = links.exist(seconds(internet.spec.epoch))
    used, dormant = there & ~links.dormant, there & links.dormant
    up, peer = used & ~links.peer, used & links.peer
    return {
        "hidden_uplinks": _share(links.hidden, up),
        "hidden_peers": _share(links.hidden, peer),
        "mislabelled": _share(links.mislabelled, there & ~links.hidden),
        "dormant_uplinks_per_network": float(dormant.sum() / len(internet)),
        "dormant_shown": _share(~links.hidden, dormant),
        "churn_in_30_days": internet.spec.churn,
        "links": {"uplinks": int(up.sum()), "peers": int(peer.sum()), "dormant": int(dormant.sum())},
    }


def siblings(internet: Internet) -> list[list[int]]:
    """Networks of one owner, where it has more than one."""
    order = np.argsort(internet.owner, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(internet.owner[order])) + 1)
    return [internet.asn[np.sort(g)].tolist() for g in groups if len(g) > 1]


def _networks(internet: Internet) -> list[Truth]:
    kinds = [str(KINDS[k]) for k in internet.kind.tolist()]
    owners = [internet.owner_name[o] for o in internet.owner.tolist()]
    columns = zip(internet.asn.tolist(), internet.name, internet.country, kinds, owners, strict=True)
    return [{"asn": a, "name": n, "country": c, "kind": k, "owner": o} for a, n, c, k, o in columns]


def _named(internet: Internet) -> list[int]:
    spec = internet.spec
    return sorted({p.asn for p in spec.pinned} | {asn for e in spec.events for asn in e.networks})


def _happened(internet: Internet, event: Event) -> Truth:
    """An event with what it changed for the networks that it names."""
    now = seconds(event.time)
    before, after = internet.at_second(now - 1), internet.at_second(now)
    return {
        "time": event.time.isoformat(),
        "action": str(event.action),
        "networks": list(event.networks),
        "prefixes": [str(p) for p in event.prefixes],
        "reach": {
            str(asn): {
                "before": reach(internet, before.graph, asn),
                "after": reach(internet, after.graph, asn),
                "announced_before": int((before.announced.origin == internet.row(asn)).sum()),
                "announced_after": int((after.announced.origin == internet.row(asn)).sum()),
                "uplinks_after": _neighbours(internet, after.graph, asn),
            }
            for asn in event.networks
        },
        "lost_reach": _lost(internet, before.graph, after.graph, event),
    }


def _neighbours(internet: Internet, graph: Graph, asn: int) -> Truth:
    row = internet.row(asn)
    return {
        "providers": internet.asn[graph.providers.row(row)].tolist(),
        "peers": internet.asn[graph.peers.row(row)].tolist(),
    }


def _lost(internet: Internet, before: Graph, after: Graph, event: Event) -> list[Truth]:
    """Networks below the ones named, and these, that fewer hear than before a cut: its collateral."""
    if event.action is not Action.CUT:
        return []
    below = np.zeros(len(internet), dtype=bool)
    # The lower end of a cut link, or all: who is above has more ways than those that pass here.
    ends = [internet.row(asn) for asn in event.networks]
    cones = [before.cone(row) for row in ends]
    below |= cones[int(np.argmin([c.sum() for c in cones]))]
    found = []
    for row in np.flatnonzero(below).tolist():
        counts = int(before.reach(row).sum()), int(after.reach(row).sum())
        if counts[1] < counts[0]:
            found.append({"asn": int(internet.asn[row]), "before": counts[0], "after": counts[1]})
    return found


def _turns(internet: Internet, mine: NDArray[np.int64]) -> list[int]:
    """Seconds at which a link among these, or one whose loss wakes one of these, begins or ends."""
    links = internet.links
    near = np.isin(links.lower, links.lower[mine[links.dormant[mine]]]) & ~links.peer
    near[mine] = True
    every = np.unique(np.concatenate([links.since[near], links.until[near]]))
    return [int(t) for t in every[(every > ALWAYS) & (every < NEVER)]]


def _runs(up: list[bool]) -> list[tuple[int, int]]:
    """(first, after last) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.array([False, *up, False]).astype(np.int8)))
    return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def _uplink(internet: Internet, link: int, row: int, since: int, until: int | None) -> Truth:
    links = internet.links
    other = int(links.upper[link]) if int(links.upper[link]) != row else int(links.lower[link])
    start, stop = moment(since), None if until is None else moment(until)
    return {
        "asn": int(internet.asn[other]),
        "relation": "peer" if links.peer[link] else "provider",
        "hidden": bool(links.hidden[link]),
        "dormant": bool(links.dormant[link]),
        "since": start.isoformat() if start else None,
        "until": stop.isoformat() if stop else None,
    }


def _announcements(internet: Internet, rows: NDArray[np.int64]) -> list[Truth]:
    table = internet.announcements
    columns = (table.origin, table.first, table.length, table.six, table.since, table.until)
    found = []
    for origin, first, length, six, since, until in zip(*(c[rows].tolist() for c in columns), strict=True):
        start, stop = moment(since), moment(until)
        found.append(
            {
                "prefix": str(prefix_of(first, length, six)),
                "asn": int(internet.asn[origin]),
                "since": start.isoformat() if start else None,
                "until": stop.isoformat() if stop else None,
                "as_set": list(internet.sets.get((origin, first, length, six), ())),
            }
        )
    return found


def _links(internet: Internet) -> list[Truth]:
    return [
        {
            "upper": link.upper,
            "lower": link.lower,
            "relation": "peer" if link.peer else "provider",
            "hidden": link.hidden,
            "dormant": link.dormant,
            "since": link.since.isoformat() if link.since else None,
            "until": link.until.isoformat() if link.until else None,
        }
        for link in internet.true_links()
    ]


def _share(what: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(what[among].mean()) if among.any() else 0.0

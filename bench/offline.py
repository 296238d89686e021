"""P(offline) and the next uplink, held against simulated worlds that nobody has seen before.

    python -m bench.offline --worlds 100 [--seed N] [--json FILE]

Each world is a small Internet of its own: size, laws and rates (hidden, dormant, churn, mislabelled links) are drawn
by its seed. An analyst gets four relationship files, the last of them weeks or months old, tables of eight to
sixteen vantage points in the weeks before (with links failing now and then) and a handful of outages watched to their
end; then answers for networks whose uplinks are cut, all of those known or some. Held against the world's true
links: right after the cut, and a week later, when new links have come, and who was cut off may have found somebody by
one of the laws of ``depeer.world.returning``. *Offline*: at most one in a hundred networks hears it.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.judgement.cut import SHARE
from depeer.measures import offline
from depeer.measures.next_uplink import WEIGHTS, Likely, Market, next_uplinks
from depeer.measures.offline import Left, Rates, Returns
from depeer.measures.unlisted import Unlisted, fit_unlisted
from depeer.routing.graph import Graph as Listed
from depeer.routing.reach import through
from depeer.sources.origins.as_rel import AS_REL
from depeer.world import degree_laws, returning, size_laws
from depeer.world.graph import Graph
from depeer.world.heard import Vantage, vantage_points
from depeer.world.internet import Internet, make_internet
from depeer.world.internet_spec import InternetSpec
from depeer.world.links import seconds
from depeer.world.nouns import stream
from depeer.world.propagation import Routes
from depeer.world.relationship_files import as_rel

TARGETS = 60
WATCHED = 12
WEEK = 7
FAILING = 0.06
"""Share of uplinks that are down in each table taken between two others."""
DAY = 86_400
Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Known:
    """What the analyst has: files by date, uplinks that tables show, and what follows from them."""

    files: list[tuple[date, Listed]]
    age: float
    table: Keys | None
    """What the last table before the cut shows, as network << 32 | neighbour."""
    fresh: float
    """Days between that table and the cut."""
    rates: Rates
    unlisted: Unlisted | None
    returns: Returns
    market: Market
    weights: tuple[float, ...]

    @property
    def graph(self) -> Listed:
        return self.files[-1][1]

    def former(self, asn: int) -> set[int]:
        older = (graph for _, graph in self.files[:-1] if asn in graph)
        return {provider for graph in older for provider in graph.providers_of(asn)}


def spec(dice: np.random.Generator) -> InternetSpec:
    """A world of its own kind: every rate is drawn, over a wide range."""
    return InternetSpec(
        networks=int(dice.integers(250, 600)),
        sizes=str(dice.choice(sorted(size_laws.LAWS))),
        degrees=str(dice.choice(sorted(degree_laws.LAWS))),
        history_days=1095,
        churn=float(np.exp(dice.uniform(np.log(0.005), np.log(0.04)))),
        hidden_uplinks=float(dice.uniform(0.0, 0.2)),
        hidden_peers=float(dice.uniform(0.1, 0.5)),
        dormant=float(dice.uniform(0.0, 0.25)),
        dormant_shown=float(dice.uniform(0.0, 0.6)),
        mislabelled=float(dice.uniform(0.0, 0.03)),
        peers=float(dice.uniform(0.5, 2.0)),
    )


def world(seed: int, targets: int = TARGETS, watched: int = WATCHED) -> list[dict[str, Any]]:
    """One row for each cut: what was said, and what came true. ``watched``: outages of other networks that the
    analyst has watched to their end."""
    dice = stream(seed, "bench", "offline")
    internet = make_internet(spec(dice), seed)
    moment = seconds(internet.spec.epoch) + int(dice.integers(0, 60 * DAY))
    when = str(dice.choice(sorted(returning.WHEN)))
    who = str(dice.choice(["mixed", *sorted(returning.WHO)]))
    later = returning.WHEN[when](dice, targets + WATCHED)
    known = _known(internet, moment, later[targets : targets + watched], dice)
    rows = _networks(internet, known, moment, targets, dice)
    return [
        _one(internet, known, moment, row, float(days), who, dice) | {"seed": seed, "when": when, "who": who}
        for row, days in zip(rows, later, strict=False)
    ]


# ------------------------------------------------------------------------------------------ the analyst


def _known(internet: Internet, moment: int, watched: NDArray[np.float64], dice: np.random.Generator) -> Known:
    age = int(dice.integers(14, 360))
    days = [moment - (age + back) * DAY for back in (360, 240, 120, 0)]
    files = [(datetime.fromtimestamp(day, internet.spec.epoch.tzinfo), day) for day in days]
    graphs = [(time.date(), _read(as_rel(internet, time))) for time, _ in files]
    rates = offline.fit_rates(graphs)
    back = int((watched <= WEEK).sum())
    returns = Returns(offline.PUBLISHED.back + back, offline.PUBLISHED.stayed + len(watched) - back)
    market, weights = Market.of(graphs[-1][1], graphs[-2][1]), WEIGHTS
    if dice.random() < 0.2:
        return Known(graphs, age, None, 0.0, rates, None, returns, market, weights)
    points = vantage_points(internet, int(dice.integers(8, 17)))
    fresh = int(dice.integers(1, 30))
    older = [((days[-1] - day) / DAY, graph) for day, (_, graph) in zip(days[:-1], graphs[:-1], strict=True)]
    seen, tables = _tables(internet, days[-1], points, dice)
    unlisted = fit_unlisted(graphs[-1][1], seen, tables, older, rates.provider.share)
    last = table(internet, moment - fresh * DAY, points)
    return Known(graphs, age, last, fresh, rates, unlisted, returns, market, weights)


def _read(data: bytes) -> Listed:
    return Listed.compile(pa.Table.from_batches([batch for _, batch in AS_REL.read(io.BytesIO(data))]))


def _tables(
    internet: Internet, listed: int, points: tuple[Vantage, ...], dice: np.random.Generator
) -> tuple[Keys, list[Keys]]:
    """A table of the file's day; and thirteen of the weeks before it, every second one with links down."""
    tables = []
    for number in range(13):
        down = dice.random(len(internet.links)) < FAILING if number % 2 else None
        tables.append(table(internet, listed - (12 - number) * 3 * DAY, points, down))
    return table(internet, listed, points), tables


def table(
    internet: Internet, second: int, points: tuple[Vantage, ...], down: NDArray[np.bool_] | None = None
) -> Keys:
    """The uplinks that vantage points use: who stands before the origin in their paths."""
    graph = truth(internet, second, down)
    routes = Routes(graph)
    found = []
    for point in points:
        paths = routes.hops(point.row)
        length = (paths >= 0).sum(axis=1)
        origin = np.flatnonzero(length > 1)
        found.append(internet.asn[origin] << 32 | internet.asn[paths[origin, length[origin] - 2]])
    return np.unique(np.concatenate(found))


# -------------------------------------------------------------------------------------------- the truth


def truth(internet: Internet, second: int, down: NDArray[np.bool_] | None = None) -> Graph:
    """What carries routes with some links down: a dormant uplink does where the network has lost another."""
    links = internet.links
    exist = links.exist(second)
    lost = np.zeros(len(internet), dtype=bool)
    if down is not None:
        gone = down & exist & ~links.peer & ~links.dormant
        lost[links.lower[gone]] = True
        exist = exist & ~(down & ~links.peer & ~links.dormant)
    up = exist & (~links.dormant | lost[links.lower])
    return Graph.of(len(internet), links.upper[up], links.lower[up], links.peer[up])


def after(internet: Internet, second: int, row: int, severed: list[int]) -> Graph:
    """What carries routes once the links of ``row`` to ``severed`` rows are gone."""
    links = internet.links
    mine = (links.lower == row) | (links.peer & (links.upper == row))
    cut = mine & (np.isin(links.upper, severed) | np.isin(links.lower, severed))
    exist = links.exist(second) & ~cut
    lost = bool((cut & ~links.peer).any())
    up = exist & (~links.dormant | (lost & (links.lower == row)))
    return Graph.of(len(internet), links.upper[up], links.lower[up], links.peer[up])


def off(graph: Graph, row: int) -> bool:
    beyond = ~graph.cone(row)
    return bool((graph.reach(row) & beyond).sum() <= SHARE * beyond.sum())


# ---------------------------------------------------------------------------------------------- one cut


def _networks(
    internet: Internet, known: Known, moment: int, count: int, dice: np.random.Generator
) -> list[int]:
    """Networks of the file with a provider in it that the world's top hears."""
    graph = known.graph
    able = [
        int(a)
        for a in graph.asn[graph.providers.counts() > 0]
        if not off(truth(internet, moment), internet.row(a))
    ]
    return [internet.row(asn) for asn in dice.permutation(able)[:count].tolist()]


def _one(
    internet: Internet, known: Known, moment: int, row: int, days: float, who: str, dice: np.random.Generator
) -> dict[str, Any]:
    asn, graph = int(internet.asn[row]), known.graph
    seen = _seen(known, asn)
    uplinks = sorted({*graph.providers_of(asn), *graph.peers_of(asn), *seen})
    cut = _asked(graph, asn, uplinks, seen, dice)
    left = _left(known, asn, cut)
    said = answer(known, asn, left)
    severed = [internet.row(u) for u in cut]
    now = after(internet, moment, row, severed)
    dead = off(now, row)
    following = _following(internet, moment, row, severed, now, who, dice)
    then = dead and days > WEEK and off(after(internet, moment + WEEK * DAY, row, severed), row)
    told: dict[str, Any] = {
        "all": len(cut) == len(uplinks),
        "tables": known.table is not None,
        "age": known.age,
    }
    said_later = {"now": said.now.value, "later": said.later.value}
    named = {one.asn for one in following_named(known, asn, cut, left)}
    told |= {"named": len(named & following[0]) > 0, "best": following[1], "finds": following[2]}
    return said_later | {"off": dead, "still": then} | told | {"known": len(graph.providers_of(asn))}


def _asked(
    graph: Listed, asn: int, uplinks: list[int], seen: set[int], dice: np.random.Generator
) -> list[int]:
    """Whom the question takes away: all known, all seen in use, all but the peers, or some."""
    ways = (
        uplinks,
        sorted(seen),
        sorted({*graph.providers_of(asn), *seen}),
        [uplink for uplink in uplinks if dice.random() < 0.6],
    )
    return ways[int(dice.integers(len(ways)))] or uplinks


def _seen(known: Known, asn: int) -> set[int]:
    if known.table is None:
        return set()
    return set((known.table[known.table >> 32 == asn] & 0xFFFFFFFF).tolist())


def _left(known: Known, asn: int, cut: list[int]) -> dict[int, Left]:
    """As ``depeer cut`` has them: uplinks that the cut leaves and through which more than a hundredth hear it."""
    graph, seen = known.graph, _seen(known, asn)
    via = through(graph, asn)
    listed = graph.asn[via.uplinks].tolist()
    hears = dict(zip(listed, via.counts().tolist(), strict=True))
    kinds = dict(zip(listed, via.kinds, strict=True))
    some = [u for u in {*listed, *seen} - set(cut) if hears.get(u, len(graph)) > SHARE * len(graph)]
    return {
        u: Left(
            kinds.get(u, "provider"),
            known.fresh if u in seen else known.age,
            True if u in seen else False if seen else None,
        )
        for u in sorted(some)
    }


def answer(known: Known, asn: int, left: dict[int, Left]) -> offline.Offline:
    seen = _seen(known, asn)
    return offline.p_offline(
        list(left.values()), len(set(known.graph.providers_of(asn)) | seen), known.rates, known.returns,
        unlisted=known.unlisted, seen=bool(seen), since=known.fresh if seen else known.age,
    )  # fmt: skip


# -------------------------------------------------------------------------------------- who carries it next


def following_named(known: Known, asn: int, cut: list[int], left: dict[int, Left]) -> tuple[Likely, ...]:
    """The five that ``depeer cut`` names."""
    count = len(set(known.graph.providers_of(asn)) | _seen(known, asn))
    there = {u: offline.p_there(one, count, known.rates, known.unlisted) for u, one in left.items()}
    return next_uplinks(known.market, asn, known.former(asn), cut, weights=known.weights, left=there)


def _following(
    internet: Internet,
    moment: int,
    row: int,
    severed: list[int],
    now: Graph,
    who: str,
    dice: np.random.Generator,
) -> tuple[set[int], float, str]:
    """Whoever carries it after the cut, each through whom more than a hundredth hear it; where nobody does, whom it
    finds. Then the chance of the five best named by one who knows the law and all links, and which it was."""
    if not off(now, row):
        near = [*now.providers.row(row).tolist(), *now.peers.row(row).tolist()]
        return {int(internet.asn[n]) for n in near if _carries(now, row, n)}, 1.0, "left"
    chance = returning.chances(internet, truth(internet, moment), row, who)
    chance[severed] = 0.0
    chance /= max(float(chance.sum()), 1e-300)
    found = int(internet.asn[dice.choice(len(chance), p=chance)]) if chance.any() else 0
    return {found}, float(np.sort(chance)[-5:].sum()), "new"


def _carries(graph: Graph, row: int, uplink: int) -> bool:
    """Whether more than a hundredth hear it through this one: all that the uplink hears, or its cone for a peer."""
    if uplink in graph.providers.row(row):
        return True
    return int(graph.cone(uplink).sum()) > SHARE * graph.count


# ----------------------------------------------------------------------------------------------- figures


def calibration(said: NDArray[np.float64], true: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Ten bins by what was said: how many cuts, mean of what was said, share that came true."""
    bins = np.minimum((said * 10).astype(int), 9)
    return [
        {
            "cuts": int((bins == k).sum()),
            "said": float(said[bins == k].mean()),
            "true": float(true[bins == k].mean()),
        }
        for k in range(10)
        if (bins == k).any()
    ]


def skill(said: NDArray[np.float64], true: NDArray[np.float64]) -> float:
    """Brier's score against always saying the base rate: 1 is perfect, 0 no better."""
    return float(1 - ((said - true) ** 2).mean() / ((true.mean() - true) ** 2).mean())


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"cuts": len(rows)}
    for said, true in (("now", "off"), ("later", "still")):
        p, t = np.array([r[said] for r in rows]), np.array([r[true] for r in rows], dtype=np.float64)
        found[said] = {"base": float(t.mean()), "skill": skill(p, t), "bins": calibration(p, t)}
    return found


def named(rows: list[dict[str, Any]]) -> str:
    hit, best = np.mean([r["named"] for r in rows]), np.mean([r["best"] for r in rows])
    return f"{hit:.0%} of {len(rows)} (whoever knew law and links: {best:.0%})"


def worlds(count: int, seed: int, cores: int, watched: int = WATCHED) -> Iterator[dict[str, Any]]:
    if cores == 1:
        parts: Any = map(partial(world, watched=watched), range(seed, seed + count))
        yield from (row for part in parts for row in part)
        return
    with ProcessPoolExecutor(cores) as pool:
        for part in pool.map(partial(world, watched=watched), range(seed, seed + count)):
            yield from part


def main() -> None:
    parser = argparse.ArgumentParser(description="P(offline) in sealed worlds")
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument(
        "--watched", type=int, default=WATCHED, help="outages watched to their end, at most 12"
    )
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = list(worlds(args.worlds, args.seed, args.cores, args.watched))
    if args.json:
        args.json.write_text(json.dumps(rows))
    groups = {
        "all": rows,
        "with tables": [r for r in rows if r["tables"]],
        "files only": [r for r in rows if not r["tables"]],
    }
    groups |= {f"returns {law}": [r for r in rows if r["when"] == law] for law in returning.WHEN}
    for name, some in groups.items():
        if some:
            _print(name, figures(some))
    for finds in ("left", "new"):
        some = [r for r in rows if r["finds"] == finds]
        print(f"next uplink among the first five named, {finds}: {named(some)}")
        for who in sorted({r["who"] for r in some}):
            print(f"  {who}: {named([r for r in some if r['who'] == who])}")
    print(f"next uplink among the first five named: {named(rows)}")


def _print(name: str, found: dict[str, Any]) -> None:
    print(f"{name}: {found['cuts']} cuts")
    for when in ("now", "later"):
        one = found[when]
        bins = " ".join(f"{b['true'] - b['said']:+.2f}({b['cuts']})" for b in one["bins"])
        print(f"  {when}: base rate {one['base']:.3f}, skill {one['skill']:.3f}, true minus said: {bins}")


if __name__ == "__main__":
    main()

"""Reach and cuts, side by side with rustworkx and networkx: same graph, same networks, turn by turn in one run.

``python -m bench.cut [FILE.as-rel.txt.bz2]``; without a file it makes a graph of the size of 2023's from a
fixed seed. The peers get valley-free reach as one search over a directed graph in which every network
stands twice, climbing and descending: nodes 2i and 2i + 1. Answers are compared before any timing. Reading,
compiling and starting are apart.
"""

from __future__ import annotations

import argparse
import bz2
import io
import json
import lzma
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from depeer.judgement.cut import cut
from depeer.routing.graph import Graph
from depeer.routing.reach import heard_by
from depeer.sources.origins.as_rel import AS_REL, RELATIONSHIPS

SEED = 20230101
SAMPLE, PEER_SAMPLE, SLOW_SAMPLE, CUTS = 200, 20, 3, 200

_graph: Graph


def run(path: Path | None = None, turns: int = 5, stubs: int = 400) -> dict[str, Any]:
    """Ratios (median over turns), milliseconds of each, and what cutting all stubs would take on the cores here."""
    begun = time.perf_counter()
    rows = _read(path) if path else _synthetic()
    read = time.perf_counter()
    graph = Graph.compile(rows)
    compiled = time.perf_counter()
    asns = graph.asn[np.random.default_rng(SEED).permutation(len(graph))].tolist()
    rust, slow = _rustworkx(graph), _networkx(graph)
    for asn in asns[:SLOW_SAMPLE]:
        _must_agree(graph, asn, rust, slow)
    laps = [_lap(graph, asns, rust, slow) for _ in range(turns)]
    ours, second, third = (statistics.median(lap[k] for lap in laps) for k in range(3))
    return {
        "networks": len(graph),
        "read_seconds": read - begun,
        "compile_seconds": compiled - read,
        "reach_ms": {"depeer": ours, "rustworkx": second, "networkx": third},
        "ratio_rustworkx": statistics.median(lap[1] / lap[0] for lap in laps),
        "ratio_networkx": statistics.median(lap[2] / lap[0] for lap in laps),
        "cut_ms": _cuts(graph, asns[:CUTS]),
        "all_stubs": _all_stubs(graph, stubs),
    }


def _lap(graph: Graph, asns: list[int], rust: Any, slow: Any) -> tuple[float, float, float]:
    nodes = [graph.index(asn) for asn in asns[:PEER_SAMPLE]]
    return (
        _time(lambda: [heard_by(graph, asn) for asn in asns[:SAMPLE]]) / SAMPLE,
        _time(lambda: [rust(node) for node in nodes]) / PEER_SAMPLE,
        _time(lambda: [slow(node) for node in nodes[:SLOW_SAMPLE]]) / SLOW_SAMPLE,
    )


def _time(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def _moves(graph: Graph) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Links of the doubled graph."""
    ends = []
    for links, phases in ((graph.up, ((0, 0),)), (graph.peers, ((0, 1),)), (graph.down, ((0, 1), (1, 1)))):
        source = np.repeat(np.arange(len(graph)), links.counts())
        ends += [
            np.stack([2 * source + a, 2 * links.targets.astype(np.int64) + b], axis=1) for a, b in phases
        ]
    return np.concatenate(ends)


def _rustworkx(graph: Graph) -> Any:
    import rustworkx

    doubled = rustworkx.PyDiGraph(multigraph=False)
    doubled.add_nodes_from(range(2 * len(graph)))
    doubled.add_edges_from_no_data([tuple(pair) for pair in _moves(graph).tolist()])
    return lambda node: {state >> 1 for state in rustworkx.descendants(doubled, 2 * node)} | {node}


def _networkx(graph: Graph) -> Any:
    import networkx

    doubled = networkx.DiGraph()
    doubled.add_nodes_from(range(2 * len(graph)))
    doubled.add_edges_from(_moves(graph).tolist())
    return lambda node: {state >> 1 for state in networkx.descendants(doubled, 2 * node)} | {node}


def _must_agree(graph: Graph, asn: int, *others: Any) -> None:
    mine = set(np.flatnonzero(heard_by(graph, asn)).tolist())
    for other in others:
        if other(graph.index(asn)) != mine:
            raise SystemExit(f"AS{asn}: answers differ")


def _cuts(graph: Graph, asns: list[int]) -> dict[str, float]:
    """Milliseconds by the clock, and of processor time (the machine may be busy with other things)."""
    laps = []
    for asn in asns:
        begun = time.process_time()
        laps.append((_time(lambda asn=asn: cut(graph, asn)), (time.process_time() - begun) * 1e3))
    clock, used = zip(*laps, strict=True)
    middle, high = np.quantile(clock, [0.5, 0.95]).tolist()
    return {"median": middle, "p95": high, "highest": max(clock), "median_cpu": statistics.median(used)}


def _all_stubs(graph: Graph, sample: int) -> dict[str, float]:
    """Cuts of ``sample`` stubs drawn at random on all cores, and from it of all of them, in minutes."""
    global _graph
    _graph = graph
    stubs = np.flatnonzero(graph.customers.counts() == 0)
    drawn = graph.asn[np.random.default_rng(SEED).permutation(stubs)[:sample]].tolist()
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(_touch, range(cores)))
        begun = time.perf_counter()
        used = sum(pool.map(_cut_one, drawn, chunksize=10))
        spent = time.perf_counter() - begun
    share = len(stubs) / sample / 60
    return {
        "stubs": len(stubs),
        "sample": sample,
        "cores": cores,
        "minutes": spent * share,
        "minutes_cpu": used * share / cores,
    }


def _touch(_: int) -> int:
    return len(_graph)


def _cut_one(asn: int) -> float:
    """Seconds of processor time."""
    begun = time.process_time()
    cut(_graph, asn)
    return time.process_time() - begun


def _read(path: Path) -> pa.Table:
    data = path.read_bytes()
    opened = {b"BZh": bz2.decompress, b"\xfd7z": lzma.decompress}.get(data[:3], bytes)(data)
    return pa.Table.from_batches([batch for _, batch in AS_REL.read(io.BytesIO(opened))])


def _synthetic(networks: int = 75_000, peerings: int = 230_000) -> pa.Table:
    """Preferential attachment: each network buys from one to three of those before it; peers are drawn by rank."""
    dice = np.random.default_rng(SEED)
    links = [(a, b, "peer") for a in range(1, 16) for b in range(a + 1, 16)]
    for asn in range(16, networks + 1):
        ranks = (dice.random(int(dice.integers(1, 4))) ** 4 * min(asn - 1, networks // 6)).astype(int) + 1
        links += [(int(upper), asn, "provider") for upper in set(ranks.tolist())]
    ends = (dice.random((peerings, 2)) ** 2 * networks).astype(int) + 1
    links += [(a, b, "peer") for a, b in ends.tolist() if a != b]
    upper, lower, kind = zip(*links, strict=True)
    return pa.table(
        {"upper": upper, "lower": lower, "kind": kind, "source": pa.nulls(len(links), pa.string())},
        schema=RELATIONSHIPS,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="reach and cuts, side by side with rustworkx and networkx")
    parser.add_argument("file", nargs="?", type=Path, help="a relationship file; made up where none is given")
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    print(json.dumps(run(args.file, args.turns), indent=2))


if __name__ == "__main__":
    main()

"""What half of a table's vantage points would have missed: ``python -m bench.withheld FILE...`` (MRT RIBs).

Without files: simulated RIBs, beside what all of their vantage points miss in truth.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from depeer.measures.offline import fit_missed, withheld
from depeer.piles import Member, open_pile
from depeer.sources import mrt
from depeer.world.heard import listen, vantage_points
from depeer.world.internet import make_internet
from depeer.world.internet_spec import InternetSpec
from depeer.world.mrt_rib import rib_file

Ints = NDArray[np.int64]


def links(stream: BinaryIO) -> tuple[Ints, Ints]:
    """Vantage point and link (network << 32 | neighbour) of each entry; as ``mrt_routes`` reads them."""
    peers: dict[bytes, int] = {}
    found: set[tuple[int, int]] = set()
    for batch in mrt.read(stream):
        columns = (batch[name].to_pylist() for name in ("type", "peer", "asns", "origin_asn", "has_set"))
        for kind, peer, path, origin, has_set in zip(*columns, strict=True):
            uplink = next((asn for asn in reversed(path or ()) if asn != path[-1]), None)
            if kind == "B" and uplink is not None and origin is not None and not has_set:
                found.add((peers.setdefault(peer, len(peers)), origin << 32 | uplink))
    vantage, link = np.array(sorted(found), dtype=np.int64).reshape(-1, 2).T
    return vantage, link


def figures(vantage: Ints, link: Ints) -> dict[str, float]:
    counts, misses = withheld(vantage, link)
    fitted = fit_missed(counts, misses)
    return {
        "vantage_points": len(np.unique(vantage)),
        "networks": len(counts),
        "links": int(counts.sum()),
        "missed_by_half": float(misses.sum() / max(counts.sum(), 1)),
        "networks_with_one_missed": float((misses > 0).mean()) if len(misses) else 0.0,
        "beta_a": fitted.a,
        "beta_b": fitted.b,
    }


def simulated(seed: int, networks: int, points: int) -> dict[str, float]:
    """The same of a simulated RIB; ``missed_by_all``: of the uplinks that carry routes, what none of them shows."""
    internet = make_internet(InternetSpec(networks=networks), seed)
    moment = internet.at(internet.spec.epoch)
    dump = rib_file(listen(internet, moment, vantage_points(internet, points)))
    vantage, link = links(io.BytesIO(gzip.decompress(dump)))
    source = np.repeat(np.arange(len(internet)), moment.graph.providers.degree())
    true = internet.asn[source] << 32 | internet.asn[moment.graph.providers.to]
    return figures(vantage, link) | {"missed_by_all": float((~np.isin(true, link)).mean())}


def main() -> None:
    parser = argparse.ArgumentParser(description="uplinks that half of the vantage points would have missed")
    parser.add_argument("files", nargs="*", type=Path)
    args = parser.parse_args()
    for found in open_pile(args.files):
        if isinstance(found, Member):
            print(json.dumps({"file": found.locator} | figures(*links(cast("BinaryIO", found.stream)))))
    for seed in () if args.files else range(1, 6):
        print(json.dumps({"simulated": True, "seed": seed} | simulated(seed, 1000, 16)))


if __name__ == "__main__":
    main()

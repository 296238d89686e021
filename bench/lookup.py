"""Address → origin, side by side with pyasn: the same table, the same addresses, turn by turn in one run.

``python -m bench.lookup [TABLE.dat]`` takes a pyasn ``.dat`` (or ``.dat.gz``); without one it makes a
table of the size of 2008's from a fixed seed. Each turn times pyasn on a part of the addresses (it is the
slow one) and depeer on all of them; the figure is the median over the turns of the ratio of look-ups per
second. Before any timing the answers are compared, one by one.
"""

from __future__ import annotations

import argparse
import gzip
import io
import ipaddress
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from depeer.routing import bogons
from depeer.routing.origin_table import OriginTable
from depeer.sources.origins import detect

SEED = 20080501
ADDRESSES = 4_000_000
PEER_ADDRESSES = 40_000
Addresses = NDArray[np.uint32]


def run(path: Path | None = None, turns: int = 5) -> dict[str, Any]:
    """``ratio`` (median), ``lowest`` and ``highest``, look-ups per second of both, seconds to compile."""
    import pyasn

    data = _dat(path) if path else _synthetic()
    with tempfile.NamedTemporaryFile(suffix=".dat") as plain:
        plain.write(data)
        plain.flush()
        peer = pyasn.pyasn(plain.name)
    begun = time.perf_counter()
    table = _compiled(data)
    compiled = time.perf_counter() - begun
    addresses = np.random.default_rng(SEED).integers(0, 2**32, ADDRESSES, dtype=np.uint32)
    texts = [str(ipaddress.IPv4Address(value)) for value in addresses[:PEER_ADDRESSES].tolist()]
    _must_agree(table, peer, addresses[:PEER_ADDRESSES], texts)
    ours, theirs = zip(*[(_ours(table, addresses), _theirs(peer, texts)) for _ in range(turns)], strict=True)
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {
        "prefixes": len(table),
        "turns": turns,
        "ratio": statistics.median(ratios),
        "lowest": min(ratios),
        "highest": max(ratios),
        "depeer_per_second": statistics.median(ours),
        "pyasn_per_second": statistics.median(theirs),
        "compile_seconds": compiled,
    }


def _ours(table: OriginTable, addresses: Addresses) -> float:
    begun = time.perf_counter()
    table.lookup4(addresses)
    return len(addresses) / (time.perf_counter() - begun)


def _theirs(peer: Any, texts: list[str]) -> float:
    begun = time.perf_counter()
    for text in texts:
        peer.lookup(text)
    return len(texts) / (time.perf_counter() - begun)


def _must_agree(table: OriginTable, peer: Any, addresses: Addresses, texts: list[str]) -> None:
    """Special-purpose space apart, which depeer attributes to nobody on purpose."""
    rows = zip(texts, table.lookup4(addresses).tolist(), bogons.is_bogon(addresses).tolist(), strict=True)
    for text, index, special in rows:
        mine = (table.asns(index)[0] if index >= 0 else None) if not special else peer.lookup(text)[0]
        if mine != peer.lookup(text)[0]:
            raise SystemExit(f"{text}: depeer says {mine}, pyasn {peer.lookup(text)[0]}")


def _compiled(data: bytes) -> OriginTable:
    known = detect(data[:4096], "table.dat")
    if known is None:
        raise SystemExit("not a table in pyasn's format")
    batches = [batch for kind, batch in known.read(io.BytesIO(data)) if kind == "origins"]
    return OriginTable.compile(pa.Table.from_batches(batches))


def _dat(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def _synthetic(prefixes: int = 270_000) -> bytes:
    """Nested prefixes with the lengths of a real table: more than half of them /24s."""
    drawn = np.random.default_rng(SEED)
    length = drawn.choice([8, 12, 14, 16, 18, 19, 20, 21, 22, 23, 24], prefixes, p=_SHARES)
    first = drawn.integers(1 << 24, 223 << 24, prefixes) >> (32 - length) << (32 - length)
    asn = drawn.integers(1, 60_000, prefixes)
    chosen = np.unique(np.stack([first, length], axis=1), axis=0, return_index=True)[1]
    rows = zip(first[chosen].tolist(), length[chosen].tolist(), asn[chosen].tolist(), strict=True)
    return "".join(f"{ipaddress.IPv4Address(value)}/{size}\t{who}\n" for value, size, who in rows).encode()


_SHARES = [0.0001, 0.001, 0.002, 0.04, 0.03, 0.06, 0.07, 0.07, 0.09, 0.09, 0.5469]


def main() -> None:
    parser = argparse.ArgumentParser(description="depeer's look-up against pyasn's, side by side")
    parser.add_argument(
        "table", nargs="?", type=Path, help="a pyasn .dat or .dat.gz; made up where none is given"
    )
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    print(json.dumps(run(args.table, args.turns), indent=2))


if __name__ == "__main__":
    main()

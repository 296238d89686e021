"""MRT elements a second beside ``bgpdump -m`` (C) and pybgpkit-parser (Rust), every element in full.

    python -m bench.mrt [FILE …] [--rounds 5] [--pybgpkit PYTHON]

FILEs are routing tables and updates; without any, those of DEPEER_DATA. They are unpacked before. Rounds are
interleaved, each reader takes its turn in each; figures are medians of processor time, ratios medians of the
rounds' ratios. PYTHON is an interpreter that has pybgpkit-parser, by default this one. A reader that is not there
is left out.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FILES = ("rib.20140523.0600_firstMB.bz2", "rib6.20151101.0600_firstMB.bz2", "rib.20080501.0644_firstMB.bz2",
         "updates.et-header.2015.gz", "updates.20160811.1600.gz", "updates.20070211.0141.gz")  # fmt: skip
"""Of DEPEER_DATA/routing/mrt: three kinds of tables, three of updates."""

_PYBGPKIT = """
import sys, time
import pybgpkit_parser
began = time.process_time()
for _ in pybgpkit_parser.Parser(sys.argv[1]):
    pass
print(time.process_time() - began)
"""

Reader = Callable[[Path], float]
"""Processor seconds to read a file."""


def unpacked(path: Path) -> bytes:
    """The whole content; of a file that breaks off, what there is."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    return bz2.BZ2Decompressor().decompress(data) if data[:3] == b"BZh" else data


def depeer(path: Path) -> float:
    from depeer.sources import mrt

    began = time.process_time()
    with path.open("rb") as stream:
        for _ in mrt.read(stream):
            pass
    return time.process_time() - began


def elements(path: Path) -> int:
    from depeer.sources import mrt

    with path.open("rb") as stream:
        return sum(batch.num_rows for batch in mrt.read(stream))


def bgpdump(path: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["bgpdump", "-m", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pybgpkit(python: str) -> Reader:
    def read(path: Path) -> float:
        done = subprocess.run(
            [python, "-c", _PYBGPKIT, str(path)], capture_output=True, check=True, text=True
        )
        return float(done.stdout)

    return read


def readers(python: str) -> dict[str, Reader]:
    """Those that are there; depeer is the first."""
    found: dict[str, Reader] = {"depeer": depeer}
    if shutil.which("bgpdump"):
        found["bgpdump"] = bgpdump
    if (
        subprocess.run([python, "-c", "import pybgpkit_parser"], capture_output=True, check=False).returncode
        == 0
    ):
        found["pybgpkit"] = pybgpkit(python)
    return found


def compare(path: Path, found: dict[str, Reader], rounds: int) -> dict[str, object]:
    """Elements a second of each reader on one unpacked file, and how many times as fast depeer is."""
    count = elements(path)
    took = [{name: read(path) for name, read in found.items()} for _ in range(rounds)]
    rates = {name: round(count / statistics.median(t[name] for t in took)) for name in found}
    ratios = {
        name: round(statistics.median(t[name] / t["depeer"] for t in took), 2)
        for name in found
        if name != "depeer"
    }
    return {"elements": count, "a second": rates, "times as fast as": ratios}


def run(files: list[Path] | None = None, rounds: int = 5, python: str = sys.executable) -> dict[str, object]:
    """By file, what `compare` gives; nothing where there is no data."""
    folder = Path(os.environ.get("DEPEER_DATA", "../shared/data")) / "routing" / "mrt"
    given = files or [folder / name for name in FILES if (folder / name).is_file()]
    found = readers(python)
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        for path in given:
            plain = Path(place) / path.stem
            plain.write_bytes(unpacked(path))
            results[path.name] = compare(plain, found, rounds)
            plain.unlink()
    return results


def main() -> None:
    options = argparse.ArgumentParser(description="MRT elements a second beside other readers.")
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--pybgpkit", default=sys.executable, metavar="PYTHON")
    given = options.parse_args()
    for name, result in run(given.files, given.rounds, given.pybgpkit).items():
        print(json.dumps({name: result}))


if __name__ == "__main__":
    main()

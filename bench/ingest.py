"""The whole ingest against what others need for parsing alone, turn by turn in one run, two processes each.

``python -m bench.ingest [--turns N] [--large]``: the TREC messages of the real data (else invented ones)
from one uncompressed mbox. Times are of whole commands, start-up included. ``--large`` takes a pile ten times as
large as well and compares the peak memory (PSS of all processes, read from /proc every 50 ms).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from depeer.piles import Member, open_pile
from depeer.sources import mbox
from depeer.world import small

ROOT = Path(__file__).parent.parent
TREC = "mail/trec07p_spam_2007-06.tar.xz"
ROUTES = "routing/origins/ipasn_20080501_v12.dat.gz"


def data_folder() -> Path:
    return Path(os.environ.get("DEPEER_DATA", ROOT.parent / "shared" / "data"))


def contents() -> Iterator[tuple[bytes, bytes]]:
    """Envelope and bytes of each message of the pile."""
    archive = data_folder() / TREC
    if archive.exists():
        for member in open_pile([archive]):
            if isinstance(member, Member):
                for piece in mbox.split(member.stream):
                    yield piece.envelope or b"From x Fri Jun  1 00:00:00 2007", piece.data
        return
    for seed in range(9):
        for message in small.mails(seed):
            envelope, _, rest = message.partition(b"\n")
            yield envelope, rest


def write_pile(path: Path, times: int = 1) -> int:
    """One mboxrd; copies beyond the first carry a header of their own, so that nothing is a duplicate."""
    count = 0
    with path.open("wb") as out:
        for copy in range(times):
            for envelope, data in contents():
                quoted = data.replace(b"\nFrom ", b"\n>From ")
                mark = b"X-Copy: %d\n" % copy if copy else b""
                out.write(envelope + b"\n" + mark + quoted + b"\n")
                count += 1
    return count


def command(name: str, pile: Path, lake: Path) -> list[str]:
    if name == "depeer":
        depeer = str(Path(sys.executable).with_name("depeer"))
        return [depeer, "ingest", str(pile), "--lake", str(lake), "--label", "spam", "--jobs", "2", "--json"]
    return [sys.executable, "-m", "bench.peers", name, str(pile)]


def timed(words: list[str]) -> tuple[float, int]:
    """Seconds, and the peak PSS of the process and all its children in bytes."""
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT)
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], pss_of_tree(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}")
    return seconds, peak[0]


def pss_of_tree(pid: int) -> int:
    """Proportional set size of a process and its descendants, in bytes (proc_pid_smaps(5))."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except OSError:
            continue
        total += next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
        waiting += map(int, children)
    return total


def run(turns: int = 5, large: bool = False) -> dict[str, Any]:
    """Messages a second of each, ratios turn by turn (median, lowest, highest), peak memory."""
    names = ("depeer", "compat32", "mailparser")
    with tempfile.TemporaryDirectory() as folder:
        pile, empty = Path(folder) / "pile.mbox", Path(folder) / "empty"
        count = write_pile(pile)
        prepare(empty)
        seconds: dict[str, list[float]] = {name: [] for name in names}
        peaks = []
        for _ in range(turns):
            for name in names:
                lake = Path(folder) / "lake"
                shutil.rmtree(lake, ignore_errors=True)
                shutil.copytree(empty, lake)
                took, peak = timed(command(name, pile, lake))
                seconds[name].append(took)
                peaks += [peak] if name == "depeer" else []
        answer: dict[str, Any] = {"messages": count, "bytes": pile.stat().st_size, "turns": turns}
        for name in names:
            answer[f"{name}_per_second"] = count / statistics.median(seconds[name])
        for name in names[1:]:
            ratios = [b / a for a, b in zip(seconds["depeer"], seconds[name], strict=True)]
            answer[f"ratio_{name}"] = [statistics.median(ratios), min(ratios), max(ratios)]
        answer["peak_mb"] = max(peaks) / 1e6
        if large:
            answer |= _large(Path(folder), empty)
        return answer


def prepare(lake: Path) -> None:
    """A lake that holds a routing table, so that the ingest has something to attribute by."""
    table = data_folder() / ROUTES
    if not table.exists():
        table = lake.with_name("routes.dat")
        table.write_bytes(small.routing_table())
    depeer = str(Path(sys.executable).with_name("depeer"))
    subprocess.run(
        [depeer, "routes", "add", str(table), "--lake", str(lake)], check=True, capture_output=True
    )


def _large(folder: Path, empty: Path) -> dict[str, Any]:
    pile, lake = folder / "large.mbox", folder / "large"
    count = write_pile(pile, 10)
    shutil.copytree(empty, lake)
    seconds, peak = timed(command("depeer", pile, lake))
    return {"large_messages": count, "large_per_second": count / seconds, "large_peak_mb": peak / 1e6}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    print(json.dumps(run(asked.turns, asked.large), indent=2))

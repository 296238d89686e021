"""Mutated MRT records against the reader: nothing may raise, take a second, or take memory.

    python -m fuzz.mrt --count 1000000 --seed 0 --pile FOLDER

FOLDER holds MRT files (plain, gz, bz2); without it the records of this file are mutated. Records are read in
streams of forty. Seeds are numbers: stream N of a run is made from seed N alone, so that ``--seed N --count 40``
repeats one. Exit code 1, and the seed, when one raises, is too slow, loses bytes, or memory grows past a GiB.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import struct
import sys
import time
from pathlib import Path

from bench.mrt import unpacked

from depeer.sources import mrt

SLOW = 1.0
"""Seconds of processor time that no stream may take."""
MEMORY = 2**30
PER_STREAM = 40
PER_FILE = 400
_INDEX = b"\x00\x0d\x00\x01"
_HEADER = struct.Struct(">IHHI")
_MESSAGE = (
    b"\xff" * 16
    + b"\x00\x3a\x02\x00\x00\x00\x1f\x40\x01\x01\x00\x40\x02\x0a\x02\x02\x00\x00\xfb\xf0\x00\x00\xfb\xf1"
    + b"\x40\x03\x04\xc0\x00\x02\x01\xc0\x08\x04\xfb\xf0\x00\x01\x18\xcb\x00\x71"
)
_SESSION = b"\x00\x00\xfb\xf0\x00\x00\xfb\xf1\x00\x00\x00\x01\xc0\x00\x02\x01\xc0\x00\x02\x02"
OWN = [
    _HEADER.pack(10**9, 16, 4, len(_SESSION + _MESSAGE)) + _SESSION + _MESSAGE,
    _HEADER.pack(10**9, 16, 5, 24) + _SESSION + b"\x00\x01\x00\x02",
    _HEADER.pack(10**9, 13, 1, 21)
    + b"\xc0\x00\x02\x09\x00\x00\x00\x01\x02" + b"\xc0\x00\x02\x01" * 2 + b"\x00\x00\xfb\xf0",
]  # fmt: skip
INTERESTING = [0, 1, 2, 3, 4, 13, 14, 15, 16, 17, 31, 32, 33, 127, 128, 129, 254, 255]


def records(path: Path) -> list[bytes]:
    """The first records of a file, and some from its middle."""
    data, at, found = unpacked(path), 0, []
    while at + 12 <= len(data):
        end = at + 12 + _HEADER.unpack_from(data, at)[3]
        found.append(data[at:end])
        at = end
    return found[:PER_FILE] + found[len(found) // 2 :][:PER_FILE]


def mutate(chance: random.Random, data: bytes) -> bytes:
    """One record, changed in one to four places, more often near its head, where lengths are."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(min(len(changed), chance.choice((12, 80, 80, len(changed)))) or 1)
        what = chance.randrange(6)
        if what <= 2 and changed:
            changed[at] = chance.choice((chance.choice(INTERESTING), chance.randrange(256)))
        elif what == 3:
            del changed[at : at + chance.randrange(1, chance.choice((2, 5, 60)))]
        elif what == 4:
            changed[at:at] = chance.randbytes(chance.randrange(1, chance.choice((2, 5, 60))))
        else:
            changed[at:at] = changed[at : at + chance.choice((1, 4, 60))] * chance.choice((1, 1, 2, 200))
    if len(changed) >= 12 and chance.random() < 0.7:  # the header stays, so that the content is read
        changed[:12] = data[:8] + (len(changed) - 12).to_bytes(4)
    return bytes(changed)


def stream(pool: list[bytes], seed: int) -> bytes:
    """Forty records of one neighbourhood, most of them mutated, often behind the index that they need."""
    chance = random.Random(seed)
    start = chance.randrange(len(pool))
    index = max(
        (at for at in range(max(0, start - PER_FILE), start + 1) if pool[at][4:8] == _INDEX), default=start
    )
    chosen = [pool[index], *(pool[(start + step) % len(pool)] for step in range(PER_STREAM - 1))]
    return b"".join(data if chance.random() < 0.3 else mutate(chance, data) for data in chosen)


def run(pool: list[bytes], first: int, count: int) -> int:
    """Read ``count`` records in streams from seed ``first``; 0 when all were read in time and none was lost."""
    worst, worst_seed, failures, elements, faults = 0.0, first, 0, 0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    streams = -(-count // PER_STREAM)
    for seed in range(first, first + streams):
        data = stream(pool, seed)
        start = time.process_time()
        try:
            reading = mrt.read(io.BytesIO(data))
            for batch in reading:
                elements += batch.num_rows
                batch.validate(full=True)
            faults += reading.account.skipped
            lost = len(data) - reading.account.bytes
        except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
            lost = 0
            failures += 1
            print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
        if lost:
            failures += 1
            print(f"seed {seed}: {lost} bytes unaccounted for", flush=True)
        took = time.process_time() - start
        if took > worst:
            worst, worst_seed = took, seed
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(
        f"{streams * PER_STREAM:,} records of {len(pool):,} in {time.monotonic() - began:.0f} s: "
        f"{failures} failures, {elements:,} elements, {faults:,} faults, "
        f"worst stream {worst:.3f} s (seed {worst_seed}), memory grew by {grown / 2**20:.0f} MiB"
    )
    return 1 if failures or worst > SLOW or grown > MEMORY else 0


def main() -> int:
    options = argparse.ArgumentParser(description="Mutated MRT records against the reader.")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--pile", type=Path)
    given = options.parse_args()
    files = sorted(path for path in given.pile.iterdir() if path.is_file()) if given.pile else []
    return run([record for path in files for record in records(path)] or OWN, given.seed, given.count)


if __name__ == "__main__":
    sys.exit(main())

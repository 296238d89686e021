"""Mutated real mail against the mail parser: nothing may raise, nothing may take a second.

    python -m fuzz.mail_parse --count 1000000 --seed 0 --pile FOLDER

Seeds are numbers: message N of a run is made from seed N alone, so that ``--seed 400000`` goes on
where a run of 400,000 ended and ``--seed N --count 1`` repeats one. FOLDER holds messages, one a
file, in any depth; without it the messages of this file are mutated. ``--kernel`` sends each
through hops, links and Arrow as well. Exit code 1, and the seed, when one raises or is too slow.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from depeer.sources.mail.parse import parse

SLOW = 1.0
"""Seconds of processor time that no message may take."""
MAX_SEED_BYTES = 65_536
"""Larger messages are cut: a mutation in the middle of an attachment tries nothing."""

OWN = [
    b"From: a@a.example\nTo: b@b.example\nSubject: =?utf-8?q?x=C3=A9?= =?utf-8?b?w6k=?=\n"
    b"Date: Fri, 1 Jun 2007 08:21:53 +0800\nReceived: from x ([192.0.2.1]) by y; 1 Jun 2007 08:21:53 +0800\n"
    b"Content-Type: multipart/alternative; boundary=b\n\n"
    b"--b\nContent-Type: text/plain; charset=utf-8; format=flowed\n\nhttp://a.example/ \n"
    b"--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGEgaHJlZj0i\n--b--\n",
]

TOKENS = [
    b"\n", b"\r", b"\r\n", b"\n\n", b"\x00", b":", b";", b"=", b"\"", b"\\", b"<", b">", b"@", b"(", b"=?",
    b"?=", b"?q?", b"=?utf-8?b?", b"=?iso-2022-jp?q?", b"--", b"\n--", b" ", b"\t", b"\n ", b"\xff",
    b"\xed\xa0\x80", b"\x1b$B", b"%", b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: message/rfc822\n\n", b"boundary*0=", b"charset=utf-7",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
    b"charset=utf-16", b"<a href=", b"Content-Transfer-Encoding: x-uuencode\n", b"begin 644 x\n",
    b"format=flowed; delsp=yes", b"Received: from [", b"http://", b"Date: 1 Jan 99999 25:61", b"&#",
    b"<!--", b"charset=hz", b"charset=iso-2022-kr", b"Subject: ", b"To: ",
]  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def flip(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 50, 1000)) + data[at:]


def cut(chance: random.Random, data: bytes) -> bytes:
    start, stop = _span(chance, data)
    return data[:start] + data[stop:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    start, stop = _span(chance, data)
    return data[:stop] + data[start:stop] * chance.choice((1, 2, 30)) + data[stop:]


def truncate(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data)) + 1]


def move(chance: random.Random, data: bytes) -> bytes:
    start, stop = _span(chance, data)
    at = chance.randrange(len(data))
    return data[:at] + data[start:stop] + data[at:]


def newlines(chance: random.Random, data: bytes) -> bytes:
    return data.replace(
        b"\n", chance.choice((b"\r\n", b"\r", b"\r\r\n", b"\n\n", b" \n")), chance.choice((-1, 1, 9))
    )


MUTATIONS: list[Mutation] = [flip, flip, insert, insert, insert, cut, repeat, truncate, move, newlines]


def _span(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randrange(len(data))
    return start, start + chance.randrange(1, chance.choice((2, 20, 400)) + 1)


def mutant(messages: list[bytes], seed: int) -> bytes:
    """The message of one seed: a real one, changed in one to six places, most of them in its first 2 kB."""
    chance = random.Random(seed)
    data = chance.choice(messages)
    for _ in range(chance.randint(1, 6)):
        edge = chance.choice((len(data), 2_000, 2_000))
        data = chance.choice(MUTATIONS)(chance, data[:edge] or b"\n") + data[edge:]
    return data


def kernel_reader() -> Callable[[bytes], object]:
    """Reads one message through the whole kernel."""
    import pyarrow as pa

    from depeer.sources.mail.kernel import read_mails

    columns = ("batch", "delivery", "sha256", "locator", "sensor", "label", "size", "envelope", "bytes")
    types = dict.fromkeys(columns, pa.string()) | dict.fromkeys(("batch", "size"), pa.int64())
    types |= dict.fromkeys(("delivery", "sha256", "envelope", "bytes"), pa.binary())
    schema = pa.schema(list(types.items()))

    def read(data: bytes) -> object:
        row = dict.fromkeys(columns, "x") | {"batch": 1, "size": len(data), "delivery": b"d", "sha256": b"s"}
        return read_mails(
            pa.RecordBatch.from_pylist([row | {"envelope": data[:80], "bytes": data}], schema=schema)
        )

    return read


def read_text(data: bytes) -> object:
    return [part.read() for part in parse(data).texts]


def main() -> int:
    options = argparse.ArgumentParser(description="Mutated real mail against the mail parser.")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--pile", type=Path)
    options.add_argument("--kernel", action="store_true")
    given = options.parse_args()
    files = sorted(path for path in given.pile.rglob("*") if path.is_file()) if given.pile else []
    messages = [path.read_bytes()[:MAX_SEED_BYTES] for path in files]
    reader = kernel_reader() if given.kernel else read_text
    return run([data for data in messages if data] or OWN, reader, given.seed, given.count)


def run(messages: list[bytes], reader: Callable[[bytes], object], first: int, count: int) -> int:
    """Read ``count`` mutants from seed ``first``; 0 when all were read in time."""
    worst, worst_seed, failures = 0.0, first, 0
    began = time.monotonic()
    for seed in range(first, first + count):
        data = mutant(messages, seed)
        start = time.process_time()
        try:
            reader(data)
        except Exception as error:  # noqa: BLE001 - whatever it raises is the finding
            failures += 1
            print(f"seed {seed}: {type(error).__name__}: {error}", flush=True)
        took = time.process_time() - start
        if took > worst:
            worst, worst_seed = took, seed
        if (seed + 1 - first) % 100_000 == 0:
            print(
                f"{seed + 1 - first:,} read, worst {worst:.3f} s (seed {worst_seed}), {failures} raised",
                flush=True,
            )
    print(
        f"{count:,} mutants of {len(messages):,} messages from seed {first} in {time.monotonic() - began:.0f} s: "
        f"{failures} raised, worst {worst:.3f} s (seed {worst_seed})"
    )
    return 1 if failures or worst > SLOW else 0


if __name__ == "__main__":
    sys.exit(main())

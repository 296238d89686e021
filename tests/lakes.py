"""Small piles and lakes that several tests share, and what a lake holds whatever way it came about."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from depeer.lake import Lake
from depeer.tables import DERIVED, TABLES
from depeer.verbs.ingest import Bounds, Progress, Request, ingest
from depeer.world import small

SMALL = Bounds(chunk_pieces=10, batch_pieces=25)
ODD = b"From: a@sender.example\nTo: b@trap.example\nSubject: no arrival\n\nthe same words\n"


def mails(count: int, skip: int = 0) -> list[bytes]:
    """Simulated messages as an mbox has them, envelope line included."""
    return list(small.mails())[skip : skip + count]


def alone(mail: bytes) -> bytes:
    """A message of ``mails`` as a file of its own has it."""
    return mail.split(b"\n", 1)[1].removesuffix(b"\n")


def tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def make_pile(folder: Path) -> Path:
    """A folder with an mbox, an archive with a stranger in it, twins without arrival, and two feeds."""
    folder.mkdir()
    (folder / "a.mbox").write_bytes(b"".join(mails(30)) + b"".join(mails(3)))
    (folder / "empty.eml").write_bytes(b"")
    (folder / "ipblocklist.csv").write_bytes(
        small.controllers() + b'"2026-09-03 10:00:00","not an address","1"\n'
    )
    (folder / "passive-dns.jsonl").write_bytes(small.passive_dns())
    (folder / "twin.eml").write_bytes(ODD)
    members = {f"box/{n}.eml": alone(mail) for n, mail in enumerate(mails(20, 30))}
    tar(folder / "z.tar.gz", members | {"box/noise.bin": bytes(range(256)) * 9})
    return folder


def content(root: Path) -> dict[str, Counter[str]]:
    """Every row of every table, without batch numbers and what only says that a thing came again."""
    lake, found = Lake.open(root), {}
    with lake.engine() as engine:
        for name in ("raw", "origins", "as_names", *(t.name for t in DERIVED)):
            columns = [c.name for c in TABLES[name].columns if c.name != "batch"]
            where = "WHERE disposition <> 'duplicate'" if name == "raw" else ""
            rows = engine.query(f"SELECT {', '.join(columns)} FROM {name} {where}").to_pylist()
            found[name] = Counter(map(repr, rows))
    return found


def count(root: Path, statement: str, **parameters: object) -> int:
    return int(Lake.open(root).rows(f"SELECT count(*) AS n FROM ({statement})", **parameters)["n"][0].as_py())


def on_disk(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a lake, Parquet pages unpacked: what somebody with the disk could read."""
    import pyarrow.parquet as pq

    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        yield path, path.read_bytes()
        if path.suffix == ".parquet":
            values = [column.to_pylist() for column in pq.read_table(path).columns]
            yield path, repr(values).encode()


def holders(root: Path, secret: bytes) -> list[str]:
    """Names of the files in which ``secret`` can be found."""
    needles = (secret, secret.hex().encode())
    return sorted({p.name for p, data in on_disk(root) if any(needle in data for needle in needles)})


# ------------------------------------------------------------------------------------ processes to kill


def run_ingest(
    root: str, paths: Sequence[str], die_at: str | None, occurrence: int, workers: str, **asked: Any
) -> None:
    """Body of a child process: an ingest that may kill itself at the n-th time it passes a named point."""
    passed = 0

    def at(name: str) -> None:
        nonlocal passed
        passed += name == die_at
        if name == die_at and passed == occurrence:
            Path(workers).write_text(" ".join(str(child.pid) for child in active_children()))
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(progress: Progress) -> None:
        at("mid-file" if progress.stage == "reading" else "attributing")

    ingest(Path(root), Request(list(paths), label="spam", jobs=2, bounds=SMALL, **asked), watch, at)


def alive(pid: int) -> bool:
    """Whether a process still runs; one that ended and was not yet buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def children(pid: int) -> list[int]:
    try:
        return [
            int(p) for t in Path(f"/proc/{pid}/task").iterdir() for p in (t / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return []


def wait_until_gone(pids: Sequence[int], patience: float = 20) -> list[int]:
    deadline = time.monotonic() + patience
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


# -------------------------------------------------------------------------------------- the command line


def depeer(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """``depeer`` as a user runs it, in a process of its own."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "depeer", *map(str, words)],
        capture_output=True, text=True, env=environment, timeout=100, check=False, **options,
    )  # fmt: skip


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document on standard output."""
    return json.loads(done.stdout)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Fails, rather than waits, where something hangs."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds

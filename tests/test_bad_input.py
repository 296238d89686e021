"""Whatever is wrong, a user reads one sentence that says what to do, gets an exit code, and loses nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from depeer.errors import BadInput, LakeTooNew, NoRoom, NotFound
from depeer.lake import Lake
from depeer.verbs.ingest import Request, ingest
from depeer.verbs.verify import verify
from lakes import alone, count, depeer, document, mails, tar, wait_until_gone

NOISE = random.Random(3)
BOX = b"".join(mails(12))


def _one_sentence(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("depeer: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a lake with a few mails, and no routing table."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "a.mbox").write_bytes(BOX)
    ingest(folder / "lake", Request([str(folder / "a.mbox")], label="spam", jobs=1))
    return folder


# -------------------------------------------------------------------------------------------- bad piles


def _noise(folder: Path) -> None:
    for number in range(5):
        (folder / str(number)).write_bytes(NOISE.randbytes(4_000))


def _zip(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "whole", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, mail in enumerate(mails(12)):
            archive.writestr(f"{number}.eml", alone(mail))
    data = (folder / "whole").read_bytes()
    (folder / "whole").unlink()
    return data


def _tar(folder: Path) -> bytes:
    path = tar(folder / "whole", {f"{n}.eml": alone(mail) for n, mail in enumerate(mails(12))})
    data = path.read_bytes()
    path.unlink()
    return data


def _bomb(folder: Path) -> None:
    """A few mails, then 300 MB of nothing, packed twice."""
    inner = gzip.compress(BOX + b"\n" * (300 * 2**20), 6)
    (folder / "bomb.gz").write_bytes(gzip.compress(inner, 6))


def _cut(name: str, whole: Callable[[Path], bytes]) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        data = whole(folder)
        (folder / name).write_bytes(data[: len(data) * 2 // 3])

    return plant


PILES: dict[str, tuple[Callable[[Path], None], int, tuple[str, ...]]] = {
    "noise": (_noise, 0, ("nothing of it can be used", "depeer export raw")),
    "cut tar.gz": (_cut("a.tar.gz", _tar), 3, ("a.tar.gz", "get them whole")),
    "cut zip": (_cut("a.zip", _zip), 0, ("a.zip",)),
    "cut xz": (_cut("a.xz", lambda _: lzma.compress(BOX)), 3, ("a.xz", "get them whole")),
    "cut bz2": (_cut("a.bz2", lambda _: bz2.compress(BOX)), 0, ("a.bz2",)),
    "cut gz": (_cut("a.gz", lambda _: gzip.compress(BOX)), 3, ("a.gz", "get them whole")),
    "bomb": (_bomb, 11, ("bomb.gz", "times its size")),
    "empty file": (
        lambda folder: (folder / "a.mbox").write_bytes(b"") and None,
        0,
        ("a.mbox", "it is empty"),
    ),
}


_SLOW = ("cut bz2", "cut gz", "cut zip")


@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=pytest.mark.slow) if k in _SLOW else k for k in PILES]
)
def test_a_bad_pile(kind: str, tmp_path: Path) -> None:
    plant, at_least, words = PILES[kind]
    (tmp_path / "pile").mkdir()
    plant(tmp_path / "pile")
    done = depeer("ingest", tmp_path / "pile", "--lake", tmp_path / "lake", "--json", "--jobs", "1")
    _one_sentence(done, BadInput.exit_code, *words)
    told = document(done)
    assert told["read"] == told["stored"] + told["duplicates"] + told["quarantined"]
    assert told["stored"] >= at_least
    assert (told["exit_code"], told["error"]) == (65, done.stderr.removeprefix("depeer: ").strip())
    assert count(tmp_path / "lake", "SELECT * FROM raw") == told["read"] > 0
    assert verify(tmp_path / "lake").ok


def test_an_unreadable_file_costs_only_itself(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "pile").mkdir()
    (tmp_path / "pile" / "a.mbox").write_bytes(BOX)
    (tmp_path / "pile" / "b.mbox").write_bytes(BOX)
    (tmp_path / "pile" / "b.mbox").chmod(0)
    done = depeer("ingest", tmp_path / "pile", "--lake", tmp_path / "lake", "--json")
    _one_sentence(done, BadInput.exit_code, "b.mbox", "cannot be opened")
    assert document(done)["stored"] == 12


def test_part_of_a_pile_in_quarantine_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "pile").mkdir()
    (tmp_path / "pile" / "a.mbox").write_bytes(BOX)
    (tmp_path / "pile" / "noise").write_bytes(NOISE.randbytes(999))
    done = depeer("ingest", tmp_path / "pile", "--lake", tmp_path / "lake", "--jobs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 stored, 0 known already, 1 in quarantine" in done.stdout


def test_standard_input(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "depeer", "ingest", "-", "--json", "--jobs", "1"]
    told = [
        json.loads(
            subprocess.run([*words, "--lake", tmp_path / "lake"], input=data, capture_output=True).stdout
        )
        for data in (gzip.compress(BOX), b"")
    ]
    assert [t["stored"] for t in told] == [12, 0]
    assert told[1]["exit_code"] == 65
    assert "it is empty" in told[1]["error"]


# -------------------------------------------------------------------------------------------- bad lakes


def _newer(lake: Path) -> None:
    (lake / "lake.json").write_text('{"format": 99}')


def _write(name: str, text: str) -> Callable[[Path], object]:
    return lambda lake: (lake / name).write_text(text)


LAKES: dict[str, tuple[Callable[[Path], object], int, tuple[str, ...]]] = {
    "newer": (_newer, LakeTooNew.exit_code, ("lake format 99", "install a newer depeer")),
    "mark is no JSON": (_write("lake.json", "{"), BadInput.exit_code, ("is damaged; write",)),
    "mark is other JSON": (_write("lake.json", "[7]"), BadInput.exit_code, ("damaged",)),
    "format is a word": (
        _write("lake.json", '{"format": "one"}'), BadInput.exit_code, ("damaged",),
    ),
    "mark is gone": (lambda lake: (lake / "lake.json").unlink(), NotFound.exit_code, ("there is no lake at",)),
    "words are no TOML": (
        _write("depeer.toml", "[sensors.x\n"), BadInput.exit_code, ("mend that line",),
    ),
    "words are not UTF-8": (
        lambda lake: (lake / "depeer.toml").write_bytes(b"\xff\xfe"), BadInput.exit_code, ("depeer.toml",),
    ),
    "unknown key": (
        _write("depeer.toml", "[sensors.x]\ntrap = 3\n"), BadInput.exit_code, ("'trap'",),
    ),
    "coverage is a number": (
        _write("depeer.toml", "[sensors.x]\ncoverage = 3\n"), BadInput.exit_code, ("coverage",),
    ),
    "a table's log is damaged": (
        lambda lake: next((lake / "mails" / "_delta_log").glob("*0.json")).write_text("{"),
        BadInput.exit_code, ("mails is damaged", "depeer derive"),
    ),
    "a table's file is gone": (
        lambda lake: next((lake / "mails").glob("*.parquet")).unlink(), 75, ("depeer verify",),
    ),
    "a table's file is damaged": (
        lambda lake: next((lake / "mails").glob("*.parquet")).write_bytes(b"PAR1 no more"), 75, ("depeer verify",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", LAKES)
def test_a_bad_lake(kind: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told alike by a verb that reads; in this process, as a start costs more than all the rest."""
    lake = Path(shutil.copytree(made / "lake", tmp_path / "lake"))
    plant, code, words = LAKES[kind]
    plant(lake)
    done = _called("export", "mails", str(tmp_path / "o.csv"), "--lake", str(lake), "--json")
    _one_sentence(done, code, *words)
    assert document(done)["exit_code"] == code
    assert not (tmp_path / "o.csv").exists()


def _called(*words: str) -> subprocess.CompletedProcess[str]:
    """``main`` as the command runs it, without a process of its own."""
    from contextlib import redirect_stderr, redirect_stdout

    from depeer.cli import main

    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["depeer", *words]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = before
    return subprocess.CompletedProcess(words, int(ended.value.code or 0), out.getvalue(), err.getvalue())


WORDS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such path": (("ingest", "nowhere"), NotFound.exit_code, "there is no file or folder nowhere"),
    "no lake": (("rank", "--lake", "nowhere"), NotFound.exit_code, "make one with: depeer ingest"),
    "the lake is a file": (
        ("ingest", ".", "--lake", "FOLDER/a.mbox"),
        BadInput.exit_code,
        "is no lake; choose",
    ),
    "the lake is a folder of others": (
        ("ingest", ".", "--lake", "FOLDER"),
        BadInput.exit_code,
        "is no lake; choose",
    ),
    "rank without routes": (("rank", "--role", "sender"), NotFound.exit_code, "depeer routes add"),
    "lookup without routes": (("lookup", "192.0.2.1"), NotFound.exit_code, "depeer routes add"),
    "unknown table": (("export", "mail", "FOLDER/o.csv"), NotFound.exit_code, "there are messages, raw"),
    "unknown ending": (("export", "mails", "FOLDER/o.xls"), 2, "end it in .parquet"),
    "no folder": (("export", "mails", "FOLDER/not/there.csv"), NotFound.exit_code, "make it first"),
    "no folder for a report": (("report", "FOLDER/not/there.html"), NotFound.exit_code, "make it first"),
    "wrong date": (("rank", "--since", "2008-13-01"), 2, "not a date such as 2008-11-11"),
    "wrong role": (("rank", "--role", "spammer"), 2, "see: depeer rank --help"),
    "wrong AS number": (("network", "ASX"), 2, "not an AS number"),
    "wrong verb": (("ingset",), 2, "did you mean 'ingest'"),
    "wrong option": (("verify", "--fast"), 2, "--fast"),
    "wrong relay": (("ingest", "FOLDER/a.mbox", "--trusted", "300.1.1.1"), BadInput.exit_code, "--trusted"),
    "wrong sensor": (("ingest", "FOLDER/a.mbox", "--sensor", "\udcff"), 2, "name must be words"),
    "no sensor": (("ingest", "FOLDER/a.mbox", "--sensor", " "), 2, "name must be words"),
    "no path": (("ingest",), 2, "PATH"),
    "forget nothing": (("forget",), 2, "say what to forget"),
    "no routing table": (("routes", "add", "FOLDER/a.mbox"), BadInput.exit_code, "is it the right file"),
    "no routing file": (("routes", "add", "nowhere"), NotFound.exit_code, "there is no file or folder"),
    "surrogates": (("ingest", "nowhere-\udcff"), NotFound.exit_code, "there is no file or folder"),
}


@pytest.mark.parametrize("kind", WORDS)
def test_bad_words(kind: str, made: Path, tmp_path: Path) -> None:
    words, code, sentence = WORDS[kind]
    words = tuple(word.replace("FOLDER", str(made)) for word in words)
    where = () if "--lake" in words or kind == "wrong verb" else ("--lake", str(made / "lake"))
    done = _called(*words, *where, "--json")
    _one_sentence(done, code, sentence)
    assert document(done) == {"error": done.stderr.removeprefix("depeer: ").strip(), "exit_code": code}
    assert verify(made / "lake").ok


def test_exit_codes_tell_kinds_apart() -> None:
    kinds = [BadInput, LakeTooNew, NoRoom, NotFound]
    assert len({kind.exit_code for kind in kinds} | {1, 2, 75, 130}) == len(kinds) + 4


# -------------------------------------------------------------------------------------------- no room


def _small_disk(where: Path, mebibytes: int) -> None:
    where.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(where)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("no leave to mount a small disk here")


def test_a_full_disk(tmp_path: Path) -> None:
    """What was committed before is safe; with room again, the rest comes in and nothing twice."""
    disk = tmp_path / "disk"
    rng = random.Random(5)
    text = b"".join(
        mail.rstrip() + b"\n" + rng.randbytes(30_000).hex().encode() + b"\n\n" for mail in mails(100)
    )
    (tmp_path / "big.mbox").write_bytes(text)
    _small_disk(disk, 5)
    (tmp_path / "small.mbox").write_bytes(BOX)
    try:
        assert (
            document(depeer("ingest", tmp_path / "small.mbox", "--lake", disk / "lake", "--json"))["stored"]
            == 12
        )
        done = depeer("ingest", tmp_path / "big.mbox", "--lake", disk / "lake", "--json")
        _one_sentence(done, NoRoom.exit_code, "free some space", "run the same command again")
        assert document(done)["exit_code"] == NoRoom.exit_code
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        told = document(depeer("ingest", tmp_path / "big.mbox", "--lake", disk / "lake", "--json"))
        assert told["read"] == told["stored"] == 100
        assert count(disk / "lake", "SELECT * FROM raw WHERE disposition = 'stored'") == 112
        assert verify(disk / "lake").ok
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = depeer("ingest", tmp_path / "big.mbox", "--lake", disk / "lake", "--json")
        _one_sentence(done, NoRoom.exit_code, "may not be written")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_bound_on_file_size(tmp_path: Path) -> None:
    """A bound that cannot be seen beforehand (as a quota is): delta-rs says more, but the last word is a sentence."""
    rng = random.Random(6)
    (tmp_path / "big.eml").write_bytes(
        b"From: a@b.example\nSubject: x\n\n" + rng.randbytes(400_000).hex().encode()
    )

    def bound() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = depeer(
        "ingest", tmp_path / "big.eml", "--lake", tmp_path / "lake", "--json", "--jobs", "1", preexec_fn=bound
    )
    assert done.returncode == NoRoom.exit_code
    assert done.stderr.splitlines()[-1].startswith("depeer: no room to write to ")
    told = document(
        depeer("ingest", tmp_path / "big.eml", "--lake", tmp_path / "lake", "--json", "--jobs", "1")
    )
    assert told["stored"] == 1
    assert verify(tmp_path / "lake").ok


# -------------------------------------------------------------------------------------------- Ctrl-C


def test_stopped_by_ctrl_c(tmp_path: Path) -> None:
    """One sentence, exit code 130, no worker left, and the lake is sound."""
    source, lake = tmp_path / "pipe", tmp_path / "lake"
    os.mkfifo(source)
    words = [sys.executable, "-m", "depeer", "ingest", "-", "--lake", str(lake), "--json", "--jobs", "2"]
    child = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert child.stdin is not None
    child.stdin.write(BOX)
    child.stdin.flush()
    deadline = time.monotonic() + 60
    while not (lake / "lake.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    for _ in range(10):  # an interrupt that falls into a finaliser is lost to Python; a person presses again
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the workers as well
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=6)
            break
    output, complaint = child.communicate(timeout=60)
    assert child.returncode == 130
    assert complaint.decode().strip() == "depeer: stopped; what was committed is safe"
    assert json.loads(output)["exit_code"] == 130
    assert wait_until_gone([child.pid]) == []
    assert verify(lake).ok
    assert Lake.open(lake).store("raw").torn() == []


def test_a_tar_with_a_path_that_climbs_out(tmp_path: Path) -> None:
    """Nothing is ever unpacked to disk; the name is a label and no more."""
    with tarfile.open(tmp_path / "climb.tar", "w") as archive:
        info = tarfile.TarInfo("../../../escaped.eml")
        info.size = len(alone(mails(1)[0]))
        archive.addfile(info, io.BytesIO(alone(mails(1)[0])))
    done = depeer("ingest", tmp_path / "climb.tar", "--lake", tmp_path / "lake", "--json", "--jobs", "1")
    assert document(done)["stored"] == 1
    assert not list(tmp_path.parent.glob("**/escaped.eml"))

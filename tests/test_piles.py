"""Piles: every container comes back whole and in order, and hostile or broken ones are told, never raised."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import os
import random
import re
import socket
import struct
import sys
import tarfile
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depeer.errors import NotFound
from depeer.piles import Caps, Member, Progress, Refusal, open_pile, total_bytes
from depeer.piles.folder import natural
from depeer.sources import mbox

LINE = b"From eve@example.org  Thu May 31 20:03:55 2007\n"
MAILS = {f"inmail.{n}": b"Subject: %d\n\nHello %d\n" % (n, n) for n in (1, 2, 9, 10, 11, 100)}
NOISE = random.Random(1).randbytes(200_000)


def drain(*paths: Path | str, caps: Caps | None = None) -> tuple[dict[str, bytes], dict[str, str]]:
    """What came out by locator, and what was refused and why; every locator once."""
    members: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for one in open_pile(paths, caps or Caps()):
        if isinstance(one, Refusal):
            assert one.locator not in refused
            assert len(one.data) <= 2**20
            refused[one.locator] = one.reason
        else:
            assert one.locator not in members
            members[one.locator] = one.stream.read()
            assert members[one.locator].startswith(one.head)
            assert len(one.head) == min(len(members[one.locator]), 65536)
    return members, refused


def make_tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False) -> bytes:
    out = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            return out.write(data)

    with zipfile.ZipFile(Pipe() if streamed else out, "w", method) as archive:  # type: ignore[arg-type]
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def make_zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(data)
    return out.getvalue().to_pybytes()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": make_zstd,
}
ARCHIVERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "pax": make_tar,
    "gnu": lambda files: make_tar(files, tarfile.GNU_FORMAT),
    "ustar": lambda files: make_tar(files, tarfile.USTAR_FORMAT),
    "zip": make_zip,
    "zip stored": lambda files: make_zip(files, zipfile.ZIP_STORED),
    "zip bzip2": lambda files: make_zip(files, zipfile.ZIP_BZIP2),
    "zip streamed": lambda files: make_zip(files, streamed=True),
    "zip stored, streamed": lambda files: make_zip(files, zipfile.ZIP_STORED, streamed=True),
}


@pytest.mark.parametrize("archiver", ARCHIVERS)
def test_an_archive_gives_its_files_in_its_order(tmp_path: Path, archiver: str) -> None:
    files = dict(reversed(MAILS.items())) | {"box/large": NOISE, "box/é/" + "long/" * 30 + "x": b"From: x\n"}
    path = tmp_path / "no-ending"
    path.write_bytes(ARCHIVERS[archiver](files))
    members, refused = drain(path)
    assert not refused
    assert list(members.items()) == [(f"no-ending!{name}", data) for name, data in files.items()]


@pytest.mark.parametrize("archiver", ARCHIVERS)
@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_archive_is_opened_whatever_its_name(tmp_path: Path, packer: str, archiver: str) -> None:
    path = tmp_path / "pile.txt"
    path.write_bytes(PACKERS[packer](ARCHIVERS[archiver](MAILS)))
    assert drain(path) == ({f"pile.txt!{name}": data for name, data in MAILS.items()}, {})


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_streams_in_a_row_are_one(tmp_path: Path, packer: str) -> None:
    pack = PACKERS[packer]
    path = tmp_path / "a.mbox"
    path.write_bytes(pack(NOISE) + pack(b"two") + pack(b"") + pack(b"three"))
    assert drain(path) == ({"a.mbox": NOISE + b"twothree"}, {})


@pytest.mark.parametrize("packer", ["gzip", "xz"])
def test_zeros_after_packed_data_are_padding_and_other_bytes_are_told(tmp_path: Path, packer: str) -> None:
    (tmp_path / "padded").write_bytes(PACKERS[packer](b"mail") + bytes(200_000))
    (tmp_path / "tailed").write_bytes(PACKERS[packer](b"mail") + b"tail")
    assert drain(tmp_path / "padded") == ({"padded": b"mail"}, {})
    members, refused = drain(tmp_path / "tailed")
    assert members == {"tailed": b"mail"}
    assert "another kind" in refused["tailed"]


def test_a_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    for name in (
        "inmail.10",
        "inmail.9",
        "b/x",
        "a/2.eml",
        "a/10.eml",
        "inmail.09",
        ".DS_Store",
        ".git/config",
    ):
        (pile / name).parent.mkdir(parents=True, exist_ok=True)
        (pile / name).write_bytes(name.encode())
    skipped: Counter[str] = Counter()
    found = [one.locator for one in open_pile([pile], skipped=skipped)]
    order = ["a/2.eml", "a/10.eml", "b/x", "inmail.09", "inmail.9", "inmail.10"]
    assert found == [f"pile/{name}" for name in order]
    assert skipped == {"hidden": 2}


@given(st.lists(st.text(min_size=1)))
def test_natural_order_is_total(names: list[str]) -> None:
    turned = names[::-1]
    assert sorted(names, key=natural) == sorted(turned, key=natural)


def make_maildir(root: Path) -> None:
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new", ".Sent/tmp"):
        (root / folder).mkdir(parents=True)
    (root / "cur/1035478339.M1P2.host.example:2,S").write_bytes(b"Subject: seen\n\n")
    (root / "new/1035478340.M1P2.host.example").write_bytes(b"Subject: new\n\n")
    (root / "tmp/1035478341.M1P2.host.example").write_bytes(b"Subject: half wri")
    (root / ".Sent/cur/1035478342.M1P2.host.example:2,").write_bytes(b"Subject: sent\n\n")
    (root / "dovecot.index.log").write_bytes(b"\1\2")


def test_a_maildir_gives_new_and_seen_mail_and_its_folders(tmp_path: Path) -> None:
    make_maildir(tmp_path / "Maildir")
    members, refused = drain(tmp_path / "Maildir")
    assert list(members.values()) == [b"Subject: sent\n\n", b"Subject: seen\n\n", b"Subject: new\n\n"]
    assert not refused
    with tarfile.open(tmp_path / "m.tar", "w") as tar:
        tar.add(tmp_path / "Maildir", "Maildir")
    members, _ = drain(tmp_path / "m.tar")
    assert {b"Subject: sent\n\n", b"Subject: seen\n\n", b"Subject: new\n\n"} <= set(members.values())
    assert b"Subject: half wri" not in members.values()


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    (pile / "deep").mkdir(parents=True)
    (pile / "deep" / "a").write_bytes(b"a")
    (pile / "deep" / "up").symlink_to(pile)
    (pile / "again").symlink_to(pile / "deep")
    (pile / "gone").symlink_to(pile / "nothing")
    (pile / "link").symlink_to(pile / "deep" / "a")
    members, refused = drain(pile)
    assert members == {"pile/again/a": b"a", "pile/link": b"a"}
    assert list(refused) == ["pile/gone"]


def test_nothing_is_read_if_one_path_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    progress = Progress()
    for wrong in ("b", "dangling"):
        with pytest.raises(NotFound, match=wrong):
            open_pile([tmp_path / "a", tmp_path / wrong], progress=progress)
    assert progress.done == 0


def test_devices_pipes_and_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        members, refused = drain("pipe", "socket", "/dev/zero")
    assert not members
    assert list(refused) == ["pipe", "socket", "zero"]
    assert all("pipe it into `-`" in reason for reason in refused.values())


def test_what_may_not_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    opened = open

    def guarded(path: str, *args: object, **options: object) -> object:
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", guarded)
    members, refused = drain(tmp_path)
    assert list(members.values()) == [b"b"]
    assert refused == {f"{tmp_path.name}/a": "it cannot be opened: Permission denied"}


def test_an_empty_file_is_refused_and_an_empty_folder_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "void").mkdir()
    (tmp_path / "none").write_bytes(b"")
    (tmp_path / "none.gz").write_bytes(gzip.compress(b""))
    (tmp_path / "none.zip").write_bytes(make_zip({}))
    assert drain(tmp_path / "void") == ({}, {})
    assert drain(tmp_path / "none.zip") == ({}, {})
    for name in ("none", "none.gz"):
        assert drain(tmp_path / name) == ({}, {name: "it is empty"})


class _Stdin:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_read_like_a_file(
    monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    for make in (make_tar, make_zip):
        monkeypatch.setattr(sys, "stdin", _Stdin(pack(make(MAILS))))
        assert total_bytes(["-"]) is None
        assert drain("-") == ({f"-!{name}": data for name, data in MAILS.items()}, {})
    monkeypatch.setattr(sys, "stdin", _Stdin(b""))
    assert drain("-") == ({}, {"-": "it is empty"})


def test_names_in_archives_are_only_labels(tmp_path: Path) -> None:
    names = ["/etc/passwd", "../../up", "./a//b", "bad\n\x1b[2J", "x" * 5000, "\udc80"]
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip(dict.fromkeys(names[:4], b"x")))
    members, _ = drain(path)
    assert list(members) == ["a.zip!etc/passwd", "a.zip!../../up", "a.zip!a/b", "a.zip!bad\\x0a\\x1b[2J"]
    (tmp_path / "a.tar").write_bytes(make_tar(dict.fromkeys(names, b"x")))
    members, _ = drain(tmp_path / "a.tar")
    assert len(members) == 6
    assert all(len(name) < 1100 and name.encode() and "\n" not in name for name in members)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar", "a.zip"]


def test_what_is_no_file_in_a_tar_is_counted(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for kind in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo("n")
            info.type, info.linkname = kind, "inmail.1"
            tar.addfile(info)
        for name in ("inmail.1", "._inmail.1", "__MACOSX/._x"):
            info = tarfile.TarInfo(name)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"mail"))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    skipped: Counter[str] = Counter()
    assert [one.locator for one in open_pile([tmp_path / "a.tar"], skipped=skipped)] == ["a.tar!inmail.1"]
    kinds = ["hard link", "symbolic link", "folder", "pipe", "device"]
    assert skipped == dict.fromkeys(kinds, 1) | {"hidden": 2}


def test_sparse_files_are_passed_over_with_their_maps(tmp_path: Path) -> None:
    info = tarfile.TarInfo("sparse")
    info.size, info.type = 512, tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    maps = bytes(504) + b"\1" + bytes(7) + bytes(512)
    (tmp_path / "a.tar").write_bytes(bytes(header) + maps + bytes(512) + make_tar(MAILS))
    members, refused = drain(tmp_path / "a.tar")
    assert list(members.values()) == list(MAILS.values())
    assert not refused


def encrypt_flag(data: bytes) -> bytes:
    """Marks the first member of a zip as encrypted."""
    return data[:6] + bytes([data[6] | 1]) + data[7:]


@pytest.mark.parametrize("streamed", [False, True])
def test_an_encrypted_member_is_refused_and_the_rest_read(tmp_path: Path, streamed: bool) -> None:
    (tmp_path / "a.zip").write_bytes(encrypt_flag(make_zip(MAILS, streamed=streamed)))
    members, refused = drain(tmp_path / "a.zip")
    assert list(members.values()) == list(MAILS.values())[1:]
    assert list(refused) == ["a.zip!inmail.1"]
    assert "password" in refused["a.zip!inmail.1"]


def test_a_changed_zip_member_is_told_and_the_rest_read(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a": b"one", "b": NOISE, "c": b"three"}))
    data[2000:2010] = bytes(10)
    (tmp_path / "a.zip").write_bytes(data)
    members, refused = drain(tmp_path / "a.zip")
    assert (members["a.zip!a"], members["a.zip!c"]) == (b"one", b"three")
    assert list(refused) == ["a.zip!b"]


def test_an_unknown_zip_method_and_a_foreign_archive_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(make_zip(MAILS, zipfile.ZIP_LZMA))
    (tmp_path / "b").write_bytes(b"7z\xbc\xaf\x27\x1c rest")
    members, refused = drain(tmp_path / "a.zip", tmp_path / "b")
    assert not members
    assert len(refused) == len(MAILS) + 1
    assert all("unpack it first" in reason for reason in refused.values())


def test_archives_in_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    inner = gzip.compress(make_tar({"m": b"Subject: x\n"}))
    (tmp_path / "a").write_bytes(make_zip({"first.tgz": inner, "second": b"mail"}))
    assert drain(tmp_path / "a") == ({"a!first.tgz!m": b"Subject: x\n", "a!second": b"mail"}, {})
    members, refused = drain(tmp_path / "a", caps=Caps(depth=2))
    assert members == {"a!second": b"mail"}
    assert "more than 2 times" in refused["a!first.tgz"]
    many = b"mail"
    for _ in range(50):
        many = gzip.compress(many)
    (tmp_path / "many").write_bytes(many)
    assert drain(tmp_path / "many")[1] == {"many": "it is packed more than 6 times over; unpack it first"}


SMALL = Caps(floor=2**20, ratio=50, total_floor=2**26)


@pytest.mark.parametrize("archiver", [make_zip, lambda files: gzip.compress(make_tar(files))])
def test_a_bomb_is_refused_and_the_rest_read(tmp_path: Path, archiver: Callable[..., bytes]) -> None:
    files = {"a": NOISE, "bomb": bytes(30 * 2**20), "z": b"mail"}
    (tmp_path / "x").write_bytes(archiver(files))
    members, refused = drain(tmp_path / "x", caps=SMALL)
    assert (members["x!a"], members["x!z"]) == (NOISE, b"mail")
    assert len(members["x!bomb"]) < 4 * 2**20
    assert list(refused) == ["x!bomb"]
    assert "50 times" in refused["x!bomb"]


def test_many_layers_are_bounded_together(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(2**20))
    (tmp_path / "x").write_bytes(gzip.compress(make_tar({f"{n}.gz": bomb for n in range(200)})))
    members, refused = drain(tmp_path / "x", caps=Caps(total_floor=2**24, total_ratio=100))
    assert sum(map(len, members.values())) < 2**25
    assert any("all in all" in reason for reason in refused.values())


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(make_tar(MAILS))
    members, refused = drain(tmp_path / "x.tar", caps=Caps(members=3))
    assert len(members) == 3
    assert "more than 3 files" in refused["x.tar"]


def test_an_xz_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**25}]
    (tmp_path / "x").write_bytes(lzma.compress(b"mail", filters=filters))
    assert drain(tmp_path / "x")[0] == {"x": b"mail"}
    members, refused = drain(tmp_path / "x", caps=Caps(memory=2**20))
    assert not members
    assert "Memory" in refused["x"]


def test_a_tar_header_that_claims_a_huge_size_costs_nothing(tmp_path: Path) -> None:
    for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.REGTYPE):
        info = tarfile.TarInfo("x")
        info.size, info.type = 2**40, kind
        header = info.tobuf(tarfile.GNU_FORMAT)
        (tmp_path / "x").write_bytes(header + b"mail")
        assert "too soon" in drain(tmp_path / "x")[1]["x"]


def test_chains_of_extended_headers_end(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type = tarfile.XGLTYPE
    (tmp_path / "x").write_bytes(info.tobuf() * 20_000 + make_tar(MAILS))
    assert list(drain(tmp_path / "x")[0].values()) == list(MAILS.values())


@pytest.mark.parametrize("packer", [*PACKERS, "none"])
@pytest.mark.parametrize("archiver", ["pax", "zip", "zip streamed", "zip stored, streamed"])
def test_a_truncated_archive_gives_what_comes_before_and_one_refusal(
    tmp_path: Path, packer: str, archiver: str
) -> None:
    files = {f"{n}": NOISE[n * 25_000 :][:25_000] for n in range(8)}
    data = PACKERS.get(packer, bytes)(ARCHIVERS[archiver](files))
    (tmp_path / "x").write_bytes(data[: len(data) * 3 // 5])
    members, refused = drain(tmp_path / "x")
    whole = [name for name, got in members.items() if got == files[name[2:]]]
    assert list(members)[: len(whole)] == whole
    assert len(members) - len(whole) <= 1
    assert all(files[name[2:]].startswith(got) for name, got in members.items())
    assert packer in ("zstd", "bzip2", "xz") or len(whole) >= 4
    assert list(refused) == ["x"]


_FILES = st.dictionaries(
    st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True),
    st.binary(min_size=1, max_size=60).map(lambda data: b"Subject: x\n\n" + data),
    min_size=1,
    max_size=6,
)
_QUICK = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_QUICK
@given(_FILES, st.sampled_from([*ARCHIVERS]), st.sampled_from([*PACKERS, "none"]))
def test_any_files_come_back_from_any_archive(
    tmp_path: Path, files: dict[str, bytes], archiver: str, packer: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(PACKERS.get(packer, bytes)(ARCHIVERS[archiver](files)))
    members, refused = drain(path)
    assert list(members.items()) == [(f"x!{name}", data) for name, data in files.items()]
    assert not refused


@settings(_QUICK, max_examples=150)
@given(
    st.sampled_from([*itertools.product(ARCHIVERS, [*PACKERS, "none"])]),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4)), max_size=4),
    st.integers(0, 5000),
)
def test_damage_never_raises(
    tmp_path: Path, kind: tuple[str, str], changes: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(PACKERS.get(kind[1], bytes)(ARCHIVERS[kind[0]](MAILS | {"big": NOISE[:3000]})))
    for at, new in changes:
        data[at % len(data) : at % len(data) + len(new)] = new
    (tmp_path / "x").write_bytes(data[: max(len(data) - cut, 1)])
    for one in open_pile([tmp_path / "x"]):
        assert isinstance(one, Refusal) or one.stream.read() is not None


@_QUICK
@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh91AY&SY", b"\xfd7zXZ\0"]),
)
def test_random_bytes_never_raise(tmp_path: Path, data: bytes, magic: bytes) -> None:
    (tmp_path / "x").write_bytes(magic + data)
    assert len(list(open_pile([tmp_path / "x"]))) >= 1


@_QUICK
@given(st.lists(st.binary(max_size=80).map(lambda b: b"Subject: x\n\n" + b), min_size=1, max_size=6))
def test_the_same_mails_from_maildir_mbox_tar_and_zip_are_the_same_bytes(
    tmp_path: Path, mails: list[bytes]
) -> None:
    def pieces(path: Path) -> list[bytes]:
        found = []
        for member in open_pile([path]):
            assert isinstance(member, Member)
            boxed = mbox.is_mbox(member.head)
            found += [piece.data for piece in mbox.split(member.stream, single=not boxed)]
        return found

    folder = tmp_path / "m"
    (folder / "new").mkdir(parents=True, exist_ok=True)
    (folder / "cur").mkdir(exist_ok=True)
    for old in (folder / "new").iterdir():
        old.unlink()
    names = [f"new/{n}.M1P2.host.example" for n in range(len(mails))]
    for name, mail in zip(names, mails, strict=True):
        (folder / name).write_bytes(mail)
    closed = [mail if mail.endswith(b"\n") else mail + b"\n" for mail in mails]
    quoted = [re.sub(rb"\n(>*From )", rb"\n>\1", mail) for mail in closed]
    (tmp_path / "mbox").write_bytes(b"".join(LINE + mail + b"\n" for mail in quoted))
    (tmp_path / "tar").write_bytes(make_tar(dict(zip(names, mails, strict=True))))
    (tmp_path / "zip").write_bytes(make_zip(dict(zip(names, mails, strict=True))))
    expected = [mbox.canonical(mail, in_mbox=False) for mail in mails]
    for name in ("m", "mbox", "tar", "zip"):
        assert pieces(tmp_path / name) == expected


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(gzip.compress(make_tar(MAILS)) + bytes(100_000))
    (tmp_path / "b").write_bytes(NOISE)
    (tmp_path / "c.zip").write_bytes(make_zip(MAILS))
    progress = Progress()
    steps = [progress.done for _ in open_pile([tmp_path], progress=progress)]
    assert steps == sorted(steps)
    assert progress.done == total_bytes([tmp_path]) == sum(p.stat().st_size for p in tmp_path.iterdir())


def test_memory_does_not_grow_with_the_pile(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.tgz"
        path.write_bytes(gzip.compress(make_tar({f"{n}": NOISE[n : n + 5000] for n in range(count)}), 1))
        tracemalloc.start()
        for one in open_pile([path]):
            assert isinstance(one, Member)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(4000) < 1.3 * peak(400)


def test_zip64_sizes_are_read_from_the_extra_field(tmp_path: Path) -> None:
    name, data = b"inmail.1", b"Subject: x\n\n"
    extra = struct.pack("<HHQQ", 1, 16, len(data), len(data))
    header = struct.pack(
        "<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 0, 0, 2**32 - 1, 2**32 - 1, len(name), len(extra)
    )
    (tmp_path / "x").write_bytes(header + name + extra + data + b"PK\x01\x02")
    assert drain(tmp_path / "x") == ({"x!inmail.1": data}, {})


@pytest.mark.data
@pytest.mark.parametrize(
    "name, count",
    [
        ("spamassassin_public_corpus", 6_046),
        pytest.param("trec07p_spam_2007-06", 17_193, marks=pytest.mark.slow),
    ],
)
def test_the_real_piles_come_out_whole(data_dir: Path, name: str, count: int) -> None:
    found = 0
    for member in open_pile([data_dir / "mail" / f"{name}.tar.xz"]):
        assert isinstance(member, Member), member
        if mbox.is_mbox(member.head):
            found += sum(piece.trouble is None for piece in mbox.split(member.stream))
        else:
            found += mbox.single_message(member.head)
    assert found == count

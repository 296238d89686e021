"""Downloads from a server that misbehaves, on the loopback interface only."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from depeer.errors import DepeerError, NoRoom, NotFound, Stop, TryAgain
from depeer.fetch.archive import entries
from depeer.fetch.download import download, text_of
from depeer.fetch.integrity import check_gzip
from depeer.fetch.patience import Patience
from depeer.fetch.public_sources import ASNAMES, IPTOASN, ROUTEVIEWS4, ROUTEVIEWS6, SOURCES
from depeer.fetch.routes import fetch, sources_for

BODY = hashlib.sha256(b"seed").digest() * 4000
PACKED = gzip.compress(b"198.18.0.0\t15\t64500\n" * 5000, mtime=0)
NOW = datetime(2026, 7, 14, 12, tzinfo=UTC)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        script = self.server.scripts.get(self.path, [])
        act = script.pop(0) if len(script) > 1 else script[0] if script else status(404)
        act(self)
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass

    def head(self, code: int, **headers: object) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def put(self, data: bytes) -> None:
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            self.server.hung_up.set()


Act = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, list[Act]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.hung_up = threading.Event()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


def status(code: int, **headers: object) -> Act:
    return lambda handler: handler.head(code, Content_Length=0, **headers)


def whole(body: bytes, **headers: object) -> Act:
    def act(handler: Handler) -> None:
        handler.head(200, Content_Length=len(body), **headers)
        handler.put(body)

    return act


def cut(body: bytes, at: int, **headers: object) -> Act:
    """Says the true length, sends a part, hangs up."""

    def act(handler: Handler) -> None:
        handler.head(200, Content_Length=len(body), **headers)
        handler.put(body[:at])

    return act


def resumable(body: bytes, etag: str = '"v1"') -> Act:
    def act(handler: Handler) -> None:
        asked = handler.headers.get("Range")
        if asked is None or handler.headers.get("If-Range") != etag:
            whole(body, ETag=etag)(handler)
            return
        begin = int(asked.removeprefix("bytes=").removesuffix("-"))
        handler.head(
            206,
            Content_Length=len(body) - begin,
            Content_Range=f"bytes {begin}-{len(body) - 1}/{len(body)}",
            ETag=etag,
        )
        handler.put(body[begin:])

    return act


def part(content_range: str, body: bytes) -> Act:
    def act(handler: Handler) -> None:
        handler.head(206, Content_Length=len(body), Content_Range=content_range)
        handler.put(body)

    return act


def reset(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def drip(handler: Handler) -> None:
    handler.head(200, Content_Length=len(BODY))
    while not handler.server.hung_up.is_set():
        handler.put(b"x")
        time.sleep(0.02)


def silent(handler: Handler) -> None:
    handler.server.hung_up.wait(5)


def chunked(body: bytes, *, end: bool) -> Act:
    def act(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.head(200, Transfer_Encoding="chunked")
        handler.put(b"%x\r\n%b\r\n" % (len(body), body) + (b"0\r\n\r\n" if end else b""))

    return act


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.hung_up.set()
        server.shutdown()
        thread.join()


@dataclass
class Waits:
    """Takes the place of sleeping: remembers for how long."""

    seconds: list[float] = field(default_factory=list)

    def patience(self, attempts: int = 4, silence: float = 5.0, draw: float = 0.5) -> Patience:
        return Patience(
            attempts=attempts, silence=silence, sleep=self.seconds.append, draw=lambda: draw, now=lambda: NOW
        )


@pytest.fixture
def waits() -> Waits:
    return Waits()


def left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "script", "requests", "waited"),
    [
        ("at once", [whole(BODY)], 1, 0),
        ("without a length", [lambda h: (h.head(200), h.put(BODY))], 1, 0),
        ("chunked", [chunked(BODY, end=True)], 1, 0),
        ("busy once", [status(503), whole(BODY)], 2, 1),
        ("too many requests", [status(429), status(429), whole(BODY)], 3, 2),
        ("no answer at all", [reset, whole(BODY)], 2, 1),
        ("cut off, no validator: from the start", [cut(BODY, 5000), whole(BODY)], 2, 1),
        ("cut off, resumed", [cut(BODY, 5000, ETag='"v1"'), resumable(BODY)], 2, 1),
        ("cut off, changed meanwhile", [cut(b"old" * 9999, 500, ETag='"v0"'), resumable(BODY)], 2, 1),
        ("weak validator", [cut(BODY, 5000, ETag='W/"v1"'), resumable(BODY)], 2, 1),
        ("416", [cut(BODY, 5000, ETag='"v1"'), status(416), resumable(BODY)], 3, 2),
        (
            "another part",
            [cut(BODY, 5000, ETag='"v1"'), part("bytes 0-9/99", b"0123456789"), whole(BODY)],
            3,
            2,
        ),
        ("a part without a place", [cut(BODY, 5000, ETag='"v1"'), part("nonsense", b"0"), whole(BODY)], 3, 2),
        ("broken chunks", [chunked(BODY[:900], end=False), whole(BODY)], 2, 1),
        ("silence", [silent, whole(BODY)], 2, 1),
        ("a drip", [drip, whole(BODY)], 2, 1),
    ],
)
def test_the_file_arrives_whole_however_the_server_behaves(
    server: Server, waits: Waits, tmp_path: Path, name: str, script: list[Act], requests: int, waited: int
) -> None:
    server.scripts["/file"] = script
    quick = 0.3 if name in ("silence", "a drip") else 5.0
    got = download(
        server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience(silence=quick)
    )
    assert got.path.read_bytes() == BODY
    assert (got.size, got.sha256) == (len(BODY), hashlib.sha256(BODY).digest())
    assert (len(server.asked), len(waits.seconds)) == (requests, waited)
    assert left_over(tmp_path) == {"file"}
    assert server.asked[0][1]["User-Agent"].startswith("depeer/")


def test_only_the_missing_bytes_are_asked_for(server: Server, waits: Waits, tmp_path: Path) -> None:
    server.scripts["/file"] = [cut(BODY, 5000, ETag='"v1"'), resumable(BODY)]
    download(server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience())
    assert server.asked[1][1]["Range"] == "bytes=5000-"
    assert server.asked[1][1]["If-Range"] == '"v1"'


def test_a_later_run_goes_on_where_this_one_gave_up(server: Server, waits: Waits, tmp_path: Path) -> None:
    server.scripts["/file"] = [cut(BODY, 7000, ETag='"v1"'), status(503)]
    with pytest.raises(TryAgain, match="busy"):
        download(
            server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience(attempts=2)
        )
    assert left_over(tmp_path) == {"file.part", "file.part.json"}
    server.scripts["/file"] = [resumable(BODY)]
    download(server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience())
    assert server.asked[-1][1]["Range"] == "bytes=7000-"
    assert left_over(tmp_path) == {"file"}


@pytest.mark.parametrize("note", ["", "[]", '{"url": "http://other.example/", "validator": "x"}', "{"])
def test_a_partial_file_of_unknown_origin_is_not_built_upon(
    server: Server, waits: Waits, tmp_path: Path, note: str
) -> None:
    (tmp_path / "file.part").write_bytes(b"something else")
    (tmp_path / "file.part.json").write_text(note)
    server.scripts["/file"] = [resumable(BODY)]
    got = download(server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience())
    assert got.path.read_bytes() == BODY
    assert "Range" not in server.asked[0][1]


def test_a_validator_cannot_smuggle_headers(server: Server, waits: Waits, tmp_path: Path) -> None:
    url = server.base + "/file"
    (tmp_path / "file.part").write_bytes(b"x")
    (tmp_path / "file.part.json").write_text(json.dumps({"url": url, "validator": '"a"\r\nX-Evil: 1'}))
    server.scripts["/file"] = [whole(BODY)]
    assert download(url, tmp_path / "file", most_bytes=1 << 20, patience=waits.patience()).size == len(BODY)
    assert "X-Evil" not in server.asked[0][1]


@pytest.mark.parametrize(
    ("script", "error", "requests", "words"),
    [
        ([status(404)], NotFound, 1, "does not exist"),
        ([status(403)], Stop, 1, "refused with status 403"),
        ([status(302, Location="/file")], Stop, 3, "redirects without end"),
        ([status(302, Location="file:///etc/hostname")], Stop, 1, "where it may not"),
        ([status(503)], TryAgain, 3, "busy"),
        ([status(503, Retry_After="86400")], TryAgain, 1, "busy"),
        ([cut(BODY, 99)], TryAgain, 3, "broke off after 99 of"),
        ([whole(b"x" * 200_000)], Stop, 1, "larger than"),
        ([lambda h: (h.head(200), h.put(b"x" * 200_000))], Stop, 1, "larger than"),
        ([whole(BODY[:100])], TryAgain, 3, "another SHA-256"),
    ],
)
def test_what_cannot_be_had_says_so_and_leaves_nothing_under_its_name(
    server: Server,
    waits: Waits,
    tmp_path: Path,
    script: list[Act],
    error: type[DepeerError],
    requests: int,
    words: str,
) -> None:
    server.scripts["/file"] = script
    with pytest.raises(error, match=words) as raised:
        download(
            server.base + "/file",
            tmp_path / "file",
            most_bytes=150_000,
            patience=waits.patience(attempts=3),
            sha256=hashlib.sha256(BODY).digest(),
        )
    assert type(raised.value) is error or issubclass(type(raised.value), error)
    assert len(server.asked) == requests
    assert not (tmp_path / "file").exists()
    if error is not TryAgain:
        assert left_over(tmp_path) == set()


def test_an_old_file_stays_until_the_new_one_is_whole(server: Server, waits: Waits, tmp_path: Path) -> None:
    (tmp_path / "t.gz").write_bytes(PACKED)
    server.scripts["/t.gz"] = [whole(PACKED[:-9])]
    with pytest.raises(TryAgain, match="cut off"):
        download(
            server.base + "/t.gz", tmp_path / "t.gz", most_bytes=1 << 20, patience=waits.patience(attempts=2)
        )
    assert (tmp_path / "t.gz").read_bytes() == PACKED


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PACKED, None),
        (PACKED + PACKED, None),
        (gzip.compress(b"", mtime=0), None),
        (PACKED[:-1], "cut off"),
        (PACKED[:3], "cut off"),
        (PACKED + PACKED[:20], "cut off"),
        (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged"),
        (PACKED + b"<html>", "other bytes follow"),
        (b"<html>Not found</html>", "not a gzip"),
        (b"", "not a gzip"),
    ],
)
def test_gzip_is_whole_or_not(tmp_path: Path, data: bytes, words: str | None) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(data)
    if words is None:
        check_gzip(path)
    else:
        with pytest.raises(TryAgain, match=words):
            check_gzip(path)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Tue, 14 Jul 2026 12:00:30 GMT", 30.0),
        ("Tue, 14 Jul 2026 11:00:00 -0000", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 400, 999999999.0),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(waits: Waits, header: str | None, seconds: float | None) -> None:
    assert waits.patience().asked(header) == seconds


def test_waits_grow_to_a_bound_and_never_undercut_the_server(
    server: Server, waits: Waits, tmp_path: Path
) -> None:
    server.scripts["/file"] = [status(503, Retry_After="20"), *[status(503)] * 7, whole(BODY)]
    patience = waits.patience(attempts=9, draw=1.0)
    download(server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=patience)
    assert waits.seconds == [20.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_server_that_is_not_there_and_an_address_that_is_none(waits: Waits, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(TryAgain, match="cannot be reached"):
        text_of(f"http://127.0.0.1:{port}/", waits.patience(attempts=2))
    assert len(waits.seconds) == 1
    for url in ("file:///etc/hostname", "ftp://127.0.0.1/", "nonsense", "http://"):
        with pytest.raises(Stop, match="no http or https"):
            download(url, tmp_path / "x", most_bytes=9, patience=waits.patience())


def test_the_proxy_of_the_environment_is_used(
    server: Server, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.base)
    monkeypatch.setenv("no_proxy", "")
    server.scripts["http://routes.example/list"] = [whole(b"by way of the proxy")]
    assert text_of("http://routes.example/list", waits.patience()) == "by way of the proxy"


def test_a_disk_that_refuses_is_told_apart_from_a_server(
    server: Server, waits: Waits, tmp_path: Path
) -> None:
    server.scripts["/file"] = [whole(BODY)]
    (tmp_path / "file.part").mkdir()
    with pytest.raises(NoRoom, match="cannot be written"):
        download(server.base + "/file", tmp_path / "file", most_bytes=1 << 20, patience=waits.patience())


RV = "/routeviews-prefix2as/"


def index(*names: str) -> Act:
    links = "".join(f'<a href="{name}">{name}</a> 2008-11-02 10:00 1.6M\n' for name in names)
    return whole(f"<html><h1>Index of /2008</h1>{links}</html>".encode())


def log(*paths: str) -> Act:
    rows = "".join(f"{n}\t12259{n}\t{path}\n" for n, path in enumerate(paths))
    return whole(f"# Format: 1\n# Fields: seqnum timestamp path\n{rows}".encode())


def rv(day: str) -> str:
    return f"routeviews-rv2-{day}-1200.pfx2as.gz"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 13), "2026/07/" + rv("20260712")),
        (date(2026, 7, 20), "2026/07/" + rv("20260714")),
        (date(2008, 11, 2), "2008/11/" + rv("20081102")),
        (date(2008, 11, 3), "2008/11/" + rv("20081102")),
        (date(2008, 11, 1), "2008/10/" + rv("20081030")),
        (date(2008, 12, 24), "2008/11/" + rv("20081111")),
        (date(2008, 9, 24), "2008/10/" + rv("20081029")),
        (date(2001, 9, 24), None),
    ],
)
def test_the_archive_answers_with_the_last_file_not_after_the_day(
    server: Server, waits: Waits, tmp_path: Path, day: date, expected: str | None
) -> None:
    server.scripts |= {
        RV + "pfx2as-creation.log": [
            log("2026/07/" + rv("20260712"), "2026/07/" + rv("20260714"), "../../etc/passwd")
        ],
        RV + "2008/10/": [index(rv("20081029"), rv("20081030"))],
        RV + "2008/11/": [index("?C=N;O=D", rv("20081111"), rv("20081102"), rv("20081399"))],
    }
    if expected is None:
        with pytest.raises(NotFound, match="nothing within a month"):
            fetch(ROUTEVIEWS4, day, tmp_path, waits.patience(), server.base)
        return
    server.scripts[RV + expected] = [whole(PACKED)]
    got = fetch(ROUTEVIEWS4, day, tmp_path / "new", waits.patience(), server.base)
    assert got.path == tmp_path / "new" / expected.rsplit("/", 1)[-1]
    assert got.path.read_bytes() == PACKED


def test_a_dated_file_that_is_there_and_whole_does_not_come_again(
    server: Server, waits: Waits, tmp_path: Path
) -> None:
    path = RV + "2026/07/" + rv("20260712")
    server.scripts |= {RV + "pfx2as-creation.log": [log("2026/07/" + rv("20260712"))], path: [whole(PACKED)]}
    for damaged in (False, False, True):
        if damaged:
            (tmp_path / rv("20260712")).write_bytes(PACKED[:99])
        got = fetch(ROUTEVIEWS4, date(2026, 7, 12), tmp_path, waits.patience(), server.base)
        assert got.sha256 == hashlib.sha256(PACKED).digest()
    assert [asked for asked, _ in server.asked].count(path) == 2


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Last_Modified": "Mon, 13 Jul 2026 23:10:00 GMT"}, "ip2asn-combined-20260713.tsv.gz"),
        ({"Last_Modified": "Mon, 13 Jul 2026 23:10:00 -0000"}, "ip2asn-combined-20260713.tsv.gz"),
        ({"Last_Modified": "Thu, 01 Jan 2099 00:00:00 GMT"}, "ip2asn-combined-20260714.tsv.gz"),
        ({"Last_Modified": "nonsense"}, "ip2asn-combined-20260714.tsv.gz"),
        ({}, "ip2asn-combined-20260714.tsv.gz"),
    ],
)
def test_a_source_without_a_past_is_named_by_the_age_the_server_tells(
    server: Server, waits: Waits, tmp_path: Path, headers: dict[str, str], name: str
) -> None:
    server.scripts["/data/ip2asn-combined.tsv.gz"] = [whole(PACKED, **headers)]
    got = fetch(IPTOASN, NOW.date(), tmp_path, waits.patience(), server.base + "/")
    assert (got.path, left_over(tmp_path)) == (tmp_path / name, {name})
    with pytest.raises(NotFound, match="keeps no past"):
        fetch(IPTOASN, date(2008, 11, 11), tmp_path, waits.patience(), server.base)


def test_which_sources_can_answer_for_a_day() -> None:
    assert sources_for(date(2008, 11, 11), NOW.date()) == [ROUTEVIEWS4, ROUTEVIEWS6]
    assert sources_for(NOW.date(), NOW.date()) == list(SOURCES)
    assert ASNAMES.at(None).startswith("https://")


def test_a_log_of_anything_names_only_files_of_the_archive() -> None:
    text = f"1\t2\t2026/07/{rv('20260712')}\nhttp://evil.example/{rv('20260713')}\n{rv('20260230')}\n\0"
    assert [entry.path for entry in entries(text)] == [
        "2026/07/" + rv("20260712"),
        "2026/07/" + rv("20260713"),
    ]

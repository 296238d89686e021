"""The verb: files and streams in, JSON lines out, a state that survives; the live stream's messages."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import altair as alt
import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from depeer.charts.picture import to_svg
from depeer.charts.visibility import POINTS, Curve, visibility_spec
from depeer.cli import depeer
from depeer.errors import BadInput, BadUsage, NotFound, TryAgain
from depeer.fetch.patience import Patience
from depeer.fetch.stream import LONGEST, Following, Lines
from depeer.judgement.watch import Event as Told
from depeer.judgement.watch import Kind, Sample
from depeer.lake import Lake
from depeer.lake.watched import pack, unpack, watched
from depeer.model import show_address
from depeer.sources.mrt import ELEMENTS
from depeer.sources.rislive import Messages
from depeer.verbs.watch import start
from depeer.world.heard import listen, vantage_points
from depeer.world.internet import make_internet
from depeer.world.internet_spec import Action, Event, InternetSpec
from depeer.world.mrt_rib import rib_file
from depeer.world.mrt_updates import updates_file
from depeer.world.updates import updates

EPOCH = datetime(2008, 11, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[Path]]:
    """A table and two files of updates in which one network loses all links and gets them back."""
    folder = tmp_path_factory.mktemp("mrt")
    plain = make_internet(InternetSpec(networks=80, epoch=EPOCH), 5)
    asn = int(plain.asn[-1])
    cut = Event(EPOCH + timedelta(hours=2), Action.CUT, (asn,))
    back = Event(EPOCH + timedelta(hours=5), Action.RESTORE, (asn,))
    internet = make_internet(InternetSpec(networks=80, epoch=EPOCH, events=(cut, back)), 5)
    eyes = tuple(v for v in vantage_points(internet, 6) if v.asn != asn)
    (folder / "rib.gz").write_bytes(rib_file(listen(internet, internet.at(EPOCH + timedelta(hours=1)), eyes)))
    spoken = updates(internet, EPOCH + timedelta(hours=1), EPOCH + timedelta(hours=6), eyes)
    for name, some in (
        ("updates.1.gz", [e for e in spoken if e.time < cut.time.timestamp() * 1e6 + 20e6]),
        ("updates.2.gz", [e for e in spoken if e.time >= cut.time.timestamp() * 1e6 + 20e6]),
    ):
        (folder / name).write_bytes(updates_file(some, eyes))
    return asn, [folder / "rib.gz", folder / "updates.1.gz", folder / "updates.2.gz"]


def run(*words: object) -> tuple[list[dict[str, Any]], str]:
    result = CliRunner().invoke(depeer, ["watch", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_events_are_json_lines(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    events, account = run(f"AS{asn}", *paths, "--chart", tmp_path / "chart.svg", "--json")
    kinds = [e["event"] for e in events]
    assert kinds.index("offline") < kinds.index("back")
    assert {e["asn"] for e in events} == {asn}
    assert {"time", "asn", "event", "prefix", "uplink", "visibility"} <= set(events[0])
    assert f"{len(events)} events" in account
    assert "0 records skipped" in account
    assert "Visibility over time" in (tmp_path / "chart.svg").read_text()


def test_a_restart_goes_on_and_tells_nothing_twice(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    whole, _ = run(asn, *paths)
    state = tmp_path / "state"
    parts = [run(asn, *paths[: n + 1], "--state", state)[0] for n in range(3)]
    assert [event for part in parts for event in part] == whole
    assert run(asn, *paths, "--state", state)[0] == []
    assert list(tmp_path.iterdir()) == [state]


def test_a_file_that_has_grown_is_read_on(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    data = gzip.decompress(paths[2].read_bytes())
    growing, state = tmp_path / "updates", tmp_path / "state"
    found = []
    for size in (5000, len(data) // 2, len(data)):
        growing.write_bytes(data[:size])
        found += run(asn, *paths[:2], growing, "--state", state)[0]
    assert found == run(asn, *paths)[0]


def test_the_order_of_the_words_does_not_matter(files: tuple[int, list[Path]]) -> None:
    asn, paths = files
    whole = run(asn, *paths)[0]
    assert run(asn, *reversed(paths))[0] == whole
    assert run(asn, paths[0].parent)[0] == whole


def test_intelmq_lines(files: tuple[int, list[Path]]) -> None:
    asn, paths = files
    events, _ = run(asn, *paths, "--intelmq")
    offline = next(e for e in events if e["classification.identifier"] == "offline")
    assert offline["classification.taxonomy"] == "availability"
    assert offline["source.asn"] == asn


@pytest.mark.parametrize(
    "words, message",
    [
        (["26780"], "name files to replay"),
        (["FILE"], "name at least one network"),
        (["26780", "FILE", "--stream", "http://127.0.0.1/"], "not both"),
        (["26780", "FILE", "--prefix", "192.0.2.1/24"], "write a prefix as"),
        (["26780", "FILE", "--chart", "x.pdf"], "end it in .svg or .png"),
        (["26780", "absent-file"], "there is no file"),
    ],
)
def test_words_that_do_not_fit(words: list[str], message: str, files: tuple[int, list[Path]]) -> None:
    words = [str(files[1][0]) if word == "FILE" else word for word in words]
    result = CliRunner().invoke(depeer, ["watch", *words])
    assert message in (str(result.exception) + result.stderr)


def test_the_state_of_another_watch_or_none_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    start([1], state=state).keep()
    assert start([1], state=state).watch.asns == (1,)
    with pytest.raises(BadUsage, match="watch of AS1"):
        start([2], state=state)
    for damage in (b"", b"junk", gzip.compress(b"[]"), gzip.compress(b"{}"), state.read_bytes()[:40]):
        (tmp_path / "broken").write_bytes(damage)
        with pytest.raises(BadInput, match="remove it to start anew"):
            start([1], state=tmp_path / "broken")


def test_what_is_no_mrt_is_said(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"not a routing table\n" * 100)
    said = CliRunner().invoke(depeer, ["watch", "1", str(tmp_path / "junk")])
    assert said.stdout == ""
    assert "no MRT records" in said.stderr
    assert isinstance(said.exception, BadInput)
    assert "none of these files" in str(said.exception)


@pytest.mark.data
def test_real_files_replay(data_dir: Path) -> None:
    paths = sorted((data_dir / "routing" / "mrt").glob("updates.*"))
    session = start([12654, 4777], ["192.0.2.0/24"])
    events = [event for some in session.events_of_files(paths) for event in some]
    assert session.account.files == len(paths)
    assert session.account.elements > 100_000
    assert {Kind.FIRST_SEEN, Kind.UPLINK_GAINED} <= {event.event for event in events}
    assert all(event.visibility is None or 0 <= event.visibility <= 1 for event in events)


# ---------------------------------------------------------------------------------------------------- live messages

UPDATE = {
    "timestamp": 1560860960.25,
    "peer": "192.0.2.165",
    "peer_asn": "64501",
    "id": "192.0.2.165-1",
    "host": "rrc99",
    "type": "UPDATE",
    "path": [64501, 64502, 64502, [64503, 64504]],
    "community": [[64501, 1], [64502, 2]],
    "origin": "igp",
    "announcements": [
        {"next_hop": "192.0.2.165", "prefixes": ["198.51.100.0/24", "203.0.113.0/24"]},
        {"next_hop": "2001:db8::1,fe80::1", "prefixes": ["2001:db8::/32"]},
    ],
    "withdrawals": ["198.51.100.128/25"],
}


def line(message: object) -> bytes:
    return json.dumps({"type": "ris_message", "data": message}).encode()


def test_an_update_as_elements() -> None:
    batch = Messages().read([line(UPDATE)])
    assert batch.schema == ELEMENTS
    rows = batch.to_pylist()
    assert [(r["type"], show_address(r["first"]), r["length"]) for r in rows] == [
        ("W", "198.51.100.128", 25),
        ("A", "198.51.100.0", 24),
        ("A", "203.0.113.0", 24),
        ("A", "2001:db8::", 32),
    ]
    assert rows[1]["path"] == "64501 64502 64502 {64503,64504}"
    assert rows[1]["asns"] == [64501, 64502, 64502, 64503, 64504]
    assert rows[1]["origin_asn"] is None
    assert rows[1]["communities"] == "64501:1 64502:2"
    assert rows[1]["time"] == datetime.fromtimestamp(1560860960.25, UTC)
    assert show_address(rows[3]["next_hop"]) == "2001:db8::1"


@pytest.mark.parametrize(
    "given, rows, fault",
    [
        (b"data: " + json.dumps(UPDATE).encode(), 4, None),
        (json.dumps(UPDATE).encode(), 4, None),
        (b"", 0, None),
        (b": ping", 0, None),
        (b"event: ris_message", 0, None),
        (b'{"type":"pong","data":null}', 0, None),
        (line({**UPDATE, "type": "KEEPALIVE"}), 0, None),
        (line({**UPDATE, "type": "RIS_PEER_STATE", "state": "down"}), 1, None),
        (line({**UPDATE, "announcements": None, "withdrawals": None}), 0, None),
        (b"{", 0, "not JSON"),
        (b"[" * 100_000, 0, "not JSON"),
        (b'{"type":"x", "a":' + b"9" * 5000 + b"}", 0, "not JSON"),
        (b"[1]", 0, "no message"),
        (b'{"data":{}}', 0, "no type"),
        (b"\xff\xfe", 0, "not JSON"),
        (b'"' + b"x" * 2**20 + b'"', 0, "line too long"),
        (line({**UPDATE, "timestamp": "now"}), 0, "timestamp"),
        (line({**UPDATE, "timestamp": float("nan")}), 0, "timestamp"),
        (line({**UPDATE, "timestamp": 1e300}), 0, "timestamp"),
        (line({**UPDATE, "peer": "a.example"}), 0, "peer"),
        (line({**UPDATE, "peer_asn": -1}), 0, "AS number"),
        (line({**UPDATE, "peer_asn": True}), 0, "AS number"),
        (line({**UPDATE, "path": [1, "x"]}), 0, "AS number"),
        (line({**UPDATE, "path": "1 2"}), 0, "path"),
        (line({**UPDATE, "withdrawals": ["192.0.2.0/33"]}), 0, "prefix"),
        (line({**UPDATE, "withdrawals": [None]}), 0, "prefix"),
        (line({**UPDATE, "announcements": [7]}), 0, "announcement"),
        (line({**UPDATE, "type": "RIS_PEER_STATE", "state": 5}), 0, "unknown state"),
        (line({**UPDATE, "type": "OTHER"}), 0, "unknown type"),
    ],
)
def test_lines(given: bytes, rows: int, fault: str | None) -> None:
    messages = Messages()
    assert messages.read([given]).num_rows == rows
    assert dict(messages.faults) == ({fault: 1} if fault else {})
    assert messages.lines == 1


_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(UPDATE)), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*UPDATE, "state", "med"]), _json)
@example("med", False)
def test_no_message_raises(key: str, value: Any) -> None:
    messages = Messages()
    messages.read([line({**UPDATE, key: value}), line(UPDATE)])
    assert messages.lines == 2


# -------------------------------------------------------------------------------------------------------- the stream


@given(st.lists(st.binary(max_size=20)), st.binary(max_size=5))
def test_lines_from_blocks_of_any_size(blocks: list[bytes], end: bytes) -> None:
    lines = Lines()
    found = [one for block in [*blocks, end] for one in lines.feed(block)]
    assert b"\n".join([*found, lines.rest]) == b"".join([*blocks, end])


def test_a_line_without_end_is_cut_off() -> None:
    lines = Lines()
    for _ in range(40):
        assert lines.feed(b"x" * 2**17) == []
    assert len(lines.rest) == LONGEST + 1
    assert lines.feed(b"\nyes\n") == [b"x" * (LONGEST + 1), b"yes"]


Serve = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[list[Serve]], str]]:
    """A server on loopback that answers each connection by the next act of a script, the last one for ever."""
    servers: list[ThreadingHTTPServer] = []

    def begin(script: list[Serve]) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                act = script.pop(0) if len(script) > 1 else script[0]
                self.close_connection = True
                act(self)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1/stream/?format=json"

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def sends(*lines: bytes, torn: bool = False) -> Serve:
    """Chunks that do not end where lines do; with ``torn`` the connection breaks within one."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        data = b"".join(one + b"\n" for one in lines)
        for at in range(0, len(data), 100):
            part = data[at : at + 100]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            handler.wfile.flush()
        handler.wfile.write(b"40\r\n{torn" if torn else b"0\r\n\r\n")

    return act


def refuses(code: int) -> Serve:
    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return act


def said(second: int, peer: int, *path: int) -> bytes:
    return line(
        {
            "timestamp": 1560860960.0 + second,
            "peer": f"192.0.2.{peer}",
            "peer_asn": str(64500 + peer),
            "type": "UPDATE",
            "path": [64500 + peer, *path],
            "announcements": [{"next_hop": "192.0.2.9", "prefixes": ["198.51.100.0/24"]}] if path else [],
            "withdrawals": [] if path else ["198.51.100.0/24"],
        }
    )


def impatient(waits: list[float]) -> Patience:
    return Patience(attempts=3, silence=5.0, sleep=waits.append, draw=lambda: 1.0)


def test_a_stream_with_garbage_and_breaks(serve: Callable[[list[Serve]], str], tmp_path: Path) -> None:
    url = serve(
        [
            sends(said(1, 1, 64700, 64666), b"garbage", b"", said(2, 2, 64701, 64666), torn=True),
            refuses(503),
            sends(b": ping", said(10, 1), said(11, 2)),
            sends(said(500, 2, 64702, 64666)),
            refuses(404),
        ]
    )
    session = start([64666], ["198.51.100.0/24"], tmp_path / "state")
    waits: list[float] = []
    breaks: list[str] = []
    following = Following(url, impatient(waits))
    found = []
    with pytest.raises(NotFound):  # noqa: PT012 - what was told before the refusal counts
        for some in session.events_of_stream(url, breaks.append, following):
            found += [(e.event, e.uplink) for e in some]
    assert found == [
        (Kind.FIRST_SEEN, 64700),
        (Kind.UPLINK_GAINED, 64700),
        (Kind.UPLINK_GAINED, 64701),
        (Kind.UPLINK_LOST, 64700),
        (Kind.UPLINK_LOST, 64701),
        (Kind.OFFLINE, 64701),
        (Kind.BACK, 64702),
        (Kind.UPLINK_GAINED, 64702),
    ]
    assert session.account.skipped == 1
    session.keep()
    assert start([64666], ["198.51.100.0/24"], tmp_path / "state").watch.visibility(64666) == (0.5, 2)
    assert waits == [1.0, 2.0, 1.0, 1.0]
    assert len(breaks) == following.breaks == 4


def test_events_that_were_not_written_are_told_again(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    state, found = tmp_path / "state", []
    first = start([asn], state=state)
    for some in first.events_of_files(paths):
        if some:
            break  # as when the reader of the pipe has gone
    first.keep()
    assert not state.exists()
    for some in start([asn], state=state).events_of_files(paths):
        found += some
    assert found


def test_the_command_follows_a_stream_until_it_is_refused(
    serve: Callable[[list[Serve]], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("depeer.fetch.stream.STREAM", impatient([]))
    url = serve([sends(said(1, 1, 64700, 64666)), refuses(404)])
    words = ["watch", "64666", "--stream", url, "--state", str(tmp_path / "state")]
    result = CliRunner().invoke(depeer, words)
    assert isinstance(result.exception, NotFound)
    assert [json.loads(line)["event"] for line in result.stdout.splitlines()] == [
        "first_seen",
        "uplink_gained",
    ]
    assert "ended the stream" in result.stderr
    assert start([64666], [], tmp_path / "state").watch.visibility(64666) == (1.0, 1)


def test_a_stream_that_stays_away_ends_with_try_again(serve: Callable[[list[Serve]], str]) -> None:
    waits: list[float] = []
    with pytest.raises(TryAgain, match="3 attempts in a row"):
        list(Following(serve([refuses(503)]), impatient(waits)).pieces())
    assert waits == [1.0, 2.0]


# -------------------------------------------------------------------------------------------------------- the picture


def test_the_curve_is_bounded_and_keeps_the_outage() -> None:
    curve = Curve()
    samples = [
        Sample(i * 1_000_000, 1, 0.0 if 30_000 < i < 30_400 else 0.9 + (i % 7) / 100) for i in range(50_000)
    ]
    curve.add(samples, [])
    points = curve.points[1]
    assert len(points) <= POINTS
    assert [p[0] for p in points] == sorted(p[0] for p in points)
    assert any(share == 0.0 and abs(time - 30_001_000_000) < 200_000_000 for time, share in points)


def test_a_curve_is_written_down_and_taken_up_again(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    whole, _ = run(asn, *paths, "--state", tmp_path / "whole", "--chart", tmp_path / "whole.svg")
    run(asn, *paths[:2], "--state", tmp_path / "parts")
    run(asn, paths[2], "--state", tmp_path / "parts", "--chart", tmp_path / "parts.svg")
    assert (tmp_path / "whole.svg").read_text() == (tmp_path / "parts.svg").read_text()
    held = watched(tmp_path / "parts")
    assert not held.simulated
    assert held.curve == watched(tmp_path / "whole").curve
    assert [m.event for m in held.curve.of(asn).events] == [
        e["event"] for e in whole if e["event"] in {str(m.event) for m in held.curve.events}
    ]
    assert not held.curve.of(asn + 1).points


def test_a_state_from_before_there_were_curves_has_none(
    files: tuple[int, list[Path]], tmp_path: Path
) -> None:
    asn, paths = files
    run(asn, paths[0], "--state", tmp_path / "state")
    old = unpack(tmp_path / "state")
    del old["curve"], old["simulated"]
    pack(old, tmp_path / "state")
    assert watched(tmp_path / "state").curve == Curve()
    run(asn, paths[1], "--state", tmp_path / "state")
    assert watched(tmp_path / "state").curve.points


@pytest.mark.parametrize(
    "curve",
    [
        None,
        {},
        {"points": [[1, 2]], "events": [], "unshown": 0},
        {"points": [], "events": [[1, 2, "no"]], "unshown": 0},
        {"points": [], "events": [[1, 2, "prefix_new", None, None, None, 0]], "unshown": 0},
        {"points": "x", "events": [], "unshown": 0},
    ],
)
def test_a_broken_curve_is_refused(curve: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        Curve.of_plain(curve)
    pack({"curve": curve}, tmp_path / "state")
    with pytest.raises(BadInput, match="no state of depeer watch"):
        watched(tmp_path / "state")


def test_no_state_no_curve(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        watched(tmp_path / "none")
    (tmp_path / "text").write_text("no gzip")
    with pytest.raises(BadInput):
        watched(tmp_path / "text")


def test_invented_files_and_lakes_are_marked(files: tuple[int, list[Path]], tmp_path: Path) -> None:
    asn, paths = files
    named = tmp_path / "simulated-rib.gz"
    named.write_bytes(paths[0].read_bytes())
    _, account = run(asn, named, *paths[1:], "--state", tmp_path / "state", "--chart", tmp_path / "one.svg")
    assert "SIMULATED" in account
    assert "Simulated" in (tmp_path / "one.svg").read_text()
    _, account = run(asn, paths[1], "--state", tmp_path / "state")
    assert "SIMULATED" in account
    Lake.create(tmp_path / "lake")
    _, account = run(asn, paths[0], "--lake", tmp_path / "lake")
    assert "SIMULATED" not in account
    (tmp_path / "lake" / "depeer.toml").write_text("simulated = true\n")
    _, account = run(asn, *paths, "--lake", tmp_path / "lake", "--chart", tmp_path / "two.svg")
    assert "SIMULATED" in account
    assert "Simulated" in (tmp_path / "two.svg").read_text()


def test_signs_of_one_moment_do_not_hide_each_other() -> None:
    event = Told(10**9, 10**9, 64500, Kind.BACK, None, 1, None, 1.0, 3, "")
    curve = Curve()
    curve.add(
        [Sample(0, 64500, 0.0), Sample(10**9, 64500, 1.0)], [event, replace(event, event=Kind.UPLINK_GAINED)]
    )
    spec = visibility_spec(curve)
    assert spec is not None
    alt.Chart.from_dict(spec)
    rows = spec["vconcat"][0]["layer"][2]["data"]["values"]
    assert len({row["y"] for row in rows}) == 2
    assert "uplink gained" in to_svg(spec)


def test_the_picture_shows_each_network_and_nothing_where_nothing_is() -> None:
    curve = Curve()
    assert visibility_spec(curve) is None
    curve.add([Sample(0, 64500, 1.0), Sample(10**9, 64500, 0.0), Sample(0, 64501, None)], [])
    spec = visibility_spec(curve, {64500: "EXAMPLE\x00 <b>"}, simulated=True)
    assert spec is not None
    svg = to_svg(spec)
    assert svg.count("AS6450") >= 2
    assert "Simulated" in svg
    assert "<b>" not in svg

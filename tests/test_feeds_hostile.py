"""Feeds that are broken, huge, nested or made to hurt: facts or SkipRecord, in linear time, nothing lost."""

from __future__ import annotations

import json
import time
from io import BytesIO
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.errors import DepeerError, SkipRecord
from depeer.sources.feeds import FEEDS, Fact, Feed, Told, by_format, detect
from depeer.sources.feeds.days import day_in
from depeer.sources.feeds.documents import items
from depeer.sources.feeds.lines import CAP, lines
from depeer.sources.piece import Piece
from test_feeds import DETECTED

CONTEXTS: dict[str, dict[str, object]] = {}
for _data, _name, _format, _ in DETECTED:
    _piece = next(iter(by_format(_format).split(BytesIO(_data), Told(name=_name))))
    CONTEXTS[_format] = json.loads(_piece.context or "{}")

values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.just("192.0.2.1"),
    st.just("2001:db8::1"), st.just("2024-03-01"), st.just("http://a.example/\ud800"), st.just("a.example"),
    st.lists(st.just("192.0.2.1"), max_size=3), st.just("AS64500"), st.integers(10**9, 2 * 10**9),
)  # fmt: skip
KEYS = [
    "rrname", "rrtype", "rdata", "time_first", "time_last", "cidr", "sblid", "asn", "ip_address", "first_seen",
    "last_online", "port", "malware", "as_number", "url", "dateadded", "tags", "ioc_value", "ioc_type",
    "threat_type", "first_seen_utc", "source.ip", "source.fqdn", "source.url", "time.source", "source.asn",
    "classification.type", "obj", "cond", "source", "type", "timestamp",
]  # fmt: skip
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=8).map(
    lambda found: json.dumps(found).encode()
)
cells = st.lists(
    st.one_of(st.text(max_size=20), st.sampled_from(["192.0.2.1", "2024-01-01", '"', "AS1", "h://a.b"]))
)
csv_lines = cells.map(lambda row: ",".join(row).encode("utf-8", "replace"))
records = st.one_of(st.binary(max_size=200), objects, csv_lines)


def read_or_reason(feed: Feed, data: bytes) -> list[Fact] | str:
    try:
        return feed.read(data, CONTEXTS[feed.format])
    except SkipRecord as why:
        return str(why)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.format)
@settings(max_examples=150)
@given(data=records)
def test_any_record_is_facts_or_skipped(feed: Feed, data: bytes) -> None:
    found = read_or_reason(feed, data)
    if isinstance(found, str):
        assert found.endswith(".")
        assert len(found) < 300
        return
    for fact in found:
        assert fact.first is None or (fact.last is not None and fact.first <= fact.last)
        assert fact.address is None or len(fact.address) == 16
        for text in (
            getattr(fact, "entry", ""),
            getattr(fact, "family", None) or "",
            getattr(fact, "name", ""),
        ):
            text.encode()  # no lone surrogates: the table could not hold them


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.format)
@settings(max_examples=60)
@given(data=st.one_of(st.binary(max_size=400), st.lists(records, max_size=6).map(b"\n".join)))
def test_any_file_is_split_and_sniffed(feed: Feed, data: bytes) -> None:
    feed.sniff(data, "x.csv")
    try:
        pieces = list(feed.split(BytesIO(data), Told(name="x")))
    except DepeerError:
        assert feed.format == "csv"
        return
    assert [piece.position for piece in pieces] == list(range(len(pieces)))
    for piece in pieces:
        if piece.trouble is None:
            feed.read(piece.data, json.loads(piece.context or "{}"))


@settings(max_examples=150)
@given(
    sample=st.sampled_from(DETECTED),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=4),
)
def test_mutated_feeds_are_still_read(
    sample: tuple[bytes, str, str, int], cuts: list[tuple[float, bytes]]
) -> None:
    data, name, format, _ = sample
    for place, noise in cuts:
        at = int(place * len(data))
        data = data[:at] + noise + data[at + 1 :]
    detect(data, name)
    try:
        pieces = list(by_format(format).split(BytesIO(data), Told(name=name)))
    except DepeerError:
        assert format == "csv"
        return
    assert all(piece.trouble is None or piece.trouble.endswith(".") for piece in pieces)


def json_pieces(data: bytes, format: str = "feodo-json") -> list[Piece]:
    return list(by_format(format).split(BytesIO(data), Told()))


GOOD = b'{"ip_address":"192.0.2.1","first_seen":"2024-01-01"}'


@pytest.mark.parametrize(
    "data, good, words",
    [
        (b"[" + GOOD + b"," + GOOD, 2, "breaks off"),
        (b"[" + GOOD + b",{oops}, " + GOOD + b"]", 1, "broken"),
        (b"[" + GOOD + b"] trailing", 1, "follows the end"),
        (b"[" + GOOD + b"," + b"[" * 100_000, 1, "nested too deeply"),
        (b"[" + GOOD + b', {"a":' + b'{"a":' * 100_000, 1, "nested too deeply"),
        (b"[" + GOOD + b', {"a": ' + b"9" * 5000 + b"}]", 1, "broken"),
        (b"nonsense", 0, "neither"),
        (b"", 0, "neither"),
        (b'{"data": [' + GOOD + b"], 7: 1}", 1, "broken"),
        (b"[" + GOOD + b', "' + b"x" * (5 << 20), 1, "broken"),
    ],
)
def test_a_broken_document_gives_what_came_before_and_keeps_the_rest(
    data: bytes, good: int, words: str
) -> None:
    pieces = json_pieces(data)
    assert [piece.trouble for piece in pieces[:good]] == [None] * good
    assert len(pieces) > good
    assert all(piece.trouble is not None and words in piece.trouble for piece in pieces[good:])
    rest = b"".join(piece.data for piece in pieces[good:])
    assert data.endswith(rest)
    assert all(len(piece.data) <= CAP for piece in pieces)


def test_one_bad_item_does_not_spoil_the_others() -> None:
    pieces = json_pieces(b"[" + GOOD + b", 7, null, {}, " + GOOD + b"]")
    assert [piece.trouble is None for piece in pieces] == [True, False, False, False, True]


def test_documents_are_read_alike_whatever_the_chunks() -> None:
    found = [{"n": n, "text": "ä€😀" * (n % 50), "list": [1, {"x": []}]} for n in range(3000)]
    for text in (
        json.dumps(found),
        json.dumps(found, ensure_ascii=False, indent=2),
        json.dumps({"a": 1, "b": found}),
    ):
        assert list(items(BytesIO(text.encode()))) == found
    assert list(items(BytesIO(b"[1, 23, 4.5e6, true]"))) == [1, 23, 4.5e6, True]


class Endless:
    """A JSON array, or a list of lines, that never ends; counts the bytes that were taken from it."""

    def __init__(self, begin: bytes, unit: bytes) -> None:
        self.waiting, self.unit, self.taken = begin, unit, 0

    def read(self, size: int) -> bytes:
        assert 0 < size <= 1 << 20
        while len(self.waiting) < size:
            self.waiting += self.unit * 1000
        found, self.waiting = self.waiting[:size], self.waiting[size:]
        self.taken += size
        return found


def test_a_document_is_read_as_it_comes() -> None:
    stream = Endless(b"[", GOOD + b", ")
    pieces = list(islice(by_format("feodo-json").split(stream, Told()), 5000))  # type: ignore[arg-type]
    assert [piece.trouble for piece in pieces] == [None] * 5000
    assert stream.taken < 1 << 19


def test_a_giant_line_is_cut_and_the_next_one_read() -> None:
    data = b"192.0.2.1\n" + b"x" * (3 * CAP) + b"\n192.0.2.2\n"
    one, giant, two = by_format("address-list").split(BytesIO(data), Told())
    assert (one.trouble, two.trouble) == (None, None)
    assert giant.trouble == "the line is longer than 1 MiB."
    assert len(giant.data) == CAP
    assert (two.place, two.data) == ("line 3", b"192.0.2.2")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [CAP - 1, CAP, CAP + 1])
def test_the_cap_is_exact(size: int, end: bytes) -> None:
    (line,) = lines(BytesIO(b"x" * size + end))
    assert line.whole == (size <= CAP)
    assert len(line.data) == min(size, CAP)


def test_metadata_far_away_is_waited_for_only_so_long() -> None:
    record = b'{"cidr":"192.0.2.0/24","sblid":"SBL1"}\n'
    tail = b'{"type":"metadata","timestamp":1712345678}\n'
    near = by_format("spamhaus-json").split(BytesIO(record * 1000 + tail), Told())
    assert json.loads(next(near).context or "")["day"] == "2024-04-05"
    far = list(by_format("spamhaus-json").split(BytesIO(record * 101_000 + tail), Told()))
    assert len(far) == 101_000
    assert far[0].context == "{}"


@pytest.mark.parametrize("timestamp", ["null", '"soon"', "1e999", "[]", "-5", "99999999999999999999"])
def test_a_senseless_timestamp_is_no_day(timestamp: str) -> None:
    data = b'{"cidr":"192.0.2.0/24","sblid":"S"}\n{"type":"metadata","timestamp":%s}\n' % timestamp.encode()
    (piece,) = by_format("spamhaus-json").split(BytesIO(data), Told())
    assert (piece.trouble, piece.context) == (None, "{}")


HOSTILE = [
    b"," * 60_000,
    b'"' * 60_000,
    b'"a",' * 15_000,
    b"#" * 60_000,
    b"# Last updated: " + b"2024-99-99 " * 5_000,
    b"1.2.3.4-" * 7_000,
    b"http://" + b"a." * 30_000,
    b"http://" + b"@" * 60_000,
    b"http://" + b"%41" * 20_000,
    b"9" * 60_000,
    b":" * 60_000,
    b"1." * 30_000,
    b'{"rrname":"' + b"a." * 20_000 + b'","rrtype":"A","rdata":' + b'["192.0.2.1",' * 1_000,
    b"ip,date\n" + b'"' * 60_000,
    b"ip" + b",x" * 30_000 + b"\n192.0.2.1\n",
    b"\n" * 60_000,
    b"\xff\xfe" * 30_000,
    ("\u3002" * 20_000).encode(),
]


@pytest.mark.parametrize("head", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_heads_cost_no_time(head: bytes) -> None:
    begun = time.process_time()
    detect(head, "x.csv")
    for feed in FEEDS:
        try:
            list(feed.split(BytesIO(head), Told(name="feed.txt")))
        except DepeerError:
            assert feed.format == "csv"
    assert time.process_time() - begun < 2


def test_a_long_name_costs_no_time() -> None:
    begun = time.process_time()
    detect(b"192.0.2.1\n", "mail" * 1_000_000)
    day_in("2024-13-" * 1_000_000)
    assert time.process_time() - begun < 1

"""The MRT reader on records built by hand: every type, and the oddities that collectors have written."""

from __future__ import annotations

import io
import struct
from ipaddress import ip_address

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer.sources import mrt
from depeer.sources.mrt import aspath, attributes, columns, decode
from depeer.sources.mrt.sheet import Sheet

T = 1_226_448_000  # 12 November 2008
PEER, OWN = "192.0.2.1", "192.0.2.2"
PEER6, OWN6 = "2001:db8::1", "2001:db8::2"


def record(kind: int, subtype: int, body: bytes, time: int = T, length: int | None = None) -> bytes:
    return struct.pack(">IHHI", time, kind, subtype, len(body) if length is None else length) + body


def ip(text: str) -> bytes:
    return ip_address(text).packed


def prefix(text: str) -> bytes:
    address, bits = text.split("/")
    return bytes((int(bits),)) + ip(address)[: (int(bits) + 7) // 8]


def attribute(kind: int, value: bytes, flags: int = 0x40) -> bytes:
    if len(value) > 255:
        return struct.pack(">BBH", flags | 0x10, kind, len(value)) + value
    return bytes((flags, kind, len(value))) + value


def segment(kind: int, *asns: int, width: int = 4) -> bytes:
    return bytes((kind, len(asns))) + b"".join(asn.to_bytes(width) for asn in asns)


def path(*asns: int, width: int = 4) -> bytes:
    return attribute(2, segment(2, *asns, width=width))


ORIGIN = attribute(1, b"\0")
HOP = attribute(3, ip(PEER))
USUAL = ORIGIN + path(64496, 64511) + HOP


def update(attributes: bytes = USUAL, nlri: bytes = b"", withdrawn: bytes = b"") -> bytes:
    return (
        struct.pack(">H", len(withdrawn)) + withdrawn + struct.pack(">H", len(attributes)) + attributes + nlri
    )


def session(width: int = 4, six: bool = False) -> bytes:
    asns = (64496).to_bytes(width) + (64499).to_bytes(width)
    return asns + (b"\0\0\0\2" + ip(PEER6) + ip(OWN6) if six else b"\0\0\0\1" + ip(PEER) + ip(OWN))


def message(body: bytes, kind: int = 2, size: int | None = None) -> bytes:
    return b"\xff" * 16 + struct.pack(">HB", 19 + len(body) if size is None else size, kind) + body


def bgp4mp(body: bytes, width: int = 4, subtype: int = 4, kind: int = 16) -> bytes:
    return record(kind, subtype, session(width) + message(body))


def table_dump(text: str, blob: bytes, bare: bool = False) -> bytes:
    address, bits = text.split("/")
    entry = ip(address) + bytes((int(bits), 1)) + struct.pack(">I", T - 60)
    entry += ip(PEER if len(ip(address)) == 4 else PEER6) + struct.pack(">HH", 64496, len(blob)) + blob
    return entry if bare else b"\0\0\0\1" + entry


INDEX = record(
    13, 1, ip(OWN) + b"\0\2ab\0\2" + b"\2" + ip(PEER) + ip(PEER) + (64496).to_bytes(4)
    + b"\1" + ip(PEER) + ip(PEER6) + (64497).to_bytes(2),
)  # fmt: skip


def rib(subtype: int, text: str, *entries: tuple[int, bytes], ap: bytes = b"", family: bytes = b"") -> bytes:
    body = b"\0\0\0\7" + family + prefix(text) + struct.pack(">H", len(entries))
    for peer, blob in entries:
        body += struct.pack(">HI", peer, T - 60) + ap + struct.pack(">H", len(blob)) + blob
    return record(13, subtype, body)


def lines(data: bytes) -> tuple[list[str], mrt.Account]:
    reading = mrt.read(io.BytesIO(data))
    found = []
    for batch in reading:
        batch.validate(full=True)
        found += mrt.bgpdump_lines(batch)
    assert reading.account.bytes == len(data)
    assert reading.account.elements == len(found)
    return found, reading.account


def rows(data: bytes) -> list[dict[str, object]]:
    return [row for batch in mrt.read(io.BytesIO(data)) for row in batch.to_pylist()]


TAIL = "64496 64511|IGP|192.0.2.1|0|0||NAG||"
MP = attribute(14, b"\0\2\1\x10" + ip(PEER6) + b"\0" + prefix("2001:db8:8000::/33"), 0x80)
UNMP = attribute(15, b"\0\2\1" + prefix("2001:db8::/32"), 0x80)

KINDS = {
    "TABLE_DUMP, IPv4": (
        record(12, 1, table_dump("203.0.113.0/24", ORIGIN + path(64496, 64511, width=2) + HOP)),
        [f"TABLE_DUMP|{T}|B|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "TABLE_DUMP, IPv6": (
        record(12, 2, table_dump("2001:db8::/32", ORIGIN + path(64496, width=2) + MP)),
        [f"TABLE_DUMP|{T}|B|2001:db8::1|64496|2001:db8::/32|64496|IGP|2001:db8::1|0|0||NAG||"],
    ),
    "TABLE_DUMP_V2, two peers of two families": (
        INDEX + rib(2, "203.0.113.0/24", (0, USUAL), (1, USUAL)),
        [
            f"TABLE_DUMP2|{T}|B|192.0.2.1|64496|203.0.113.0/24|{TAIL}",
            f"TABLE_DUMP2|{T}|B|2001:db8::1|64497|203.0.113.0/24|{TAIL}",
        ],
    ),
    "TABLE_DUMP_V2, short MP_REACH_NLRI": (
        INDEX + rib(4, "2001:db8::/32", (1, ORIGIN + path(64497) + attribute(14, b"\x10" + ip(PEER6), 0x80))),
        [f"TABLE_DUMP2|{T}|B|2001:db8::1|64497|2001:db8::/32|64497|IGP|2001:db8::1|0|0||NAG||"],
    ),
    "TABLE_DUMP_V2, multicast": (
        INDEX + rib(3, "203.0.113.0/24", (0, USUAL)),
        [f"TABLE_DUMP2|{T}|B|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "TABLE_DUMP_V2, add-path": (
        INDEX + rib(8, "203.0.113.0/24", (0, USUAL), ap=b"\0\0\0\x24"),
        [f"TABLE_DUMP2_AP|{T}|B|192.0.2.1|64496|203.0.113.0/24|36|{TAIL}"],
    ),
    "RIB_GENERIC": (
        INDEX + rib(6, "203.0.113.0/24", (0, USUAL), family=b"\0\1\1"),
        [f"TABLE_DUMP2|{T}|B|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "RIB_GENERIC, add-path": (
        INDEX + rib(12, "2001:db8::/32", (0, USUAL), ap=b"\0\0\0\1", family=b"\0\2\1"),
        [f"TABLE_DUMP2_AP|{T}|B|192.0.2.1|64496|2001:db8::/32|1|64496 64511|IGP|::ffff:192.0.2.1|0|0||NAG||"],
    ),
    "BGP4MP with all four ways to say a prefix, in bgpdump's order": (
        bgp4mp(update(UNMP + USUAL + MP, prefix("203.0.113.0/24"), prefix("198.51.100.0/25"))),
        [
            f"BGP4MP|{T}|W|192.0.2.1|64496|198.51.100.0/25",
            f"BGP4MP|{T}|W|192.0.2.1|64496|2001:db8::/32",
            f"BGP4MP|{T}|A|192.0.2.1|64496|203.0.113.0/24|{TAIL}",
            f"BGP4MP|{T}|A|192.0.2.1|64496|2001:db8:8000::/33|64496 64511|IGP|2001:db8::1|0|0||NAG||",
        ],
    ),
    "BGP4MP with AS numbers of two bytes": (
        bgp4mp(update(ORIGIN + path(64496, 64511, width=2) + HOP, prefix("0.0.0.0/0")), 2, 1),
        [f"BGP4MP|{T}|A|192.0.2.1|64496|0.0.0.0/0|{TAIL}"],
    ),
    "BGP4MP_ET": (
        record(17, 4, b"\0\0\0\x07" + session() + message(update(nlri=prefix("203.0.113.0/24")))),
        [f"BGP4MP_ET|{T}.000007|A|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "BGP4MP_MESSAGE_AS4_LOCAL: our own side speaks to the peer": (
        bgp4mp(update(nlri=prefix("203.0.113.0/24")), subtype=7),
        [f"BGP4MP_LOCAL|{T}|A|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "BGP4MP_MESSAGE_AS4_ADDPATH": (
        bgp4mp(update(nlri=b"\0\0\1\0" + prefix("203.0.113.0/24"), withdrawn=b"\0\0\0\1\0"), subtype=9),
        [
            f"BGP4MP_AP|{T}|W|192.0.2.1|64496|0.0.0.0/0|1",
            f"BGP4MP_AP|{T}|A|192.0.2.1|64496|203.0.113.0/24|256|{TAIL}",
        ],
    ),
    "state changes, IPv4, IPv6, and GNU Zebra's of eight bytes": (
        record(16, 5, session() + b"\0\1\0\2")
        + record(16, 0, session(2, six=True) + b"\0\6\0\1")
        + record(16, 0, b"\xfb\xf0\xfb\xf3\0\3\0\1"),
        [
            f"BGP4MP|{T}|STATE|192.0.2.1|64496|1|2",
            f"BGP4MP|{T}|STATE|2001:db8::1|64496|6|1",
            f"BGP4MP|{T}|STATE|0.0.0.0|64496|3|1",
        ],
    ),
    "BGP4MP_ENTRY of the drafts": (
        record(
            16, 2, session(2) + b"\0\0\0\1" + struct.pack(">IHBB", T - 60, 1, 1, 4) + ip(PEER)
            + prefix("203.0.113.0/24") + struct.pack(">H", 17 + 3) + ORIGIN + path(64496, 64511, width=2) + HOP,
            length=16 + 4 + 8 + 4 + 4 + 2 + 20,
        ),
        [f"BGP4MP|{T}|B|192.0.2.1|64496|203.0.113.0/24|{TAIL}"],
    ),
    "BGP of 1999": (
        record(
            5, 1, b"\xfb\xf0" + ip(PEER) + b"\xfb\xf3" + ip(OWN)
            + update(ORIGIN + path(64496, 64511, width=2) + HOP, prefix("203.0.113.0/24"), prefix("192.0.2.0/24"))
        )
        + record(5, 3, b"\xfb\xf0" + ip(PEER) + b"\0\3\0\2")
        + record(5, 7, b"\xfb\xf0" + ip(PEER)),
        [
            f"BGP|{T}|W|192.0.2.1|64496|192.0.2.0/24",
            f"BGP|{T}|A|192.0.2.1|64496|203.0.113.0/24|64496 64511|IGP|192.0.2.1|0|0|NAG||",
            f"BGP|{T}|STATE|192.0.2.1|64496|3|2",
        ],
    ),
    "BGP4PLUS": (
        record(9, 1, b"\xfb\xf0" + ip(PEER6) + b"\xfb\xf3" + ip(OWN6) + update(UNMP)),
        [f"BGP|{T}|W|2001:db8::1|64496|2001:db8::/32"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str) -> None:
    data, expected = KINDS[name]
    found, account = lines(data)
    assert found == expected
    assert not account.faults


@pytest.mark.parametrize("ahead", [0, 2, 4])
def test_several_entries_in_one_table_dump_record(ahead: int) -> None:
    """Early RIPE RIS: bgpdump reads the first only."""
    texts = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/25", "10.0.0.0/8"]
    blob = ORIGIN + path(64496, 64511, width=2) + HOP
    entries = [table_dump(text, blob, bare=True) for text in texts]
    body = b"\0\0\0\1" + (b"\0\0\0\2"[4 - ahead :]).join(entries)
    found, account = lines(record(12, 1, body))
    assert [line.split("|")[5] for line in found] == texts
    assert not account.faults


@pytest.mark.parametrize("off", [-9, -1, 1, 11, 4000])
@pytest.mark.parametrize("kind", ["TABLE_DUMP", "TABLE_DUMP_V2", "BGP4MP"])
def test_wrong_length_in_the_header(kind: str, off: int) -> None:
    blob = ORIGIN + path(64496, 64511, width=2) + HOP
    body = {
        "TABLE_DUMP": record(12, 1, table_dump("203.0.113.0/24", blob)),
        "TABLE_DUMP_V2": rib(2, "203.0.113.0/24", (0, USUAL), (1, USUAL)),
        "BGP4MP": bgp4mp(update(nlri=prefix("203.0.113.0/24"))),
    }[kind]
    wrong = body[:8] + (len(body) - 12 + off).to_bytes(4) + body[12:]
    found, account = lines(INDEX + body + wrong + body * 3)
    assert found == lines(INDEX + body * 5)[0]
    assert dict(account.faults) == {"wrong length": 1}
    assert account.quarantined[0].data == wrong


GOOD = bgp4mp(update(nlri=prefix("203.0.113.0/24")))
BROKEN = {
    "torn message": bgp4mp(b"\0\0\0\xff" + USUAL),
    "no BGP message": record(16, 4, session() + b"\0" * 40),
    "session of an unknown family": record(16, 4, bytes(8) + b"\0\0\0\x09" + bytes(60)),
    "torn or impossible prefix": bgp4mp(update(nlri=b"\x21" + bytes(5))),
    "entries before any index of peers": rib(2, "203.0.113.0/24", (0, USUAL)),
    "torn index of peers": record(13, 1, ip(OWN) + b"\0\0\0\2\2" + bytes(9)),
    "peer not in the index": INDEX + rib(2, "203.0.113.0/24", (2, USUAL)),
    "torn entry": INDEX + record(13, 2, b"\0\0\0\1\x18\xcb\0\x71\0\1" + bytes(7) + b"\1"),
    "torn change of state": record(16, 5, session() + b"\0"),
    "bytes left over": record(16, 4, session() + message(update()) + b"xyz"),
    "no record": b"\xff" * 100,
}


@pytest.mark.parametrize("reason", BROKEN)
def test_what_is_broken_is_counted_and_kept_and_the_rest_is_read(reason: str) -> None:
    bad = BROKEN[reason]
    found, account = lines(GOOD * 2 + bad + GOOD * 2)
    assert len(found) == 4
    assert [(why, count) for why, count in account.faults.items()] == [(reason, 1)]
    assert bad.endswith(account.quarantined[0].data)
    assert reason in account.examples[0]


def test_a_file_that_breaks_off_gives_all_whole_records() -> None:
    data = GOOD * 3
    for cut in range(len(GOOD) * 2 + 1, len(data)):
        found, account = lines(data[:cut])
        assert len(found) == 2
        assert account.skipped == 1
        assert account.quarantined[0].data == data[len(GOOD) * 2 : cut]


def test_other_protocols_and_messages_are_passed_over_and_counted() -> None:
    other = record(11, 0, bytes(30)) + record(13, 7, bytes(20)) + record(16, 4, session() + message(b"", 4))
    found, account = lines(other + GOOD)
    assert len(found) == 1
    assert not account.faults
    assert account.passed_over == {
        "OSPFv2 record": 1,
        "positions of peers (GEO_PEER_TABLE)": 1,
        "KEEPALIVE message": 1,
    }


PATHS = [
    (segment(2, 1, 2, 2, 3), "1 2 2 3", [1, 2, 2, 3], False, 3),
    (segment(2, 1, 2) + segment(1, 3, 4), "1 2 {3,4}", [1, 2, 3, 4], True, None),
    (segment(2, 1) + segment(1, 3), "1 {3}", [1, 3], True, 3),
    (segment(3, 65001, 65002) + segment(2, 1, 2), "(65001 65002) 1 2", [1, 2], False, 2),
    (segment(4, 65001, 65002) + segment(2, 1), "[65001,65002] 1", [1], False, 1),
    (segment(2, 1) + segment(2, 2), "1 2", [1, 2], False, 2),
    (segment(1, 1, 2) + segment(2, 3), "{1,2} 3", [1, 2, 3], True, 3),
    (segment(2, 4_200_000_000), "4200000000", [4_200_000_000], False, 4_200_000_000),
    (b"", "", [], False, None),
]


@pytest.mark.parametrize(("value", "text", "asns", "has_set", "origin"), PATHS)
def test_paths(value: bytes, text: str, asns: list[int], has_set: bool, origin: int | None) -> None:
    (row,) = rows(bgp4mp(update(ORIGIN + attribute(2, value) + HOP, prefix("203.0.113.0/24"))))
    assert (row["path"], row["asns"], row["has_set"], row["origin_asn"]) == (text, asns, has_set, origin)
    assert row["faults"] is None


TRANS = 23456
MERGES = [
    ("the tail is replaced", [1, TRANS, TRANS], segment(2, 70000, 70001), "1 70000 70001"),
    ("AS4_PATH as long as AS_PATH", [1, TRANS], segment(2, 1, 70000), "1 70000"),
    ("a longer AS4_PATH is left", [TRANS], segment(2, 70000, 70001), str(TRANS)),
    ("a set counts one", [1, 2, TRANS], segment(1, 70000, 70001), "1 2 {70000,70001}"),
    ("confederations do not belong", [1, TRANS], segment(3, 65001) + segment(2, 70000), "1 70000"),
    ("torn AS4_PATH is left", [1, TRANS], b"\2\5\0", f"1 {TRANS}"),
]


@pytest.mark.parametrize(("name", "old", "new", "text"), MERGES)
def test_merging_two_and_four_bytes(name: str, old: list[int], new: bytes, text: str) -> None:
    blob = ORIGIN + path(*old, width=2) + HOP + attribute(17, new, 0xC0)
    (row,) = rows(bgp4mp(update(blob, prefix("203.0.113.0/24")), 2, 1))
    assert row["path"] == text


@pytest.mark.parametrize(
    ("old", "merged", "path_text"),
    [(TRANS, 70001, "1 70000"), (64500, 64500, f"1 {TRANS}")],
)
def test_merging_aggregators(old: int, merged: int, path_text: str) -> None:
    """An AGGREGATOR that is not AS_TRANS says to ignore both AS4 attributes."""
    blob = ORIGIN + path(1, TRANS, width=2) + HOP + attribute(7, old.to_bytes(2) + ip(OWN), 0xC0)
    blob += attribute(17, segment(2, 70000), 0xC0) + attribute(18, (70001).to_bytes(4) + ip(OWN), 0xC0)
    (row,) = rows(bgp4mp(update(blob, prefix("203.0.113.0/24")), 2, 1))
    assert (row["aggregator_asn"], row["path"]) == (merged, path_text)


def test_the_other_attributes() -> None:
    blob = USUAL + attribute(4, b"\0\0\0\x05", 0x80) + attribute(5, b"\0\0\0\x64") + attribute(6, b"")
    blob += attribute(7, (64511).to_bytes(4) + ip(OWN), 0xC0)
    blob += attribute(8, struct.pack(">5I", 0xFBF00001, 0xFFFFFF01, 0xFFFFFF02, 0xFFFFFF03, 0), 0xC0)
    blob += attribute(16, bytes.fromhex("0002fbf000000001"), 0xC0)
    blob += attribute(32, struct.pack(">3I", 64496, 1, 2), 0xC0) + attribute(99, b"x" * 300, 0xC0)
    (row,) = rows(bgp4mp(update(blob, prefix("203.0.113.7/24"))))
    wanted = {
        "first": bytes(10) + b"\xff\xff" + ip("203.0.113.0"), "length": 24, "med": 5, "local_pref": 100,
        "atomic_aggregate": True, "aggregator_asn": 64511, "aggregator": bytes(10) + b"\xff\xff" + ip(OWN),
        "communities": "64496:1 no-export no-advertise local-AS 0:0", "large_communities": "64496:1:2",
        "extended_communities": "0002fbf000000001", "origin": "IGP", "faults": None, "originated": None,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


LENIENT = [
    (attribute(1, b"\7") + path(1) + HOP, "ORIGIN"),
    (ORIGIN + attribute(2, b"\2\x09\0") + HOP, "AS_PATH"),
    (ORIGIN + path(1) + attribute(3, b"\1"), "NEXT_HOP"),
    (USUAL + attribute(4, b"\1"), "MULTI_EXIT_DISC"),
    (USUAL + attribute(7, b"\1"), "AGGREGATOR"),
    (USUAL + attribute(8, b"\1\2\3"), "COMMUNITIES"),
    (USUAL + attribute(32, b"\1"), "LARGE_COMMUNITY"),
    (USUAL + ORIGIN, "repeated ORIGIN"),
    (USUAL + b"\x40\x04\x09\x00", "torn attributes"),
    (ORIGIN + path(1, 2, 3, width=2) + HOP, "AS_PATH"),  # of the wrong width; read all the same
]


@pytest.mark.parametrize(("blob", "fault"), LENIENT)
def test_a_malformed_attribute_is_left_out_and_named(blob: bytes, fault: str) -> None:
    data = bgp4mp(update(blob, prefix("203.0.113.0/24")))
    (row,) = rows(data)
    assert row["faults"] == fault
    assert lines(data)[1].attribute_faults == {fault: 1}
    if fault != "AS_PATH":
        assert row["path"] is not None


def test_a_path_of_the_wrong_width_is_read() -> None:
    (row,) = rows(bgp4mp(update(ORIGIN + path(1, 2, 3, width=2) + HOP, prefix("203.0.113.0/24"))))
    assert row["path"] == "1 2 3"


def test_one_huge_path_for_thousands_of_prefixes_costs_one_path() -> None:
    """8,000 prefixes × 12,000 AS numbers would be 800 MB if each had its own."""
    blob = ORIGIN + attribute(2, segment(2, *range(255)) * 47) + HOP
    (batch,) = mrt.read(io.BytesIO(bgp4mp(update(blob, b"\x08\x0a" * 4000))))
    assert batch.num_rows == 4000
    assert batch.nbytes < 2_000_000


def test_batches_are_bounded_and_numbered() -> None:
    reading = mrt.read(io.BytesIO(GOOD * 1000), rows=100)
    batches = list(reading)
    assert [batch.num_rows for batch in batches] == [100] * 10
    table = pa.Table.from_batches(batches)
    assert table.column("position").to_pylist() == list(range(1000))
    assert table.column("record").to_pylist() == list(range(1000))
    assert table.schema == mrt.ELEMENTS


asns = st.lists(st.integers(0, 2**32 - 1), min_size=0, max_size=5)
segments = st.lists(st.tuples(st.sampled_from([1, 2, 3, 4]), asns), max_size=4)
values = st.one_of(
    segments.map(lambda found: attribute(2, b"".join(segment(kind, *numbers) for kind, numbers in found))),
    st.builds(
        attribute, st.integers(0, 40), st.binary(max_size=24), st.sampled_from([0x40, 0x80, 0xC0, 0xD0])
    ),
    st.sampled_from([ORIGIN, HOP, MP, UNMP, path(1, 2), path(7, width=2), attribute(8, bytes(8))]),
)
blobs = st.lists(values, max_size=6).map(b"".join)


@given(st.lists(st.one_of(blobs, st.binary(max_size=60)), max_size=8), st.sampled_from([0, 1, 2, 3]))
def test_in_step_and_one_at_a_time_agree(found: list[bytes], context: int) -> None:
    """Decoding many sets of attributes in step is only a faster way to say what one at a time says."""
    sheet = Sheet()
    sheet.blobs, sheet.contexts = found, [context] * len(found)
    walked = decode.walk(found)
    width = 4 if context % 2 else 2
    odd = decode.odd_rows(walked, width, context >= 2)
    usual = [at for at in range(len(found)) if not odd[at]]
    fast = decode.columns(walked, (~odd).nonzero()[0], width, context >= 2)
    slow = columns.one_by_one([columns.read_one(sheet, at, context) for at in usual])
    for name, column in slow.items():
        assert fast[name].to_pylist() == column.to_pylist(), name


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    lines(data)
    lines(GOOD + data + GOOD)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_any_change_of_a_record(name: str, data: st.DataObject) -> None:
    whole = bytearray(KINDS[name][0])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    lines(bytes(whole))


@given(segments, segments)
def test_merging_never_makes_a_path_of_another_length(
    old: list[tuple[int, list[int]]], new: list[tuple[int, list[int]]]
) -> None:
    first, second = [(k, tuple(n)) for k, n in old], [(k, tuple(n)) for k, n in new]
    merged = aspath.merge(first, second)
    if merged is None:
        assert aspath.count(first) < aspath.count(second)
    else:
        assert aspath.count(merged) == aspath.count(first)


def test_names_of_attributes_are_those_of_the_registry() -> None:
    assert attributes.NAMES[attributes.MP_REACH] == "MP_REACH_NLRI"

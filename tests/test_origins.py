"""Prefix-to-origin files and name lists: real oddities of each format, and anything at all for all of them."""

from __future__ import annotations

import gzip
import io
import ipaddress
import lzma
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from depeer.model import pack_address, show_address
from depeer.sources.origins import FORMATS, NAMES, ORIGINS, Skips, detect
from depeer.sources.origins.lines import BLOCK, LONGEST, Column
from depeer.sources.origins.numerals import ipv4, ipv6, numbers
from depeer.sources.origins.origin_list import parse_asn, parse_origins
from depeer.sources.origins.packed import from_arrow, to_arrow

BY_NAME = {known.format: known for known in FORMATS}
Row = tuple[str, str, int, list[int]]


def read(format_: str, data: bytes) -> tuple[list[Row], list[tuple[int, str]], Skips]:
    reading = BY_NAME[format_].read(io.BytesIO(data))
    origins: list[Row] = []
    names: list[tuple[int, str]] = []
    for kind, batch in reading:
        if kind == "origins":
            assert batch.schema == ORIGINS
            origins += [
                (show_address(r["first"]), show_address(r["last"]), r["length"], r["asns"])
                for r in batch.to_pylist()
            ]
        else:
            assert batch.schema == NAMES
            names += [(r["asn"], r["name"]) for r in batch.to_pylist()]
    return origins, names, reading.skips


PYASN_HEAD = b"""; IP-ASN32-DAT file
; Original file : /data/somebody/dates/tmp/rib.20140513.0600.bz2
; Converted on  : Tue May 20 22:03:05 2014
; CIDRs         : 2
;
"""


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"198.18.0.0/15\t64500", ("198.18.0.0", "198.19.255.255", 15, [64500])),
        (b"198.18.0.0/15\t64500\r", ("198.18.0.0", "198.19.255.255", 15, [64500])),
        (b"198.18.0.0/15 64500", ("198.18.0.0", "198.19.255.255", 15, [64500])),
        (b"198.18.0.0/15\t{64500,64501}", ("198.18.0.0", "198.19.255.255", 15, [64500, 64501])),
        (b"198.18.1.7/24\t64500", ("198.18.1.0", "198.18.1.255", 24, [64500])),
        (b"0.0.0.0/0\t64500", ("0.0.0.0", "255.255.255.255", 0, [64500])),
        (b"203.0.113.9/32\t1.10", ("203.0.113.9", "203.0.113.9", 32, [65546])),
        (
            b"2001:db8::/32\t4200000001",
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 32, [4200000001]),
        ),
        (b"2001:DB8:0:0:1::/80\tAS64500", ("2001:db8:0:0:1::", "2001:db8::1:ffff:ffff:ffff", 80, [64500])),
        (b"::/0\t64500", ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, [64500])),
        (b"64:ff9b::192.0.2.0/120\t64500", ("64:ff9b::c000:200", "64:ff9b::c000:2ff", 120, [64500])),
    ],
)
def test_a_prefix_in_any_spelling(line: bytes, row: Row) -> None:
    for place in (PYASN_HEAD + line, line + b"\n", b"\n" + line + b"\n203.0.113.0/24\t64509\n"):
        origins, _, skips = read("pyasn", place)
        assert origins.count(row) == 1
        assert skips.count == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"198.18.0.0/33\t64500", "not a prefix"),
        (b"198.18.0.256/24\t64500", "not a prefix"),
        (b"198.018.0.0/24\t64500", "not a prefix"),
        (b"198.18.0/24\t64500", "not a prefix"),
        (b"198.18.0.0/255.255.0.0\t64500", "not a prefix"),
        (b"198.18.0.0\t64500", "not a prefix"),
        (b"fe80::%eth0/64\t64500", "not a prefix"),
        (b"2001:db8:::/32\t64500", "not a prefix"),
        (b"::ffff:198.18.0.0/112\t64500", "IPv4-mapped IPv6, which is not routed"),
        (b"::ffff:c612:0/112\t64500", "IPv4-mapped IPv6, which is not routed"),
        (b"198.18.0.0/15\t", "no AS number"),
        (b"198.18.0.0/15\tNone", "no AS number"),
        (b"198.18.0.0/15\t4294967296", "no AS number"),
        (b"198.18.0.0/15\t99999999999999999999", "no AS number"),
        (b"198.18.0.0/15\t-1", "no AS number"),
        (b"\xff\xfe\x00", "not a prefix"),
        (b"1" * (LONGEST + 1), "line too long"),
    ],
)
def test_what_cannot_be_used_is_counted_and_costs_nothing_else(line: bytes, reason: str) -> None:
    origins, _, skips = read(
        "pyasn", PYASN_HEAD + b"203.0.113.0/24\t64509\n" + line + b"\n192.0.2.0/24\t64510\n"
    )
    assert [row[3] for row in origins] == [[64509], [64510]]
    assert dict(skips.reasons) == {reason: 1}
    assert skips.examples[0].startswith(f"line 7: {reason}")


@pytest.mark.parametrize(
    ("text", "asns"),
    [
        ("701", (701,)),
        ("701_1239", (701, 1239)),
        ("701,1239", (701, 1239)),
        ("{701,1239}", (701, 1239)),
        ("3303_{701,1239}", (3303, 701, 1239)),
        ("4,5_4", (4, 5)),
        ("AS701", (701,)),
        ("1.0_65536", (65536,)),
        ("", ()),
        ("_", ()),
        ("701_x", ()),
        ("65536.1", ()),
    ],
)
def test_origins_of_a_prefix(text: str, asns: tuple[int, ...]) -> None:
    assert parse_origins(text) == asns
    rows, _, skips = read("pfx2as", f"198.18.0.0\t15\t{text}\n".encode())
    assert [tuple(row[3]) for row in rows] == ([asns] if asns else [])
    assert skips.count == (not asns)


def test_iptoasn_gives_ranges_and_names_and_passes_over_what_nobody_announces() -> None:
    data = (
        b"198.18.0.0\t198.18.0.255\t64500\tNone\tFIRST  Example, Inc.\n"
        b"198.18.1.0\t198.18.3.255\t0\tNone\tNot routed\n"
        b"198.18.4.0\t198.18.6.255\t64501\tDE\tSECOND\n"
        b"198.18.9.0\t198.18.8.255\t64501\tDE\tSECOND\n"
        b"198.18.9.0\t2001:db8::\t64501\tDE\tSECOND\n"
        b"2001:db8::\t2001:db8:0:ffff:ffff:ffff:ffff:ffff\t64500\tNone\tFIRST again\n"
        b"2001:db8:2::\t2001:db8:4:ffff:ffff:ffff:ffff:ffff\t64502\tNone\t-\n"
        b"::ffff:198.18.7.0\t::ffff:198.18.7.255\t64502\tNone\t-\n"
        b"198.18.10.0\t198.18.10.255\tnobody\tDE\tSECOND\n"
        b"198.18.10.0\t198.18.10.255\t64501\n"
    )
    origins, names, skips = read("iptoasn", data)
    assert [(row[0], row[2], row[3]) for row in origins] == [
        ("198.18.0.0", 24, [64500]),
        ("198.18.4.0", -1, [64501]),
        ("2001:db8::", 48, [64500]),
        ("2001:db8:2::", -1, [64502]),
    ]
    assert names == [(64500, "FIRST Example, Inc."), (64501, "SECOND")]
    assert skips.unrouted == 1
    assert dict(skips.reasons) == {
        "not a range of addresses": 2,
        "IPv4-mapped IPv6, which is not routed": 1,
        "no AS number": 1,
        "fewer than five fields": 1,
    }


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.booleans())
def test_a_range_has_a_length_just_when_it_is_a_prefix(one: int, other: int, wide: bool) -> None:
    first, last = (x << 96 if wide else x for x in sorted((one, other)))
    kind = ipaddress.IPv6Address if wide else ipaddress.IPv4Address
    rows, _, _ = read("iptoasn", f"{kind(first)}\t{kind(last)}\t1\tNone\tN\n".encode())
    parts = list(ipaddress.summarize_address_range(kind(first), kind(last)))
    assert rows[0][2] == (parts[0].prefixlen if len(parts) == 1 else -1)


@pytest.mark.parametrize(
    ("format_", "data", "names"),
    [
        (
            "asnames",
            b'"asn","name","source"\n1,"Level ""3"", Inc.","X"\n"AS2","Second"\n',
            [(1, 'Level "3", Inc.'), (2, "Second")],
        ),
        ("asnames", b"asn,name\n3,Third\n3,Again\n", [(3, "Third")]),
        ("asnames", "4,Société\n".encode("latin-1"), [(4, "Société")]),
        (
            "asntxt",
            b"1 LVLT-1, US\n2\tUDEL-DCN,  US\nAS3   MIT-GATEWAYS\n",
            [(1, "LVLT-1, US"), (2, "UDEL-DCN, US"), (3, "MIT-GATEWAYS")],
        ),
    ],
)
def test_names(format_: str, data: bytes, names: list[tuple[int, str]]) -> None:
    found = detect(data, "x")
    assert found is not None
    assert found.format == format_
    assert found.kind == "names"
    _, got, skips = read(format_, data)
    assert (got, skips.count) == (names, 0)


def test_names_that_cannot_be_used_are_counted() -> None:
    _, names, skips = read("asnames", b"asn,name\n5,\nfive,Five\n6,Six\n7," + b"x" * LONGEST + b"\n")
    assert names == [(6, "Six")]
    assert dict(skips.reasons) == {"no AS number with a name": 2, "line too long": 1}


@pytest.mark.parametrize(
    ("head", "name", "format_", "day"),
    [
        (PYASN_HEAD + b"198.18.0.0/15\t1\n", "ipasn_20010101.dat", "pyasn", date(2014, 5, 13)),
        (PYASN_HEAD, "x", "pyasn", date(2014, 5, 13)),
        (
            b"; Original file : latest\n198.18.0.0/15\t1\n",
            "d/ipasn-2008-05-01.dat",
            "pyasn",
            date(2008, 5, 1),
        ),
        (b"198.18.0.0/15\t1\n", "table", "pyasn", None),
        (b"198.18.0.0\t15\t1_2\n", "routeviews-rv2-20081101-1200.pfx2as.gz", "pfx2as", date(2008, 11, 1)),
        (b"2001:db8::\t32\t1\n", "20200101/routeviews-rv6-20081101-1200.pfx2as", "pfx2as", date(2008, 11, 1)),
        (
            b"198.18.0.0\t198.18.0.255\t1\tNone\tN\n",
            "ip2asn-combined-20261301-20260714.tsv.gz",
            "iptoasn",
            date(2026, 7, 14),
        ),
        (b"198.18.0.0\t198.18.0.255\t0\tNone\tNot routed\n", "ip2asn-combined.tsv", "iptoasn", None),
    ],
)
def test_format_and_day_are_detected(head: bytes, name: str, format_: str, day: date | None) -> None:
    found = detect(head, name)
    assert found is not None
    assert (found.format, found.day(head, name)) == (format_, day)


@pytest.mark.parametrize("head", [b"", b"\n\n", b"From x\nReceived: y\n", b"\0\1\2" * 99, b'{"a": 1}\n'])
def test_what_is_no_such_file_is_not_detected(head: bytes) -> None:
    assert detect(head, "ipasn_20080501.dat") is None


PIECES = st.sampled_from(
    [
        b"198.18.0.0",
        b"/15",
        b"\t",
        b" ",
        b"\n",
        b"\r\n",
        b"24",
        b"64500",
        b"_",
        b",",
        b"{",
        b"::",
        b":",
        b"2001:db8",
        b".",
        b"9" * 25,
        b";",
        b'"',
        b"\0",
        b"\xff",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=4), max_size=60).map(b"".join))
@example(b'1,"')
@example(b"/\t/\t")
def test_any_bytes_are_read_without_an_exception_and_every_row_is_sound(data: bytes) -> None:
    for known in FORMATS:
        known.day(data, data.decode("latin-1"))
        known.sniff(data, "x")
        if known.kind not in ("origins", "names") or known.format == "mrt":
            assert all(batch.num_rows <= len(data) for _, batch in known.read(io.BytesIO(data)))
            continue
        origins, names, skips = read(known.format, data)
        lines = len(data.split(b"\n"))
        assert len(origins) + len(names) + skips.count + skips.unrouted <= 2 * lines
        for first, last, length, asns in origins:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            assert low.version == high.version
            assert asns
            assert all(0 <= asn < 2**32 for asn in asns)
            if length >= 0:
                assert ipaddress.ip_network(f"{first}/{length}")[-1] == high


def column(texts: list[str]) -> Column:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return Column(
        np.frombuffer(b"".join(encoded), dtype=np.uint8), ends - [len(text) for text in encoded], ends
    )


def accepts(kind: type, text: str) -> int | None:
    try:
        return int(kind(text))
    except ValueError:
        return None


@given(
    st.lists(
        st.text("0123456789abAF:.", min_size=1, max_size=42)
        | st.ip_addresses().map(str)
        | st.ip_addresses(v=6).map(lambda a: a.exploded),
        min_size=1,
    )
)
@example(
    [
        "::",
        ":::",
        ":",
        "::1",
        "1::",
        "1:",
        ":1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
    ]
)
@example(
    [
        "1::2::3",
        "12345::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8:",
        "0.0.0.0",
        "255.255.255.255",
        "1.2.3.4.",
    ]
)
def test_columns_of_addresses_agree_with_the_standard_library(texts: list[str]) -> None:
    four, good4 = ipv4(column(texts))
    high, low, good6 = ipv6(column(texts))
    for row, text in enumerate(texts):
        assert (int(four[row]) if good4[row] else None) == accepts(ipaddress.IPv4Address, text)
        expected = None if "." in text else accepts(ipaddress.IPv6Address, text)
        assert ((int(high[row]) << 64) | int(low[row]) if good6[row] else None) == expected


@given(st.lists(st.text("0123456789-.x", min_size=0, max_size=12), min_size=1))
def test_columns_of_numbers(texts: list[str]) -> None:
    value, good = numbers(column(texts))
    plain = [text.isdigit() and len(text) <= 10 for text in texts]
    assert good.tolist() == plain
    assert [v for v, p in zip(value.tolist(), plain, strict=True) if p] == [
        int(t) for t, p in zip(texts, plain, strict=True) if p
    ]


@given(st.lists(st.binary(min_size=16, max_size=16)), st.integers(0, 3))
def test_packed_addresses_survive_the_way_to_arrow_and_back(packed: list[bytes], skip: int) -> None:
    for kind in (pa.binary(), pa.binary(16)):
        high, low, valid = from_arrow(pa.array(packed, kind).slice(skip))
        assert valid.all()
        assert to_arrow(high, low).to_pylist() == packed[skip:]


def test_a_null_or_misshapen_address_is_no_address() -> None:
    high, low, valid = from_arrow(pa.array([None, b"short", pack_address("192.0.2.1"), b"x" * 17]))
    assert valid.tolist() == [False, False, True, False]
    assert to_arrow(high, low)[2].as_py() == pack_address("192.0.2.1")


class Endless(io.RawIOBase):
    """A line that does not end for 64 MB, then a good one: what is held meanwhile must stay small."""

    def __init__(self) -> None:
        self.left = 64
        self.most = 0

    def read(self, size: int = -1) -> bytes:
        self.most = max(self.most, size)
        self.left -= 1
        return b"9" * size if self.left > 0 else b"\n192.0.2.0/24\t64500\n" if self.left == 0 else b""


def test_an_endless_line_is_skipped_in_constant_memory() -> None:
    stream = Endless()
    reading = BY_NAME["pyasn"].read(stream)
    rows = [batch.num_rows for _, batch in reading]
    assert sum(rows) == 1
    assert dict(reading.skips.reasons) == {"line too long": 1}
    assert stream.most <= BLOCK


def test_asn_texts() -> None:
    good = {"0": 0, "as1": 1, "4294967295": 4294967295, "65535.65535": 4294967295}
    bad = dict.fromkeys(("4294967296", "1.65536", "1.2.3", "x", ""))
    assert {text: parse_asn(text) for text in good | bad} == good | bad


@pytest.mark.parametrize(
    ("name", "format_", "four", "six", "day"),
    [
        ("origins/ipasn_20080501_v12.dat.gz", "pyasn", 270_849, 0, date(2008, 5, 1)),
        ("origins/ipasn6_20151101.dat.gz", "pyasn", 606_138, 27_693, date(2015, 11, 1)),
        ("origins/iptoasn_20260714.tsv.xz", "iptoasn", 449_259, 119_979, date(2026, 7, 14)),
    ],
)
@pytest.mark.data
def test_real_tables_hold_what_they_say(
    data_dir: Path, name: str, format_: str, four: int, six: int, day: date
) -> None:
    path = data_dir / "routing" / name
    with (gzip if name.endswith(".gz") else lzma).open(path) as stream:
        head = stream.read(4096)
        found = detect(head, name)
        assert found is not None
        assert (found.format, found.day(head, name)) == (format_, day)
        stream.seek(0)
        reading = found.read(stream)
        kinds = [(batch["first"], batch.num_rows) for kind, batch in reading if kind == "origins"]
    mapped = sum(
        int(pc.starts_with(first.cast(pa.binary()), pattern=b"\0" * 10 + b"\xff\xff").sum().as_py() or 0)
        for first, _ in kinds
    )
    assert (mapped, sum(rows for _, rows in kinds) - mapped, reading.skips.count) == (four, six, 0)

"""CAIDA's relationship files: every dialect they were written in, oddities, and the real ones."""

from __future__ import annotations

import io
import lzma
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depeer import tables
from depeer.sources.origins.as_rel import AS_REL, FACTS, LINKS, RELATIONSHIPS
from depeer.sources.origins.reading import Reading

Row = tuple[int, int | None, str, str | None]

SERIAL1 = b"""# source:topology|BGP|20080101|ripe|rrc00
# inferred clique: 64500 64501
# IXP ASes: 64510
64500|64501|0
64500|64496|-1
"""
SERIAL2 = b"""# input clique: 64500
64500|64496|-1|bgp
64500|64501|0|mlp,bgp
"""
OLD = b"""# format:as_left|as_right|type
# type label
# ---- -----
# -1   customer
#  0   peer
#  1   provider
#  3   sibling
64496|64500|-1
64500|64496|1
64500|64501|0
64501|64500|0
64501|64502|3
"""


def read(data: bytes) -> tuple[list[Row], list[Row], Reading]:
    """Links, facts, and the reading with its account."""
    reading = AS_REL.read(io.BytesIO(data))
    found: dict[str, list[Row]] = {LINKS: [], FACTS: []}
    for kind, batch in reading:
        assert batch.schema == RELATIONSHIPS
        found[kind] += [tuple(row.values()) for row in batch.to_pylist()]
    return found[LINKS], found[FACTS], reading


def test_serial_1_with_its_facts() -> None:
    links, facts, reading = read(SERIAL1)
    assert links == [(64500, 64501, "peer", None), (64500, 64496, "provider", None)]
    assert facts == [(64500, None, "clique", None), (64501, None, "clique", None), (64510, None, "ixp", None)]
    assert reading.skips.count == 0


def test_serial_2_says_what_showed_a_link() -> None:
    links, facts, _ = read(SERIAL2)
    assert links == [(64500, 64496, "provider", "bgp"), (64500, 64501, "peer", "mlp,bgp")]
    assert facts == [(64500, None, "clique", None)]


def test_the_oldest_files_name_the_customer_first_under_minus_one() -> None:
    links, _, _ = read(OLD)
    assert links[0] == links[1] == (64500, 64496, "provider", None)
    assert links[-1] == (64501, 64502, "sibling", None)


def test_links_that_stand_both_ways_show_an_old_file_without_its_header() -> None:
    links, _, _ = read(b"64496|64500|-1\n64500|64496|1\n64497|64500|-1\n")
    assert {link[:3] for link in links} == {(64500, 64496, "provider"), (64500, 64497, "provider")}


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"64500|64496|-1", (64500, 64496, "provider", None)),
        (b"64500|64496|1", (64500, 64496, "provider", None)),
        (b"64500|64496|2", (64500, 64496, "sibling", None)),
        (b"64500|64496|3", (64500, 64496, "sibling", None)),
        (b"64500|64496|0\r", (64500, 64496, "peer", None)),
        (b"4294967295|1|0", (4294967295, 1, "peer", None)),
        (b" 64500 | 64496 | -1 ", (64500, 64496, "provider", None)),
        (b"64500|64496|-1|", (64500, 64496, "provider", None)),
        (b"64500|64496|-1|bgp|more", (64500, 64496, "provider", "bgp|more")),
    ],
)
def test_spellings(line: bytes, row: Row) -> None:
    assert read(line + b"\n")[0] == [row]
    assert read(line)[0] == [row], "the last line may lack its end"


@pytest.mark.parametrize(
    "line",
    [
        b"64500|64496",
        b"64500|64496|",
        b"64500|64496|4",
        b"64500|64496|-2",
        b"64500|64496|-10",
        b"64500|64496|00",
        b"64500|64496|-",
        b"64500|64500|0",
        b"0|64496|0",
        b"4294967296|64496|-1",
        b"-5|64496|-1",
        b"AS64500|64496|-1",
        b"64500 64496 -1",
        b"|||",
        b"64500||-1",
        b"\xff\xfe|\0|-1",
        "٣|64496|-1".encode(),
        b"9" * 70_000 + b"|1|0",
    ],
)
def test_malformed_lines_are_counted_and_the_rest_is_read(line: bytes) -> None:
    links, _, reading = read(b"64500|64496|-1\n" + line + b"\n64500|64497|-1\n")
    assert [link[1] for link in links] == [64496, 64497]
    assert reading.skips.count == 1
    assert reading.skips.examples[0].startswith("line 2: ")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    links, _, reading = read(data)
    lines = [line for line in data.split(b"\n") if line.strip(b"\r") and line[:1] not in b"#;"]
    assert len(links) + reading.skips.count == len(lines)


@given(
    st.lists(
        st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1), st.sampled_from([-1, 0])).filter(
            lambda link: link[0] != link[1]
        )
    )
)
def test_what_is_written_is_read(links: list[tuple[int, int, int]]) -> None:
    data = "".join(f"{a}|{b}|{code}\n" for a, b, code in links).encode()
    expected = [(a, b, "peer" if code == 0 else "provider", None) for a, b, code in links]
    assert read(data)[0] == expected


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (SERIAL1, True),
        (SERIAL2, True),
        (OLD, True),
        (b"# source:topology|BGP|20080101|ripe|rrc00\n" * 99, True),
        (b"# a list of things\n# nothing else\n", False),
        (b"192.0.2.0/24\t64496\n", False),
        (b"192.0.2.0\t24\t64496\n", False),
        (b"64496|Example network|US\n", False),
        (b"64496|64497|hello\n", False),
        (b"TABLE_DUMP2|1212345678|B|192.0.2.1|64496|198.51.100.0/24|64496 64497|IGP\n", False),
        (b"64496,64497,-1\n", False),
        (b"", False),
    ],
)
def test_detection_is_strict(head: bytes, known: bool) -> None:
    assert AS_REL.sniff(head, "file") is known


def test_the_day_is_that_of_the_name_or_of_the_first_table_it_was_inferred_from() -> None:
    assert AS_REL.day(SERIAL1, "20090101.as-rel.txt") == date(2009, 1, 1)
    assert AS_REL.day(SERIAL1, "as-rel.txt") == date(2008, 1, 1)
    assert AS_REL.day(b"1|2|0\n", "as-rel.txt") is None


def test_every_column_of_the_table_has_a_meaning_and_the_rows_fit_it() -> None:
    table = pa.Table.from_pylist(
        [{"snapshot": "s", "upper": 1, "lower": 2, "kind": "peer", "source": None}],
        tables.RELATIONSHIPS.schema,
    )
    assert table.drop_columns("snapshot").schema == RELATIONSHIPS
    assert tables.RELATIONSHIPS.kept


@pytest.mark.data
@pytest.mark.parametrize("year", [2007, 2008, 2009, 2013, 2018])
def test_the_real_files_are_read_to_the_last_line(data_dir: Path, year: int) -> None:
    data = lzma.decompress((data_dir / "routing" / "as-rel" / f"{year}0101.as-rel.txt.xz").read_bytes())
    assert AS_REL.sniff(data[:4096], "file")
    links, facts, reading = read(data)
    rows = [line.split("|") for line in data.decode().splitlines() if not line.startswith("#")]
    kinds = {"-1": "provider", "0": "peer"}
    assert links == [(int(a), int(b), kinds[code], None) for a, b, code, *_ in rows]
    assert reading.skips.count == 0
    assert {fact[2] for fact in facts} == {"clique", "ixp"}

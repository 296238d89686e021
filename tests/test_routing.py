"""Look-ups, exposure, as-of choice and attribution against slow, obvious reference answers and known truth."""

from __future__ import annotations

import gzip
import io
import ipaddress
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depeer.model import Snapshot, pack_address, show_address
from depeer.routing import bogons
from depeer.routing.answer import Answer, answer
from depeer.routing.asof import choose, preference
from depeer.routing.attribute import FILLED, attribute
from depeer.routing.exposure import announced_networks, announced_prefixes
from depeer.routing.flatten import flatten
from depeer.routing.names import NameTable, name_at
from depeer.routing.origin_table import OriginTable
from depeer.routing.whole import NEAR, is_part
from depeer.sources.origins import ORIGINS, detect
from depeer.tables import SIGHTINGS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def table_of(*lines: str) -> OriginTable:
    """From ``prefix asn[_asn…]`` or ``first-last asn`` lines."""
    rows = []
    for line in lines:
        block, asns = line.split()
        first, _, last = block.partition("-")
        network = ipaddress.ip_network(first) if not last else None
        rows.append(
            {
                "first": pack_address(str(network[0]) if network else first),
                "last": pack_address(str(network[-1]) if network else last),
                "length": network.prefixlen if network else -1,
                "asns": [int(asn) for asn in asns.split("_")],
            }
        )
    return OriginTable.compile(pa.Table.from_pylist(rows, schema=ORIGINS))


def origins(table: OriginTable, packed: pa.Array) -> list[tuple[str, tuple[int, ...]] | None]:
    found = table.lookup(packed)
    texts = iter(table.prefixes(found[found >= 0]).to_pylist())
    return [(next(texts), table.asns(index)) if index >= 0 else None for index in found.tolist()]


def origin(table: OriginTable, address: str) -> tuple[str, tuple[int, ...]] | None:
    return origins(table, pa.array([pack_address(address)]))[0]


NESTED = table_of(
    "0.0.0.0/0 1",
    "8.0.0.0/7 2",
    "9.0.0.0/8 3",
    "9.1.0.0/16 4_5",
    "9.1.2.0/24 6",
    "9.1.2.128/25 7",
    "9.1.2.255/32 8",
    "9.1.2.0/24 9",
    "192.0.2.0/24 10",
    "192.0.0.0/16 11",
    "20.0.0.5-20.0.3.2 12",
    "255.0.0.0/8 13",
    "::/0 1",
    "2000::/3 2",
    "2a00::/16 20",
    "2a00:1::/32 21_22",
    "2a00:1::1/128 23",
    "2001:db8::/32 24",
)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("9.1.2.255", ("9.1.2.255/32", (8,))),
        ("9.1.2.254", ("9.1.2.128/25", (7,))),
        ("9.1.2.127", ("9.1.2.0/24", (6, 9))),
        ("9.1.1.255", ("9.1.0.0/16", (4, 5))),
        ("9.255.255.255", ("9.0.0.0/8", (3,))),
        ("8.8.8.8", None),
        ("10.0.0.1", None),
        ("192.0.2.77", None),
        ("192.0.3.0", ("192.0.0.0/16", (11,))),
        ("192.0.0.9", ("192.0.0.0/16", (11,))),
        ("192.0.0.8", None),
        ("20.0.0.4", None),
        ("20.0.0.5", ("20.0.0.5–20.0.3.2", (12,))),
        ("20.0.3.2", ("20.0.0.5–20.0.3.2", (12,))),
        ("20.0.3.3", None),
        ("255.1.1.1", None),
        ("0.0.0.0", None),
        ("255.255.255.255", None),
        ("2a00:1::1", ("2a00:1::1/128", (23,))),
        ("2a00:1::", ("2a00:1::/32", (21, 22))),
        ("2a00:2::", ("2a00::/16", (20,))),
        ("2b00::", None),
        ("2001:db8::1", None),
        ("::", None),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None),
    ],
)
def test_the_narrowest_announcement_answers(address: str, found: tuple[str, tuple[int, ...]] | None) -> None:
    assert origin(NESTED, address) == found


def test_what_is_too_wide_to_be_anyones_is_counted_not_used() -> None:
    assert NESTED.too_short == 4
    assert len(NESTED) == 17


def test_null_addresses_and_empty_tables_have_no_origin() -> None:
    assert NESTED.lookup(pa.array([None, b"x", pack_address("9.9.9.9")], pa.binary())).tolist()[:2] == [
        -1,
        -1,
    ]
    empty = table_of()
    assert (empty.covers(4), empty.covers(6), len(empty)) == (False, False, 0)
    assert empty.lookup(pa.array([pack_address("9.9.9.9"), pack_address("::2")])).tolist() == [-1, -1]
    assert announced_networks(empty).num_rows == announced_prefixes(empty).num_rows == 0


def test_a_table_survives_saving_and_memory_mapping(tmp_path: Path) -> None:
    for name, array in NESTED.arrays().items():
        np.save(tmp_path / f"{name}.npy", array, allow_pickle=False)
    opened = OriginTable.from_arrays({path.stem: np.load(path, mmap_mode="r") for path in tmp_path.iterdir()})
    for address in ("9.1.2.254", "2a00:1::1", "192.0.2.1", "20.0.1.0"):
        assert origin(opened, address) == origin(NESTED, address)
    assert announced_networks(opened) == announced_networks(NESTED)


def dense(draw: st.DrawFn, version: int) -> list[tuple[Network, list[int]]]:
    """Prefixes crowded into one corner, so that they nest, touch and repeat."""
    base = int(ipaddress.ip_address("9.9.0.0" if version == 4 else "2a00:9::"))
    bits = 32 if version == 4 else 128
    kind = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    length = st.integers(8, 32) if version == 4 else st.integers(16, 108)
    row = st.tuples(
        st.integers(0, 2**14), length, st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True)
    )
    shift = 0 if version == 4 else 60
    return [
        (kind(((base | (offset << shift)) >> (bits - size) << (bits - size), size)), asns)
        for offset, size, asns in draw(st.lists(row, max_size=25))
    ]


@settings(max_examples=25)
@given(st.composite(dense)(4), st.composite(dense)(6), st.data())
def test_longest_match_and_exposure_agree_with_the_obvious_way(
    four: list[tuple[Network, list[int]]], six: list[tuple[Network, list[int]]], data: st.DataObject
) -> None:
    rows = four + six
    table = table_of(*(f"{network} {'_'.join(map(str, asns))}" for network, asns in rows))
    edges = [address for network, _ in rows for address in (network[0], network[-1])]
    around = [edge + step for edge in edges for step in (-1, 0, 1)]
    chosen = data.draw(st.lists(st.sampled_from(around), max_size=30)) if around else []
    found = origins(table, pa.array([pack_address(str(address)) for address in chosen], pa.binary()))
    for address, got in zip(chosen, found, strict=True):
        inside = [network for network, _ in rows if address.version == network.version and address in network]
        best = max(inside, key=lambda network: network.prefixlen, default=None)
        expected = best and (
            str(best),
            tuple(dict.fromkeys(asn for network, asns in rows if network == best for asn in asns)),
        )
        assert got == expected
    networks = {row["asn"]: row for row in announced_networks(table).to_pylist()}
    assert set(networks) == {asn for _, asns in rows for asn in asns}
    for asn, row in networks.items():
        assert row["announced4"] == union([n for n, asns in four if asn in asns])
        assert row["announced6"] == -(-union([n for n, asns in six if asn in asns]) // 2**64)
        assert row["matched4"] <= row["announced4"]
    sizes = announced_prefixes(table).to_pylist()
    assert sum(row["size"] for row in sizes if row["family"] == 4) == union([network for network, _ in four])


def union(networks: list[Network]) -> int:
    return sum(network.num_addresses for network in ipaddress.collapse_addresses(networks))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=30))
def test_flattening_gives_each_place_to_the_narrowest_of_any_intervals(spans: list[tuple[int, int]]) -> None:
    first = np.array([begin for begin, _ in spans], dtype=np.int64)
    stop = np.array([begin + width for begin, width in spans], dtype=np.int64)
    order = np.argsort(first - stop, kind="stable")
    starts, owners = flatten(first, stop, order)
    for place in range(95):
        found = np.searchsorted(starts, place, side="right") - 1
        owner = int(owners[found]) if found >= 0 else -1
        inside = [index for index in order.tolist() if first[index] <= place < stop[index]]
        assert owner == (inside[-1] if inside else -1)


def test_overlapping_ranges_by_the_thousand_stay_quick() -> None:
    first = np.arange(100_000, dtype=np.int64)
    stop = 200_001 - first
    starts, owners = flatten(first, stop, np.argsort(first - stop, kind="stable"))
    assert owners[np.searchsorted(starts, 100_000, side="right") - 1] == 99_999
    assert len(starts) == 200_000


def test_exposure_leaves_out_what_a_customer_or_nobody_holds() -> None:
    table = table_of(
        "9.0.0.0/8 1",
        "9.1.0.0/16 2_3",
        "9.1.0.0/17 3",
        "192.0.0.0/16 4",
        "10.0.0.0/8 5",
        "2a00::/32 1",
        "2a00::/96 6",
    )
    networks = {row.pop("asn"): row for row in announced_networks(table).to_pylist()}
    assert networks[1] == {
        "announced4": 2**24,
        "matched4": 2**24 - 2**16,
        "announced6": 2**32,
        "matched6": 2**32,
    }
    assert networks[3] == {"announced4": 2**16, "matched4": 2**16, "announced6": 0, "matched6": 0}
    assert networks[2]["matched4"] == 2**15
    # 192.0.0.0/24 less two reachable addresses, and TEST-NET-1, are nobody's.
    assert networks[4]["announced4"] == networks[4]["matched4"] == 2**16 - 256 - 254
    assert networks[5]["announced4"] == 0
    assert (networks[6]["announced6"], networks[6]["matched6"]) == (1, 1)


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("192.0.2.1", "TEST-NET-1"),
        ("198.51.100.255", "TEST-NET-2"),
        ("203.0.113.0", "TEST-NET-3"),
        ("10.255.255.255", "private"),
        ("172.31.0.1", "private"),
        ("172.32.0.1", None),
        ("100.64.0.1", "carrier-grade"),
        ("100.128.0.0", None),
        ("127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.0", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("223.255.255.255", None),
        ("192.88.99.1", None),
        ("::1", "loopback"),
        ("2001:db8:ffff::", "documentation"),
        ("2001:db9::", None),
        ("2001::1", None),
        ("2001:2::1", "benchmarking"),
        ("3fff:fff::", "documentation"),
        ("fd00::1", "unique local"),
        ("fe80::1", "link-local"),
        ("ff02::1", "multicast"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "multicast"),
        ("2a00::1", None),
    ],
)
def test_special_purpose_addresses(address: str, word: str | None) -> None:
    reason = bogons.why(address)
    assert (word in reason) if word and reason else reason == word
    assert bogons.is_bogon(pa.array([pack_address(address), None])).tolist() == [word is not None, False]


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_special_purpose_blocks_are_not_reachable_by_the_standard_library_either(address: Network) -> None:
    why = bogons.why(str(address))
    # Of the protocol assignments Python releases think differently.
    if why is not None and address.version == 4 and "protocol assignments" not in why:
        assert not address.is_global or address.is_multicast
    if address.version == 4:
        assert bogons.is_bogon(np.array([int(address)], dtype=np.uint32)).tolist() == [why is not None]


def test_as_numbers_that_are_nobodys() -> None:
    odd = (0, 23456, 64496, 64511, 64512, 65534, 65535, 65536, 65551, 4200000000, 4294967295)
    assert all(bogons.why_asn(asn) for asn in odd)
    assert not any(bogons.why_asn(asn) for asn in (1, 23455, 64495, 65552, 4199999999, 26780))


DAYS = [date(2014, 5, 13), date(2008, 5, 1), date(2008, 5, 1), date(2026, 7, 14)]


@pytest.mark.parametrize(
    ("day", "index", "distance"),
    [
        ("2008-05-01", 2, 0),
        ("2008-05-02", 2, 1),
        ("2014-05-12", 2, 2202),
        ("2014-05-13", 0, 0),
        ("2007-06-05", 2, -331),
        ("2030-01-01", 3, 1267),
        ("NaT", -1, 0),
    ],
)
def test_the_last_snapshot_not_after_the_day_else_the_nearest_later(
    day: str, index: int, distance: int
) -> None:
    picks, away = choose(np.array([day], dtype="datetime64[D]"), np.array(DAYS, dtype="datetime64[D]"))
    assert (picks.tolist(), away.tolist()) == ([index], [distance])


def test_a_stale_snapshot_gives_way_to_a_nearer_later_one() -> None:
    days = np.array(["2025-01-01", "2016-01-01"], dtype="datetime64[D]")
    picks, away = choose(days, np.array(["2008-05-01", "2026-07-14"], dtype="datetime64[D]"))
    assert (picks.tolist(), away.tolist()) == ([1, 0], [-559, 2801])


@given(st.lists(st.dates(), max_size=8), st.dates())
def test_the_vectorised_choice_is_the_first_preference(snapshots: list[date], day: date) -> None:
    picks, away = choose(np.array([day], dtype="datetime64[D]"), np.array(snapshots, dtype="datetime64[D]"))
    order = preference(day, snapshots)
    assert sorted(order) == list(range(len(snapshots)))
    assert picks.tolist() == order[:1] or (picks.tolist() == [-1] and not snapshots)
    assert not snapshots or away.tolist() == [(day - snapshots[order[0]]).days]


def snapshot(id_: str, day: date, kind: str = "origins") -> Snapshot:
    return Snapshot(id_, kind, "pyasn", day, "file")


OLD4 = snapshot("old4", date(2008, 5, 1))
NEW = snapshot("new", date(2014, 5, 13))
NEW6 = snapshot("new6", date(2014, 5, 13))
NAMES08 = snapshot("names08", date(2008, 1, 1), "names")
NAMES20 = snapshot("names20", date(2020, 1, 1), "names")
TABLES = {
    "old4": table_of("9.0.0.0/8 1_2", "198.51.100.0/24 3", "11.0.0.0/8 64512"),
    "new": table_of("9.0.0.0/8 7", "9.1.0.0/16 8"),
    "new6": table_of("2a00::/32 9"),
}
SNAPSHOTS = [NAMES20, NEW, NEW6, OLD4, NAMES08]


def sightings(*rows: tuple[str | None, date | None]) -> pa.RecordBatch:
    listed = [
        {
            "delivery": b"d",
            "address": None if address is None else pack_address(address),
            "first": None if day is None else datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC),
            "asn": 4711,
        }
        for address, day in rows
    ]
    return pa.RecordBatch.from_pylist(listed, schema=SIGHTINGS.schema)


@pytest.mark.parametrize(
    ("address", "day", "expected"),
    [
        ("9.1.2.3", date(2010, 1, 1), (1, 2, "9.0.0.0/8", "old4", 610)),
        ("9.1.2.3", date(2014, 5, 13), (8, 1, "9.1.0.0/16", "new", 0)),
        ("9.1.2.3", date(2007, 6, 1), (1, 2, "9.0.0.0/8", "old4", -335)),
        ("12.0.0.1", date(2010, 1, 1), (None, 0, None, "old4", 610)),
        ("198.51.100.7", date(2010, 1, 1), (None, 0, None, "old4", 610)),
        ("2a00::1", date(2010, 1, 1), (9, 1, "2a00::/32", "new6", -1593)),
        ("2b00::1", date(2015, 5, 13), (None, 0, None, "new6", 365)),
        ("9.1.2.3", None, (None, None, None, None, None)),
        (None, date(2010, 1, 1), (None, None, None, None, None)),
    ],
)
def test_a_sighting_is_attributed_by_the_snapshot_of_its_day_and_family(
    address: str | None, day: date | None, expected: tuple[object, ...]
) -> None:
    batch = sightings(("9.9.9.9", date(2020, 1, 1)), (address, day))
    filled = attribute(batch, SNAPSHOTS, TABLES.__getitem__)
    assert filled.schema == SIGHTINGS.schema
    row = filled.slice(1).to_pylist()[0]
    assert tuple(row[name] for name in FILLED) == expected
    assert row["delivery"] == b"d"


def test_without_any_snapshot_everything_is_unknown_and_columns_are_added_where_missing() -> None:
    bare = sightings(("9.9.9.9", date(2020, 1, 1))).select(["address", "first"])
    filled = attribute(bare, [], TABLES.__getitem__)
    assert [filled.to_pylist()[0][name] for name in FILLED] == [None] * 5
    assert attribute(sightings(), SNAPSHOTS, TABLES.__getitem__).num_rows == 0


def test_only_tables_that_are_needed_are_opened() -> None:
    opened: list[str] = []

    def open_table(id_: str) -> OriginTable:
        opened.append(id_)
        return TABLES["old4"]

    days = [snapshot(f"old4-{number}", date(2009 + number, 1, 1)) for number in range(40)]
    attribute(sightings(("9.9.9.9", date(2009, 1, 1))), [OLD4, *days], open_table)
    assert {"old4-0", "old4"} <= set(opened)
    assert len(set(opened)) == 1 + NEAR
    assert attribute(sightings(), SNAPSHOTS, open_table).num_rows == 0


def full(size: int, asn: int) -> OriginTable:
    """Every other /24 of 16.0.0.0 and on, ``size`` of them."""
    return table_of(*(f"{16 + (k >> 15)}.{k >> 7 & 255}.{2 * k & 255}.0/24 {asn}" for k in range(size)))


PARTS = {
    "apr": full(3000, 1),
    "test": table_of("16.0.0.0/24 666"),
    "test2": table_of("16.0.2.0/24 666", "2a00::/32 5"),
    "jun": full(9000, 2),
    "then": full(1100, 3),
}
APR, TEST, TEST2 = (snapshot(n, date(2008, m, 1)) for n, m in (("apr", 4), ("test", 5), ("test2", 5)))
JUN, THEN = snapshot("jun", date(2008, 6, 1)), snapshot("then", date(2002, 1, 1))


@pytest.mark.parametrize(
    ("lake", "said_by"),
    [
        pytest.param([APR, TEST], "apr", id="a test table beside a whole one"),
        pytest.param([APR, TEST, TEST2, JUN], "apr", id="two of them between whole ones"),
        pytest.param([TEST, JUN], "jun", id="the whole one is later"),
        pytest.param([TEST], "test", id="alone in its lake it answers"),
        pytest.param([TEST, TEST2], "test2", id="nor are tests parts of each other"),
        pytest.param([THEN, TEST], "then", id="years before, smaller, and whole"),
    ],
)
def test_a_part_of_a_table_attributes_nothing(lake: list[Snapshot], said_by: str) -> None:
    row = attribute(sightings(("16.0.0.9", date(2008, 5, 20))), lake, PARTS.__getitem__).to_pylist()[0]
    assert row["snapshot"] == said_by
    shown = answer("16.0.0.9", date(2008, 5, 20), lake, PARTS.__getitem__, NAMES.__getitem__)
    assert shown.snapshot is not None
    assert shown.snapshot.id == said_by


def test_a_table_that_grew_with_the_net_is_whole() -> None:
    assert not is_part(THEN, [THEN, JUN], 4, PARTS.__getitem__)
    assert is_part(TEST, [TEST, THEN, JUN], 4, PARTS.__getitem__)
    assert not is_part(TEST2, [TEST2, JUN], 6, PARTS.__getitem__), "nobody near has any IPv6"


NAMES = {
    "names08": NameTable.compile(pa.table({"asn": [2, 1, 1], "name": ["Second", "Étienne", "again"]})),
    "names20": NameTable.compile(pa.table({"asn": [1, 8], "name": ["Renamed", "Eighth"]})),
}


@pytest.mark.parametrize(
    ("asn", "day", "name"),
    [
        (1, date(2010, 1, 1), ("Étienne", "names08", 731)),
        (1, date(2020, 1, 1), ("Renamed", "names20", 0)),
        (2, date(2021, 1, 1), ("Second", "names08", 4749)),
        (8, date(2010, 1, 1), ("Eighth", "names20", -3652)),
        (99, date(2010, 1, 1), None),
    ],
)
def test_a_name_is_of_the_best_list_that_knows_it(
    asn: int, day: date, name: tuple[str, str, int] | None
) -> None:
    found = name_at(asn, day, SNAPSHOTS, NAMES.__getitem__)
    assert (found and (found.name, found.snapshot.id, found.days)) == name


def test_names_survive_their_arrays() -> None:
    again = NameTable.from_arrays(NAMES["names08"].arrays())
    assert (again.name(1), again.name(2), again.name(3), again.name(0)) == ("Étienne", "Second", None, None)


def ask(address: str, day: date = date(2010, 1, 1), snapshots: list[Snapshot] = SNAPSHOTS) -> Answer:
    return answer(address, day, snapshots, TABLES.__getitem__, NAMES.__getitem__)


def test_one_address_answered_in_full() -> None:
    got = ask("9.1.2.3")
    assert (got.prefix, got.asn, got.origins, got.name) == ("9.0.0.0/8", 1, (1, 2), "Étienne")
    assert (got.snapshot, got.days, got.special, got.doubt, got.unannounced) == (OLD4, 610, None, None, False)
    assert "private use" in (ask("11.0.0.1").doubt or "")
    assert ask("2A00:0:0::1").address == "2a00::1"
    assert ask("2a00::1").snapshot == NEW6


def test_an_address_of_nobody_is_unannounced_and_says_why_where_one_knows() -> None:
    test_net, plain, blind = ask("198.51.100.7"), ask("12.0.0.1"), ask("9.1.2.3", snapshots=[NAMES08])
    assert (test_net.asn, test_net.prefix, test_net.unannounced) == (None, None, True)
    assert "TEST-NET-2" in (test_net.special or "")
    assert (plain.unannounced, plain.special) == (True, None)
    assert (blind.unannounced, blind.snapshot, blind.days) == (False, None, None)
    with pytest.raises(ValueError, match="not"):
        ask("not an address")


@pytest.fixture(scope="session")
def real(data_dir: Path) -> Callable[[str], OriginTable]:
    def load(name: str) -> OriginTable:
        data = gzip.decompress((data_dir / "routing" / "origins" / name).read_bytes())
        known = detect(data[:4096], name)
        assert known is not None
        return OriginTable.compile(
            pa.Table.from_batches([batch for _, batch in known.read(io.BytesIO(data))])
        )

    return load


@pytest.mark.data
def test_the_network_of_mccolo_in_the_real_table_of_2008(real: Callable[[str], OriginTable]) -> None:
    table = real("ipasn_20080501_v12.dat.gz")
    prefixes = [row for row in announced_prefixes(table).to_pylist() if 26780 in row["asns"]]
    assert {row["prefix"]: row["size"] for row in prefixes} == {
        "208.66.192.0/22": 1024,
        "208.72.168.0/21": 1792,
        "208.72.173.0/24": 256,
    }
    networks = announced_networks(table).to_pydict()
    assert dict(zip(networks["asn"], networks["announced4"], strict=True))[26780] == 3072
    assert origin(table, "208.72.173.1") == ("208.72.173.0/24", (26780,))


@pytest.mark.data
@pytest.mark.parametrize("name", ["ipasn_20080501_v12.dat.gz", "ipasn6_20151101.dat.gz"])
def test_real_tables_answer_as_pyasn_does(
    real: Callable[[str], OriginTable], data_dir: Path, name: str, tmp_path: Path
) -> None:
    pyasn = pytest.importorskip("pyasn", reason="pyasn is not installed: pip install '.[bench]'")
    plain = tmp_path / "table.dat"
    plain.write_bytes(gzip.decompress((data_dir / "routing" / "origins" / name).read_bytes()))
    peer = pyasn.pyasn(str(plain))
    table = real(name)
    packed = pa.array(edges_and_strangers(table), pa.binary())
    for address, special, got in zip(
        packed.to_pylist(), bogons.is_bogon(packed), origins(table, packed), strict=True
    ):
        asn, prefix = peer.lookup(show_address(address))
        assert got == (None if special or asn is None else (prefix, (asn,)))


def edges_and_strangers(table: OriginTable) -> list[bytes]:
    """Places where the answer changes, the ones just before them, and addresses drawn from everywhere."""
    drawn = np.random.default_rng(20080501)
    places = np.concatenate([table.starts4, table.starts4 - np.uint32(1), drawn.integers(0, 2**32, 300_000)])
    four = [
        b"\0" * 10 + b"\xff\xff" + int(value).to_bytes(4, "big") for value in drawn.choice(places, 10_000)
    ]
    six = (
        [key.ljust(16, b"\0") for key in drawn.choice(table.starts6, 3000).tolist()]
        if table.covers(6)
        else []
    )
    near = [(int.from_bytes(key, "big") + step) % 2**128 for key in six for step in (-1, 1, 2**64 + 1)]
    return four + six + [value.to_bytes(16, "big") for value in near]

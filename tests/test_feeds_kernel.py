"""Feed records to table rows: exact schemas, and the real listings, all accounted for."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from depeer import tables
from depeer.errors import BadUsage
from depeer.model import pack_address
from depeer.sources.feeds import Told, by_format, detect
from depeer.sources.feeds.kernel import SKIPPED, FeedTables, read_feeds
from depeer.sources.piece import Piece
from test_feeds import COF, DETECTED, FEODO_CSV, INTELMQ

SCHEMA = pa.schema(
    [tables.RAW.schema.field(n) for n in ("batch", "delivery", "sensor", "kind", "context", "bytes")]
)


def raw(pieces: list[Piece], kind: str, sensor: str = "feed", batch: int = 3) -> pa.RecordBatch:
    rows = [
        {
            "batch": batch,
            "delivery": b"%016d" % n,
            "sensor": sensor,
            "kind": kind,
            "context": p.context,
            "bytes": p.data,
        }
        for n, p in enumerate(pieces)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def read(data: bytes, name: str, format: str) -> FeedTables:
    return read_feeds(raw(list(by_format(format).split(BytesIO(data), Told(name=name))), format))


@pytest.mark.parametrize("data, name, format, records", DETECTED)
def test_rows_have_the_schemas_of_the_lake(data: bytes, name: str, format: str, records: int) -> None:
    found = read(data, name, format)
    assert found.listings.schema.equals(tables.LISTINGS.schema)
    assert found.resolutions.schema.equals(tables.RESOLUTIONS.schema)
    assert found.skipped.schema.equals(SKIPPED)
    assert found.skipped.num_rows == 0
    assert found.listings.num_rows + found.resolutions.num_rows > 0


def test_a_listing_row() -> None:
    row = read(FEODO_CSV, "x.csv", "feodo-csv").listings.to_pylist()[0]
    first, last = row.pop("first"), row.pop("last")
    assert row == {
        "batch": 3, "delivery": b"0000000000000000", "feed": "feed", "subject": "address", "entry": "192.0.2.1",
        "address": pack_address("192.0.2.1"), "length": 32, "asn": None, "role": "controller", "family": "Dridex",
        "port": 443, "basis": "interval",
    }  # fmt: skip
    assert (first.isoformat(), last.isoformat()) == ("2024-01-17T07:30:05+00:00", "2024-03-04T00:00:00+00:00")


def test_records_with_several_facts_keep_their_delivery() -> None:
    found = read(COF, "x", "cof")
    deliveries = found.resolutions.column("delivery").to_pylist()
    assert deliveries == [b"%016d" % n for n in (0, 1, 1, 2)]
    both = read(INTELMQ, "x", "intelmq")
    assert both.resolutions.column("delivery").to_pylist() == [b"%016d" % n for n in (0, 3)]
    assert both.listings.num_rows == 5


def test_several_kinds_in_one_batch_and_none_at_all() -> None:
    one = raw(list(by_format("cof").split(BytesIO(COF), Told())), "cof", "pdns")
    two = raw(list(by_format("feodo-csv").split(BytesIO(FEODO_CSV), Told())), "feodo-csv", "feodo")
    mixed = pa.Table.from_batches([one, two]).combine_chunks().to_batches()[0]
    found = read_feeds(mixed)
    assert set(found.listings.column("feed").to_pylist()) == {"feodo"}
    assert set(found.resolutions.column("feed").to_pylist()) == {"pdns"}
    empty = read_feeds(one.slice(0, 0))
    assert (empty.listings.num_rows, empty.resolutions.num_rows, empty.skipped.num_rows) == (0, 0, 0)
    assert empty.listings.schema.equals(tables.LISTINGS.schema)


def test_what_cannot_be_read_is_named_with_its_reason() -> None:
    found = read_feeds(raw([Piece(0, "line 1", b"{"), Piece(1, "line 2", COF.split(b"\n")[0])], "cof"))
    assert found.skipped.to_pylist() == [
        {"batch": 3, "delivery": b"0000000000000000", "reason": "it is not valid JSON."}
    ]
    assert found.resolutions.num_rows == 1
    with pytest.raises(BadUsage, match="'mail'"):
        read_feeds(raw([Piece(0, "line 1", b"{")], "mail"))


REAL = {
    "feodotracker-c2_intervals.csv.xz": Counter({("address", "controller", "interval"): 12_417}),
    "spamhaus_listing_intervals_2018_2024.csv.xz": Counter(
        {("prefix", None, "interval"): 3_575, ("asn", None, "interval"): 765}
    ),
    "blackbook_domains.csv.xz": Counter({("domain", None, "snapshot"): 18_151}),
    "maltrail_ip_indicators_subset.csv.xz": Counter({("address", None, "snapshot"): 7_637}),
    "maltrail_dated_domains_subset.csv.xz": Counter({("domain", None, "snapshot"): 12_653}),
}


@pytest.mark.parametrize("name", REAL)
def test_real_listings_are_read_to_the_last_line(name: str, data_dir: Path) -> None:
    data = lzma.decompress((data_dir / "abuse" / name).read_bytes())
    base = name.removesuffix(".xz")
    feed = detect(data[:65536], base)
    assert feed is not None
    assert feed.format == "csv"
    pieces = list(feed.split(BytesIO(data), Told(name=base, day=date(2026, 1, 1))))
    assert [piece.trouble for piece in pieces if piece.trouble] == []
    found = read_feeds(raw(pieces, "csv"))
    assert len(pieces) == found.listings.num_rows == len(data.splitlines()) - 1
    columns = (found.listings.column(c).to_pylist() for c in ("subject", "role", "basis"))
    assert Counter(zip(*columns, strict=True)) == REAL[name]
    assert found.listings.column("first").null_count == 0


OTHERS = [
    "abuse/feodo_active_by_family_daily.csv", "abuse/pr0xylife_campaigns.csv", "mail/trec07p_daily_2007-06.csv",
    "routing/names/asns.csv.xz", "routing/origins/iptoasn_20260714.tsv.xz", "routing/as-rel/20080101.as-rel.txt.xz",
    "routing/mccolo_atrivo_evidence.txt", "routing/rdap/asn.json", "routing/rdap/ipv4.json",
    "effect/prop99.csv", "effect/published_takedown_figures.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_real_files_that_are_no_feeds(name: str, data_dir: Path) -> None:
    path = data_dir / name
    whole = path.read_bytes()
    data = lzma.decompress(whole) if path.suffix == ".xz" else whole
    assert detect(data[:65536], path.name.removesuffix(".xz")) is None


def test_contexts_can_be_read_again_as_json() -> None:
    for data, name, format, _ in DETECTED:
        for piece in by_format(format).split(BytesIO(data), Told(name=name)):
            assert isinstance(json.loads(piece.context or ""), dict)

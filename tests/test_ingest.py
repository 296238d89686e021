"""What comes in is accounted for, once, whatever it is packed in; and `verify` finds every damage."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from depeer.lake import Lake
from depeer.lake.intake import Tally
from depeer.lake.store import Store
from depeer.tables import DERIVED
from depeer.verbs.derive import derive
from depeer.verbs.ingest import Request, ingest
from depeer.verbs.routes import add
from depeer.verbs.verify import verify
from depeer.world import small
from lakes import ODD, SMALL, alone, content, count, mails, make_pile, tar


def _take(lake: Path, *paths: Path, sensor: str | None = None) -> tuple[int, int, int, int]:
    """Read, stored, duplicates, quarantined."""
    asked = Request([str(p) for p in paths], sensor=sensor, label="spam", jobs=1, bounds=SMALL)
    tally: Tally = ingest(lake, asked).tally
    return tally.read, tally.stored, tally.duplicates, tally.quarantined


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pile, and a lake of it with a routing table, to be copied by those who change it."""
    folder = tmp_path_factory.mktemp("made")
    make_pile(folder / "pile")
    (folder / "routes.dat").write_bytes(small.routing_table())
    add(folder / "lake", str(folder / "routes.dat"))
    assert _take(folder / "lake", folder / "pile") == (81, 75, 3, 3)
    return folder


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "lake", tmp_path / "lake"))


# ---------------------------------------------------------------------------------------- conservation


def test_every_thing_read_has_its_row_and_its_reason(made: Path) -> None:
    rows = Lake.open(made / "lake").rows("SELECT locator, reason, size FROM raw WHERE reason IS NOT NULL")
    found = {row["locator"]: (row["reason"], row["size"]) for row in rows.to_pylist()}
    assert found.keys() == {
        "pile/empty.eml",
        "pile/ipblocklist.csv: line 16",
        "pile/z.tar.gz!box/noise.bin",
    }
    assert found["pile/empty.eml"] == ("it is empty", 0)
    assert found["pile/z.tar.gz!box/noise.bin"] == ("neither mail nor a feed that depeer knows", 256 * 9)


def test_the_same_again_brings_nothing(lake: Path, made: Path) -> None:
    before = content(lake)
    assert _take(lake, made / "pile") == (81, 0, 81, 0)
    assert content(lake) == before
    assert verify(lake).ok


def test_moved_renamed_and_packed_otherwise_it_is_still_the_same(lake: Path, tmp_path: Path) -> None:
    every = mails(30)
    (tmp_path / "elsewhere").mkdir()
    renamed = tmp_path / "elsewhere" / "b.txt"
    renamed.write_bytes(b"".join(every))
    packed = tmp_path / "c.gz"
    packed.write_bytes(gzip.compress(b"".join(every)))
    (tmp_path / "Maildir" / "new").mkdir(parents=True)
    for number, mail in enumerate(every):
        (tmp_path / "Maildir" / "new" / f"{number}.host").write_bytes(alone(mail))
    archive = tar(tmp_path / "d.tgz", {f"x/{n}": alone(mail) for n, mail in enumerate(every)})
    (tmp_path / "twin-too.eml").write_bytes(ODD)
    things = renamed, packed, tmp_path / "Maildir", archive, tmp_path / "twin-too.eml"
    assert _take(lake, *things) == (121, 0, 121, 0)


def test_at_two_sensors_it_is_two_deliveries_and_its_bytes_are_held_once(tmp_path: Path) -> None:
    lake, pile = tmp_path / "lake", tmp_path / "a.mbox"
    pile.write_bytes(b"".join(mails(5)))
    assert _take(lake, pile, sensor="one") == (5, 5, 0, 0)
    assert _take(lake, pile, sensor="two") == (5, 5, 0, 0)
    assert count(lake, "SELECT * FROM mails") == count(lake, "SELECT DISTINCT delivery FROM raw") == 10
    assert count(lake, "SELECT * FROM raw WHERE bytes IS NOT NULL") == 5
    before = content(lake)
    derive(lake)  # finds the bytes of the second sensor's mail with the first's
    assert content(lake) == before
    assert verify(lake).ok


def test_equal_messages_without_arrival_are_told_apart(tmp_path: Path) -> None:
    """In an mbox by the envelope, wherever it stands; without one by the place in the source."""
    lake, times = tmp_path / "lake", (b"10:00:00", b"10:00:01", b"10:00:00")
    box = [b"From x@y.example Thu Sep  3 %s 2026\n%s\n" % (time, ODD) for time in times]
    (tmp_path / "twins.mbox").write_bytes(b"".join(box))
    assert _take(lake, tmp_path / "twins.mbox") == (3, 2, 1, 0)
    (tmp_path / "shorter.mbox").write_bytes(b"".join(box[1:]))
    assert _take(lake, tmp_path / "shorter.mbox") == (2, 0, 2, 0)
    (tmp_path / "alone.eml").write_bytes(ODD)
    assert _take(lake, tmp_path / "alone.eml") == (1, 1, 0, 0)
    assert count(lake, "SELECT DISTINCT sha256 FROM raw") == 1
    assert count(lake, "SELECT * FROM raw WHERE bytes IS NOT NULL") == 1


def test_derive_gives_what_the_ingest_gave(lake: Path) -> None:
    before = content(lake)
    made = derive(lake)
    assert content(lake) == before
    assert made.rows == {t.name: sum(before[t.name].values()) for t in DERIVED}


# -------------------------------------------------------------------------------------- planted damage


def _tamper(lake: Path, table: str, predicate: str) -> None:
    DeltaTable(str(lake / table)).delete(predicate)


def _change_bytes(lake: Path) -> None:
    raw = Lake.open(lake).store("raw")
    opened = raw.open()
    assert opened is not None
    rows = pa.table(opened.to_pyarrow_table())
    where = next(i for i, data in enumerate(rows["bytes"].to_pylist()) if data)
    data = rows["bytes"].to_pylist()
    data[where] = data[where].replace(b"e", b"3", 1)
    at = rows.schema.get_field_index("bytes")
    changed = rows.set_column(at, rows.schema.field(at), pa.array(data, pa.binary()))
    write_deltalake(opened, changed, mode="overwrite")


def _first_file(lake: Path, table: str) -> Path:
    return lake / table / next(iter(Lake.open(lake).store(table).sizes()))


def _cut_file(lake: Path) -> None:
    path = _first_file(lake, "hops")
    path.write_bytes(path.read_bytes()[:-100])


def _orphan(lake: Path) -> None:
    store = Lake.open(lake).store("links")
    row = Lake.open(lake).rows("SELECT * FROM links LIMIT 1").to_pylist()[0] | {
        "delivery": b"nobody's".ljust(16)
    }
    store.append(pa.Table.from_pylist([row], store.table.schema), {"last_batch": 9, "deriver": 1})


def _twice(lake: Path) -> None:
    store = Lake.open(lake).store("mails")
    row = Lake.open(lake).rows("SELECT * FROM mails LIMIT 1")
    store.append(row, {"last_batch": 9, "deriver": store.table.version})


def _older(lake: Path) -> None:
    Lake.open(lake).store("hops").append(
        Lake.open(lake).store("hops").table.schema.empty_table(), {"last_batch": 9, "deriver": 0}
    )


def _stray_raw(lake: Path) -> None:
    store = Lake.open(lake).store("raw")
    row = Lake.open(lake).rows("SELECT * FROM raw LIMIT 1").to_pylist()[0] | {"batch": 99}
    store.append(pa.Table.from_pylist([row], store.table.schema), {"note": "no batch"})


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a row of raw is deleted": (lambda lake: _tamper(lake, "raw", "size = 0"), r"batch \d+ said"),
    "a stored row is deleted": (
        lambda lake: _tamper(lake, "raw", "locator = 'pile/twin.eml'"),
        r"batch \d+ said",
    ),
    "a row without a batch": (_stray_raw, "batch 99 has rows, but no commit speaks of it"),
    "bytes are changed": (_change_bytes, r"the bytes of .*pile.* are not those that were read"),
    "a file is gone": (
        lambda lake: _first_file(lake, "raw").unlink(),
        "raw names a file that is gone: part-",
    ),
    "a file is cut": (
        _cut_file,
        "hops has a file that is not as it was written: part-.*; run: depeer derive",
    ),
    "a mail is deleted": (
        lambda lake: _tamper(lake, "mails", "locator = 'pile/twin.eml'"),
        "1 deliveries are missing in mails; run: depeer derive",
    ),
    "a hop is deleted": (
        lambda lake: _tamper(lake, "hops", "position = 1"),
        r"\d+ mails have more or fewer hops",
    ),
    "a sighting is deleted": (
        lambda lake: _tamper(lake, "sightings", "asn = 64502"),
        r"sightings was changed by something other than depeer \(version \d+, DELETE\); run: depeer derive",
    ),
    "a relay is deleted": (
        lambda lake: _tamper(lake, "relays", "true"),
        "relays was changed by something other",
    ),
    "an orphan": (_orphan, "1 deliveries in links have no evidence; run: depeer derive"),
    "a mail twice": (_twice, "mails has 1 rows too many; run: depeer derive"),
    "a torn file": (
        lambda lake: (lake / "raw" / "part-1.zstd.parquet#1").write_bytes(b"PAR1"),
        r"raw has 1 half-written file\(s\) of a killed writer, part-1.zstd.parquet#1 the first; harmless",
    ),
    "an older deriver": (_older, "hops was made by deriver 0, today's is 1; run: depeer derive"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_verify_finds_and_names(damage: str, lake: Path) -> None:
    plant, sentence = DAMAGES[damage]
    plant(lake)
    answer = verify(lake)
    assert not answer.ok
    failures = [check.failure for check in answer.checks if check.failure]
    assert any(pa.compute.match_substring_regex(pa.scalar(f), sentence).as_py() for f in failures), failures


def test_derive_mends_all_of_them_that_it_says_it_mends(lake: Path) -> None:
    before = content(lake)
    mended = [plant for plant, sentence in DAMAGES.values() if sentence.endswith("run: depeer derive")]
    assert len(mended) >= 6
    for plant in (DAMAGES["a hop is deleted"][0], DAMAGES["a relay is deleted"][0], *mended):
        plant(lake)
    derive(lake)
    assert content(lake) == before
    assert verify(lake).ok


def test_an_ingest_brings_an_older_derivers_table_up_to_date(lake: Path, made: Path) -> None:
    before = content(lake)
    _older(lake)
    (lake / "raw" / "part-1.zstd.parquet#1").write_bytes(b"PAR1")
    assert _take(lake, made / "pile") == (81, 0, 81, 0)
    assert content(lake) == before
    assert verify(lake).ok


# ------------------------------------------------------------------------------------ feeds and routes

FEEDS = {
    "ipblocklist.csv": (
        b"# Last updated: 2026-09-10 00:00:00 UTC\n"
        b'"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"\n'
        b'"2026-09-01 10:00:00","60.0.0.7","443","online","2026-09-10","Bot"\n'
        b'"2026-09-01 10:00:00","not an address","443","online","2026-09-10","Bot"\n',
        (2, 1, 0, 1),
    ),
    "drop_v4.json": (
        b'{"cidr":"63.20.8.0/21","sblid":"SBL1","rir":"arin"}\n{"cidr":"63.20.8.0/99","sblid":"SBL2","rir":"arin"}\n'
        b'{"type":"metadata","timestamp":1788912000,"size":99,"records":2,"copyright":"x","terms":"y"}\n',
        None,
    ),
    "passive-dns.jsonl": (
        b'{"rrname":"shop.example","rrtype":"A","rdata":"63.20.8.9","time_first":1788400000,"time_last":1788500000}\n'
        b"{broken\n",
        (2, 1, 0, 1),
    ),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_from_end_to_end(name: str, tmp_path: Path) -> None:
    data, expected = FEEDS[name]
    lake, path = tmp_path / "lake", tmp_path / name
    path.write_bytes(data)
    (tmp_path / "routes.dat").write_bytes(small.routing_table())
    add(lake, str(tmp_path / "routes.dat"))
    taken = _take(lake, path)
    assert taken[0] == sum(taken[1:])
    assert expected is None or taken == expected
    bad = (
        Lake.open(lake).rows("SELECT locator, reason FROM raw WHERE disposition = 'quarantined'").to_pylist()
    )
    assert bad
    assert all(f"{name}: line " in row["locator"] and row["reason"] for row in bad)
    said = count(lake, "SELECT * FROM listings") + count(lake, "SELECT * FROM resolutions")
    assert said >= 1
    if name == "ipblocklist.csv":
        seen = Lake.open(lake).rows("SELECT role, asn, prefix, counts FROM sightings").to_pylist()
        assert seen == [{"role": "controller", "asn": 64496, "prefix": "60.0.0.0/12", "counts": True}]
    before = content(lake)
    derive(lake)
    assert content(lake) == before
    assert _take(lake, path) == (taken[0], 0, taken[0], 0)
    assert verify(lake).ok


def test_a_table_added_later_changes_answers_openly(lake: Path, made: Path, tmp_path: Path) -> None:
    first = Lake.open(lake).rows("SELECT DISTINCT snapshot FROM sightings")["snapshot"].to_pylist()
    again = add(lake, str(made / "routes.dat"))
    assert [one.known for one in again] == [True]
    assert count(lake, "SELECT * FROM snapshots") == 1
    later = tmp_path / "later.dat"
    later.write_bytes(small.routing_table().replace(b"20260901", b"20260903").replace(b"\t64502", b"\t64510"))
    added = add(lake, str(later))
    assert [(str(one.date), one.known) for one in added] == [("2026-09-03", False)]
    used = Lake.open(lake).rows("SELECT DISTINCT snapshot FROM sightings")["snapshot"].to_pylist()
    assert set(used) == {*first, added[0].snapshot} == set(added[0].attributed)
    asked = "SELECT * FROM sightings WHERE asn = $asn AND first >= TIMESTAMPTZ '2026-09-04 00:00:00+00'"
    assert count(lake, asked, asn=64502) == 0 < count(lake, asked, asn=64510)
    assert verify(lake).ok


def test_a_killed_add_is_made_whole_by_the_next(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The routes are in, the line that makes them count is not: they are not used, and not doubled."""
    lake, append = tmp_path / "lake", Store.append

    class Killed(BaseException):
        pass

    def dies_before_the_line(store: Store, rows: pa.Table, facts: dict[str, object]) -> None:
        if store.table.name == "snapshots":
            raise Killed
        append(store, rows, facts)

    monkeypatch.setattr(Store, "append", dies_before_the_line)
    with pytest.raises(Killed):
        add(lake, str(made / "routes.dat"))
    monkeypatch.undo()
    rows = count(lake, "SELECT * FROM origins")
    assert Lake.open(lake).snapshots() == []
    added = add(lake, str(made / "routes.dat"))
    assert (added[0].known, added[0].entries) == (False, rows)
    assert count(lake, "SELECT * FROM origins") == rows == 407
    assert verify(lake).ok

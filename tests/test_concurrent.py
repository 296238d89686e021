"""Two ingests at once, and readers meanwhile: both whole, nothing twice, no reader sees half a batch."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from depeer.errors import TryAgain
from depeer.lake import Lake
from depeer.lake.lock import exclusive
from depeer.lake.store import Store
from depeer.verbs.ingest import Request, ingest
from depeer.verbs.verify import verify
from lakes import alone, content, count, mails, run_ingest

SPAWN = multiprocessing.get_context("forkserver")
WITHOUT_EVIDENCE = """
    SELECT delivery FROM mails EXCEPT SELECT delivery FROM raw
    UNION ALL (SELECT delivery FROM hops EXCEPT SELECT delivery FROM mails)
    UNION ALL (SELECT delivery FROM links EXCEPT SELECT delivery FROM mails)
    UNION ALL (SELECT delivery FROM arrivals EXCEPT SELECT delivery FROM mails)
    UNION ALL (SELECT delivery FROM sightings EXCEPT SELECT delivery FROM arrivals)
"""


def _ingesting(lake: Path, pile: Path) -> multiprocessing.process.BaseProcess:
    child = SPAWN.Process(target=run_ingest, args=(str(lake), [str(pile)], None, 1, ""))
    child.start()
    return child


def _watch(
    lake: str, over: multiprocessing.synchronize.Event, told: multiprocessing.queues.Queue[object]
) -> None:
    """Body of a reader: looks until told to stop; hands over how often it looked and what it saw amiss."""
    looks, amiss, most = 0, 0, 0
    while not over.is_set():
        if not (Path(lake) / "lake.json").exists():
            continue
        with Lake.open(Path(lake)).engine() as engine:
            amiss += engine.query(f"SELECT count(*) AS n FROM ({WITHOUT_EVIDENCE})")["n"][0].as_py()
            raw = engine.query("SELECT count(*) AS n FROM raw")["n"][0].as_py()
        amiss += raw < most
        most, looks = max(most, raw), looks + 1
    told.put((looks, amiss, most))


def test_a_batch_that_comes_while_a_reader_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst moments: a whole batch comes in just after a reader has listed one table and before the others."""
    lake, taken = tmp_path / "lake", iter([mails(4, 4 * n) for n in range(5)])

    def one_more() -> None:
        ingest(lake, Request([_mbox(tmp_path, next(taken))], jobs=1))

    one_more()
    files, coming = Store.files, False

    def slowly(store: Store) -> list[str]:
        nonlocal coming
        listed = files(store)
        if not coming and store.table.name in ("raw", "mails", "hops", "arrivals"):
            coming = True
            one_more()
            coming = False
        return listed

    monkeypatch.setattr(Store, "files", slowly)
    with Lake.open(lake).engine() as engine:
        monkeypatch.undo()
        assert engine.query(f"SELECT count(*) AS n FROM ({WITHOUT_EVIDENCE})")["n"][0].as_py() == 0
        assert engine.query("SELECT count(*) AS n FROM raw")["n"][0].as_py() > 4


def _mbox(folder: Path, messages: list[bytes]) -> str:
    (folder / "some.mbox").write_bytes(b"".join(messages))
    return str(folder / "some.mbox")


def test_a_lake_that_is_made_twice_at_once(tmp_path: Path) -> None:
    """Whoever looks while another is at it waits or helps; both end up with the same key."""
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "secret.key.4711").write_bytes(b"torn")
    (lake / "depeer.toml").write_text("")
    makers = [SPAWN.Process(target=Lake.create, args=(lake,)) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0] * 4
    assert len(bytes.fromhex(Lake.open(lake).secret.decode())) == 32


def test_a_lock_that_stays_held(tmp_path: Path) -> None:
    with exclusive(tmp_path / "lock"), pytest.raises(TryAgain, match="try again"):  # noqa: SIM117
        with exclusive(tmp_path / "lock", patience=0.05):
            pass
    with exclusive(tmp_path / "lock", patience=0.05):
        pass


def test_two_ingests_and_three_readers(tmp_path: Path) -> None:
    every, lake = mails(110), tmp_path / "lake"
    (tmp_path / "one.mbox").write_bytes(b"".join(every[:70]))
    (tmp_path / "two").mkdir()
    for number, mail in enumerate(every[40:]):
        (tmp_path / "two" / f"{number}.eml").write_bytes(alone(mail))
    over, told = SPAWN.Event(), SPAWN.Queue()
    readers = [SPAWN.Process(target=_watch, args=(str(lake), over, told)) for _ in range(3)]
    writers = [_ingesting(lake, tmp_path / "one.mbox"), _ingesting(lake, tmp_path / "two")]
    for reader in readers:
        reader.start()
    for writer in writers:
        writer.join()
    over.set()
    seen = [told.get(timeout=60) for _ in readers]
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert [amiss for _, amiss, _ in seen] == [0, 0, 0]
    assert min(looks for looks, _, _ in seen) >= 3
    assert verify(lake).ok, verify(lake)
    assert count(lake, "SELECT * FROM raw") == 140
    assert count(lake, "SELECT * FROM raw WHERE disposition = 'stored'") == 110
    assert count(lake, "SELECT * FROM sightings WHERE role = 'sender'") == 110
    one_after_the_other = tmp_path / "sequel"
    for pile in ("one.mbox", "two"):
        _ingesting(one_after_the_other, tmp_path / pile).join()
    left, right = content(lake), content(one_after_the_other)
    for name in left:
        if name not in ("raw", "mails"):  # which of two twins came first is told by its locator
            assert left[name] == right[name], name

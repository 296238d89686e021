"""What is forgotten is gone: from every table, from the disk, for ever; and the accounts still add up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from depeer.errors import BadUsage
from depeer.lake import Lake
from depeer.lake.store import Store
from depeer.verbs import forget as forgetting
from depeer.verbs.derive import derive
from depeer.verbs.forget import Forgotten, Selection, forget
from depeer.verbs.ingest import Request, ingest
from depeer.verbs.verify import verify
from lakes import content, count, holders, mails

NAME, WORDS = b"victim.77@people.example", b"unrepeatable-words-4711"
TWO_YEARS_AGO = datetime.now(UTC) - timedelta(days=730)
RECIPIENT = Selection(recipient=" Victim.77@people.example")


def _mail(
    to: bytes = NAME, when: datetime | None = datetime(2026, 9, 5, 12, tzinfo=UTC), words: bytes = WORDS
) -> bytes:
    stamp = format_datetime(when).encode() if when else b"no day"
    return (
        b"Received: from host.sender.example (unknown [60.1.2.3])\n\tby mx1.trap.example with SMTP id %b; %b\n"
        b"From: offer@sender.example\nTo: %b\nSubject: for %b only\nMessage-ID: <%b@sender.example>\n"
        b"Content-Type: text/html\n\n<a href='http://pills.example/u?%b'>%b</a>\n"
    ) % (words, stamp, to, to, words, to, words)


def _eml(folder: Path, name: str, data: bytes) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return str(folder / name)


def _take(lake: Path, *paths: str, sensor: str | None = None) -> dict[str, int]:
    asked = Request(paths, sensor=sensor, label="spam", jobs=1)
    answer = ingest(lake, asked)
    return {"stored": answer.tally.stored, "quarantined": answer.tally.quarantined} | answer.reasons


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forget")
    (folder / "others.mbox").write_bytes(b"".join(mails(20)))
    secret = _eml(folder / "pile", "secret.eml", _mail())
    _take(folder / "lake", str(folder / "others.mbox"), secret)
    _take(folder / "lake", secret, sensor="second")
    assert len(holders(folder / "lake", NAME)) >= 4
    return folder


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "lake", tmp_path / "lake"))


def _is_gone(lake: Path) -> None:
    assert holders(lake, NAME) == holders(lake, WORDS) == []
    assert count(lake, "SELECT * FROM mails") == 20
    assert count(lake, "SELECT * FROM raw WHERE sha256 IS NOT NULL AND disposition = 'stored'") == 20
    assert count(lake, "SELECT * FROM forgotten") == 2
    assert [check.failure for check in verify(lake).checks if check.failure] == []


def _is_refused(lake: Path, made: Path) -> None:
    again = _take(lake, str(made / "pile"))
    assert again == {"stored": 0, "quarantined": 1, "forgotten on purpose; see the table forgotten": 1}
    assert holders(lake, NAME) == holders(lake, WORDS) == []
    assert verify(lake).ok
    before = content(lake)
    derive(lake)
    assert content(lake) == before


def _sha(lake: Path, column: str) -> str:
    row = Lake.open(lake).rows(f"SELECT hex({column}) AS h FROM raw WHERE locator LIKE '%secret.eml'")
    return str(row["h"][0].as_py()).lower()


@pytest.mark.parametrize(
    "select",
    [
        lambda lake: Selection(hashes=(_sha(lake, "sha256"),)),
        lambda lake: Selection(hashes=("00" * 32, _sha(lake, "delivery"))),
        lambda lake: RECIPIENT,
    ],
    ids=["content", "delivery", "recipient"],
)
def test_it_is_gone_for_good(select: Callable[[Path], Selection], lake: Path, made: Path) -> None:
    (lake / ".spill").mkdir()
    (lake / ".spill" / "of-a-killed-query.tmp").write_bytes(NAME)
    (lake / "raw" / "part-of-a-killed-writer.zstd.parquet").write_bytes(b"")
    selection = select(lake)
    assert forget(lake, selection, "asked to").contents == 1
    _is_gone(lake)
    if selection is RECIPIENT:
        _is_refused(lake, made)


def test_the_key_and_the_reason_are_all_that_is_kept(lake: Path) -> None:
    forget(lake, RECIPIENT, "a letter of 5 May")
    rows = Lake.open(lake).rows("SELECT * FROM forgotten").to_pylist()
    assert {row["reason"] for row in rows} == {"a letter of 5 May"}
    assert {row["day"] for row in rows} == {datetime.now(UTC).date()}
    assert {(row["batch"], row["disposition"]) for row in rows} == {(0, "stored"), (1, "stored")}
    assert all(len(row["keyed_hash"]) == 32 for row in rows)


def test_forgetting_nothing_changes_nothing(lake: Path) -> None:
    before = content(lake)
    assert forget(lake, Selection(recipient="nobody@people.example"), "x").contents == 0
    assert content(lake) == before
    assert verify(lake).ok


def test_everything_can_be_forgotten(lake: Path, made: Path) -> None:
    assert forget(lake, Selection(before=date(2100, 1, 1)), "the end").contents == 21
    assert count(lake, "SELECT * FROM mails") == count(lake, "SELECT * FROM sightings") == 0
    assert verify(lake).ok
    derive(lake)
    assert verify(lake).ok
    assert _take(lake, str(made / "others.mbox"))["quarantined"] == 20
    assert verify(lake).ok


def test_quarantined_evidence_is_forgotten_by_recipient_too(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    noise = _eml(tmp_path / "pile", "noise.bin", b"\x00\x01\x02" + NAME.upper() + WORDS)
    assert _take(lake, noise)["quarantined"] == 1
    assert forget(lake, RECIPIENT, "x") == Forgotten(1, 1, 1)
    assert holders(lake, WORDS) == []
    assert verify(lake).ok


def test_by_age_only_what_is_older_in_all_its_deliveries_goes(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    last, first = datetime(2026, 8, 31, 23, 59, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    old = _eml(tmp_path / "pile", "old.eml", _mail(words=b"the-old", when=last))
    young = _eml(tmp_path / "pile", "young.eml", _mail(words=b"the-young", when=first))
    undated = _eml(tmp_path / "pile", "undated.eml", b"From: a@sender.example\nSubject: x\n\nthe-undated\n")
    _take(lake, old, young, undated)
    answer = forget(lake, Selection(before=date(2026, 9, 1)), "x")
    assert (answer.contents, answer.undated) == (1, 1)
    assert holders(lake, b"the-old") == []
    assert holders(lake, b"the-young") != [] != holders(lake, b"the-undated")


def test_expired_by_what_each_sensor_keeps(tmp_path: Path) -> None:
    """A content that a sensor without a bound holds as well stays."""
    lake = tmp_path / "lake"
    alone, shared = (
        _eml(tmp_path / "pile", f"{name}.eml", _mail(words=name.encode(), when=TWO_YEARS_AGO))
        for name in ("alone-old", "shared-old")
    )
    recent = _eml(
        tmp_path / "pile", "recent.eml", _mail(words=b"recent", when=datetime.now(UTC) - timedelta(days=5))
    )
    _take(lake, alone, shared, recent, sensor="bounded")
    _take(lake, shared, sensor="unbounded")
    assert forget(lake, Selection(expired=True), "x").contents == 0
    with (lake / "depeer.toml").open("a") as file:
        file.write("[sensors.bounded]\nretention_days = 365\n")
    assert forget(lake, Selection(expired=True), "expired").contents == 1
    assert holders(lake, b"alone-old") == []
    assert holders(lake, b"shared-old") != [] != holders(lake, b"recent")
    assert verify(lake).ok


class Killed(BaseException):
    """Stands for a kill: nothing catches it, so the disk stays as it was at that moment."""


@pytest.mark.parametrize(
    "step", [1, 4, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 2, 3, 5, 6, 7, 8))]
)
def test_a_forget_that_was_cut_short_is_finished_by_the_next(
    step: int, lake: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the note, after the n-th table was cleaned, or before the files were removed."""
    left = step

    def cut(original: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*words: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return original(*words)

        return wrapper

    monkeypatch.setattr(forgetting, "_finish", cut(forgetting._finish))
    monkeypatch.setattr(Store, "delete", cut(Store.delete))
    monkeypatch.setattr(Store, "vacuum", cut(Store.vacuum))
    with pytest.raises(Killed):
        forget(lake, RECIPIENT, "asked to")
    monkeypatch.undo()
    if step < 2:
        assert "1 contents were to be forgotten and are still there" in str(verify(lake))
    forget(lake, Selection(recipient="nobody@people.example"), "another")
    _is_gone(lake)
    if step == 3:
        _is_refused(lake, made)


def test_an_ingest_after_a_forget_that_was_cut_short(
    lake: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evidence is deleted, the old file is still there: the next ingest removes it."""

    def killed(_: Store) -> None:
        raise Killed

    monkeypatch.setattr(Store, "vacuum", killed)
    with pytest.raises(Killed):
        forget(lake, RECIPIENT, "asked to")
    monkeypatch.undo()
    assert "no version names" in str(verify(lake))
    _take(lake, str(made / "pile"))
    assert not [name for name in holders(lake, WORDS) if (lake / "raw" / name).exists()]


@pytest.mark.parametrize(
    "selection, sentence",
    [
        (Selection(), "say what to forget"),
        (Selection(hashes=("beef",)), "neither a SHA-256"),
        (Selection(hashes=("g" * 64,)), "neither a SHA-256"),
    ],
)
def test_what_cannot_be_meant(selection: Selection, sentence: str, lake: Path) -> None:
    with pytest.raises(BadUsage, match=sentence):
        forget(lake, selection, "x")

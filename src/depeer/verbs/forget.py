"""``depeer forget``: take contents out of the lake for good, and keep the accounts straight.

First the keyed hashes are kept, then the evidence is deleted, then what was derived from it, then the
files are removed from disk. A forget that was cut short is finished by the next.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from depeer.errors import BadUsage
from depeer.lake import Lake, derive
from depeer.lake.engine import SPILL
from depeer.lake.intake import keyed_hash, unfinished
from depeer.lake.settle import settle
from depeer.tables import DERIVED, FORGOTTEN

_HEX = re.compile(r"[0-9a-fA-F]{64}|[0-9a-fA-F]{32}")

_BY_HASH = "SELECT DISTINCT sha256 FROM raw WHERE hex(sha256) IN $hashes OR hex(delivery) IN $hashes"
_BY_RECIPIENT = "SELECT DISTINCT sha256 FROM mails WHERE list_contains(recipients, $recipient)"
_BYTES = "SELECT sha256, bytes, envelope FROM raw WHERE sha256 IS NOT NULL"
_OLDER = """
    WITH aged AS (
        SELECT m.sha256, a.received,
               coalesce($before, list_extract($oldest, list_position($sensors, m.sensor))) AS oldest
        FROM mails m JOIN arrivals a ON a.delivery = m.delivery
    )
    SELECT sha256 FROM aged GROUP BY sha256
    HAVING count(received) > 0 AND bool_and(received IS NULL OR coalesce(received < oldest, false))
"""
"""A content goes when all its dated deliveries are older than ``$before``, or than what their sensors keep; one
without any date stays, and is counted by _UNDATED."""
_UNDATED = """
    SELECT count(*) AS n FROM (SELECT m.sha256 FROM mails m JOIN arrivals a ON a.delivery = m.delivery
                               GROUP BY m.sha256 HAVING count(a.received) = 0)
"""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Contents forgotten, rows of evidence deleted, files removed from disk.

    ``undated`` counts contents whose age nobody knows: they stay, where an age was asked for.
    """

    contents: int
    rows: int
    files: int
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What to forget: any of these; ``expired`` means what is older than its sensor's retention."""

    hashes: tuple[str, ...] = ()
    recipient: str | None = None
    before: date | None = None
    expired: bool = False


def forget(root: Path, selection: Selection, reason: str) -> Forgotten:
    """Forget what ``selection`` names; ``reason`` is kept with the keyed hash. Raises BadUsage, NotFound."""
    _check(selection)
    lake = Lake.open(root)
    with lake.writing():
        derive.catch_up(lake)
        settle(lake)
        contents = _selected(lake, selection)
        _note(lake, contents, reason)
        rows = _finish(lake)
        settle(lake)
        files = [name for table in ("raw", *(t.name for t in DERIVED)) for name in lake.store(table).vacuum()]
        shutil.rmtree(lake.root / SPILL, ignore_errors=True)  # what a killed query left
        aged = selection.before or selection.expired
        undated = lake.rows(_UNDATED)["n"][0].as_py() if aged else 0
    return Forgotten(len(contents), rows, len(files), undated)


def _check(selection: Selection) -> None:
    if not (selection.hashes or selection.recipient or selection.before or selection.expired):
        raise BadUsage("say what to forget: --hash, --recipient, --before or --expired")
    for text in selection.hashes:
        if not _HEX.fullmatch(text):
            raise BadUsage(f"{text!r} is neither a SHA-256 (64 hex digits) nor a delivery (32 hex digits)")


def _selected(lake: Lake, selection: Selection) -> set[bytes]:
    found: set[bytes] = set()

    def add(statement: str, **parameters: object) -> None:
        found.update(lake.rows(statement, **parameters)["sha256"].to_pylist())

    if selection.hashes:
        add(_BY_HASH, hashes=[text.upper() for text in selection.hashes])
    if selection.recipient:
        recipient = selection.recipient.strip().lower()
        add(_BY_RECIPIENT, recipient=recipient)
        found |= _holding(lake, recipient.encode())
    if selection.before:
        add(_OLDER, before=_midnight(selection.before), sensors=[], oldest=[])
    if selection.expired:
        keeping = [s for s in lake.description.sensors.values() if s.retention_days]
        today = datetime.now(UTC).date()
        oldest = [_midnight(today - timedelta(days=s.retention_days or 0)) for s in keeping]
        if keeping:
            add(_OLDER, before=None, sensors=[s.name for s in keeping], oldest=oldest)
    return found


def _holding(lake: Lake, words: bytes) -> set[bytes]:
    """Contents that have ``words`` in plain in their bytes or envelope, in quarantine too."""
    found: set[bytes] = set()
    with lake.engine() as engine:
        for rows in engine.stream(_BYTES, rows=1024):
            columns = (rows[name].to_pylist() for name in ("sha256", "bytes", "envelope"))
            for sha, data, envelope in zip(*columns, strict=True):
                if words in (data or b"").lower() or words in (envelope or b"").lower():
                    found.add(sha)
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _note(lake: Lake, contents: set[bytes], reason: str) -> None:
    """One row for each row of raw that will go, unless a forget that was cut short has noted it already."""
    noted = set(lake.rows("SELECT keyed_hash FROM forgotten")["keyed_hash"].to_pylist())
    rows = lake.rows("SELECT sha256, batch, disposition FROM raw WHERE sha256 IS NOT NULL").to_pylist()
    key, today = lake.secret, datetime.now(UTC).date()
    new = [
        {
            "keyed_hash": hashed,
            "batch": row["batch"],
            "disposition": row["disposition"],
            "reason": reason,
            "day": today,
        }
        for row in rows
        if row["sha256"] in contents and (hashed := keyed_hash(key, row["sha256"])) not in noted
    ]
    if new:
        lake.store("forgotten").append(pa.Table.from_pylist(new, FORGOTTEN.schema), {"forgot": len(contents)})


def _finish(lake: Lake) -> int:
    """Delete all evidence whose keyed hash is noted, and all that was derived from it."""
    gone = pa.array(unfinished(lake), pa.binary())
    rows = lake.store("raw").delete("sha256", gone, {"forgot": len(gone)})
    for table in DERIVED:
        if "delivery" in table.schema.names:
            orphans = lake.rows(
                f"SELECT DISTINCT delivery FROM {table.name} EXCEPT "  # noqa: S608
                "SELECT delivery FROM raw WHERE disposition = 'stored'"
            )["delivery"].combine_chunks()
            lake.store(table.name).delete("delivery", orphans, {"forgot": len(orphans)})
    return rows

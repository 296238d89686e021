"""``depeer forget``: take contents out of the lake for good, and keep the accounts straight.

First the keyed hashes are kept, then the evidence is deleted, then what was derived from it, then the
files are removed from disk. A forget that was cut short is finished by the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from depeer.errors import BadUsage
from depeer.lake import Lake, derive
from depeer.lake.intake import keyed_hash
from depeer.lake.settle import settle
from depeer.tables import DERIVED, FORGOTTEN

_HEX = re.compile(r"[0-9a-fA-F]{64}|[0-9a-fA-F]{32}")

_BY_HASH = "SELECT DISTINCT sha256 FROM raw WHERE hex(sha256) IN $hashes OR hex(delivery) IN $hashes"
_BY_RECIPIENT = """
    SELECT DISTINCT sha256 FROM mails WHERE list_contains(recipients, $recipient)
"""
_BEFORE = """
    SELECT m.sha256 FROM mails m JOIN arrivals a ON a.delivery = m.delivery
    WHERE m.sensor = $sensor OR $sensor IS NULL
    GROUP BY m.sha256 HAVING max(a.received) < $before
"""
"""A content goes when all its deliveries are older; one without any date stays (and `verify` counts it)."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Contents forgotten, rows of evidence deleted, files removed from disk."""

    contents: int
    rows: int
    files: int


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
    return Forgotten(len(contents), rows, len(files))


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
        add(_BY_RECIPIENT, recipient=selection.recipient.strip().lower())
    if selection.before:
        add(_BEFORE, before=_midnight(selection.before), sensor=None)
    if selection.expired:
        for sensor in lake.description.sensors.values():
            if sensor.retention_days:
                oldest = datetime.now(UTC).date() - timedelta(days=sensor.retention_days)
                add(_BEFORE, before=_midnight(oldest), sensor=sensor.name)
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
    noted = set(lake.rows("SELECT keyed_hash FROM forgotten")["keyed_hash"].to_pylist())
    key = lake.secret
    held = lake.rows("SELECT DISTINCT sha256 FROM raw WHERE sha256 IS NOT NULL")["sha256"].to_pylist()
    gone = pa.array([sha for sha in held if keyed_hash(key, sha) in noted], pa.binary())
    rows = lake.store("raw").delete("sha256", gone, {"forgot": len(gone)})
    for table in DERIVED:
        if "delivery" in table.schema.names:
            orphans = lake.rows(
                f"SELECT DISTINCT delivery FROM {table.name} EXCEPT "  # noqa: S608
                "SELECT delivery FROM raw WHERE disposition = 'stored'"
            )["delivery"].combine_chunks()
            lake.store(table.name).delete("delivery", orphans, {"forgot": len(orphans)})
    return rows

"""``depeer routes``: routing tables and names come in, by hand or fetched, and answers change openly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from depeer.errors import BadInput, BadUsage, DepeerError, NoRoom
from depeer.fetch.patience import Patience
from depeer.fetch.public_sources import ASNAMES, SOURCES, Source
from depeer.fetch.routes import fetch as fetch_source
from depeer.fetch.routes import sources_for
from depeer.lake import Lake, derive
from depeer.lake.gate import gate_of
from depeer.lake.settle import settle
from depeer.lake.store import reader
from depeer.piles import Member, Refusal, open_pile
from depeer.piles.names import base_name
from depeer.routing.whole import is_part
from depeer.sources import origins
from depeer.sources.origins import Format, Reading
from depeer.tables import AS_NAMES, ORIGINS, RELATIONSHIPS, SNAPSHOTS, UPLINKS, Table

_TABLES = {
    "origins": ORIGINS,
    "names": AS_NAMES,
    "relationships": RELATIONSHIPS,
    "facts": RELATIONSHIPS,
    "uplinks": UPLINKS,
}
_PART_OF = {"facts": "relationships"}
"""What a file states of single networks is kept with its links."""
_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Added:
    """One kind of thing that a file gave: a snapshot that answers may name from now on.

    ``prefixes`` is None for names; ``known`` says that the very same file was there before.
    ``attributed`` counts the sightings by the snapshot that now attributes them. ``part``: a routing table that has
    far less than those near it in time, and so attributes nothing.
    """

    snapshot: str
    kind: str
    format: str
    date: date
    date_basis: str
    entries: int
    prefixes: int | None
    skipped: int
    known: bool = False
    examples: tuple[str, ...] = ()
    attributed: dict[str, int] = field(default_factory=dict)
    part: bool = False


def add(root: Path, path: str, day: date | None = None) -> list[Added]:
    """Add the file at ``path`` (plain or compressed) to the lake at ``root``.

    Raises NotFound for a missing file, BadInput for a format that is not known.
    """
    with ExitStack() as open_files:
        member = _first(path, open_files)
        known = origins.detect(member.head, base_name(member.locator))
        if known is None:
            raise BadInput(
                f"{member.locator} is no routing table or name list that depeer knows "
                f"({', '.join(f.format for f in origins.FORMATS)}); is it the right file?"
            )
        told, basis = _day(member, known, path, day)
        lake, digest = Lake.create(root), _digest(path)
        with lake.writing():
            there = _known(lake, digest)
            if there:
                return there
            added = _take(lake, member, known, told, basis, digest)
            derive.catch_up(lake)
            settle(lake)
    return [_with_attribution(lake, one) for one in added]


def add_all(root: Path, paths: Sequence[str], day: date | None = None) -> tuple[list[Added], dict[str, str]]:
    """Add files, and of folders every file that is a routing table or name list, in the order of their names.

    Returns what was added, and what of a folder was not, with the reason. Raises as ``add`` does for a file that was
    named itself.
    """
    added: list[Added] = []
    left: dict[str, str] = {}
    for path in paths:
        if not Path(path).is_dir():
            added += add(root, path, day)
            continue
        for file in sorted(one for one in Path(path).iterdir() if one.is_file()):
            try:
                added += add(root, str(file), day)
            except BadInput as error:
                left[str(file)] = str(error)
    return added, left


def snapshots(root: Path) -> list[dict[str, object]]:
    """What was added, newest day first, as rows of the table ``snapshots``."""
    lake = Lake.open(root)
    gate = gate_of(lake)  # a file's name may be anything
    rows = lake.rows("SELECT * FROM snapshots ORDER BY day DESC, snapshot").to_pylist()
    return [{**row, "source": gate.text(row["source"])} for row in rows]


def _first(path: str, open_files: ExitStack) -> Member:
    """The first file of the pile; it can be read until ``open_files`` is closed."""
    pile = open_pile([path])
    open_files.callback(pile.close)
    for member in pile:
        if isinstance(member, Refusal):
            raise BadInput(f"{member.locator} cannot be read: {member.reason}")
        return member
    raise BadInput(f"{path} holds no file")


def _day(member: Member, known: Format, path: str, day: date | None) -> tuple[date, str]:
    if day is not None:
        return day, "given"
    said = known.day(member.head, base_name(member.locator))
    if said is not None:
        return said, "file"
    return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC).date(), "clock"


def _digest(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _known(lake: Lake, digest: bytes) -> list[Added]:
    rows = lake.rows("SELECT * FROM snapshots WHERE sha256 = $digest", digest=digest).to_pylist()
    return [
        Added(
            row["snapshot"], row["kind"], row["format"], row["day"], row["day_basis"], row["entries"],
            row["prefixes"], row["skipped"], known=True,
        )
        for row in rows
    ]  # fmt: skip


def _take(lake: Lake, member: Member, known: Format, day: date, basis: str, digest: bytes) -> list[Added]:
    """Rows first, then the line in ``snapshots`` that makes them count; leftovers of a killed add go first."""
    reading = known.read(cast("BinaryIO", member.stream))
    ids = {kind: f"{kind}-{day.isoformat()}-{digest.hex()[:8]}" for kind in known.kinds}
    for kind, snapshot in ids.items():
        lake.store(_TABLES[kind].name).delete("snapshot", pa.array([snapshot]), {"retried": snapshot})
    counts = _append(lake, reading, ids)
    if not any(counts.values()):
        raise BadInput(f"{member.locator} looks like {known.format}, but not one line of it can be used")
    added = [
        Added(
            ids[kind], kind, known.format, day, basis, counts[kind],
            _prefixes(lake, ids[kind]) if kind == "origins" else None, reading.skips.count,
            examples=tuple(reading.skips.examples),
        )
        for kind in known.kinds
        if counts[kind]
    ]  # fmt: skip
    rows = [_snapshot_row(one, member, digest) for one in added]
    lake.store("snapshots").append(
        pa.Table.from_pylist(rows, SNAPSHOTS.schema), {"added": base_name(member.locator)}
    )
    return added


def _append(lake: Lake, reading: Reading, ids: dict[str, str]) -> dict[str, int]:
    """One pass over the file: what it is mainly for streams to disk, the rest (little) is gathered."""
    main = _TABLES[next(iter(ids))]
    rest: dict[str, list[pa.RecordBatch]] = {}
    counts = dict.fromkeys(ids, 0)

    def rows() -> Iterator[pa.RecordBatch]:
        for kind, batch in reading:
            table = _TABLES[kind]
            if kind in counts:
                counts[kind] += batch.num_rows
            marked = _marked(batch, ids[_PART_OF.get(kind, kind)], table)
            if table is main:
                yield marked
            else:
                rest.setdefault(table.name, []).append(marked)

    lake.store(main.name).append(reader(main, rows()), {"snapshot": next(iter(ids.values()))})
    for name, batches in rest.items():
        lake.store(name).append(pa.Table.from_batches(batches), {"snapshot": next(iter(ids.values()))})
    return counts


def _marked(batch: pa.RecordBatch, snapshot: str, table: Table) -> pa.RecordBatch:
    columns = [
        pa.repeat(pa.scalar(snapshot), batch.num_rows) if name == "snapshot" else batch[name]
        for name in table.schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _prefixes(lake: Lake, snapshot: str) -> int:
    found = lake.rows(
        "SELECT count(*) AS n FROM (SELECT DISTINCT first, last FROM origins WHERE snapshot = $snapshot)",
        snapshot=snapshot,
    )
    return int(found["n"][0].as_py())


def _snapshot_row(one: Added, member: Member, digest: bytes) -> dict[str, object]:
    return {
        "snapshot": one.snapshot,
        "kind": one.kind,
        "format": one.format,
        "day": one.date,
        "day_basis": one.date_basis,
        "source": member.locator,
        "sha256": digest,
        "entries": one.entries,
        "prefixes": one.prefixes,
        "skipped": one.skipped,
        "added": datetime.now(UTC),
    }


def _with_attribution(lake: Lake, one: Added) -> Added:
    if one.kind != "origins":
        return one
    rows = lake.rows(
        "SELECT coalesce(snapshot, 'none') AS snapshot, count(*) AS n FROM sightings GROUP BY 1 ORDER BY 1"
    )
    counts = dict(zip(rows["snapshot"].to_pylist(), rows["n"].to_pylist(), strict=True))
    return replace(one, attributed=counts, part=_is_part(lake, one.snapshot))


def _is_part(lake: Lake, snapshot: str) -> bool:
    """In each family that it covers at all."""
    tables = [each for each in lake.snapshots() if each.kind == "origins"]
    mine = next(each for each in tables if each.id == snapshot)
    families = [family for family in (4, 6) if lake.origin_table(snapshot).covers(family)]
    return all(is_part(mine, tables, family, lake.origin_table) for family in families)


@dataclass(frozen=True, slots=True)
class Brought:
    """A public source asked: the file it gave and what that added, or why it gave none."""

    source: str
    url: str | None
    sha256: str | None
    added: tuple[Added, ...]
    failure: str | None = None


def fetch(
    root: Path,
    day: date | None = None,
    *,
    bases: Mapping[str, str] | None = None,
    patience: Patience | None = None,
    watch: Callable[[str], None] = lambda _: None,
) -> list[Brought]:
    """Download the public sources for ``day`` (today where None) and add them to the lake at ``root``.

    A past day has RouteViews tables only; names are always today's, and say so where they are shown.
    ``bases`` replaces the address of a source by its name (a mirror). One that fails does not stop the others.
    Raises BadUsage for a day to come and for a source that there is not.
    """
    patience = patience or Patience()
    today = patience.now().date()
    asked = day or today
    if asked > today:
        raise BadUsage(f"{asked} is in the future")
    unknown = sorted((bases or {}).keys() - {source.name for source in SOURCES})
    if unknown:
        names = ", ".join(source.name for source in SOURCES)
        raise BadUsage(f"--base {unknown[0]}=… names no source; there are {names}")
    Lake.create(root)
    wanted = [(source, asked) for source in sources_for(asked, today)]
    if asked != today:
        wanted.append((ASNAMES, today))
    return [
        _bring(root, source, when, (bases or {}).get(source.name), patience, watch) for source, when in wanted
    ]


def _bring(
    root: Path, source: Source, day: date, base: str | None, patience: Patience, watch: Callable[[str], None]
) -> Brought:
    watch(f"{source.name} for {day}")
    try:
        got = fetch_source(source, day, root / "fetched", patience, base)
        watch(f"adding {got.path.name}")
        return Brought(source.name, got.url, got.sha256.hex(), tuple(add(root, str(got.path))))
    except NoRoom:
        raise
    except DepeerError as error:
        return Brought(source.name, None, None, (), str(error))

"""The lake: one folder with its format number, its description, its tables and one lock."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa

from depeer.errors import BadInput, LakeTooNew, NotFound
from depeer.lake import compiled, description, whole
from depeer.lake.engine import Engine
from depeer.lake.lock import exclusive
from depeer.lake.store import Store, disk_errors
from depeer.model import Snapshot
from depeer.routing.asof import preference
from depeer.routing.graph import Graph
from depeer.routing.names import NameTable
from depeer.routing.origin_table import OriginTable
from depeer.routing.whole import is_part
from depeer.tables import LAKE_FORMAT, TABLES

_MARK, _KEY, _WORDS, _LOCK = "lake.json", "secret.key", "depeer.toml", ".lock"
_IN_THE_MAKING = re.compile(r"(?:secret\.key|depeer\.toml|lake\.json)(?:\.\d+)?|\.lock")
"""Names that a folder may hold in which somebody is making a lake, or was killed over it."""


class Lake:
    """Open it with ``Lake.open`` (must exist) or ``Lake.create`` (made where it does not)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._origin_tables: dict[str, OriginTable] = {}
        self._name_tables: dict[str, NameTable] = {}
        self._graphs: dict[str, Graph] = {}

    @classmethod
    def open(cls, root: Path) -> Lake:
        """Raises NotFound where there is no lake, LakeTooNew where a newer depeer wrote it."""
        number = _format(root)
        if number > LAKE_FORMAT:
            raise LakeTooNew(
                f"{root} has lake format {number}, this depeer knows up to {LAKE_FORMAT}; install a newer depeer"
            )
        return cls(root)

    @classmethod
    def create(cls, root: Path) -> Lake:
        """The lake at ``root``, made where there is none. Raises BadInput for a folder that holds other things.

        Several may make it at once, and one that was killed over it leaves a folder that the next finishes.
        """
        with disk_errors(root):
            if (root / _MARK).exists():
                return cls.open(root)
            if root.exists() and (not root.is_dir() or _strangers(root)):
                raise BadInput(f"{root} exists and is no lake; choose an empty or a new folder with --lake")
            root.mkdir(parents=True, exist_ok=True)
            with exclusive(root / _LOCK):
                whole.write_once(root / _KEY, secrets.token_hex(32).encode(), 0o600)
                description.write_head(root / _WORDS)
                whole.write_once(root / _MARK, json.dumps({"format": LAKE_FORMAT}).encode(), 0o644)
        return cls.open(root)

    @property
    def description(self) -> description.Description:
        return description.read(self.root / _WORDS)

    @property
    def secret(self) -> bytes:
        """The key of the keyed hashes in ``forgotten``; it never leaves the lake."""
        try:
            return (self.root / _KEY).read_bytes()
        except OSError as error:
            raise BadInput(
                f"{self.root / _KEY} cannot be read ({error.strerror}); without it nobody can tell what was "
                "forgotten: put it back from a backup"
            ) from error

    def trust(self, sensor: str, trusted: tuple[str, ...]) -> bool:
        """Write given relays of a sensor into ``depeer.toml``; False where they stood there already."""
        with self.writing():
            return description.set_trusted(self.root / _WORDS, sensor, trusted)

    def store(self, name: str) -> Store:
        return Store(self.root, TABLES[name])

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one lock of the lake."""
        with exclusive(self.root / _LOCK):
            yield

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """SQL over the tables as they are now."""
        engine = Engine(self.root, TABLES.values())
        try:
            yield engine
        finally:
            engine.close()

    def rows(self, statement: str, **parameters: object) -> pa.Table:
        """The answer to one statement, in a session of its own."""
        with self.engine() as engine:
            return engine.query(statement, parameters)

    def snapshots(self, engine: Engine | None = None) -> list[Snapshot]:
        """What was added by ``routes add``, of every kind, oldest first; asked of ``engine`` where there is one."""
        if not self.store("snapshots").files():
            return []
        found = (engine.query if engine else self.rows)("SELECT * FROM snapshots ORDER BY day, snapshot")
        return [
            Snapshot(row["snapshot"], row["kind"], row["format"], row["day"], row["source"])
            for row in found.to_pylist()
        ]

    def origin_table(self, snapshot: str) -> OriginTable:
        """The compiled routing table of a snapshot, memory-mapped; compiled at its first use."""
        if snapshot not in self._origin_tables:
            self._origin_tables[snapshot] = compiled.load_or_build(
                self.root / "compiled" / snapshot,
                lambda: self.rows(
                    "SELECT first, last, length, asns FROM origins WHERE snapshot = $snapshot",
                    snapshot=snapshot,
                ),
                OriginTable.compile,
                OriginTable.from_arrays,
            )
        return self._origin_tables[snapshot]

    def graph(self, snapshot: str) -> Graph:
        """The compiled relationship graph of a snapshot, in the same way."""
        if snapshot not in self._graphs:
            self._graphs[snapshot] = compiled.load_or_build(
                self.root / "compiled" / snapshot,
                lambda: self.rows(
                    "SELECT * FROM relationships WHERE snapshot = $snapshot", snapshot=snapshot
                ),
                Graph.compile,
                Graph.from_arrays,
            )
        return self._graphs[snapshot]

    def as_of(self, kind: str, day: date) -> Snapshot | None:
        """The snapshot of a kind that answers for ``day``; None where the lake holds none of the kind. Of routing
        tables one that is no part; for IPv4 where there is any of that."""
        found = [snapshot for snapshot in self.snapshots() if snapshot.kind == kind]
        best = [found[index] for index in preference(day, [snapshot.day for snapshot in found])]
        if kind == "origins":
            best = self._whole(best)
        return best[0] if best else None

    def _whole(self, snapshots: list[Snapshot]) -> list[Snapshot]:
        """Those that answer for IPv4, or for IPv6 where none does, in the same order."""
        for family in (4, 6):
            some = [one for one in snapshots if self.origin_table(one.id).covers(family)]
            if some:
                return [one for one in some if not is_part(one, some, family, self.origin_table)]
        return []

    def name_table(self, snapshot: str) -> NameTable:
        """The compiled names of a snapshot, in the same way."""
        if snapshot not in self._name_tables:
            self._name_tables[snapshot] = compiled.load_or_build(
                self.root / "compiled" / snapshot,
                lambda: self.rows(
                    "SELECT asn, name FROM as_names WHERE snapshot = $snapshot", snapshot=snapshot
                ),
                NameTable.compile,
                NameTable.from_arrays,
            )
        return self._name_tables[snapshot]


def _format(root: Path) -> int:
    """The lake's format number. Raises NotFound, BadInput."""
    mark = root / _MARK
    try:
        number = json.loads(mark.read_text("utf-8"))["format"]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"there is no lake at {root}; make one with: depeer ingest PATH --lake {root}"
        ) from None
    except OSError as error:
        raise BadInput(f"{mark} cannot be read ({error.strerror}); check who may read it") from error
    except (ValueError, KeyError, TypeError):
        number = None
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadInput(f'{mark} is damaged; write {{"format": {LAKE_FORMAT}}} into it')
    return number


def _strangers(root: Path) -> bool:
    return any(not _IN_THE_MAKING.fullmatch(path.name) for path in root.iterdir())

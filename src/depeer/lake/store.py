"""One Delta table: open, append, overwrite, delete, history. The only file that calls delta-rs to write.

Commits carry what they are about in their own metadata (batch, counts, deriver version), so that data
and account of it can never part. The log is kept for ever: it is the ledger that ``verify`` checks.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import (
    BloomFilterProperties,
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError

from depeer import __version__
from depeer.errors import BadInput, NoRoom, NotFound
from depeer.tables import Table

_APPLICATION = "depeer"
_SPARE = 2**20
"""Bytes that a commit's log and small files may take."""
BY = "depeer"
"""The fact that every commit of ours carries: the version of depeer that made it."""
WHOLE = "whole"
"""The fact of a commit that put the table in place anew: nothing before it matters any more."""


def _configuration(table: Table) -> dict[str, str | None]:
    """The log is kept for ever, so it must not hold what can be forgotten: no column statistics but the first's
    (Delta writes the least and greatest value of every column into it, subjects and recipients too)."""
    return {
        "delta.logRetentionDuration": "interval 36500 days",
        "delta.enableExpiredLogCleanup": "false",
        "delta.dataSkippingStatsColumns": table.columns[0].name,
    }


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a table: its version and what the writer said of it."""

    version: int
    facts: Mapping[str, str]


class Store:
    """A lake table on disk. Cheap to make; the table itself is opened anew for each call."""

    def __init__(self, root: Path, table: Table) -> None:
        self.table = table
        self.path = root / table.name

    def open(self) -> DeltaTable | None:
        """The table as it is now; None where nothing was ever committed. Raises BadInput for a damaged log."""
        if not any((self.path / "_delta_log").glob("[0-9]*.json")):
            return None
        try:
            return DeltaTable(str(self.path))
        except DeltaError as error:
            remedy = "restore it from a backup" if self.table.kept else "remove it and run: depeer derive"
            raise BadInput(f"the log of {self.path} is damaged; {remedy}") from error

    def version(self) -> int:
        """Version of the newest commit; -1 where there is none."""
        opened = self.open()
        return -1 if opened is None else opened.version()

    def files(self) -> list[str]:
        opened = self.open()
        return [] if opened is None else opened.file_uris()

    def sizes(self) -> dict[str, int]:
        """Bytes that each file of the newest version had when it was written, by its name."""
        opened = self.open()
        if opened is None:
            return {}
        files = pa.table(opened.get_add_actions(flatten=True))
        return dict(zip(files["path"].to_pylist(), files["size_bytes"].to_pylist(), strict=True))

    def append(self, rows: pa.Table | pa.RecordBatchReader, facts: Mapping[str, Any]) -> None:
        """Add ``rows`` in one commit; ``facts`` are kept with it."""
        opened = self.open()
        with disk_errors(self.path):
            _need_room(self.path, rows)
            write_deltalake(
                opened if opened is not None else str(self.path),
                rows,
                mode="append",
                configuration=None if opened is not None else _configuration(self.table),
                writer_properties=_properties(self.table),
                commit_properties=_commit(facts, self.version() + 1),
            )

    def overwrite(self, rows: pa.Table | pa.RecordBatchReader, facts: Mapping[str, Any]) -> None:
        """Put ``rows`` in the place of all there were, in one commit."""
        opened = self.open()
        with disk_errors(self.path):
            _need_room(self.path, rows)
            write_deltalake(
                opened if opened is not None else str(self.path),
                rows,
                mode="overwrite",
                schema_mode="overwrite",
                configuration=None if opened is not None else _configuration(self.table),
                writer_properties=_properties(self.table),
                commit_properties=_commit({**facts, WHOLE: "yes"}, self.version() + 1),
            )

    def delete(self, column: str, values: pa.Array, facts: Mapping[str, Any]) -> int:
        """Delete the rows whose ``column`` is among ``values``; returns how many."""
        opened = self.open()
        if opened is None or not len(values):
            return 0
        with disk_errors(self.path):
            metrics = (
                opened.merge(
                    pa.table({column: values}),
                    predicate=f"target.{column} = source.{column}",
                    source_alias="source",
                    target_alias="target",
                    writer_properties=_properties(self.table),
                    commit_properties=_commit(facts, None),
                )
                .when_matched_delete()
                .execute()
            )
        return int(metrics.get("num_target_rows_deleted") or 0)

    def vacuum(self) -> list[str]:
        """Remove at once every file that the newest version does not name, torn ones included."""
        opened = self.open()
        if opened is None:
            return []
        with disk_errors(self.path):
            removed = opened.vacuum(
                retention_hours=0,
                dry_run=False,
                enforce_retention_duration=False,
                full=True,
                commit_properties=_commit({}, None),
            )
            torn = self.torn()
            for name in torn:
                (self.path / name).unlink()
        return removed + torn

    def unnamed(self) -> list[str]:
        """Names of data files that the newest version does not name: of killed writers, or replaced since."""
        if not self.path.is_dir():
            return []
        named = self.sizes()
        return sorted(p.name for p in self.path.glob("*.parquet") if p.name not in named)

    def torn(self) -> list[str]:
        """Names of half-written files that a killed writer left (delta-rs ends them in ``#1``, ``#2`` …)."""
        if not self.path.is_dir():
            return []
        return sorted(p.name for p in self.path.iterdir() if p.is_file() and "parquet#" in p.name)

    def history(self, limit: int | None = None) -> list[Commit]:
        """Commits, newest first."""
        opened = self.open()
        if opened is None:
            return []
        return [
            Commit(int(entry["version"]), {k: v for k, v in entry.items() if isinstance(v, str)})
            for entry in opened.history(limit)
        ]

    def last(self, fact: str) -> str | None:
        """The newest value of ``fact`` among the commits."""
        step = 8
        while True:
            commits = self.history(step)
            for commit in commits:
                if fact in commit.facts:
                    return commit.facts[fact]
            if len(commits) < step:
                return None
            step *= 8


def _need_room(path: Path, rows: pa.Table | pa.RecordBatchReader) -> None:
    """Raises OSError before a write that cannot fit: delta-rs panics on the terminal when it meets a full disk."""
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    needed = _SPARE + (rows.nbytes if isinstance(rows, pa.Table) else 0)
    if shutil.disk_usage(there).free < needed:
        raise OSError(errno.ENOSPC, f"less than {needed} bytes left")


def _commit(facts: Mapping[str, Any], version: int | None) -> CommitProperties:
    transactions = None if version is None else [Transaction(_APPLICATION, version)]
    return CommitProperties(
        custom_metadata={key: str(value) for key, value in facts.items()} | {BY: __version__},
        app_transactions=transactions,
    )


def _properties(table: Table) -> WriterProperties:
    """zstd everywhere; small row groups where single rows with their bytes are fetched by hash."""
    if table.name != "raw":
        return WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=131_072)
    bloom = ColumnProperties(bloom_filter_properties=BloomFilterProperties(True, 0.01, 1024))
    return WriterProperties(
        compression="ZSTD",
        compression_level=1,
        max_row_group_size=1024,
        column_properties={
            "sha256": bloom,
            "delivery": bloom,
            "bytes": ColumnProperties(dictionary_enabled=False),
        },
    )


class disk_errors:  # noqa: N801 - a context manager, used like a function
    """Turns a full disk and one that may not be written, however delta-rs words it, into NoRoom or NotFound."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError | DeltaError):
            return
        if _says(error, _FULL, _FULL_WORDS):
            raise NoRoom(
                f"no room to write to {self._path}: free some space there and run the same command again; "
                "what was already stored is safe"
            ) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise NotFound(f"there is no folder {self._path.parent}; make it first") from error
        if _says(error, _CLOSED, _CLOSED_WORDS):
            raise NoRoom(
                f"{self._path} may not be written: change who may, or choose another place, and run the same "
                "command again"
            ) from error


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("No space left", "os error 28", "quota exceeded", "os error 27", "File too large")
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EISDIR)
_CLOSED_WORDS = ("Permission denied", "os error 13", "Read-only file system", "os error 30")


def _says(error: BaseException, numbers: tuple[int, ...], words: tuple[str, ...]) -> bool:
    if isinstance(error, OSError) and error.errno in numbers:
        return True
    return any(word in str(error) for word in words)


def reader(table: Table, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """The batches as a stream of the table's schema, so that any number of rows can be written flat."""
    return pa.RecordBatchReader.from_batches(table.schema, batches)

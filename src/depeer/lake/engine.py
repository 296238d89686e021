"""SQL over all tables of a lake, by DuckDB. Executes statements; owns none but its own views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from depeer.errors import TryAgain
from depeer.lake.store import Store
from depeer.tables import VIEWS, Table

_WORD = re.compile(r"\w+")
SPILL = ".spill"
_MEMORY_LIMIT = "512MB"
"""The engine spills to disk beyond it, so that a query over a large lake stays small."""


class Engine:
    """A DuckDB session over the files that the tables had when it was made.

    Writers commit evidence first and then what was derived from it, in the order of ``tables``. The files are
    listed the other way round, so that a reader meanwhile never sees anything derived without its evidence.
    """

    def __init__(self, root: Path, tables: Iterable[Table], threads: int = 2) -> None:
        self._tables = {table.name: table for table in tables}
        self._root = root
        self._connection = duckdb.connect()
        self._shown: set[str] = set()
        self.refresh()
        for setting in (
            "SET TimeZone = 'UTC'",
            f"SET memory_limit = '{_MEMORY_LIMIT}'",
            f"SET threads = {threads}",
            f"SET temp_directory = '{_quoted(str(root / SPILL))}'",
            "SET enable_progress_bar = false",
            "SET preserve_insertion_order = false",
        ):
            self._connection.execute(setting)

    def refresh(self) -> None:
        """Look at the tables as they are now; a new session would take ten times as long."""
        for name in self._shown:
            self._connection.unregister(name)
        self._shown.clear()
        self._files = {
            name: Store(self._root, table).files() for name, table in reversed(self._tables.items())
        }

    def _show_named(self, statement: str) -> None:
        """Make the tables that a statement names known; opening all of them takes longer than most answers."""
        for name in sorted(set(_WORD.findall(statement)) - self._shown):
            if name in VIEWS:
                self._show_named(VIEWS[name])
                self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {VIEWS[name]}")
            elif name in self._tables:
                self._show(self._tables[name], self._files[name])
            self._shown.add(name)

    def _show(self, table: Table, files: list[str]) -> None:
        """A table without files has its schema all the same, so that every statement holds on an empty lake."""
        if not files:
            self._connection.register(table.name, table.schema.empty_table())
            return
        listed = ", ".join(f"'{_quoted(f)}'" for f in files)
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {table.name} AS "  # noqa: S608 - names and files are our own
            f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true)"
        )

    def query(self, statement: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The whole answer as one Arrow table. Raises TryAgain where a file is gone or damaged."""
        with _reading():
            self._show_named(statement)
            relation = self._connection.sql(statement, params=_used(statement, parameters))
            return relation.to_arrow_table()

    def stream(
        self, statement: str, parameters: Mapping[str, Any] | None = None, rows: int = 65_536
    ) -> pa.RecordBatchReader:
        """The answer in batches; the next statement has to wait until it is read to its end."""
        with _reading():
            self._show_named(statement)
            relation = self._connection.sql(statement, params=_used(statement, parameters))
            return relation.to_arrow_reader(rows)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        if isinstance(error, duckdb.InvalidInputException) and ".parquet" not in str(error):
            raise
        raise TryAgain(
            "a file of the lake cannot be read; if nobody is rebuilding it just now, find out what is wrong with: "
            "depeer verify"
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise TryAgain(f"the answer needs more memory or disk than there is ({error})") from error


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _used(statement: str, parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """DuckDB refuses parameters that a statement does not name."""
    if not parameters:
        return None
    return {key: value for key, value in parameters.items() if f"${key}" in statement}

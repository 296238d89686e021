"""SQL over all tables of a lake, by DuckDB. Executes statements; owns none but its own views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from depeer.lake.store import Store
from depeer.tables import VIEWS, Table

_MEMORY_LIMIT = "512MB"
"""The engine spills to disk beyond it, so that a query over a large lake stays small."""


class Engine:
    """A DuckDB session over the files that the tables had when it was made.

    Writers commit evidence first and then what was derived from it, in the order of ``tables``. The files are
    listed the other way round, so that a reader meanwhile never sees anything derived without its evidence.
    """

    def __init__(self, root: Path, tables: Iterable[Table], threads: int = 2) -> None:
        self._stores = {table.name: Store(root, table) for table in tables}
        self._connection = duckdb.connect()
        for setting in (
            "SET TimeZone = 'UTC'",
            f"SET memory_limit = '{_MEMORY_LIMIT}'",
            f"SET threads = {threads}",
            f"SET temp_directory = '{_quoted(str(root / '.spill'))}'",
            "SET enable_progress_bar = false",
            "SET preserve_insertion_order = false",
        ):
            self._connection.execute(setting)
        for store in reversed(self._stores.values()):
            self._show(store)
        for name, statement in VIEWS.items():
            self._connection.execute(f"CREATE OR REPLACE VIEW {name} AS {statement}")

    def _show(self, store: Store) -> None:
        """A table without files has its schema all the same, so that every statement holds on an empty lake."""
        files = store.files()
        if not files:
            self._connection.register(store.table.name, store.table.schema.empty_table())
            return
        listed = ", ".join(f"'{_quoted(f)}'" for f in files)
        columns = ", ".join(f'"{c.name}"' for c in store.table.columns)
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {store.table.name} AS "  # noqa: S608 - names and files are our own
            f"SELECT {columns} FROM read_parquet([{listed}], union_by_name = true)"
        )

    def query(self, statement: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The whole answer as one Arrow table."""
        relation = self._connection.sql(statement, params=_used(statement, parameters))
        return relation.to_arrow_table()

    def stream(
        self, statement: str, parameters: Mapping[str, Any] | None = None, rows: int = 65_536
    ) -> pa.RecordBatchReader:
        """The answer in batches; the next statement has to wait until it is read to its end."""
        relation = self._connection.sql(statement, params=_used(statement, parameters))
        return relation.to_arrow_reader(rows)

    def close(self) -> None:
        self._connection.close()


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _used(statement: str, parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """DuckDB refuses parameters that a statement does not name."""
    if not parameters:
        return None
    return {key: value for key, value in parameters.items() if f"${key}" in statement}

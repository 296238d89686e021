"""``depeer derive``: make every derived table anew from the evidence, each swapped in whole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from depeer.lake import Lake
from depeer.lake import derive as lake_derive
from depeer.lake.pool import Pool
from depeer.lake.settle import settle
from depeer.tables import DERIVED


@dataclass(frozen=True, slots=True)
class Derived:
    """Rows of each derived table now, how long it took, and how many left-over files were removed."""

    rows: dict[str, int]
    seconds: float
    removed: int


def derive(root: Path, jobs: int | None = None) -> Derived:
    """Rebuild the derived tables of the lake at ``root``; the kept ones are only read."""
    started = time.monotonic()
    lake = Lake.open(root)
    pool = Pool(jobs)
    try:
        with lake.writing():
            lake_derive.rebuild(lake, pool.map)
            settle(lake, anew=True)
            removed = lake_derive.clean(lake)
    finally:
        pool.close()
    with lake.engine() as engine:
        rows = {
            table.name: int(engine.query(f"SELECT count(*) AS n FROM {table.name}")["n"][0].as_py())  # noqa: S608
            for table in DERIVED
        }
    return Derived(rows, time.monotonic() - started, len(removed))

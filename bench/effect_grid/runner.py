"""Runs that can be killed and started again: one JSON line each, those that are there are not done twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench.effect_grid import cells, score

BATCH = 4
"""Runs of one cell that a worker takes at once."""


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file of results; a last line that was cut off is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def go(
    experiment: str, grid: list[cells.Cell], out: Path, runs: int, workers: int, placebos: int, others: int
) -> None:
    """Run by run over all cells, so that at any time all cells have about as many runs."""
    _mend(out)
    done = {(row["cell"], row["run"]) for row in rows(out)}
    work = (
        (experiment, cell, batch, placebos, others)
        for first in range(0, runs, BATCH)
        for cell in grid
        if (batch := [r for r in range(first, min(first + BATCH, runs)) if (cell.name, r) not in done])
    )
    with out.open("a", encoding="utf-8") as file, ProcessPoolExecutor(workers) as pool:
        for results in _in_order(pool, work, workers):
            file.writelines(json.dumps(row) + "\n" for row in results)
            file.flush()


Work = tuple[str, cells.Cell, list[int], int, int]


def _in_order(
    pool: ProcessPoolExecutor, work: Iterator[Work], workers: int
) -> Iterator[list[dict[str, Any]]]:
    """Results in order, with never more than a few batches under way."""
    pending = []
    for one in work:
        pending.append(pool.submit(_batch, one))
        if len(pending) >= 3 * workers:
            yield pending.pop(0).result()
    for last in pending:
        yield last.result()


def _batch(work: Work) -> list[dict[str, Any]]:
    experiment, cell, numbers, placebos, others = work
    single: dict[str, Callable[[int], dict[str, Any]]] = {
        "run": lambda r: score.run(cell, r, r < placebos, r < others),
        "instruments": lambda r: score.instruments(cell, r),
        "single": lambda r: score.single(cell, r),
        "dates": lambda r: score.unprompted(cell, r),
    }
    return [single[experiment](r) for r in numbers]


def _mend(path: Path) -> None:
    """Take off a last line that was cut off."""
    if path.exists():
        whole = path.read_bytes()
        path.write_bytes(whole[: whole.rfind(b"\n") + 1])

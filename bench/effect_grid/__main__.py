"""``python -m bench.effect_grid``: run the grid, or print its tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.effect_grid import cells, runner, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.effect_grid", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, runs in (("run", 2000), ("instruments", 100), ("single", 100), ("dates", 60)):
        one = verbs.add_parser(name)
        one.add_argument("--cells", type=Path, default=cells.FILE)
        one.add_argument("--out", type=Path, required=True)
        one.add_argument("--runs", type=int, default=runs, help="runs a cell")
        one.add_argument("--workers", type=int, default=1)
        one.add_argument("--placebos", type=int, default=400, help="of them with placebo dates")
        one.add_argument("--baselines", type=int, default=200, help="of them with the baselines")
    show = verbs.add_parser("table")
    show.add_argument("--cells", type=Path, default=cells.FILE)
    for name in ("runs", "instruments", "single", "dates"):
        show.add_argument(f"--{name}", type=Path)
    words = parser.parse_args()
    grid = cells.read(words.cells)
    if words.verb == "table":
        print(table.text(grid, words.runs, words.instruments, words.single, words.dates))
    else:
        runner.go(words.verb, grid, words.out, words.runs, words.workers, words.placebos, words.baselines)


if __name__ == "__main__":
    main()

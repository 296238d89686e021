"""The tables of docs/effect.md, in Markdown, from files of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.effect_grid import runner, worlds
from bench.effect_grid.cells import Cell

Row = dict[str, Any]
Rows = Sequence[Row]

WINDOWS = ("1d", "7d", "30d")
OUTER = 0.05
"""1 − level of the intervals."""


def text(
    grid: list[Cell], runs: Path | None, instruments: Path | None, single: Path | None, dates: Path | None
) -> str:
    parts = []
    if runs is not None:
        by_cell = _grouped(runs, grid)
        parts += [_coverage(grid, by_cell), _returns(grid, by_cell), _baselines(grid, by_cell)]
    if instruments is not None:
        parts.append(_instruments(grid, _grouped(instruments, grid)))
    if single is not None:
        parts.append(_single(grid, _grouped(single, grid)))
    if dates is not None:
        parts.append(_dates(grid, _grouped(dates, grid)))
    return "\n\n".join(parts)


def _grouped(path: Path, grid: list[Cell]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {cell.name: [] for cell in grid}
    for row in runner.rows(path):
        found[row["cell"]].append(row)
    return found


def _lines(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.1f}"


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def held(row: Row, window: str, truth: int = 2) -> float:
    """1 where the interval holds the truth, 0 where it does not, NaN where there is no interval."""
    low, high, *_ = row[window]
    return float("nan") if low is None else float(low <= row[window][truth] <= high)


def refused(row: Row, window: str) -> float:
    """1 where there is no interval though the oracle has one; NaN where it has none either."""
    return float("nan") if row[window][4] is None else float(row[window][0] is None)


def width(rows: Rows, window: str) -> float:
    """Mean width over that of the oracle, on the log scale, over the runs in which both answer."""
    both = [np.array(r[window], float) for r in rows if r[window][0] is not None and r[window][4] is not None]
    table = np.log1p(-np.minimum(np.array(both), 1 - 1e-9)) if both else np.empty((0, 6))
    return (
        float((table[:, 0] - table[:, 1]).mean() / (table[:, 4] - table[:, 5]).mean())
        if both
        else float("nan")
    )


def best(row: Row, window: str) -> float:
    low, high = row[window][4:]
    return float("nan") if low is None else float(low <= row[window][2] <= high)


def _mean(values: Sequence[float]) -> float:
    known = np.array(values, float)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")


def _coverage(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    head = [
        "cell", "noise", "φ", "sensors", "runs", "1 d", "7 d", "30 d", "spam-days", "refused",
        "width 1 d", "7 d", "30 d", "oracle holds 7 d", "placebo alarms", "filter named",
    ]  # fmt: skip
    body = [
        _cover_row(cell.name, cell.noise, f"{cell.phi:g}", str(cell.sensors), by_cell[cell.name])
        for cell in grid
    ]
    everything = [r for cell in grid for r in by_cell[cell.name]]
    widths = [[width(by_cell[c.name], w) for c in grid if by_cell[c.name]] for w in WINDOWS]
    pooled = _cover_row("**all**", "", "", "", everything)
    pooled[10:13] = [_number(_mean(w)) for w in widths]
    return _lines(head, [*body, pooled])


def _cover_row(name: str, noise: str, phi: str, sensors: str, rows: Rows) -> list[str]:
    alarms = [r["placebo"] for r in rows if r.get("placebo")]
    share = sum(a for a, _ in alarms) / max(sum(n for _, n in alarms), 1) if alarms else float("nan")
    filtered = [float(r["filtered"] in r["signs"]) for r in rows if r["filtered"]]
    return [
        name, noise, phi, sensors, str(len(rows)),
        *(_percent(_mean([held(r, w) for r in rows])) for w in (*WINDOWS, "spam")),
        _percent(_mean([refused(r, w) for r in rows for w in WINDOWS])),
        *(_number(width(rows, w)) for w in WINDOWS),
        _percent(_mean([best(r, "7d") for r in rows])), _percent(share), _percent(_mean(filtered)),
    ]  # fmt: skip


def life(row: Row) -> tuple[float, float, float] | None:
    """Held, interval score, and the score of [0, seen], of the half-life, all times cut at what was seen."""
    facts = row["recovery"]
    if facts["life"] is None:
        return None
    seen = float(facts["seen"])
    true = seen if facts["half"] is None else min(facts["half"], seen)
    low = min(facts["life"][0], seen)
    high = seen if facts["life"][1] is None else min(facts["life"][1], seen)
    score = (high - low) + 2 / OUTER * (max(low - true, 0.0) + max(true - high, 0.0))
    return float(low <= true <= high), score, seen


def flat(row: Row) -> float:
    """Whether the interval of the plateau holds the true one, cut at what was seen."""
    facts = row["recovery"]
    if facts["flat"] is None:
        return float("nan")
    seen = float(facts["seen"])
    true = seen if facts["plateau"] is None else min(facts["plateau"], seen)
    low, high = facts["flat"]
    return float(low <= true <= (seen if high >= seen - 1 else high))


def _returns(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    head = [
        "cell",
        "returns",
        "half-life holds",
        "interval score",
        "that of 0 to all days seen",
        "no answer",
        "plateau holds",
    ]
    kinds: list[tuple[str, str, list[Row]]] = [
        (c.name, "yes" if c.returns else "no", by_cell[c.name]) for c in grid
    ]
    for word in ("yes", "no"):
        kinds.append(("**all**", word, [r for _, w, rows in kinds[: len(grid)] if w == word for r in rows]))
    return _lines(head, [_return_row(*kind) for kind in kinds])


def _return_row(name: str, returns: str, rows: Rows) -> list[str]:
    found = [life(r) for r in rows]
    some = np.array([f for f in found if f is not None]).reshape(-1, 3)
    nan = float("nan")
    means = some.mean(axis=0) if len(some) else [nan, nan, nan]
    absent = _mean([float(f is None) for f in found])
    return [
        name, returns, _percent(means[0]), _number(means[1]), _number(means[2]), _percent(absent),
        _percent(_mean([flat(r) for r in rows])),
    ]  # fmt: skip


def _baselines(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    some = {name: [r for r in rows if "others" in r] for name, rows in by_cell.items()}
    names = next((list(r["others"]) for rows in some.values() for r in rows), [])
    head = ["cell", "runs", "default 7 d", "30 d", *(f"{n} {w}" for n in names for w in ("7 d", "30 d"))]
    body = [_baseline_row(cell.name, names, some[cell.name]) for cell in grid]
    return _lines(head, [*body, _baseline_row("**all**", names, [r for rows in some.values() for r in rows])])


def _baseline_row(name: str, names: Sequence[str], rows: Rows) -> list[str]:
    own = [_percent(_mean([held(r, w) for r in rows])) for w in ("7d", "30d")]
    theirs = [_percent(_mean([_other(r, n, at) for r in rows])) for n in names for at in (1, 2)]
    return [name, str(len(rows)), *own, *theirs]


def _other(row: Row, name: str, at: int) -> float:
    answer = row["others"][name][at]
    return float("nan") if answer is None else float(answer[0] <= row[WINDOWS[at]][2] <= answer[1])


def _instruments(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    kinds = [*worlds.FILTERS, "alone"]
    head = [
        "cell", "runs", *(f"{kind} named" for kind in worlds.FILTERS), "another named too",
        "a drop of one sensor alone taken for a filter", "another named",
    ]  # fmt: skip
    body = [_instrument_row(cell.name, by_cell[cell.name], kinds) for cell in grid]
    everything = [r for rows in by_cell.values() for r in rows]
    return _lines(head, [*body, _instrument_row("**all**", everything, kinds)])


def _instrument_row(name: str, rows: Rows, kinds: Sequence[str]) -> list[str]:
    right = {kind: _percent(_mean([float(r[kind][0]) for r in rows])) for kind in kinds}
    wrong = _mean([float(r[kind][1] > 0) for r in rows for kind in worlds.FILTERS])
    beside = _mean([float(r["alone"][1] > 0) for r in rows])
    return [
        name, str(len(rows)), *(right[k] for k in worlds.FILTERS), _percent(wrong), right["alone"], _percent(beside),
    ]  # fmt: skip


def _single(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    names = [n for rows in by_cell.values() for r in rows[:1] for n in r if n.endswith(" d")]
    names = list(dict.fromkeys(names))
    body = [
        [c.name, c.noise, f"{c.phi:g}", str(len(by_cell[c.name])), *_single_row(by_cell[c.name], names)]
        for c in grid
    ]
    everything = [r for rows in by_cell.values() for r in rows]
    total = ["**all**", "", "", str(len(everything)), *_single_row(everything, names)]
    return _lines(["cell", "noise", "φ", "runs", *names], [*body, total])


def _single_row(rows: Rows, names: Sequence[str]) -> list[str]:
    """Share held, and the mean width on the log scale."""
    cells = []
    for name in names:
        known = [(r[name][0], r[name][1], r["truth"]) for r in rows if r[name][0] is not None]
        held = _mean([float(low <= true <= high) for low, high, true in known])
        wide = _mean([float(np.log1p(-low) - np.log1p(-min(high, 1 - 1e-9))) for low, high, _ in known])
        cells.append(f"{_percent(held)}, {_number(wide)}")
    return cells


def _dates(grid: list[Cell], by_cell: dict[str, list[Row]]) -> str:
    head = [
        "cell",
        "noise",
        "φ",
        "series-years",
        "false dates in ten",
        "drops of 40 % found within three days",
    ]
    body = [[c.name, c.noise, f"{c.phi:g}", *_date_row(by_cell[c.name])] for c in grid]
    everything = [r for rows in by_cell.values() for r in rows]
    calm = [r for c in grid if c.phi <= 0.5 for r in by_cell[c.name]]
    return _lines(
        head, [*body, ["**all**", "", "", *_date_row(everything)], ["**φ ≤ 0.5**", "", "", *_date_row(calm)]]
    )


def _date_row(rows: Rows) -> list[str]:
    false, hit = (_mean([float(r[key]) for r in rows]) for key in ("false", "hit"))
    return [str(len(rows)), _number(10 * false), _percent(hit)]

"""Real takedowns, a pause, artefacts and dates of no event: what depeer says, beside what is right.

``python -m bench.real_events [DATA]``. What is asked stands in ``docs/effect-criteria.toml``, committed before the
first run; the results in ``docs/real-events.md``. DATA is the folder of real data (else ``DEPEER_DATA``, else
``../shared/data``). Effects are effects *on a listing*.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import os
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from depeer.judgement.effect import Scorecard, assess
from depeer.measures.dates import Jump, find
from depeer.measures.effect.series import Series, from_rows

ROOT = Path(__file__).parent.parent
CRITERIA = ROOT / "docs" / "effect-criteria.toml"
Row = dict[str, str]
Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What depeer said of one event, and what of it is not as asked (empty where all is)."""

    name: str
    said: str
    wrong: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        return not self.wrong


def data() -> Path:
    return Path(os.environ.get("DEPEER_DATA", ROOT.parent / "shared" / "data"))


# ---------------------------------------------------------------------------------------------- series


def series(folder: Path, spec: Spec) -> list[Series]:
    """The sensors of an event, as the head of the criteria says."""
    return {"stock": _stock, "listed": _listed, "added": _added}[spec["kind"]](folder / "abuse", spec)


def rows(path: Path) -> list[Row]:
    """The rows of a CSV file, compressed or not."""
    text = (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8", newline="")
    with text as lines:
        return list(csv.DictReader(lines))


def _stock(folder: Path, spec: Spec) -> list[Series]:
    lines = rows(folder / spec["file"])
    days = [date.fromisoformat(row["observed_date"]) for row in lines]
    return [from_rows(days, [row[name] for row in lines], name, "listed") for name in spec["columns"]]


def _listed(folder: Path, spec: Spec) -> list[Series]:
    lines = rows(folder / spec["file"])
    spans = {
        name: [_span(row) for row in lines if row["list"] == name]  # one list, one sensor
        for name in spec["lists"]
    }
    first = min(a for part in spans.values() for a, _ in part)
    last = max(b for part in spans.values() for _, b in part)
    days = list(_days(first, last, 1))
    return [_of_spans(name, part, days, spec["empty"]) for name, part in spans.items()]


def _span(row: Row) -> tuple[date, date]:
    return date.fromisoformat(row["first_seen"]), date.fromisoformat(row["last_seen"])


def _of_spans(name: str, spans: list[tuple[date, date]], days: list[date], empty: str) -> Series:
    steps: Counter[date] = Counter(a for a, _ in spans)
    steps.subtract(Counter(b + timedelta(1) for _, b in spans))
    counts, listed, begun = [], 0, min(a for a, _ in spans)
    for day in days:
        listed += steps[day]
        unknown = day < begun or (not listed and empty == "coverage")
        counts.append(None if unknown else listed)
    return from_rows(days, counts, name, "listed")


def _added(folder: Path, spec: Spec) -> list[Series]:
    out = []
    for name, fields in spec["sensors"].items():
        lines = rows(folder / spec.get("files", {}).get(name, spec.get("file", "")))
        up = Counter(_cell(row, spec["step"]) for row in lines if _fits(row, spec.get("covered_by", {})))
        hits = Counter(_cell(row, spec["step"]) for row in lines if _fits(row, fields))
        cells = list(_days(min(up), max(up), 7 if spec["step"] == "week" else 1))
        counts = [hits[c] if c in up or spec["empty"] == "zero" else None for c in cells]
        out.append(from_rows(cells, counts, name, "added"))
    return out


def _fits(row: Row, fields: dict[str, list[str]]) -> bool:
    return all(row[name] in values for name, values in fields.items())


def _cell(row: Row, step: str) -> date:
    day = date.fromisoformat(row["observed_date"])
    return day - timedelta(day.weekday()) if step == "week" else day


def _days(first: date, last: date, step: int) -> Iterable[date]:
    return (first + timedelta(n) for n in range(0, (last - first).days + 1, step))


# ---------------------------------------------------------------------------------------------- judgement


def ask(folder: Path, event: dict[str, Any]) -> Answer:
    """depeer's answer to one event of the criteria."""
    counts = series(folder, event["series"])
    if "found" in event:
        found, _ = find(counts, 1.0), len(counts)
        return _found(event, found)
    card = assess(counts, event["date"])
    return Answer(event["name"], _said(card), tuple(_faults(event, card)), card.warnings)


def _found(event: dict[str, Any], jumps: list[Jump]) -> Answer:
    wanted = event["found"]
    named = [f"{j.when:%Y-%m-%d} {j.direction} {j.size.value:+.0%}" for j in jumps]
    hit = any(
        j.direction == wanted["direction"] and wanted["first"] <= j.when.date() <= wanted["last"]
        for j in jumps
    )
    wrong = () if hit else (f"no {wanted['direction']} {wanted['first']} to {wanted['last']}",)
    return Answer(event["name"], "dates: " + (", ".join(named) or "none"), wrong)


def _faults(event: dict[str, Any], card: Scorecard) -> Iterable[str]:
    brief = event.get("lasting") is False and card.verdict == "effect" and _half(card)[1] <= 90
    if card.verdict not in event["verdicts"] and not brief:
        yield f"verdict {card.verdict}"
    for days, least in event.get("drop_low", {}).items():
        drop = card.drop(int(days)).drop
        if drop is None or drop.low <= least:
            yield f"drop over {days} days not above {least:.0%}"
    if "half_life" in event and not _lived(card, event["half_life"]):
        yield f"half-life {_half_words(card)}, not {event['half_life']}"
    if "says" in event and not any(event["says"] in words for words in (*card.warnings, card.reason)):
        yield f"no word of {event['says']!r}"


def _half(card: Scorecard) -> tuple[float, float]:
    life = card.recovery.half_life if card.recovery else None
    return (life.low, life.high) if life else (float("inf"), float("inf"))


def _lived(card: Scorecard, wanted: str | list[float]) -> bool:
    low, high = _half(card)
    if isinstance(wanted, str):
        return card.recovery is not None and card.recovery.half_life is None
    return low <= wanted[1] and high >= wanted[0]


def _half_words(card: Scorecard) -> str:
    if card.recovery is None:
        return "none"
    life = card.recovery.half_life
    return f"{life.value:.0f} ({life.low:.0f}–{life.high:.0f}) d" if life else "not recovered"


def _said(card: Scorecard) -> str:
    drops = [
        f"{d.days} d {d.drop.value:.0%} ({d.drop.low:.0%} to {d.drop.high:.0%})"
        for d in card.drops
        if d.drop is not None
    ]
    return f"{card.verdict} | {'; '.join(drops) or 'no drop'} | {_half_words(card)} | {card.reason}"


def placebos(folder: Path, plan: dict[str, Any]) -> Answer:
    """Dates on which nothing is known to have happened."""
    counts = series(folder, plan["series"])
    said = {
        day: assess(counts, day, until=day + timedelta(plan["days_after"])).verdict for day in plan["dates"]
    }
    effects = [f"{day}" for day, verdict in said.items() if verdict == "effect"]
    words = ", ".join(f"{day}: {verdict}" for day, verdict in said.items())
    wrong = (f"effects at {', '.join(effects)}",) if len(effects) > plan["most_effects"] else ()
    return Answer("dates of no event", words, wrong)


def criteria() -> dict[str, Any]:
    return tomllib.loads(CRITERIA.read_text("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description="real events beside what is right")
    parser.add_argument("data", nargs="?", type=Path, default=data())
    parser.add_argument("--only", help="events whose name holds this")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    plan = criteria()
    events = [e for e in plan["event"] if (args.only or "") in e["name"]]
    answers = [ask(args.data, event) for event in events]
    if not args.only:
        answers.append(placebos(args.data, plan["placebo"]))
    for one in answers:
        if args.json:
            row = {"event": one.name, "said": one.said, "wrong": one.wrong, "warnings": one.warnings}
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{'as asked' if one.right else 'WRONG   '} {one.name}: {one.said}")
            for fault in one.wrong:
                print(f"         - {fault}")
    print(f"{sum(one.right for one in answers)} of {len(answers)} as asked")


if __name__ == "__main__":
    main()

"""Known shares of real spam taken out after a random day: does the interval of the drop hold what was taken?

``python -m bench.trec_removals LAKE`` on a lake that holds the TREC messages and a routing table; what is drawn,
what the truth is and what is asked stand in ``docs/effect-criteria.toml``, ``[removals]``.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depeer.judgement.effect import Scorecard, assess
from depeer.lake import Lake
from depeer.measures.effect.series import from_rows

CRITERIA = Path(__file__).parent.parent / "docs" / "effect-criteria.toml"
MESSAGES = """
SELECT CAST(first AS DATE) AS day, asn, count(DISTINCT delivery) AS messages
FROM sightings WHERE role = 'sender' AND counts AND first IS NOT NULL AND asn IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""

Counts = NDArray[np.int64]
GROUPS = 10


@dataclass(frozen=True, slots=True)
class Mail:
    """``counts`` (networks, days) of messages, and the days; ``large``: networks to be drawn from."""

    counts: Counts
    days: list[date]
    large: Counts


@dataclass(frozen=True, slots=True)
class Removal:
    """One run: what is drawn, and what is ``left`` (networks, days) of the mail."""

    chosen: Counts
    at: int
    share: float
    left: Counts


def read(root: Path, plan: dict[str, Any]) -> Mail:
    """The whole days of the plan."""
    first, last = plan["whole_days"]
    rows = [r for r in Lake.open(root).rows(MESSAGES).to_pylist() if first <= r["day"] <= last]
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    place = {asn: i for i, asn in enumerate(sorted({r["asn"] for r in rows}))}
    counts = np.zeros((len(place), len(days)), dtype=np.int64)
    for row in rows:
        counts[place[row["asn"]], (row["day"] - first).days] = row["messages"]
    return Mail(counts, days, np.flatnonzero(counts.sum(axis=1) >= plan["least_messages"]))


def draw(mail: Mail, plan: dict[str, Any], run: int) -> Removal:
    """Each message of the networks chosen is lost by itself from the day on: a binomial share of each cell."""
    dice = np.random.default_rng([plan["seed"], run])
    low, high = plan["networks"]
    chosen = dice.choice(mail.large, int(dice.integers(low, high + 1)), replace=False)
    first, last = (mail.days.index(day) for day in plan["event"])
    at = int(dice.integers(first, last + 1))
    share = float(dice.uniform(*plan["share"]))
    left = mail.counts.copy()
    after = left[chosen, at:]
    left[chosen, at:] = after - dice.binomial(after, share)
    return Removal(chosen, at, share, left)


def score(mail: Mail, removal: Removal, rows: Any, window: int) -> dict[str, Any]:
    """``rows`` picks the networks that are counted."""
    came, left = mail.counts[rows].sum(axis=0), removal.left[rows].sum(axis=0)
    part = slice(removal.at, removal.at + window)
    truth = 1 - left[part].sum() / came[part].sum()
    card = assess([from_rows(mail.days, left.tolist())], mail.days[removal.at])
    return {"truth": float(truth), "verdict": str(card.verdict), **_answer(card, float(truth), window)}


def _answer(card: Scorecard, truth: float, window: int) -> dict[str, Any]:
    drop, month = card.drop(window).drop, card.drop(30)
    refused = month.drop is None and bool(month.reason)
    if drop is None:
        return {"refused": True, "month_refused": refused}
    return {
        "refused": False,
        "month_refused": refused,
        "estimate": drop.value,
        "low": drop.low,
        "high": drop.high,
        "held": drop.low <= truth <= drop.high,
    }


def against_others(mail: Mail, removal: Removal, window: int, seed: int) -> dict[str, Any]:
    """Beyond what was asked: the other networks, in ``GROUPS`` at random, as controls that were not touched; the
    interval of the check by synthetic difference-in-differences is scored instead of the default's."""
    came, left = mail.counts[removal.chosen].sum(axis=0), removal.left[removal.chosen].sum(axis=0)
    part = slice(removal.at, removal.at + window)
    truth = float(1 - left[part].sum() / came[part].sum())
    rest = np.setdiff1d(np.arange(len(mail.counts)), removal.chosen)
    groups = np.array_split(np.random.default_rng([seed, 1]).permutation(rest), GROUPS)
    controls = [
        from_rows(mail.days, mail.counts[g].sum(axis=0).tolist(), f"others-{i}") for i, g in enumerate(groups)
    ]
    card = assess([from_rows(mail.days, left.tolist())], mail.days[removal.at], controls=controls)
    check = next(c for c in card.sensors[0].checks if c.method.startswith("synthetic"))
    row: dict[str, Any] = {
        "truth": truth,
        "verdict": str(card.verdict),
        "month_refused": card.drop(30).drop is None,
    }
    if check.drop is None:
        return row | {"refused": True}
    held = check.drop.low <= truth <= check.drop.high
    answer = {"estimate": check.drop.value, "low": check.drop.low, "high": check.drop.high, "held": held}
    return row | {"refused": False} | answer


def summary(rows: list[dict[str, Any]], plan: dict[str, Any]) -> dict[str, Any]:
    known = [r for r in rows if not r["refused"]]
    held = sum(r["held"] for r in known)
    out = {
        "runs": len(rows),
        "answered": len(known),
        "held": held,
        "covered": held / max(len(known), 1),
        "below": sum(r["truth"] < r["low"] for r in known),
        "above": sum(r["truth"] > r["high"] for r in known),
        "median_error": float(np.median([r["estimate"] - r["truth"] for r in known])),
        "median_width": float(np.median([r["high"] - r["low"] for r in known])),
        "month_refused": sum(r["month_refused"] for r in rows),
        "verdicts": {v: sum(r["verdict"] == v for r in rows) for v in sorted({r["verdict"] for r in rows})},
    }
    asked = out["covered"] >= plan["least_covered"] and out["month_refused"] == len(rows)
    return out | {"as_asked": asked and len(known) >= (1 - plan["most_refused"]) * len(rows)}


def main() -> None:
    parser = argparse.ArgumentParser(description="known shares taken out of real spam")
    parser.add_argument("lake", type=Path)
    parser.add_argument("--runs", type=int, help="fewer than the criteria say, for a look")
    parser.add_argument(
        "--controls", action="store_true", help="score the check by controls too; not asked for"
    )
    parser.add_argument("--rows", type=Path, help="write every run there, as JSON lines")
    args = parser.parse_args()
    plan = tomllib.loads(CRITERIA.read_text("utf-8"))["removals"]
    mail = read(args.lake, plan)
    removals = [draw(mail, plan, run) for run in range(args.runs or plan["runs"])]
    found = {
        "chosen": [score(mail, one, one.chosen, plan["window"]) for one in removals],
        "all": [score(mail, one, slice(None), plan["window"]) for one in removals],
    }
    if args.controls:
        seeded = enumerate(removals)
        found["chosen, by controls"] = [against_others(mail, one, plan["window"], run) for run, one in seeded]
    if args.rows:
        lines = [
            {"series": name, "run": run, "networks": len(one.chosen), "day": str(mail.days[one.at]), **row}
            for name, rows in found.items()
            for run, (one, row) in enumerate(zip(removals, rows, strict=True))
        ]
        args.rows.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    print(json.dumps({name: summary(rows, plan) for name, rows in found.items()}, indent=2))


if __name__ == "__main__":
    main()

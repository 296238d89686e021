"""Real series at dates without an event that anybody chose: how often does the interval hold 0?

``python -m bench.real_quiet [DATA]``. Takes every fourteenth day of real series, and only so many days before it,
and asks for the drop over 7 and over 30 days. Some of these days do lie beside real events, and the same series is
looked at again and again, so the share that holds has no target; it says how far an interval can be trusted outside
simulated worlds. ``--still``: as if no level were ever on its way (``statespace.MOVE``). The TREC spam is left out:
it is what ``bench.trec_removals`` asks of.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench import real_events
from depeer.judgement.effect import sensor
from depeer.measures.effect import statespace
from depeer.measures.effect.series import Series, from_rows

AHEAD, WINDOWS = (14, 28, 84, 300), (7, 30)
EVERY = 14
LEAST_MEAN = 5.0
"""A day's mean count before the date, without which it is not asked."""
SOURCES = {"urlhaus": "URLhaus", "cybercrime": "CyberCrime", "viriback": "ViriBack"}
FAMILIES = ["total", "emotet", "qakbot", "dridex", "pikabot", "trickbot", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """``off``: the log ratio over its standard error, which is half the interval's width over 1.96."""

    held: bool
    width: float
    off: float


def groups(folder: Path) -> dict[str, list[Series]]:
    """What arrives by the day, and what is listed on a day."""
    rows = real_events.rows(folder / "mail" / "trec07p_daily_2007-06.csv")[:-1]
    days = [date.fromisoformat(row["day_utc"]) for row in rows]
    ham = from_rows(days, [row["ham"] for row in rows], "ham", "messages")
    sensors = {name: {"source": [source]} for name, source in SOURCES.items()}
    added = {"kind": "added", "file": "blackbook_domains.csv.xz", "step": "day", "empty": "zero"}
    stock = {"kind": "stock", "file": "feodo_active_by_family_daily.csv", "columns": FAMILIES}
    return {
        "arriving": [ham, *real_events.series(folder, added | {"sensors": sensors})],
        "listed": real_events.series(folder, stock),
    }


def answers(series: Series, ahead: int, window: int) -> Iterator[Answer]:
    """At every ``EVERY``-th day that has ``ahead`` days before and ``window`` after it."""
    for at in range(ahead, len(series) - window + 1, EVERY):
        counts = series.counts[at - ahead : at + window]
        part = Series(series.time(at - ahead), series.step, counts, series.sensor, series.counted)
        before = counts[:ahead]
        if sensor.lacking(part, ahead) or float(np.nanmean(before)) < LEAST_MEAN:
            continue
        (one,) = sensor.prepare([(part, part, None)], ahead, 0)
        found = sensor.log_ratio(one, ahead, window, 0)
        if found is not None:
            low, high = (float(q) for q in np.quantile(found.draws, [0.025, 0.975]))
            yield Answer(low <= 0 <= high, high - low, abs(found.centre) / found.se)


def main() -> None:
    parser = argparse.ArgumentParser(description="real series at dates of no chosen event")
    parser.add_argument("data", nargs="?", type=Path, default=real_events.data())
    parser.add_argument("--still", action="store_true", help="as if no level were on its way")
    args = parser.parse_args()
    if args.still:
        statespace.MOVE = statespace.STILL
    print("| counts | days before | window | dates | hold | median width (log) | 90 % lie within |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, group in groups(args.data).items():
        for ahead in AHEAD:
            for window in (w for w in WINDOWS if w <= ahead):
                found = [a for one in group for a in answers(one, ahead, window)]
                held, width = np.mean([a.held for a in found]), np.median([a.width for a in found])
                within = np.quantile([a.off for a in found], 0.9)
                print(
                    f"| {name} | {ahead} | {window} d | {len(found)} | {held:.1%} | {width:.2f} | {within:.1f} se |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

"""How often gainers that are named did not gain, and intervals miss the truth: ``python bench/displacement.py
--runs 200``.

Sixty networks with lognormal means, three sensors whose AR(1) noise (sd 0.12) moves all networks alike, noise
of each network's own (AR(1), φ 0.5), a week, Poisson counts, a twentieth of all days unknown. 112 days
before, 28 after. Prints a Markdown table. The worlds are ours: real networks may be rougher than any of them.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from depeer.measures.displacement import Panel, compare, panel

DAYS, AT, WIDTH, SENSORS = 140, 112, 28, 3


@dataclass(frozen=True)
class Case:
    words: str
    phi: float = 0.6
    own: float = 0.2
    bursts: float = 0.0
    gainers: int = 0
    factor: float = 1.0
    lost: float = 0.0
    moved: float = 0.0


CASES = (
    Case("nothing happens, φ 0", phi=0.0),
    Case("nothing happens, φ 0.6"),
    Case("nothing happens, φ 0.8", phi=0.8),
    Case("nothing happens, networks twice as rough", own=0.4),
    Case("nothing happens, a burst of ×4.5 on 1 % of days", bursts=0.01),
    Case("6 of 60 rise by half", gainers=6, factor=1.5),
    Case("6 of 60 rise to 2.5 times", gainers=6, factor=2.5),
    Case("target loses 90 %, nothing moves", lost=0.9),
    Case("target loses 90 %, half of it moves", lost=0.9, moved=0.5),
    Case("target loses 90 %, all of it moves", lost=0.9, moved=1.0),
)


def noise(rng: np.random.Generator, phi: float, sd: float) -> np.ndarray:
    steps, path = rng.normal(size=DAYS) * sd * np.sqrt(1 - phi**2), np.empty(DAYS)
    path[0] = rng.normal() * sd
    for day in range(1, DAYS):
        path[day] = phi * path[day - 1] + steps[day]
    return path


def draw(rng: np.random.Generator, case: Case, networks: int = 60) -> tuple[Panel, np.ndarray, np.ndarray]:
    before = np.exp(rng.normal(np.log(2), 1.3, networks))
    before[0] = max(before[0], 6)
    after = before.copy()
    after[rng.choice(np.arange(1, networks), case.gainers, replace=False)] *= case.factor
    gone = before[0] * case.lost
    after[0] -= gone
    after[1:] *= 1 + case.moved * gone / before[1:].sum()
    mean = np.where(np.arange(DAYS) < AT, before[:, None], after[:, None])
    mean = mean * np.exp([noise(rng, 0.5, case.own) for _ in range(networks)])
    mean = mean * np.where(rng.random(mean.shape) < case.bursts, np.exp(1.5), 1.0)
    mean = mean * (1 + 0.15 * np.cos(2 * np.pi * np.arange(DAYS) / 7)) / SENSORS
    rows, known = [], {}
    for number in range(SENSORS):
        known[f"s{number}"] = up = rng.random(DAYS) > 0.05
        seen = rng.poisson(mean * np.exp(noise(rng, case.phi, 0.12))) * up
        rows += [
            (int(k), f"s{number}", int(d), int(seen[k, d])) for k, d in zip(*np.nonzero(seen), strict=True)
        ]
    return panel(rows, known, AT), before, after


def measure(case: Case, runs: int) -> str:
    rng = np.random.default_rng(1)
    false = named = right = due = held = spans = quotients = answered = 0
    wrong = []
    for _ in range(runs):
        counts, before, after = draw(rng, case)
        found = compare(counts, AT, WIDTH, {0} if case.lost else ())
        told = {g.key: g.gain for g in found.gainers if g.basis == "volume"}
        rose = {k for k in range(1, 60) if after[k] > before[k] * 1.000001}
        named, right = named + len(told), right + len(told.keys() & rose)
        due += case.gainers
        false += bool(told.keys() - rose)
        wrong.append(len(told.keys() - rose) / max(len(told), 1))
        spans += len(told)
        held += sum(g.low <= after[k] - before[k] <= g.high for k, g in told.items())
        if found.quotient is not None:
            answered += 1
            true = (after[1:] - before[1:]).sum() / (after[0] - before[0])
            quotients += found.quotient.low <= true <= found.quotient.high
    power = f"{right / due:.0%}" if due else ""
    covered = f"{held / spans:.0%} of {spans}" if due else ""
    shares = f"{quotients / answered:.1%} of {answered}" if case.lost else ""
    return f"| {case.words} | {np.mean(wrong):.1%} | {power} | {covered} | {shares} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    runs = parser.parse_args().runs
    print("| world | named wrongly (mean share) | gainers named | their intervals hold | quotient holds |")
    print("| --- | --- | --- | --- | --- |")
    for case in CASES:
        print(measure(case, runs), flush=True)


if __name__ == "__main__":
    main()

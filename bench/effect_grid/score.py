"""One run: the default's answers, the oracle's and the baselines', set against the truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from bench.effect_grid import baselines, oracle, worlds
from bench.effect_grid.cells import Cell
from depeer.judgement import effect
from depeer.measures import dates
from depeer.measures.effect.series import Series
from depeer.model import Estimate

DAYS = (1, 7, 30)
YEAR = 365
DROP = 0.6
"""What is left after the drops that ``dates`` has to find."""


def run(cell: Cell, number: int, placebos: bool, others: bool) -> dict[str, Any]:
    """One world. ``placebos`` and ``others`` (the baselines): whether they are done too."""
    world = worlds.make(cell, number)
    card = effect.assess(world.series, _event(world), placebos=placebos, checks=False)
    row: dict[str, Any] = {"cell": cell.name, "run": number}
    for days in DAYS:
        row[f"{days}d"] = _drop(cell, world, card, days)
    averted = card.spam_days_averted
    row["spam"] = [*_pair(averted), worlds.spam_days(world)]
    row["recovery"] = _recovery(world, card)
    row["signs"] = sorted({s.sensor for s in card.signs})
    row["filtered"] = world.filtered
    row["verdict"] = str(card.verdict)
    if placebos:
        row["placebo"] = [card.trial.alarms, card.trial.n]
    if others:
        row["others"] = {name: _other(name, world) for name in baselines.METHODS}
    return row


def _event(world: worlds.World) -> datetime:
    return world.series[0].time(world.event)


def _pair(estimate: Estimate | None) -> list[float | None]:
    return [None, None] if estimate is None else [estimate.low, estimate.high]


def _drop(cell: Cell, world: worlds.World, card: effect.Scorecard, days: int) -> list[float | None]:
    """low, high, truth, truth of the sensors in hand, the oracle's low and high."""
    best = oracle.answer(cell, world, days)
    known = [None, None] if best is None else [best.low, best.high]
    truths = [worlds.truth(world, days), worlds.truth(world, days, in_hand=True)]
    return [*_pair(card.drop(days).drop), *(None if np.isnan(t) else t for t in truths), *known]


def _recovery(world: worlds.World, card: effect.Scorecard) -> dict[str, Any]:
    """True half-life and plateau (None: never), and the answers: ``life`` low and high, None for no upper
    end."""
    half = worlds.half_life(world)
    row: dict[str, Any] = {
        "seen": len(world.change),
        "half": None if np.isinf(half) else half,
        "plateau": None if np.isinf(world.plateau) else world.plateau,
    }
    found = card.recovery
    if found is None:
        return row | {"life": None, "flat": None}
    life = found.half_life
    high = None if life is None or np.isinf(life.high) else life.high
    low = found.at_least if life is None else life.low
    return row | {"life": [low, high], "flat": [found.plateau.low, found.plateau.high]}


def _other(name: str, world: worlds.World) -> list[list[float] | None]:
    answers = [baselines.answer(name, world, days) for days in DAYS]
    return [None if one is None else [one.low, one.high] for one in answers]


def instruments(cell: Cell, number: int) -> dict[str, Any]:
    """One filter of each kind at one sensor of worlds without another, and a drop of one sensor alone: which
    are named."""
    row: dict[str, Any] = {"cell": cell.name, "run": number}
    for place, kind in enumerate(worlds.FILTERS):
        world = worlds.make(replace(cell, filter=kind), number, stream=10 + place)
        card = effect.assess(world.series, _event(world), placebos=False, checks=False)
        named = {s.sensor for s in card.signs}
        row[kind] = [world.filtered in named, len(named - {world.filtered})]
    world, name = worlds.alone(cell, number)
    card = effect.assess(world.series, _event(world), placebos=False, checks=False)
    named = {s.sensor for s in card.signs}
    row["alone"] = [name in named, len(named - {name})]
    return row


def single(cell: Cell, number: int) -> dict[str, Any]:
    """One sensor alone, no gap, filter or return: the default over all windows, and other methods over seven days."""
    alone = replace(cell, sensors=1, gaps=0.0, filter="none", returns=False, spread=0.0, common=0.0)
    world = worlds.make(alone, number, stream=20)
    card = effect.assess(world.series, _event(world), placebos=False)
    row: dict[str, Any] = {"cell": cell.name, "run": number, "truth": worlds.truth(world, 7)}
    row |= {f"default {days} d": _pair(card.drop(days).drop) for days in DAYS}
    row |= {f"{check.method} 7 d": _pair(check.drop) for check in card.sensors[0].checks}
    plain = baselines.answer("negative binomial", world, 7)
    return row | {"plain negative binomial 7 d": [None, None] if plain is None else [plain.low, plain.high]}


def unprompted(cell: Cell, number: int) -> dict[str, Any]:
    """``dates`` on a year of one sensor without an event, and with a drop of 40 % at a random date in it."""
    random = np.random.default_rng([worlds.SEED, 50, cell.number, number])
    quiet = _year(cell, random, None)
    false = len(dates.find([quiet]))
    at = int(random.integers(35, YEAR - 35))
    found = dates.find([_year(cell, random, at)])
    hit = any(abs(j.cell - at) <= 3 and j.direction == "nosedive" for j in found)
    return {"cell": cell.name, "run": number, "false": false, "hit": hit}


def _year(cell: Cell, random: np.random.Generator, at: int | None) -> Series:
    return worlds.year(cell, random, YEAR, at, DROP)

"""What each sensor counts: exposure, filter, rhythm, outages, changes of instrument; then noise with memory.

``expected`` is the truth that an estimate of an effect is held to; ``counts`` is what the sensor writes down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from depeer.world.distributions import NOISE
from depeer.world.nouns import stream
from depeer.world.scenario import Scenario, SensorPart
from depeer.world.story import Story

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HOURLY_SD = 0.08
"""sd of the log of what an hour is off, beside its day."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which a sensor was up, all under one instrument; ``change`` says what was new."""

    start: date
    end: date
    change: str | None


def expected(scenario: Scenario, sensor: SensorPart, story: Story) -> Floats:
    """(botnets, hours): messages that the sensor is expected to count; 0 while it is down."""
    share = _exposure(scenario, sensor)
    volumes = np.array([botnet.volume for botnet in scenario.botnets])
    ordinary = float(share @ volumes)
    if not ordinary:
        return np.zeros_like(story.output)
    scale = sensor.daily / 24 / ordinary
    return np.asarray(
        scale
        * share[:, None]
        * story.output
        * rhythm(scenario, sensor)
        * up(scenario, sensor)
        * instrument(scenario, sensor)
    )


def _exposure(scenario: Scenario, sensor: SensorPart) -> Floats:
    return np.array(
        [sensor.exposure.get(b.name, 1.0) * (1 - sensor.filter.get(b.name, 0.0)) for b in scenario.botnets]
    )


def rhythm(scenario: Scenario, sensor: SensorPart) -> Floats:
    """By hour: weekends and nights, of mean one over a week."""
    hours = np.arange(scenario.days * 24)
    weekday = (scenario.start.weekday() + hours // 24) % 7
    week = np.where(weekday >= 5, sensor.weekend, 1.0) * 7 / (5 + 2 * sensor.weekend)
    return np.asarray(week * (1 + sensor.daily_rhythm * np.sin(2 * np.pi * (hours % 24 - 9) / 24)))


def up(scenario: Scenario, sensor: SensorPart) -> Floats:
    """By hour: 1, or 0 in an outage."""
    alive = np.ones(scenario.days * 24)
    for outage in sensor.outages:
        first = (outage.start - scenario.start).days * 24
        alive[first : first + ((outage.end - outage.start).days + 1) * 24] = 0
    return alive


def instrument(scenario: Scenario, sensor: SensorPart) -> Floats:
    """(botnets, hours): how much of what there is this instrument counts, against the first one."""
    factor = np.ones((len(scenario.botnets), scenario.days * 24))
    for change in sensor.changes:
        rows = [i for i, b in enumerate(scenario.botnets) if change.botnet in (None, b.name)]
        factor[rows, max(scenario.hour(change.on), 0) :] *= change.factor
    return factor


def counts(scenario: Scenario, sensor: SensorPart, mean: Floats, seed: int) -> Ints:
    """Messages counted in each hour: Poisson about the expectation times the noise of its day and hour."""
    random = stream(seed, "noise", sensor.name)
    daily = NOISE[sensor.noise](random, scenario.days, sensor.sd, sensor.phi)
    hourly = np.exp(HOURLY_SD * random.standard_normal(len(mean)) - HOURLY_SD**2 / 2)
    return np.asarray(random.poisson(mean * np.repeat(daily, 24) * hourly), np.int64)


def ham_counts(scenario: Scenario, sensor: SensorPart, seed: int) -> Ints:
    """Wanted messages in each hour: the same rhythm and outages, but no botnet and no filter."""
    random = stream(seed, "ham", sensor.name)
    daily = NOISE["ar1-lognormal"](random, scenario.days, 0.05, 0.3)
    mean = sensor.ham / 24 * rhythm(scenario, sensor) * up(scenario, sensor) * np.repeat(daily, 24)
    return np.asarray(random.poisson(mean), np.int64)


def coverage(scenario: Scenario, sensor: SensorPart) -> list[Span]:
    """The days on which the sensor was up, cut where its owner noted a change of instrument."""
    down = {o.start + timedelta(d) for o in sensor.outages for d in range((o.end - o.start).days + 1)}
    changes = {c.on.date(): c.kind.replace("-", " ") for c in sensor.changes if c.declared}
    spans: list[Span] = []
    for day in (scenario.day(i) for i in range(scenario.days)):
        if day in down:
            continue
        if not spans or spans[-1].end != day - timedelta(1) or day in changes:
            spans.append(Span(day, day, changes.get(day)))
        else:
            spans[-1] = Span(spans[-1].start, day, spans[-1].change)
    return spans


def traps(sensor: SensorPart) -> list[str]:
    """The sensor's addresses, the oldest first; rotation adds others (see ``recipients``)."""
    return [f"{word}.{i + 1}@{domain_of(sensor)}" for i, word in enumerate(_words(sensor.traps))]


def domain_of(sensor: SensorPart) -> str:
    return sensor.domain or f"{sensor.name}.example"


def epochs(scenario: Scenario, sensor: SensorPart) -> list[tuple[int, int]]:
    """Hours between rotations of the sensor's addresses, as (from, to)."""
    turns = [scenario.hour(c.on) for c in sensor.changes if c.kind == "addresses-rotated"]
    return list(pairwise([0, *sorted(turns), scenario.days * 24]))


def recipients(scenario: Scenario, sensor: SensorPart) -> list[list[str]]:
    """The addresses in use in each of ``epochs``: after a rotation all are new."""
    first = traps(sensor)
    return [
        first if i == 0 else [address.replace("@", f".{i + 1}@") for address in first]
        for i, _ in enumerate(epochs(scenario, sensor))
    ]


def _words(count: int) -> list[str]:
    """``count`` local parts, by repetition."""
    words = (
        "anna",
        "bob",
        "carla",
        "dieter",
        "eva",
        "farid",
        "greta",
        "hugo",
        "ines",
        "jan",
        "karim",
        "lena",
    )
    return [words[i % len(words)] for i in range(count)]

"""From a scenario, an Internet and a seed to everything that is true in the world, before a byte is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depeer.world import actors, populations, sensors, story
from depeer.world.nouns import Autonomous, stream
from depeer.world.scenario import EventPart, Scenario
from depeer.world.space import Space, space
from depeer.world.story import Story

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sensed:
    """What one sensor is expected to count, counts, and of what mail is written."""

    expected: Floats
    """(botnets, hours), all events included."""
    counts: Ints
    """(hours,)."""
    ham: Ints
    """(hours,)."""
    sampling: float
    """The chance of each counted message to be written as mail."""
    written: Ints
    """(botnets, hours): messages written."""
    written_ham: Ints
    """(hours,)."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is true."""

    scenario: Scenario
    seed: int
    scale: float
    networks: tuple[Autonomous, ...]
    space: Space
    landlords: actors.Landlords
    events: tuple[EventPart, ...]
    story: Story
    sensed: Mapping[str, Sensed]
    rate: Floats
    """(botnets, networks): infected machines per announced address."""
    machines: tuple[populations.Machines, ...]
    controllers: tuple[actors.Controller, ...]
    programmes: tuple[actors.Programme, ...]
    campaigns: tuple[actors.Campaign, ...]

    @property
    def written(self) -> int:
        """Messages written, duplicates and backscatter not counted."""
        return sum(int(s.written.sum() + s.written_ham.sum()) for s in self.sensed.values())

    def mails_of(self, botnet: int) -> Floats:
        """(days,): messages written that a botnet sent, over all sensors."""
        hours = sum((s.written[botnet] for s in self.sensed.values()), np.zeros(self.scenario.days * 24))
        return np.asarray(hours.reshape(-1, 24).sum(axis=1))


def draw(scenario: Scenario, networks: Sequence[Autonomous], seed: int, scale: float = 1.0) -> World:
    """The same arguments, the same world. ``scale`` is only noted: ``scenario.mails`` messages are written."""
    sizes = space(networks).sizes
    held = tuple(one for one, size in zip(networks, sizes, strict=True) if size)
    ground = space(held)
    events = story.all_events(scenario)
    run = story.run(scenario, events)
    landlords = actors.landlords(scenario, held, ground, seed)
    place = actors.Ground(held, ground, landlords)
    rate = populations.rates(scenario, held, ground, seed)
    return World(
        scenario,
        seed,
        scale,
        held,
        ground,
        landlords,
        events,
        run,
        _sensed(scenario, run, seed),
        rate,
        tuple(
            populations.machines(scenario, botnet, row, ground, seed)
            for botnet, row in zip(scenario.botnets, rate, strict=True)
        ),
        actors.controllers(scenario, place, events, seed),
        tuple(actors.programme(scenario, part, place, events, seed) for part in scenario.programmes),
        actors.campaigns(scenario, seed),
    )


def _sensed(scenario: Scenario, run: Story, seed: int) -> dict[str, Sensed]:
    weights = sum(sensor.mail for sensor in scenario.sensors) or 1.0
    made = {}
    for sensor in scenario.sensors:
        mean = sensors.expected(scenario, sensor, run)
        counted = sensors.counts(scenario, sensor, mean.sum(axis=0), seed)
        ham = sensors.ham_counts(scenario, sensor, seed)
        wanted = scenario.mails * sensor.mail / weights
        sampling = min(1.0, wanted / max(float(mean.sum()), 1.0))
        random = stream(seed, "sampling", sensor.name)
        made[sensor.name] = Sensed(
            mean,
            counted,
            ham,
            sampling,
            _by_botnet(random.binomial(counted, sampling), mean, random),
            np.asarray(random.binomial(ham, sampling), np.int64),
        )
    return made


def _by_botnet(total: Ints, mean: Floats, random: np.random.Generator) -> Ints:
    """(botnets, hours): totals shared out among botnets as expected (multinomial, one binomial after the other)."""
    left, weight = total.copy(), mean.sum(axis=0)
    rows = []
    for row in mean:
        chance = np.divide(row, weight, out=np.zeros_like(row), where=weight > 0)
        rows.append(random.binomial(left, np.clip(chance, 0, 1)))
        left, weight = left - rows[-1], np.maximum(weight - row, 0)
    return np.array(rows)

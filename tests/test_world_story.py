"""Events, levels, effects, sensors: on scenarios small enough to know the answer beforehand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from depeer.world import sensors, story
from depeer.world.distributions import CHURN, NOISE, RATES
from depeer.world.nouns import stream
from depeer.world.scenario import Scenario
from depeer.world.shelf import read, resolve

HEAD = """
name = "w"
title = "simulated"
from = 2026-01-01
to = 2026-02-28
mails = 100
[[networks]]
asn = 1
name = "up"
kind = "tier1"
[[networks]]
asn = 2
name = "other"
kind = "tier1"
[[networks]]
asn = 7
name = "rogue"
prefixes = ["63.20.8.0/21"]
providers = [1]
{network}
[[botnets]]
name = "a"
machines = 1000
volume = 3
at = [7]
controllers = 2
hold_hours = 1
rejoin_hours = 10
{botnet}
[[botnets]]
name = "b"
machines = 1000
volume = 1
[[sensors]]
name = "s"
daily = 2400
weekend = 1.0
daily_rhythm = 0.0
{sensor}
"""


def scenario(
    events: str = "", network: str = "", botnet: str = "", sensor: str = "", more: str = ""
) -> Scenario:
    text = HEAD.format(network=network, botnet=botnet, sensor=sensor) + more + events
    return resolve(text, "test.toml")


def event(kind: str, on: str, **more: object) -> str:
    rows = [f"{key} = {value}" for key, value in more.items()]
    return "\n".join(["[[events]]", f'kind = "{kind}"', f"on = {on}", *rows]) + "\n"


CUT = event("uplink-cuts", "2026-02-01T12:00:00Z", network=7, uplink=1)


def test_a_cut_silences_the_botnet_and_nobody_else() -> None:
    asked = scenario(CUT)
    run = story.run(asked, story.all_events(asked))
    cut = asked.hour(datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert (run.output[0, :cut] == 3).all()
    assert (run.output[1] == 1).all()
    hours = np.arange(1, 6)
    assert run.output[0, cut : cut + 5] == pytest.approx(3 * np.exp(-hours / 1.0))
    assert run.output[0, -1] < 1e-6


def test_a_dormant_uplink_takes_over_after_an_hour() -> None:
    asked = scenario(CUT, network="dormant = [2]")
    reach = story.run(asked, story.all_events(asked)).reach[7]
    cut = asked.hour(datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert reach[cut - 1] == 1
    assert reach[cut] == 0
    assert (reach[cut + 1 :] == 1).all()


def test_a_peer_carries_only_its_share() -> None:
    asked = scenario(CUT, network="peers = [2]\npeer_reach = 0.25")
    assert story.run(asked, story.all_events(asked)).reach[7][-1] == 0.25


def test_part_of_an_hour_counts_in_part() -> None:
    asked = scenario(CUT.replace("12:00", "12:15"))
    reach = story.run(asked, story.all_events(asked)).reach[7]
    assert reach[asked.hour(datetime(2026, 2, 1, 12, tzinfo=UTC))] == pytest.approx(0.25)


def test_back_for_eight_hours_and_gone_again() -> None:
    back = event("returns", "2026-02-03T10:00:00Z", network=7, uplink=2, until="2026-02-03T18:00:00Z")
    asked = scenario(CUT + back)
    events = story.all_events(asked)
    reach = story.run(asked, events).reach[7]
    assert reach[asked.hour(datetime(2026, 2, 1, 13, tzinfo=UTC)) :].sum() == 8
    spans = [(link.upper, link.since, link.until) for link in story.links(asked.networks[2], events)]
    assert spans == [
        (1, None, datetime(2026, 2, 1, 12, tzinfo=UTC)),
        (2, datetime(2026, 2, 3, 10, tzinfo=UTC), datetime(2026, 2, 3, 18, tzinfo=UTC)),
    ]


def test_after_a_move_a_plateau_then_growth() -> None:
    move = event("controller-moves", "2026-02-02T12:00:00Z", botnet='"a"', to=2, regained=0.4)
    asked = scenario(CUT + move, botnet="plateau_days = 10\ngrowth = 0.1")
    level = story.run(asked, story.all_events(asked)).level[0]
    day = [level[asked.hour(datetime(2026, 2, d, 12, tzinfo=UTC))] for d in (7, 9, 12, 18, 20)]
    assert day[:3] == pytest.approx([0.4, 0.4, 0.4], abs=0.01)
    assert day[4] / day[3] == pytest.approx(np.exp(0.1 * 2), rel=0.03)


def test_business_lost_finds_another_sender_after_the_plateau() -> None:
    more = "[displacement]\nshare = 0.5\nplateau_days = 5\ngrowth = 0.2\n"
    asked = scenario(CUT, more=more)
    run = story.run(asked, story.all_events(asked))
    cut = asked.hour(datetime(2026, 2, 1, 12, tzinfo=UTC))
    assert run.gained[1, : cut + 5 * 24 - 1].max() == 0
    assert run.gained[1, -1] == pytest.approx(0.5 * 3 * (1 - np.exp(-0.2 * (27.5 - 5))), rel=0.02)
    assert (run.gained[0, cut + 24 :] < 1e-6).all()


@pytest.mark.parametrize(
    ("events", "left"),
    [
        (event("pause", "2026-02-01", botnet='"a"', until="2026-02-20", level=0.1), 0.1),
        (event("injunction", "2026-02-01", operator='"op"', level=0.2), 0.6),
        (event("domains-seized", "2026-02-01", programme='"p"'), 0.5),
    ],
)
def test_what_else_takes_business_away(events: str, left: float) -> None:
    more = """
[[programmes]]
name = "p"
category = "pharma"
operator = "op"
lifetime_days = 1000
[[programmes]]
name = "q"
category = "pharma"
"""
    asked = scenario(events, botnet='programmes = ["p", "q"]', more=more)
    own = story.run(asked, story.all_events(asked)).own
    assert own[0, 31 * 24 + 2] == pytest.approx(3 * left, rel=0.01)
    assert own[1, 31 * 24 + 2] == 1


def test_without_takes_out_the_whole_intervention() -> None:
    asked, _ = read("mccolo-2008")
    left = story.without(asked, "mccolo")
    assert {e.intervention for e in left} == {"atrivo", "herbalking"}
    assert len(left) + len(story.of(asked, "mccolo")) == len(asked.events)
    assert asked.interventions == ("atrivo", "herbalking", "mccolo")


# ------------------------------------------------------------------------------------------- sensors


def test_a_sensor_counts_what_its_instrument_and_outages_leave() -> None:
    asked = scenario(
        sensor="exposure = { a = 2 }\nfilter = { b = 0.5 }\noutages = [ { from = 2026-01-10, to = 2026-01-11 } ]\n"
        '[[sensors.changes]]\non = 2026-02-10\nkind = "collector-replaced"\nfactor = 0.5\n'
        '[[sensors.changes]]\non = 2026-02-20\nkind = "filter-changed"\nfactor = 0.0\nbotnet = "b"\n'
    )
    run = story.run(asked, ())
    mean = sensors.expected(asked, asked.sensors[0], run)
    daily = mean.reshape(2, -1, 24).sum(axis=2)
    assert daily[:, 0] == pytest.approx([2400 * 6 / 6.5, 2400 * 0.5 / 6.5])
    assert daily[:, 9:11].sum() == 0
    assert daily[:, 45] == pytest.approx(daily[:, 0] / 2)
    assert daily[1, 55] == 0
    assert [(s.start.day, s.end.day, s.change) for s in sensors.coverage(asked, asked.sensors[0])] == [
        (1, 9, None), (12, 9, None), (10, 19, "collector replaced"), (20, 28, "filter changed"),
    ]  # fmt: skip


def test_rhythm_has_mean_one_over_a_week() -> None:
    asked, _ = read("quiet")
    rhythm = sensors.rhythm(asked, asked.sensors[0])[: 7 * 24]
    assert rhythm.mean() == pytest.approx(1)
    weekday, weekend = rhythm[:24].mean(), rhythm[2 * 24 : 3 * 24].mean()
    assert weekend / weekday == pytest.approx(0.8)


def test_new_addresses_after_a_rotation() -> None:
    asked, _ = read("tiny")
    first, second = sensors.recipients(asked, asked.sensors[1])
    assert not set(first) & set(second)
    assert len(set(first)) == asked.sensors[1].traps


# --------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("name", NOISE)
def test_noise_has_mean_one_and_the_memory_asked_for(name: str) -> None:
    path = NOISE[name](np.random.default_rng(1), 40_000, 0.2, 0.7)
    assert path.mean() == pytest.approx(1, abs=0.02)
    log = np.log(path)
    memory = np.corrcoef(log[1:], log[:-1])[0, 1]
    assert memory == pytest.approx(0.0 if name == "independent" else 0.7, abs=0.1)
    assert log.std() == pytest.approx(0.2, abs=0.04)


def test_heavy_tails_are_heavier() -> None:
    far = {
        name: np.mean(np.abs(np.log(NOISE[name](np.random.default_rng(1), 40_000, 0.1, 0.0))) > 0.35)
        for name in ("ar1-lognormal", "heavy-tailed")
    }
    assert far["heavy-tailed"] > 5 * far["ar1-lognormal"]


@pytest.mark.parametrize("name", RATES)
def test_rates_have_mean_one(name: str) -> None:
    drawn = RATES[name](np.random.default_rng(2), 400_000, 0.8)
    assert drawn.mean() == pytest.approx(1, abs=0.03)
    assert (drawn >= 0).all()


@pytest.mark.parametrize("name", [name for name in CHURN if name != "static"])
def test_leases_have_the_mean_asked_for(name: str) -> None:
    assert CHURN[name](np.random.default_rng(3), 400_000, 6.0).mean() == pytest.approx(6, rel=0.03)


def test_counts_are_scattered_about_the_expectation() -> None:
    asked, _ = read("quiet")
    one = asked.sensors[0]
    mean = sensors.expected(asked, one, story.run(asked, ())).sum(axis=0)
    totals = [sensors.counts(asked, one, mean, seed).sum() for seed in range(30)]
    assert np.mean(totals) == pytest.approx(mean.sum(), rel=0.02)
    assert stream(1, "a").random() != stream(1, "b").random()

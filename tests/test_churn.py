"""How much a count of addresses varies: machines that keep an address, machines that change it, bursts."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from depeer.measures import churn, volume

START = datetime(2008, 9, 1, tzinfo=UTC)
DAYS = 50


def sightings(address: NDArray[np.int64], day: NDArray[np.float64], label: str | None = "spam") -> pa.Table:
    first = pa.array((START.timestamp() * 1e6 + day * 86_400e6).astype(np.int64)).cast(
        pa.timestamp("us", tz="UTC")
    )
    packed = [bytes(10) + b"\xff\xff" + int(a).to_bytes(4, "big") for a in address]
    columns = {"address": pa.array(packed, pa.binary()), "first": first, "last": first}
    same = {"role": "sender", "label": label, "counts": True}
    types = {"role": pa.string(), "label": pa.string(), "counts": pa.bool_()}
    return pa.table(columns | {n: pa.array([v] * len(packed), types[n]) for n, v in same.items()})


def revisits(table: pa.Table, messages: int = 0) -> dict[str, int]:
    asked = volume.parameters("sender") | {"digits": churn.sample(messages)}
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("sightings", table)
        found = engine.sql(churn.REVISITS, params=asked).to_arrow_table()
    return dict(found.to_pylist()[0])


def visits(
    machines: int, each: float, lease: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Machines that send ``each`` messages on average at random times and change address every ``lease`` days:
    addresses, days, and the true variance over mean of a count of machines' addresses."""
    random = np.random.default_rng(seed)
    machine = np.repeat(np.arange(machines), random.poisson(each, machines))
    day = random.uniform(0, DAYS, len(machine))
    address = machine * 1000 + np.floor(day / lease + random.random(machines)[machine]).astype(np.int64)
    shown = np.unique(np.stack([machine, address]), axis=1)[0]
    many = np.bincount(shown, minlength=machines)
    return address, day, float((many**2).sum() / many.sum())


@pytest.mark.parametrize(
    ("machines", "each", "lease"),
    [(40_000, 0.5, 1.0), (8_000, 3.0, 1.0), (3_000, 6.0, 10.0), (30_000, 0.5, np.inf), (2_000, 8.0, np.inf)],
)
def test_the_estimate_is_near_the_truth_of_machines_that_change_addresses(
    machines: int, each: float, lease: float
) -> None:
    address, day, true = visits(machines, each, lease, seed=1)
    found = churn.dispersion(revisits(sightings(address, day)))
    assert found == pytest.approx(true, rel=0.15)


def test_it_never_leaves_its_bounds() -> None:
    address, day, true = visits(300, 40.0, 1.0, seed=2)
    assert true > 20
    assert churn.dispersion(revisits(sightings(address, day))) == churn.MOST


def test_a_burst_within_an_hour_is_one_visit() -> None:
    random = np.random.default_rng(3)
    address = np.repeat(np.arange(2_000), 30)
    day = np.repeat(random.uniform(0, DAYS, 2_000), 30) + random.uniform(0, 0.005, 60_000)
    assert churn.dispersion(revisits(sightings(address, day))) == 1.0


def test_what_feeds_list_and_what_is_never_seen_again_says_nothing() -> None:
    address, day, _ = visits(2_000, 3.0, 1.0, seed=4)
    assert churn.dispersion(revisits(sightings(address, day, label=None))) == 1.0
    once = np.arange(500)
    assert churn.dispersion(revisits(sightings(once, once / 100.0))) == 1.0
    assert churn.dispersion(revisits(sightings(once[:0], once[:0] / 1.0))) == 1.0


def test_a_sample_of_addresses_says_the_same() -> None:
    address, day, true = visits(40_000, 2.0, 5.0, seed=5)
    table = sightings(address * 7919 % 2**31, day)
    whole, part = revisits(table), revisits(table, messages=800_000)
    assert part["addresses"] == pytest.approx(whole["addresses"] / 4, rel=0.2)
    assert churn.dispersion(part) == pytest.approx(churn.dispersion(whole), rel=0.15)
    assert churn.dispersion(whole) == pytest.approx(true, rel=0.15)

"""Does the ranking hold on sealed worlds? Worlds that it has not seen, under laws that it does not assume.

    python bench/world_rank.py direct --worlds 100    sightings taken from the drawn world, no mail written
    python bench/world_rank.py full --worlds 3        mail written, ingested, attributed, ranked, scored

For each law of true rates: how many intervals of the 100 highest-ranked networks hold the truth, ``p_worst`` against
what is true in ten bins, and in how many worlds the hidden host is among the first twenty as a controller. The
scenario is ``hidden-host``; ``--scenario FILE`` takes another, sealed one (its laws are replaced). Homes are
infected more often than offices, and large networks are more often homes; ``--one-law`` draws all from one law.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from depeer.judgement.rank import Ranking, rank
from depeer.measures import churn, scores, volume
from depeer.world import build, feeds, truth
from depeer.world.draw import World
from depeer.world.letters import Batch, Letter, batches
from depeer.world.shelf import read, resolve

LAWS = ("gamma", "lognormal", "contaminated")
TOP = 100
FIRST = 20


def under(named: str, law: str, mails: int | None, one_law: bool = False) -> str:
    """The scenario's text under another law of rates, for senders and for hosting."""
    _, text = read(named)
    laws = f'law = "{law}"\nhosting_law = "{law}"\nby_kind = {str(not one_law).lower()}'
    text = re.sub(r'(?m)^law = ".*"$', laws, text, count=1)
    if mails:
        text = re.sub(r"(?m)^mails = .*$", f"mails = {mails}", text, count=1)
    resolve(text, named)
    return text


def drawn(text: str, seed: int) -> World:
    return build.make(resolve(text, "sealed.toml"), text, seed).world


def senders(world: World) -> pa.Table:
    """Spam as the mail would show it: who handed it over (asn, address as 16 bytes), and when."""
    rows = [
        (one.asn, bytes(10) + b"\xff\xff" + int(one.sender).to_bytes(4, "big"), _moment(batch, one))
        for batch in batches(world)
        for one in batch.letters
        if one.nature == "spam"
    ]
    asn, address, first = zip(*rows, strict=True)
    times = pa.array(first, pa.timestamp("us", tz="UTC"))
    fixed = {"role": "sender", "label": "spam", "counts": True}
    table = pa.table({"asn": asn, "address": pa.array(address, pa.binary(16)), "first": times, "last": times})
    for name, value in fixed.items():
        table = table.append_column(name, pa.array([value] * table.num_rows))
    return table


def _moment(batch: Batch, one: Letter) -> datetime:
    return datetime(batch.day.year, batch.day.month, batch.day.day, tzinfo=UTC) + timedelta(
        seconds=float(one.seconds)
    )


def revisits(sightings: pa.Table) -> float:
    """How much more than independent ones the counts vary, by the product's own statement."""
    asked = volume.parameters("sender") | {"digits": churn.sample(sightings.num_rows)}
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("sightings", sightings)
        found = engine.sql(churn.REVISITS, params=asked).to_arrow_table()
    return churn.dispersion(found.to_pylist()[0])


def controllers(world: World) -> dict[int, int]:
    """Distinct addresses by network that the feed lists."""
    part = next(f for f in world.scenario.feeds if f.kind == "feodo-csv")
    listed = {
        line.split(b'","')[1].decode() for line in feeds.written(world)["ipblocklist.csv"].splitlines()[3:]
    }
    by_address = {str(c.address): c.asn for c in world.controllers}
    assert part.coverage > 0
    return _count(by_address[address] for address in listed)


def _count(asns: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for asn in asns:
        found[asn] = found.get(asn, 0) + 1
    return found


def ranked(world: World, hits: dict[int, int], dispersion: float = 1.0) -> Ranking:
    sizes = {n.asn: int(s) for n, s in zip(world.networks, world.space.sizes, strict=True)}
    counts = pa.table({"asn": list(hits), "addresses": list(hits.values())})
    announced = pa.table({"asn": list(sizes), "announced": list(sizes.values())})
    return rank(counts, announced, dispersion=dispersion)


class Tally:
    """What several worlds say together."""

    def __init__(self) -> None:
        self.held = self.looked = self.found = self.worlds = 0
        self.said: list[float] = []
        self.above: list[bool] = []
        self.places: list[int] = []

    def add(self, world: World) -> None:
        true = truth.networks(world)
        hidden = next(n.asn for n in world.scenario.networks if n.conduct == "rogue")
        order = ranked(world, controllers(world)).table["asn"].to_pylist()
        place = scores.rank_of(order, hidden)
        self.places.append(place or len(order) + 1)
        self.found += place is not None and place <= FIRST
        self.worlds += 1
        sightings = senders(world)
        seen = sightings.group_by(["asn", "address"]).aggregate([])
        got = ranked(world, _count(seen["asn"].to_pylist()), revisits(sightings))
        rows = got.table.to_pylist()
        for i, row in enumerate(rows):
            rate = true[str(row["asn"])]["sender"]["expected_seen"] / row["announced"] * 10_000
            if i < TOP:
                self.held += row["low"] <= rate <= row["high"]
                self.looked += 1
            self.said.append(row["p_worst"])
            self.above.append(rate > got.threshold)

    def bins(self) -> list[scores.Bin]:
        return scores.calibration(self.said, self.above)


def direct(named: str, worlds: int, seed: int, mails: int | None, one_law: bool) -> None:
    print(
        "| law | top 100 covered (95 %) | p_worst: gap by tenth (networks) | worst gap | hidden host in first 20 |"
    )
    print("| --- | --- | --- | --- | --- |")
    for law in LAWS:
        text = under(named, law, mails, one_law)
        tally = Tally()
        for one in range(seed, seed + worlds):
            tally.add(drawn(text, one))
        held = scores.share(tally.held, tally.looked)
        gaps = " ".join(f"{b.gap:+.2f} ({b.count})" for b in tally.bins())
        worst = max(abs(b.gap) for b in tally.bins())
        print(
            f"| {law} | {held.value:.1%} ({held.low:.1%}–{held.high:.1%}) | {gaps} | {worst:.2f} | "
            f"{tally.found} of {tally.worlds} (median place {np.median(tally.places):.0f}) |",
            flush=True,
        )


def full(named: str, worlds: int, seed: int, mails: int | None, one_law: bool) -> None:
    """The same by the command line, from the mail on."""
    for law in LAWS:
        text = under(named, law, mails, one_law)
        for one in range(seed, seed + worlds):
            with tempfile.TemporaryDirectory() as place:
                print(f"## {law}, seed {one}\n\n{_whole(Path(place), text, one)}", flush=True)


def _whole(place: Path, text: str, seed: int) -> str:
    """Build, ingest, attribute, rank and score one world; what `depeer world score` prints."""
    folder, lake = place / "world", place / "lake"
    (place / "sealed.toml").write_text(text)
    _depeer("world", str(place / "sealed.toml"), "--seed", str(seed), "--out", str(folder))
    lake.mkdir()
    shutil.copy(folder / "depeer.toml", lake / "depeer.toml")
    for table in sorted(folder.glob("routing/simulated-ipasn_*")):
        _depeer("routes", "add", str(table), "--lake", str(lake))
    for label, kind in (("spam", "mail"), ("ham", "ham")):
        for sensor in sorted(folder.glob(f"{kind}/*")):
            _depeer("ingest", str(sensor), "--sensor", sensor.name, "--label", label, "--lake", str(lake))
    _depeer("ingest", str(folder / "feeds"), "--lake", str(lake))
    return _depeer("world", "score", str(folder), "--lake", str(lake))


def _depeer(*words: str) -> str:
    command = [Path(sys.executable).with_name("depeer"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["direct", "full"])
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--mails", type=int)
    parser.add_argument("--one-law", action="store_true")
    parser.add_argument("--scenario", default="hidden-host")
    asked = parser.parse_args()
    {"direct": direct, "full": full}[asked.what](
        asked.scenario, asked.worlds, asked.seed, asked.mails, asked.one_law
    )


if __name__ == "__main__":
    main()

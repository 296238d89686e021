"""A whole small world: the same bytes each time, formats that the real readers read, a truth that adds up."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depeer.lake.description import read as read_description
from depeer.sources import feeds, mbox, origins
from depeer.sources.feeds import Told
from depeer.sources.identity import content_id
from depeer.world import build, ground, populations, story
from depeer.world import truth as true
from depeer.world.draw import World, draw
from depeer.world.internet import make_internet
from depeer.world.nouns import stream
from depeer.world.post import HASH_DIGITS, write_batch
from depeer.world.shelf import read, resolve, shipped
from depeer.world.space import flatten


def whole(named: str = "tiny", seed: int | None = None, scale: float = 1.0) -> dict[str, bytes]:
    scenario, text = read(named)
    made = build.make(scenario, text, seed, scale)
    found = dict(build.files(made))
    lines = [build.truth_header()]
    for path, done in build.mail(made, map, write_batch):
        found[path] = done.mbox
        lines.append(done.truth)
    return found | {"messages.csv": b"".join(lines)}


@pytest.fixture(scope="module")
def tiny() -> dict[str, bytes]:
    return whole()


@pytest.fixture(scope="module")
def truth(tiny: dict[str, bytes]) -> dict[str, Any]:
    return json.loads(tiny["truth.json"])  # type: ignore[no-any-return]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tiny: dict[str, bytes]) -> None:
    assert whole() == tiny
    other = whole(seed=2)
    assert other["truth.json"] != tiny["truth.json"]
    assert other["counts.csv"] != tiny["counts.csv"]
    assert not {p for p in tiny if p.startswith("mail/") and other.get(p) == tiny[p]}


def test_the_scenario_written_builds_the_same_world(tiny: dict[str, bytes]) -> None:
    scaled = whole(seed=5, scale=0.5)
    text = scaled["scenario.toml"].decode()
    made = build.make(resolve(text, "again.toml"), text)
    again = dict(build.files(made)) | {p: w.mbox for p, w in build.mail(made, map, write_batch)}
    assert {p for p, data in again.items() if scaled[p] != data} == {"truth.json"}  # it names the scale
    assert json.loads(again["truth.json"]) | {"scale": 0.5} == json.loads(scaled["truth.json"])


def test_everything_says_that_it_is_simulated(tiny: dict[str, bytes]) -> None:
    assert tiny["README.txt"].startswith(b"SIMULATED")
    assert json.loads(tiny["truth.json"])["simulated"] is True
    assert b"simulated = true" in tiny["depeer.toml"]
    mails = [p for p in tiny if p.endswith(".mbox")]
    for path in mails:
        for piece in mbox.split(io.BytesIO(tiny[path])):
            assert b"X-Depeer-Simulated: yes" in piece.data


def test_mail_is_read_back_to_the_last_message(tiny: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(tiny["messages.csv"].decode())))
    wanted = {row["sha256"] for row in rows}
    found = Counter[str]()
    for path, data in tiny.items():
        if path.endswith(".mbox"):
            found.update(content_id(p.data).hex()[:HASH_DIGITS] for p in mbox.split(io.BytesIO(data)))
    assert set(found) == wanted
    assert len(wanted) == len(rows)
    assert [int(row["serial"]) for row in rows] == list(range(len(rows)))
    assert 0 < found.total() - len(rows) < 30, "some messages came twice"


@pytest.mark.parametrize(
    ("file", "format", "entries"),
    [
        ("ipblocklist.csv", "feodo-csv", 3),
        ("drop_v4.json", "spamhaus-json", 1),
        ("drop.txt", "spamhaus-text", 1),
        ("asndrop.txt", "spamhaus-text", 1),
        ("listed_ip_30_all.txt", "stopforumspam", 100),
        ("passive-dns.jsonl", "cof", 50),
    ],
)
def test_feeds_are_read_back(tiny: dict[str, bytes], file: str, format: str, entries: int) -> None:
    data = tiny[f"feeds/{file}"]
    feed = feeds.detect(data[:65536], file)
    assert feed is not None
    assert feed.format == format
    pieces = list(feed.split(io.BytesIO(data), Told(date(2026, 9, 10), file, None)))
    facts = [fact for p in pieces for fact in feed.read(p.data, json.loads(p.context or "{}"))]
    assert not [p for p in pieces if p.trouble]
    assert len(facts) >= entries


def test_routing_is_read_back(tiny: dict[str, bytes], truth: dict[str, Any]) -> None:
    for path in (p for p in tiny if "ipasn" in p or p.endswith(("pfx2as", "as-names.csv"))):
        name = path.rpartition("/")[2]
        known = origins.detect(tiny[path][:65536], name)
        assert known is not None, path
        reading = known.read(io.BytesIO(tiny[path]))
        rows = Counter[str]()
        for kind, batch in reading:
            rows[kind] += batch.num_rows
        assert rows["origins"] > 100 or rows["names"] == 60
        assert reading.skips.count == 0
    assert set(truth["networks"]) <= {str(n["asn"]) for n in truth["internet"]["networks"]}


def test_sensors_are_described_as_depeer_reads_them(tiny: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "depeer.toml"
    path.write_bytes(tiny["depeer.toml"])
    told = read_description(path)
    assert told.simulated
    box = told.sensor("box-1")
    assert [(c.start.day, c.end and c.end.day, c.change) for c in box.coverage] == [
        (1, 3, None), (5, 8, None), (9, 10, "addresses rotated"),
    ]  # fmt: skip
    assert len(set(told.traps)) == 20 + 2 * 20


def test_counts_leave_out_days_that_the_sensor_was_down(tiny: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(tiny["counts.csv"].decode())))
    days = {(row["sensor"], row["date"]) for row in rows}
    assert ("box-1", "2026-09-04") not in days
    assert ("trap-1", "2026-09-04") in days
    hourly = Counter[tuple[str, str]]()
    for row in csv.DictReader(io.StringIO(tiny["counts-hourly.csv"].decode())):
        hourly[row["sensor"], row["time"][:10]] += int(row["count"])
    assert hourly == Counter({(r["sensor"], r["date"]): int(r["count"]) for r in rows})


def test_truth_of_messages_and_of_the_world_agree(tiny: dict[str, bytes], truth: dict[str, Any]) -> None:
    campaigns = {c["name"]: c for c in truth["campaigns"]}
    shops = {d["name"]: p["name"] for p in truth["programmes"] for d in p["domains"]}
    controllers = {(c["botnet"], c["address"]) for c in truth["controllers"]}
    seen = Counter[str]()
    for row in csv.DictReader(io.StringIO(tiny["messages.csv"].decode())):
        if row["nature"] != "spam":
            continue
        seen[row["botnet"]] += 1
        campaign = campaigns[row["campaign"]]
        assert (campaign["botnet"], campaign["programme"]) == (row["botnet"], row["programme"])
        assert campaign["from"][:10] <= row["day"] <= campaign["to"][:10]
        assert (row["botnet"], row["controller"]) in controllers
    assert {b["name"]: b["mails_written"] for b in truth["botnets"]} == dict(seen)
    assert shops


def test_links_lead_to_shops_that_live(tiny: dict[str, bytes], truth: dict[str, Any]) -> None:
    lives = {d["name"]: (d["from"], d["to"]) for p in truth["programmes"] for d in p["domains"]}
    when = {row["sha256"]: row for row in csv.DictReader(io.StringIO(tiny["messages.csv"].decode()))}
    found = 0
    for path in (p for p in tiny if p.startswith("mail/")):
        for piece in mbox.split(io.BytesIO(tiny[path])):
            row = when[content_id(piece.data).hex()[:HASH_DIGITS]]
            for name, (since, until) in lives.items():
                if row["nature"] == "spam" and f"http://{name}/".encode() in piece.data:
                    found += 1
                    assert since[:10] <= row["day"] <= until[:10]
    assert found > 50


def test_true_effect_is_that_of_the_story(truth: dict[str, Any]) -> None:
    cut = next(i for i in truth["interventions"] if i["name"] == "cut")
    trap = cut["by_sensor"]["trap-1"]
    # gnat is 3 of 4 parts of trap-1, and 2 of 3 of box-1; what it lost is partly sent by midge a day later
    assert trap["drop_24h"] == pytest.approx(0.75, abs=0.1)
    assert cut["by_sensor"]["box-1"]["drop_24h"] == pytest.approx(0.66, abs=0.1)
    assert trap["with"][:4] == trap["without"][:4]
    assert cut["volume_by_botnet"]["gnat"] < 0.1
    assert cut["volume_by_botnet"]["midge"] > 1


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("like-ironport", 66), ("like-messagelabs", 65), ("like-postini", 70), ("like-marshal", 50),
     ("like-secureworks", 40), ("like-microsoft", 40), ("small-48", 48), ("small-52", 52), ("small-64", 64)],
)  # fmt: skip
def test_mccolo_drops_at_each_sensor_as_published(mccolo: dict[str, Any], name: str, allowed: int) -> None:
    event = next(i for i in mccolo["interventions"] if i["name"] == "mccolo")
    assert event["by_sensor"][name]["drop_24h"] * 100 == pytest.approx(allowed, abs=1.5)


@pytest.fixture(scope="module")
def mccolo() -> dict[str, Any]:
    scenario, text = read("mccolo-2008")
    return true.document(build.make(scenario, text, None, 0.01).world)


def test_mccolo_recovers_by_a_plateau_and_then_growth(mccolo: dict[str, Any]) -> None:
    """Two thirds or 22 % on 24 November, 80 % in mid January, 90 % at its end, the old level in late March."""
    volume = np.sum([b["volume_by_day"] for b in mccolo["botnets"]], axis=0)
    level = {day: volume[(date.fromisoformat(day) - date(2008, 9, 1)).days] / 100 for day in (
        "2008-11-10", "2008-11-13", "2008-11-24", "2009-01-15", "2009-01-31", "2009-03-23",
    )}  # fmt: skip
    assert level["2008-11-10"] == pytest.approx(1, abs=0.02)
    assert 0.2 < level["2008-11-13"] < 0.3
    assert 0.22 <= level["2008-11-24"] <= 0.66
    assert level["2009-01-15"] == pytest.approx(0.8, abs=0.06)
    assert level["2009-01-31"] == pytest.approx(0.9, abs=0.05)
    assert level["2009-03-23"] == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("name", ["mccolo-2008", "atrivo-2008", "whack-a-mole", "tiny"])
def test_the_story_and_the_internet_agree_on_who_is_cut_off(name: str) -> None:
    """Where the story says that nobody reaches a network, no valley-free path leads to it; and the other way."""
    scenario, _ = read(name)
    internet = make_internet(ground.spec(scenario), 3)
    run = story.run(scenario, story.all_events(scenario))
    checked = 0
    for network in (n for n in scenario.networks if any(e.network == n.asn for e in scenario.events)):
        for hour in range(1, scenario.days * 24, 7):
            share = run.reach[network.asn][hour - 1 : hour + 2]
            if share.min() != share.max():
                continue
            moment = internet.at(
                scenario.begins + (scenario.ends - scenario.begins) * (hour + 0.5) / (scenario.days * 24)
            )
            reached = int(moment.graph.reach(internet.row(network.asn)).sum())
            assert (reached > len(internet) / 2) == (share[1] > 0.5), (network.asn, hour)
            checked += 1
    assert checked > 20


# ------------------------------------------------------------------------------------ what can be seen


def drawn(named: str, seed: int, scale: float = 1.0) -> World:
    scenario, text = read(named)
    return build.make(scenario, text, seed, scale).world


def test_expected_sightings_are_what_mail_shows_on_average() -> None:
    """Mean over worlds of the distinct sender addresses, against the truth's expectation for the same worlds."""
    from depeer.world.letters import batches

    seen, said = [], []
    for seed in range(8):
        world = drawn("tiny", seed, 6.0)
        senders = {
            letter.sender for batch in batches(world) for letter in batch.letters if letter.nature == "spam"
        }
        shown = np.array(
            [
                populations.shown_by_mail(world.scenario, m, world.mails_of(i), seed)
                for i, m in enumerate(world.machines)
            ]
        )
        seen.append(len(senders))
        said.append(populations.expected_seen(world.rate, shown, world.space.sizes).sum())
    assert np.sum(seen) == pytest.approx(np.sum(said), rel=0.03)


@pytest.mark.parametrize("churn", ["static", "fixed", "exponential", "pareto"])
@pytest.mark.parametrize("life", [0.0, 5.0])
def test_addresses_seen_under_churn_and_cleaning(churn: str, life: float) -> None:
    """A direct count of distinct addresses of one botnet, against the formula."""
    text = shipped()["tiny"].replace('churn = "fixed"', f'churn = "{churn}"\nlife_days = {life}')
    scenario = resolve(text.replace("lease_days = 1\n", "lease_days = 2\n"), "churn.toml")
    world = draw(scenario, tuple(make_internet(ground.spec(scenario), 1).networks), 1)
    some, mails = world.machines[1], np.full(scenario.days, 700.0)
    random = stream(4, "test")
    found = set()
    for day in range(scenario.days):
        alive = some.alive(day)
        rows = alive[random.integers(len(alive), size=700)]
        times = day + random.random(700)
        slots = some.slot(rows, times)
        found |= set(zip(rows.tolist(), slots.tolist(), strict=True))
    per_machine = populations.shown_by_mail(scenario, some, mails, 1)
    alive = [len(some.alive(d)) for d in range(scenario.days)]
    assert some.count(scenario.days).tolist() == alive
    assert len(found) == pytest.approx(per_machine * np.mean(alive), rel=0.08)


def test_servers_stand_in_the_networks_that_the_truth_counts_them_in() -> None:
    world = drawn("hidden-host", 3)
    networks = true.networks(world)
    held = {n.asn: [p for p in n.prefixes if p.version == 4] for n in world.networks}
    for programme in world.programmes:
        every = [*programme.servers, *programme.nameservers.values()]
        for address, asn in zip(
            every, programme.server_networks + programme.nameserver_networks, strict=True
        ):
            assert any(address in prefix for prefix in held[asn])
    for role, number in (
        ("link", lambda p: len(p.servers)),
        ("nameserver", lambda p: len(p.nameservers)),
    ):
        assert sum(n[role]["stood"] for n in networks.values()) == sum(map(number, world.programmes))


def test_flatten_gives_space_to_the_most_specific() -> None:
    entries = [(0, 8, 1), (1 << 16, 16, 2), (1 << 16, 24, 3), (2 << 24, 24, 4), (0, 8, 9)]
    assert flatten(entries) == [
        (0, 1 << 16, 1), (1 << 16, (1 << 16) + 256, 3), ((1 << 16) + 256, 2 << 16, 2), (2 << 16, 1 << 24, 1),
        (2 << 24, (2 << 24) + 256, 4),
    ]  # fmt: skip


def test_addresses_lie_in_the_network_that_the_truth_names(tiny: dict[str, bytes]) -> None:
    world = drawn("tiny", 1)
    for index in range(len(world.networks)):
        number = np.array([0, 1, 10**9, 2**61])
        for address in world.space.address(np.full(4, index), number).tolist():
            assert any(ip_address(address) in p for p in world.networks[index].prefixes if p.version == 4)

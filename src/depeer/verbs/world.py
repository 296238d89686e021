"""``depeer world``: build a simulated Internet with its truth, and hold a lake's answers against it."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from depeer.errors import BadInput, BadUsage, NotFound
from depeer.judgement.rank import Ranking
from depeer.lake import Lake, scored
from depeer.lake.pool import Pool
from depeer.lake.ranking import Answer, Question, answer
from depeer.lake.scored import Effects, Moved, Uplinks
from depeer.measures import scores
from depeer.model import Estimate, Role, show_address
from depeer.world import build
from depeer.world.post import HASH_DIGITS, write_batch
from depeer.world.shelf import read, shipped
from depeer.world.truth import FORMAT

_NATURES = {"spam": "direct", "ham": "direct"}
"""What depeer calls a nature of the world; all others bear the same name in both."""
_TRUTH = {
    Role.SENDER: "expected_seen",
    Role.CONTROLLER: "expected_seen",
    Role.LINK: "stood",
    Role.NAMESERVER: "stood",
}
"""What a ranking in each role is held against: how many can be seen in a network; or how many stood there, seen or
not, which tells who is among the worst but not what an interval should hold."""
UNANSWERED = ("campaigns", "botnets", "population")
"""What the truth holds and no verb of depeer answers yet."""


@dataclass(frozen=True, slots=True)
class Built:
    """What was written, and where."""

    out: Path
    scenario: str
    seed: int
    messages: int
    duplicates: int
    bytes: int
    networks: int
    seconds: float


def scenarios() -> list[tuple[str, str]]:
    """Names and titles of the scenarios that come with depeer."""
    return [(name, read(name)[0].title) for name in shipped()]


def build_world(
    named: str,
    out: Path,
    seed: int | None = None,
    scale: float = 1.0,
    jobs: int | None = None,
    watch: Callable[[int, int], None] = lambda _done, _total: None,
) -> Built:
    """Write the world of a scenario into the folder ``out``, which must not hold anything yet.

    Raises BadInput, with file, line and key, for a scenario that does not fit; BadUsage for a folder in use.
    """
    started = time.monotonic()
    scenario, text = read(named)
    if not scale > 0:
        raise BadUsage(f"--scale {scale} is not above 0; 1 writes the messages that the scenario names")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadUsage(f"{out} is there already and not empty; name another folder with --out")
    made = build.make(scenario, text, seed, scale)
    size = sum(_put(out / path, data) for path, data in build.files(made))
    pool = Pool(jobs)
    messages = duplicates = 0
    try:
        with (out / "messages.csv").open("wb") as truth:
            truth.write(build.truth_header())
            for path, done in build.mail(made, pool.map, write_batch):
                size += _put(out / path, done.mbox)
                truth.write(done.truth)
                messages, duplicates = messages + done.messages, duplicates + done.duplicates
                watch(messages, made.world.written)
    finally:
        pool.close()
    return Built(
        out, scenario.name, made.world.seed, messages, duplicates, size, len(made.internet),
        time.monotonic() - started,
    )  # fmt: skip


def _put(path: Path, data: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(data)


# ---------------------------------------------------------------------------------------------- score


@dataclass(frozen=True, slots=True)
class Messages:
    """How well single messages were understood; shares with Wilson intervals."""

    written: int
    found: int
    boundary: Estimate
    """Those whose boundary address is the true sender, of those found."""
    network: Estimate
    """Those attributed to the true network, of those found."""
    nature: Estimate
    """Those of the right nature, of those found."""
    confused: Mapping[str, int]
    """'true → found' natures that differ, with counts."""
    invented: int
    """Deliveries of the lake that the world did not write."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """How good the ranking of networks in one role is."""

    role: str
    networks: int
    precision: Mapping[int, float]
    """Among the first k, the share that is truly among the worst 1 % (see ``relevant``)."""
    relevant: int
    covered: Estimate | None
    """Of the intervals of the 100 highest-ranked, those that hold the true rate; None where truth gives none."""
    interval_score: float | None
    bins: tuple[scores.Bin, ...]
    """``p_worst`` against how often the true rate is above the ranking's own threshold."""
    rogue: Mapping[int, int | None]
    """Place of each rogue network that the scenario names."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Everything that can be held against the truth so far."""

    scenario: str
    seed: int
    messages: Messages
    rankings: tuple[Ranked, ...]
    effects: Effects | None = None
    """None where the world has no takedown."""
    moves: tuple[Moved, ...] = ()
    uplinks: Uplinks | None = None
    unanswered: tuple[str, ...] = UNANSWERED


def score(world: Path, root: Path) -> Scored:
    """Hold the lake at ``root`` against the truth of the world in the folder ``world``.

    Raises NotFound where there is no truth, BadInput where it is none.
    """
    truth = _truth(world)
    lake = Lake.open(root)
    return Scored(
        str(truth["scenario"]),
        int(truth["seed"]),
        _messages(world, lake),
        tuple(_ranked(answer(lake, Question(role, top=None)), truth, role) for role in _TRUTH),
        scored.effects(truth, world / "counts.csv"),
        scored.moved(truth, world / "messages.csv", lake),
        scored.uplinks(truth, lake),
    )


def _truth(world: Path) -> dict[str, Any]:
    path = world / build.MARK
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{world} holds no {build.MARK}; name a folder that `depeer world` made") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not the truth of a world ({error}); build the world again") from error
    if not isinstance(document, dict) or document.get("simulated") is not True:
        raise BadInput(f"{path} is not the truth of a simulated world; build the world again")
    if document.get("format") != FORMAT:
        raise BadInput(f"{path} was written by another version of depeer; build the world again")
    return document


_FOUND = """
SELECT hex(m.sha256) AS sha, m.sensor, m.nature, a.boundary_ip AS address, s.asn
FROM mails m LEFT JOIN arrivals a ON a.delivery = m.delivery
LEFT JOIN sightings s ON s.delivery = m.delivery AND s.role = 'sender'
"""


def _messages(world: Path, lake: Lake) -> Messages:
    found = {(row["sensor"], row["sha"][:HASH_DIGITS].lower()): row for row in lake.rows(_FOUND).to_pylist()}
    right = dict.fromkeys(("boundary", "network", "nature"), 0)
    confused: dict[str, int] = {}
    written = seen = 0
    with (world / "messages.csv").open(encoding="utf-8", newline="") as file:
        for true in csv.DictReader(file):
            written += 1
            row = found.pop((true["sensor"], true["sha256"]), None)
            if row is None:
                continue
            seen += 1
            nature = _nature(true)
            right["boundary"] += row["address"] is not None and show_address(row["address"]) == true["sender"]
            right["network"] += str(row["asn"]) == true["asn"]
            right["nature"] += row["nature"] == nature
            if row["nature"] != nature:
                key = f"{nature} → {row['nature']}"
                confused[key] = confused.get(key, 0) + 1
    shares = {name: scores.share(hits, seen) for name, hits in right.items()}
    return Messages(written, seen, **shares, confused=dict(sorted(confused.items())), invented=len(found))


def _nature(true: Mapping[str, str]) -> str:
    if true["nature"] == "ham" and true["category"] == "newsletter":
        return "list"
    return _NATURES.get(true["nature"], true["nature"])


def _ranked(given: Answer, truth: Mapping[str, Any], role: Role) -> Ranked:
    """A ranking against true rates, per address that the lake's table announces."""
    networks = {int(asn): entry for asn, entry in truth["networks"].items()}
    rogue = _placed(truth, networks, role)
    if given.ranking is None:
        return Ranked(role.value, 0, {}, 0, None, None, (), dict.fromkeys(rogue))
    rows = given.ranking.table.select(["asn", "announced", "low", "high", "p_worst"]).to_pylist()
    rows = [row for row in rows if row["asn"] in networks]
    order = [row["asn"] for row in rows]
    worst = _worst(networks, role)
    held = _held(given.ranking, rows, networks, role) if rows and _TRUTH[role] == "expected_seen" else None
    return Ranked(
        role.value,
        given.ranking.networks,
        {k: scores.precision_at(order, worst, k) for k in (5, 10, 20) if order},
        len(worst),
        held[0] if held else None,
        held[1] if held else None,
        held[2] if held else (),
        {asn: scores.rank_of(order, asn) for asn in rogue},
    )


def _held(
    ranking: Ranking, rows: Sequence[Mapping[str, Any]], networks: Mapping[int, Mapping[str, Any]], role: Role
) -> tuple[Estimate, float, tuple[scores.Bin, ...]]:
    """Coverage and interval score of the first hundred, and ``p_worst`` of all against the truth."""
    true = [_true_rate(networks[row["asn"]], role, row["announced"]) for row in rows]
    top = slice(0, 100)
    low, high = [row["low"] for row in rows[top]], [row["high"] for row in rows[top]]
    above = [rate > ranking.threshold for rate in true]
    return (
        scores.coverage(true[top], low, high),
        float(np.mean(scores.interval_score(true[top], low, high, ranking.level))),
        tuple(scores.calibration([row["p_worst"] for row in rows], above)),
    )


def _placed(truth: Mapping[str, Any], networks: Mapping[int, Mapping[str, Any]], role: Role) -> list[int]:
    """Rogue networks in which the scenario itself puts servers of the role (for senders: controllers)."""
    named = {int(e["asn"]) for e in truth["controllers"] if not e["drawn"]}
    if _TRUTH[role] == "stood":
        named = {asn for asn, entry in networks.items() if entry[role.value]["stood"] >= 1}
    return sorted(asn for asn, entry in networks.items() if entry["conduct"] == "rogue" and asn in named)


def _true_rate(network: Mapping[str, Any], role: Role, announced: float) -> float:
    """Per 10,000 addresses."""
    return float(network[role.value][_TRUTH[role]]) / announced * 10_000


def _worst(networks: Mapping[int, Mapping[str, Any]], role: Role) -> set[int]:
    """The hundredth of all networks (at least one) with the highest true rates."""
    rate = {asn: _true_rate(entry, role, entry["addresses"]) for asn, entry in networks.items()}
    order: Sequence[int] = sorted(rate, key=lambda asn: (-rate[asn], asn))
    return {asn for asn in order[: max(round(len(order) / 100), 1)] if rate[asn]}

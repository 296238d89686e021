"""``depeer check``: what a lake lacks for good answers, and the command that gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from depeer.lake import Lake
from depeer.measures import accounts

_FAR = 45
"""Days between sighting and routing table beyond which many small networks have changed hands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``remedy`` is None where all is well."""

    what: str
    state: str
    remedy: str | None = None


def check(root: Path) -> list[Finding]:
    """Look at the lake at ``root``; nothing is changed. Raises NotFound where there is none."""
    lake = Lake.open(root)
    with lake.engine() as engine:
        account = engine.query(accounts.ACCOUNT).to_pylist()[0]
        sensors = engine.query(accounts.SENSORS).to_pylist()
        proposed = engine.query("SELECT count(*) AS n FROM relays WHERE basis = 'proposed'")["n"][0].as_py()
        learned = engine.query("SELECT count(*) AS n FROM relays WHERE basis = 'learned'")["n"][0].as_py()
        span = engine.query(
            "SELECT CAST(min(first) AS DATE) AS first, CAST(max(last) AS DATE) AS last, "
            "max(abs(snapshot_days)) AS days, count(*) FILTER (WHERE snapshot IS NULL) AS bare FROM sightings"
        ).to_pylist()[0]
        resolutions = engine.query("SELECT count(*) AS n FROM resolutions")["n"][0].as_py()
        links = engine.query("SELECT count(*) AS n FROM links")["n"][0].as_py()
    kinds = {snapshot.kind for snapshot in lake.snapshots()}
    return [
        _evidence(account),
        _routing(kinds, span),
        _names(kinds),
        _links(links, resolutions),
        _relays(lake, learned, proposed),
        *(_sensor(lake, row["sensor"]) for row in sensors),
    ]


def _evidence(account: dict[str, int]) -> Finding:
    if not account["stored"]:
        return Finding("evidence", "none yet", "depeer ingest PATH")
    return Finding("evidence", f"{account['stored']:,} stored, {account['quarantined']:,} in quarantine")


def _routing(kinds: set[str], span: dict[str, object]) -> Finding:
    when = f" --date {span['first']}" if isinstance(span["first"], date) else ""
    if "origins" not in kinds:
        return Finding("routing table", "none: no address has a network", f"depeer routes fetch{when}")
    days = span["days"]
    if isinstance(days, int) and days > _FAR:
        return Finding(
            "routing table", f"up to {days:,} days from what was seen ({span['first']} to {span['last']})",
            f"depeer routes fetch{when}",
        )  # fmt: skip
    return Finding("routing table", f"within {days or 0} days of what was seen")


def _names(kinds: set[str]) -> Finding:
    if "names" in kinds:
        return Finding("names of networks", "there")
    return Finding("names of networks", "none: networks are numbers only", "depeer routes fetch")


def _links(links: int, resolutions: int) -> Finding:
    if links and not resolutions:
        return Finding(
            "dated resolutions",
            f"none: the hosts of {links:,} links stay unknown",
            "depeer ingest passive-dns.jsonl",
        )
    return Finding("dated resolutions", f"{resolutions:,} for {links:,} links")


def _relays(lake: Lake, learned: int, proposed: int) -> Finding:
    state = f"{learned} learned, {proposed} only proposed"
    remedy = f"look at them: depeer export relays OUT.csv, then edit {lake.root / 'depeer.toml'}"
    return Finding("relays of your own side", state, remedy if proposed else None)


def _sensor(lake: Lake, name: str) -> Finding:
    if name in lake.description.sensors and lake.description.sensor(name).kind != "unknown":
        return Finding(f"sensor {name}", lake.description.sensor(name).kind)
    return Finding(
        f"sensor {name}", "nobody has said what it is", f"describe it in {lake.root / 'depeer.toml'}"
    )

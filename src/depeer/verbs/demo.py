"""``depeer demo``: writes the simulated files that the demo's commands then read like anybody's."""

from __future__ import annotations

from pathlib import Path

from depeer.lake import Lake, description
from depeer.world import small

MARK = ".depeer-demo"


def prepare(out: Path) -> None:
    """Make the folder ``out`` with invented mail, routing table, names and feeds, and an empty lake that says so."""
    out.mkdir(parents=True)
    (out / MARK).touch()
    (out / "spam.mbox").write_bytes(b"".join(small.mails()))
    (out / "routes.dat").write_bytes(small.routing_table())
    (out / "as-names.csv").write_bytes(small.names())
    (out / "ipblocklist.csv").write_bytes(small.controllers())
    (out / "passive-dns.jsonl").write_bytes(small.passive_dns())
    lake = Lake.create(out / "lake")
    description.declare_simulated(lake.root / "depeer.toml")
    with (lake.root / "depeer.toml").open("a", encoding="utf-8") as file:
        file.write(_SENSOR)


_SENSOR = f"""
[sensors.trap-1]
kind = "pristine"
counts = "messages accepted (simulated)"
traps = ["spamtrap@{small.MX_DOMAIN}"]
[[sensors.trap-1.coverage]]
from = {small.START:%Y-%m-%d}
to = {small.LAST:%Y-%m-%d}
"""

"""``depeer verify``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from depeer.cli.common import print_json, say, with_lake


@click.command("verify")
@click.option("--quick", is_flag=True, help="Leave out hashing every stored byte again.")
@with_lake
def command(quick: bool, lake: Path, as_json: bool) -> None:
    """Check that every account adds up and every byte is what its hash says; exit code 1 where one does not."""
    from depeer.verbs.verify import verify

    answer = verify(lake, quick)
    if as_json:
        failed = [{"check": c.name, "failure": c.failure} for c in answer.checks if c.failure]
        print_json({"ok": answer.ok, "failed": failed, "checks": [c.name for c in answer.checks]})
    else:
        for check in answer.checks:
            say(f"  {'ok    ' if check.failure is None else 'FAILED'}  {check.failure or check.name}")
        say("the lake is sound" if answer.ok else "the lake is NOT sound")
    if not answer.ok:
        sys.exit(1)

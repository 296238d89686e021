"""``depeer check``."""

from __future__ import annotations

from pathlib import Path

import click

from depeer.cli.common import print_json, say, with_lake


@click.command("check")
@with_lake
def command(lake: Path, as_json: bool) -> None:
    """What is missing for good answers, and the command that gets it."""
    from depeer.verbs.check import check

    findings = check(lake)
    if as_json:
        print_json({"findings": findings})
        return
    for one in findings:
        say(f"  {'ok  ' if one.remedy is None else 'TODO'}  {one.what}: {one.state}")
        if one.remedy:
            say(f"        {one.remedy}")

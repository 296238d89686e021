"""``depeer derive``."""

from __future__ import annotations

from pathlib import Path

import click

from depeer.cli.common import print_json, say, with_lake


@click.command("derive")
@click.option("--jobs", type=click.IntRange(1, 256), help="Worker processes.  [default: one a core]")
@with_lake
def command(jobs: int | None, lake: Path, as_json: bool) -> None:
    """Make the derived tables anew from the evidence, after an update of depeer or an edit of depeer.toml."""
    from depeer.verbs.derive import derive

    answer = derive(lake, jobs)
    if as_json:
        print_json(answer)
        return
    rows = ", ".join(f"{name} {count:,}" for name, count in answer.rows.items())
    say(f"made anew in {answer.seconds:.1f} s: {rows}; {answer.removed} left-over files removed")

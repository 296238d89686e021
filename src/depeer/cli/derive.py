"""``depeer derive``."""

from __future__ import annotations

from pathlib import Path

import click

from depeer.cli.common import print_json, say, with_lake


@click.command("derive")
@with_lake
def command(lake: Path, as_json: bool) -> None:
    """Make the derived tables anew from the evidence, after an update of depeer or an edit of depeer.toml."""
    from depeer.verbs.derive import derive

    answer = derive(lake)
    if as_json:
        print_json(answer)
        return
    rows = ", ".join(f"{name} {count:,}" for name, count in answer.rows.items())
    say(f"made anew in {answer.seconds:.1f} s: {rows}; {answer.removed} left-over files removed")

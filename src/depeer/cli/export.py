"""``depeer export``."""

from __future__ import annotations

from pathlib import Path

import click

from depeer.cli.common import print_json, private_option, say, with_lake


@click.command("export")
@click.argument("name", metavar="TABLE")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@private_option
@with_lake
def command(name: str, out: Path, private: bool, lake: Path, as_json: bool) -> None:
    """Write a table to OUT; its ending says how: .parquet, .csv or .jsonl.

    `messages` joins what a mail says, where it came in and which network that was; `links`, `hops`, `sightings`,
    `listings`, `relays`, `raw` … are there as well. Recipients and traps are cut out.
    """
    from depeer.verbs.export import export

    answer = export(lake, name, out, private)
    if as_json:
        print_json(answer)
        return
    say(f"wrote {answer.rows:,} rows of {answer.table} to {answer.path}")
    if private:
        say("it holds recipients and exact times: keep it to yourself")

"""``depeer forget``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from depeer.cli.common import Day, print_json, say, with_lake


@click.command("forget")
@click.option(
    "--hash", "hashes", multiple=True, metavar="HEX", help="SHA-256 of a content, or a delivery id."
)
@click.option("--recipient", metavar="ADDRESS", help="Every mail that names this recipient.")
@click.option("--before", type=Day(), help="Every mail whose deliveries are all older than this date.")
@click.option(
    "--expired", is_flag=True, help="Every mail older than its sensor's retention_days in depeer.toml."
)
@click.option("--reason", default="asked to", show_default=True, help="Kept with the keyed hash.")
@with_lake
def command(
    hashes: tuple[str, ...],
    recipient: str | None,
    before: date | None,
    expired: bool,
    reason: str,
    lake: Path,
    as_json: bool,
) -> None:
    """Delete contents from evidence and derived tables, for good.

    A keyed hash, the reason and the date are kept, so that a second ingest refuses the same content and the
    accounts still add up.
    """
    from depeer.verbs.forget import Selection, forget

    answer = forget(lake, Selection(hashes, recipient, before, expired), reason)
    if as_json:
        print_json(answer)
        return
    say(
        f"forgot {answer.contents:,} contents ({answer.rows:,} rows); {answer.files:,} files removed from disk"
    )
    if answer.undated:
        say(f"{answer.undated:,} contents stay, because nothing says when they came")

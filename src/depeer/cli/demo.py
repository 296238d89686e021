"""``depeer demo``: the verbs, one after the other, on simulated data, as a new user would type them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from depeer.cli.common import say


@click.command("demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default="demo", show_default=True, help="Folder; made anew."
)
def command(out: Path) -> None:
    """The whole story on mail that depeer makes itself, in a minute. All data in it is simulated."""
    from depeer.verbs.demo import MARK, prepare

    if out.exists():
        if not (out / MARK).exists():
            raise click.UsageError(f"{out} exists and is no demo of depeer; choose another folder with --out")
        shutil.rmtree(out)
    say(f"Everything below is simulated: invented mail, networks and feeds, written to {out}/", "")
    prepare(out)
    lake = str(out / "lake")
    for words in (
        ["routes", "add", str(out / "routes.dat")],
        ["routes", "add", str(out / "as-names.csv"), "--date", "2026-09-01"],
        ["ingest", str(out / "spam.mbox"), "--label", "spam", "--sensor", "trap-1"],
        ["ingest", str(out / "ipblocklist.csv"), str(out / "passive-dns.jsonl")],
        ["rank", "--role", "sender", "--top", "5"],
        ["rank", "--role", "controller", "--top", "3"],
        ["network", "AS64502", "--at", "2026-09-14"],
        ["report", str(out / "report.html"), "--title", "Two simulated weeks"],
        ["verify"],
    ):
        _run([*words, "--lake", lake])
    say("", f"Open {(out / 'report.html').resolve().as_uri()}")


def _run(words: list[str]) -> None:
    from depeer.cli import depeer

    say("", f"$ depeer {' '.join(words)}")
    sys.stdout.flush()
    depeer.main(words, standalone_mode=False)

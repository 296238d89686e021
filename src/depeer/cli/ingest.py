"""``depeer ingest``."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from depeer.cli.common import Day, print_json, progress_bar, say, table, visible, with_lake

_EPILOG = """\
\b
Examples:
  depeer ingest spam.mbox --label spam
  depeer ingest Maildir/ archive.tar.xz --sensor trap-1 --trusted 192.0.2.0/24
  zcat mail.gz | depeer ingest - --sensor trap-1
  depeer ingest ipblocklist.csv drop_v4.json passive-dns.jsonl
"""


@click.command("ingest", epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--sensor", metavar="NAME", help="Whose mail or feed it is.  [default: 'default'; a feed's own name]"
)
@click.option(
    "--label",
    type=click.Choice(["spam", "ham", "unknown"]),
    default="unknown",
    show_default=True,
    help="What the mail is; ham is never held against a network.",
)
@click.option(
    "--trusted",
    metavar="CIDR,...",
    help="Relays of your own side (kept in depeer.toml).  [default: learned from the mail, and shown]",
)
@click.option("--date", "day", type=Day(), help="Day of a feed's snapshot, where the file does not say.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Worker processes.  [default: one a core]")
@with_lake
def command(
    paths: tuple[str, ...],
    sensor: str | None,
    label: str,
    trusted: str | None,
    day: date | None,
    jobs: int | None,
    lake: Path,
    as_json: bool,
) -> None:
    """Read mail and feeds into the lake.

    mbox, Maildir, single messages, folders, tar, zip, gz, bz2, xz of those, and - for standard input; passive
    DNS, Feodo Tracker, Spamhaus DROP, URLhaus, ThreatFox, StopForumSpam, blocklist.de, IntelMQ, and CSV. What a
    file is, is detected. The same thing read twice counts once; what cannot be read is kept in quarantine with
    the reason; where a whole file cannot be read, or nothing of what was given, the exit code is 65.
    """
    from depeer.errors import BadInput
    from depeer.verbs.ingest import Progress, Request, ingest

    relays = tuple(part for part in (trusted or "").split(",") if part.strip())
    request = Request(paths, sensor, label, relays, day, jobs)
    started = time.monotonic()
    with progress_bar("reading") as move:

        def watch(progress: Progress) -> None:
            rate = progress.things / max(time.monotonic() - started, 1e-3)
            move(progress.done, progress.total, f"{progress.stage} {progress.things:,}, {rate:,.0f}/s")

        answer = ingest(lake, request, watch)
    tally = asdict(answer.tally)
    complaint = answer.complaint
    if as_json:
        print_json(
            tally
            | {
                "seconds": round(answer.seconds, 3),
                "reasons": answer.reasons,
                "relays": answer.relays,
                "made_anew": answer.made_anew,
                "refused": answer.refused,
            }
            | ({"error": complaint, "exit_code": BadInput.exit_code} if complaint else {})
        )
    else:
        _show(tally, answer, lake)
    if complaint:
        click.echo(visible(f"depeer: {complaint}"), err=True)
        sys.exit(BadInput.exit_code)


def _show(tally: dict[str, Any], answer: Any, lake: Path) -> None:
    say(
        f"read {tally['read']:,} ({tally['bytes'] / 1e6:,.1f} MB) in {answer.seconds:.1f} s: "
        f"{tally['stored']:,} stored, {tally['duplicates']:,} known already, {tally['quarantined']:,} in quarantine"
    )
    for reason, count in sorted(answer.reasons.items(), key=lambda item: -item[1])[:8]:
        say(f"  in quarantine: {count:,} × {reason}")
    if answer.relays:
        table(
            "Relays of your own side; mail is attributed to whoever handed it to them",
            [("sensor", "<"), ("relay", "<"), ("name", "<"), ("basis", "<"), ("mails", ">"), ("from", ">")],
            [
                (
                    r["sensor"],
                    r["relay"],
                    r["name"] or "",
                    r["basis"],
                    f"{r['deliveries']:,}",
                    f"{r['sources']:,}",
                )
                for r in answer.relays[:12]
            ],
            f"Wrong? Give your own: depeer ingest … --trusted CIDR,… or edit {lake}/depeer.toml, then depeer derive.",
        )
    if answer.made_anew:
        say(f"made anew, because what they depend on changed: {', '.join(answer.made_anew)}")

"""``depeer watch``."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from depeer.cli.chart import check_chart
from depeer.cli.common import visible

if TYPE_CHECKING:
    from depeer.judgement.watch import Event
    from depeer.verbs.watch import Session


@click.command("watch")
@click.argument("what", metavar="ASN... FILE...", nargs=-1, required=True)
@click.option(
    "--prefix", "prefixes", multiple=True, metavar="PREFIX", help="Watch it, seen or not; repeatable."
)
@click.option("--stream", metavar="URL", help="Follow a RIS-Live-style stream of JSON lines over HTTP.")
@click.option(
    "--state", type=click.Path(path_type=Path), help="Keep what is known here, and go on from there."
)
@click.option("--intelmq", is_flag=True, help="Events as IntelMQ writes them.")
@click.option("--chart", type=click.Path(path_type=Path), help="Draw visibility over time (.svg or .png).")
@click.option("--lake", type=click.Path(path_type=Path), help="Lake that knows the networks' names.")
@click.option("--json", "_as_json", is_flag=True, help="What it does anyway: events are JSON lines.")
def command(
    what: tuple[str, ...],
    prefixes: tuple[str, ...],
    stream: str | None,
    state: Path | None,
    intelmq: bool,
    chart: Path | None,
    lake: Path | None,
    _as_json: bool,
) -> None:
    """Tell what happens to networks on the wire: uplinks, outages, returns, other origins of their prefixes.

    Replays MRT files in the order given: first routing tables, for what is there already, then updates in the
    order of time; or follows a stream. Events are JSON lines on standard output, the account is on standard error.
    """
    from depeer.errors import BadInput
    from depeer.verbs.watch import invented, names, start

    asns, files = _sorted_out(what)
    if (stream is None) == (not files):
        raise click.UsageError("name files to replay, or a stream with --stream, and not both")
    if chart is not None:
        check_chart(chart)
    session = start(asns, prefixes, state)
    session.simulated |= invented(lake, files)
    called = names(lake, asns) if intelmq or chart else {}
    write = _writer(intelmq, called, stream or "files")
    events = session.events_of_stream(stream, _note) if stream else session.events_of_files(files)
    try:
        _run(events, write)
    except KeyboardInterrupt:
        if stream is None:
            raise
    finally:
        session.keep()
        _account(session)
    if session.account.useless:
        raise BadInput("none of these files holds MRT records; are they the right ones?")
    if chart is not None:
        _draw(session, called, chart)


def _sorted_out(what: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Networks come first; the first word that is none, or that is a file here, begins the files."""
    from depeer.errors import BadUsage
    from depeer.model import parse_asn

    asns: list[int] = []
    for place, word in enumerate(what):
        try:
            number = parse_asn(word)
        except BadUsage:
            return asns, list(what[place:])
        if Path(word).exists():
            return asns, list(what[place:])
        asns.append(number)
    return asns, []


def _run(events: Iterator[list[Event]], write: Callable[[Event], None]) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for some in events:
        for event in some:
            write(event)


def _writer(intelmq: bool, called: dict[int, str | None], feed: str) -> Callable[[Event], None]:
    from depeer.judgement.watch import as_intelmq, as_json

    def write(event: Event) -> None:
        line = (
            as_intelmq(event, called.get(event.asn), feed, datetime.now(UTC)) if intelmq else as_json(event)
        )
        click.echo(line)

    return write


def _note(reason: str) -> None:
    click.echo(
        visible(f"depeer: {reason.rstrip('. ')}. What came meanwhile is lost; trying again."), err=True
    )


def _account(session: Session) -> None:
    told, watch = session.account, session.watch
    for trouble in told.troubles:
        click.echo(visible(f"depeer: {trouble}"), err=True)
    parts = [f"{told.elements:,} elements", f"{told.skipped:,} records skipped", f"{told.events:,} events"]
    if watch.late:
        parts.append(f"{watch.late:,} came too late")
    if watch.over:
        parts.append(f"{watch.over:,} found no room")
    if session.simulated:
        parts.append("SIMULATED data")
    click.echo("depeer: " + ", ".join(parts), err=True)


def _draw(session: Session, called: dict[int, str | None], chart: Path) -> None:
    from depeer.verbs.watch import picture

    if picture(session, called, chart) is None:
        click.echo("depeer: nothing was seen of these networks, so there is nothing to draw", err=True)

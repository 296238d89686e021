"""``depeer demo``: the verbs, one after the other, on simulated data, as a new user would type them."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import click

from depeer.cli.common import say, table

TABLES = ("20080901", "20081110", "20081201", "20090331")
"""Days whose routing tables the demo adds, of those that the world holds."""

INJUNCTION = "2008-10-15"
"""Four weeks before the cut one operator was enjoined: series around both cannot tell the two apart."""


@click.command("demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default="demo", show_default=True, help="Folder; made anew."
)
@click.option(
    "--scale", type=click.FloatRange(0.01, 10), default=0.08, show_default=True, help="More or less mail."
)
def command(out: Path, scale: float) -> None:
    """The whole story on a world that depeer makes itself, in a minute. All data in it is simulated.

    The world is `mccolo-2008`: after what was published about McColo, with every message and machine invented.
    """
    from depeer.verbs import demo

    if out.exists():
        if not (out / demo.MARK).exists():
            raise click.UsageError(f"{out} exists and is no demo of depeer; choose another folder with --out")
        shutil.rmtree(out)
    say(f"Everything below is simulated: invented mail, machines, feeds and counts, written to {out}/")
    demo.start(out)
    world, lake = out / "world", out / "lake"
    _run(["world", "mccolo-2008", "--scale", str(scale), "--out", str(world)])
    demo.describe(world, lake)
    _fill(world, lake)
    say(
        "",
        "Who sends is not who hosts: infected homes send, and a small network without any holds the controllers.",
    )
    for words in (
        ["rank", "--role", "sender", "--top", "5"],
        ["rank", "--role", "controller", "--top", "5"],
        ["network", "AS26780", "--at", "2008-11-11"],
        ["cut", "AS26780", "--at", "2008-11-11", "--without", "3549,6939"],
    ):
        _run([*words, "--lake", str(lake)])
    say("", "When it went dark, and who carried it again for some hours, as eight vantage points heard it:")
    state = out / "watched.state"
    _run(["watch", "AS26780", *_heard(world), "--state", str(state), "--lake", str(lake)])
    _tell(world)
    near = ["--series", str(world / "counts.csv"), "--other", INJUNCTION]
    effect = ["effect", "--date", "2008-11-12", "--target", "26780", *near]
    _run([*effect, "--lake", str(lake)])
    _truth(world)
    seen = [
        "--takedown",
        "2008-11-12=AS26780",
        "--series",
        str(world / "counts.csv"),
        "--watched",
        str(state),
    ]
    for words in (
        ["report", str(out / "report.html"), "--title", "McColo 2008, simulated", *seen],
        ["verify"],
        ["world", "score", str(world)],
    ):
        _run([*words, "--lake", str(lake)])
    say("", f"Open {(out / 'report.html').resolve().as_uri()}", f"What is in the world: {world}/README.txt")


def _fill(world: Path, lake: Path) -> None:
    """Routing, names and feeds first, so that mail finds its networks and shops as it comes in."""
    for day in TABLES:
        _run(["routes", "add", str(world / "routing" / f"simulated-ipasn_{day}.dat"), "--lake", str(lake)])
    for file in ("simulated-20081110.as-rel.txt", "simulated-updates.20081111.2030.gz"):
        _run(["routes", "add", str(world / "routing" / file), "--lake", str(lake)])
    names = world / "routing" / "simulated-as-names.csv"
    _run(["routes", "add", str(names), "--date", "2008-09-01", "--lake", str(lake)])
    _run(["ingest", str(world / "feeds"), "--lake", str(lake)])
    for label, folder in (("spam", "mail"), ("ham", "ham")):
        for mail in sorted((world / folder).iterdir()):
            _run(["ingest", str(mail), "--sensor", mail.name, "--label", label, "--lake", str(lake)])


def _heard(world: Path) -> list[str]:
    """The table of the day before the cut, and the updates from then on, in the order of time."""
    routing = world / "routing"
    return [
        str(routing / "simulated-rib.20081110.1200.gz"),
        *(str(file) for file in sorted(routing.glob("simulated-updates.200811*.gz"))),
    ]


def _tell(world: Path) -> None:
    """What happened, and what the sensors counted: observed, not yet an effect."""
    from depeer.verbs.demo import weeks

    say(
        "",
        "On 11 November 2008, in the evening, its uplinks cut AS26780 off. Messages counted a day (simulated):",
    )
    rows = weeks(world)
    table(
        "",
        [("sensor", "<"), ("week before", ">"), ("week after", ">"), ("change", ">"), ("end of March", ">")],
        [
            (w.sensor, _number(w.before), _number(w.after), _change(w.before, w.after), _number(w.in_march))
            for w in rows
        ],
        "Before and after only; what may be said of an effect, and how sure that is. An injunction of 15 October "
        "(the day is invented) is declared, since no series can tell two interventions within six weeks apart:",
    )


def _truth(world: Path) -> None:
    """What the simulation knows: the drop that the cut made, sensor by sensor."""
    from depeer.verbs.demo import true_drops, true_moves

    table(
        "The truth of the simulation, which real data never has",
        [("sensor", "<"), ("true drop over 24 hours", ">"), ("over 7 days", ">")],
        [(sensor, f"{day:.0%}", f"{week:.0%}") for sensor, (day, week) in true_drops(world).items()],
    )
    went = "; ".join(f"{botnet} to AS{asn} on {day}" for botnet, asn, day in true_moves(world))
    say(f"Where the controllers truly went: {went}")


def _number(count: float | None) -> str:
    return "down" if count is None else f"{count:,.0f}"


def _change(before: float | None, after: float | None) -> str:
    return f"{after / before - 1:+.0%}" if before and after is not None else ""


def _run(words: list[str]) -> None:
    from depeer.cli import depeer

    say("", f"$ depeer {shlex.join(words)}")
    sys.stdout.flush()
    depeer.main(words, standalone_mode=False)

"""``depeer world``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.common import json_option, print_json, progress_bar, say, table, with_lake

if TYPE_CHECKING:
    from depeer.lake.scored import Effects, Moved
    from depeer.measures.scores import Finding
    from depeer.model import Estimate
    from depeer.verbs.world import Ranked, Scored


class _WithBuild(click.Group):
    """``world SCENARIO`` builds; ``list`` and ``score`` are words of their own."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "build", self.commands["build"], args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(
            ctx.command_path, "SCENARIO --out DIR [--seed N] [--scale X] | list | score DIR"
        )


@click.group("world", cls=_WithBuild)
def command() -> None:
    """A simulated Internet with its other side, in the formats of real data, and the truth about it.

    SCENARIO is the name of one that comes with depeer (`depeer world list`) or a TOML file (docs/world.md). All
    data it writes is simulated. The same scenario and seed give the same bytes.
    """


@command.command("build")
@click.argument("scenario")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder; new or empty.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another world of the same scenario.")
@click.option(
    "--scale",
    type=float,
    default=1.0,
    show_default=True,
    help="Messages written, against the scenario's number.",
)
@click.option("--jobs", type=click.IntRange(1), help="Worker processes.  [default: all cores]")
@json_option
def build_command(
    scenario: str, out: Path, seed: int | None, scale: float, jobs: int | None, as_json: bool
) -> None:
    """Write the world of SCENARIO into a folder."""
    from depeer.verbs.world import build_world

    with progress_bar("building") as move:
        built = build_world(
            scenario, out, seed, scale, jobs, lambda done, total: move(done, total, f"{done:,} messages")
        )
    if as_json:
        print_json(built)
        return
    say(
        f"simulated world {built.scenario} (seed {built.seed}): {built.networks:,} networks, "
        f"{built.messages:,} messages, {built.bytes / 1e6:,.1f} MB in {built.seconds:.1f} s, in {built.out}/",
        f"read {built.out}/README.txt; the truth is in truth.json and messages.csv",
    )


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """The scenarios that come with depeer."""
    from depeer.verbs.world import scenarios

    known = scenarios()
    if as_json:
        print_json({"scenarios": [{"name": name, "title": title} for name, title in known]})
        return
    table("Scenarios", [("name", "<"), ("what happens", "<")], known)


@command.command("score")
@click.argument("world", type=click.Path(path_type=Path))
@with_lake
def score_command(world: Path, lake: Path, as_json: bool) -> None:
    """Hold a lake's answers against the truth of the world in the folder WORLD."""
    from depeer.verbs.world import score

    scored = score(world, lake)
    if as_json:
        print_json(scored)
    else:
        _show(scored)


def _show(scored: Scored) -> None:
    mail = scored.messages
    say(f"World {scored.scenario}, seed {scored.seed} (simulated), against the lake's answers", "")
    table(
        "Messages",
        [("what", "<"), ("right", ">"), ("95 %", ">")],
        [
            ("boundary address", *_share(mail.boundary)),
            ("network", *_share(mail.network)),
            ("nature", *_share(mail.nature)),
        ],
        f"{mail.found:,} of {mail.written:,} messages written are in the lake"
        + (f"; {mail.invented:,} in the lake are not of this world" if mail.invented else ""),
    )
    if mail.confused:
        say("natures confused: " + "; ".join(f"{pair}: {n:,}" for pair, n in mail.confused.items()))
    for ranked in scored.rankings:
        _show_ranked(ranked)
    if scored.effects:
        _show_effects(scored.effects)
    for one in scored.moves:
        _show_moved(one)
    if scored.uplinks:
        links = scored.uplinks
        say(
            "",
            f"Links between networks on {links.day}: {_finding(links.found)}; {links.hidden:,} are in no file",
        )
    say("", f"not yet answered by depeer: {', '.join(scored.unanswered)}")


def _show_effects(effects: Effects) -> None:
    table(
        "Intervals of the drop (95 %) that hold the true one",
        [
            ("over", "<"),
            ("single sensors", ">"),
            ("95 %", ">"),
            ("all together", ">"),
            ("refused", ">"),
            ("near others", ">"),
        ],
        [
            (
                f"{days} d",
                *_share(own),
                _share(effects.fused[days])[0],
                str(effects.refused[days]),
                _share(effects.mixed[days])[0],
            )
            for days, own in effects.covered.items()
        ],
        "near others: another intervention shows in the window or before it, so the numbers are joint. "
        + "; ".join(f"{name}: {verdict}" for name, verdict in effects.judged),
    )


def _show_moved(one: Moved) -> None:
    say("", f"After {one.name} (AS{one.target})")
    say(
        f"  networks that its controllers moved to: {_finding(one.successors)}; {one.weak} more on weak evidence"
    )
    say(f"  networks whose mail rose: {_finding(one.gainers)}")
    held, span = _share(one.returns)
    said = {None: "not reached", True: "held by its interval", False: "not held by its interval"}
    say(f"  times to return within their intervals: {held} ({span}); their median: {said[one.median_holds]}")


def _finding(found: Finding) -> str:
    right, due = _share(found.precision)[0], _share(found.recall)[0]
    return f"{found.named:,} named, {right} of them truly; of {found.wanted:,} to be found, {due}"


def _show_ranked(ranked: Ranked) -> None:
    say("", f"Ranking as {ranked.role}, of {ranked.networks:,} networks announced")
    if ranked.precision:
        found = ", ".join(f"{value:.0%} of the first {k}" for k, value in ranked.precision.items())
        say(f"  truly among the worst 1 % ({ranked.relevant} networks): {found}")
    if ranked.covered:
        value, span = _share(ranked.covered)
        say(f"  intervals of the 100 highest-ranked that hold the truth: {value} ({span})")
    for asn, place in ranked.rogue.items():
        say(f"  AS{asn}, rogue: " + (f"place {place:,}" if place else "not in the list"))
    if ranked.bins:
        table(
            "P(worst 1 %) against the truth",
            [("said", "<"), ("networks", ">"), ("mean said", ">"), ("true", ">")],
            [
                (f"{b.low:.1f}–{b.high:.1f}", f"{b.count:,}", f"{b.said:.2f}", f"{b.happened:.2f}")
                for b in ranked.bins
            ],
        )


def _share(value: Estimate) -> tuple[str, str]:
    if value.value != value.value:
        return "–", "–"
    return f"{value.value:.1%}", f"{value.low:.1%}–{value.high:.1%}"

"""What all verbs share on the command line: options, dates, output as text or JSON, a progress bar."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from rich.console import Console

Function = TypeVar("Function", bound=Callable[..., Any])

lake_option = click.option(
    "--lake",
    "lake",
    envvar="DEPEER_LAKE",
    default="depeer-lake",
    show_default=True,
    show_envvar=True,
    type=click.Path(path_type=Path),
    help="Folder of the lake.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
private_option = click.option(
    "--private",
    is_flag=True,
    help="Let recipients, traps, paths and exact times out. Never for others' eyes.",
)


class Day(click.ParamType[date]):
    """A date such as 2008-11-11, or ``today``."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        if value == "today":
            return datetime.now(UTC).date()
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2008-11-11", param, ctx)


def with_lake(function: Function) -> Function:
    """``--lake`` and ``--json``, which every verb has; what comes out of a lake of invented data says so."""

    @wraps(function)
    def marked(*args: Any, lake: Path, as_json: bool, **words: Any) -> Any:
        if is_simulated(lake):
            click.get_current_context().meta[_SIMULATED] = True
            if not as_json:
                say("SIMULATED data: nothing of this happened, whatever names are in it")
        return function(*args, lake=lake, as_json=as_json, **words)

    return cast("Function", lake_option(json_option(marked)))


_SIMULATED = "depeer.simulated"
WORD = 43
"""Cells of the longest thing that is never folded: an IPv6 prefix."""
FOLDED = 5
"""Cells that a column of words keeps at least."""
GAP = 3
"""Cells between two columns."""


def is_simulated(lake: Path) -> bool:
    """Whether the lake is declared to hold invented data. What is wrong with the file, the verb will say."""
    from depeer.errors import BadInput
    from depeer.lake.description import read

    try:
        return read(lake / "depeer.toml").simulated
    except (BadInput, OSError):
        return False


def console(least: int = 0) -> Console:
    """Standard output for people; as wide as the terminal, 110 where it is none, and ``least`` at least."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 110
    out = Console(highlight=False, markup=False, emoji=False, width=wide, soft_wrap=False)
    out.width = max(out.width, least)
    return out


def print_json(answer: Any) -> None:
    """The one document; times are rounded to the hour; not-a-number and infinity become null (RFC 8259)."""
    document = _plain(answer)
    if isinstance(document, dict) and click.get_current_context().meta.get(_SIMULATED):
        document = {"simulated": True, **document}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.replace(minute=0, second=0, microsecond=0).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Iterable):
        return [_plain(v) for v in value]
    return str(value)


def table(
    title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]], note: str = ""
) -> None:
    """A table on standard output: columns as (heading, ``<`` or ``>``), cells as text. Where the terminal is
    narrow, words are folded, but no figure and no single word; at worst the table is wider than the terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    cells = [[visible(str(cell)) for cell in row] for row in rows]
    out = console()
    widths = _widths(columns, cells, out.width)
    for (heading, side), width in zip(columns, widths, strict=True):
        shown.add_column(
            Text(heading), justify="right" if side == ">" else "left", overflow="fold", width=width
        )
    for row in cells:
        shown.add_row(*map(Text, row))
    wide = console(least=sum(width or FOLDED for width in widths) + GAP * len(widths) if any(widths) else 0)
    wide.print(shown)
    if note:
        out.print(Text(note, style="dim"))


def _widths(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]], room: int) -> list[int | None]:
    """Of columns that must not be folded, where not all is wide enough; None for the others."""
    from rich.cells import cell_len

    longest = [max((cell_len(row[at]) for row in rows), default=0) for at in range(len(columns))]
    whole = sum(max(cell_len(name), most) + GAP for (name, _), most in zip(columns, longest, strict=True))
    if whole <= room:
        return [None] * len(columns)
    return [
        max(most, *(cell_len(word) for word in name.split() or [""]))
        if most <= WORD and (side == ">" or not any(" " in row[at] for row in rows))
        else None
        for at, ((name, side), most) in enumerate(zip(columns, longest, strict=True))
    ]


def say(*sentences: str) -> None:
    """Sentences on standard output, hostile characters made visible."""
    for sentence in sentences:
        click.echo(visible(sentence))


def visible(text: str) -> str:
    """Control and direction characters replaced, so that a hostile name cannot steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


@contextmanager
def progress_bar(label: str) -> Any:
    """Yields a function (done, total or None, words) that moves a bar on standard error; quiet off a terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[words]}"),
        BarColumn(bar_width=20),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, words="")

        def move(done: int, total: int | None, words: str) -> None:
            bar.update(task, completed=done, total=total, words=words)

        yield move

"""The command line: presentation only. Each verb's words live in a file of its own, imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

VERBS = {
    "demo": "the whole story on mail that depeer makes itself, in a minute",
    "ingest": "read piles of mail and feeds into the lake",
    "routes": "add or fetch routing tables and names: the Internet as of a date",
    "lookup": "which network announced an address, at a date",
    "rank": "the worst networks or prefixes in a role, with intervals",
    "network": "everything the lake knows about one network",
    "cut": "who can cut a network off, what stays, and who else is hurt",
    "effect": "did it work: drop, durability and placebos, with intervals",
    "dates": "nosedives and surges found without being told",
    "watch": "what happens to networks on the wire: replayed from files, or live",
    "report": "one self-contained HTML page of the answers",
    "export": "any table as Parquet, CSV or JSON lines",
    "check": "what is missing for good answers, and how to get it",
    "verify": "does every account add up, is every byte what its hash says",
    "derive": "make the derived tables anew from the evidence",
    "world": "a simulated Internet with its truth, to try everything on",
    "forget": "take contents out of the lake for good",
}


class _Verbs(click.Group):
    """Lists verbs without importing them, so that help is there at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"depeer.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in VERBS:
            close = _closest(args[0])
            ctx.fail(
                f"there is no verb {args[0]!r}" + (f"; did you mean {close!r}?" if close else "; see --help")
            )
        return super().resolve_command(ctx, args)


def _closest(word: str) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(word, VERBS, 1)), None)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: depeer demo. The lake is chosen by --lake or DEPEER_LAKE (else ./depeer-lake).",
)
@click.version_option(package_name="depeer", message="depeer %(version)s")
def depeer() -> None:
    """From raw spam to the network behind it, with evidence and intervals.

    depeer reads mail and feeds as data only: it never fetches a link, opens an attachment, contacts an
    address or sends a report.
    """


def main() -> None:
    """Entry point: runs the verb, turns errors into one sentence and an exit code."""
    from depeer.errors import DepeerError

    # Small matrices only: more BLAS threads would spin beside the workers (measured: 2.5 s instead of 0.4 s).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        depeer.main(prog_name="depeer", standalone_mode=False)
    except click.Abort:
        _complain("stopped; what was committed is safe", 130)
    except KeyboardInterrupt:
        _complain("stopped; what was committed is safe", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _complain(_usage(error), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except DepeerError as error:
        _complain(str(error), error.exit_code)


def _usage(error: click.ClickException) -> str:
    """Click's words as one sentence that says where to read on."""
    words = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{words}; see: {context.command_path} --help" if context else words


def _complain(sentence: str, code: int) -> None:
    """One sentence on standard error; with ``--json`` a document on standard output as well."""
    if "--json" in sys.argv:
        import json

        click.echo(json.dumps({"error": sentence, "exit_code": code}, ensure_ascii=False))
    click.echo(f"depeer: {sentence}", err=True)
    sys.exit(code)

"""The options that say which counts are meant, for every verb that asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from depeer.lake.series import Slice

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--series",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A CSV of counts (date, sensor if several, count) instead of the lake; - for standard input.",
    ),
    click.option("--sensor", metavar="NAME", help="Only this sensor or feed of the lake."),
    click.option("--label", type=click.Choice(["spam", "ham", "unknown"]), help="Only mail of this label."),
    click.option(
        "--role",
        type=click.Choice(["sender", "link", "nameserver", "controller"]),
        help="Mails by the role of an address; for controllers those listed on each day.",
    ),
    click.option("--network", metavar="ASN", help="Only what was seen in this network (with --role)."),
    click.option("--prefix", help="Only what was seen in this prefix (with --role)."),
)


def with_slice(function: Function) -> Function:
    """``--series`` and the options of a slice of the lake."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def slice_of(
    sensor: str | None, label: str | None, role: str | None, network: str | None, prefix: str | None
) -> Slice:
    """The slice that the options name. Raises BadUsage for a network without a role."""
    from depeer.errors import BadUsage
    from depeer.lake.series import Slice
    from depeer.model import parse_asn

    if (network or prefix) and role is None:
        raise BadUsage("--network and --prefix need --role: seen in it as what?")
    return Slice(sensor, label, role, parse_asn(network) if network else None, prefix)

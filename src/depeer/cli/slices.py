"""The options that say which counts are meant, for every verb that asks."""

from __future__ import annotations

import ipaddress
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
    click.option("--sensor", metavar="NAME", help="Only this sensor or feed."),
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
    series: Path | None,
    sensor: str | None,
    label: str | None,
    role: str | None,
    network: str | None,
    prefix: str | None,
) -> Slice:
    """The slice that the options name. Raises BadUsage for a network without a role, and for what a file of
    counts cannot be asked."""
    from depeer.errors import BadUsage
    from depeer.lake.series import Slice
    from depeer.model import parse_asn

    if series is not None and any((label, role, network, prefix)):
        raise BadUsage(
            "--label, --role, --network and --prefix ask the lake; a file of counts knows sensors only"
        )
    if (network or prefix) and role is None:
        raise BadUsage("--network and --prefix need --role: seen in it as what?")
    return Slice(sensor, label, role, parse_asn(network) if network else None, _prefix(prefix))


def _prefix(text: str | None) -> str | None:
    """As given. Raises BadUsage for what is no prefix."""
    from depeer.errors import BadUsage

    try:
        if text is not None:
            ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadUsage(f"--prefix: {text!r} is no prefix such as 208.66.192.0/22") from None
    return text

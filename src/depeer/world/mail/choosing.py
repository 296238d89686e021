"""Looking up a part by its name, with an error that tells which names there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from depeer.errors import BadUsage

T = TypeVar("T")


def known(names: Mapping[str, T], name: str, what: str) -> T:
    """The part of that name; raises BadUsage where there is none."""
    if name not in names:
        raise BadUsage(f"{name!r} is no {what}; known are {', '.join(names)}.")
    return names[name]

"""The random source of one thing, named by what it is for, so that nothing depends on order."""

from __future__ import annotations

from random import Random
from typing import TypeVar

__all__ = ["Random", "dice_of", "pick", "weighted"]

T = TypeVar("T")


def dice_of(*names: object) -> Random:
    """A source that is a function of the names alone (a text seed goes through SHA-512)."""
    return Random("\x1f".join(map(str, names)))  # noqa: S311 - a story, not a secret


def pick(dice: Random, options: tuple[T, ...]) -> T:
    """One of the options; a third of the price of ``Random.choice``."""
    return options[int(dice.random() * len(options))]


def weighted(dice: Random, options: dict[T, float]) -> T:
    """One of the keys, in proportion to its value."""
    at = dice.random() * sum(options.values())
    for option, weight in options.items():
        at -= weight
        if at < 0:
            return option
    return option

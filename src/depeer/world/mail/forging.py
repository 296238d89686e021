"""Received lines that a bot writes below the true ones, by habit. All of them are lies."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from depeer.world.mail import clock
from depeer.world.mail.places import any_address
from depeer.world.mail.received import STYLES, Transit
from depeer.world.mail.words import domain

_DAY = 86_400
_Habit = Callable[[Random, int, str, str], Transit]
_STYLES = tuple(STYLES.values())[:3]


def forged(habit: str, dice: Random, count: int, when: int, ours: str, recipient: str) -> str:
    """``count`` fields of one habit, newest first; ``ours`` is the name of the server they are for."""
    form = HABITS.get(habit, plausible)
    lines = []
    for at in range(count):
        it = form(dice, when - 7 * (at + 1), ours, recipient)
        date = clock.usual(it.when, (-240, 60, 180, 480)[dice.getrandbits(2)])
        lines.append(_STYLES[dice.getrandbits(4) % 3](it, date))
    return "".join(lines)


def plausible(dice: Random, when: int, _ours: str, recipient: str) -> Transit:
    """A relay of some provider, shortly before."""
    name = f"mail{dice.getrandbits(4)}.{domain(dice)}"
    other = f"relay.{domain(dice)}"
    return Transit(
        name, name, any_address(dice), other, when, recipient, f"list@{name}", dice.getrandbits(48)
    )


def in_our_name(dice: Random, when: int, ours: str, recipient: str) -> Transit:
    """As if our own server had taken it from somebody else."""
    name = f"smtp.{domain(dice)}"
    return Transit(name, name, any_address(dice), ours, when, recipient, f"info@{name}", dice.getrandbits(48))


def impossible(dice: Random, when: int, _ours: str, recipient: str) -> Transit:
    """An address with numbers over 255, at a time to come."""
    address = (
        f"{256 + dice.getrandbits(7)}.{dice.getrandbits(8)}.{300 + dice.getrandbits(6)}.{dice.getrandbits(9)}"
    )
    later = when + dice.randrange(_DAY, 90 * _DAY)
    return Transit(
        "unknown", None, address, domain(dice), later, recipient, "x@x.invalid", dice.getrandbits(48)
    )


def stale(dice: Random, when: int, ours: str, recipient: str) -> Transit:
    """A true-looking line from days ago."""
    return plausible(dice, when - dice.randrange(2 * _DAY, 40 * _DAY), ours, recipient)


HABITS: dict[str, _Habit] = {
    "plausible": plausible,
    "ours": in_our_name,
    "impossible": impossible,
    "stale": stale,
}
"""``none`` is no habit: where an envelope asks for forged lines even so, they are plausible ones."""

"""Addresses for those whom the envelope does not name: posters, origins behind forwarders, lies."""

from __future__ import annotations

from random import Random


def any_address(dice: Random) -> str:
    """Any that could send: nothing private, nothing reserved (11.0.0.0 to 74.255.255.255)."""
    first, second, third, last = dice.randbytes(4)
    return f"{11 + first % 64}.{second}.{third}.{1 + last % 254}"

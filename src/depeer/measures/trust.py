"""Which addresses belong to our own side: a set of prefixes, tested for millions of addresses at once.

Private and loopback addresses are always on our side as long as the walk down the Received chain has
not left it (see `depeer.measures.arrivals`); they need no entry here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from depeer.errors import BadUsage

Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
_MAPPED = np.uint64(0xFFFF)
TRUSTED = ("given", "learned")


@dataclass(frozen=True, slots=True)
class Trust:
    """Prefixes of one sensor's own side as 128-bit ranges: ``bounds`` is (n, 4) words, high and low of
    the first and of the last address, in network order of value, not of bytes."""

    bounds: Words = field(default_factory=lambda: np.empty((0, 4), np.uint64))

    @classmethod
    def of(cls, prefixes: Iterable[str]) -> Trust:
        """From addresses or CIDRs, e.g. ``192.0.2.0/24``. Raises BadUsage for anything else."""
        rows = sorted({_range(prefix) for prefix in prefixes})
        return cls(np.array(rows, np.uint64).reshape(-1, 4))

    def contains(self, addresses: Bytes) -> Bools:
        """For (n, 16) bytes of packed addresses, which of them are on our side: (n,) booleans."""
        high, low = words(addresses)
        inside = np.zeros(len(high), np.bool_)
        v4 = (self.bounds[:, 0] == 0) & (self.bounds[:, 1] >> np.uint64(32) == _MAPPED)
        mapped = (high == 0) & (low >> np.uint64(32) == _MAPPED)
        inside[mapped] = _in_ranges(low[mapped], self.bounds[v4, 1], self.bounds[v4, 3])
        for first_high, first_low, last_high, last_low in self.bounds[~v4]:
            above = (high > first_high) | ((high == first_high) & (low >= first_low))
            inside |= above & ((high < last_high) | ((high == last_high) & (low <= last_low)))
        return inside


def trusts(relays: pa.Table) -> dict[str, Trust]:
    """By sensor, from rows of `depeer.tables.RELAYS`; what is only proposed is not trusted."""
    prefixes: dict[str, list[str]] = {}
    for sensor, relay, basis in zip(
        *(relays[name].to_pylist() for name in ("sensor", "relay", "basis")), strict=True
    ):
        if basis in TRUSTED:
            prefixes.setdefault(sensor, []).append(relay)
    return {sensor: Trust.of(listed) for sensor, listed in prefixes.items()}


def words(addresses: Bytes) -> tuple[Words, Words]:
    """High and low 64 bits of (n, 16) packed bytes."""
    pairs = np.ascontiguousarray(addresses).view(">u8").astype(np.uint64)
    return pairs[:, 0], pairs[:, 1]


def private(addresses: Bytes) -> Bools:
    """Which of (n, 16) packed addresses are never seen from outside (RFC 1918, 6598, 3927, 4193, 4291)."""
    return _PRIVATE.contains(addresses)


def _in_ranges(values: Words, firsts: Words, lasts: Words) -> Bools:
    """Whether each value lies in one of the ranges, which are sorted by their start and may overlap."""
    if not len(firsts):
        return np.zeros(len(values), np.bool_)
    reach = np.maximum.accumulate(lasts)
    at = np.searchsorted(firsts, values, side="right") - 1
    return (at >= 0) & (values <= reach[np.maximum(at, 0)])


def _range(prefix: str) -> tuple[int, int, int, int]:
    try:
        network = ipaddress.ip_network(prefix.strip(), strict=False)
    except ValueError:
        raise BadUsage(
            f"{prefix!r} is no address or CIDR; write it like 192.0.2.0/24 or 2001:db8::/32."
        ) from None
    offset = 0xFFFF << 32 if network.version == 4 else 0
    first, last = offset + int(network.network_address), offset + int(network.broadcast_address)
    mask = (1 << 64) - 1
    return first >> 64, first & mask, last >> 64, last & mask


_V4_PRIVATE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"),
    *("169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
)
_V6_PRIVATE = ("::/127", "fc00::/7", "fe80::/10")
_PRIVATE = Trust.of(_V4_PRIVATE + _V6_PRIVATE)

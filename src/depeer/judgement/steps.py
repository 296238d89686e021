"""Steps against what a network sends or hosts, the least first: what each stops, and what it hurts.

A network is rarely bad through and through: often it is a few addresses, one block that was handed on, or
one customer inside it. So before anyone is asked to cut a network off, the smaller steps are laid out, from
taking single addresses off the net to refusing all of it. A step *suffices* when it stops at least a stated
share of what was seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from depeer.judgement.cut import Cut

SUFFICES = 0.9

Kind = Literal["null-route", "filter", "customer", "refuse"]


@dataclass(frozen=True, slots=True)
class Held:
    """What was seen in one announced prefix: ``addresses`` are those seen doing harm, with how often each was seen.

    ``size``: addresses (IPv4) or /64s (IPv6) for which the prefix is the longest match. ``innocent``:
    addresses in it seen in good use (wanted mail, say).
    """

    prefix: str
    asn: int
    size: int
    addresses: tuple[tuple[str, int], ...]
    innocent: int = 0

    @property
    def seen(self) -> int:
        return sum(count for _, count in self.addresses)


@dataclass(frozen=True, slots=True)
class Step:
    """``stops``: share of what was seen. ``hurts``: addresses that go dark without having been seen doing harm;
    ``innocent``: those of them known to be in good use; ``networks``: others that fall with it."""

    kind: Kind
    who: tuple[int, ...]
    """Networks that would have to act."""
    what: tuple[str, ...]
    """Addresses, prefixes or networks acted against."""
    stops: float
    suffices: bool
    hurts: int
    innocent: int
    networks: int


def steps(held: Sequence[Held], cut: Cut, share: float = SUFFICES) -> tuple[Step, ...]:
    """From the least to the most: null-route addresses, filter prefixes, cut off one customer, refuse the network.

    ``held`` are prefixes of the target and of its customers; the target is ``cut.asn``. Empty where nothing
    was seen.
    """
    total = sum(part.seen for part in held)
    if not total:
        return ()
    customers = sorted({part.asn for part in held if part.asn != cut.asn and part.seen})
    return (
        _null_route(held, cut.asn, total, share),
        *_filter(held, cut, total, share),
        *(_customer(held, cut.asn, asn, total, share) for asn in customers),
        *(_refuse(held, cut, index, total, share) for index in range(len(cut.isolating_sets))),
    )


def _null_route(held: Sequence[Held], asn: int, total: int, share: float) -> Step:
    """The addresses seen most, as few as stop enough; the network itself can do it, and any uplink."""
    counted = sorted(((count, address) for part in held for address, count in part.addresses), reverse=True)
    taken = _enough([count for count, _ in counted], total, share)
    chosen = counted[:taken]
    stopped = sum(count for count, _ in chosen) / total
    return Step(
        "null-route", (asn,), tuple(address for _, address in chosen), stopped, stopped >= share, 0, 0, 0
    )


def _filter(held: Sequence[Held], cut: Cut, total: int, share: float) -> tuple[Step, ...]:
    """The network's own prefixes that hold most of it for what they hurt, until they stop enough.

    Every uplink has to, whatever else is asked: one that does not still carries the prefix. Prefixes of customers are
    not among them, since a customer with another uplink takes that; siblings, being the network itself, do not act.
    """
    own = [part for part in held if part.seen and part.asn == cut.asn]
    ranked = sorted(own, key=lambda part: (-part.seen / max(part.size, 1), part.prefix))
    chosen = ranked[: _enough([part.seen for part in ranked], total, share)]
    if not chosen:
        return ()
    who = [uplink.asn for uplink in cut.uplinks if uplink.kind != "sibling"]
    return (_against("filter", who, tuple(part.prefix for part in chosen), chosen, total, share),)


def _customer(held: Sequence[Held], target: int, asn: int, total: int, share: float) -> Step:
    """One customer inside a good network: the network itself lets go of it."""
    parts = [part for part in held if part.asn == asn]
    return _against("customer", (target,), (f"AS{asn}",), parts, total, share)


def _refuse(held: Sequence[Held], cut: Cut, index: int, total: int, share: float) -> Step:
    chosen = cut.isolating_sets[index]
    return _against(
        "refuse", chosen.asns, (f"AS{cut.asn}",), held, total, share, networks=cut.collateral.networks
    )


def _against(
    kind: Kind, who: Collection[int], what: tuple[str, ...], parts: Sequence[Held], total: int, share: float,
    networks: int = 0,
) -> Step:  # fmt: skip
    stopped = sum(part.seen for part in parts) / total
    return Step(
        kind,
        tuple(who),
        what,
        stopped,
        stopped >= share,
        hurts=sum(max(part.size - len(part.addresses), 0) for part in parts),
        innocent=sum(part.innocent for part in parts),
        networks=networks,
    )


def _enough(counts: Sequence[int], total: int, share: float) -> int:
    """How many of ``counts``, in order, add up to ``share`` of ``total``."""
    running = 0
    for taken, count in enumerate(counts, 1):
        running += count
        if running >= share * total:
            return taken
    return len(counts)

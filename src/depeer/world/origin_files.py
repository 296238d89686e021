"""Prefix-to-origin tables and names of networks, in the formats of pyasn, CAIDA and asn2org."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from depeer.world.graph import Mask
from depeer.world.heard import Block, Vantage, blocks_of, prefix_in
from depeer.world.internet import Internet, Moment
from depeer.world.links import moment as time_of

Line = tuple[Block, tuple[int, ...]]


def pyasn_dat(
    internet: Internet, moment: Moment, vantages: tuple[Vantage, ...], *, six: bool = False
) -> bytes:
    """One origin a prefix, as pyasn takes it from a RIB: of several the one that has the space allocated."""
    day = time_of(moment.second)
    head = f"; IP-ASN32-DAT file\n; simulated\n; Original file : simulated.rib.{day:%Y%m%d.%H%M}.gz\n"
    lines = (
        f"{prefix_in(b)}\t{internet.asn[origins[0]]}\n"
        for b, origins in seen(internet, moment, vantages, six)
    )
    return (head + "".join(lines)).encode()


def pfx2as(internet: Internet, moment: Moment, vantages: tuple[Vantage, ...], *, six: bool = False) -> bytes:
    """Several origins joined by ``_``, members of an AS set by ``,``. The format has no room for a comment; a
    file of it should be named ``simulated-…-YYYYMMDD.pfx2as``."""
    lines = []
    for block, origins in seen(internet, moment, vantages, six):
        named = "_".join(_origin(internet, block, origin) for origin in origins)
        lines.append(f"{prefix_in(block).network_address}\t{block[2]}\t{named}\n")
    return "".join(lines).encode()


def as_names(internet: Internet) -> bytes:
    rows = zip(internet.asn.tolist(), internet.name, strict=True)
    quoted = (f'"{asn}","{name.replace(chr(34), chr(34) * 2)}","simulated"\n' for asn, name in rows)
    return ('"asn","name","source"\n' + "".join(quoted)).encode()


def seen(internet: Internet, moment: Moment, vantages: tuple[Vantage, ...], six: bool) -> Iterator[Line]:
    """Prefixes of one family that any vantage point hears, with those origins that one hears."""
    heard = _heard_by_any(internet, moment, vantages)
    table = moment.announced
    table = table.take((table.six == six) & heard[table.origin])
    yield from blocks_of(table)


def _heard_by_any(internet: Internet, moment: Moment, vantages: tuple[Vantage, ...]) -> Mask:
    heard = np.zeros(len(internet), dtype=bool)
    for vantage in vantages:
        heard |= moment.graph.reach(vantage.row)
    return heard


def _origin(internet: Internet, block: Block, origin: int) -> str:
    members = internet.sets.get((origin, block[1], block[2], block[0]))
    return ",".join(map(str, members)) if members else str(internet.asn[origin])

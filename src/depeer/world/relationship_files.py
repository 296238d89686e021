"""AS relationships as CAIDA writes them, as of a day: serial-1 and serial-2.

They show what an observer would have: no hidden link, some dormant ones, a few relationships wrong.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np

from depeer.world.internet import Internet
from depeer.world.links import seconds


def as_rel(internet: Internet, time: datetime, serial: int = 1) -> bytes:
    """``provider|customer|-1`` and ``peer|peer|0``; serial-2 says in a fourth column what showed it."""
    links = internet.links
    shown = np.flatnonzero(links.exist(seconds(time)) & ~links.hidden)
    peer = (links.peer ^ links.mislabelled)[shown]
    asn = internet.asn
    pairs = zip(
        asn[links.upper[shown]].tolist(), asn[links.lower[shown]].tolist(), peer.tolist(), strict=True
    )
    ends = dict.fromkeys(sorted((*sorted((a, b)), 0) if peers else (a, b, -1) for a, b, peers in pairs))
    source = "" if serial == 1 else "|bgp"
    lines = [*_head(internet, time), *(f"{a}|{b}|{code}{source}" for a, b, code in ends)]
    return ("\n".join(lines) + "\n").encode()


def _head(internet: Internet, time: datetime) -> list[str]:
    clique = " ".join(str(asn) for asn in internet.asn[internet.kind == 0].tolist())
    return [
        "# simulated: an invented Internet, not CAIDA's data",
        f"# inferred clique: {clique}",
        f"# source:topology|BGP|{time:%Y%m%d}|simulated|simulated",
    ]

"""What a hostile archive may cost at most. Each number is generous to real piles of mail."""

from __future__ import annotations

from dataclasses import dataclass

from depeer.piles.progress import Meter
from depeer.piles.stream import Damaged

DEPTH = 6
"""Layers in one another, compression and archive counted apart: ``x.tar.gz`` in a zip is three."""
MEMBERS = 5_000_000
"""Archive members in one file given, over all layers."""
RATIO = 250
"""Times its packed size that one member may grow; real mail packs 3 to 30 times."""
FLOOR = 256 * 2**20
"""Bytes that one member may always unpack to."""
TOTAL_RATIO = 1000
"""Times the size of the file given that all its layers together may unpack to."""
TOTAL_FLOOR = 4 * 2**30
"""Bytes that all layers of one file given may always unpack to."""
MEMORY = 256 * 2**20
"""Bytes of dictionary that an xz stream may ask for (``xz -9`` asks for 65 MiB)."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The bounds for one `open_pile`; over a bound, that member is refused and the rest still read."""

    depth: int = DEPTH
    members: int = MEMBERS
    ratio: int = RATIO
    floor: int = FLOOR
    total_ratio: int = TOTAL_RATIO
    total_floor: int = TOTAL_FLOOR
    memory: int = MEMORY

    def check_growth(self, made: int, packed: int) -> None:
        """Raises Damaged if one member has grown too much from ``packed`` to ``made`` bytes."""
        if made > self.floor and made > self.ratio * packed:
            raise Damaged(f"it unpacks to more than {self.ratio} times its size; the rest of it was not read")


@dataclass(slots=True)
class Budget:
    """What one file given has used of the bounds that hold over all its layers."""

    caps: Caps
    meter: Meter
    before: int
    members: int = 0
    made: int = 0

    def one_more(self) -> bool:
        """Counts an archive member; False once there are too many."""
        self.members += 1
        return self.members <= self.caps.members

    def spend(self, made: int) -> None:
        """Counts unpacked bytes; raises Damaged once there are too many."""
        self.made += made
        packed = self.meter.done - self.before
        if self.made > self.caps.total_floor and self.made > self.caps.total_ratio * packed:
            raise Damaged(f"all in all it unpacks to more than {self.caps.total_ratio} times its size")

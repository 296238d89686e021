"""What an element can be: format, type, family, SAFI and whether a path identifier stands before the prefix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FORMATS = (
    "TABLE_DUMP",
    "TABLE_DUMP2",
    "TABLE_DUMP2_AP",
    "BGP",
    *(f"BGP4MP{et}{local}{ap}" for et in ("", "_ET") for local in ("", "_LOCAL") for ap in ("", "_AP")),
)
TYPES = ("A", "W", "B", "STATE")
FAMILIES = (0, 4, 6)
SAFIS = (0, 1, 2, 3)
AFI = {1: 4, 2: 6}
"""Address family numbers of those that have prefixes."""

_SHAPE = (len(FORMATS), len(TYPES), len(FAMILIES), len(SAFIS))


def kind(format: str, type: str, family: int, safi: int = 1) -> int:
    """The number of a combination; `columns` takes such numbers apart again."""
    place = (FORMATS.index(format), TYPES.index(type), FAMILIES.index(family), SAFIS.index(safi))
    return int(np.ravel_multi_index(place, _SHAPE))


@dataclass(frozen=True, slots=True)
class Columns:
    """Arrays over elements: indices into ``FORMATS`` and ``TYPES``; the family as 0, 4, 6; the SAFI; add-path."""

    format: np.ndarray
    type: np.ndarray
    family: np.ndarray
    safi: np.ndarray
    add_path: np.ndarray


def columns(kinds: np.ndarray) -> Columns:
    """Takes numbers of `kind` apart."""
    formats, types, families, safis = np.unravel_index(kinds, _SHAPE)
    return Columns(
        formats.astype(np.int32),
        types.astype(np.int32),
        np.asarray(FAMILIES, np.int8)[families],
        np.asarray(SAFIS, np.int16)[safis],
        _ADD_PATH[formats] & (types != TYPES.index("STATE")),
    )


_ADD_PATH = np.asarray([name.endswith("_AP") for name in FORMATS])

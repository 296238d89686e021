"""What has been read since the last batch: runs of elements that share all but the prefix, and their attributes.

Records go in as a few appends each; `batch` makes columns of them with numpy and Arrow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from depeer.sources.mrt import attributes, multiprotocol
from depeer.sources.mrt.schema import MAPPED

_MULTIPROTOCOL = re.compile(rb"[\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0\xc0\xd0\xe0\xf0][\x0e\x0f]")
"""Flags, of which the lower four bits are not used, and the type of MP_REACH_NLRI or MP_UNREACH_NLRI."""

NOTHING = -1
"""Instead of an attribute number: a withdrawal or a change of state has none."""


class Message(NamedTuple):
    """What the attributes of an UPDATE say: its own number, and the prefixes inside MP_REACH and MP_UNREACH."""

    attribute: int
    reach: tuple[int, multiprotocol.Prefixes] | None
    unreach: multiprotocol.Prefixes | None
    other_family: bool

    @property
    def whole(self) -> bool:
        """Whether its lists of prefixes are."""
        reach = self.reach
        return (reach is None or reach[1].whole) and (self.unreach is None or self.unreach.whole)


class Sheet:
    """Numbers for peers and sets of attributes hold for one sheet only, that is for one batch."""

    __slots__ = (
        *("_peers", "attribute", "blobs", "contexts", "hops", "known_rib", "messages", "originated", "peer"),
        *("peers", "raws", "runs", "sessions"),
    )

    def __init__(self) -> None:
        self.runs: list[tuple[int, int, int, int]] = []  # time in µs, kind, record, number of elements
        # One an element: the prefix as written, or two states; numbers of its peer and attributes; seconds.
        self.raws: list[bytes] = []
        self.peer: list[int] = []
        self.attribute: list[int] = []
        self.originated: list[int] = []
        self.peers: list[tuple[bytes, int]] = []
        # One a set of attributes: its bytes, how to read them; the next hop where MP_REACH_NLRI says it.
        self.blobs: list[bytes] = []
        self.contexts: list[int] = []
        self.hops: dict[int, bytes | None] = {}
        self.sessions: dict[bytes, int] = {}  # peers by the bytes of the whole session
        self._peers: dict[object, int] = {}
        self.known_rib: dict[object, int] = {}  # by the bytes where AS numbers take four, else with the width
        self.messages: tuple[dict[bytes, int | Message], ...] = ({}, {}, {}, {})

    def add(self, run: tuple[int, int, int], raws: list[bytes], peer: int, attribute: int) -> None:
        """A run of (time, kind, record), whose elements share peer and attributes."""
        count = len(raws)
        self.runs.append((*run, count))
        self.raws += raws
        self.peer += [peer] * count
        self.attribute += [attribute] * count
        self.originated += [0] * count

    def forget(self, runs: int, elements: int) -> None:
        """Takes back all but the first ``runs`` and ``elements``."""
        del self.runs[runs:]
        for column in (self.raws, self.peer, self.attribute, self.originated):
            del column[elements:]

    def peer_number(self, key: object, address: bytes, asn: int) -> int:
        """The number of a peer: ``address`` in 4 or 16 bytes; ``key`` is anything that tells it apart."""
        number = self._peers.get(key)
        if number is None:
            number = self._peers[key] = len(self.peers)
            self.peers.append((MAPPED + address if len(address) == 4 else address, asn))
        return number

    def rib(self, blob: bytes, width: int) -> int:
        """The number of a RIB entry's attributes."""
        key = blob if width == 4 else (width, blob)
        number = self.known_rib.get(key)
        if number is None:
            number = self.known_rib[key] = self._add(blob, width, True)
        return number

    def message(self, blob: bytes, width: int, add_path: bool) -> int | Message:
        """What the attributes of an UPDATE say; their number alone where no prefixes are inside."""
        known = self.messages[(width == 4) + 2 * add_path]
        message = known.get(blob)
        if message is None:
            inside = _MULTIPROTOCOL.search(blob) is not None
            message = self._read_message(blob, width, add_path) if inside else self._add(blob, width, False)
            known[blob] = message
        return message

    def _read_message(self, blob: bytes, width: int, add_path: bool) -> Message:
        """One whose bytes may be those of MP_REACH_NLRI or MP_UNREACH_NLRI somewhere."""
        found = attributes.split(blob).values
        reach = unreach = None
        other = False
        if (value := found.get(attributes.MP_UNREACH)) is not None:
            unreach = multiprotocol.unreach(value, add_path)
            other = unreach is None
        if (value := found.get(attributes.MP_REACH)) is not None:
            prefixes = multiprotocol.reach(value, add_path)
            other |= prefixes is None
            reach = None if prefixes is None else (self._add(blob, width, False, prefixes), prefixes)
        number = self._add(blob, width, False) if reach is None or attributes.NEXT_HOP in found else reach[0]
        return Message(number, reach, unreach, other)

    def _add(self, blob: bytes, width: int, rib: bool, reached: multiprotocol.Prefixes | None = None) -> int:
        number = len(self.blobs)
        self.blobs.append(blob)
        self.contexts.append((width == 4) + 2 * rib)
        if reached is not None:
            self.hops[number] = reached.next_hop
        return number

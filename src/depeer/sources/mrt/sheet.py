"""What has been read since the last batch: runs of elements that share all but the prefix, and their attributes.

Records go in as a few appends each; `batch` makes columns of them with numpy and Arrow.
"""

from __future__ import annotations

from typing import NamedTuple

from depeer.sources.mrt import attributes, multiprotocol
from depeer.sources.mrt.schema import MAPPED

NOTHING = -1
"""Instead of an attribute number: a withdrawal or a change of state has none."""


class Run(NamedTuple):
    """``count`` elements of one record and kind. ``time`` is in µs since 1970."""

    time: int
    kind: int
    record: int
    count: int


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
        *("_messages", "_peers", "attribute", "blobs", "contexts", "hops", "known_rib", "originated", "peer"),
        *("peers", "raws", "runs"),
    )

    def __init__(self) -> None:
        self.runs: list[tuple[int, int, int, int]] = []
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
        self._peers: dict[object, int] = {}
        self.known_rib: dict[object, int] = {}  # by the bytes where AS numbers take four, else with the width
        self._messages: tuple[dict[bytes, Message], ...] = ({}, {}, {}, {})

    def add(self, run: tuple[int, int, int], raws: list[bytes], peer: int, attribute: int) -> None:
        """A run of (time, kind, record), whose elements share peer and attributes."""
        count = len(raws)
        self.runs.append((*run, count))
        self.raws += raws
        self.peer += [peer] * count
        self.attribute += [attribute] * count
        self.originated += [0] * count

    def mark(self) -> tuple[int, int]:
        """Where it stands, for `forget`."""
        return len(self.runs), len(self.raws)

    def forget(self, mark: tuple[int, int]) -> None:
        """Takes back the runs and elements that were added after `mark`."""
        del self.runs[mark[0] :]
        for column in (self.raws, self.peer, self.attribute, self.originated):
            del column[mark[1] :]

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

    def message(self, blob: bytes, width: int, add_path: bool) -> Message:
        """What the attributes of an UPDATE say."""
        known = self._messages[(width == 4) + 2 * add_path]
        message = known.get(blob)
        if message is None:
            if attributes.MP_REACH in blob or attributes.MP_UNREACH in blob:
                message = self._read_message(blob, width, add_path)
            else:
                message = Message(self._add(blob, width, False), None, None, False)
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

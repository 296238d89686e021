"""What has been read since the last batch: runs of elements that share all but the prefix, and their attributes.

Records go in as a few appends each; `batch` makes columns of them with numpy and Arrow.
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from depeer.sources.mrt import attributes, multiprotocol
from depeer.sources.mrt.attributes import Attributes, Row
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
        *("_messages", "_peers", "_rib6", "asns", "attribute", "known_rib", "originated", "peer", "peers"),
        *("raws", "rows", "runs"),
    )

    def __init__(self) -> None:
        self.runs: list[tuple[int, int, int, int]] = []
        # One an element: the prefix as written, or two states; numbers of its peer and attributes; seconds.
        self.raws: list[bytes] = []
        self.peer: list[int] = []
        self.attribute: list[int] = []
        self.originated: list[int] = []
        self.peers: list[tuple[bytes, int]] = []
        self.rows: list[Row] = []
        self.asns: list[tuple[int, ...] | None] = []
        self._peers: dict[object, int] = {}
        self.known_rib: dict[object, int] = {}  # by the bytes where AS numbers take four, else with the width
        self._rib6: dict[tuple[bytes, int], int] = {}
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
            found = attributes.split(blob)
            number = self.known_rib[key] = self._add_rib(found, width)
        return number

    def rib6(self, blob: bytes, raw: bytes) -> int:
        """As `rib`, for entries that may end with MP_REACH_NLRI in full, whose end is the prefix ``raw`` again.

        The prefix is no part of what is remembered then, or no two entries would ever be alike. All before it
        says where attributes begin and end, so that equal heads with tails of equal length are read alike.
        """
        size = len(blob) - len(raw)
        key = (blob[:size], len(raw))
        number = self._rib6.get(key)
        if number is not None and blob.endswith(raw):
            return number
        number = self.known_rib.get(blob)
        if number is not None:
            return number
        found = attributes.split(blob)
        number = self._add_rib(found, 4)
        full = found.values.get(attributes.MP_REACH, b"")
        last = next(reversed(found.values), None) == attributes.MP_REACH and not found.faults
        if last and full[:1] == b"\0" and full[5 + full[3] :] == raw and blob.endswith(raw):
            self._rib6[key] = number
        else:
            self.known_rib[blob] = number
        return number

    def _add_rib(self, found: Attributes, width: int) -> int:
        value = found.values.get(attributes.MP_REACH)
        hop = None if value is None else multiprotocol.next_hop_in_rib(value)
        if value is not None and hop is None:
            found.faults.append("MP_REACH_NLRI")
        return self._add(found, width, hop or attributes.next_hop(found))

    def message(self, blob: bytes, width: int, add_path: bool) -> Message:
        """What the attributes of an UPDATE say."""
        known = self._messages[(width == 4) + 2 * add_path]
        message = known.get(blob)
        if message is None:
            message = known[blob] = self._read_message(attributes.split(blob), width, add_path)
        return message

    def _read_message(self, found: Attributes, width: int, add_path: bool) -> Message:
        reach = unreach = None
        other = False
        if (value := found.values.get(attributes.MP_UNREACH)) is not None:
            unreach = multiprotocol.unreach(value, add_path)
            other = unreach is None
        if (value := found.values.get(attributes.MP_REACH)) is not None:
            prefixes = multiprotocol.reach(value, add_path)
            other |= prefixes is None
            reach = None if prefixes is None else (self._add(found, width, prefixes.next_hop), prefixes)
        if reach is not None and attributes.NEXT_HOP not in found.values:
            return Message(reach[0], reach, unreach, other)
        return Message(self._add(found, width, attributes.next_hop(found)), reach, unreach, other)

    def _add(self, found: Attributes, width: int, hop: bytes | None) -> int:
        row, asns = attributes.row(found, width, hop)
        self.rows.append(row)
        self.asns.append(asns)
        return len(self.rows) - 1

    def flat_asns(self) -> list[int]:
        """All AS numbers of all rows, one after the other."""
        return list(chain.from_iterable(filter(None, self.asns)))

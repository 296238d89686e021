"""The columns of an element: one announced or withdrawn prefix, one RIB entry, or one change of a session's state.

Columns of path attributes are dictionary-encoded over the distinct attributes of the batch, so that thousands
of prefixes that share a path cost one path, and a hostile record cannot multiply what it brings.
"""

from __future__ import annotations

import pyarrow as pa

from depeer.tables import ADDRESS

_text = pa.dictionary(pa.int32(), pa.string())
_time = pa.timestamp("us", tz="UTC")

MAPPED = bytes(10) + b"\xff\xff"
"""What stands before an IPv4 address in 16 bytes."""

ELEMENTS = pa.schema(
    [
        ("position", pa.int64()),  # of the element in the file, from 0
        ("record", pa.int64()),  # of the MRT record in the file, from 0
        ("time", _time),  # of the record
        ("type", _text),  # A announced, W withdrawn, B in a RIB, STATE
        ("format", _text),  # as bgpdump names it: TABLE_DUMP2_AP, BGP4MP_ET, …
        ("peer", ADDRESS),
        ("peer_asn", pa.int64()),
        ("first", ADDRESS),  # first address of the prefix; null for STATE
        ("length", pa.int16()),  # of the prefix in its own family
        ("safi", pa.int16()),  # 1 unicast, 2 multicast, 3 both
        ("path_id", pa.int64()),  # of RFC 7911; null without
        ("originated", _time),  # when the route last changed, as a RIB says
        ("old_state", pa.int16()),
        ("new_state", pa.int16()),
        ("path", _text),  # as bgpdump prints it: 1 2 2 {3,4} (5 6) [7,8]
        ("asns", pa.dictionary(pa.int32(), pa.list_(pa.int64()))),  # sets flattened, confederations left out
        ("has_set", pa.bool_()),  # whether a set was flattened
        ("origin", _text),  # IGP, EGP, INCOMPLETE
        ("origin_asn", pa.int64()),  # last of the path; null where that is a set of several
        ("next_hop", ADDRESS),
        ("local_pref", pa.int64()),
        ("med", pa.int64()),
        ("communities", _text),
        ("large_communities", _text),
        ("extended_communities", _text),
        ("atomic_aggregate", pa.bool_()),
        ("aggregator_asn", pa.int64()),
        ("aggregator", ADDRESS),
        ("faults", _text),  # attributes that were malformed and left out
    ]
)

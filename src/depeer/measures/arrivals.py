"""The boundary: the first address that our own side saw, for millions of deliveries at once.

Position 0 was written by our own server. While a line's address is on our side (a trusted relay, a
private address, a mailbox we fetch from) or the line only tells of a hand-over within one machine,
the line below it was written by our side too. The first address that is not on our side is the boundary;
whatever stands below it is the sender's word and is never looked at. A line that no machine of our
side can have written (its ``by`` belongs to somebody else) ends the walk without a boundary: better no
answer than the forger's. See docs/boundary.md for the method and what it got wrong when checked by hand.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from depeer import tables
from depeer.measures.trust import Bools, Bytes, Trust, private
from depeer.sources.names import registered_domain

Ints = npt.NDArray[np.int64]
FETCHED = ("IMAP", "POP3", "POP")
CLOCK_DOUBT = 30 * 86_400 * 1_000_000
"""µs. A boundary clock this far ahead of our newest, or away from our next one above, is wrong."""
_NO_TIME = np.iinfo(np.int64).min


def arrivals(mails: pa.RecordBatch, hops: pa.RecordBatch, trust: Mapping[str, Trust]) -> pa.RecordBatch:
    """Rows of `depeer.tables.ARRIVALS`, one for each row of ``mails`` and in its order.

    ``mails`` has batch, delivery, sensor, enveloped; ``hops`` holds all hops of these deliveries, in any
    order. A sensor without an entry in ``trust`` has no trusted relay.
    """
    owner = _owners(mails, hops)
    hops = hops.filter(pa.array(owner >= 0))
    owner = owner[owner >= 0]
    order = _order(owner, _ints(hops["position"]))
    if order is not None:
        hops, owner = hops.take(pa.array(order)), owner[order]
    inner, known = _inner(mails, hops, owner, trust)
    boundary, last = _walk(hops, owner, inner, known, mails.num_rows)
    return _rows(mails, hops, owner, boundary, last)


def _owners(mails: pa.RecordBatch, hops: pa.RecordBatch) -> Ints:
    """For each hop the row of its mail, -1 where it belongs to none."""
    keys, wanted = mails["delivery"], hops["delivery"]
    if len(pc.unique(keys)) < len(keys):  # the same delivery in two batches: tell them apart by batch
        keys, wanted = _with_batch(mails), _with_batch(hops)
    return _ints(pc.fill_null(pc.index_in(wanted, value_set=keys), -1))


def _with_batch(rows: pa.RecordBatch) -> pa.Array:
    number = rows["batch"].cast(pa.string()).cast(pa.binary())
    return pc.binary_join_element_wise(rows["delivery"], number, pa.scalar(b"", pa.binary()))


def _order(owner: Ints, position: Ints) -> Ints | None:
    """Indices that sort hops by mail and position; None where they are sorted already."""
    same = owner[1:] == owner[:-1]
    if np.all((owner[1:] > owner[:-1]) | (same & (position[1:] >= position[:-1]))):
        return None
    return np.asarray(np.lexsort((position, owner)), np.int64)


def _inner(
    mails: pa.RecordBatch, hops: pa.RecordBatch, owner: Ints, trust: Mapping[str, Trust]
) -> tuple[Bools, Bools]:
    """Which hops came from our own side, and which have an address at all."""
    known = ~_bools(pc.is_null(hops["from_ip"]))
    packed = _packed(hops["from_ip"], known)
    inner = known & private(packed)
    sensors = mails["sensor"].dictionary_encode()
    codes = pc.fill_null(sensors.indices, -1).to_numpy(zero_copy_only=False)[owner]
    for code, sensor in enumerate(sensors.dictionary.to_pylist()):
        rules = trust.get(sensor)
        if rules is not None:
            at = np.flatnonzero(known & (codes == code))
            inner[at] |= rules.contains(packed[at])
    inner |= _flagged(hops, "hand-over") & ~known
    return inner | _fetched(hops), known


def _walk(hops: pa.RecordBatch, owner: Ints, inner: Bools, known: Bools, rows: int) -> tuple[Ints, Ints]:
    """For each mail its boundary hop (-1 for none), and the last hop that our own side wrote (-1)."""
    boundary, newest = np.full(rows, -1, np.int64), np.full(rows, -1, np.int64)
    if not len(owner):
        return boundary, newest
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    ends = np.r_[starts[1:], len(owner)]
    stops = _first_at(~inner, starts, ends)
    alien = _aliens(hops, starts, stops, ends)
    last = np.where(alien < ends, alien - 1, np.minimum(stops, ends - 1))
    reached = (alien == ends) & (stops < ends)
    reached[reached] &= known[stops[reached]]
    boundary[owner[starts]] = np.where(reached, stops, -1)
    newest[owner[starts]] = last
    return boundary, newest


def _first_at(mask: Bools, starts: Ints, ends: Ints) -> Ints:
    """The first true place of each stretch; its end where there is none."""
    places = np.append(np.flatnonzero(mask), len(mask))
    return np.asarray(np.minimum(places[np.searchsorted(places, starts)], ends), np.int64)


def _aliens(hops: pa.RecordBatch, starts: Ints, stops: Ints, ends: Ints) -> Ints:
    """The first line of each stretch above its stop that our side cannot have written; else its end.

    Judged are only the lines right below one of our own, so the names compared are few. While the receiving
    machine only hands on within itself (mail fetched or filtered by a program that leaves no line), its
    next line may have any name.
    """
    lengths = np.maximum(np.minimum(stops, ends - 1) - starts, 0)
    group = np.repeat(np.arange(len(starts)), lengths)
    below = np.arange(len(group)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[group] + 1
    named = ~_bools(pc.is_null(hops["by_host"]))
    latest = np.maximum.accumulate(np.where(named, np.arange(len(named)), -1)) if len(named) else below
    above = np.maximum(latest[below - 1], starts[group])
    at_home = below <= _first_at(~_flagged(hops, "hand-over"), starts, ends)[group]
    ours = at_home | _written_by_us(hops, starts[group], above, below)
    strange = np.full(len(starts), len(hops), np.int64)
    np.minimum.at(strange, group[~ours], below[~ours])
    return np.where(strange < len(hops), strange, ends)


def _written_by_us(hops: pa.RecordBatch, top: Ints, above: Ints, below: Ints) -> Bools:
    """Whether the line ``below`` fits ``above``, judged once for each distinct set of names."""
    places = (
        ("by_host", top),
        ("by_host", above),
        ("from_rdns", above),
        ("from_helo", above),
        ("protocol", above),
    )
    columns = [hops[name].take(pa.array(at)) for name, at in (*places, ("by_host", below))]
    group = np.zeros(len(below), np.int64)
    for column in columns:
        codes = column.dictionary_encode(null_encoding="encode")
        pairs = pa.array(group * (len(codes.dictionary) + 1) + _ints(codes.indices))
        group = _ints(pairs.dictionary_encode().indices)  # few again, so that the next product is small
    example = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    example[group] = np.arange(len(group))
    names = zip(*(column.take(pa.array(example)).to_pylist() for column in columns), strict=True)
    return np.array([fits(*each) for each in names], np.bool_)[group]


def fits(
    top_by: str | None,
    by_host: str | None,
    rdns: str | None,
    helo: str | None,
    protocol: str | None,
    next_by: str | None,
) -> bool:
    """Whether our side may have written the next line down, by the names in it and in the lines above.

    A bare or missing name tells nothing against it. HELO counts only where no name was looked up.
    What we fetch from a mailbox was written by its provider, whatever that calls itself.
    """
    domain = registered_domain(next_by) if next_by else None
    if protocol in FETCHED or domain is None:
        return True
    spoken = rdns if rdns and "." in rdns else helo
    ours = {registered_domain(name.lower()) for name in (top_by, by_host, rdns, spoken) if name} - {None}
    return not ours or domain in ours


def _rows(
    mails: pa.RecordBatch, hops: pa.RecordBatch, owner: Ints, boundary: Ints, last: Ints
) -> pa.RecordBatch:
    at = pa.array(boundary, mask=boundary < 0)
    received, basis = _received(mails, hops, owner, boundary, last)
    columns = {
        "batch": mails["batch"],
        "delivery": mails["delivery"],
        "received": received,
        "received_basis": basis,
        "boundary_ip": hops["from_ip"].take(at),
        "boundary_hop": hops["position"].take(at),
        "helo": hops["from_helo"].take(at),
        "rdns": hops["from_rdns"].take(at),
    }
    schema = tables.ARRIVALS.schema
    return pa.RecordBatch.from_arrays(
        [columns[field.name].cast(field.type) for field in schema], schema=schema
    )


def _received(
    mails: pa.RecordBatch, hops: pa.RecordBatch, owner: Ints, boundary: Ints, last: Ints
) -> tuple[pa.Array, pa.Array]:
    """Time and its basis: the boundary's clock unless it is absurd, our newest clock, the envelope."""
    clocks = np.append(_times(hops["time"]), _NO_TIME)
    newest = clocks[_newest_readable(clocks, owner, last)]
    at_boundary = clocks[boundary]  # -1 is the appended "no time"
    above = clocks[_next_above(clocks, _fetched(hops), owner, boundary)]
    with np.errstate(over="ignore"):
        ahead = (newest != _NO_TIME) & (at_boundary - newest > CLOCK_DOUBT)
        apart = (above != _NO_TIME) & (np.abs(at_boundary - above) > CLOCK_DOUBT)
    at_boundary = np.where(ahead | apart, _NO_TIME, at_boundary)
    envelope = _times(mails["enveloped"])
    choices = ((at_boundary, "boundary"), (newest, "hop"), (envelope, "envelope"))
    known = [clock != _NO_TIME for clock, _ in choices]
    time = np.select(known, [clock for clock, _ in choices], _NO_TIME)
    basis = np.select(known, [1, 2, 3], 0)
    words = pa.array([None, *(word for _, word in choices)], pa.string())
    return pa.array(time, mask=time == _NO_TIME).cast(tables.TIME), words.take(pa.array(basis))


def _newest_readable(clocks: Ints, owner: Ints, last: Ints) -> Ints:
    """For each mail the topmost of our own lines whose clock can be read; -1 where there is none."""
    within = np.arange(len(owner)) <= last[owner]
    places = np.flatnonzero(within & (clocks[:-1] != _NO_TIME))
    found = np.full(len(last), -1, np.int64)
    found[owner[places[::-1]]] = places[::-1]  # the topmost is written last and stays
    return found


def _next_above(clocks: Ints, fetched: Bools, owner: Ints, boundary: Ints) -> Ints:
    """For each mail the line of ours next above its boundary whose clock can be read; -1 for none.

    A mailbox may be emptied months later, so no line from there upwards says when the mail came.
    """
    readable = (np.arange(len(owner)) < boundary[owner]) & (clocks[:-1] != _NO_TIME)
    found, poll = np.full(len(boundary), -1, np.int64), np.full(len(boundary), -1, np.int64)
    places, polls = (
        np.flatnonzero(readable),
        np.flatnonzero(fetched & (np.arange(len(owner)) < boundary[owner])),
    )
    found[owner[places]], poll[owner[polls]] = places, polls  # the lowest is written last and stays
    return np.where(found > poll, found, -1)


def _fetched(hops: pa.RecordBatch) -> Bools:
    return _bools(pc.fill_null(pc.is_in(hops["protocol"], value_set=pa.array(FETCHED)), False))


def _flagged(hops: pa.RecordBatch, flag: str) -> Bools:
    flags = hops["flags"]
    marked = np.zeros(len(hops), np.bool_)
    parents = pc.list_parent_indices(flags).to_numpy(zero_copy_only=False)
    marked[parents[_bools(pc.equal(pc.list_flatten(flags), flag))]] = True
    return marked


def _packed(column: pa.Array, known: Bools) -> Bytes:
    """(n, 16) bytes; zeros where there is no address."""
    packed = np.zeros((len(column), 16), np.uint8)
    data = column.drop_null().cast(pa.binary(16))
    if len(data):
        raw = np.frombuffer(data.buffers()[1], np.uint8)[data.offset * 16 : (data.offset + len(data)) * 16]
        packed[known] = raw.reshape(-1, 16)
    return packed


def _times(column: pa.Array) -> Ints:
    return _ints(pc.fill_null(column.cast(tables.TIME).cast(pa.int64()), _NO_TIME))


def _ints(column: pa.Array) -> Ints:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.int64)


def _bools(column: pa.Array) -> Bools:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.bool_)

"""From a stream of bytes to batches of elements, whatever the bytes are."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from depeer.sources.mrt import columns
from depeer.sources.mrt.account import Account, Quarantined
from depeer.sources.mrt.fault import Fault
from depeer.sources.mrt.records import MEASURES, READ_TYPES, READERS, Reader
from depeer.sources.mrt.sheet import Sheet
from depeer.sources.mrt.state import State
from depeer.sources.mrt.tape import MAX_RECORD, TYPES, Tape

_HEADER = struct.Struct(">III")  # seconds, type and subtype, length
_SIZE = 12
_ROWS = 131_072
_BYTES = 8 * 2**20
"""A batch ends after so many elements or bytes of the file, whichever comes first."""
_LOOKAHEAD = 2**16

Sink = Callable[[Quarantined], None]


@dataclass(slots=True)
class Reading:
    """Iterate once for batches with the columns ``ELEMENTS``, in the order of the file.

    ``account`` is complete once the iteration has ended. Neither raises for what the bytes hold; what the
    stream's own ``read`` raises goes through.
    """

    stream: BinaryIO
    on_fault: Sink | None = None
    rows: int = _ROWS
    _state: State = field(default_factory=State)
    _searched: int = 0

    @property
    def account(self) -> Account:
        return self._state.account

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        state, tape = self._state, Tape(self.stream)
        began = 0
        near: int | None = None
        while tape.hold(_SIZE):
            near = self._records(tape, near)
            if len(state.sheet.raws) >= self.rows or tape.gone + tape.at - began >= _BYTES:
                yield from self._finish()
                began = tape.gone + tape.at
        if tape.at < len(tape.data):
            self._advance(tape, "torn header", _SIZE)
        state.account.bytes = tape.gone + tape.at
        yield from self._finish()

    def _finish(self) -> Iterator[pa.RecordBatch]:
        """What has been read as a batch, and a clean sheet."""
        sheet, account = self._state.sheet, self._state.account
        self._state.sheet = Sheet()
        if sheet.raws:
            made = columns.batch(sheet, account.elements)
            account.elements += made.num_rows
            _count_faults(made, account)
            yield made

    def _records(self, tape: Tape, near: int | None) -> int | None:
        """Reads records as long as they are in memory and in order, up to a batch; the time of the last one."""
        state = self._state
        account, sheet = state.account, state.sheet
        data, at = tape.data, tape.at
        last, full, stop = len(data) - _SIZE, self.rows, tape.at + _BYTES
        while at <= last and at < stop and len(sheet.raws) < full:
            time, kind, length = _HEADER.unpack_from(data, at)
            start = at + _SIZE
            end = start + length
            reader = READERS.get(kind)
            if reader is None or end > len(data):
                tape.at = at
                return self._odd(tape, time, kind, length, near)
            mark = len(sheet.runs), len(sheet.raws)
            try:
                odd = (
                    ""
                    if reader(state, data, start, end, time * 1_000_000, account.records) == end
                    else "bytes left over"
                )
            except Fault as fault:
                odd = str(fault)
            if odd:
                tape.at = at
                return self._faulty(tape, odd, mark)
            near = time
            account.records += 1
            at = end
        tape.at = at
        return near

    def _odd(self, tape: Tape, time: int, kind: int, length: int, near: int | None) -> int | None:
        """A record of another type, one that is not yet in memory, or no record at all."""
        if kind >> 16 not in TYPES or length > MAX_RECORD:
            return self._mend(tape, "no record", near)
        if not tape.hold(_SIZE + length):
            return self._mend(tape, "torn record", near)
        if kind in READERS:
            return near
        if not tape.starts_record(_SIZE + length):
            return self._mend(tape, "no record", near)
        known = TYPES[kind >> 16]
        read = kind >> 16 in READ_TYPES
        self._state.pass_over(f"{known} subtype {kind & 0xFFFF}" if read else f"{known} record")
        self._state.account.records += 1
        tape.at += _SIZE + length
        return time

    def _faulty(self, tape: Tape, reason: str, mark: tuple[int, int]) -> int | None:
        """A record of which not all could be used: goes on where the next one begins."""
        time, _, length = _HEADER.unpack_from(tape.data, tape.at)
        if not tape.starts_record(_SIZE + length):
            return self._mend(tape, reason, time, mark)
        self._advance(tape, reason, _SIZE + length)
        return int(time)

    def _mend(
        self, tape: Tape, reason: str, near: int | None, mark: tuple[int, int] | None = None
    ) -> int | None:
        """A record after which no other begins where its header says.

        If its content tells another size, and there another begins, then that is read. Else what follows is
        searched for a header, as long as all that was searched twice is no more than what was read.
        """
        time, kind, length = _HEADER.unpack_from(tape.data, tape.at)
        size = self._measure(tape, kind)
        if (
            size is not None
            and size != length
            and tape.hold(_SIZE + size)
            and tape.starts_record(_SIZE + size)
        ):
            if mark:
                self._state.sheet.forget(*mark)
            self._again(tape, READERS[kind], time, size)
            return int(time)
        read = tape.gone + tape.at
        if (self._searched + length <= read + _BYTES) or not tape.hold(_SIZE + length):
            self._searched += length
            self._advance(tape, reason, tape.find_record(near))
        else:
            self._advance(tape, reason, _SIZE + length)
        return near

    def _measure(self, tape: Tape, kind: int) -> int | None:
        """The size that the content tells, within what may be searched."""
        measure = MEASURES.get(kind)
        tape.hold(_SIZE + _LOOKAHEAD)
        if measure is None or self._searched + _LOOKAHEAD > tape.gone + tape.at + _BYTES:
            return None
        size = measure(tape.data, tape.at + _SIZE)
        self._searched += _LOOKAHEAD if size is None else size
        return size

    def _again(self, tape: Tape, reader: Reader, time: int, size: int) -> None:
        start, reason = tape.at + _SIZE, "wrong length"
        try:
            reader(self._state, tape.data, start, start + size, time * 1_000_000, self.account.records)
        except Fault as fault:
            reason = f"wrong length, {fault}"
        self._advance(tape, reason, _SIZE + size)

    def _advance(self, tape: Tape, reason: str, size: int) -> None:
        """Sets the next ``size`` bytes aside as one faulty record."""
        data = tape.data[tape.at : tape.at + size]
        fault = Quarantined(self.account.records, tape.gone + tape.at, reason, data)
        self.account.add(fault)
        self.account.records += 1
        if self.on_fault:
            self.on_fault(fault)
        tape.at += len(data)


def _count_faults(made: pa.RecordBatch, account: Account) -> None:
    faults = made.column("faults")
    if faults.dictionary.null_count == len(faults.dictionary):
        return
    for entry in pc.value_counts(faults.dictionary_decode()).to_pylist():
        if entry["values"] is not None:
            account.attribute_faults[entry["values"]] += entry["counts"]


def read(stream: BinaryIO, on_fault: Sink | None = None, rows: int = _ROWS) -> Reading:
    """The elements of an unpacked MRT file.

    ``on_fault`` is handed every faulty record with its bytes; ``rows`` is how many elements make a batch
    (one record's elements stay together, so that it may have a few more).
    """
    return Reading(stream, on_fault, rows)

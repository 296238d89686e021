"""Elements as the lines of ``bgpdump -m``, byte for byte but for what docs/mrt.md lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from depeer.sources.mrt.schema import MAPPED

_ATTRIBUTES = (
    *("path", "origin", "next_hop", "local_pref", "med", "communities"),
    *("atomic_aggregate", "aggregator_asn", "aggregator"),
)
_ZEROS = re.compile(r"(?<![^:])0(?::0)*(?![^:])")
_NO_ADDRESS = MAPPED + b"\xff\xff\xff\xff"


def bgpdump_lines(batch: pa.RecordBatch) -> Iterator[str]:
    """One line an element of a batch of ``ELEMENTS``, without line ends."""
    own = [batch.column(name).to_pylist() for name in ("format", "type", "peer_asn", "length", "path_id")]
    times = batch.column("time").cast(pa.int64()).to_pylist()
    addresses = [batch.column(name).to_pylist() for name in ("peer", "first")]
    states = [batch.column(name).to_pylist() for name in ("old_state", "new_state")]
    attributes = _Attributes(batch)
    for row, (format, type, asn, length, path_id) in enumerate(zip(*own, strict=True)):
        seconds, micros = divmod(times[row], 1_000_000)
        time = f"{seconds}.{micros:06}" if "_ET" in format else str(seconds)
        peer, first = addresses[0][row], addresses[1][row]
        line = f"{format}|{time}|{type}|{address(peer)}|{asn}"
        if type == "STATE":
            yield f"{line}|{states[0][row]}|{states[1][row]}"
            continue
        six = not (first.startswith(MAPPED) and length <= 32)
        line = f"{line}|{address(first, six)}/{length}"
        if path_id is not None:
            line = f"{line}|{path_id}"
        yield line if type == "W" else f"{line}|{attributes.text(row, six, format == 'BGP')}"


class _Attributes:
    """The second half of a line, written once for each set of attributes."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._index = batch.column("path").indices.to_pylist()
        self._columns = [batch.column(name) for name in _ATTRIBUTES]
        self._texts: dict[tuple[int, bool], str] = {}

    def text(self, row: int, six: bool, old: bool) -> str:
        key = self._index[row], six
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._write(row, six, old)
        return text

    def _write(self, row: int, six: bool, old: bool) -> str:
        path, origin, hop, preference, med, communities, atomic, asn, at = (
            column[row].as_py() for column in self._columns
        )
        mark = "AG" if atomic else "NAG"
        by = f"{asn} {address(at)}" if at not in (None, _NO_ADDRESS) else ""
        # bgpdump leaves the separator before communities out in records of the type BGP.
        named = f"{communities or ''}" if old else f"|{communities or ''}"
        where = address(hop or _NO_ADDRESS, six and hop is not None)
        return (
            f"{path or ''}|{origin or 'INCOMPLETE'}|{where}|{preference or 0}|{med or 0}{named}|{mark}|{by}|"
        )


def address(packed: bytes, six: bool = False) -> str:
    """16 bytes as text; an IPv4-mapped address as IPv4 unless it is meant as one of ``six``."""
    if packed.startswith(MAPPED):
        return ("::ffff:" if six else "") + ".".join(map(str, packed[12:]))
    groups = [f"{high << 8 | low:x}" for high, low in zip(packed[::2], packed[1::2], strict=True)]
    if not (zeros := max(_ZEROS.findall(":".join(groups)), key=len, default="")):
        return ":".join(groups)
    return _shorten(groups, zeros.count("0"))


def _shorten(groups: list[str], run: int) -> str:
    """With ``::`` for the first run of zeros of that length, which bgpdump writes for a single zero too."""
    start = next(at for at in range(8) if groups[at : at + run] == ["0"] * run)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + run :])

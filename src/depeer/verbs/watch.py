"""``depeer watch ASN…``: what happens to networks on the wire, from files of updates or a live stream."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from depeer.charts.visibility import Curve, visibility_spec
from depeer.errors import BadInput, BadUsage
from depeer.fetch.stream import Following
from depeer.judgement.watch import Event, Watch, only_table, parse_prefix, recall, remember
from depeer.lake import Lake
from depeer.lake.named import owners
from depeer.lake.pictures import draw
from depeer.lake.watched import pack, unpack
from depeer.piles.folder import files_below
from depeer.piles.pile import Member, open_pile
from depeer.sources import mrt
from depeer.sources.rislive import Messages

_HEAD = 4096
"""Bytes by which a file is known again, though it may have grown."""
_FILES = 10_000
"""Files of which is remembered how far they were read."""
_EVERY = 60.0
"""Seconds between two writings of the state while a stream is followed."""
SIMULATED = "simulated-"
"""What a world calls its files of routing begins so."""


@dataclass(slots=True)
class Account:
    """What was read, and what could not be."""

    files: int = 0
    elements: int = 0
    skipped: int = 0
    events: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def useless(self) -> bool:
        """Whether there is trouble with every file."""
        return not self.elements and bool(self.troubles) and len(self.troubles) >= self.files


@dataclass(slots=True)
class Session:
    """One watch with all that it holds; ``events_of_*`` run it."""

    watch: Watch
    state: Path | None = None
    done: dict[str, int] = field(default_factory=dict)
    """Elements taken of each file, by the hash of its beginning."""
    account: Account = field(default_factory=Account)
    curve: Curve = field(default_factory=Curve)
    simulated: bool = False
    """Whether what it was told is invented: by the lake, or by the names that a world gives its files."""
    clean: bool = True
    """Whether all events that the state accounts for have been handed on and written."""
    _kept: float = field(default_factory=time.monotonic)

    def events_of_files(self, paths: Sequence[str | Path]) -> Iterator[list[Event]]:
        """Events, some at a time. Whoever asks for more has written the former: only then is the state kept."""
        for found in open_pile(in_order(paths)):
            if isinstance(found, Member):
                yield from self._replay(found)
            else:
                self.account.troubles.append(f"{found.locator}: {found.reason}")
                self.watch.complete = False

    def events_of_stream(
        self, url: str, say: Callable[[str], None], following: Following | None = None
    ) -> Iterator[list[Event]]:
        """The same from a stream, without end; ``say`` is told when the connection breaks."""
        source, messages = following or Following(url), Messages()
        source.on_break = say
        for lines in source.pieces():
            self.clean = False
            batch = messages.read(lines)
            self.account.elements, self.account.skipped = messages.elements, messages.skipped
            yield self._take(self.watch.take(batch))
            self.clean = True
            self._keep_now_and_then()

    def keep(self) -> None:
        """Writes the state, whole or not at all, unless events were interrupted on their way out."""
        if self.state is not None and self.clean:
            held = {
                "watch": remember(self.watch),
                "done": self.done,
                "curve": self.curve.plain(),
                "simulated": self.simulated,
            }
            pack(held, self.state)

    def _replay(self, member: Member) -> Iterator[list[Event]]:
        name = hashlib.sha256(member.head[:_HEAD]).hexdigest()
        before, taken, last = self.done.get(name, 0), 0, None
        reading = mrt.read(member.stream)
        for batch in reading:
            taken += batch.num_rows
            if taken > before:
                self.clean, last = False, batch
                new = batch.slice(max(0, batch.num_rows - (taken - before)))
                yield self._take(self.watch.take(new))
                self.done.pop(name, None)
                self.done[name] = taken
                self.clean = True
                self.account.elements += new.num_rows
                self._keep_now_and_then()
        while len(self.done) > _FILES:
            del self.done[next(iter(self.done))]
        self.account.files += 1
        self.account.skipped += reading.account.skipped
        if member.stream.cut or reading.account.skipped:
            self.watch.complete = False
        elif last is not None and only_table(last):
            self.clean = False
            end = last.column("time").cast("int64")[-1].as_py()
            yield self._take(self.watch.end_of_table(end))
            self.clean = True
        if not reading.account.elements and reading.account.skipped:
            self.account.troubles.append(f"{member.locator}: no MRT records were found in it")

    def _take(self, events: Iterator[Event]) -> list[Event]:
        found = list(events)
        self.account.events += len(found)
        self.curve.add(self.watch.samples, found)
        self.watch.samples.clear()
        return found

    def _keep_now_and_then(self) -> None:
        if time.monotonic() - self._kept >= _EVERY:
            self.keep()
            self._kept = time.monotonic()


def start(asns: Sequence[int], prefixes: Sequence[str] = (), state: Path | None = None) -> Session:
    """A new watch, or the one that ``state`` holds.

    Raises BadUsage for what is no prefix, or where the state is of other networks; BadInput for a broken state.
    """
    if not asns:
        raise BadUsage("name at least one network to watch, such as AS26780")
    try:
        wanted = Watch(tuple(dict.fromkeys(asns)), tuple(dict.fromkeys(map(parse_prefix, prefixes))))
    except ValueError as error:
        raise BadUsage(f"{error}; write a prefix as 192.0.2.0/24") from error
    if state is None or not state.exists():
        return Session(wanted, state)
    session = _read(state)
    watch = session.watch
    if (set(watch.asns), set(watch.prefixes)) != (set(wanted.asns), set(wanted.prefixes)):
        named = ", ".join(f"AS{asn}" for asn in watch.asns)
        raise BadUsage(f"{state} is the state of a watch of {named} and its prefixes; name another file")
    return session


def picture(session: Session, names: dict[int, str | None], out: Path) -> Path | None:
    """Draw visibility over time, an SVG or PNG; None where nothing was seen. Raises BadUsage, NotFound, NoRoom."""
    called = {asn: name for asn, name in names.items() if name}
    spec = visibility_spec(session.curve, called, simulated=session.simulated)
    return draw(spec, out) if spec else None


def invented(root: Path | None, paths: Sequence[str]) -> bool:
    """Whether the lake says that its data are simulated, or a file is called so, as a world calls its own."""
    named = any(Path(path).name.startswith(SIMULATED) for path in paths)
    return named or (root is not None and Lake.open(root).description.simulated)


def in_order(paths: Sequence[str | Path]) -> list[str | Path]:
    """Files by the time of their first record, those of folders included; as given where one is standard input."""
    if any(str(path) == "-" for path in paths):
        return list(paths)
    files = [
        found.path for path in paths if Path(path).is_dir() for found in files_below(Path(path), Counter())
    ]
    return sorted([*files, *(path for path in paths if not Path(path).is_dir())], key=_begins)


def _begins(path: str | Path) -> int:
    """Seconds since 1970 in the first MRT header (RFC 6396, section 2)."""
    first = next((found.head for found in open_pile([path]) if isinstance(found, Member)), b"")
    return int.from_bytes(first[:4])


def names(root: Path | None, asns: Sequence[int]) -> dict[int, str | None]:
    """What the networks are called by the newest list in the lake."""
    if root is None:
        return {}
    found = owners(Lake.open(root), {asn: asn for asn in asns}, datetime.now(UTC).date())
    return {asn: owner.name for asn, owner in found.items()}


def _read(state: Path) -> Session:
    """What was written before there were curves in it has none."""
    try:
        held = unpack(state)
        done = {str(name): int(count) for name, count in held["done"].items()}
        curve = Curve.of_plain(held["curve"]) if "curve" in held else Curve()
        return Session(
            recall(held["watch"]), state, done, curve=curve, simulated=bool(held.get("simulated", False))
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zlib.error, BadInput) as error:
        raise BadInput(
            f"{state} is no whole state of depeer watch ({error}); name another file, or if it was one, "
            "remove it to start anew"
        ) from error

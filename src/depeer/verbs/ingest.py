"""``depeer ingest``: open piles, split them into pieces, read the pieces on all cores, take them into the lake."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from depeer.disclosure import Gate
from depeer.errors import BadUsage
from depeer.lake import Lake, derive
from depeer.lake.description import network
from depeer.lake.gate import gate_of
from depeer.lake.intake import Intake, Tally
from depeer.lake.pool import Pool
from depeer.lake.settle import settle
from depeer.piles import EMPTY, Caps, Member, Refusal, open_pile, total_bytes
from depeer.piles.names import base_name
from depeer.sources import feeds, mbox, origins
from depeer.sources.evidence import MAIL, Chunk, Reading, read_chunk
from depeer.sources.feeds import Feed, Told
from depeer.sources.piece import Piece

LABELS = ("spam", "ham", "unknown")
_KEPT = 2**20
"""Bytes kept of what is neither mail nor a feed."""
_ROUTING = "a routing table or name list, not mail: add it with `depeer routes add`"
_STRANGE = "neither mail nor a feed that depeer knows"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a worker reads at a time (a chunk), and how much one commit takes in (a batch)."""

    chunk_bytes: int = 2 * 2**20
    chunk_pieces: int = 1_024
    batch_bytes: int = 32 * 2**20
    batch_pieces: int = 16_384


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of the things read; ``read = stored + duplicates + quarantined`` always holds."""

    tally: Tally
    seconds: float
    reasons: dict[str, int]
    sensors: tuple[str, ...]
    relays: list[dict[str, object]]
    made_anew: tuple[str, ...]
    refused: int = 0
    refusal: str | None = None
    """How many files could not be read, or not to their end, and the first of them with the reason."""

    @property
    def complaint(self) -> str | None:
        """One sentence on what the person has to look at; None where all that was given could be used."""
        if self.refused:
            return (
                f"{self.refused:,} files could not be read as a whole, the first is {self.refusal}; what could be "
                "read is stored: get them whole and ingest them again"
            )
        if self.tally.read and self.tally.quarantined == self.tally.read:
            first = f" ({self.refusal})" if self.refusal else ""
            return f"nothing of it can be used{first}: look at the reasons with: depeer export raw OUT.csv"
        return None


@dataclass(slots=True)
class Progress:
    """How far an ingest is: compressed bytes read of those to read (None where unknown), and things read."""

    done: int = 0
    total: int | None = None
    things: int = 0
    refused: int = 0
    refusal: str | None = None
    stage: str = "reading"


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked to have ingested, and how to understand it."""

    paths: Sequence[str]
    sensor: str | None = None
    label: str = "unknown"
    trusted: tuple[str, ...] = ()
    day: date | None = None
    jobs: int | None = None
    caps: Caps = field(default_factory=Caps)
    bounds: Bounds = field(default_factory=Bounds)


def ingest(
    root: Path,
    request: Request,
    watch: Callable[[Progress], None] = lambda _: None,
    at: Callable[[str], None] = lambda _: None,
) -> Ingested:
    """Read every path into the lake at ``root`` (made where it is missing).

    Raises NotFound for a path that does not exist, NoRoom for a full disk, TryAgain for a held lock;
    whatever was committed before is kept, and running the same again adds only the rest.
    """
    started = time.monotonic()
    trusted = _checked(request)
    pool = Pool(request.jobs)
    try:
        lake = Lake.create(root)
        if trusted:
            lake.trust(request.sensor or "default", trusted)
        return _run(lake, request, pool, watch, at, started)
    finally:
        pool.close()


def _checked(request: Request) -> tuple[str, ...]:
    if request.label not in LABELS:
        raise BadUsage(f"label {request.label!r} is not one of {', '.join(LABELS)}")
    if request.sensor is not None and not (request.sensor.isprintable() and request.sensor.strip()):
        raise BadUsage("a sensor's name must be words that can be printed")
    if not request.paths:
        raise BadUsage("nothing to ingest: name a file, a folder, an archive, or - for standard input")
    open_pile(request.paths).close()  # says at once, and before a lake is made, which path does not exist
    return tuple(network(text, "--trusted") for text in request.trusted)


def _run(
    lake: Lake,
    request: Request,
    pool: Pool,
    watch: Callable[[Progress], None],
    at: Callable[[str], None],
    started: float,
) -> Ingested:
    intake, progress = Intake(lake, at), Progress()
    tally, sensors = Tally(), set[str]()
    with ThreadPoolExecutor(1) as committer:
        under_way: Future[Tally] | None = None
        for parts in _batches(pool, _chunks(request, lake, progress, watch), request.bounds):
            tally += under_way.result() if under_way else Tally()
            under_way = committer.submit(intake.commit, parts)
            sensors.update(chunk.sensor for chunk, _ in parts)
        tally += under_way.result() if under_way else Tally()
    progress.stage = "attributing"
    watch(progress)
    at("before-settle")
    with lake.writing():
        derive.catch_up(lake)
        made_anew = settle(lake)
    own = Gate(traps=lake.description.traps)
    return Ingested(
        tally,
        time.monotonic() - started,
        {own.text(reason): count for reason, count in intake.reasons.items()},
        tuple(sorted(sensors)),
        [own.value(row) for row in _relays(lake, sensors)],
        tuple(made_anew),
        progress.refused,
        gate_of(lake).text(progress.refusal) if progress.refusal else None,
    )


def _relays(lake: Lake, sensors: set[str]) -> list[dict[str, object]]:
    found = lake.rows("SELECT * FROM relays WHERE basis <> 'proposed' ORDER BY deliveries DESC, relay")
    return [row for row in found.to_pylist() if row["sensor"] in sensors]


def _batches(pool: Pool, chunks: Iterator[Chunk], bounds: Bounds) -> Iterator[list[tuple[Chunk, Reading]]]:
    """Chunks with what they said, gathered into commits of a bounded size."""
    sent: deque[Chunk] = deque()

    def noted() -> Iterator[Chunk]:
        for chunk in chunks:
            sent.append(chunk)
            yield chunk

    parts: list[tuple[Chunk, Reading]] = []
    size = pieces = 0
    for reading in pool.map(read_chunk, noted()):
        chunk = sent.popleft()
        parts.append((chunk, reading))
        size, pieces = size + sum(map(len, chunk.data)), pieces + len(chunk)
        if size >= bounds.batch_bytes or pieces >= bounds.batch_pieces:
            yield parts
            parts, size, pieces = [], 0, 0
    if parts:
        yield parts


def _chunks(
    request: Request, lake: Lake, progress: Progress, watch: Callable[[Progress], None]
) -> Iterator[Chunk]:
    """Pieces of one kind and sensor gathered into what one worker reads at a time."""
    chunk: Chunk | None = None
    size = 0
    for kind, sensor, locator, piece in _pieces(request, lake, progress):
        if (
            chunk is None
            or (chunk.kind, chunk.sensor) != (kind, sensor)
            or _full(chunk, size, request.bounds)
        ):
            if chunk is not None:
                yield chunk
                watch(progress)
            chunk, size = Chunk(kind, sensor, request.label), 0
        chunk.locators.append(f"{locator}: {piece.place}" if piece.place else locator)
        chunk.positions.append(piece.position)
        chunk.envelopes.append(piece.envelope)
        chunk.contexts.append(piece.context)
        chunk.data.append(piece.data)
        chunk.troubles.append(piece.trouble)
        size += len(piece.data)
        progress.things += 1
    if chunk is not None:
        yield chunk
        watch(progress)


def _full(chunk: Chunk, size: int, bounds: Bounds) -> bool:
    return size >= bounds.chunk_bytes or len(chunk) >= bounds.chunk_pieces


def _pieces(request: Request, lake: Lake, progress: Progress) -> Iterator[tuple[str, str, str, Piece]]:
    """Every piece of every member: its kind, its sensor, the member's locator, the piece."""
    mappings = lake.description.feeds
    progress.total = total_bytes(request.paths)
    for member in open_pile(request.paths, request.caps, progress):
        if isinstance(member, Refusal):
            progress.refused += member.reason != EMPTY
            progress.refusal = progress.refusal or f"{member.locator}: {member.reason}"
            refused = Piece(0, "", member.data, trouble=member.reason)
            yield MAIL, request.sensor or "default", member.locator, refused
            continue
        yield from _of_member(member, request, mappings)


def _of_member(
    member: Member, request: Request, mappings: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, str, Piece]]:
    head, sensor = member.head, request.sensor or "default"
    if mbox.is_mbox(head):
        for piece in mbox.split(member.stream):
            yield MAIL, sensor, member.locator, piece
        return
    feed = _feed(member, request, mappings)
    if feed is not None:
        named = request.sensor or feed.format
        told = Told(request.day or member.modified, base_name(member.locator), mappings.get(named))
        for piece in feed.split(member.stream, told):
            yield feed.format, named, member.locator, piece
        return
    yield MAIL, sensor, member.locator, _whole(member)


def _feed(member: Member, request: Request, mappings: Mapping[str, Mapping[str, Any]]) -> Feed | None:
    """The feed that the member is: as a mapping in ``depeer.toml`` says, else as its content tells."""
    mapping = mappings.get(request.sensor or "")
    if mapping is not None and "format" in mapping:
        return feeds.by_format(str(mapping["format"]))
    return feeds.detect(member.head, base_name(member.locator))


def _whole(member: Member) -> Piece:
    """The member as one message, or in quarantine with the reason."""
    if mbox.single_message(member.head):
        return next(mbox.split(member.stream, single=True))
    routing = origins.detect(member.head, base_name(member.locator)) is not None
    return Piece(0, "", member.stream.read(_KEPT), trouble=_ROUTING if routing else _STRANGE)

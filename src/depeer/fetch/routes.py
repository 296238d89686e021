"""``depeer routes fetch``: the public sources for a day, each as a file on disk that ``routes add`` takes."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path

from depeer.errors import NotFound, TryAgain
from depeer.fetch.archive import find
from depeer.fetch.download import Fetched, download, writing
from depeer.fetch.integrity import check_gzip, sha256_of
from depeer.fetch.patience import Patience
from depeer.fetch.public_sources import SOURCES, Shelf, Source


def sources_for(day: date, today: date) -> list[Source]:
    """The sources that can answer for a day: those without a past only for today."""
    return [source for source in SOURCES if source.shelf is Shelf.DATED or day == today]


def fetch(source: Source, day: date, folder: Path, patience: Patience, base: str | None = None) -> Fetched:
    """Bring one source's file for a day into ``folder``; its name says which day it describes.

    ``base`` replaces the source's own. Raises NotFound where it has nothing near the day, Stop where the
    answer cannot be used, NoRoom for the disk, TryAgain when patience ends.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if source.shelf is Shelf.DATED:
        return _dated(source, day, folder, patience, base)
    return _today(source, day, folder, patience, base)


def _dated(source: Source, day: date, folder: Path, patience: Patience, base: str | None) -> Fetched:
    shelf = source.at(base)
    entry = find(shelf, day, patience)
    target = folder / entry.path.rsplit("/", 1)[-1]
    # A dated file does not change: what is there and whole need not come again.
    return _kept(target, shelf + entry.path) or download(
        shelf + entry.path, target, most_bytes=source.most_bytes, patience=patience
    )


def _today(source: Source, day: date, folder: Path, patience: Patience, base: str | None) -> Fetched:
    now = patience.now()
    if day != now.date():
        raise NotFound(f"{source.name} keeps no past; it can only be fetched for today ({now:%Y-%m-%d}).")
    url = source.at(base)
    got = download(
        url, folder / source.path.rsplit("/", 1)[-1], most_bytes=source.most_bytes, patience=patience
    )
    described = min(got.modified.astimezone(UTC), now) if got.modified else now
    named = folder / source.saved_as.format(day=f"{described:%Y%m%d}")
    with writing(named):
        got.path.replace(named)
    return Fetched(named, url, got.size, got.sha256, got.modified)


def _kept(target: Path, url: str) -> Fetched | None:
    if not target.exists():
        return None
    try:
        check_gzip(target)
    except TryAgain:
        return None
    return Fetched(target, url, target.stat().st_size, sha256_of(target), None)

"""``depeer verify``: does every account still add up, and is every byte what its hash says?"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from depeer.lake import Lake
from depeer.lake.engine import Engine
from depeer.lake.gate import gate_of
from depeer.lake.intake import unfinished
from depeer.lake.store import BY, WHOLE
from depeer.tables import DERIVED, TABLES

_COUNTS = {"stored": "stored", "duplicate": "duplicates", "quarantined": "quarantined"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing checked: ``failure`` is None where it holds, else a sentence with the place."""

    name: str
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.failure is None for check in self.checks)


def verify(root: Path, quick: bool = False) -> Verified:
    """Check the lake at ``root``; ``quick`` leaves out hashing every stored byte again."""
    lake = Lake.open(root)
    checks = [_files(lake)]
    if checks[0].failure is None:
        with lake.engine() as engine:
            checks += [_conservation(lake, engine), _once(engine), _derived(engine), _pieces(engine)]
            checks += [_hands(lake), _current(lake), _forgotten(lake)]
            if not quick:
                checks.append(_hashes(lake, engine))
    checks.append(_torn(lake))
    return Verified(tuple(checks))


def _check(name: str, failures: Iterator[str]) -> Check:
    return Check(name, next(failures, None))


def _files(lake: Lake) -> Check:
    def amiss() -> Iterator[str]:
        for table in TABLES.values():
            store = lake.store(table.name)
            remedy = "restore it from a backup" if table.kept else "run: depeer derive"
            for name, size in store.sizes().items():
                path = store.path / name
                if not path.is_file():
                    yield f"{table.name} names a file that is gone: {name}; {remedy}"
                elif path.stat().st_size != size:
                    yield f"{table.name} has a file that is not as it was written: {name}; {remedy}"

    return _check("every file that a table names is there, as long as it was written", amiss())


def _hands(lake: Lake) -> Check:
    def foreign() -> Iterator[str]:
        for table in TABLES.values():
            for commit in lake.store(table.name).history():
                if BY not in commit.facts:
                    what = f"version {commit.version}, {commit.facts.get('operation', 'unknown')}"
                    remedy = "restore it from a backup" if table.kept else "run: depeer derive"
                    yield f"{table.name} was changed by something other than depeer ({what}); {remedy}"
                if WHOLE in commit.facts:
                    break

    return _check("nobody but depeer has changed a table", foreign())


def _torn(lake: Lake) -> Check:
    def torn() -> Iterator[str]:
        for table in TABLES.values():
            names = lake.store(table.name).torn()
            if names:
                yield (
                    f"{table.name} has {len(names)} half-written file(s) of a killed writer, {names[0]} the first; "
                    "harmless: the next ingest removes them"
                )
        names = lake.store("raw").unnamed()
        if names:
            yield (
                f"raw has {len(names)} file(s) that no version names, {names[0]} the first; they may hold what was "
                "to be forgotten: the next ingest or forget removes them"
            )

    return _check("no file of a killed writer lies about", torn())


def _forgotten(lake: Lake) -> Check:
    def remembered() -> Iterator[str]:
        kept = unfinished(lake)
        if kept:
            yield f"{len(kept)} contents were to be forgotten and are still there; run the same forget again"

    return _check("what was forgotten is gone", remembered())


def _conservation(lake: Lake, engine: Engine) -> Check:
    """Rows of each batch, the forgotten included, against what its commit said when it was written."""
    counted: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COUNTS.values(), 0))
    statement = """
        SELECT batch, disposition, count(*) AS rows FROM (
            SELECT batch, disposition FROM raw UNION ALL SELECT batch, disposition FROM forgotten)
        GROUP BY batch, disposition
    """
    for row in engine.query(statement).to_pylist():
        counted[row["batch"]][_COUNTS[row["disposition"]]] += row["rows"]

    def unbalanced() -> Iterator[str]:
        said_batches = set()
        for commit in lake.store("raw").history():
            if "batch" not in commit.facts:
                continue
            batch = int(commit.facts["batch"])
            said_batches.add(batch)
            said = {name: int(commit.facts[name]) for name in _COUNTS.values()}
            if int(commit.facts["read"]) != sum(said.values()) or counted[batch] != said:
                yield f"batch {batch} said {said} of {commit.facts['read']} read, its rows say {counted[batch]}"
        for batch in sorted(set(counted) - said_batches):
            yield f"batch {batch} has rows, but no commit speaks of it"

    return _check("read = stored + duplicates + quarantined, for every batch", unbalanced())


def _once(engine: Engine) -> Check:
    def twice() -> Iterator[str]:
        stored = engine.query(
            "SELECT count(*) AS extra FROM (SELECT delivery FROM raw WHERE disposition = 'stored' "
            "GROUP BY delivery HAVING count(*) > 1)"
        )["extra"][0].as_py()
        if stored:
            yield f"{stored} deliveries are stored twice"
        held = engine.query("""
            SELECT count(*) FILTER (WHERE copies > 1) AS more, count(*) FILTER (WHERE copies = 0) AS none
            FROM (SELECT sha256, count(bytes) AS copies FROM raw WHERE sha256 IS NOT NULL GROUP BY sha256)
        """).to_pylist()[0]
        if held["more"] or held["none"]:
            yield f"bytes are held more than once for {held['more']} contents, not at all for {held['none']}"

    return _check("every delivery is stored once, every content's bytes are held once", twice())


def _derived(engine: Engine) -> Check:
    pairs = (
        ("mails", "SELECT delivery FROM raw WHERE disposition = 'stored' AND kind = 'mail'", True),
        ("arrivals", "SELECT delivery FROM mails", True),
        ("hops", "SELECT delivery FROM mails", False),
        ("links", "SELECT delivery FROM mails", False),
        ("listings", "SELECT delivery FROM raw WHERE disposition = 'stored'", False),
        ("resolutions", "SELECT delivery FROM raw WHERE disposition = 'stored'", False),
        ("sightings", "SELECT delivery FROM raw WHERE disposition = 'stored'", False),
    )

    def astray() -> Iterator[str]:
        for name, evidence, whole in pairs:
            orphans = _count(engine, f"SELECT DISTINCT delivery FROM {name} EXCEPT {evidence}")  # noqa: S608
            if orphans:
                yield f"{orphans} deliveries in {name} have no evidence; run: depeer derive"
            lacking = _count(engine, f"({evidence}) EXCEPT SELECT delivery FROM {name}") if whole else 0  # noqa: S608
            if lacking:
                yield f"{lacking} deliveries are missing in {name}; run: depeer derive"
            rows = _count(engine, f"SELECT delivery FROM {name}") if whole else 0  # noqa: S608
            distinct = _count(engine, f"SELECT DISTINCT delivery FROM {name}") if whole else 0  # noqa: S608
            if rows != distinct:
                yield f"{name} has {rows - distinct} rows too many; run: depeer derive"

    return _check("derived tables cover the evidence, and nothing else", astray())


def _pieces(engine: Engine) -> Check:
    """Mails say how many hops and links they have; as many must be there."""

    def uneven() -> Iterator[str]:
        for name in ("hops", "links"):
            wrong = _count(
                engine,
                f"SELECT m.delivery FROM mails m LEFT JOIN (SELECT delivery, count(*) AS n, "  # noqa: S608
                f"count(DISTINCT position) AS places FROM {name} GROUP BY delivery) p ON p.delivery = m.delivery "
                f"WHERE m.{name} <> coalesce(p.n, 0) OR coalesce(p.n <> p.places, false)",
            )
            if wrong:
                yield f"{wrong} mails have more or fewer {name} than they say; run: depeer derive"

    return _check("every mail has the hops and links that it says", uneven())


def _count(engine: Engine, statement: str) -> int:
    return int(engine.query(f"SELECT count(*) AS n FROM ({statement})")["n"][0].as_py())  # noqa: S608


def _current(lake: Lake) -> Check:
    def outdated() -> Iterator[str]:
        for table in DERIVED:
            made_by = lake.store(table.name).last("deriver")
            if made_by is not None and made_by != str(table.version):
                yield f"{table.name} was made by deriver {made_by}, today's is {table.version}; run: depeer derive"

    return _check("derived tables were made by today's derivers", outdated())


def _hashes(lake: Lake, engine: Engine) -> Check:
    def wrong() -> Iterator[str]:
        for rows in engine.stream(
            "SELECT sha256, bytes, locator FROM raw WHERE bytes IS NOT NULL", rows=1024
        ):
            for sha, data, locator in zip(
                *(rows[n].to_pylist() for n in ("sha256", "bytes", "locator")), strict=True
            ):
                if hashlib.sha256(data).digest() != sha:
                    place = gate_of(lake).text(locator)  # a file's name may be a recipient's
                    yield f"the bytes of {place} are not those that were read"

    return _check("every stored byte is what its hash says", wrong())

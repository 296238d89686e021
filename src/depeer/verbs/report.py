"""``depeer report OUT.html``: gather what the lake says and draw it on one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from depeer import __version__
from depeer.charts import content
from depeer.charts.effect.text import Event
from depeer.charts.report import render
from depeer.charts.takedown.cut import Severed, cut_part, no_cut_part, seen_part
from depeer.charts.takedown.effect import effect_part, gained_part, no_effect_part, went_part
from depeer.charts.visibility import Curve
from depeer.disclosure import Gate
from depeer.errors import BadUsage, NotFound
from depeer.judgement.effect import Scorecard
from depeer.judgement.recurrence import Succession
from depeer.lake import Lake
from depeer.lake.engine import Engine
from depeer.lake.gate import gate_of
from depeer.lake.named import owners
from depeer.lake.ranking import NETWORKS, PREFIXES, Answer, Question, answer
from depeer.lake.store import disk_errors
from depeer.lake.watched import Watched, watched
from depeer.measures import accounts
from depeer.measures.displacement import Displacement
from depeer.model import Estimate, Role

_NOT_HELD = {
    "ham": "wanted mail",
    "delivery-report": "sent by a server that could not deliver what claimed to come from us",
    "auto-reply": "sent by an automaton answering what claimed to come from us",
    "challenge": "sent by a system that asks unknown senders to identify themselves",
    "list-confirmation": "sent by a list to which somebody subscribed our address",
    "list": "sent by a mailing list",
    "forwarded": "handed over by a forwarder, who is not its source",
}
_FORGED_MARK = (
    "{:,} mails carry the mark of simulated data among others that do not. Any sender can write it; if you did not "
    "make them, treat them as real."
)
Say = Callable[[int, int, str], None]
"""Steps done, of how many, and what is done now."""
_STEPS = 3 + 2 * len(Role)
_COUNTED = {Role.SENDER: "mails", Role.LINK: "mails", Role.NAMESERVER: "mails", Role.CONTROLLER: "listings"}


@dataclass(frozen=True, slots=True)
class Reported:
    """Where the page is, how large, and whether it shows simulated data."""

    path: str
    bytes: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class Intervention:
    """One takedown as other verbs judged it. ``card`` None: ``lacking`` says why; ``cuts``: by network, or why none.

    ``stood``: things that were seen in the target before, so that they could be followed; ``names`` of networks;
    ``counted``: each view of ``gained`` in words; ``source``: where the counts are from.
    """

    day: date
    asns: tuple[int, ...]
    source: str
    card: Scorecard | None = None
    harm: tuple[Scorecard, Scorecard] | None = None
    lacking: str = ""
    gained: Mapping[str, Displacement] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    successions: tuple[Succession, ...] = ()
    stood: int = 0
    left_off: int = 0
    names: Mapping[int, str] = field(default_factory=dict)
    cuts: Mapping[int, Severed | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is to hold. ``since`` and ``until`` are inclusive; ``watched``: states of watches."""

    since: date | None = None
    until: date | None = None
    title: str | None = None
    top: int = 20
    answer_to: str | None = None
    interventions: tuple[Intervention, ...] = ()
    watched: tuple[Path, ...] = ()


def _silent(_done: int, _of: int, _what: str) -> None:
    pass


def check(out: Path, since: date | None, until: date | None) -> None:
    """Before any work is done. Raises NotFound, BadUsage."""
    if not out.absolute().parent.is_dir():
        raise NotFound(f"there is no folder {out.parent}; make it first")
    if since and until and since > until:
        raise BadUsage(f"the period ends ({until}) before it begins ({since})")


def report(root: Path, out: Path, asked: Asked | None = None, say: Say = _silent) -> Reported:
    """Write the report of the lake at ``root`` to ``out``; ``say`` is told what is done, and how far it is.

    Raises BadUsage, NotFound, NoRoom, BadInput for a state of no watch.
    """
    asked = asked or Asked()
    check(out, asked.since, asked.until)
    lake = Lake.open(root)
    say(0, _STEPS, "learning what may not leave")
    page = gather(lake, gate_of(lake), asked, say)
    say(_STEPS - 1, _STEPS, "drawing")
    html = render(page)
    scratch = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with disk_errors(out):
            scratch.write_text(html, "utf-8")
            scratch.replace(out)
    finally:
        scratch.unlink(missing_ok=True)
    return Reported(str(out), len(html.encode()), page.simulated)


def gather(lake: Lake, gate: Gate, asked: Asked, say: Say = _silent) -> content.Report:
    """Everything on the page, through the disclosure gate."""
    since, until = asked.since, asked.until
    period = {"since": _midnight(since), "until": _midnight(until + timedelta(days=1)) if until else None}
    answers = {}
    for place, (role, level) in enumerate(product(Role, (NETWORKS, PREFIXES))):
        say(1 + place, _STEPS, f"ranking {level} by {role}")
        answers[role, level] = answer(lake, Question(role, level, since, until, top=asked.top))
    say(_STEPS - 2, _STEPS, "counting")
    curves = [watched(path) for path in asked.watched]
    with lake.engine() as engine:
        account = engine.query(accounts.ACCOUNT).to_pylist()[0]
        volume = engine.query(accounts.VOLUME, period).cast(content.VOLUME_SCHEMA)
        marked = engine.query(accounts.SIMULATED).to_pylist()[0]
        simulated = lake.description.simulated or 0 < marked["mails"] == marked["marked"]
        return content.Report(
            title=asked.title or "Who sent this, and who hosts what it advertises and obeys?",
            generated=datetime.now(UTC).date(),
            version=__version__,
            batch=account["batch"],
            simulated=simulated,
            accounting=_accounting(engine, account, gate),
            since=since or _bound(volume, min),
            until=until or _bound(volume, max),
            sensors=tuple(_sensors(lake, engine)),
            volume=volume,
            unknowns=tuple(_unknowns(engine, answers, period)),
            rankings=tuple(_ranking(one) for one in _shown(answers.values())),
            census=tuple(_censuses(lake, engine, answers, period)),
            natures=tuple(_natures(engine, period)),
            relays=tuple(_relays(engine)),
            snapshots=tuple(_snapshots(answers.values(), gate)),
            notes=() if simulated or not marked["marked"] else (_FORGED_MARK.format(marked["marked"]),),
            takedowns=tuple(_takedown(one, curves, gate, simulated) for one in asked.interventions),
            watched=tuple(_elsewhere(lake, asked.interventions, curves, simulated)),
            answer_to=asked.answer_to,
            commands=_commands(asked),
        )


def _commands(asked: Asked) -> tuple[str, ...]:
    since, until = asked.since, asked.until
    period = (f" --since {since}" if since else "") + (f" --until {until}" if until else "")
    events = "".join(
        f" --takedown {one.day}{''.join(f'=AS{asn}' for asn in one.asns[:1])}" for one in asked.interventions
    )
    seen = f" --watched {asked.watched[0].name}" if asked.watched else ""
    return (
        "depeer verify",
        f"depeer rank --role sender{period}",
        f"depeer report OUT.html{period}{events}{seen}",
    )


def _takedown(told: Intervention, curves: Sequence[Watched], gate: Gate, simulated: bool) -> content.Takedown:
    event = Event(told.day, gate.text(told.source), simulated, __version__)
    targets = " and ".join(f"AS{asn} {told.names.get(asn, '')}".strip() for asn in told.asns)
    parts = [no_effect_part(told.lacking) if told.card is None else effect_part(told.card, told.harm, event)]
    if told.asns and told.card is not None:
        chain = [_gated(one, gate) for one in told.successions]
        parts += [
            gained_part(told.gained, told.counted, told.names, event),
            went_part(chain, told.stood, told.left_off, told.names, targets, event),
        ]
    for asn in told.asns:
        cut, name = told.cuts[asn], told.names.get(asn)
        parts.append(no_cut_part(asn, name, cut) if isinstance(cut, str) else cut_part(asn, cut, simulated))
        parts.append(_wire(asn, name, curves, simulated))
    return content.Takedown(told.day, targets, tuple(parts))


def _gated(one: Succession, gate: Gate) -> Succession:
    evidence = tuple(
        replace(part, examples=tuple(gate.text(str(example)) for example in part.examples))
        for part in one.evidence
    )
    return replace(one, evidence=evidence)


def _wire(asn: int, name: str | None, curves: Sequence[Watched], simulated: bool) -> content.Part:
    """By the watch that saw most of it."""
    best = max(curves, key=lambda one: len(one.curve.points.get(asn, ())), default=Watched(Curve(), False))
    return seen_part(asn, name, best.curve, simulated or best.simulated)


def _elsewhere(
    lake: Lake, interventions: Sequence[Intervention], curves: Sequence[Watched], simulated: bool
) -> Iterable[content.Part]:
    """Watched networks that no intervention names."""
    named = {asn for one in interventions for asn in one.asns}
    asns = sorted({asn for one in curves for asn in one.curve.points} - named)
    last = max(
        (point[0] for one in curves for asn in asns for point in one.curve.points.get(asn, ())), default=0
    )
    called = owners(lake, {asn: asn for asn in asns}, datetime.fromtimestamp(last / 1e6, UTC).date())
    for asn in asns:
        yield _wire(asn, called[asn].dated, curves, simulated)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _bound(volume: pa.Table, pick: Any) -> date | None:
    days = volume["day"].drop_null().to_pylist()
    found: date | None = pick(days) if days else None
    return found


def _accounting(engine: Engine, account: dict[str, Any], gate: Gate) -> content.Accounting:
    rows = engine.query(accounts.QUARANTINE).to_pylist()
    return content.Accounting(
        account["read"],
        account["stored"],
        account["duplicates"],
        tuple(
            content.Quarantined(
                gate.text(r["reason"]), r["things"], tuple(gate.text(x) for x in r["locators"])
            )
            for r in rows
        ),
    )


def _sensors(lake: Lake, engine: Engine) -> Iterable[content.Sensor]:
    for row in engine.query(accounts.SENSORS).to_pylist():
        told = lake.description.sensor(row["sensor"])
        coverage = tuple(content.Coverage(c.start, c.end, c.change or "") for c in told.coverage)
        yield content.Sensor(told.name, told.kind, told.counts, coverage, row["messages"])


def _unknowns(
    engine: Engine, answers: dict[tuple[Role, str], Answer], period: dict[str, Any]
) -> Iterable[content.Unknown]:
    mails = engine.query(accounts.BOUNDARIES, period).to_pylist()[0]
    if mails["mails"]:
        yield content.Unknown(
            "of mails do not tell who handed them to our side",
            mails["unknown"],
            mails["mails"],
            "no Received line, or none that our side can have written",
        )
    yield from _unknown_links(answers[Role.LINK, NETWORKS])


def _unknown_links(found: Answer) -> Iterable[content.Unknown]:
    if found.links.get("links"):
        yield content.Unknown(
            "of links have no dated resolution",
            found.links["unknown"],
            found.links["links"],
            "no feed in the lake says which address the name had when the mail came",
        )


def _shown(answers: Iterable[Answer]) -> Iterable[Answer]:
    """Rankings with rows first, then the empty ones that a reader will ask about; empty prefixes are left out."""
    kept = [one for one in answers if _rows(one) or one.question.level == NETWORKS]
    return sorted(
        kept, key=lambda one: (not _rows(one), list(Role).index(one.question.role), one.question.level)
    )


def _rows(found: Answer) -> list[dict[str, Any]]:
    return [] if found.ranking is None else found.ranking.table.to_pylist()


def _ranking(found: Answer) -> content.Ranking:
    ranking, question = found.ranking, found.question
    unknowns = tuple(_unknown_links(found))
    if question.role is Role.LINK and not unknowns:
        unknowns = (
            content.Unknown("of links have no dated resolution", 0, 0, "no link was found in any mail"),
        )
    return content.Ranking(
        role=question.role,
        level=question.level,
        rows=tuple(_ranked(found, row) for row in _rows(found)),
        unknowns=unknowns,
        seen=ranking.seen if ranking else None,
        compared=ranking.networks if ranking else None,
        counted=_COUNTED[question.role],
        nothing=_nothing(found),
        since=question.since or _day(found, "first", min),
        until=question.until or _day(found, "last", max),
    )


def _day(found: Answer, end: str, pick: Callable[[list[datetime]], datetime]) -> date | None:
    """The first or last day on which anything in this role was seen: each role has its own."""
    moments = [getattr(use, end) for use in found.uses if getattr(use, end) is not None]
    return pick(moments).date() if moments else None


def _nothing(found: Answer) -> str:
    if found.question.role in (Role.LINK, Role.NAMESERVER):
        return "Nothing attributed yet. Passive DNS of that time would fill this: depeer ingest passive-dns.jsonl"
    if found.question.role is Role.CONTROLLER:
        return "Nothing attributed yet. A feed of controllers would fill this: depeer ingest ipblocklist.csv"
    return "Nothing attributed yet. It needs mail (depeer ingest PATH) and a routing table (depeer routes add FILE)."


def _ranked(found: Answer, row: dict[str, Any]) -> content.Ranked:
    assert found.ranking is not None
    owned = found.owners[row[found.ranking.key]]
    low, high = min(row["low"], row["rate"]), max(row["high"], row["rate"])
    use = found.uses[0]
    return content.Ranked(
        asn=owned.asn,
        name=owned.dated,
        prefix=row.get("prefix"),
        addresses=row["addresses"],
        messages=row["messages"],
        days=row["days"],
        announced=int(row["announced"]),
        rate=Estimate(row["rate"], low, high, found.ranking.level, "Gamma–Poisson posterior"),
        p_worst=row["p_worst"],
        first=row["first"].date() if row["first"] else None,
        last=row["last"].date() if row["last"] else None,
        snapshot=use.snapshot.id,
        snapshot_days=_distance(row, use.snapshot.day),
    )


def _distance(row: dict[str, Any], day: date) -> int | None:
    """Days from the table to what was seen in this network, at the end that lies farther."""
    ends = [(row[name].date() - day).days for name in ("first", "last") if row[name]]
    return max(ends, key=abs) if ends else None


def _censuses(
    lake: Lake, engine: Engine, answers: dict[tuple[Role, str], Answer], period: dict[str, Any]
) -> Iterable[content.Census]:
    for role in (Role.SENDER, Role.CONTROLLER):
        rows = engine.query(accounts.CENSUS, {"role": str(role), **period}).to_pylist()
        if not rows:
            continue
        snapshot = answers[role, NETWORKS].snapshot
        day = snapshot.day if snapshot else datetime.now(UTC).date()
        called = owners(lake, {r["asn"]: r["asn"] for r in rows[:15]}, day)
        yield content.Census(
            role,
            tuple(
                content.CensusRow(r["asn"], called[r["asn"]].dated, r["addresses"], r["messages"])
                for r in rows[:15]
            ),
            sum(r["addresses"] for r in rows),
            sum(r["messages"] for r in rows),
            _COUNTED[role],
        )


def _natures(engine: Engine, period: dict[str, Any]) -> Iterable[content.Nature]:
    for row in engine.query(accounts.NATURES, period).to_pylist():
        nature = "ham" if row["ham"] else row["nature"]
        yield content.Nature(nature, row["messages"], nature == "direct", _NOT_HELD.get(nature, ""))


def _relays(engine: Engine) -> Iterable[content.Relay]:
    for row in engine.query(
        "SELECT * FROM relays ORDER BY sensor, basis, deliveries DESC, relay"
    ).to_pylist():
        yield content.Relay(**row)


def _snapshots(answers: Iterable[Answer], gate: Gate) -> Iterable[content.SnapshotUse]:
    uses: dict[str, list[Any]] = {}
    for found in answers:
        if found.question.level == NETWORKS:
            for use in found.uses:
                uses.setdefault(use.snapshot.id, []).append(use)
    for several in uses.values():
        snapshot = several[0].snapshot
        yield content.SnapshotUse(
            snapshot.id,
            snapshot.kind,
            snapshot.day,
            gate.text(snapshot.source),
            sum(use.sightings for use in several),
            min((use.best for use in several), key=abs),
            max((use.worst for use in several), key=abs),
        )

"""The sections that an answer rests on: volume, accounts, sensors, our own side, snapshots, methods."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.charts import numbers, words
from depeer.charts.answer import days_off, unknown_list
from depeer.charts.content import Coverage, Quarantined, Relay, Report, Sensor, SnapshotUse
from depeer.charts.figures import figure, volume_pictures
from depeer.charts.html import Column, Html, Node, element, foreign, join, table
from depeer.charts.theme import heading
from depeer.charts.volume import Bin, Volume, bins


def _section(name: str, title: str, *body: Node) -> Html:
    return element("section", element("h2", title), body, id=name)


def evidence(report: Report) -> Iterator[Html]:
    """Every section after the rankings, in order."""
    yield _section("volume", "How much, and when", _volume(report, bins(report)))
    yield _section("unknowns", "What is unknown", _unknowns(report))
    yield _section("accounts", "What was read", _accounts(report))
    yield _section("sensors", "Sensors and when they were up", _sensors(report))
    yield _section("nature", "What does not count, and why", _natures(report))
    yield _section("own-side", "Our own side: object here", _relays(report))
    yield _section("snapshots", "The Internet as of when", _snapshots(report))
    yield _section("methods", "How it was done", _methods(report))
    yield _section("answer", "If you are named here", _answer(report))
    yield _section("again", "To get this page again", _again(report))


def _volume(report: Report, volume: Volume) -> list[Node]:
    left_out = _left_out(volume)
    pictures = volume_pictures(report, volume)
    if pictures is None:
        nothing = "No message with a date that can be trusted, and no coverage: there is no day to draw."
        return [element("p", nothing, class_="note"), left_out]
    label = f"{heading('Mail received over time', report.simulated)}; the table below has the same figures"
    rows = element("details", element("summary", "The same as a table"), _volume_table(report, volume))
    return [figure(pictures, label), left_out, _changes(report), rows]


def _left_out(volume: Volume) -> Html | None:
    parts = []
    if volume.undated:
        parts.append(f"{numbers.count(volume.undated)} without a date that can be trusted")
    if volume.outside:
        parts.append(f"{numbers.count(volume.outside)} dated outside the period")
    return element("p", f"Not drawn: {' and '.join(parts)}.", class_="dim") if parts else None


def _changes(report: Report) -> Html | None:
    items = [
        element("li", stretch.since.isoformat(), ", ", foreign(sensor.name), ": ", foreign(stretch.change))
        for sensor in report.sensors
        for stretch in sensor.coverage
        if stretch.change
    ]
    if not items:
        return None
    why = "Changes of the instrument (dashed); a step in the count there may be their doing:"
    return join([element("p", why), element("ul", items)])


def _volume_table(report: Report, volume: Volume) -> Html:
    columns = [Column("days"), Column("sensor"), *(Column(label, True) for label in volume.labels)]
    columns += [Column("all", True), Column("days covered", True)]
    caption = f"Deliveries, {numbers.period(volume.bins[0].since, volume.bins[-1].until)} (UTC)"
    return table(heading(caption, report.simulated), columns, [_bin(b, volume) for b in volume.bins])


def _bin(b: Bin, volume: Volume) -> list[Node]:
    counts = dict(b.counts)
    figures = [
        numbers.UNKNOWN if b.unknown else numbers.count(counts.get(label, 0)) for label in volume.labels
    ]
    total = numbers.UNKNOWN if b.unknown else numbers.count(b.total)
    return [
        numbers.period(b.since, b.until),
        foreign(b.sensor),
        *figures,
        total,
        f"{b.covered} of {b.possible}",
    ]


def _unknowns(report: Report) -> Node:
    if not report.unknowns:
        return element(
            "p", "No share of unknowns was handed to this page; do not read that as none.", class_="note"
        )
    return [
        element("p", "Unknown is a value of its own: none of this is counted as zero."),
        unknown_list(report.unknowns),
    ]


def _accounts(report: Report) -> list[Node]:
    accounts = report.accounting
    if accounts.read == 0:
        return [
            element(
                "p", "Nothing was read yet: the lake is empty. Begin with depeer ingest PATH.", class_="note"
            )
        ]
    sums = (
        f"{numbers.count(accounts.read)} read = {numbers.count(accounts.stored)} stored + "
        f"{numbers.count(accounts.duplicates)} duplicates + {numbers.count(accounts.set_aside)} quarantined."
    )
    return [element("p", sums), _balance(accounts.missing), _quarantine(accounts.quarantined)]


def _balance(missing: int) -> Html | None:
    if missing == 0:
        return None
    alarm = (
        f"The accounts do not add up: {missing:+,} unaccounted for. Run depeer verify before trusting them."
    )
    return element("p", alarm, class_="note warn")


def _quarantine(quarantined: tuple[Quarantined, ...]) -> Html:
    if not quarantined:
        return element("p", "Nothing was quarantined.")
    columns = (Column("why it could not be used"), Column("things", True), Column("for example"))
    rows: list[list[Node]] = [
        [
            foreign(q.reason),
            numbers.count(q.count),
            [element("div", foreign(place)) for place in q.locators[:5]],
        ]
        for q in quarantined
    ]
    return table("Quarantined, by reason", columns, rows)


def _sensors(report: Report) -> Node:
    if not report.sensors:
        return element(
            "p", "No sensor is described; every day without mail is unknown, not zero.", class_="note"
        )
    columns = (
        Column("sensor"),
        Column("kind"),
        Column("what it counts"),
        Column("messages", True),
        Column("up"),
    )
    return table("Sensors", columns, [_sensor(sensor) for sensor in report.sensors])


def _sensor(sensor: Sensor) -> list[Node]:
    up: Node = [element("div", _stretch(c)) for c in sensor.coverage[:12]]
    if len(sensor.coverage) > 12:
        up = [up, f"and {len(sensor.coverage) - 12} more stretches"]
    if not sensor.coverage:
        up = "nobody says: days without mail are unknown"
    return [
        foreign(sensor.name),
        foreign(sensor.kind),
        foreign(sensor.counts),
        numbers.count(sensor.messages),
        up,
    ]


def _stretch(coverage: Coverage) -> str:
    days = numbers.period(coverage.since, coverage.until)
    return f"{days}: {coverage.change}" if coverage.change else days


def _natures(report: Report) -> Node:
    if not report.natures:
        return element("p", "No message was read for its nature.", class_="note")
    columns = (
        Column("nature"),
        Column("messages", True),
        Column("counts against a network"),
        Column("why not"),
    )
    rows: list[list[Node]] = [
        [n.nature, numbers.count(n.messages), "yes" if n.counts else "no", n.why] for n in report.natures
    ]
    return table("Messages by nature", columns, rows)


def _relays(report: Report) -> Node:
    if not report.relays:
        nothing = "No relay was given or learned: the first hop of each message was taken as the boundary."
        return element("p", nothing, class_="note")
    columns = (
        Column("relay"),
        Column("name"),
        Column("basis"),
        Column("deliveries", True),
        Column("sources", True),
        Column("evidence"),
        Column("sensor"),
    )
    return [
        element("p", words.RELAYS),
        table("Relays of our own side", columns, [_relay(r) for r in report.relays]),
    ]


def _relay(relay: Relay) -> list[Node]:
    proposed = relay.basis == "proposed"
    basis: Node = element("span", "proposed, not trusted", class_="warn") if proposed else relay.basis
    figures = numbers.count(relay.deliveries), numbers.count(relay.sources)
    return [relay.relay, foreign(relay.name), basis, *figures, foreign(relay.why, ""), foreign(relay.sensor)]


def _snapshots(report: Report) -> Node:
    if not report.snapshots:
        return element("p", words.NO_TABLE, class_="note")
    columns = (
        Column("snapshot"),
        Column("kind"),
        Column("day"),
        Column("read from"),
        Column("sightings", True),
        Column("distance"),
    )
    return table("Snapshots that these answers rest on", columns, [_snapshot(s) for s in report.snapshots])


def _snapshot(use: SnapshotUse) -> list[Node]:
    days: Node = days_off(use.nearest_days)
    if use.farthest_days != use.nearest_days:
        days = [days_off(use.nearest_days), " to ", days_off(use.farthest_days)]
    return [
        use.snapshot,
        use.kind,
        use.day.isoformat(),
        foreign(use.source),
        numbers.count(use.sightings),
        days,
    ]


def _methods(report: Report) -> Html:
    return element("ul", [element("li", note) for note in (*words.METHODS, *report.notes)])


def _answer(report: Report) -> list[Html]:
    whom = f"Write to: {report.answer_to}." if report.answer_to else "Write to whoever gave you this page."
    return [element("p", paragraph) for paragraph in words.ANSWER] + [element("p", whom)]


def _again(report: Report) -> list[Node]:
    batch = "an unknown batch" if report.batch is None else f"batch {report.batch}"
    made = f"Made on {report.generated.isoformat()} by depeer {report.version} from the lake as of {batch}."
    return [element("p", made), _commands(report) if report.commands else None]


def _commands(report: Report) -> Html:
    return element("pre", [[element("code", command), Html("\n")] for command in report.commands])

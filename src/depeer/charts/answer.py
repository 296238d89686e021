"""The sections that answer: rankings by role, and where most of it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from depeer.charts import numbers, theme, words
from depeer.charts.content import Census, CensusRow, Ranked, Ranking, Report, Unknown
from depeer.charts.figures import figure, ranking_pictures
from depeer.charts.html import Column, Html, Node, element, foreign, join, table
from depeer.charts.ranking import DRAWN, chart_title
from depeer.model import Role

NAME = 90
"""Characters of a network's name that a table shows."""
FAR = 30
"""Days between snapshot and sighting beyond which the distance is set off: prefixes change hands."""


def rankings(report: Report) -> Iterator[Html]:
    """One section for each role that has a ranking, in the order given."""
    for role in dict.fromkeys(ranking.role for ranking in report.rankings):
        own = [ranking for ranking in report.rankings if ranking.role is role]
        yield element(
            "section",
            element("h2", words.HEADINGS[role]),
            element("p", f"What may be said of a network below: {role.phrase}.", class_="dim"),
            [_ranking(report, ranking) for ranking in own if ranking.rows],
            _empty(report, [ranking for ranking in own if not ranking.rows]),
            _census(report, role),
            id=role.value,
        )


def _empty(report: Report, empty: list[Ranking]) -> list[Html]:
    """A sentence for each reason why there is nothing to rank, and what is unknown all the same."""
    reasons: dict[str, list[Ranking]] = {}
    for ranking in empty:
        why = ranking.nothing or (words.NOTHING[ranking.role] if report.snapshots else words.NO_TABLE)
        reasons.setdefault(why, []).append(ranking)
    return [
        join(
            [
                element("h3", " and ".join(dict.fromkeys(r.level for r in same)).capitalize(), ": none"),
                element("p", why, class_="note"),
                unknown_list(dict.fromkeys(u for r in same for u in r.unknowns)),
            ]
        )
        for why, same in reasons.items()
    ]


def _ranking(report: Report, ranking: Ranking) -> Html:
    pictures = ranking_pictures(report, ranking)
    label = f"{theme.heading(chart_title(ranking), report.simulated)}; the table below has the same figures"
    return join([figure(pictures, label), _more(ranking), _notes(ranking), _table(report, ranking)])


def _more(ranking: Ranking) -> Html | None:
    if len(ranking.rows) <= DRAWN:
        return None
    return element("p", f"The chart has the first {DRAWN}, the table all {len(ranking.rows)}.", class_="dim")


def _notes(ranking: Ranking) -> Html | None:
    return (
        element("ul", [element("li", note) for note in ranking.notes], class_="warn")
        if ranking.notes
        else None
    )


def _table(report: Report, ranking: Ranking) -> Html:
    columns = (
        Column("#", True),
        Column("network" if ranking.level == "networks" else "prefix, network"),
        Column("P(worst 1 %)", True),
        Column("rate", True),
        Column(f"{100 * ranking.rows[0].rate.level:g} % interval", True),
        Column(f"bad {ranking.unit}", True),
        Column("announced", True),
        Column(ranking.counted, True),
        Column("days", True),
        Column("first seen", True),
        Column("last seen", True),
        Column("table is", True),
    )
    snapshots = list(dict.fromkeys(row.snapshot for row in ranking.rows))
    head = unknown_rows(ranking.unknowns, len(columns))
    rows = [_row(place, row, len(snapshots) == 1) for place, row in enumerate(ranking.rows, 1)]
    return table(_caption(report, ranking, snapshots), columns, rows, head)


def _caption(report: Report, ranking: Ranking, snapshots: list[str]) -> str:
    days = numbers.period(ranking.since or report.since, ranking.until or report.until)
    of = "" if ranking.compared is None else f" of {numbers.count(ranking.compared)} announced"
    seen = "" if ranking.seen is None else f", {numbers.count(ranking.seen)} of them with a sighting"
    shown = f"{ranking.level.capitalize()}, role {ranking.role.value}, {days}: the first {len(ranking.rows)}"
    table_named = f"; routing table {snapshots[0]}" if len(snapshots) == 1 else ""
    units = f". Rate: bad {ranking.unit} per 10,000 announced"
    return theme.heading(f"{shown}{of}{seen}{table_named}{units}", report.simulated)


def _row(place: int, row: Ranked, named_above: bool) -> list[Node]:
    rate = row.rate
    return [
        place,
        _who(row.asn, row.name, row.prefix),
        numbers.probability(row.p_worst),
        numbers.rate(rate.value),
        f"{numbers.rate(rate.low)} – {numbers.rate(rate.high)}",
        numbers.count(row.addresses),
        numbers.count(round(row.announced)),
        numbers.count(row.messages),
        numbers.count(row.days),
        numbers.day(row.first),
        numbers.day(row.last),
        [None if named_above else element("div", row.snapshot), days_off(row.snapshot_days)],
    ]


def days_off(days: int | None) -> Html:
    """How far the table's day lies from what was seen, set off where that is far."""
    far = days is None or abs(days) > FAR
    return element("span", numbers.distance(days), class_="warn" if far else "dim")


def _who(asn: int | None, name: str | None, prefix: str | None) -> list[Node]:
    number = "announced by nobody" if asn is None else f"AS{asn}"
    if prefix is None:
        return [
            element("span", number, class_="who"),
            element("span", foreign(name, "name unknown", NAME), class_="name"),
        ]
    under = [number, " ", foreign(name, "name unknown", NAME)]
    return [element("span", prefix, class_="who"), element("span", under, class_="name")]


def unknown_rows(unknowns: Iterable[Unknown], width: int) -> list[Html]:
    """Rows under a table's headings that say first what is not known."""
    return [
        element(
            "tr",
            element("td", element("div", _unknown(unknown), class_="held"), colspan=str(width)),
            class_="open",
        )
        for unknown in unknowns
    ]


def unknown_list(unknowns: Iterable[Unknown]) -> Html | None:
    """The same where there is no table to head."""
    items = [element("li", _unknown(unknown)) for unknown in unknowns]
    return element("ul", items) if items else None


def _unknown(unknown: Unknown) -> list[Node]:
    figures = f"({numbers.count(unknown.part)} of {numbers.count(unknown.whole)})"
    share = numbers.share(unknown.part, unknown.whole)
    why = f": {unknown.why}" if unknown.why else ""
    return [element("strong", f"unknown: {share} {unknown.what}"), f" {figures}{why}"]


def _census(report: Report, role: Role) -> list[Html]:
    found = []
    for census in report.census:
        if census.role is role and census.rows:
            found += [
                element("h3", "Where most of it came from"),
                element("p", _census_words(census)),
                _counts(report, census),
            ]
    return found


def _census_words(census: Census) -> str:
    return (
        f"Plain counts, not weighed by size: a large network stands here for being large. In all "
        f"{numbers.count(census.addresses)} addresses and {numbers.count(census.messages)} {census.counted}."
    )


def _counts(report: Report, census: Census) -> Html:
    columns = (
        Column("network"),
        Column("addresses", True),
        Column(census.counted, True),
        Column(f"share of {census.counted}", True),
        Column(""),
    )
    days = numbers.period(report.since, report.until)
    rows = [_counted(row, census) for row in census.rows]
    title = theme.heading(f"{census.counted} by network, role {census.role.value}, {days}", report.simulated)
    return table(title[:1].upper() + title[1:], columns, rows)


def _counted(row: CensusRow, census: Census) -> list[Node]:
    return [
        _who(row.asn, row.name if row.asn is not None else "no prefix of the table holds them", None),
        numbers.count(row.addresses),
        numbers.count(row.messages),
        numbers.share(row.messages, census.messages),
        bar(row.messages, max(r.messages for r in census.rows)),
    ]


def bar(part: int, most: int) -> Html:
    """A bar of up to 160 pixels, an ornament to the figure beside it."""
    length = round(160 * part / most, 1) if most > 0 else 0
    inner = element("rect", width=str(length), height="9", rx="1.5")
    return element(
        "svg", inner, class_="bar", width="160", height="9", viewBox="0 0 160 9", aria_hidden="true"
    )

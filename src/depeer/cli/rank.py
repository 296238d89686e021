"""``depeer rank``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from depeer.cli.common import Day, print_json, say, table, with_lake

if TYPE_CHECKING:
    from depeer.lake.ranking import Answer, Use

ROLES = ("sender", "link", "nameserver", "controller")


@click.command("rank")
@click.option(
    "--role", type=click.Choice(ROLES), default="sender", show_default=True, help="What they were seen doing."
)
@click.option("--prefixes", is_flag=True, help="Rank prefixes instead of networks.")
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to and including this day.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    type=click.Choice(["spam", "unknown"]),
    help="Only mail of this label; may be repeated.  [default: spam and unknown]",
)
@click.option("--customers-of", metavar="ASN", help="Only networks in the customer cone of this one.")
@click.option("--ipv6", is_flag=True, help="Rank IPv6, in /64s, instead of IPv4 addresses.")
@click.option("--top", type=click.IntRange(1), default=20, show_default=True, help="How many to show.")
@with_lake
def command(
    role: str,
    prefixes: bool,
    since: date | None,
    until: date | None,
    labels: tuple[str, ...],
    customers_of: str | None,
    ipv6: bool,
    top: int,
    lake: Path,
    as_json: bool,
) -> None:
    """The worst networks, or prefixes, for their size.

    Ordered by the probability of being among the worst 1 % of all networks announced, those where nothing was
    seen included; ties by the lower end of the interval. `rate` estimates the bad addresses per 10,000 announced,
    drawn towards what is usual where little was seen; `low` and `high` are its 95 % interval.
    """
    from depeer.lake.ranking import DEFAULT_LABELS, NETWORKS, PREFIXES, Question
    from depeer.model import Role, parse_asn
    from depeer.verbs.rank import rank

    level = PREFIXES if prefixes else NETWORKS
    above = None if customers_of is None else parse_asn(customers_of)
    question = Question(
        Role(role), level, since, until, labels or DEFAULT_LABELS, 6 if ipv6 else 4, top, above
    )
    answer = rank(lake, question)
    if as_json:
        print_json(_json(answer))
    else:
        _show(answer)


def _rows(answer: Answer) -> list[dict[str, Any]]:
    if answer.ranking is None:
        return []
    rows = []
    for row in answer.ranking.table.to_pylist():
        owner = answer.owners[row[answer.ranking.key]]
        when = owner.named.snapshot.day if owner.named else None
        rows.append(
            {"asn": owner.asn, "name": owner.name, "name_date": when, "called": owner.dated or ""} | row
        )
    return rows


def _json(answer: Answer) -> dict[str, Any]:
    ranking = answer.ranking
    return {
        "role": answer.question.role,
        "means": answer.question.role.phrase,
        "since": answer.question.since,
        "until": answer.question.until,
        "customers_of": answer.question.customers_of,
        "relationships": answer.customers.id if answer.customers else None,
        answer.question.level: [{k: v for k, v in row.items() if k != "called"} for row in _rows(answer)],
        "rate_unit": "bad addresses per 10,000 announced (estimate: posterior mean)",
        "level": ranking.level if ranking else None,
        "compared": ranking.networks if ranking else 0,
        "seen": ranking.seen if ranking else 0,
        "threshold": ranking.threshold if ranking else None,
        "dispersion": ranking.dispersion if ranking else None,
        "prior": ranking.prior if ranking else None,
        "warnings": ranking.warnings if ranking else [],
        "unannounced": answer.unannounced,
        "other_family": answer.other_family,
        "links": answer.links or None,
        "not_counted": answer.not_counted,
        "snapshots": [
            {
                "snapshot": u.snapshot.id,
                "sightings": u.sightings,
                "nearest_days": u.nearest,
                "farthest_days": u.farthest,
            }
            for u in answer.uses
        ],
    }


def _show(answer: Answer) -> None:
    question, ranking = answer.question, answer.ranking
    if answer.links.get("links"):
        links, unknown = answer.links["links"], answer.links["unknown"]
        say(
            f"{unknown / links:.1%} of {links:,} links are unknown: their names have no dated resolution in the lake"
        )
    if ranking is None or not ranking.seen:
        say(f"nothing was seen in the role {question.role} that a routing table in the lake attributes")
        _remarks(answer)
        return
    if answer.customers is not None:
        whose = f"customers of AS{question.customers_of}, direct and indirect, by {answer.customers.id}"
        if not ranking.table.num_rows:
            say(f"nothing was seen in the role {question.role} in {whose}")
            return
        say(f"only {whose}")
    key = "network" if question.level == "networks" else "prefix"
    table(
        f"Worst {question.level} as {question.role}: {question.role.phrase}",
        [(key, "<"), ("name", "<"), ("bad", ">"), ("records", ">"), ("days", ">"), ("announced", ">"),
         ("per 10,000 (95 %)", ">"), ("P(worst 1 %)", ">")],
        [_cells(row, question.level) for row in _rows(answer)],
        f"{ranking.seen:,} of {ranking.networks:,} {question.level} announced had any; "
        f"worst 1 %: above {ranking.threshold:.3g} per 10,000. Rates are estimates, ties go by their lower end.",
    )  # fmt: skip
    _remarks(answer)


def _cells(row: dict[str, Any], level: str) -> tuple[str, ...]:
    network = f"AS{row['asn']}" if row["asn"] is not None else "?"
    who = network if level == "networks" else row["prefix"]
    name = row["called"] if level == "networks" else f"{network} {row['called']}"
    return (
        who,
        name,
        f"{row['addresses']:,}",
        f"{row['messages']:,}",
        f"{row['days']:,}",
        f"{row['announced']:,.0f}",
        f"{_short(row['rate'])} ({_short(row['low'])}–{_short(row['high'])})",
        f"{row['p_worst']:.2f}",
    )


def _short(rate: float) -> str:
    """Three figures, never in powers of ten."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def _remarks(answer: Answer) -> None:
    if answer.unannounced:
        say(f"{answer.unannounced:,} addresses belong to no network that the routing table announces")
    if answer.other_family:
        other = "IPv6 /64s (see --ipv6)" if answer.question.family == 4 else "IPv4 addresses"
        say(f"{answer.other_family:,} {other} were seen as well and are not ranked here")
    for row in answer.not_counted:
        say(f"not held against anybody: {row['messages']:,} mails, {row['why_not']}")
    for use in answer.uses:
        if max(abs(use.nearest), abs(use.farthest)) > 31:
            say(
                f"{use.sightings:,} sightings lie {_apart(use)} {use.snapshot.id}: networks may have changed hands"
            )
    for warning in answer.ranking.warnings if answer.ranking else ():
        say(f"note: {warning[0].lower()}{warning[1:]}")


def _apart(use: Use) -> str:
    """How far sightings lie from the snapshot, and on which side."""
    if use.farthest <= 0:
        return f"{-use.farthest:,} to {-use.nearest:,} days before"
    if use.nearest >= 0:
        return f"{use.nearest:,} to {use.farthest:,} days after"
    return f"between {-use.nearest:,} days before and {use.farthest:,} days after"

"""One self-contained page: it opens offline, runs no script, fetches nothing, and follows light or dark.

The first screen answers: which networks, how sure, and what is unknown. Charts are static drawings
beside tables that hold the same figures. A content-security policy forbids everything except the one
inline style sheet, named by its digest (CSP 3, 2.3.1).
"""

from __future__ import annotations

import base64
import hashlib

from depeer.charts import numbers
from depeer.charts.answer import rankings
from depeer.charts.content import Report
from depeer.charts.evidence import evidence
from depeer.charts.html import Html, Node, element, join
from depeer.charts.stylesheet import STYLE
from depeer.charts.takedown.sections import takedowns, watched

_LINKS = (
    ("volume", "Volume"),
    ("unknowns", "Unknown"),
    ("accounts", "Accounts"),
    ("sensors", "Sensors"),
    ("nature", "Not counted"),
    ("own-side", "Our own side"),
    ("snapshots", "Snapshots"),
    ("methods", "Methods"),
    ("answer", "Named here?"),
    ("again", "Reproduce"),
)


def render(report: Report) -> str:
    """``report`` as one HTML document; the same report gives the same bytes."""
    title = f"Simulated: {report.title}" if report.simulated else report.title
    body = [
        element("a", "Skip to the answer", href="#answers", class_="skip"),
        _header(report, title),
        _contents(report),
        element(
            "main",
            list(takedowns(report)),
            list(watched(report)),
            list(rankings(report)) or _no_ranking(),
            list(evidence(report)),
            id="answers",
        ),
        element("footer", _footer(report)),
    ]
    return f'<!doctype html>\n<html lang="en">\n{_head(title)}\n{element("body", body)}\n</html>\n'


def policy() -> str:
    """What the page may load: nothing but its own style sheet."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _head(title: str) -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex"),
        element("title", title),
        element("style", Html(STYLE)),
    )


def _header(report: Report, title: str) -> Html:
    banner = "Simulated data: no network on this page did any of this." if report.simulated else None
    batch = "batch unknown" if report.batch is None else f"data as of batch {report.batch}"
    made = f"{batch}; made {report.generated.isoformat()} by depeer {report.version}"
    return element(
        "header",
        element("p", banner, class_="simulated") if banner else None,
        element("h1", title),
        element("p", f"{numbers.period(report.since, report.until)} (UTC) · {made}", class_="meta"),
        element("dl", _facts(report), class_="facts"),
    )


def _facts(report: Report) -> list[Html]:
    accounts = report.accounting
    aside = (
        f"{numbers.count(accounts.duplicates)} duplicates, {numbers.count(accounts.set_aside)} quarantined"
    )
    balance = "all accounted for" if accounts.missing == 0 else f"{accounts.missing:+,} unaccounted for"
    facts = [
        _fact(
            "read and stored",
            numbers.count(accounts.stored),
            f"of {numbers.count(accounts.read)} read; {aside}; {balance}",
            accounts.missing != 0,
        ),
        _tables(report),
    ]
    for unknown in report.unknowns[:4]:
        share = numbers.share(unknown.part, unknown.whole)
        figures = f"{unknown.what} ({numbers.count(unknown.part)} of {numbers.count(unknown.whole)})"
        facts.append(_fact("unknown", share, figures, True))
    return facts


def _tables(report: Report) -> Html:
    tables = [use for use in report.snapshots if use.kind == "origins"]
    if not tables:
        return _fact("routing table", "none", "no address could be given to a network", True)
    far = max((abs(u.farthest_days) for u in tables if u.farthest_days is not None), default=None)
    days = "distance unknown" if far is None else f"at most {far:,} days from what was seen"
    value = tables[0].day.isoformat() if len(tables) == 1 else f"{len(tables)} tables"
    return _fact("routing table", value, days, far is None or far > 30)


def _fact(term: str, value: str, more: str, is_open: bool) -> Html:
    inner = [element("dt", term), element("dd", value, class_="big"), element("dd", more, class_="small")]
    return element("div", inner, class_="open" if is_open else "known")


def _contents(report: Report) -> Html:
    roles = dict.fromkeys(ranking.role.value for ranking in report.rankings)
    links = [
        (f"takedown-{number}", f"Takedown {told.day}") for number, told in enumerate(report.takedowns, 1)
    ]
    links += [("wire", "On the wire")] if report.watched else []
    links += [(role, f"{role.capitalize()}s") for role in roles]
    return element(
        "nav",
        [element("a", words, href=f"#{name}") for name, words in (*links, *_LINKS)],
        aria_label="Contents",
    )


def _no_ranking() -> Html:
    nothing = "Nothing was ranked for this page."
    return element("section", element("h2", "Networks"), element("p", nothing, class_="note"))


def _footer(report: Report) -> Node:
    words = f"depeer {report.version}. Names and links on this page are other people's words, as they came."
    return join(element("p", words))

"""The sections about interventions: did it work, who gained, where it went, who could have cut it, what was seen."""

from __future__ import annotations

from collections.abc import Iterator

from depeer.charts import theme, words
from depeer.charts.clean import clean
from depeer.charts.content import Figures, Part, Report, Takedown
from depeer.charts.figures import drawn
from depeer.charts.html import Column, Html, element, foreign, table
from depeer.disclosure import defang

SLIM = 5
"""Columns from which on a table scrolls on a telephone."""


def takedowns(report: Report) -> Iterator[Html]:
    """One section for each intervention, in the order given."""
    for number, told in enumerate(report.takedowns, 1):
        yield element(
            "section",
            element("h2", theme.heading(_heading(told), report.simulated)),
            element("p", words.TAKEDOWN, class_="dim"),
            [_part(part, report.simulated) for part in told.parts],
            id=f"takedown-{number}",
        )


def watched(report: Report) -> Iterator[Html]:
    """What was seen on the wire of networks that no intervention named."""
    if report.watched:
        yield element(
            "section",
            element("h2", theme.heading("Seen on the wire", report.simulated)),
            [_part(part, report.simulated) for part in report.watched],
            id="wire",
        )


def _heading(told: Takedown) -> str:
    targets = defang(clean(told.targets))
    return f"Takedown of {told.day}: {targets}" if targets else f"Takedown of {told.day}"


def _part(part: Part, simulated: bool) -> list[Html | None]:
    return [
        element("h3", foreign(part.title)),
        element("p", foreign(part.answer, longest=2000), class_="note") if part.answer else None,
        *(element("p", foreign(sentence, longest=2000)) for sentence in part.sentences),
        *(_figures(figures, simulated) for figures in part.figures),
        *(drawn(picture) for picture in part.pictures),
        element(
            "ul", [element("li", foreign(_said(one), longest=2000)) for one in part.warnings], class_="warn"
        )
        if part.warnings
        else None,
    ]


def _said(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _figures(figures: Figures, simulated: bool) -> Html:
    columns = [Column(defang(title), is_figures) for title, is_figures in figures.columns]
    rows = [[foreign(cell, "") for cell in row] for row in figures.rows]
    return table(theme.heading(defang(figures.caption), simulated), columns, rows, slim=len(columns) < SLIM)

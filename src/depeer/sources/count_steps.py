"""Whether the rows of one sensor are counts of one step: hours, days or weeks, and not some of each.

A missing row is a gap, so counts of weeks among counts of days would pass for days with six unknown ones between; and
counts of months, or of days of local time that move by an hour twice a year, for a few days or hours of many.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from depeer.errors import BadInput

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
RUN = 4
"""So many distances of the next longer step, one after the other, are no gaps."""


def one_step(times: list[datetime], lines: list[int], name: str) -> None:
    """``times`` in order. Raises BadInput for other steps than hours, days and weeks, and for mixed ones."""
    gaps = [after - before for before, after in pairwise(times)]
    if len(gaps) < 2:
        return
    step = _step(gaps, name)
    if min(gaps) > STEPS[step]:
        apart = f"{_span(min(gaps))} to {_span(max(gaps))}"
        raise BadInput(
            f"{name}: the rows are {apart} apart; count by the hour, the day or the week, of one and the same zone"
        )
    longer = {"hour": "day", "day": "week"}.get(step)
    if longer is not None:
        _unmixed(gaps, lines, name, longer)


def _unmixed(gaps: list[timedelta], lines: list[int], name: str, longer: str) -> None:
    at = 0
    for gap, run in groupby(gaps):
        length = len(list(run))
        if gap == STEPS[longer] and length >= RUN:
            raise BadInput(
                f"{name}, line {lines[at + 1]}: {length + 1} rows in a row are a {longer} apart, others less; "
                "give counts of one step only"
            )
        at += length


def _step(gaps: list[timedelta], name: str) -> str:
    """The longest step that divides every distance."""
    common = math.gcd(*(int(gap.total_seconds()) for gap in gaps))
    for word in ("week", "day", "hour"):
        if common % int(STEPS[word].total_seconds()) == 0:
            return word
    raise BadInput(f"{name}: the rows lie on no grid of hours, days or weeks; count by one of them first")


def _span(gap: timedelta) -> str:
    hours = gap.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 and hours % 24 == 0 else f"{hours:g} hours"

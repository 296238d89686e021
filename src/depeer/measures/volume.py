"""What was seen, by network and by prefix: the statements, for any engine.

Each is one SELECT over the lake's tables, in the subset of SQL that DuckDB runs and sqlglot translates for
others. Named parameters (``parameters`` makes them; a statement takes those it names):

``$role``           sender, link, nameserver or controller; roles are never mixed
``$since, $until``  the period, half open: a sighting is in when ``first < $until and last >= $since``
``$labels``         labels of the mail that is asked for, a list; feeds carry none and are always in
``$family``         4 or 6: IPv4 addresses count one by one; of IPv6 the /64 counts, since one machine has a whole one

Columns of counts: ``addresses`` distinct addresses (or /64s), ``messages`` distinct deliveries (of feeds: records),
``days`` distinct UTC days covered, ``sources`` distinct sensors and feeds, ``first`` and ``last`` cut to the period.
A listing covers every day from its first to its last; overlaps count once, gaps not at all. A period that is null
on either side has no end there.

Only rows with ``counts`` may be held against a network; ``NOT_COUNTED`` tells what does not, and why.
Sightings without a time are in only where no period is asked for, and cover no day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

IS_V4 = "(address BETWEEN unhex('00000000000000000000FFFF00000000') AND unhex('00000000000000000000FFFFFFFFFFFF'))"

UNIT = "CASE WHEN $family = 4 THEN address ELSE unhex(substr(hex(address), 1, 16)) END"
"""What is counted as one address: the text form is made for IPv6 only, where it costs a third more."""

_PERIOD = """($since IS NULL OR last >= CAST($since AS TIMESTAMPTZ))
    AND ($until IS NULL OR first < CAST($until AS TIMESTAMPTZ))"""

ASKED = f"""role = $role
    AND (label IS NULL OR list_contains($labels, label))
    AND {_PERIOD}"""

_DAY = "CAST(floor(epoch({}) / 86400) AS BIGINT)"
"""Days since 1970, UTC: in DuckDB a tenth of the time of a cast to DATE, which asks for the time zone."""


def _counts(key: str) -> str:
    """Counts by ``key``; days by islands: what each interval adds to those that began before it."""
    return f"""
WITH asked AS (
  SELECT {key}, {UNIT} AS unit, delivery, source,
    greatest(first, CAST($since AS TIMESTAMPTZ)) AS first,
    least(last, CAST($until AS TIMESTAMPTZ) - INTERVAL 1 MICROSECOND) AS last
  FROM sightings
  WHERE {ASKED}
    AND counts AND {key} IS NOT NULL AND {IS_V4} = ($family = 4)
), spans AS (
  SELECT DISTINCT {key}, {_DAY.format("first")} AS d0, {_DAY.format("last")} AS d1
  FROM asked WHERE first IS NOT NULL AND last IS NOT NULL
), islands AS (
  SELECT {key}, d0, d1, max(d1) OVER (
    PARTITION BY {key} ORDER BY d0, d1 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
  FROM spans
), covered AS (
  SELECT {key}, sum(greatest(0, d1 - greatest(d0 - 1, coalesce(reached, d0 - 1)))) AS days
  FROM islands GROUP BY {key}
), totals AS (
  SELECT {key}, count(DISTINCT unit) AS addresses, count(DISTINCT delivery) AS messages,
    count(DISTINCT source) AS sources, min(first) AS first, max(last) AS last
  FROM asked GROUP BY {key}
)
SELECT totals.{key}, addresses, messages, CAST(coalesce(days, 0) AS BIGINT) AS days, sources, first, last
FROM totals LEFT JOIN covered ON totals.{key} = covered.{key}
ORDER BY addresses DESC, totals.{key}
"""  # noqa: S608 - no outside text: the key is one of two names of our own


NETWORK_COUNTS = _counts("asn")
"""``asn, addresses, messages, days, sources, first, last``, most addresses first."""

PREFIX_COUNTS = _counts("prefix")
"""The same by ``prefix``: the longest matching prefix or range of the snapshot."""

NOT_COUNTED = f"""
SELECT coalesce(why_not, 'unknown') AS why_not, count(*) AS sightings,
  count(DISTINCT {UNIT}) AS addresses, count(DISTINCT delivery) AS messages
FROM sightings
WHERE {ASKED}
  AND NOT counts AND {IS_V4} = ($family = 4)
GROUP BY 1 ORDER BY messages DESC, why_not
"""  # noqa: S608
"""What was seen but is not held against any network, by reason."""

UNANNOUNCED = f"""
SELECT count(DISTINCT {UNIT}) AS addresses, count(DISTINCT delivery) AS messages
FROM sightings
WHERE {ASKED}
  AND counts AND asn IS NULL AND {IS_V4} = ($family = 4)
"""  # noqa: S608
"""Counting sightings whose address no network announced (bogons among them): one row."""

FAMILIES = f"""
SELECT count(DISTINCT delivery) AS messages,
  count(DISTINCT CASE WHEN {IS_V4} THEN address END) AS ipv4,
  count(DISTINCT CASE WHEN NOT {IS_V4} THEN substr(hex(address), 1, 16) END) AS ipv6,
  count(DISTINCT CASE WHEN NOT {IS_V4} THEN delivery END) AS ipv6_messages
FROM sightings
WHERE {ASKED} AND counts
"""  # noqa: S608
"""One row: IPv4 addresses, IPv6 /64s and their messages: what a ranking by one family leaves out."""

LINKS_RESOLVED = """
WITH known AS (
  SELECT DISTINCT delivery, via FROM sightings WHERE role = 'link' AND via IS NOT NULL
), asked AS (
  SELECT links.delivery, links.hostname, links.address IS NOT NULL OR known.delivery IS NOT NULL AS resolved
  FROM links
  JOIN mails ON mails.delivery = links.delivery
  LEFT JOIN arrivals ON arrivals.delivery = links.delivery
  LEFT JOIN known ON known.delivery = links.delivery AND known.via = links.hostname
  WHERE list_contains($labels, mails.label)
    AND ($since IS NULL OR arrivals.received >= CAST($since AS TIMESTAMPTZ))
    AND ($until IS NULL OR arrivals.received < CAST($until AS TIMESTAMPTZ))
)
SELECT count(*) AS links, count(*) FILTER (WHERE NOT resolved) AS unknown,
  count(DISTINCT hostname) AS hostnames,
  count(DISTINCT hostname) - count(DISTINCT CASE WHEN resolved THEN hostname END) AS hostnames_unknown
FROM asked
"""
"""One row: links, and those whose host name has no dated resolution at the time of the mail: they are unknown, not
absent, and no ranking by link sees them. Literal addresses in links are known. Takes ``$labels, $since, $until``."""


def parameters(
    role: str,
    since: datetime | None = None,
    until: datetime | None = None,
    labels: Sequence[str] = ("spam", "unknown"),
    family: int = 4,
) -> dict[str, object]:
    """What the statements take. Times must know their zone; ``since`` is in the period, ``until`` is not."""
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
    if family not in (4, 6):
        raise ValueError(f"family {family} is neither 4 nor 6")
    return {"role": str(role), "since": since, "until": until, "labels": list(labels), "family": family}

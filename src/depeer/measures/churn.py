"""How much more a count of addresses varies than independent ones would: a machine that changes its address counts
several times.

A ranking takes distinct addresses for the number of bad machines. Where machines get new addresses, each day in many
networks of homes, addresses come in clumps (Torpig: 6.8 a machine in ten days; Stone-Gross et al., CCS 2009), and a
Poisson interval is too narrow. How large the clumps are shows in *when an address is seen again*: some hours later
nearly every machine has kept its address, days later only those that keep it for good. So the rate at which
addresses are met again after hours, held against that after days, tells how many pairs of addresses belong to one
machine.

With K addresses seen of a machine the count of a network of known rate has variance over mean E[K²]/E[K] =
1 + E[K(K − 1)]/E[K], the index of dispersion of a compound Poisson count. The sum of K(K − 1)/2 is the number of
pairs of visits by one machine (what is seen after hours, at every lag), less those at one address, over the square
of visits per address.

A visit is an address seen in an hour. Assumed: a machine stays infected, and goes on sending as it did, for the lags
looked at; where machines fall silent sooner the estimate is too high, and intervals too wide.
"""

from __future__ import annotations

from collections.abc import Mapping

from depeer.measures import volume

SHORT = (2, 6)
"""Lags in hours within which a machine has kept its address; a burst that crosses the hour is no second visit."""
LONGEST = 60 * 24
"""Hours for which a machine is taken to stay infected; pairs further apart are two machines."""
DIGITS, ENOUGH = "7B3E592C6D80F41A", 200_000
"""Order in which last digits are taken, and messages that are enough."""
MOST = 6.8
"""No more than was measured where machines could be told from addresses (Torpig: 1.25 million for 183,000 bots)."""

REVISITS = f"""
WITH visits AS (
  SELECT DISTINCT {volume.UNIT} AS unit, CAST(floor(epoch(first) / 3600) AS BIGINT) AS hour
  FROM sightings
  WHERE {volume.ASKED} AND label IS NOT NULL
    AND counts AND first IS NOT NULL AND {volume.IS_V4} = ($family = 4)
    AND list_contains($digits, right(hex({volume.UNIT}), 1))
), paired AS (
  SELECT unit, hour,
    count(*) OVER (visited RANGE BETWEEN {SHORT[1]} PRECEDING AND {SHORT[0]} PRECEDING) AS soon,
    count(*) OVER (visited RANGE BETWEEN {LONGEST} PRECEDING AND 1 PRECEDING) AS ever
  FROM visits
  WINDOW visited AS (PARTITION BY unit ORDER BY hour)
)
SELECT count(DISTINCT unit) AS addresses, count(*) AS visits, CAST(coalesce(sum(soon), 0) AS BIGINT) AS soon,
  CAST(coalesce(sum(ever), 0) AS BIGINT) AS ever, coalesce(max(hour) - min(hour) + 1, 0) AS hours
FROM paired
"""  # noqa: S608 - no outside text: fragments and numbers of our own
"""One row of mail: distinct addresses (or /64s), visits, pairs of visits at one address by lag, and hours spanned.
Takes the parameters of ``volume`` and ``$digits`` (``sample``)."""


def sample(messages: int) -> list[str]:
    """Last hexadecimal digits of the addresses to look at: all, or fewer where there is far more mail than needed.
    Every address of a sample is looked at as a whole, so that the estimate does not depend on its size."""
    return list(DIGITS[: max(2, min(16, round(16 * ENOUGH / max(messages, 1))))])


def dispersion(row: Mapping[str, int]) -> float:
    """Variance over mean of a network's count, from the row of ``REVISITS``: between 1 and ``MOST``."""
    hours = row["hours"]
    looked = sum(max(hours - lag, 0) for lag in range(SHORT[0], SHORT[1] + 1))
    if not row["soon"] or not looked:
        return 1.0
    reach = min(hours, LONGEST)
    of_one_machine = row["soon"] / looked * (hours * reach - reach * reach / 2)
    elsewhere = max(of_one_machine - row["ever"], 0.0)
    return min(1 + 2 * elsewhere * row["addresses"] / row["visits"] ** 2, MOST)

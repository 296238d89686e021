"""Counts by day out of a lake, for any slice of it: the statements.

``$sensor``, ``$label``, ``$asn``, ``$prefix``: null for any. A day without a row is zero only where a sensor was up.
"""

MAILS = """
SELECT m.sensor, CAST(a.received AS DATE) AS day, count(*) AS count
FROM mails m JOIN arrivals a ON a.delivery = m.delivery
WHERE a.received IS NOT NULL AND ($sensor IS NULL OR m.sensor = $sensor) AND ($label IS NULL OR m.label = $label)
GROUP BY ALL ORDER BY ALL
"""
"""Deliveries."""

SEEN = """
SELECT source AS sensor, CAST(first AS DATE) AS day, count(DISTINCT delivery) AS count
FROM sightings
WHERE role = $role AND counts AND first IS NOT NULL
  AND ($sensor IS NULL OR source = $sensor) AND ($label IS NULL OR label = $label)
  AND ($asn IS NULL OR asn = $asn) AND ($prefix IS NULL OR prefix = $prefix)
GROUP BY ALL ORDER BY ALL
"""
"""Mails by the role of an address: from a network or prefix, or advertising one."""

ACTIVE = """
WITH listed AS (
  SELECT DISTINCT source, address, CAST(first AS DATE) AS first, CAST(last AS DATE) AS last
  FROM sightings
  WHERE role = $role AND counts AND first IS NOT NULL AND last IS NOT NULL
    AND ($sensor IS NULL OR source = $sensor)
    AND ($asn IS NULL OR asn = $asn) AND ($prefix IS NULL OR prefix = $prefix)
), days AS (
  SELECT source, address, unnest(generate_series(first, last, INTERVAL 1 DAY)) AS day FROM listed
)
SELECT source AS sensor, CAST(day AS DATE) AS day, count(DISTINCT address) AS count
FROM days GROUP BY ALL ORDER BY ALL
"""
"""Addresses listed on each day: controllers active, as a feed has them."""

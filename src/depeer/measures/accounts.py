"""What a report says beside rankings: accounts, volume by day, quarantine, nature, reach in time."""

ACCOUNT = """
SELECT count(*) AS read, count(*) FILTER (WHERE disposition = 'stored') AS stored,
       count(*) FILTER (WHERE disposition = 'duplicate') AS duplicates,
       count(*) FILTER (WHERE disposition = 'quarantined') AS quarantined, max(batch) AS batch
FROM raw
"""

QUARANTINE = """
SELECT coalesce(reason, 'unknown') AS reason, count(*) AS things, min_by(locator, batch) AS example,
       list_slice(list(locator ORDER BY locator), 1, 3) AS locators
FROM raw WHERE disposition = 'quarantined' GROUP BY 1 ORDER BY things DESC, reason
"""

VOLUME = """
SELECT CAST(a.received AS DATE) AS day, m.sensor, m.label, count(*) AS messages
FROM mails m LEFT JOIN arrivals a ON a.delivery = m.delivery
WHERE ($since IS NULL OR a.received >= CAST($since AS TIMESTAMPTZ))
  AND ($until IS NULL OR a.received < CAST($until AS TIMESTAMPTZ))
GROUP BY ALL ORDER BY ALL
"""
"""Deliveries by UTC day of receipt, sensor and label; a null day has no trusted date."""

SENSORS = "SELECT sensor, count(*) AS messages FROM mails GROUP BY sensor ORDER BY sensor"

NATURES = """
SELECT m.nature, m.label = 'ham' AS ham, count(*) AS messages
FROM mails m LEFT JOIN arrivals a ON a.delivery = m.delivery
WHERE ($since IS NULL OR a.received >= CAST($since AS TIMESTAMPTZ))
  AND ($until IS NULL OR a.received < CAST($until AS TIMESTAMPTZ))
GROUP BY ALL ORDER BY messages DESC, nature
"""

BOUNDARIES = """
SELECT count(*) AS mails, count(*) FILTER (WHERE boundary_ip IS NULL) AS unknown FROM arrivals
WHERE ($since IS NULL OR received >= CAST($since AS TIMESTAMPTZ))
  AND ($until IS NULL OR received < CAST($until AS TIMESTAMPTZ))
"""

CENSUS = """
SELECT asn, count(DISTINCT address) AS addresses, count(DISTINCT delivery) AS messages
FROM sightings
WHERE role = $role AND counts
  AND ($since IS NULL OR last >= CAST($since AS TIMESTAMPTZ))
  AND ($until IS NULL OR first < CAST($until AS TIMESTAMPTZ))
GROUP BY asn ORDER BY messages DESC, addresses DESC, asn
"""

SIMULATED = """
SELECT count(*) AS mails, count(*) FILTER (WHERE list_contains(flags, 'simulated')) AS marked FROM mails
"""
"""Mails that carry the mark of a simulated world. Any sender can forge it, so a part of the mail proves nothing."""

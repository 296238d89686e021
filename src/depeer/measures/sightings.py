"""Which addresses were seen in which role: the statement that gathers them, before attribution.

A *sender* is the boundary address of a mail. A *link* is an address that a mail advertised, either
literally or by a name that resolved to it at that time. A *nameserver* served such a name at that time. A
*controller* is what a feed says is one. Nothing is guessed: a name without a dated resolution gives no row.
"""

CANDIDATES = """
WITH spam AS (
    SELECT m.batch, m.delivery, m.sensor, m.label, a.received, a.boundary_ip,
           m.nature = 'direct' AND m.label <> 'ham' AS counts,
           CASE WHEN m.label = 'ham' THEN 'ham' WHEN m.nature <> 'direct' THEN m.nature END AS why_not
    FROM mails m JOIN arrivals a ON a.delivery = m.delivery
    WHERE m.batch > $after
),
advertised AS (
    SELECT s.batch, s.delivery, s.sensor, s.label, s.received, s.counts, s.why_not, l.hostname, l.domain, l.address
    FROM spam s JOIN links l ON l.delivery = s.delivery
    WHERE l.batch > $after
),
answered AS (
    SELECT feed, name, address, target, rrtype, first - INTERVAL 1 DAY AS since, last + INTERVAL 1 DAY AS until
    FROM resolutions
),
listed AS (
    SELECT * FROM listings WHERE role IS NOT NULL AND batch > $after
)
SELECT batch, delivery, 'sender' AS role, sensor AS source, label, boundary_ip AS address,
       received AS first, received AS last, CAST(NULL AS VARCHAR) AS via, counts, why_not
FROM spam WHERE boundary_ip IS NOT NULL
UNION ALL
SELECT DISTINCT batch, delivery, 'link', sensor, label, address, received, received, CAST(NULL AS VARCHAR),
       counts, why_not
FROM advertised WHERE address IS NOT NULL
UNION ALL
SELECT DISTINCT d.batch, d.delivery, 'link', d.sensor, d.label, r.address, d.received, d.received, d.hostname,
       d.counts, d.why_not
FROM advertised d JOIN answered r ON r.name = d.hostname AND d.received BETWEEN r.since AND r.until
WHERE r.address IS NOT NULL
UNION ALL
SELECT DISTINCT d.batch, d.delivery, 'nameserver', d.sensor, d.label, s.address, d.received, d.received, r.target,
       d.counts, d.why_not
FROM advertised d
JOIN answered r ON r.name = d.domain AND r.rrtype = 'NS' AND d.received BETWEEN r.since AND r.until
JOIN answered s ON s.name = r.target AND s.address IS NOT NULL AND d.received BETWEEN s.since AND s.until
UNION ALL
SELECT batch, delivery, role, feed, CAST(NULL AS VARCHAR), address, first, last, CAST(NULL AS VARCHAR),
       true, CAST(NULL AS VARCHAR)
FROM listed WHERE subject = 'address' AND address IS NOT NULL
UNION ALL
SELECT DISTINCT l.batch, l.delivery, l.role, l.feed, CAST(NULL AS VARCHAR), r.address,
       greatest(l.first, r.since), least(l.last, r.until), l.entry, true, CAST(NULL AS VARCHAR)
FROM listed l JOIN answered r ON r.name = l.entry AND r.since <= l.last AND r.until >= l.first
WHERE l.subject = 'domain' AND r.address IS NOT NULL
"""
"""Columns of SIGHTINGS up to ``why_not``, for batches after ``$after``. A resolution holds from a day before its
first to a day after its last answer (passive DNS sees cache misses only)."""

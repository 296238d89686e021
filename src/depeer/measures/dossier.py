"""What the lake knows about one network: the statements."""

ROLES = """
SELECT role, count(DISTINCT address) AS addresses, count(DISTINCT delivery) AS messages,
       count(DISTINCT source) AS sources, min(first) AS first, max(last) AS last,
       count(DISTINCT CASE WHEN NOT counts THEN delivery END) AS not_counted
FROM sightings WHERE asn = $asn GROUP BY role ORDER BY messages DESC, role
"""

ADDRESSES = """
SELECT role, address, count(DISTINCT delivery) AS messages, min(first) AS first, max(last) AS last
FROM sightings WHERE asn = $asn AND counts
GROUP BY role, address ORDER BY messages DESC, address LIMIT $top
"""

PREFIXES = """
SELECT prefix, role, count(DISTINCT address) AS addresses, count(DISTINCT delivery) AS messages
FROM sightings WHERE asn = $asn AND counts AND prefix IS NOT NULL
GROUP BY prefix, role ORDER BY messages DESC, prefix
"""

LISTED = """
SELECT feed, subject, entry, family, min(first) AS first, max(last) AS last, count(*) AS records
FROM listings
WHERE (subject = 'asn' AND asn = $asn)
   OR (subject = 'prefix' AND entry IN (SELECT unnest($prefixes)))
GROUP BY feed, subject, entry, family ORDER BY last DESC, feed, entry
"""
"""Listings of the network itself, or of exactly a prefix it announces; listed addresses are among the sightings."""

UPLINKS = """
SELECT uplink, min(first) AS first, max(last) AS last, max_by(vantages, last) AS vantages, max_by("of", last) AS "of"
FROM uplinks WHERE asn = $asn GROUP BY uplink ORDER BY last DESC, vantages DESC, uplink
"""
"""Neighbours as observed, over all files: when, and in the newest file by how many of its vantage points."""

OBSERVED = """
SELECT DISTINCT asn, uplink FROM uplinks WHERE snapshot = $snapshot
"""
"""Neighbours of everybody as one file shows them."""

SEEN_IN = """
SELECT asn, role, count(DISTINCT address) AS addresses FROM sightings
WHERE counts AND list_contains($asns, asn) AND last >= $since AND first <= $until
GROUP BY asn, role ORDER BY asn, role
"""

WANTED = """
SELECT count(DISTINCT delivery) AS mails FROM sightings
WHERE asn = $asn AND role = 'sender' AND label = 'ham' AND last >= $since AND first <= $until
"""
"""Wanted mail from a network: innocent use that a cut would hurt."""

HELD = """
SELECT asn, prefix, address,
       count(DISTINCT CASE WHEN counts THEN delivery END) AS seen,
       count(DISTINCT CASE WHEN label = 'ham' THEN delivery END) AS innocent
FROM sightings
WHERE list_contains($asns, asn) AND prefix IS NOT NULL AND last >= $since AND first <= $until
GROUP BY asn, prefix, address ORDER BY asn, prefix, seen DESC, address
"""
"""By announced prefix and address: how often it was seen doing harm, and how much wanted mail it sent."""

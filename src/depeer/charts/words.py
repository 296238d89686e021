"""The page's standing words: what may be said of a network, how sure it is, and how it may answer."""

from __future__ import annotations

from depeer.model import Role

HEADINGS = {
    Role.SENDER: "Who handed it over",
    Role.LINK: "Who hosts what it advertises",
    Role.NAMESERVER: "Who serves the advertised names",
    Role.CONTROLLER: "Who hosts what it obeys",
}

NOTHING = {
    Role.SENDER: "No sender can be ranked: no stored message has a boundary address inside an announced "
    "prefix.",
    Role.LINK: "No host of links can be ranked: no advertised name has a dated resolution and no link "
    "names an address. Ingest a passive DNS feed for the period.",
    Role.NAMESERVER: "No name server can be ranked: no advertised name has a dated NS resolution. "
    "Ingest a passive DNS feed for the period.",
    Role.CONTROLLER: "No controller can be ranked: none was seen in this period. Ingest a controller "
    "feed, such as Feodo Tracker or ThreatFox.",
}

NO_TABLE = (
    "No routing table was used, so no address could be given to a network: everything is unknown, "
    "nothing is zero. Add one with depeer routes add FILE."
)

METHODS = (
    "What is counted: distinct bad addresses in one role, in one period, against the addresses that the "
    "network or prefix announced. Roles are never mixed: an infected home machine that sends is another "
    "thing than a rented server that controls it.",
    "How the rate is estimated: counts as Poisson with the announced addresses as exposure, rates as "
    "a mixture of Gammas, fitted to all announced networks, those without a sighting included. A small network with "
    "one hit is drawn towards the rest, and a large one with its fair share is not held up for its "
    "size.",
    "How the order is made: by the probability that the rate is among the worst 1 % of all announced; "
    "ties by the lower end of the interval. An interval says how sure the rate is, given what the "
    "sensors saw; it does not cover what they could not see.",
    "When: addresses are given to networks by the last routing table not after the day, else by the "
    "nearest one, which is flagged. The distance in days stands beside each row.",
    "What is not counted: delivery reports, auto-replies, challenges, list confirmations and forwarded "
    "mail, because the machine that hands them over is not their source.",
    "What this page cannot tell: who owns a machine, whether the network knew of it, or what the "
    "network did since. A feed's own habits are part of what is seen through it.",
)

ANSWER = (
    "This page says that addresses in a network were seen in a role, on the days given, with the "
    "uncertainty given. It does not say that the network's operator took part in, or knew of, what was "
    "seen.",
    "If you run a network named here and think that something is wrong, name the AS number or prefix, "
    "the days, and the batch number at the end of this page. You can ask for the evidence behind every "
    "count: the addresses, the hours, and the redacted headers.",
    "Grounds that change the answer: the address was not yours on that day; it is a forwarder, a list "
    "or a mail service of your users; it was a relay of the sensor's own side; the machine was cleaned "
    "or the customer removed. A correction is recorded with its date and stands in the next report.",
)

RELAYS = (
    "A message is held against the first address that the sensor's own side saw. These relays were "
    "taken as that own side; were one of them wrong, the addresses behind it would be wrong too. Object "
    "to a line with --trusted or in depeer.toml, and derive again."
)

TAKEDOWN = (
    "What was counted and seen around the event, and what that can and cannot tell. A pause that the senders chose "
    "looks the same in counts as a takedown. What is said of a network is what was seen in it, not what it did; how "
    "to answer stands below, under “If you are named here”."
)

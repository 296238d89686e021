"""Words by which lists name what an address was seen doing. Where the words say nothing, neither do we."""

from __future__ import annotations

import re

from depeer.model import Role

_WORDS = {
    Role.CONTROLLER: (
        "c2", "c2-server", "c2server", "c2 server", "c&c", "cnc", "cc", "botnet_cc", "botnet cc", "botnet c2",
        "controller", "command and control", "command-and-control",
    ),
    Role.SENDER: ("sender", "spam", "spammer", "spam source", "spam-source"),
    Role.LINK: (
        "link", "phishing", "phish", "malware-distribution", "malware distribution", "malware_download",
        "payload_delivery", "spamvertised", "malware download",
    ),
    Role.NAMESERVER: ("nameserver", "name server"),
}  # fmt: skip
_BY_WORD = {word: role for role, words in _WORDS.items() for word in words}

# "spam" alone is not among these: a file of spam domains and one of spam senders both carry it.
_IN_NAMES = {
    Role.CONTROLLER: {"c2", "c2s", "cnc", "controller", "controllers", "feodo", "feodotracker", "botnetcc"},
    Role.SENDER: {"sender", "senders", "spammer", "spammers"},
    Role.LINK: {"phish", "phishing", "phishtank", "openphish", "urlhaus", "spamvertised"},
    Role.NAMESERVER: {"nameserver", "nameservers"},
}


def role_of_word(word: str | None) -> str | None:
    """By a category as a record gives it."""
    return _BY_WORD.get(word.strip().lower()) if word else None


def role_of_name(name: str) -> str | None:
    """By the words of a file name; None where none or two of them speak."""
    tokens = set(re.split(r"[^a-z0-9]+", name[:255].lower()))
    roles = [role for role, words in _IN_NAMES.items() if tokens & words]
    return roles[0].value if len(roles) == 1 else None


def fitting(role: str | None, subject: str) -> str | None:
    """A name or URL does not hand over mail: a list that says 'spam' of one does not say in which role."""
    return None if role == Role.SENDER and subject in ("domain", "url") else role

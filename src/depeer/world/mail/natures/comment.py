"""Blog-comment spam, as a line of JSON for sensors that watch comment forms."""

from __future__ import annotations

import json
from datetime import UTC

from depeer.world.mail.campaigns import campaign
from depeer.world.mail.dice import dice_of
from depeer.world.mail.template import words
from depeer.world.mail.words import company, person
from depeer.world.nouns import Envelope


def write_comment(envelope: Envelope, seed: int) -> bytes:
    """One line: time, ip, author, url, text, page, simulated. ``url`` is the first link, null without one."""
    dice = dice_of("comment", seed, envelope.campaign, envelope.serial)
    copy = campaign(seed, envelope.campaign, envelope.category, "spinning", "en")
    first, last = person(dice)
    facts = {
        "user": "admin", "first": first, "last": last, "name": f"{first} {last}", "company": company(dice),
        "price": str(dice.randrange(1, 380)), "pct": str(dice.randrange(10, 96, 5)), "cid": "", "tail": "",
        "linked": " ".join(_linked(link, dice.getrandbits(2), copy.call.write(dice, {})) for link in envelope.links),
    }  # fmt: skip
    row = {
        "time": envelope.received.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ip": str(envelope.sender),
        "author": copy.call.write(dice, facts) if dice.random() < 0.5 else facts["name"],
        "url": envelope.links[0] if envelope.links else None,
        "text": f"{words(dice, 6).capitalize()}. {copy.plain.write(dice, facts).strip()}",
        "page": f"/{words(dice, 2).replace(' ', '-')}/",
        "simulated": True,
    }
    return json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"


def _linked(link: str, form: int, call: str) -> str:
    """HTML, a forum's marks, or the bare URL."""
    if form == 0:
        return link
    return f"[url={link}]{call}[/url]" if form == 1 else f'<a href="{link}">{call}</a>'

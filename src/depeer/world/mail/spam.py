"""Spam: a campaign's texts in the hand of a bot's mailing program."""

from __future__ import annotations

from zlib import crc32

from depeer.world.mail.attachment import attachment
from depeer.world.mail.campaigns import campaign
from depeer.world.mail.choosing import known
from depeer.world.mail.copytext import Copy
from depeer.world.mail.dialects import DIALECTS, Dialect
from depeer.world.mail.dice import Random, dice_of, pick
from depeer.world.mail.dress import DRESSES, Dress
from depeer.world.mail.facts import facts_of, header
from depeer.world.mail.mime import Part, file_part, multipart, text_part
from depeer.world.mail.party import Party, sender_of
from depeer.world.mail.trace import forged_lines, trace
from depeer.world.nouns import Envelope


def spam(envelope: Envelope, seed: int) -> bytes:
    """One message of a campaign, as it lies at the receiving server."""
    dice = dice_of("spam", seed, envelope.campaign, envelope.serial, envelope.recipient)
    dialect = known(DIALECTS, envelope.dialect, "dialect")
    party = sender_of(envelope)
    top = trace(envelope, party, dice) + forged_lines(envelope, dialect.forging, dice)
    return top.encode("utf-8") + spam_as_sent(envelope, seed, dialect, party, dice)


def spam_as_sent(
    envelope: Envelope, seed: int, dialect: Dialect, party: Party, dice: Random, to: str = ""
) -> bytes:
    """What the bot itself writes: header and body, nothing of the way that it took."""
    copy = campaign(
        seed,
        envelope.campaign,
        envelope.category,
        envelope.extra.get("grammar"),
        envelope.extra.get("language"),
    )
    facts = facts_of(envelope, dialect, party, dice)
    subject = copy.subject.write(dice, facts)
    part = _body(copy, dialect, dice, facts, _dressed(envelope, copy, dice))
    head = header(dialect, dice, facts, subject, copy.codec, part, to)
    if _lone_returns(dialect, part):
        return head + part.body[:-1].replace(b"\n", b"\r") + b"\n"
    written = head + part.body
    return written if dialect.newline == "\n" else written.replace(b"\n", dialect.newline.encode("ascii"))


def _lone_returns(dialect: Dialect, part: Part) -> bool:
    """Single texts only: nobody would find the parts of a multipart."""
    return dialect.flaw == "bare-cr" and part.type.startswith("text/")


def _dressed(envelope: Envelope, copy: Copy, dice: Random) -> list[Dress]:
    """The links in the campaign's disguise; every second campaign gives each copy a path of its own."""
    dress = DRESSES[copy.dress]
    links = envelope.links
    if links and crc32(envelope.campaign.encode()) & 1:
        links = tuple(_own_path(link, dice) for link in links)
    if envelope.extra.get("subdomains") == "random":
        links = tuple(link.replace("://", f"://{dice.randbytes(3).hex()}.", 1) for link in links)
    return [dress(link) for link in links]


def _own_path(link: str, dice: Random) -> str:
    if "?" in link or "#" in link:
        return link
    token = f"{dice.getrandbits(32):08x}"
    if link.count("/") < 3:
        return f"{link}/{token}"
    return pick(dice, (f"{link}?{token}", f"{link}?id={token}", link + token if link.endswith("/") else link))


def _body(copy: Copy, dialect: Dialect, dice: Random, facts: dict[str, str], links: list[Dress]) -> Part:
    call = copy.call.write(dice, facts)
    if copy.shape == "related":
        return _pictured(copy, dialect, dice, facts, links, call)
    html = copy.shape in {"html", "alternative"}
    plain = _plain(copy, dialect, dice, facts, links, call) if copy.shape != "html" else None
    rich = _html(copy, dialect, dice, facts, links, call) if html else None
    if plain is not None and rich is not None:
        return multipart(dialect, dice, facts, "alternative", [plain, rich])
    only = plain or rich
    assert only is not None
    if copy.shape == "mixed":
        return multipart(dialect, dice, facts, "mixed", [only, attachment(dice)])
    return only


def _plain(
    copy: Copy, dialect: Dialect, dice: Random, facts: dict[str, str], links: list[Dress], call: str
) -> Part:
    facts["linked"] = f"{call}: " + "\n".join(link.plain for link in links) if links else call
    return text_part(dialect, facts, "plain", copy.plain.write(dice, facts), copy.codec)


def _html(
    copy: Copy, dialect: Dialect, dice: Random, facts: dict[str, str], links: list[Dress], call: str
) -> Part:
    facts["linked"] = "<br>\n".join(_anchor(link, copy.dress, call) for link in links) if links else call
    return text_part(dialect, facts, "html", copy.html.write(dice, facts), copy.codec)


_SHOWN = frozenset({"torn", "without-scheme", "behind-user"})
"""Disguises that live in what a reader sees."""


def _anchor(link: Dress, dress: str, call: str) -> str:
    return f'<a href="{link.attribute}">{link.shown if dress in _SHOWN else call}</a>'


def _pictured(
    copy: Copy, dialect: Dialect, dice: Random, facts: dict[str, str], links: list[Dress], call: str
) -> Part:
    """related(alternative(plain, html), picture); every third campaign leaves the plain part out."""
    facts["cid"] = f"{dice.getrandbits(48):012x}${dice.getrandbits(32):08x}@{facts['netbios'].lower()}"
    rich = _html(copy, dialect, dice, facts, links, call)
    if len(copy.subject.pieces) % 3:
        plain = _plain(copy, dialect, dice, facts, links, call)
        rich = multipart(dialect, dice, facts, "alternative", [plain, rich])
    drawn = pick(dice, copy.pictures)
    file = drawn.file(b"simulated " + dice.randbytes(12).hex().encode())
    name = f"{dice.randbytes(4).hex()}.{drawn.subtype}"
    image = file_part(f"image/{drawn.subtype}", name, file, facts["cid"])
    return multipart(dialect, dice, facts, "related", [rich, image])

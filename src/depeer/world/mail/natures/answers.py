"""Machines that answer spam to the trap whose address it forged: absences (RFC 3834) and challenges."""

from __future__ import annotations

from depeer.world.mail.dialects import DIALECTS
from depeer.world.mail.dice import Random, dice_of
from depeer.world.mail.facts import MARK, facts_of
from depeer.world.mail.party import sender_of, site
from depeer.world.mail.template import Template, template
from depeer.world.mail.trace import trace
from depeer.world.nouns import Envelope

_AWAY_SUBJECT = template("{Out of office: {about}|Automatic reply: {about}|On vacation}")
_AWAY_TEXT = template("""{Hello|Thank you for your message}.

I am {away|out of the office} until {Monday|the {dig1}th} and {will answer|read mail} {when I am back|after that}.
{In urgent cases|If it cannot wait}, {ask|call} {my colleague |}{name}, extension {dig3}.

{first}
""")
_ASK_SUBJECT = template("{Please confirm your message|Verification required|Message confirmation required}")
_ASK_TEXT = template("""{Hello|Sorry for the trouble},

your message {with the subject|about} "{about}" is {waiting|held} because I have not yet met your address.
{Please answer|Reply to} this message, or visit

http://confirm.{home}/c/{hex24}

and it will be delivered.
""")
_ABOUT = template("{Cheap {pills|watches}|your order|hello|Re: {words2}|{words3}}")


def auto_reply(envelope: Envelope, seed: int) -> bytes:
    """Somebody is away."""
    dice = dice_of("auto-reply", seed, envelope.serial, envelope.recipient)
    fields = "Auto-Submitted: auto-replied\n" + ("Precedence: bulk\n" if dice.random() < 0.4 else "")
    return _answer(envelope, dice, fields, _AWAY_SUBJECT, _AWAY_TEXT)


def challenge(envelope: Envelope, seed: int) -> bytes:
    """Somebody's filter asks the sender to prove that he is a person."""
    dice = dice_of("challenge", seed, envelope.serial, envelope.recipient)
    fields = "Auto-Submitted: auto-replied\n"
    if dice.random() < 0.5:
        fields += f"X-Delivery-Agent: TMDA/1.0.3\nX-TMDA-Confirm: {dice.randbytes(8).hex()}\n"
    return _answer(envelope, dice, fields, _ASK_SUBJECT, _ASK_TEXT)


def _answer(envelope: Envelope, dice: Random, fields: str, subject: Template, text: Template) -> bytes:
    party = sender_of(envelope)
    facts = facts_of(envelope, DIALECTS["webmail"], party, dice)
    facts["about"], facts["home"] = _ABOUT.write(dice, facts), site(envelope) or party.domain
    head = (
        f"{trace(envelope, party, dice)}{MARK}From: {facts['name']} <{party.address}>\nTo: {envelope.recipient}\n"
        f"Subject: {subject.write(dice, facts)}\nDate: {facts['date']}\nMessage-ID: {facts['id']}\n"
        f"In-Reply-To: <{dice.randbytes(8).hex()}@{envelope.recipient.rpartition('@')[2]}>\n{fields}"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\n"
    )
    body = text.write(dice, facts) + "".join(f"\n> {link}\n" for link in envelope.links)
    return (head + body).encode("utf-8")

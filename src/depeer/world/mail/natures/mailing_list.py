"""A mailing list in the manner of Mailman 2: its fields, its footer, its lines; and its request to confirm."""

from __future__ import annotations

from depeer.world.mail.dialects import DIALECTS
from depeer.world.mail.dice import Random, dice_of
from depeer.world.mail.facts import MARK, facts_of
from depeer.world.mail.natures.sending_side import handing_server
from depeer.world.mail.party import sender_of, site
from depeer.world.mail.places import any_address
from depeer.world.mail.received import Transit, queue_number, received
from depeer.world.mail.trace import trace
from depeer.world.mail.words import domain
from depeer.world.nouns import Envelope


def list_host(envelope: Envelope) -> str:
    """The name of the list's server."""
    return f"lists.{site(envelope) or 'lost.invalid'}"


def list_fields(envelope: Envelope) -> bytes:
    """What the list adds to a posting (RFC 2369, RFC 2919)."""
    host = list_host(envelope)
    page = f"http://{host}/listinfo/talk"
    return f"""Sender: talk-admin@{host}
Errors-To: talk-admin@{host}
X-BeenThere: talk@{host}
X-Mailman-Version: 2.0.11
Precedence: bulk
List-Help: <mailto:talk-request@{host}?subject=help>
List-Post: <mailto:talk@{host}>
List-Subscribe: <{page}>,
	<mailto:talk-request@{host}?subject=subscribe>
List-Id: Simulated talk <talk.{host}>
List-Unsubscribe: <{page}>,
	<mailto:talk-request@{host}?subject=unsubscribe>
List-Archive: <http://{host}/pipermail/talk/>
Reply-To: talk@{host}
Delivered-To: {envelope.recipient}
""".encode("ascii")


def list_footer(envelope: Envelope) -> str:
    """What the list adds below a posting."""
    host = list_host(envelope)
    return f"""
_______________________________________________
Talk mailing list
talk@{host}
http://{host}/listinfo/talk
"""


def list_lines(envelope: Envelope, dice: Random) -> str:
    """From the posting's author to the list's server, and within that."""
    by, host = handing_server(envelope), list_host(envelope)
    when, poster = int(envelope.sent.timestamp()), f"mail.{domain(dice)}"
    address = any_address(dice)
    to, robot = f"talk@{host}", f"talk-admin@{host}"
    hops = [
        Transit(poster, poster, address, by, when, to, f"someone@{poster}", queue_number(dice)),
        Transit(host, "localhost", "127.0.0.1", by, when + 4, to, robot, queue_number(dice)),
    ]
    if dice.random() < 0.6:
        inner = f"pc{dice.getrandbits(8)}.{poster.partition('.')[2]}"
        hops.insert(0, Transit(inner, inner, f"192.168.1.{1 + dice.getrandbits(7)}", poster, when - 5,
                               f"talk@{host}", f"someone@{poster}", queue_number(dice)))  # fmt: skip
    return "".join(received(it) for it in reversed(hops))


def list_confirmation(envelope: Envelope, seed: int) -> bytes:
    """Somebody subscribed the trap; the list asks whether it was its owner."""
    dice = dice_of("list-confirmation", seed, envelope.serial, envelope.recipient)
    party, host, token = sender_of(envelope), list_host(envelope), dice.randbytes(20).hex()
    facts = facts_of(envelope, DIALECTS["mutt"], party, dice)
    head = f"""{trace(envelope, party, dice)}{MARK}Subject: confirm {token}
From: talk-request@{host}
To: {envelope.recipient}
Message-ID: <mailman.{dice.getrandbits(20)}.{facts["stamp"]}.{dice.getrandbits(10)}.talk@{host}>
Date: {facts["date"]}
Precedence: bulk
X-BeenThere: talk@{host}
X-Mailman-Version: 2.1.9
List-Id: Simulated talk <talk.{host}>
X-List-Administrivia: yes
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
Content-Transfer-Encoding: 7bit
"""
    body = f"""
Mailing list subscription confirmation notice for mailing list Talk (simulated)

We have received a request for subscription of {envelope.recipient}.
To confirm, reply or visit

    http://{host}/confirm/talk/{token}
"""
    return (head + body + "".join(f"\n{link}\n" for link in envelope.links)).encode("utf-8")

"""Messages as bytes: an `Envelope` comes in, what a receiving server would have stored goes out.

A campaign (its name) draws its texts from a grammar; a dialect (a mailing program) writes them down; the chain of
relays puts its lines on top. All three are found by name in a list, so adding one is adding a file. Every draw is
named after what it is for, so a message depends on its envelope and the seed and on nothing that was written
before it. Every message says ``X-Depeer-Simulated: yes``; every name and domain is invented.
"""

from __future__ import annotations

from depeer.world.mail.dialects import BOT_DIALECTS, DIALECTS, HONEST_DIALECTS
from depeer.world.mail.grammars import GRAMMARS
from depeer.world.mail.helo import helo
from depeer.world.mail.mbox import envelope_line, write_mbox
from depeer.world.mail.mixture import default_mixture
from depeer.world.mail.natures.comment import write_comment
from depeer.world.mail.natures.topics import TOPICS
from depeer.world.mail.phrases.categories import CATEGORIES
from depeer.world.mail.write import NATURES, write_message

__all__ = [
    "BOT_DIALECTS", "CATEGORIES", "DIALECTS", "GRAMMARS", "HONEST_DIALECTS", "NATURES", "TOPICS", "default_mixture",
    "envelope_line", "helo", "write_comment", "write_mbox", "write_message",
]  # fmt: skip
